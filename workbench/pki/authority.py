"""What is known of one certificate authority, and the states it moves through.

```
CREATING ─► PENDING_CERTIFICATE ──import──► ACTIVE ◄──update──► DISABLED
                   │                          │  (time)            │
                   │                          └──► EXPIRED         │
                   └───────── delete ──────► DELETED ◄── delete ───┘
                                 restore: back to what it was, within 7 to 30 days
```

The key and its CSR are made within the request, so that no CA is ever found without them; CREATING
is seen only where states are asked to last (`serve --ephemeral --delay`). Like EXPIRED it follows
from the clock and is not stored.
Source: AWS Private CA User Guide, "CA life cycle", "CA status".
"""

import json
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from workbench.pki.parse import facts


class Status(StrEnum):
    """AWS's CertificateAuthorityStatus."""

    CREATING = "CREATING"
    PENDING_CERTIFICATE = "PENDING_CERTIFICATE"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"


ROOT: Final = "ROOT"
SUBORDINATE: Final = "SUBORDINATE"
SHORT_LIVED: Final = "SHORT_LIVED_CERTIFICATE"

IMPORTABLE: Final = frozenset(
    {Status.PENDING_CERTIFICATE, Status.ACTIVE, Status.DISABLED, Status.EXPIRED}
)
"""States in which a CA's certificate may be imported, the first time or renewed."""

DELETABLE: Final = frozenset(
    {Status.CREATING, Status.PENDING_CERTIFICATE, Status.DISABLED, Status.EXPIRED}
)
"""States in which a CA may be deleted: an active one must be disabled first."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One certificate authority.

    Attributes:
        arn: its ARN.
        kind: ROOT or SUBORDINATE.
        key_algorithm: AWS's KeyAlgorithm.
        signing_algorithm: AWS's SigningAlgorithm.
        subject: AWS's ASN1Subject.
        usage_mode: AWS's UsageMode.
        key_arn: the KMS key it signs with.
        spki: that key's public half, SubjectPublicKeyInfo in DER.
        csr: PEM.
        created: when it was created.
        changed: when its state changed last.
        stored_status: its state apart from what the clock does.
        certificate: its certificate in DER, or empty.
        chain: DER certificates above, up to a root.
        restorable_until: until when a deleted one can be restored.
        status_before_deletion: what restoring leads back to.
        tags: names and values.
        revocation: AWS's RevocationConfiguration as last set; empty when neither is enabled.
        permissions: what CreatePermission made, as ListPermissions gives it.
        policy: the resource policy (JSON text), or empty.
        reports: audit reports as DescribeCertificateAuthorityAuditReport gives them, newest last.
        responder_key: ARN of the KMS key that signs OCSP answers, or empty.
        responder_certificate: the delegated responder's certificate in DER, or empty.
        chosen_key: whether the key was there before the CA, so that it outlives it.
        csr_extensions: AWS's CsrExtensions as asked for; empty without any.
        creating_until: how long it is in CREATING, or None.
    """

    arn: str
    kind: str
    key_algorithm: str
    signing_algorithm: str
    subject: dict[str, Any]
    usage_mode: str
    key_arn: str
    spki: bytes
    csr: str
    created: datetime
    changed: datetime
    stored_status: Status
    certificate: bytes = b""
    chain: tuple[bytes, ...] = ()
    restorable_until: datetime | None = None
    status_before_deletion: Status | None = None
    tags: tuple[tuple[str, str], ...] = ()
    revocation: dict[str, Any] = field(default_factory=dict)
    permissions: tuple[dict[str, Any], ...] = ()
    policy: str = ""
    reports: tuple[dict[str, Any], ...] = ()
    responder_key: str = ""
    responder_certificate: bytes = b""
    chosen_key: bool = False
    csr_extensions: dict[str, Any] = field(default_factory=dict)
    creating_until: datetime | None = None

    @property
    def partition(self) -> str:
        """The partition of AWS that it is in, such as `aws`."""
        return self.arn.split(":", 2)[1]

    @property
    def id(self) -> str:
        """The CA's id: the last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def region(self) -> str:
        """The Region it is in."""
        return self.arn.split(":")[3]

    def status(self, moment: datetime) -> Status:
        """Return its state at a moment: an active or disabled one expires with its certificate."""
        waits = self.stored_status is Status.PENDING_CERTIFICATE
        if waits and self.creating_until is not None and moment < self.creating_until:
            return Status.CREATING
        ends = self.stored_status in {Status.ACTIVE, Status.DISABLED} and self.certificate
        if ends and facts(self.certificate).certificate.not_valid_after_utc < moment:
            return Status.EXPIRED
        return self.stored_status

    def gone(self, moment: datetime) -> bool:
        """Whether it was deleted and can no longer be restored."""
        return self.restorable_until is not None and self.restorable_until < moment

    def with_status(self, status: Status, moment: datetime) -> "Authority":
        """Return it in another state."""
        return replace(self, stored_status=status, changed=moment)

    def deleted(self, moment: datetime, days: int) -> "Authority":
        """Return it deleted, restorable for some days."""
        return replace(
            self.with_status(Status.DELETED, moment),
            restorable_until=moment + timedelta(days=days),
            status_before_deletion=self.stored_status,
        )

    def restored(self, moment: datetime) -> "Authority":
        """Return it in the state it had when it was deleted."""
        before = self.status_before_deletion or Status.DISABLED
        return replace(
            self.with_status(before, moment), restorable_until=None, status_before_deletion=None
        )

    def document(self, moment: datetime) -> dict[str, Any]:
        """Return AWS's CertificateAuthority structure.

        KeyStorageSecurityStandard is left out: the module is not validated to any.
        """
        described: dict[str, Any] = {
            "Arn": self.arn,
            "OwnerAccount": self.arn.split(":")[4],
            "CreatedAt": self.created,
            "LastStateChangeAt": self.changed,
            "Type": self.kind,
            "Status": str(self.status(moment)),
            "CertificateAuthorityConfiguration": {
                "KeyAlgorithm": self.key_algorithm,
                "SigningAlgorithm": self.signing_algorithm,
                "Subject": self.subject,
            },
            "RevocationConfiguration": {
                "CrlConfiguration": {"Enabled": False},
                "OcspConfiguration": {"Enabled": False},
                **self.revocation,
            },
            "UsageMode": self.usage_mode,
        }
        if self.csr_extensions:
            described["CertificateAuthorityConfiguration"]["CsrExtensions"] = self.csr_extensions
        if self.certificate:
            certificate = facts(self.certificate).certificate
            described["Serial"] = serial_text(certificate.serial_number)
            described["NotBefore"] = certificate.not_valid_before_utc
            described["NotAfter"] = certificate.not_valid_after_utc
        if self.restorable_until is not None:
            described["RestorableUntil"] = self.restorable_until
        return described

    def to_json(self) -> str:
        """Return what is stored."""
        return json.dumps({field.name: _plain(getattr(self, field.name)) for field in fields(self)})

    @classmethod
    def from_json(cls, text: str) -> "Authority":
        """Read what `to_json` wrote."""
        stored = json.loads(text)
        before = stored["status_before_deletion"]
        until, creating = stored["restorable_until"], stored.get("creating_until")
        return cls(
            **{
                **stored,
                "spki": bytes.fromhex(stored["spki"]),
                "created": datetime.fromisoformat(stored["created"]),
                "changed": datetime.fromisoformat(stored["changed"]),
                "stored_status": Status(stored["stored_status"]),
                "certificate": bytes.fromhex(stored["certificate"]),
                "chain": tuple(bytes.fromhex(item) for item in stored["chain"]),
                "restorable_until": datetime.fromisoformat(until) if until else None,
                "creating_until": datetime.fromisoformat(creating) if creating else None,
                "status_before_deletion": Status(before) if before else None,
                "tags": tuple((name, value) for name, value in stored["tags"]),
                "permissions": tuple(stored.get("permissions", ())),
                "reports": tuple(stored.get("reports", ())),
                "responder_certificate": bytes.fromhex(stored.get("responder_certificate", "")),
            }
        )


def serial_text(serial: int) -> str:
    """Return a serial number as hexadecimal pairs with colons; a negative one with its sign."""
    size = max(1, (serial.bit_length() + 7) // 8)
    return "-" * (serial < 0) + abs(serial).to_bytes(size, "big").hex(":")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
