"""Every format keeps the contract by which recipes, jobs, command line and window use it."""

import dataclasses

import pytest

from tests.fakes import jars, pdfs
from tests.fakes.formats import ALL_KINDS, Hierarchy, kms_for, sign, signing_for, trusting
from tests.fakes.programs import program
from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS
from workbench.signing.formats.base import BytesContent, SeveralSigners
from workbench.signing.formats.registry import (
    FORMATS,
    advice,
    check_keys,
    choices_of,
    detect,
    make_format,
    originals,
    output_name,
    sign_with,
    with_timestamps,
)

DATA = b"to be signed"
CONTENTS = {
    "jwt": b'{"iss":"us","exp":1900000000}',
    "mdoc": b"",
    "authenticode": program(),
    "jar": jars.archive(),
    "pades": pdfs.document(),
}
"""What a format wants that does not take any file."""

BESIDE = [
    name for name, form in FORMATS.items() if name not in {"raw", "mdoc"} and not form.traits.embeds
]
"""Formats that take any file and can be recognised."""


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_what_it_is(name: str) -> None:
    form = FORMATS[name]
    assert form.name == name
    assert name == name.lower()
    assert form.title
    assert form.standard
    assert form.suffix.startswith(".") or form.traits.embeds
    assert form.specs
    assert form.specs <= set(KEY_SPECS)
    assert form.peer_limits.endswith(".") or not form.peer_limits
    assert isinstance(form, SeveralSigners) or form.traits.most_signers == 1
    assert ("timestamper" in {one.name for one in dataclasses.fields(form)}) is form.traits.stamps  # type: ignore[arg-type]
    for choice in choices_of(name):
        assert isinstance(choice.usual, str | int | bool)
        assert not choice.values or choice.usual in choice.values
    for spec in form.specs:
        assert all(digest.startswith("SHA") for digest in form.traits.digests(spec))


@pytest.mark.parametrize("name", FORMATS)
def test_its_usual_choices_can_be_stored_and_read(name: str) -> None:
    stored = {choice.name: choice.usual for choice in choices_of(name)}
    assert make_format(name, stored) == FORMATS[name]


@pytest.mark.parametrize("name", BESIDE)
def test_what_it_signs_is_recognised_by_content(lab: Hierarchy, name: str) -> None:
    form, kind = FORMATS[name], "Ed25519" if name == "minisign" else "P-256"
    chain = lab.chain(kind) if form.traits.certificate != "none" else ()
    if name == "timestamp":
        signing = lab.stamping()
        made = form.sign(kms_for("P-256"), signing, BytesContent(DATA))
    else:
        made = sign(form, kind, CONTENTS.get(name, DATA), chain)
    found = detect(made)
    assert found is not None
    assert found.name == {"cades": "cms"}.get(name, name)
    if not form.traits.embeds:
        assert detect(made[:4096]) is found


@pytest.mark.parametrize(
    "noise", [b"", b"MZ\x90\0", b"%PDF-1.7\n", b"PK\x03\x04", b"\x7fELF", b'{"name": "x"}', b"text",
              b'{"signature": "no JSON Web Signature"}'],
)  # fmt: skip
def test_what_is_no_signature_is_recognised_as_none(noise: bytes) -> None:
    assert detect(noise) is None


def test_unknown_formats_options_and_values_are_refused() -> None:
    with pytest.raises(Refused, match="no signature format 'pgp'"):
        make_format("pgp", {})
    with pytest.raises(Refused, match="has no option 'colour'"):
        make_format("jws", {"colour": "red"})
    with pytest.raises(Refused, match="is true or false"):
        make_format("jws", {"detached": "yes"})
    with pytest.raises(Refused, match="is a number"):
        make_format("mdoc", {"days": True})
    with pytest.raises(Refused, match="no JWS form"):
        make_format("jws", {"form": "round"})


def test_digests_that_break_a_standard_are_refused() -> None:
    with pytest.raises(Refused, match=r"ML_DSA_65 has no digest SHA-256 \(RFC 5652\)"):
        check_keys(FORMATS["cms"], ["ML_DSA_65"], "SHA-256")
    with pytest.raises(Refused, match="has no digest SHA-256"):
        check_keys(FORMATS["cades"], ["ECC_NIST_P256", "ML_DSA_65"], "SHA-256")
    with pytest.raises(Refused, match="has no digest SHA-512"):
        check_keys(FORMATS["jws"], ["ECC_NIST_P256"], "SHA-512")
    with pytest.raises(Refused, match="Leave the digest out"):
        check_keys(FORMATS["raw"], ["ML_DSA_65"], "SHA-512")
    check_keys(FORMATS["cades"], ["ECC_NIST_P256", "ML_DSA_65"], "SHA-512")
    check_keys(FORMATS["raw"], ["RSA_2048"], "SHA-512")


def test_keys_that_cannot_sign_are_refused() -> None:
    with pytest.raises(Refused, match="OpenSSH signature has no signature algorithm"):
        check_keys(FORMATS["sshsig"], ["ML_DSA_65"])
    with pytest.raises(Refused, match="has one signature"):
        check_keys(FORMATS["cose-sign1"], ["ECC_NIST_P256", "ML_DSA_65"])
    with pytest.raises(Refused, match="no place for timestamps"):
        with_timestamps(FORMATS["jws"], lambda request: request)


def test_one_who_cannot_read_ml_dsa_is_spoken_of_unless_there_is_a_classical_signature() -> None:
    for form in FORMATS.values():
        if "ML_DSA_65" in form.specs:
            assert advice(form, ["ML_DSA_65"]) == form.peer_limits != ""
        assert advice(form, ["ECC_NIST_P256", "ML_DSA_65"]) == form.traits.several_limits
    limited = [form.name for form in FORMATS.values() if form.traits.several_limits]
    assert sorted(limited) == ["cades", "cms"]


def test_outputs_stand_beside_their_file() -> None:
    assert output_name(FORMATS["sshsig"], "/a/b.tar") == "/a/b.tar.sig"
    assert output_name(FORMATS["pades"], "/a/b.pdf") == "/a/b-signed.pdf"


def test_a_signed_copy_that_is_signed_again_gets_a_number() -> None:
    name = "b.pdf"
    found = [name]
    for _ in range(3):
        name = output_name(FORMATS["pades"], name)
        found.append(name)
    assert found == ["b.pdf", "b-signed.pdf", "b-signed-2.pdf", "b-signed-3.pdf"]
    assert [originals(name) for name in found] == [
        (),
        ("b.pdf",),
        ("b.pdf", "b-signed.pdf"),
        ("b.pdf", "b-signed.pdf", "b-signed-2.pdf"),
    ]
    for other, copy in (
        ("-signed", "-signed-signed"),
        ("a-signed-0", "a-signed-0-signed"),
        ("a-signed-1", "a-signed-1-signed"),
        ("a-signed-99999", "a-signed-99999-signed"),
        ("a-signed-9999", "a-signed-10000"),
        ("a\nb-signed", "a\nb-signed-2"),
    ):
        assert output_name(FORMATS["jar"], other) == copy


@pytest.mark.parametrize("name", [name for name in BESIDE if FORMATS[name].traits.most_signers > 1])
def test_two_keys_sign_together(lab: Hierarchy, name: str) -> None:
    form = make_format(name, {"form": "general"} if name == "jws" else {})
    signings = [signing_for(kind, lab.chain(kind)) for kind in ("P-256", "ML-DSA-65")]

    class Both:
        def sign(self, **request: object) -> object:
            index = [one.key_id for one in signings].index(str(request["KeyId"]))
            return kms_for(("P-256", "ML-DSA-65")[index]).sign(**{**request, "KeyId": "key"})

    signings = [dataclasses.replace(one, key_id=str(n)) for n, one in enumerate(signings)]
    data = CONTENTS.get(name, DATA)
    made = sign_with(form, Both(), signings, BytesContent(data))
    found = detect(made)
    assert found is not None
    trust = dataclasses.replace(lab.trust, keys=trusting("P-256", "ML-DSA-65").keys)
    verdict = found.verify(made, BytesContent(data), trust)
    assert verdict.valid, verdict.headline
    assert len(verdict.parts) == 2
    assert all(part.valid for part in verdict.parts)


def test_every_kind_of_key_finds_a_format() -> None:
    specs = {signing_for(kind).spec for kind in ALL_KINDS}
    for spec in specs:
        assert [form for form in FORMATS.values() if spec in form.specs]
