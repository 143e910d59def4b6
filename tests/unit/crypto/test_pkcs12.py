"""PKCS#12 containers that hold up whoever opens them, and old ones that must still open."""

import time
from collections.abc import Callable

import pytest
from asn1crypto import pkcs12 as structure
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.fakes.certificates import Chain, new_key
from tests.fakes.incoming import sequence
from tests.fakes.old_pkcs12 import (
    certificate_bag,
    key_bag,
    nested,
    old_container,
    old_part,
    plain_part,
)
from workbench.base.errors import Refused
from workbench.crypto.derivation_cost import check_algorithm
from workbench.crypto.foreign import ForeignKey, WrongPassword
from workbench.crypto.pkcs12 import open_pkcs12

PASSWORD = "pass"
BILLIONS = 2**31 - 1
CHAIN = Chain("P-256")
PKCS8 = new_key("P-256").private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
CERTIFICATE = certificate_bag(CHAIN.leaf.der)


def test_an_old_container_opens_with_its_password_and_no_other() -> None:
    data = old_container(
        PASSWORD, old_part(PASSWORD, CERTIFICATE), plain_part(key_bag(PKCS8, PASSWORD))
    )
    opened = open_pkcs12(data, PASSWORD)
    assert [der for _, der in opened.certificates] == [CHAIN.leaf.der]
    ((_, key),) = opened.keys
    assert isinstance(key, ForeignKey)
    assert not opened.unread
    with pytest.raises(WrongPassword):
        open_pkcs12(data, "other")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "inside an old part": lambda: old_part(
        PASSWORD, CERTIFICATE, key_bag(PKCS8, PASSWORD, BILLIONS)
    ),
    "in a bag of bags": lambda: plain_part(nested(key_bag(PKCS8, PASSWORD, BILLIONS))),
    "behind what cannot be read": lambda: plain_part(
        sequence(b"\x04\x01a"), key_bag(PKCS8, PASSWORD, BILLIONS)
    ),
    "in bags without end": lambda: plain_part(_deep(key_bag(PKCS8, PASSWORD, BILLIONS))),
}


def _deep(bag: bytes) -> bytes:
    for _ in range(40):
        bag = nested(bag)
    return bag


@pytest.mark.parametrize("where", HOSTILE)
def test_a_key_that_asks_for_billions_of_rounds_holds_up_nobody(where: str) -> None:
    data = old_container(PASSWORD, old_part(PASSWORD, CERTIFICATE), HOSTILE[where]())
    began = time.process_time()
    with pytest.raises(Refused):
        open_pkcs12(data, PASSWORD)
    assert time.process_time() - began < 1


def test_a_mac_of_billions_of_rounds_by_pbmac1_is_refused() -> None:
    derivation = bytes.fromhex("06092a864886f70d01050c") + sequence(
        b"\x04\x01s", b"\x02\x04\x7f\xff\xff\xff", b"\x02\x01\x20"
    )
    scheme = sequence(bytes.fromhex("06082a864886f70d0209"), b"\x05\x00")
    algorithm = sequence(
        bytes.fromhex("06092a864886f70d01050e"),
        sequence(sequence(derivation[:11], derivation[11:]), scheme),
    )
    with pytest.raises(Refused, match="more work"):
        check_algorithm(algorithm)
    pfx = structure.Pfx.load(old_container(PASSWORD, plain_part(CERTIFICATE)))
    mac = pfx["mac_data"]
    made = sequence(
        pfx["version"].dump(),
        pfx["auth_safe"].dump(),
        sequence(sequence(algorithm, b"\x04\x20" + bytes(32)), mac["mac_salt"].dump()),
    )
    began = time.process_time()
    with pytest.raises(Refused):
        open_pkcs12(made, PASSWORD)
    assert time.process_time() - began < 1
