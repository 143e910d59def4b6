"""Minisign signatures: what is written, what is refused."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import NOW
from tests.fakes.formats import (
    cut,
    flipped,
    key_of,
    refused_everywhere,
    sign,
    spki,
    trusting,
    verify,
)
from workbench.base.errors import Refused
from workbench.signing.formats.base import Broken
from workbench.signing.formats.minisign import (
    Minisign,
    key_number,
    public_file,
    read_minisign,
    read_public_file,
)

DATA = b"release 1.0\n" * 100
FORM = Minisign()
US = trusting("Ed25519")


@pytest.mark.parametrize("form", [FORM, Minisign(legacy=True), Minisign(comment="by Ann\tv1")])
def test_what_is_signed_is_verified(form: Minisign) -> None:
    signature = sign(form, "Ed25519", DATA)
    assert form.sniff(signature)
    verdict = verify(FORM, signature, DATA, US)
    assert verdict.valid, verdict.headline
    assert verdict.signing_time == (None if form.comment else NOW)
    assert not verify(FORM, signature, DATA + b"x", US).valid


def test_a_large_file_needs_the_digest() -> None:
    data = bytes(5000)
    assert verify(FORM, sign(FORM, "Ed25519", data), data, US).valid
    with pytest.raises(Refused, match="4096"):
        sign(Minisign(legacy=True), "Ed25519", data)


def test_without_the_key_it_is_asked_for() -> None:
    signature = sign(FORM, "Ed25519", DATA)
    verdict = verify(FORM, signature, DATA, trusting("P-256"))
    assert not verdict.valid
    assert key_number(spki(key_of("Ed25519")))[::-1].hex().upper() in verdict.headline
    assert not verify(FORM, signature, None, US).valid


def test_another_key_is_refused() -> None:
    pub = public_file(spki(key_of("Ed25519")))
    assert read_public_file(pub)[1] == spki(key_of("Ed25519"))
    with pytest.raises(Refused):
        public_file(spki(key_of("P-256")))
    with pytest.raises(Refused):
        sign(FORM, "P-256", DATA)
    assert "Ed25519 only" in FORM.peer_limits


@pytest.mark.parametrize("choice", [{"comment": "a\nb"}, {"comment": "x" * 1025}, {"number": "zz"}])
def test_choices_that_break_the_format_cannot_be_made(choice: dict[str, str]) -> None:
    with pytest.raises(Refused):
        Minisign(**choice)  # type: ignore[arg-type] # a mixture of field types


@pytest.mark.parametrize("form", [FORM, Minisign(legacy=True)])
def test_every_flipped_bit_is_refused(form: Minisign) -> None:
    lines = sign(form, "Ed25519", DATA).split(b"\n")
    first, last = base64.b64decode(lines[1]), base64.b64decode(lines[3])
    damaged = [
        *([lines[0], base64.b64encode(one), *lines[2:]]
          for one in flipped(first, [0, 1, *range(10, len(first))])),
        *([*lines[:2], one, *lines[3:]] for one in flipped(lines[2])),
        *([*lines[:3], base64.b64encode(one), b""] for one in flipped(last)),
    ]  # fmt: skip
    count = refused_everywhere(FORM, (b"\n".join(one) for one in damaged), DATA, US)
    assert count > 150


def test_the_comment_of_another_signature_is_refused() -> None:
    one = sign(Minisign(comment="version 1"), "Ed25519", DATA).split(b"\n")
    two = sign(Minisign(comment="version 2"), "Ed25519", DATA + b"2").split(b"\n")
    verdict = verify(FORM, b"\n".join([*one[:2], *two[2:]]), DATA, US)
    assert [check.name for check in verdict.checks if not check.passed] == ["Trusted comment"]


def test_cut_off_and_followed_are_refused() -> None:
    signature = sign(FORM, "Ed25519", DATA)
    wrong = [*cut(signature[:-1]), signature + b"x", signature + signature, b"\n" + signature]
    refused_everywhere(FORM, wrong, DATA, US)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    text = base64.b64encode(noise)
    for data in (noise, b"untrusted comment: \n" + text + b"\ntrusted comment: " + noise + b"\nx"):
        with pytest.raises(Broken):
            read_minisign(data)
        with pytest.raises(Broken):
            read_public_file(data)
