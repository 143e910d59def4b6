"""Revoked certificates and the lists that say so, in the vault.

Owns the SQL of the tables `revocations` and `revocation_lists`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from workbench.vault.vault import Vault

_PORTION: Final = 5_000


@dataclass(frozen=True, slots=True)
class Revocation:
    """One revoked certificate.

    Attributes:
        serial: its serial number.
        revoked: when.
        reason: AWS's RevocationReason.
        expires: when the certificate ends; a while after that lists leave it out.
        part: the partition it belongs to, whether or not its CA has partitions.
    """

    serial: int
    revoked: datetime
    reason: str
    expires: datetime
    part: int

    @property
    def position(self) -> str:
        """Where it stands in the order of serial numbers."""
        return _text(self.serial)


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list as it was signed last.

    Attributes:
        part: 0 for the complete list, else the partition's number.
        der: the CRL.
        number: its cRLNumber.
        issued: thisUpdate.
        ends: nextUpdate.
        due: when the next one is to be made.
        entries: how many certificates it lists.
        problem: why it could not be written to its folder, or empty.
    """

    part: int
    der: bytes
    number: int
    issued: datetime
    ends: datetime
    due: datetime
    entries: int
    problem: str = ""


class RevocationStore:
    """Revocations and lists by the ARN of their CA."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, authority: str, serial: int) -> Revocation | None:
        """Return the revocation of a certificate, or None while it is not revoked."""
        rows = self._vault.read(
            "SELECT serial, record FROM revocations WHERE authority = ? AND serial = ?",
            (authority, _text(serial)),
        )
        return _revocation(*map(str, rows[0])) if rows else None

    def all(self, authority: str) -> Iterator[Revocation]:
        """Yield a CA's revocations in the order of serial numbers, read in portions."""
        after = ""
        while found := self.page(authority, after, _PORTION):
            yield from found
            after = found[-1].position

    def page(self, authority: str, after: str, limit: int) -> list[Revocation]:
        """Return a CA's revocations in the order of serial numbers, those after a position."""
        rows = self._vault.read(
            "SELECT serial, record FROM revocations WHERE authority = ? AND serial > ? "
            "ORDER BY serial LIMIT ?",
            (authority, after, limit),
        )
        return [_revocation(str(serial), str(record)) for serial, record in rows]

    def count(self, authority: str) -> int:
        """Return how many certificates of a CA are revoked."""
        sql = "SELECT count(*) FROM revocations WHERE authority = ?"
        return int(str(self._vault.read(sql, (authority,))[0][0]))

    def add(self, authority: str, revocation: Revocation) -> None:
        """Keep a revocation; one that is there already stays as it is."""
        record = {
            "revoked": revocation.revoked.isoformat(),
            "reason": revocation.reason,
            "expires": revocation.expires.isoformat(),
            "part": revocation.part,
        }
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR IGNORE INTO revocations (authority, serial, record) VALUES (?, ?, ?)",
                (authority, _text(revocation.serial), json.dumps(record)),
            )

    def lists(self, authority: str) -> list[RevocationList]:
        """Return a CA's lists, the complete one first."""
        rows = self._vault.read(
            "SELECT part, der, record FROM revocation_lists WHERE authority = ? ORDER BY part",
            (authority,),
        )
        return [_list(int(str(part)), der, str(record)) for part, der, record in rows]

    def list_of(self, authority: str, part: int) -> RevocationList | None:
        """Return one list, or None before it was made."""
        rows = self._vault.read(
            "SELECT der, record FROM revocation_lists WHERE authority = ? AND part = ?",
            (authority, part),
        )
        return _list(part, rows[0][0], str(rows[0][1])) if rows else None

    def replace_list(
        self,
        authority: str,
        last: RevocationList | None,
        made: RevocationList,
        write: Callable[[], str],
    ) -> bool:
        """Keep a list in place of `last`, unless that is not the last one any more.

        Args:
            authority: the ARN of its CA.
            last: what it was made after; None if there was none.
            made: the list.
            write: writes it to its folder and returns why that failed, or nothing. Nobody can
                write a later list before it returns.

        Returns:
            Whether it was kept.
        """
        with self._vault.transaction():
            if self.list_of(authority, made.part) != last:
                return False
            self.put_list(authority, replace(made, problem=write() or made.problem))
        return True

    def put_list(self, authority: str, made: RevocationList) -> None:
        """Keep a list in place of the one before."""
        record = {
            "number": made.number,
            "issued": made.issued.isoformat(),
            "ends": made.ends.isoformat(),
            "due": made.due.isoformat(),
            "entries": made.entries,
            "problem": made.problem,
        }
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO revocation_lists (authority, part, der, record) "
                "VALUES (?, ?, ?, ?)",
                (authority, made.part, made.der, json.dumps(record)),
            )


def _text(serial: int) -> str:
    return f"{serial:040x}"


_read: Final = json.JSONDecoder().raw_decode
"""What `json.loads` does, without what it does for text that nobody here has written."""


def _revocation(serial: str, record: str) -> Revocation:
    stored = _read(record)[0]
    return Revocation(
        serial=int(serial, 16),
        revoked=datetime.fromisoformat(stored["revoked"]),
        reason=stored["reason"],
        expires=datetime.fromisoformat(stored["expires"]),
        part=stored["part"],
    )


def _list(part: int, der: object, record: str) -> RevocationList:
    stored = json.loads(record)
    return RevocationList(
        part=part,
        der=bytes(der) if isinstance(der, bytes) else b"",
        number=stored["number"],
        issued=datetime.fromisoformat(stored["issued"]),
        ends=datetime.fromisoformat(stored["ends"]),
        due=datetime.fromisoformat(stored["due"]),
        entries=stored["entries"],
        problem=stored["problem"],
    )
