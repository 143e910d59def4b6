"""Key pairs as objects and as DER."""

import pytest
from cryptography.hazmat.primitives.asymmetric import (
    ec,
    ed448,
    ed25519,
    rsa,
    x25519,
)
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from workbench.base.errors import Refused
from workbench.crypto import keys
from workbench.crypto.table import KEY_SPECS, Family
from workbench.hsm.answers.rsa_data import PRIVATE_KEY

SPKI = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PAIRS = [
    spec.name
    for spec in KEY_SPECS.values()
    if spec.asymmetric and spec.supported and (spec.family is not Family.RSA or spec.bits == 2048)
]


@pytest.mark.parametrize("name", PAIRS)
def test_there_and_back(name: str) -> None:
    spec = keys.supported_spec(name)
    private = keys.generate(spec)
    der = keys.private_to_der(private)
    again = keys.private_from_der(der, spec)
    assert keys.private_to_der(again) == der
    public = keys.public_to_der(private.public_key())
    assert keys.public_to_der(again.public_key()) == public
    assert keys.spec_of(keys.public_from_der(public)) == name
    for other in PAIRS:
        if other != name:
            with pytest.raises(Refused, match=f"not one for {other}"):
                keys.private_from_der(der, KEY_SPECS[other])
    for wrong in (der[:-1], der + b"\0", b"", public):
        with pytest.raises(Refused, match="not a readable private key"):
            keys.private_from_der(wrong, spec)
    for wrong in (public[:-1], public + b"\0", b"", der):
        with pytest.raises(Refused, match="not a valid public key"):
            keys.public_from_der(wrong)


def test_unsupported_specs_say_the_next_step() -> None:
    with pytest.raises(Refused) as caught:
        keys.supported_spec("ML_KEM_512")
    assert caught.value.message == "The installed cryptography library has no ML-KEM-512."
    assert caught.value.next_step == "Choose ML_KEM_768 or ML_KEM_1024."
    with pytest.raises(Refused, match="no key spec 'SM2'"):
        keys.supported_spec("SM2")


def test_a_key_with_a_passphrase_is_not_imported() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    with pytest.raises(Refused, match="unencrypted PKCS#8"):
        keys.private_from_der(der, KEY_SPECS["ECC_NIST_P256"])


def test_a_damaged_rsa_key_is_found_unless_it_is_authentic() -> None:
    key = load_der_private_key(PRIVATE_KEY, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    at = PRIVATE_KEY.index(key.private_numbers().q.to_bytes(128)) + 100
    changed = PRIVATE_KEY[:at] + bytes([PRIVATE_KEY[at] ^ 2]) + PRIVATE_KEY[at + 1 :]
    spec = KEY_SPECS["RSA_2048"]
    with pytest.raises(Refused, match="not a readable private key"):
        keys.private_from_der(changed, spec)
    for authentic in (False, True):
        whole = keys.private_from_der(PRIVATE_KEY, spec, authentic=authentic)
        assert keys.private_to_der(whole) == keys.private_to_der(key)


@pytest.mark.parametrize(
    ("public", "words"),
    [
        (rsa.generate_private_key(65537, 1024).public_key(), "size or curve"),
        (ec.generate_private_key(ec.SECP224R1()).public_key(), "size or curve"),
        (ec.generate_private_key(ec.BrainpoolP256R1()).public_key(), "size or curve"),
        (ed448.Ed448PrivateKey.generate().public_key(), "of a kind"),
        (x25519.X25519PrivateKey.generate().public_key(), "of a kind"),
    ],
    ids=["RSA 1024", "P-224", "brainpool", "Ed448", "X25519"],
)
def test_public_keys_outside_the_table_are_refused(
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        keys.public_from_der(public.public_bytes(*SPKI))


def test_a_private_key_outside_the_table_is_refused() -> None:
    der = ed448.Ed448PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(Refused, match="not one for ECC_NIST_EDWARDS25519"):
        keys.private_from_der(der, KEY_SPECS["ECC_NIST_EDWARDS25519"])


def test_a_point_off_its_curve_is_refused() -> None:
    der = bytearray(ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*SPKI))
    der[-1] ^= 1
    with pytest.raises(Refused, match="not a valid public key"):
        keys.public_from_der(bytes(der))


def test_ed25519_is_told_from_the_others() -> None:
    assert keys.spec_of(ed25519.Ed25519PrivateKey.generate().public_key()) == (
        "ECC_NIST_EDWARDS25519"
    )
