"""Authorities and certificates in the vault.

Owns the SQL of the tables `authorities`, `certificates` and `idempotency`. Writes join the door's
transaction of the request.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from workbench.pki.authority import Authority
from workbench.pki.names import readable
from workbench.pki.pairs import WrappedPair
from workbench.pki.parse import Facts, facts
from workbench.vault.vault import Vault

_PORTION: Final = 500
_KEY: Final = "json_extract(record, '$.key')"
_PAIR: Final = "json_extract(record, '$.pair')"
_SUBJECT: Final = "json_extract(record, '$.subject')"


class Source(StrEnum):
    """How a certificate came into the collection."""

    AUTHORITY = "AUTHORITY"
    ISSUED = "ISSUED"
    IMPORTED = "IMPORTED"


@dataclass(frozen=True, slots=True)
class Kept:
    """A certificate of the collection.

    Attributes:
        der: the certificate.
        source: how it came here.
        added: when.
        trusted: whether it is a trusted root.
        arn: its ARN if a CA of the vault issued it, else empty.
        authority_arn: the CA that issued it, or whose certificate it is, else empty.
        template: ARN of the template it was issued from, else empty.
        pair: its key pair, if that can be exported, else None.
    """

    der: bytes
    source: Source
    added: datetime
    trusted: bool = False
    arn: str = ""
    authority_arn: str = ""
    template: str = ""
    pair: WrappedPair | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER, hexadecimal: its id."""
        return hashlib.sha256(self.der).hexdigest()


class AuthorityStore:
    """Certificate authorities by ARN."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, arn: str) -> Authority | None:
        """Return an authority, or None."""
        rows = self._vault.read("SELECT record FROM authorities WHERE arn = ?", (arn,))
        return Authority.from_json(str(rows[0][0])) if rows else None

    def page(self, prefix: str, after: str, limit: int) -> list[Authority]:
        """Return authorities in the order of their ARNs, those after one only.

        Args:
            prefix: what their ARNs begin with: account and Region.
            after: the ARN to go on after, or empty.
            limit: how many at most.
        """
        rows = self._vault.read(
            "SELECT record FROM authorities WHERE arn > ? AND arn < ? ORDER BY arn LIMIT ?",
            (max(prefix, after), f"{prefix}\U0010ffff", limit),
        )
        return [Authority.from_json(str(row[0])) for row in rows]

    def living(self, prefix: str, moment: datetime) -> int:
        """Return how many authorities of an account and Region are there or can be restored."""
        rows = self._vault.read(
            "SELECT count(*) FROM authorities WHERE arn > ? AND arn < ? AND "
            "coalesce(json_extract(record, '$.restorable_until') >= ?, 1)",
            (prefix, f"{prefix}\U0010ffff", moment.isoformat()),
        )
        return int(str(rows[0][0]))

    def all(self) -> list[Authority]:
        """Return every authority of every Region in the order of ARNs."""
        rows = self._vault.read("SELECT record FROM authorities ORDER BY arn")
        return [Authority.from_json(str(row[0])) for row in rows]

    def save(self, authority: Authority) -> None:
        """Keep an authority as it is now."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT INTO authorities (arn, record) VALUES (?, ?) "
                "ON CONFLICT (arn) DO UPDATE SET record = excluded.record",
                (authority.arn, authority.to_json()),
            )


class CertificateStore:
    """The certificate collection by fingerprint."""

    _COLUMNS = "SELECT der, record FROM certificates"

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, fingerprint: str) -> Kept | None:
        """Return a certificate, or None."""
        rows = self._vault.read(f"{self._COLUMNS} WHERE id = ?", (fingerprint,))
        return _kept(rows[0]) if rows else None

    def by_arn(self, arn: str) -> Kept | None:
        """Return the certificate that a CA issued under an ARN, or None."""
        rows = self._vault.read(f"{self._COLUMNS} WHERE json_extract(record, '$.arn') = ?", (arn,))
        return _kept(rows[0]) if rows else None

    def page(self, after: str, limit: int, key: str = "") -> list[Kept]:
        """Return certificates by fingerprint after one, of a public key if its hash is given."""
        if key:
            sql = f"{self._COLUMNS} WHERE json_extract(record, '$.key') = ? AND id > ?"
            rows = self._vault.read(f"{sql} ORDER BY id LIMIT ?", (key, after, limit))
        else:
            sql = f"{self._COLUMNS} WHERE id > ? ORDER BY id LIMIT ?"
            rows = self._vault.read(sql, (after, limit))
        return [_kept(row) for row in rows]

    def by_subject(self, subject: str, limit: int) -> list[Kept]:
        """Return certificates whose subject reads as `names.readable` gives it."""
        sql = f"{self._COLUMNS} WHERE json_extract(record, '$.subject') = ? LIMIT ?"
        return [_kept(row) for row in self._vault.read(sql, (subject, limit))]

    def others_with_key(self, key: str, subject: str, limit: int) -> list[Kept]:
        """Return certificates of a public key (its hash) whose subjects read differently."""
        return self._where(f"{_KEY} = ? AND {_SUBJECT} <> ?", key, subject, limit)

    def others_with_subject(self, subject: str, key: str, limit: int) -> list[Kept]:
        """Return certificates whose subject reads so and whose public keys have other hashes."""
        return self._where(f"{_SUBJECT} = ? AND {_KEY} <> ?", subject, key, limit)

    def _where(self, condition: str, one: str, other: str, limit: int) -> list[Kept]:
        sql = f"{self._COLUMNS} WHERE {condition} LIMIT ?"
        return [_kept(row) for row in self._vault.read(sql, (one, other, limit))]

    def count_issued_by(self, authority_arn: str) -> int:
        """Return how many certificates a CA issued."""
        rows = self._vault.read(
            "SELECT count(*) FROM certificates WHERE json_extract(record, '$.arn') > ? "
            "AND json_extract(record, '$.arn') < ?",
            (f"{authority_arn}/certificate/", f"{authority_arn}/certificate/~"),
        )
        return int(str(rows[0][0]))

    def issued_by(self, authority_arn: str) -> Iterator[Kept]:
        """Yield what a CA issued, in the order of the certificates' ARNs, read in portions."""
        after, end = f"{authority_arn}/certificate/", f"{authority_arn}/certificate/~"
        column = "json_extract(record, '$.arn')"
        sql = f"{self._COLUMNS} WHERE {column} > ? AND {column} < ? ORDER BY {column} LIMIT ?"
        while rows := self._vault.read(sql, (after, end, _PORTION)):
            for row in rows:
                kept = _kept(row)
                after = kept.arn
                yield kept

    def made_from(self, template_arn: str, limit: int) -> list[Kept]:
        """Return certificates that were made from a template, those last added first."""
        order = "ORDER BY json_extract(record, '$.added') DESC, id LIMIT ?"
        sql = f"{self._COLUMNS} WHERE json_extract(record, '$.template') = ? {order}"
        return [_kept(row) for row in self._vault.read(sql, (template_arn, limit))]

    def count_made_from(self, template_arn: str) -> int:
        """Return how many certificates were made from a template."""
        sql = "SELECT count(*) FROM certificates WHERE json_extract(record, '$.template') = ?"
        return int(self._vault.read(sql, (template_arn,))[0][0])

    def rename_template(self, before: str, after: str) -> None:
        """Note another ARN for the template that certificates were made from."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "UPDATE certificates SET record = json_set(record, '$.template', ?) "
                "WHERE json_extract(record, '$.template') = ?",
                (after, before),
            )

    def under(self, key_arn: str, after: str, limit: int) -> list[Kept]:
        """Return certificates after one whose exportable keys are encrypted under a KMS key."""
        sql = f"{self._COLUMNS} WHERE json_extract(record, '$.pair.key') = ? AND id > ?"
        rows = self._vault.read(f"{sql} ORDER BY id LIMIT ?", (key_arn, after, limit))
        return [_kept(row) for row in rows]

    def pair(self, key: str) -> WrappedPair | None:
        """Return the exportable pair of a public key (its hash), or None."""
        sql = f"{self._COLUMNS} WHERE {_KEY} = ? AND {_PAIR} IS NOT NULL LIMIT 1"
        rows = self._vault.read(sql, (key,))
        return _kept(rows[0]).pair if rows else None

    def save(self, kept: Kept, known: Facts | None = None) -> None:
        """Keep a certificate, replacing what was noted of it.

        Every certificate of an exportable key has the key beside it, so that the key goes with the
        last of them only.

        Args:
            kept: the certificate and what is noted of it.
            known: what it says, where that was read already.
        """
        known = known or facts(kept.der)
        key = hashlib.sha256(known.spki).hexdigest()
        pair = kept.pair or self.pair(key)
        record = {
            "source": str(kept.source),
            "added": kept.added.isoformat(),
            "trusted": kept.trusted,
            "arn": kept.arn or None,
            "authority": kept.authority_arn or None,
            "template": kept.template or None,
            "key": key,
            "subject": readable(known.certificate.subject),
        }
        if pair is not None:
            record["pair"] = pair.to_record()
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT INTO certificates (id, der, record) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET record = excluded.record",
                (known.fingerprint, kept.der, json.dumps(record)),
            )

    def delete(self, fingerprint: str) -> None:
        """Forget a certificate."""
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM certificates WHERE id = ?", (fingerprint,))


class Reused(Exception):
    """An idempotency token came again with another request."""


class Idempotency:
    """Answers given under idempotency tokens, for as long as AWS remembers them.

    Args:
        vault: where they are kept.
        window: how long a token is remembered.
    """

    def __init__(self, vault: Vault, window: timedelta) -> None:
        self._vault = vault
        self._window = window

    def recall(
        self, scope: str, request: Mapping[str, Any], now: datetime
    ) -> dict[str, Any] | None:
        """Return the answer given to the same request under the same token, or None.

        Raises:
            Reused: the token was used for another request.
        """
        token = request.get("IdempotencyToken")
        if token is None:
            return None
        rows = self._vault.read(
            "SELECT request_hash, response, created FROM idempotency "
            "WHERE service = ? AND token = ?",
            (scope, token),
        )
        if not rows:
            return None
        request_hash, response, created = (str(item) for item in rows[0])
        if now - datetime.fromisoformat(created) > self._window:
            return None
        if request_hash != _digest(request):
            raise Reused
        answer: dict[str, Any] = json.loads(response)
        return answer

    def keep(
        self, scope: str, request: Mapping[str, Any], answer: Mapping[str, Any], now: datetime
    ) -> None:
        """Remember an answer if the request has a token, and forget outdated ones."""
        token = request.get("IdempotencyToken")
        if token is None:
            return
        with self._vault.transaction() as transaction:
            transaction.execute(
                "DELETE FROM idempotency WHERE service = ? AND created < ?",
                (scope, (now - self._window).isoformat()),
            )
            transaction.execute(
                "INSERT OR REPLACE INTO idempotency (service, token, request_hash, response, "
                "created) VALUES (?, ?, ?, ?, ?)",
                (scope, token, _digest(request), json.dumps(dict(answer)), now.isoformat()),
            )


def _digest(request: Mapping[str, Any]) -> str:
    text = json.dumps(dict(request), sort_keys=True, default=_bytes_as_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _bytes_as_text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _kept(row: Any) -> Kept:
    record = json.loads(str(row[1]))
    return Kept(
        der=bytes(row[0]),
        source=Source(record["source"]),
        added=datetime.fromisoformat(record["added"]),
        trusted=record["trusted"],
        arn=record["arn"] or "",
        authority_arn=record["authority"] or "",
        template=record.get("template") or "",
        pair=WrappedPair.from_record(record["pair"]) if "pair" in record else None,
    )
