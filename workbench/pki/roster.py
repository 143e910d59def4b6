"""The CAs of a vault as a person meets them, whether or not they have a certificate.

Works through boto3-shaped clients, on a worker.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from workbench.base.spec_names import spec_name
from workbench.crypto.table import KEY_SPECS
from workbench.pki.algorithms import OWN_KEY_SPEC_OF
from workbench.pki.authority import ROOT, Status
from workbench.pki.clients import error_code
from workbench.pki.names import member_of

_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
_SIGNED: Final = frozenset({Status.ACTIVE, Status.DISABLED, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Held:
    """One CA.

    Attributes:
        arn: of the CA.
        name: its common name, or its id where it has none.
        algorithm: AWS Private CA's KeyAlgorithm.
        root: whether it signs its own certificate.
        status: its state now.
        created: when it was made.
        ends: until when its certificate is valid, or None without one.
        restorable_until: until when a deleted one can be restored, or None.
    """

    arn: str
    name: str
    algorithm: str
    root: bool
    status: Status
    created: datetime
    ends: datetime | None = None
    restorable_until: datetime | None = None

    @property
    def key(self) -> str:
        """What its key is called, such as `ML-DSA-65` or `EC P-256`."""
        return spec_name(self.algorithm)

    @property
    def post_quantum(self) -> bool:
        """Whether no polynomial-time quantum attack on its key is known."""
        spec = KEY_SPECS.get(OWN_KEY_SPEC_OF.get(self.algorithm, ""))
        return spec is not None and spec.quantum_safe

    @property
    def waiting(self) -> bool:
        """Whether it waits for its certificate."""
        return self.status is Status.PENDING_CERTIFICATE

    @property
    def signed(self) -> bool:
        """Whether it has a certificate and is not deleted."""
        return self.status in _SIGNED


def read_roster(acm_pca: Any) -> dict[str, Held]:
    """Return every CA by its ARN, also deleted ones as long as they can be restored.

    Raises:
        botocore.exceptions.ClientError: the service refused.
    """
    pages = acm_pca.get_paginator("list_certificate_authorities").paginate()
    found = [_held(one) for page in pages for one in page.get("CertificateAuthorities", ())]
    return {one.arn: one for one in sorted(found, key=lambda one: (one.name.casefold(), one.arn))}


def readable_roster(acm_pca: Any) -> dict[str, Held]:
    """Return what `read_roster` does, or nothing to who may not list CAs.

    Raises:
        botocore.exceptions.ClientError: the service refused for another reason.
    """
    try:
        return read_roster(acm_pca)
    except ClientError as error:
        if error_code(error) in _DENIED:
            return {}
        raise


def waiting(roster: Mapping[str, Held]) -> dict[str, Held]:
    """Return those that wait for their certificate."""
    return {arn: one for arn, one in roster.items() if one.waiting}


def authority_of(arns: Iterable[str]) -> str:
    """Return the ARN of a CA among the ARNs of a certificate and its CA; empty without one."""
    return next((arn for arn in arns if "/certificate/" not in arn), "")


def _held(document: Mapping[str, Any]) -> Held:
    made = document["CertificateAuthorityConfiguration"]
    arn = str(document["Arn"])
    return Held(
        arn,
        member_of(made.get("Subject", {}), "CommonName") or arn.rpartition("/")[2],
        str(made["KeyAlgorithm"]),
        document["Type"] == ROOT,
        Status(document["Status"]),
        document["CreatedAt"],
        document.get("NotAfter"),
        document.get("RestorableUntil"),
    )
