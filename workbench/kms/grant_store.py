"""Grants as they are stored, and their tokens.

Owns the table `grants`. A grant token proves that whoever shows it learnt of the grant from
CreateGrant; each grant has a secret of its own that authenticates its tokens.

Source: AWS KMS API Reference, CreateGrant and GrantListEntry.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from workbench.api.errors import AwsError
from workbench.base.identifiers import Place
from workbench.iam.unique_ids import AsWritten
from workbench.vault.vault import Vault

_ID_BYTES: Final = 32
_NONCE_BYTES: Final = 16
# These take no encryption context: AWS does not hold a grant's constraints against them.
_WITHOUT_CONTEXT: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_RECORDS: Final = "SELECT record FROM grants WHERE region = ?"


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant.

    Attributes:
        id: 64 hexadecimal digits.
        key_id: the key it is on.
        grantee: principal ARN, or service principal, it permits; the unique id of one deleted.
        operations: AWS grant operations it permits.
        created: when it was made, UTC.
        issuer: account that made it.
        name: makes CreateGrant idempotent; empty if none.
        retiring: principal that may retire it, as `grantee`; empty if none.
        equals: encryption context that must be the request's, or None.
        subset: pairs that the request's encryption context must hold, or None.
        source_arn: resource a service must act for; empty if any.
        grantee_is_service: whether `grantee` is a service principal.
        retiring_is_service: whether `retiring` is a service principal.
        secret: authenticates its tokens.
    """

    id: str
    key_id: str
    grantee: str
    operations: tuple[str, ...]
    created: datetime
    issuer: str
    name: str = ""
    retiring: str = ""
    equals: dict[str, str] | None = None
    subset: dict[str, str] | None = None
    source_arn: str = ""
    grantee_is_service: bool = False
    retiring_is_service: bool = False
    secret: str = field(default="", repr=False)

    @property
    def constraints(self) -> dict[str, Any]:
        """AWS's Constraints member; empty if there are none."""
        shown: dict[str, Any] = {}
        if self.equals is not None:
            shown["EncryptionContextEquals"] = self.equals
        if self.subset is not None:
            shown["EncryptionContextSubset"] = self.subset
        if self.source_arn:
            shown["SourceArn"] = self.source_arn
        return shown

    def permits(self, operation: str, context: Mapping[str, str], source_arn: str = "") -> bool:
        """Whether a request of its grantee meets its operations and constraints.

        Args:
            operation: AWS grant operation.
            context: the request's encryption context.
            source_arn: resource that a service acts for.
        """
        if operation not in self.operations:
            return False
        if self.source_arn and self.source_arn != source_arn and operation != "RetireGrant":
            return False
        if operation in _WITHOUT_CONTEXT:
            return True
        given = _folded(context)
        if self.equals is not None and given != _folded(self.equals):
            return False
        return self.subset is None or _folded(self.subset) <= given

    def covers(self, operations: Sequence[str], constraints: Mapping[str, Any]) -> bool:
        """Whether a grant made by this one's grantee would permit no more than this one does."""
        if not set(operations) <= set(self.operations):
            return False
        equals = constraints.get("EncryptionContextEquals")
        subset = constraints.get("EncryptionContextSubset")
        if self.equals is not None and _folded(equals or {}) != _folded(self.equals):
            return False
        if self.subset is not None:
            narrower = equals if equals is not None else (subset or {})
            if not _folded(self.subset) <= _folded(narrower):
                return False
        return not self.source_arn or constraints.get("SourceArn") == self.source_arn

    def same_terms(self, other: "Grant") -> bool:
        """Whether two grants permit the same to the same, whenever they were made."""
        mine, others = asdict(self), asdict(other)
        varying = ("id", "created", "secret")
        return all(mine[name] == others[name] for name in mine if name not in varying)

    def entry(self, place: Place) -> dict[str, Any]:
        """Return AWS's GrantListEntry."""
        shown: dict[str, Any] = {
            "KeyId": place.arn("kms", f"key/{self.key_id}"),
            "GrantId": self.id,
            "CreationDate": self.created,
            "GranteeServicePrincipal" if self.grantee_is_service else "GranteePrincipal": (
                self.grantee
            ),
            "IssuingAccount": place.iam("root"),
            "Operations": list(self.operations),
        }
        if self.name:
            shown["Name"] = self.name
        if self.retiring:
            member = "RetiringServicePrincipal" if self.retiring_is_service else "RetiringPrincipal"
            shown[member] = self.retiring
        if self.constraints:
            shown["Constraints"] = self.constraints
        return shown

    def new_token(self) -> str:
        """Return a token of this grant; every call gives another one."""
        body = bytes.fromhex(self.id) + secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(body + self._tag(body)).decode()

    def accepts(self, body: bytes, tag: bytes) -> bool:
        """Whether a token's tag is this grant's, in constant time."""
        return hmac.compare_digest(self._tag(body), tag)

    def _tag(self, body: bytes) -> bytes:
        return hmac.new(bytes.fromhex(self.secret), body, sha256).digest()


def _folded(pairs: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return an encryption context as constraints compare it: its keys without case."""
    return frozenset((key.lower(), value) for key, value in pairs.items())


def new_id() -> str:
    """Return a grant id: 64 hexadecimal digits."""
    return secrets.token_hex(_ID_BYTES)


def new_secret() -> str:
    """Return the secret of a new grant's tokens."""
    return secrets.token_hex(_ID_BYTES)


class GrantStore:
    """The grants of one Region.

    Args:
        vault: where they are kept.
        region: AWS Region name.
        ids: users and roles, which are kept by their unique ids.
    """

    def __init__(self, vault: Vault, region: str, ids: AsWritten) -> None:
        self._ids = ids
        self._vault = vault
        self._region = region

    def get(self, grant_id: str) -> Grant | None:
        """Return a grant by its id, or None."""
        return next(iter(self._find(f"{_RECORDS} AND id = ?", grant_id)), None)

    def of_key(self, key_id: str, after: str, limit: int) -> list[Grant]:
        """Return a key's grants in the order of their ids, those after `after` only."""
        sql = f"{_RECORDS} AND key_id = ? AND id > ? ORDER BY id LIMIT ?"
        return self._find(sql, key_id, after, limit)

    def of_grantee(self, key_id: str, grantees: Sequence[str]) -> list[Grant]:
        """Return a key's grants to any of the principals."""
        names = self._kept(grantees)
        marks = ",".join("?" * len(names))
        return self._find(f"{_RECORDS} AND key_id = ? AND grantee IN ({marks})", key_id, *names)

    def retirable(self, principal: str, after: str, limit: int) -> list[Grant]:
        """Return grants that a principal may retire, by id, those after `after` only."""
        names = self._kept((principal,))
        marks = ",".join("?" * len(names))
        sql = f"{_RECORDS} AND retiring IN ({marks}) AND id > ? ORDER BY id LIMIT ?"
        return self._find(sql, *names, after, limit)

    def count(self, key_id: str) -> int:
        """Return how many grants a key has."""
        rows = self._vault.read(
            "SELECT count(*) FROM grants WHERE region = ? AND key_id = ?", (self._region, key_id)
        )
        return int(rows[0][0])

    def of_token(self, token: str) -> Grant:
        """Return the grant that a token is of.

        Raises:
            AwsError: InvalidGrantTokenException.
        """
        invalid = AwsError("InvalidGrantTokenException", "The grant token is not valid.")
        try:
            raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise invalid from None
        if base64.urlsafe_b64encode(raw).decode() != token:
            raise invalid  # unused bits of the last character were set (RFC 4648 §3.5)
        body, tag = raw[: _ID_BYTES + _NONCE_BYTES], raw[_ID_BYTES + _NONCE_BYTES :]
        grant = self.get(body[:_ID_BYTES].hex())
        if grant is None or not grant.accepts(body, tag):
            raise invalid
        return grant

    def save(self, grant: Grant) -> None:
        """Insert a grant."""
        kept = replace(
            grant, grantee=self._ids.found(grant.grantee), retiring=self._ids.found(grant.retiring)
        )
        document = asdict(kept)
        document["created"] = kept.created.isoformat()
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT INTO grants(region, id, key_id, grantee, retiring, record) "
                "VALUES(?, ?, ?, ?, ?, ?)",
                (
                    self._region,
                    grant.id,
                    grant.key_id,
                    kept.grantee,
                    kept.retiring,
                    json.dumps(document, separators=(",", ":"), sort_keys=True),
                ),
            )

    def keep_ids(self) -> None:
        """Keep users and roles by their unique ids, which older versions did not."""
        for grant in self._find(_RECORDS):
            self.delete(grant.id)
            self.save(grant)

    def delete(self, grant_id: str) -> None:
        """Remove a grant."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "DELETE FROM grants WHERE region = ? AND id = ?", (self._region, grant_id)
            )

    def _find(self, sql: str, *parameters: str | int) -> list[Grant]:
        rows = self._vault.read(sql, (self._region, *parameters))
        return [self._shown(_grant(str(row[0]))) for row in rows]

    def _kept(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return all that principals may be kept as: those unknown once are kept by name."""
        return tuple(dict.fromkeys((*names, *map(self._ids.found, names))))

    def _shown(self, grant: Grant) -> Grant:
        grantee, retiring = self._ids.shown(grant.grantee), self._ids.shown(grant.retiring)
        if (grantee, retiring) == (grant.grantee, grant.retiring):
            return grant
        return replace(grant, grantee=grantee, retiring=retiring)


def _grant(text: str) -> Grant:
    document = json.loads(text)
    document["created"] = datetime.fromisoformat(document["created"])
    document["operations"] = tuple(document["operations"])
    return Grant(**document)
