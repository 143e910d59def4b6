"""Private keys of other programs: every form, what is refused, and that nothing shows."""

import copy
import pickle
import time
from typing import Any

import pytest
from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, mlkem, rsa, x25519
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fakes.certificates import new_key
from tests.fakes.incoming import (
    ML_DSA_OIDS,
    as_openssl_encrypts,
    ml_dsa_forms,
    pkcs8,
    sequence,
    wrap_private,
)
from workbench.base.errors import Refused
from workbench.crypto import encryption
from workbench.crypto.derivation_cost import MOST_ROUNDS, refuse_costly
from workbench.crypto.foreign import (
    LARGEST_KEY,
    ForeignKey,
    WrongPassword,
    read_private,
    read_private_pem,
)
from workbench.crypto.keys import private_from_der
from workbench.crypto.table import KEY_SPECS

WRAPPING = rsa.generate_private_key(65537, 2048)
WRAPPING_DER = WRAPPING.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def spki(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def unwrapped(key: ForeignKey) -> bytes:
    wrapped = key.wrapped(WRAPPING_DER)
    between = encryption.decrypt(WRAPPING, "RSAES_OAEP_SHA_256", wrapped[:256])
    return aes_key_unwrap_with_padding(between, wrapped[256:])


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("P-256", "ECC_NIST_P256"),
        ("P-384", "ECC_NIST_P384"),
        ("RSA", "RSA_2048"),
        ("Ed25519", "ECC_NIST_EDWARDS25519"),
        ("ML-DSA-44", "ML_DSA_44"),
        ("ML-DSA-65", "ML_DSA_65"),
    ],
)
def test_what_kms_has_a_spec_for_is_wrapped_as_kms_takes_it(kind: str, spec: str) -> None:
    made = new_key(kind)
    plain = read_private(pkcs8(made))
    sealed = read_private(pkcs8(made, "pass"), "pass")
    for key in (plain, sealed):
        assert (key.spec, key.spki, key.why_not) == (spec, spki(made), "")
        again = private_from_der(unwrapped(key), KEY_SPECS[spec])
        assert spki(again) == spki(made)


def test_the_traditional_forms() -> None:
    for made in (new_key("RSA"), new_key("P-256")):
        der = made.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        assert read_private(der).spki == spki(made)
        sealed = made.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"pass")
        )
        assert read_private_pem(sealed, "pass").spki == spki(made)
        with pytest.raises(WrongPassword):
            read_private_pem(sealed, "Pass")


@pytest.mark.parametrize("name", sorted(ML_DSA_OIDS))
def test_the_forms_of_rfc_9881(name: str) -> None:
    forms = ml_dsa_forms(name)
    for form in ("seed", "both", "bare seed"):
        key = read_private(forms.forms[form])
        assert (key.spki, key.why_not) == (forms.spki, ""), form
        spec = KEY_SPECS[name.replace("-", "_")]
        assert spki(private_from_der(unwrapped(key), spec)) == forms.spki
    assert "belong together" in read_private(forms.forms["both"]).remark
    assert read_private(forms.forms["seed"]).remark == ""
    alone = read_private(forms.forms["expanded"])
    assert alone.spki == forms.spki
    assert "without its seed" in alone.why_not
    assert not alone.importable
    with pytest.raises(Refused, match="without its seed"):
        alone.wrapped(WRAPPING_DER)


@pytest.mark.parametrize("place", [0, 40, 600, -1])
def test_seed_and_expanded_key_that_do_not_belong_together(place: int) -> None:
    forms = ml_dsa_forms("ML-DSA-44")
    expanded = bytearray(forms.expanded)
    expanded[place] ^= 1
    both = sequence(core.OctetString(forms.seed).dump(), core.OctetString(bytes(expanded)).dump())
    der = wrap_private(ML_DSA_OIDS["ML-DSA-44"], both)
    with pytest.raises(Refused, match="torn"):
        read_private(der)


def test_an_encrypted_key_with_seed_and_expanded_key() -> None:
    forms = ml_dsa_forms("ML-DSA-65")
    assert read_private(forms.encrypted("pass"), "pass").spki == forms.spki
    with pytest.raises(WrongPassword):
        read_private(forms.encrypted("pass"), "pas")


def test_a_wrong_password_is_told_as_such_even_where_the_padding_fits_by_chance() -> None:
    der = as_openssl_encrypts(pkcs8(new_key("P-256")), "right")
    for number in range(1_000):  # one in 256 fits
        with pytest.raises(WrongPassword):
            read_private(der, str(number))
    assert read_private(der, "right").importable


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (rsa.generate_private_key(65537, 1024), "RSA 1024"),
        (ec.generate_private_key(ec.BrainpoolP256R1()), "EC brainpoolP256r1"),
        (ed448.Ed448PrivateKey.generate(), "Ed448"),
        (x25519.X25519PrivateKey.generate(), "X25519"),
        (dsa.generate_private_key(2048), "DSA"),
        (mlkem.MLKEM768PrivateKey.generate(), "ML-KEM-768"),
    ],
)
def test_what_kms_cannot_take_is_named_and_why(key: Any, name: str) -> None:
    read = read_private(pkcs8(key))
    assert read.name == name
    assert read.why_not.startswith("AWS KMS")
    assert not read.importable


def test_nothing_of_a_key_shows_and_it_can_be_forgotten() -> None:
    made = new_key("P-256")
    key = read_private(pkcs8(made))
    assert repr(key) == "<ForeignKey EC P-256>"
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="not copied"):
            take(key)
    key.forget()
    with pytest.raises(Refused, match="forgotten"):
        key.wrapped(WRAPPING_DER)


@pytest.mark.parametrize(
    "der", [b"", b"0", b"\x30\x00", b"\x30\x80\x00\x00", b"text" * 9, b"\x30\x03\x02\x01\x00"]
)
def test_what_is_no_key_is_refused(der: bytes) -> None:
    with pytest.raises(Refused):
        read_private(der)


def test_a_key_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(Refused, match="larger"):
        read_private(bytes(LARGEST_KEY + 1))


def test_a_huge_rsa_modulus_is_refused_at_once() -> None:
    size = 6_000
    numbers = [0, (1 << 8 * size) - 1, 65537, (1 << 8 * size) - 3]
    half = (1 << 4 * size) - 1
    numbers += [half, half, half, half, half]
    der = sequence(*(core.Integer(one).dump() for one in numbers))
    began = time.monotonic()
    with pytest.raises(Refused):
        read_private(der)
    assert time.monotonic() - began < 2


def test_billions_of_rounds_are_refused_before_they_begin() -> None:
    der = pkcs8(new_key("P-256"), "pass")
    refuse_costly(der)
    refuse_costly(_with_rounds(MOST_ROUNDS))
    with pytest.raises(Refused, match="more work"):
        refuse_costly(_with_rounds(MOST_ROUNDS + 1))


@pytest.mark.parametrize(("cost", "block"), [(1 << 30, 8), (16, 1 << 30)])
def test_scrypt_that_wants_all_memory_is_refused(cost: int, block: int) -> None:
    with pytest.raises(Refused, match="more work"):
        refuse_costly(_with_scrypt(cost, block))
    refuse_costly(_with_scrypt(16384, 8))


def _with_rounds(rounds: int) -> bytes:
    parameters = core.OctetString(b"salt").dump() + core.Integer(rounds).dump()
    return _protected("1.2.840.113549.1.5.12", parameters)


def _with_scrypt(cost: int, block: int) -> bytes:
    numbers = b"".join(core.Integer(one).dump() for one in (cost, block, 1))
    return _protected("1.3.6.1.4.1.11591.4.11", core.OctetString(b"salt").dump() + numbers)


def _protected(oid: str, parameters: bytes) -> bytes:
    derivation = sequence(core.ObjectIdentifier(oid).dump(), sequence(parameters))
    cipher = sequence(
        core.ObjectIdentifier("2.16.840.1.101.3.4.1.42").dump(), core.OctetString(bytes(16)).dump()
    )
    scheme = sequence(
        core.ObjectIdentifier("1.2.840.113549.1.5.13").dump(), sequence(derivation, cipher)
    )
    return sequence(scheme, core.OctetString(bytes(64)).dump())
