"""Signed Windows programs: made, checked, and attacked."""

import dataclasses
import struct

import pytest

from tests.fakes.formats import (
    ALL_KINDS,
    Hierarchy,
    cut,
    flipped,
    key_of,
    kms_for,
    refused_everywhere,
    sign,
    signing_for,
    verify,
)
from tests.fakes.kms_client import FakeKms
from tests.fakes.programs import CODE, program
from workbench.base.errors import Refused
from workbench.crypto.table import Family
from workbench.signing.formats.authenticode import Authenticode
from workbench.signing.formats.base import BytesContent, signing_with
from workbench.signing.formats.pe import read_image
from workbench.signing.formats.registry import detect
from workbench.signing.formats.spc import read_signature

PLAIN = Authenticode()
KINDS = [kind for kind in ALL_KINDS if kind != "Ed25519"]


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def signed(lab: Hierarchy) -> bytes:
    return sign(PLAIN, "P-256", program(), lab.chain("P-256"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("tail", [b"", b"appended by an installer"])
def test_signed_and_checked(lab: Hierarchy, kind: str, bits: int, tail: bytes) -> None:
    made = sign(PLAIN, kind, program(bits=bits, tail=tail), lab.chain(kind))
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert verdict.signer == f"CN=Signer {kind}, O=Lab"
    assert len(made) % 8 == 0
    assert CODE in made


def both(lab: Hierarchy) -> bytes:
    kms = FakeKms(first=key_of("P-256"), second=key_of("ML-DSA-65"))
    signings = [
        signing_with(kms, name, lab.trust.moment, lab.chain(kind))
        for name, kind in (("first", "P-256"), ("second", "ML-DSA-65"))
    ]
    return PLAIN.sign_all(kms, signings, BytesContent(program()))


def test_two_keys_sign_and_the_second_is_nested(lab: Hierarchy) -> None:
    made = both(lab)
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert [part.signer for part in verdict.parts] == [
        "CN=Signer P-256, O=Lab",
        "CN=Signer ML-DSA-65, O=Lab",
    ]
    required = dataclasses.replace(lab.trust, required=(Family.ELLIPTIC, Family.ML_DSA))
    assert verify(PLAIN, made, None, required).valid
    alone = sign(PLAIN, "P-256", program(), lab.chain("P-256"))
    verdict = verify(PLAIN, alone, None, required)
    assert not verdict.valid
    assert "ML-DSA" in verdict.headline


def test_a_nested_signature_of_another_program_is_found(lab: Hierarchy) -> None:
    other = program(tail=b"other")
    nesting = PLAIN._signer(signing_for("P-384", lab.chain("P-384")))
    nested = PLAIN._signed(kms_for("P-384"), nesting, read_image(other), ())
    signing = signing_for("P-256", lab.chain("P-256"))
    signer = PLAIN._signer(signing)
    image = read_image(program())
    value = PLAIN._signed(kms_for("P-256"), signer, image, [nested])
    verdict = verify(PLAIN, image.with_signature(value), None, lab.trust)
    assert not verdict.valid
    assert "changed after signing" in verdict.headline


def test_a_timestamp_is_put_in_and_judged(lab: Hierarchy) -> None:
    form = Authenticode(timestamper=lab.authority().respond)
    made = sign(form, "RSA", program(), lab.chain("RSA"))
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert [part.kind for part in verdict.parts[0].parts] == ["timestamp"]
    stranger = Authenticode(timestamper=Hierarchy().authority().respond)
    made = sign(stranger, "RSA", program(), lab.chain("RSA"))
    assert not verify(PLAIN, made, None, lab.trust).valid


def test_any_changed_byte_is_found(lab: Hierarchy, signed: bytes) -> None:
    image = read_image(signed)
    unsigned = {*range(image.checksum, image.checksum + 4)}
    places = [n for n in range(0, len(signed), 3) if n not in unsigned]
    assert refused_everywhere(PLAIN, flipped(signed, places), b"", lab.trust) > 500
    assert refused_everywhere(PLAIN, cut(signed, 40), b"", lab.trust) > 40


def test_nothing_is_hidden_behind_the_signature(lab: Hierarchy, signed: bytes) -> None:
    for more in (b"\0" * 8, b"hidden!!", b"x"):
        assert not verify(PLAIN, signed + more, None, lab.trust).valid
    image = read_image(signed)
    (size,) = struct.unpack_from("<I", signed, image.end)
    hidden = bytearray(signed[: image.end + size] + b"payload!")
    struct.pack_into("<I", hidden, image.end, size + 8)
    struct.pack_into("<I", hidden, image.directory + 4, len(hidden) - image.end)
    verdict = verify(PLAIN, bytes(hidden), None, lab.trust)
    assert not verdict.valid
    assert "behind the signature" in verdict.headline


def test_a_signature_that_is_there_is_replaced_only_when_asked(
    lab: Hierarchy, signed: bytes
) -> None:
    with pytest.raises(Refused, match="has a signature already"):
        sign(PLAIN, "RSA", signed, lab.chain("RSA"))
    made = sign(Authenticode(replace=True), "RSA", signed, lab.chain("RSA"))
    assert verify(PLAIN, made, None, lab.trust).signer == "CN=Signer RSA, O=Lab"
    assert made[: read_image(made).checksum] == signed[: read_image(signed).checksum]


def test_what_it_says_of_the_program(lab: Hierarchy) -> None:
    form = Authenticode(description="Größe", url="https://example.org/")
    made = sign(form, "P-256", program(), lab.chain("P-256"))
    assert verify(PLAIN, made, None, lab.trust).valid
    assert "Größe".encode("utf-16-be") in made
    for wrong in ({"description": "a\nb"}, {"url": "ftp://x"}, {"url": "https://ä"}):
        with pytest.raises(Refused):
            Authenticode(**wrong)  # type: ignore[arg-type] # of texts only


@pytest.mark.parametrize(
    "data",
    [b"", b"MZ", b"MZ" + bytes(100), b"text", program()[:300], program(directories=4),
     program().replace(b"PE\0\0", b"NE\0\0")],
)  # fmt: skip
def test_what_is_no_program_is_refused(lab: Hierarchy, data: bytes) -> None:
    with pytest.raises(Refused):
        sign(PLAIN, "P-256", data, lab.chain("P-256"))
    assert not verify(PLAIN, data, None, lab.trust).valid


def test_an_unsigned_program_is_told_so(lab: Hierarchy) -> None:
    verdict = verify(PLAIN, program(), None, lab.trust)
    assert "no signature" in verdict.headline
    assert verdict.needs[0].kind == "signature"


def test_it_is_recognised_by_its_signature(signed: bytes) -> None:
    assert isinstance(detect(signed), Authenticode)
    assert detect(program()) is None


def test_what_is_no_signature_inside_is_refused(lab: Hierarchy) -> None:
    image = read_image(program())
    for junk in (b"", b"\x30\x00", b"\x30\x80\x00\x00", b"junk" * 9):
        verdict = verify(PLAIN, image.with_signature(junk), None, lab.trust)
        assert not verdict.valid
        assert verdict.headline


def test_the_statement_is_what_microsoft_documents(signed: bytes) -> None:
    spoken = read_signature(read_image(signed).signature())
    assert spoken.digest == "SHA-256"
    assert spoken.content.startswith(
        bytes.fromhex("3017060a2b060104018237020 10f".replace(" ", ""))
    )
