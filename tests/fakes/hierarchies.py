"""Rich certificate hierarchies: cross-signs, re-issues, circles, lost issuers, many leaves.

Keys live in the test only. `rich_shelf` has really signed certificates; `big_collection` has any
number of records without signatures, for layouts and paint.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.fakes.certificates import CODE, DAY, Made, make, new_key
from tests.fakes.shelf import FakeShelf
from workbench.pki.hierarchy import Edge, Graph
from workbench.ui.panes.certificates.records import Collection, Record

SERVER = ExtendedKeyUsageOID.SERVER_AUTH
STAMPS = ExtendedKeyUsageOID.TIME_STAMPING
MDL = ObjectIdentifier("1.0.18013.5.1.2")
YEAR = 365 * DAY


class Rich:
    """One of everything.

    Args:
        now: states are relative to it.
        leaves: TLS servers below one CA.
    """

    def __init__(self, now: datetime | None = None, leaves: int = 18) -> None:
        self.now = now or datetime.now(UTC)
        self.shelf = FakeShelf(page=500)
        self.made: dict[str, Made] = {}
        self.ids: dict[str, str] = {}
        self._main_tree()
        self._partner_and_bridge()
        self._strays()
        self._servers(leaves)

    def add(self, tag: str, made: Made, **more: Any) -> Made:
        """Keep a certificate on the shelf under a tag."""
        self.made[tag] = made
        self.ids[tag] = self.shelf.put(made.der, **more)
        return made

    def revoke(self, tag: str, when: datetime, reason: str) -> None:
        """Mark a certificate as revoked, as the shelf says it."""
        self.shelf.entries[self.ids[tag]].update(RevokedAt=when, RevocationReason=reason)

    def _main_tree(self) -> None:
        now = self.now
        pq = new_key()
        root = self.add(
            "root", make("Example PQ Root", key=pq, start=now - 2 * YEAR, end=now + 18 * YEAR),
            trusted=True, source="AUTHORITY",
        )  # fmt: skip
        self.add(
            "root-old", make("Example PQ Root", key=pq, start=now - 6 * YEAR, end=now + 20 * DAY)
        )
        code = self.add(
            "code", make("Code Signing CA", root, ca=True, path=0, start=now - YEAR,
                         end=now + 6 * YEAR), source="AUTHORITY",
        )  # fmt: skip
        stamps = self.add(
            "stamps", make("Timestamping CA", root, ca=True, path=0, start=now - YEAR,
                           end=now + 9 * YEAR), source="AUTHORITY",
        )  # fmt: skip
        spans = {
            "release": ("Release Signer 2026", -200, 300),
            "nightly": ("Nightly Signer", -80, 12),
            "firmware": ("Firmware Signer", -200, 4),
            "retired": ("Release Signer 2024", -900, -170),
            "next": ("Release Signer 2027", 40, 700),
            "leaked": ("Leaked Signer", -100, 265),
        }
        for tag, (title, start, end) in spans.items():
            made = make(title, code, ca=False, eku=(CODE,), start=now + start * DAY,
                        end=now + end * DAY)  # fmt: skip
            self.add(tag, made, source="ISSUED")
        self.revoke("leaked", now - 30 * DAY, "KEY_COMPROMISE")
        for number in (1, 2):
            made = make(f"Timestamp Unit {number}", stamps, ca=False, eku=(STAMPS,),
                        start=now - 100 * DAY, end=now + number * 400 * DAY)  # fmt: skip
            self.add(f"unit-{number}", made, source="ISSUED")

    def _partner_and_bridge(self) -> None:
        now = self.now
        partner_key, bridge_key = new_key("P-384"), new_key("P-256")
        partner = self.add(
            "partner", make("Partner Root R1", key=partner_key, start=now - 9 * YEAR,
                            end=now + 2 * YEAR), trusted=True,
        )  # fmt: skip
        bridge = self.add(
            "bridge", make("Industry Bridge CA", key=bridge_key, start=now - 3 * YEAR,
                           end=now + 7 * YEAR),
        )  # fmt: skip
        # A bridge and a root that have signed each other: a circle.
        self.add(
            "bridge-by-partner", make("Industry Bridge CA", partner, key=bridge_key, ca=True,
                                      start=now - YEAR, end=now + YEAR),
        )  # fmt: skip
        self.add(
            "partner-by-bridge", make("Partner Root R1", bridge, key=partner_key, ca=True,
                                      start=now - YEAR, end=now + YEAR),
        )  # fmt: skip
        # The new post-quantum root, certified by the partner so that old devices follow.
        self.add(
            "root-by-partner", make("Example PQ Root", partner, key=self.made["root"].key, ca=True,
                                    start=now - 100 * DAY, end=now + 75 * DAY),
        )  # fmt: skip
        supplier = self.add(
            "supplier", make("Supplier CA", bridge, key=new_key("RSA"), ca=True,
                             start=now - 2 * YEAR, end=now + 200 * DAY),
        )  # fmt: skip
        self.add("part", make("Part 4711", supplier, key=new_key("P-256"), ca=False,
                              start=now - YEAR, end=now + YEAR))  # fmt: skip

    def _strays(self) -> None:
        now, key = self.now, new_key("P-256")
        absent = make("Vanished Root", key=key, start=now - 5 * YEAR, end=now + 5 * YEAR)
        iaca = make("IACA Utopia", absent, key=key, ca=True, start=now - YEAR, end=now + 3 * YEAR)
        self.add("iaca", iaca)
        self.add("mdl", make("Utopia Document Signer", iaca, key=key, ca=False, eku=(MDL,),
                             start=now - 30 * DAY, end=now + 60 * DAY))  # fmt: skip
        old = self.add("old", make("Legacy Root 1998", key=new_key("RSA"), start=now - 27 * YEAR,
                                   end=now - YEAR))  # fmt: skip
        self.add("orphan", make("Legacy Appliance", old, key=key, ca=False, start=now - 3 * YEAR,
                                end=now + YEAR))  # fmt: skip

    def _servers(self, count: int) -> None:
        now, key = self.now, new_key("P-256")
        issuer = self.add(
            "tls", make("TLS Issuing CA 7", self.made["partner"], key=key, ca=True, path=0,
                        start=now - YEAR, end=now + 500 * DAY),
        )  # fmt: skip
        for number in range(count):
            end = now + ((number * 37) % 400 - 40) * DAY
            made = make(f"srv{number:03}.example.org", issuer, key=key, ca=False, eku=(SERVER,),
                        start=now - 390 * DAY, end=end)  # fmt: skip
            self.add(f"srv-{number}", made)


def big_collection(count: int, now: datetime, *, roots: int = 5, cas: int = 60) -> Collection:
    """Return records without signatures: roots, CAs below them, leaves below those."""
    records: dict[str, Record] = {}
    edges: list[Edge] = []
    for number in range(count):
        above = "" if number < roots else _name(number % roots)
        if number >= roots + cas:
            above = _name(roots + (number * 31) % cas)
        one = fake_record(number, above, now, authority=number < roots + cas)
        records[one.id] = one
        if above:
            edges.append(Edge(above, one.id, verified=True, main=True))
    return Collection(now, records, Graph((), tuple(edges)))


def fake_record(number: int, issuer: str, now: datetime, *, authority: bool, **more: Any) -> Record:
    """Return a record that no certificate stands behind."""
    values: dict[str, Any] = {
        "id": _name(number),
        "der": b"",
        "name": f"Certificate {number:05}",
        "subject": f"CN=Certificate {number:05}",
        "issuer": issuer,
        "issuer_id": issuer,
        "algorithm": "ML-DSA-65" if number % 3 else "RSA 2048",
        "post_quantum": bool(number % 3),
        "starts": now - timedelta(days=300 + number % 60),
        "ends": now + timedelta(days=3650 if authority else number * 7919 % 900 - 60),
        "state": "valid",
        "trusted": not issuer,
        "root": not issuer,
        "authority": authority,
        "serial": f"{number:02x}",
        "source": "IMPORTED",
        "spki_hash": f"{number:064x}",
        **more,
    }
    return Record(**values)


def _name(number: int) -> str:
    return f"{number:064x}"
