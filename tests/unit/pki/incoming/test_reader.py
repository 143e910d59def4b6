"""Anything brought in is told by content, judged item by item, and never hangs or crashes."""

import base64
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from asn1crypto import keys as keys_structure
from asn1crypto import pkcs12 as pkcs12_structure
from asn1crypto import x509 as structure
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import Chain, make, new_key
from tests.fakes.incoming import (
    answer,
    ml_dsa_forms,
    pkcs8,
    request,
    revocation_list,
    sequence,
    with_rounds,
)
from workbench.base.errors import Refused
from workbench.crypto.foreign import WrongPassword
from workbench.pki.incoming.items import LARGEST, MOST_ITEMS, Item, Reading, Sort
from workbench.pki.incoming.reader import read_incoming

CHAIN = Chain("P-256")
KEY = new_key("P-256")


def sorts(reading: Reading) -> list[Sort]:
    return [one.sort for one in reading.items]


def only(data: bytes) -> Item:
    reading = read_incoming(data, "file")
    assert not reading.sealed
    (item,) = reading.items
    return item


def armour(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def container(password: str) -> bytes:
    leaf = CHAIN.leaf
    return serialize_key_and_certificates(
        b"my signer", leaf.key, leaf.certificate, [CHAIN.sub.certificate],
        BestAvailableEncryption(password.encode()) if password else NoEncryption(),
    )  # fmt: skip


SAMPLES: dict[str, tuple[bytes, Sort]] = {
    "certificate": (CHAIN.leaf.der, Sort.CERTIFICATE),
    "request": (request(KEY).public_bytes(Encoding.DER), Sort.REQUEST),
    "list": (revocation_list(CHAIN.sub, CHAIN.leaf), Sort.LIST),
    "answer": (answer(CHAIN.leaf, CHAIN.sub), Sort.ANSWER),
    "key": (pkcs8(KEY), Sort.KEY),
    "old key": (
        KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        Sort.KEY,
    ),
    "ML-DSA key": (ml_dsa_forms("ML-DSA-44").forms["both"], Sort.KEY),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_in_der_in_pem_and_as_bare_base64(name: str) -> None:
    der, sort = SAMPLES[name]
    misnamed = armour("SOMETHING ELSE", der)
    for data in (der, misnamed, b"words before\n" + misnamed):
        item = only(data)
        assert (item.sort, item.good, item.source) == (sort, True, "file"), item
    if base64.b64encode(der).startswith(b"MI"):
        assert only(base64.encodebytes(der)).sort is sort


def test_a_mixed_bundle_item_by_item() -> None:
    damaged = CHAIN.sub.pem.replace(b"\nMII", b"\nM*I")
    parameters = armour("EC PARAMETERS", b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
    every = [armour("X", der) for der, _ in SAMPLES.values()]
    reading = read_incoming(damaged + parameters + b"".join(every) + b"-----BEGIN CERTIFICATE-----")
    assert sorts(reading)[1:-1] == [sort for _, sort in SAMPLES.values()]
    assert [one.problem for one in reading.items if not one.good] == [
        "Entry 1 is damaged: it is not Base64.",
        f"Entry {len(SAMPLES) + 3} is cut off: its last line is missing.",
    ]


def test_pkcs7_in_both_encodings() -> None:
    both = [CHAIN.root.certificate, CHAIN.sub.certificate]
    for encoding in (Encoding.DER, Encoding.PEM):
        reading = read_incoming(pkcs7.serialize_certificates(both, encoding))
        assert [one.name for one in reading.items] == ["Root", "Sub"]
        assert [one.root for one in reading.items] == [True, False]


@pytest.mark.parametrize("password", ["a pass phrase", ""])
def test_pkcs12_asks_for_one_password(password: str) -> None:
    reading = read_incoming(container(password), "bundle.p12")
    assert not reading.items
    (sealed,) = reading.sealed
    with pytest.raises(WrongPassword):
        sealed.open("another")
    items = sealed.open(password)
    assert [(one.sort, one.name) for one in items] == [
        (Sort.CERTIFICATE, "Signer"), (Sort.CERTIFICATE, "Sub"), (Sort.KEY, "my signer"),
    ]  # fmt: skip
    assert items[0].spki_hash == items[2].spki_hash


def test_encrypted_keys_wait_for_their_passwords() -> None:
    old = KEY.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"one")
    )
    new = armour("ENCRYPTED PRIVATE KEY", pkcs8(KEY, "two"))
    reading = read_incoming(CHAIN.leaf.pem + old + new)
    assert sorts(reading) == [Sort.CERTIFICATE]
    for sealed, password in zip(reading.sealed, ("one", "two"), strict=True):
        with pytest.raises(WrongPassword):
            sealed.open("three")
        assert sealed.open(password)[0].detail == "EC P-256"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "keytool -importkeystore"),
        (b"\xce\xce\xce\xce\0\0\0\2", "keytool -importkeystore"),
        (b"PK\x03\x04" + bytes(50), "not unpacked"),
        (b"\x1f\x8b" + bytes(50), "not unpacked"),
        (b"just some words", "nothing that can be imported"),
        (b"\x30\x80\x00\x00", "nothing that can be imported"),
        (armour("OPENSSH PRIVATE KEY", b"openssh-key-v1\0"), "ssh-keygen -p -m PKCS8"),
        (bytes(LARGEST + 1), "larger than 16 MiB"),
        (b"\x30" * 200_000, "does not fit"),
        (b"\x30\x82\xff\xff" * 50_000, "does not fit"),
    ],
)
def test_what_cannot_be_imported_is_named(data: bytes, words: str) -> None:
    began = time.monotonic()
    item = only(data)
    assert not item.good
    assert words in item.problem, item.problem
    assert time.monotonic() - began < 2


def nested(depth: int) -> bytes:
    data = b"\x05\x00"
    for _ in range(depth):
        data = sequence(data)
    return data


def swapped(der: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes in a certificate without changing any length."""
    assert len(old) == len(new)
    assert old in der
    return der.replace(old, new, 1)


def bad_certificates() -> dict[str, tuple[bytes, str]]:
    der = CHAIN.leaf.der
    year = CHAIN.leaf.certificate.not_valid_before_utc.strftime("%y%m%d%H%M%SZ").encode()
    basic, usage = b"\x06\x03\x55\x1d\x13", b"\x06\x03\x55\x1d\x0f"
    twice = swapped(der, basic, usage)
    return {
        "extension twice": (twice, "twice"),
        "bad time": (swapped(der, year, b"9913" + year[4:]), "X.509"),
        "words for a time": (swapped(der, year, b"not-a-time-at"), "is not written as RFC 5280"),
        "version 5": (swapped(der, b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x04"), "version 5"),
        "cut": (der[:-3], "cut off"),
        "bytes behind": (der + b"\0", "cut off"),
        "deep": (nested(5_000), "X.509"),
    }


@pytest.mark.parametrize("name", bad_certificates())
def test_a_bad_certificate_is_told_why(name: str) -> None:
    der, words = bad_certificates()[name]
    item = only(der)
    assert not item.good
    assert words in item.problem, item.problem


def test_a_huge_serial_number_is_read_and_remarked_on() -> None:
    item = only(_with_serial(b"\x7f" * 4_000))
    assert item.good
    assert "4000 bytes" in item.remark


def _with_serial(serial: bytes) -> bytes:
    loaded = structure.Certificate.load(CHAIN.leaf.der)
    tbs = loaded["tbs_certificate"]
    tbs["serial_number"] = int.from_bytes(serial, "big")
    parts = [tbs[place].dump() for place in range(len(tbs))]
    head = sequence(*parts)
    alg = loaded["signature_algorithm"].dump()
    return sequence(head, alg, loaded["signature_value"].dump())


def test_ten_megabytes_of_blocks_are_counted_off() -> None:
    one = armour("CERTIFICATE", b"\x30\x00")
    began = time.monotonic()
    reading = read_incoming(one * (10 * 1024 * 1024 // len(one)))
    assert len(reading.items) == MOST_ITEMS + 1
    assert "Only the first" in reading.items[-1].problem
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "line", [b"A: x\r\n", b"A: x\n", b"A: x\r\n y\r\n", b" \r\n", b"A: \r\r\n"]
)
def test_headers_are_read_in_one_pass(line: bytes) -> None:
    """Thirty of them took minutes, when a line's end could be matched in two ways."""
    began = time.process_time()
    item = only(b"-----BEGIN A-----\r\n" + line * 100_000 + b"-----END A-----\r\n")
    assert not item.good
    assert time.process_time() - began < 2


def test_a_certificate_of_ten_megabytes_is_refused_at_once() -> None:
    began = time.monotonic()
    item = only(sequence(sequence(b"\xa0\x03\x02\x01\x02" + bytes(10 * 1024 * 1024))))
    assert not item.good
    assert time.monotonic() - began < 2


def test_no_private_byte_shows_in_what_is_found() -> None:
    der = pkcs8(KEY)
    secret = KEY.private_numbers().private_value.to_bytes(32, "big")
    shown = repr(read_incoming(der, "key.der"))
    assert secret.hex() not in shown
    assert repr(secret)[2:-1] not in shown


MUTATED: list[Any] = [der for der, _ in SAMPLES.values()]
MUTATED += [container("p"), pkcs8(KEY, "p"), CHAIN.leaf.pem + CHAIN.root.pem]
MUTATED.append(pkcs7.serialize_certificates([CHAIN.root.certificate], Encoding.DER))


# The library warns of names and serial numbers that standards forbid; here that is what is wanted.
warned = pytest.mark.filterwarnings("ignore::UserWarning")
XCA = Path(__file__).with_name("xca-2.4.xdb").read_bytes()


@warned
@settings(max_examples=60, deadline=3000, database=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(16, len(XCA) - 1), st.integers(0, 255)), min_size=1, max_size=40
    )
)
def test_a_mutated_database_always_gets_a_verdict(edits: list[tuple[int, int]]) -> None:
    data = bytearray(XCA)
    for place, value in edits:
        data[place] = value
    reading = read_incoming(bytes(data), "mutated.xdb")
    assert reading.items or reading.sealed


@warned
@settings(
    max_examples=150, deadline=3000, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(
    data=st.sampled_from(MUTATED),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=0, max_size=3), st.integers(0, 4)),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
def test_mutated_input_always_gets_a_verdict(
    data: bytes, edits: list[tuple[float, bytes, int]]
) -> None:
    for share, new, removed in edits:
        place = int(share * len(data))
        data = data[:place] + new + data[place + removed :]
    reading = read_incoming(data, "mutated")
    assert reading.items or reading.sealed
    assert all(one.problem or one.der or one.key for one in reading.items)
    for sealed in reading.sealed:
        with suppress(Refused):
            assert all(one.problem or one.der or one.key for one in sealed.open("p"))


def test_a_self_signed_certificate_that_does_not_verify_is_remarked_on() -> None:
    torn = make("Torn", key=KEY, sign_with=new_key("P-256"))
    assert "does not verify" in only(torn.der).remark
    assert only(CHAIN.root.der).remark == ""


def test_a_container_that_asks_for_billions_of_rounds_is_refused_at_once() -> None:
    pfx = pkcs12_structure.Pfx.load(container("p"))
    pfx["mac_data"]["iterations"] = 2**31 - 1
    (sealed,) = read_incoming(pfx.dump(force=True)).sealed
    began = time.monotonic()
    with pytest.raises(Refused, match="more work"):
        sealed.open("p")
    assert time.monotonic() - began < 1


def test_a_container_that_asks_for_too_much_work_in_all_is_refused_at_once() -> None:
    pfx = pkcs12_structure.Pfx.load(container("p"))
    whole = pfx.authenticated_safe
    (keys,) = [one for one in whole if one["content_type"].native == "data"]
    bags = pkcs12_structure.SafeContents.load(keys["content"].native)
    slow = with_rounds(bags[0]["bag_value"].untag().dump(), 2**31 - 1)
    bags[0]["bag_value"] = keys_structure.EncryptedPrivateKeyInfo.load(slow)
    locked = pkcs12_structure.SafeContents(list(bags)).dump(force=True)
    (sealed,) = [one for one in whole if one["content_type"].native != "data"]
    for changed in (
        [sealed, cms.ContentInfo({"content_type": "data", "content": locked})],
        [_safe_with_rounds(sealed, 1_000_000)] * 30,
    ):
        parts = sequence(*(one.dump() for one in changed))
        pfx["auth_safe"] = cms.ContentInfo({"content_type": "data", "content": parts})
        (found,) = read_incoming(pfx.dump(force=True)).sealed
        began = time.process_time()
        with pytest.raises(Refused, match="more work"):
            found.open("p")
        assert time.process_time() - began < 1


def _safe_with_rounds(safe: Any, rounds: int) -> Any:
    made = cms.ContentInfo.load(safe.dump())
    algorithm = made["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    algorithm["parameters"]["key_derivation_func"]["parameters"]["iteration_count"] = rounds
    return cms.ContentInfo.load(made.dump(force=True))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n "])
def test_a_line_end_behind_der_does_not_matter(end: bytes) -> None:
    for name, (der, sort) in SAMPLES.items():
        item = only(der + end)
        assert (item.sort, item.problem) == (sort, ""), name
    assert read_incoming(container("p") + end).sealed[0].open("p")
    assert only(CHAIN.leaf.der + end + b"x").problem


@pytest.mark.parametrize("text", ["utf-16", "utf-16-be", "utf-16-le", "utf-8-sig"])
def test_text_from_windows_is_read(text: str) -> None:
    mark = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}.get(text, b"")
    pem = (CHAIN.leaf.pem + CHAIN.sub.pem).decode()
    assert sorts(read_incoming(mark + pem.encode(text))) == [Sort.CERTIFICATE] * 2


def test_the_names_of_archives_are_not_believed() -> None:
    item = read_incoming(CHAIN.leaf.der, "bomb.zip").items[0]
    assert item.good


def test_a_bad_certificate_in_a_bag_does_not_hide_the_others() -> None:
    bag = pkcs7.serialize_certificates(
        [CHAIN.root.certificate, CHAIN.sub.certificate], Encoding.DER
    )
    version = b"\xa0\x03\x02\x01\x02"
    reading = read_incoming(bag.replace(version, b"\xa0\x03\x02\x01\x14", 1))
    assert sorted(one.good for one in reading.items) == [False, True]


@warned
def test_a_container_damaged_deep_inside_is_told_as_damaged() -> None:
    data = container("")
    for place in range(60, len(data), 7):
        changed = data[:place] + bytes([data[place] ^ 0x15]) + data[place + 1 :]
        for sealed in read_incoming(changed).sealed:
            with suppress(Refused):
                assert all(one.problem or one.der or one.key for one in sealed.open(""))
