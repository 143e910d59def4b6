"""A database that XCA 2.4.0 wrote, and what others write into one.

`xca-2.4.xdb` was made once by Debian's package `xca` 2.4.0-2 from throw-away keys, with the
password `secret`, by its command line (XCA asks for a new database's password on a terminal, so the
first call needs one; no display is needed):

    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key \
        -out root.pem -subj "/CN=XCA Root" -days 3650
    openssl req -new -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj "/CN=XCA Leaf"
    openssl x509 -req -in leaf.csr -CA root.pem -CAkey root.key -days 3000 -out leaf.pem
    xca --no-gui --database=t.xdb --import root.pem root.key leaf.pem leaf.csr leaf.key --exit
    xca --no-gui --database=t.xdb --password=pass:secret --keygen=EC:secp384r1 --name=ECkey --exit
    xca --no-gui --database=t.xdb --password=pass:secret "--crlgen=XCA Root" --exit
"""

import base64
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.certificates import new_key
from tests.fakes.incoming import pkcs8, with_rounds
from tests.fakes.pki import PkiBench
from workbench.base.errors import Refused
from workbench.crypto.derivation_cost import MOST_ROUNDS
from workbench.crypto.foreign import WrongPassword
from workbench.pki.document_shelf import every_document
from workbench.pki.incoming.items import Reading, Sort
from workbench.pki.incoming.reader import read_incoming
from workbench.pki.incoming.taking import Taker
from workbench.pki.shelf import every_certificate, public_key_hash

STORED = Path(__file__).with_name("xca-2.4.xdb")


def changed(folder: Path, *statements: tuple[str, tuple[object, ...]]) -> Reading:
    path = folder / "changed.xdb"
    path.write_bytes(STORED.read_bytes())
    connection = sqlite3.connect(path)
    for sql, values in statements:
        connection.execute(sql, values)
    connection.commit()
    connection.close()
    return read_incoming(path.read_bytes(), "changed.xdb")


def test_everything_in_it_is_found_and_one_password_opens_its_keys() -> None:
    reading = read_incoming(STORED.read_bytes(), "t.xdb")
    assert Counter(one.sort for one in reading.items) == {
        Sort.CERTIFICATE: 2,
        Sort.REQUEST: 1,
        Sort.LIST: 1,
    }
    assert all(one.good and one.source == "t.xdb" for one in reading.items)
    (sealed,) = reading.sealed
    assert sealed.title == "3 private keys in the XCA database"
    with pytest.raises(WrongPassword):
        sealed.open("Secret")
    keys = sealed.open("secret")
    assert [(one.name, one.detail) for one in keys] == [
        ("root", "EC P-256"), ("leaf", "RSA 2048"), ("ECkey", "EC P-384"),
    ]  # fmt: skip
    certified = {one.name: one.spki_hash for one in reading.items if one.der}
    assert keys[0].spki_hash == certified["XCA Root"]
    assert keys[1].spki_hash == certified["XCA Leaf"]


def test_it_is_taken_in_with_its_keys(fresh: PkiBench) -> None:
    reading = read_incoming(STORED.read_bytes(), "t.xdb")
    items = [*reading.items, *reading.sealed[0].open("secret")]
    told: list[float] = []
    taker = Taker(fresh.kms, fresh.shelf, lambda _hash: "")
    outcomes = taker.take(items, trust=True, tell=lambda _what, share: told.append(share))
    assert all(one.good and one.added for one in outcomes), [one.words for one in outcomes]
    assert told == sorted(told)
    kept = {str(one["Subject"]): one for one in every_certificate(fresh.shelf)}
    assert kept["CN=XCA Root"]["Trusted"]
    assert sorted(str(one["Kind"]) for one in every_document(fresh.shelf)) == ["CRL", "CSR"]
    leaf = next(one.target for one in outcomes if one.item.name == "leaf")
    key = fresh.kms.describe_key(KeyId=leaf)["KeyMetadata"]
    assert (key["Origin"], key["KeyState"], key["KeyUsage"]) == (
        "EXTERNAL", "Enabled", "SIGN_VERIFY",
    )  # fmt: skip
    spki = fresh.kms.get_public_key(KeyId=leaf)["PublicKey"]
    assert public_key_hash(spki) == kept["CN=XCA Leaf"]["PublicKeySha256"]
    signed = fresh.kms.sign(
        KeyId=leaf, Message=b"text", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"
    )
    assert fresh.kms.verify(
        KeyId=leaf, Message=b"text", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
        Signature=signed["Signature"],
    )["SignatureValid"]  # fmt: skip
    assert not any(one.item.key.importable for one in outcomes if one.item.key)


def test_a_key_with_a_password_of_its_own(tmp_path: Path) -> None:
    der = pkcs8(new_key("P-256"), "own")
    update = "UPDATE private_keys SET ownPass = 1, private = ? WHERE item = 2"
    reading = changed(tmp_path, (update, (base64.b64encode(der).decode(),)))
    assert [one.title for one in reading.sealed] == [
        "2 private keys in the XCA database", "Private key “root”",
    ]  # fmt: skip
    with pytest.raises(WrongPassword):
        reading.sealed[1].open("secret")
    assert reading.sealed[1].open("own")[0].detail == "EC P-256"


def test_what_was_deleted_or_is_elsewhere(tmp_path: Path) -> None:
    reading = changed(
        tmp_path,
        ("UPDATE items SET del = 1 WHERE name = 'XCA Root'", ()),
        ("DELETE FROM private_keys WHERE item = 6", ()),
    )
    assert [one.name for one in reading.items if one.sort is Sort.CERTIFICATE] == ["XCA Leaf"]
    (lacking,) = [one for one in reading.items if one.sort is Sort.KEY]
    assert "public half" in lacking.problem
    assert reading.sealed[0].title == "2 private keys in the XCA database"


@pytest.mark.parametrize("schema", ["6", "", "x", "٣", "9" * 40])
def test_another_schema_is_named_or_refused(tmp_path: Path, schema: str) -> None:
    update = ("UPDATE settings SET value = ? WHERE key_ = 'schema'", (schema,))
    (item,) = changed(tmp_path, update).items
    assert "before 2.4" in item.problem


def test_entries_that_are_damaged_do_not_hide_the_others(tmp_path: Path) -> None:
    reading = changed(
        tmp_path,
        ("UPDATE certs SET cert = 'no Base64!' WHERE item = 1", ()),
        ("UPDATE crls SET crl = ?", (b"\x00\xff",)),
        ("UPDATE private_keys SET private = 'AAAA' WHERE item = 2", ()),
    )
    assert [one.problem for one in reading.items if not one.good] == [
        "Its entry in the database is damaged."
    ] * 2
    keys = reading.sealed[0].open("secret")
    assert [one.good for one in keys] == [False, True, True]


def test_keys_that_ask_for_too_much_work_together_are_refused(tmp_path: Path) -> None:
    der = with_rounds(pkcs8(new_key("P-256"), "secret"), MOST_ROUNDS)
    more = [
        (f"INSERT INTO {table} SELECT {columns} FROM {table} WHERE {key} = 2", (place,))
        for place in (50, 51)
        for table, key, columns in (
            ("items", "id", "?, name, type, source, date, comment, stamp, del"),
            ("public_keys", "item", "?, type, hash, len, public"),
            ("private_keys", "item", "?, ownPass, private"),
        )
    ]
    text = base64.b64encode(der).decode()
    reading = changed(tmp_path, *more, ("UPDATE private_keys SET private = ?", (text,)))
    (sealed,) = reading.sealed
    assert sealed.title == "5 private keys in the XCA database"
    began = time.process_time()
    with pytest.raises(Refused, match="more work"):
        sealed.open("secret")
    assert time.process_time() - began < 1


def test_a_view_that_never_ends_is_not_run(tmp_path: Path) -> None:
    forever = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i FROM n"
    )
    began = time.monotonic()
    reading = changed(
        tmp_path,
        ("DROP TABLE certs", ()),
        (f"CREATE VIEW certs (item, cert, x) AS {forever}", ()),
    )
    assert "not XCA's" in reading.items[0].problem
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", ["VIRTUAL", "STORED"])
def test_a_column_that_is_computed_is_not_read(tmp_path: Path, kind: str) -> None:
    """Of 32 KB a hundred thousand times as much could be made."""
    huge = f"cert TEXT GENERATED ALWAYS AS (hex(zeroblob(40000000))) {kind}"
    reading = changed(
        tmp_path,
        ("DROP TABLE certs", ()),
        (f"CREATE TABLE certs (item INT, x TEXT, {huge})", ()),
        *([("INSERT INTO certs (item) VALUES (1)", ())] if kind == "VIRTUAL" else ()),
    )
    assert "not XCA's" in reading.items[0].problem


def test_a_table_that_is_none_is_not_read(tmp_path: Path) -> None:
    reading = changed(
        tmp_path,
        ("DROP TABLE certs", ()),
        ("CREATE VIRTUAL TABLE certs USING fts5(item, cert)", ()),
    )
    assert "not XCA's" in reading.items[0].problem


def test_one_entry_under_a_thousand_names_is_refused(tmp_path: Path) -> None:
    """A database cannot hold more than itself; one joined with many names would give that."""
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000)"
    began = time.process_time()
    reading = changed(
        tmp_path,
        ("CREATE TABLE names AS SELECT id, name, del FROM items", ()),
        ("DROP TABLE items", ()),
        ("CREATE TABLE items AS SELECT * FROM names", ()),
        (f"INSERT INTO items {numbers} SELECT 1, 'n', 0 FROM n", ()),
        ("UPDATE certs SET cert = ? WHERE item = 1", ("A" * 4_000_000,)),
    )
    assert "damaged" in reading.items[0].problem
    assert time.process_time() - began < 3


@pytest.mark.parametrize("size", [16, 100, 4096, 40_000, 180_000])
def test_a_cut_database_is_refused(size: int) -> None:
    reading = read_incoming(STORED.read_bytes()[:size], "cut")
    assert not reading.sealed
    assert not any(one.good for one in reading.items)


def test_another_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE certs (item)")
    connection.commit()
    connection.close()
    assert read_incoming(path.read_bytes()).items[0].problem == "It is a database, but not XCA's."
