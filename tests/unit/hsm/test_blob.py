"""The ciphertext layout: as AWS's, and read strictly."""

import pytest
from asn1crypto import cms, core
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import IntegrityError
from workbench.crypto import aead, kdf
from workbench.hsm import blob
from workbench.hsm.tokens import unwrap_key
from workbench.hsm.user import User

MATERIAL_ID = "5a" * 32
NONCE = b"n" * 16
IV = b"i" * 12


def whole(sealed: bytes) -> bytes:
    return blob.join(blob.header(MATERIAL_ID, NONCE), IV, sealed)


def test_the_size_is_that_of_aws_for_a_32_byte_plaintext(user: User) -> None:
    token = user.generate("key", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    made = user.encrypt(token, b"x" * 32, b"")
    assert len(made) == 184
    assert made[:5].hex() == "0102020078"
    assert made[5:37].hex() == token.binding.material_id == blob.blob_material_id(made)
    assert made[37] == 1
    assert made[54:58].hex() == "0000007e"


def test_the_rest_is_cms_encrypted_data() -> None:
    sealed = b"s" * 59
    info = cms.ContentInfo.load(whole(sealed)[58:], strict=True)
    assert info["content_type"].native == "encrypted_data"
    content = info["content"]["encrypted_content_info"]
    assert info["content"]["version"].native == "v0"
    assert content["content_type"].native == "data"
    algorithm = content["content_encryption_algorithm"]
    assert algorithm["algorithm"].dotted == "2.16.840.1.101.3.4.1.46"
    parameters = core.SequenceOf.load(algorithm["parameters"].dump(), spec=core.Any)
    assert [value.native for value in parameters] == [IV, 16]
    assert content["encrypted_content"].native == sealed


@pytest.mark.parametrize(
    "size", [16, 17, 58, 59, 60, 80, 127, 128, 200, 255, 256, 4123, 65535, 70000]
)
def test_every_size_comes_back(size: int) -> None:
    sealed = b"s" * size
    parts = blob.split(whole(sealed))
    assert parts == blob.Blob(MATERIAL_ID, NONCE, IV, sealed, whole(sealed)[:54])


@given(st.binary(min_size=16, max_size=300))
def test_split_undoes_join(sealed: bytes) -> None:
    assert blob.split(whole(sealed)).sealed == sealed


@given(st.binary(max_size=400))
def test_hostile_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(IntegrityError, match="not one that this program made"):
        blob.split(data)


@given(st.binary(max_size=80), st.integers(0, 200))
def test_hostile_der_behind_a_good_header_is_refused(data: bytes, cut: int) -> None:
    head = blob.header(MATERIAL_ID, NONCE)
    good = whole(b"s" * 59)[58:]
    der = good[:cut] + data
    if der == good:
        return
    try:
        parts = blob.split(head + len(der).to_bytes(4) + der)
    except IntegrityError:
        return
    assert blob.join(parts.header, parts.iv, parts.sealed) == head + len(der).to_bytes(4) + der


def test_only_the_free_bytes_may_differ() -> None:
    good = whole(b"s" * 59)
    free = {*range(5, 37), *range(38, 54), *range(108, 120), *range(len(good) - 59, len(good))}
    accepted = set()
    for position in range(len(good)):
        changed = bytearray(good)
        changed[position] ^= 0x21
        try:
            blob.split(bytes(changed))
        except IntegrityError:
            continue
        accepted.add(position)
    assert accepted == free


def test_truncated_and_trailing_bytes_are_refused() -> None:
    good = whole(b"s" * 59)
    for wrong in (*(good[:size] for size in range(len(good))), good + b"\0"):
        with pytest.raises(IntegrityError):
            blob.blob_material_id(wrong)


def test_a_seal_shorter_than_its_tag_is_refused() -> None:
    with pytest.raises(IntegrityError):
        blob.split(whole(b"s" * 15))


def test_a_valid_seal_of_another_inner_form_is_refused(user: User) -> None:
    token = user.generate("key", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    _, secret = unwrap_key(token, user._core.domain_keys.keys[token.domain_key_id])
    head = blob.header(token.binding.material_id, NONCE)
    sealed = aead.seal_parts(kdf.derive(secret, b"symmetric encryption", NONCE), IV, b"x", head)
    with pytest.raises(IntegrityError, match="inner form"):
        user.decrypt(token, blob.join(head, IV, sealed), b"")
