"""Private keys out of the collection: only those that were made to be exported, under a password.

Who may is decided by KMS: whoever may decrypt the key's ciphertext in its encryption context. The
module unwraps it and writes the file; what comes here is encrypted.
"""

from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.check_shelf import chain_above
from workbench.pki.finder import Finder
from workbench.pki.names import common_name
from workbench.pki.pairs import WrappedPair, passed_on
from workbench.pki.parse import Facts, facts
from workbench.pki.passwords import wrong_with_password
from workbench.pki.store import Kept

_ALONE: Final = "NONE"
_WITH_ROOT: Final = "WITH_ROOT"
_LONGEST_NAME: Final = 256


class ExportableShelf:
    """ExportCertificateKey."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"ExportCertificateKey": Operation(self._export, read_only=False)}

    def _export(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        kept = self._finder.one(request)
        pair = self._pair(kept)
        call.note(*filter(None, (kept.arn, pair.key_arn)), certificateId=kept.fingerprint)
        wrong = wrong_with_password(request["Password"])
        if wrong:
            raise AwsError("InvalidRequestException", wrong, "Choose another password.")
        wanted = {**pair.members, "Format": request["Format"], "Password": request["Password"]}
        if request["Format"] == "PKCS12":
            wanted |= self._holder(facts(kept.der), request)
        pairs = self._finder.pairs_as(call.caller, pair.region)
        with passed_on():
            answer = pairs.export_data_key_pair(**wanted)
        return {"Data": bytes(answer["Data"]), "KeyId": pair.key_arn}

    def _pair(self, kept: Kept) -> WrappedPair:
        if kept.pair is None:
            raise AwsError(
                "InvalidRequestException",
                "The private key of the certificate cannot be exported: it was not made for that.",
                "Make a certificate with a key that can be exported.",
            )
        return kept.pair

    def _holder(self, one: Facts, request: dict[str, Any]) -> dict[str, Any]:
        extent = request.get("CertificateChain", _ALONE)
        above = () if extent == _ALONE else chain_above(self._finder, one)[1:]
        if extent != _WITH_ROOT and above and above[-1].self_issued:
            above = above[:-1]
        return {
            "Certificate": one.der,
            "FriendlyName": request.get("FriendlyName") or _name(one),
            "CertificateChain": [{"Certificate": up.der, "Name": _name(up)} for up in above],
        }


def _name(one: Facts) -> str:
    return common_name(one.certificate.subject)[:_LONGEST_NAME]
