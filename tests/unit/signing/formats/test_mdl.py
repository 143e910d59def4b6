"""Mobile documents: what an issuer signs, and a reader's checks of it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.certificates import CODE, DAY, NOW, Made, make, new_key
from tests.fakes.formats import cut, flipped, key_of, kms_for, sign, signing_for, spki, verify
from workbench.base.errors import Refused
from workbench.signing.formats.base import Broken, BytesContent, Trust
from workbench.signing.formats.jose import jwk
from workbench.signing.formats.mdl import MobileDocument, encoded_item, read_issuer_signed
from workbench.signing.verify import Verdict

FORM = MobileDocument()
SPACE = "org.iso.18013.5.1"
SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
ELEMENTS = {
    "given_name": "John",
    "family_name": "Doe",
    "birth_date": "1990-02-03",
    "portrait": "/9j/4AAQ",
    "age_over_18": True,
    "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2010-01-01"}],
}


def description(elements: object = ELEMENTS, device: object = None) -> bytes:
    key = device or jwk(spki(key_of("P-256")))
    return json.dumps({"nameSpaces": {SPACE: elements}, "deviceKey": key}).encode()


class Issuer:
    """An issuing authority with a document signer of some kind."""

    def __init__(self, kind: str = "P-256", eku: tuple[Any, ...] = (SIGNER,)) -> None:
        self.kind = kind
        self.root: Made = make("IACA", key=new_key("P-256"), path=0)
        self.leaf = make("Signer", self.root, key=key_of(kind), ca=False, eku=eku)
        self.trust = Trust(NOW, roots=(self.root.der,))

    def signed(self, form: MobileDocument = FORM, data: bytes = b"") -> bytes:
        return sign(form, self.kind, data or description(), (self.leaf.der, self.root.der))


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def names(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def changed(signed: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    whole = cbor2.loads(signed)
    change(whole)
    return cbor2.dumps(whole)


@pytest.mark.parametrize(
    ("salt", "identifier", "value", "digest"),
    [
        (
            "BBA394B98088CAE238D35979F7210E18DFAF70354524D86149CA20046E4321B1",
            "given_name", "John",
            "D6AA81E454036313A9A681809151DDDBDF702289094F18286DDC591C41C6434E",
        ),
        (
            "901F63FD880A15B30EDCEEFA857201C52FB9EAD1D39C15BB592829D16CB8A368",
            "family_name", "Doe",
            "4C3D83940CA8C5DE8060A23EB649C175E79B745B6A7D9939B4D16B3E46BB14D5",
        ),
    ],
)  # fmt: skip
def test_the_published_digests(salt: str, identifier: str, value: str, digest: str) -> None:
    """Of AWS's article on an issuing authority for mDLs; with its misspelt member corrected."""
    number = 0 if identifier == "given_name" else 1
    item = encoded_item(number, bytes.fromhex(salt), identifier, value)
    assert hashlib.sha256(item).hexdigest().upper() == digest


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-384", "SHA-512"])
@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "Ed25519", "ML-DSA-65"])
def test_what_is_signed_is_verified(kind: str, digest: str) -> None:
    issuer = Issuer(kind)
    signed = issuer.signed(MobileDocument(digest=digest))
    assert FORM.sniff(signed[:64])
    verdict = verify(FORM, signed, None, issuer.trust)
    assert verdict.valid, verdict.headline
    assert verdict.digest == digest
    elements = [check.name for check in verdict.checks if check.name.startswith("Element")]
    assert elements == [f"Element {name}" for name in ELEMENTS]


def test_values_have_the_types_of_the_standard(issuer: Issuer) -> None:
    whole = cbor2.loads(issuer.signed(), tag_hook=lambda tag, _: tag)
    items = [cbor2.loads(one.value) for one in whole["nameSpaces"][SPACE]]
    values = {item["elementIdentifier"]: item["elementValue"] for item in items}
    assert values["portrait"] == b"\xff\xd8\xff\xe0\0\x10"
    assert str(values["birth_date"]) == "1990-02-03"
    assert values["age_over_18"] is True
    assert len({item["random"] for item in items}) == len(items)
    assert all(len(item["random"]) == 32 for item in items)


def test_a_holder_may_show_less(issuer: Issuer) -> None:
    less = changed(issuer.signed(), lambda m: m["nameSpaces"][SPACE].pop(0))
    verdict = verify(FORM, less, None, issuer.trust)
    assert verdict.valid, verdict.headline
    assert "Element given_name" not in [check.name for check in verdict.checks]
    nothing = changed(issuer.signed(), lambda m: m.pop("nameSpaces"))
    assert verify(FORM, nothing, None, issuer.trust).valid


def forged(member: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(members: dict[str, Any]) -> None:
        items = members["nameSpaces"][SPACE]
        item = cbor2.loads(items[0].value)
        item[member] = value
        items[0] = cbor2.CBORTag(24, cbor2.dumps(item))

    return change


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (forged("elementValue", "Jane"), "Element given_name"),
        (forged("elementIdentifier", "family_name"), "Element family_name"),
        (forged("digestID", 1), "Element given_name"),
        (forged("digestID", 99), "Element given_name"),
        (forged("digestID", -1), "Data element"),
        (forged("digestID", True), "Data element"),
        (forged("random", bytes(32)), "Element given_name"),
        (forged("random", bytes(15)), "Data element"),
        (forged("elementIdentifer", "given_name"), "Data element"),
        (lambda m: m["nameSpaces"][SPACE].append(m["nameSpaces"][SPACE][0]), "Element given_name"),
        (lambda m: m["nameSpaces"].update(other=m["nameSpaces"].pop(SPACE)), "Element given_name"),
        (lambda m: m["nameSpaces"][SPACE].append(cbor2.CBORTag(24, b"\xff")), "Data element"),
        (lambda m: m["nameSpaces"][SPACE].append(cbor2.CBORTag(24, b"\x01")), "Data element"),
        (lambda m: m["nameSpaces"][SPACE].append(1), "Document"),
        (lambda m: m["nameSpaces"][SPACE].append(cbor2.CBORTag(24, 1)), "Document"),
        (lambda m: m["nameSpaces"].update({SPACE: []}), "Document"),
        (lambda m: m["nameSpaces"].update({1: [1]}), "Document"),
        (lambda m: m.update(nameSpaces=[]), "Document"),
        (lambda m: m.pop("issuerAuth"), "Document"),
        (lambda m: m["issuerAuth"].__setitem__(2, None), "Document"),
        (lambda m: m["issuerAuth"].__setitem__(1, {}), "Trusted key"),
    ],
)
def test_elements_that_are_refused(
    issuer: Issuer, change: Callable[[dict[str, Any]], object], failed: str
) -> None:
    verdict = verify(FORM, changed(issuer.signed(), change), None, issuer.trust)
    assert failed in names(verdict)
    assert all(check.rule or check.name == "Trusted key" for check in verdict.checks
               if check.state == "failed")  # fmt: skip


def security(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], None]:
    def change_it(members: dict[str, Any]) -> None:
        kept = cbor2.CBORTag  # dates stay as they are written
        payload = cbor2.loads(members["issuerAuth"][2]).value
        inside = cbor2.loads(payload)
        for name in inside["validityInfo"]:
            moment = inside["validityInfo"][name]
            inside["validityInfo"][name] = kept(0, f"{moment:%Y-%m-%dT%H:%M:%S}Z")
        change(inside)
        members["issuerAuth"][2] = cbor2.dumps(kept(24, cbor2.dumps(inside)))

    return change_it


def test_a_forged_security_object_is_refused(issuer: Issuer) -> None:
    for change, failed in (
        (lambda m: m["valueDigests"][SPACE].update({0: bytes(32)}), "Signature"),
        (lambda m: m.update(docType="org.iso.23220.photoid.1"), "Signature"),
        (lambda m: m.update(version="2.0"), "Document"),
        (lambda m: m.update(digestAlgorithm="SHA-1"), "Document"),
        (lambda m: m.update(digestAlgorithm=[]), "Document"),
        (lambda m: m.update(valueDigests={}), "Document"),
        (lambda m: m.update(valueDigests={SPACE: {0: b"short"}}), "Document"),
        (lambda m: m.update(valueDigests={SPACE: {-1: bytes(32)}}), "Document"),
        (lambda m: m.pop("validityInfo"), "Document"),
        (lambda m: m["validityInfo"].update(signed="2026-06-01"), "Document"),
        (lambda m: m["validityInfo"].update(signed=cbor2.CBORTag(0, "today")), "Document"),
        (lambda m: m.pop("docType"), "Document"),
    ):
        made = changed(issuer.signed(), security(change))
        assert failed in names(verify(FORM, made, None, issuer.trust))


def test_validity_is_judged_at_the_moment(issuer: Issuer) -> None:
    signed = issuer.signed()
    for moment, failed in (
        (NOW, []),
        (NOW + 30 * DAY, []),
        (NOW - timedelta(seconds=1), ["Validity"]),
        (NOW + 30 * DAY + timedelta(seconds=1), ["Validity"]),
    ):
        trust = replace(issuer.trust, moment=moment)
        assert names(verify(FORM, signed, None, trust)) == failed


def test_the_issuer_must_be_trusted_and_meant_for_it(issuer: Issuer) -> None:
    stranger = verify(FORM, issuer.signed(), None, Issuer().trust)
    assert names(stranger) == ["Certificate chain"]
    coder = Issuer(eku=(CODE,))
    assert names(verify(FORM, coder.signed(), None, coder.trust)) == ["Document signer"]
    other = verify(MobileDocument(document="org.other"), issuer.signed(), None, issuer.trust)
    assert names(other) == ["Document"]


def test_a_document_cannot_outlive_its_signer(issuer: Issuer) -> None:
    with pytest.raises(Refused, match="longer"):
        issuer.signed(MobileDocument(days=400))
    with pytest.raises(Refused, match="certificate"):
        sign(FORM, "P-256", description())
    with pytest.raises(Refused):
        sign(FORM, "RSA", description(), (issuer.leaf.der,))


@pytest.mark.parametrize("choice", [{"digest": "SHA-1"}, {"days": 0}, {"document": ""}])
def test_choices_that_break_the_standard_cannot_be_made(choice: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        MobileDocument(**choice)


@pytest.mark.parametrize(
    "data",
    [
        b"x", b"{}", description({}), description([]), description({"birth_date": "soon"}),
        description({"portrait": "!"}), description(device={"kty": "RSA"}),
        description(device={"kty": "EC", "crv": "P-256", "x": "!", "y": "AA"}),
        description(device=jwk(spki(key_of("P-256"))) | {"d": "AA"}),
    ],
)  # fmt: skip
def test_descriptions_that_are_refused(issuer: Issuer, data: bytes) -> None:
    with pytest.raises(Refused):
        issuer.signed(data=data)


def test_an_edwards_device_key_is_possible(issuer: Issuer) -> None:
    signed = issuer.signed(data=description(device=jwk(spki(key_of("Ed25519")))))
    assert verify(FORM, signed, None, issuer.trust).valid


def test_the_key_signs_a_digest_of_what_is_long(issuer: Issuer) -> None:
    many = {f"element_{number}": number for number in range(200)}
    kms = kms_for("P-256")
    signing = signing_for("P-256", (issuer.leaf.der,))
    FORM.sign(kms, signing, BytesContent(description(many)))
    assert [(asked[0], asked[1]) for asked in kms.asked] == [("ECDSA_SHA_256", "DIGEST")]


def test_flipped_bits_are_refused(issuer: Issuer) -> None:
    signed = issuer.signed(data=description({"given_name": "John"}))
    for one in flipped(signed, range(0, len(signed), 3)):
        assert not verify(FORM, one, None, issuer.trust).valid
    for one in cut(signed, 7):
        assert not verify(FORM, one, None, issuer.trust).valid
    assert not verify(FORM, signed + b"\0", None, issuer.trust).valid


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_anything_else_is_refused_without_an_exception(noise: bytes) -> None:
    for data in (noise, b"\xa1\x6aissuerAuth" + noise):
        FORM.sniff(data)
        with pytest.raises(Broken):
            read_issuer_signed(data)


@pytest.mark.parametrize(
    "change",
    [
        {"x": "AAAA"},
        {"y": "AAAA"},
        {"crv": "P-384"},
        {"kty": "OKP"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
    ],
)
def test_a_device_key_that_is_none_is_refused(issuer: Issuer, change: dict[str, str]) -> None:
    device = jwk(spki(key_of("P-256"))) | change
    with pytest.raises(Refused, match="deviceKey"):
        issuer.signed(data=description(device=device))
