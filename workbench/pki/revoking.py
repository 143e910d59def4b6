"""RevokeCertificate.

Source: AWS Private CA API Reference, RevokeCertificate; RFC 5280 §5.3.1 for reasons.
"""

import re
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.authority import Status
from workbench.pki.finder import Finder, wrong_state
from workbench.pki.issuing import certificate_arn, self_signed
from workbench.pki.lists import RevocationLists
from workbench.pki.parse import facts
from workbench.pki.publishing import partition_of
from workbench.pki.revocations import Revocation

_SERIAL: Final = re.compile(r"(?:[0-9A-Fa-f]{2}:){0,19}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{1,40}")
_STATES: Final = frozenset({Status.ACTIVE, Status.DISABLED, Status.EXPIRED})


class Revoking:
    """Marks certificates revoked and lets the lists follow."""

    def __init__(self, finder: Finder, lists: RevocationLists) -> None:
        self._finder = finder
        self._lists = lists

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"RevokeCertificate": Operation(self._revoke, mutates=True, read_only=False)}

    def _revoke(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if authority.status(call.time) not in _STATES:
            raise wrong_state(authority, call.time, "it has issued nothing that can be revoked.")
        serial = _serial(request["CertificateSerial"])
        arn = certificate_arn(authority, serial)
        kept = self._finder.certificates.by_arn(arn)
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {arn}")
        call.note(arn)
        known = facts(kept.der)
        if self_signed(kept, authority):
            raise AwsError("InvalidRequestException", "A root CA cannot revoke its certificate.")
        if self._finder.revocations.get(authority.arn, serial) is not None:
            raise AwsError("RequestAlreadyProcessedException", f"{arn} has been revoked already.")
        self._finder.revoked.take(authority.arn)
        part = partition_of(serial)
        self._finder.revocations.add(
            authority.arn,
            Revocation(
                serial,
                call.time.replace(microsecond=0),
                request["RevocationReason"],
                known.certificate.not_valid_after_utc,
                part,
            ),
        )
        self._lists.changed(authority, call.time, part)
        return {}


def _serial(text: str) -> int:
    if not _SERIAL.fullmatch(text):
        raise AwsError(
            "InvalidRequestException",
            "A serial number is hexadecimal digits, in pairs with colons or without.",
        )
    return int(text.replace(":", ""), 16)
