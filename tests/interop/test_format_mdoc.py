"""Mobile documents read and issued by pycose and cwt, in an environment of their own."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fakes.certificates import CODE, DAY, NOW, Made, make, new_key
from tests.fakes.formats import flipped, key_of, sign, spki, verify
from tests.fakes.peers import PEERS, SCRIPTS
from workbench.signing.formats.base import Trust
from workbench.signing.formats.jose import jwk
from workbench.signing.formats.mdl import DOCUMENT_TYPE, MobileDocument

FORM = MobileDocument()
SPACE = "org.iso.18013.5.1"
SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
ELEMENTS = {"given_name": "John", "family_name": "Doe", "age_over_18": True}
KINDS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
TOOLS = ("pycose", "cwt")


class Issuer:
    """An issuing authority, a CA below it for one kind, and its document signers."""

    def __init__(self) -> None:
        self.root: Made = make("IACA", key=new_key("P-256"))
        self.sub = make("Sub", self.root, key=new_key("P-256"), ca=True, path=0)
        self.trust = Trust(NOW, roots=(self.root.der,))

    def chain(self, kind: str, *, eku: x509.ObjectIdentifier = SIGNER) -> tuple[bytes, ...]:
        """Return a document signer's chain without the root; one certificate, or two for P-384."""
        issuer = self.sub if kind == "P-384" else self.root
        leaf = make("Signer", issuer, key=key_of(kind), ca=False, eku=(eku,))
        return (leaf.der, self.sub.der) if kind == "P-384" else (leaf.der,)

    def signed(self, kind: str, form: MobileDocument = FORM) -> bytes:
        described = {"nameSpaces": {SPACE: ELEMENTS}, "deviceKey": jwk(spki(key_of("P-256")))}
        chain = (*self.chain(kind), self.root.der)
        return sign(form, kind, json.dumps(described).encode(), chain)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def ask(asked: list[dict[str, Any]]) -> list[Any]:
    python = PEERS / "python"
    assert python.exists(), "needs pycose and cwt; packaging/test brings them"
    done = subprocess.run(
        [python, "-I", SCRIPTS / "mdoc.py"],
        input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    answers: list[Any] = json.loads(done.stdout)
    return answers


def reading(issuer: Issuer, document: bytes, tool: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "do": "read", "tool": tool, "alg": KINDS.get(kind, "ES256"), "document": document.hex(),
        "root": issuer.root.der.hex(), "moment": NOW.isoformat(), **more,
    }  # fmt: skip


def test_they_read_ours(issuer: Issuer) -> None:
    cases = [(tool, kind, digest) for tool in TOOLS for kind in KINDS
             for digest in ("SHA-256", "SHA-512")]  # fmt: skip
    asked = [
        reading(issuer, issuer.signed(kind, MobileDocument(digest=digest)), tool, kind)
        for tool, kind, digest in cases
    ]
    expected = {name: str(value) for name, value in ELEMENTS.items()}
    for case, answer in zip(cases, ask(asked), strict=True):
        assert answer == expected, case


def spoilt(document: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield copies of IssuerSigned, each with one thing changed."""
    message: list[Any] = cbor2.loads(document)["issuerAuth"]

    def by(change: Callable[[dict[str, Any]], object]) -> bytes:
        whole = cbor2.loads(document)
        change(whole)
        return cbor2.dumps(whole)

    def flip(data: bytes, place: int) -> bytes:
        return next(flipped(data, [place % len(data)]))

    def item(whole: dict[str, Any]) -> None:
        inside = whole["nameSpaces"][SPACE][0].value.replace(b"John", b"Jean")
        whole["nameSpaces"][SPACE][0] = cbor2.CBORTag(24, inside)

    def at(place: int, value: object) -> Callable[[dict[str, Any]], object]:
        return lambda whole: whole["issuerAuth"].__setitem__(place, value)

    leaf = message[1][33]
    payload = message[2]
    digest = payload.index(b"valueDigests") + 60
    yield "element", by(item)
    yield "digest", by(at(2, flip(payload, digest)))
    yield "certificate", by(at(1, {33: flip(leaf, -10)}))
    yield "signature", by(at(3, flip(message[3], 5)))
    yield "algorithm", by(at(0, cbor2.dumps({1: -35})))
    yield "no algorithm", by(at(0, b""))


def test_what_they_refuse_of_ours_and_we_too(issuer: Issuer) -> None:
    good = issuer.signed("P-256")
    cases = [*spoilt(good)]
    ended = {"moment": (NOW + 31 * DAY).isoformat()}
    stranger = Issuer()
    asked = [reading(issuer, data, tool, "P-256") for tool in TOOLS for _, data in cases]
    asked += [reading(issuer, good, tool, "P-256", **ended) for tool in TOOLS]
    asked += [reading(stranger, good, tool, "P-256") for tool in TOOLS]
    # Neither knows ML-DSA (RFC 9964): what the format says before signing.
    asked += [reading(issuer, issuer.signed("ML-DSA-65"), tool, "ML-DSA-65") for tool in TOOLS]
    for one, answer in zip(asked, ask(asked), strict=True):
        assert str(answer).startswith("no: "), one
    assert "refuse the document" in FORM.peer_limits
    for name, data in cases:
        assert not verify(FORM, data, None, issuer.trust).valid, name


def issuing(issuer: Issuer, tool: str, kind: str, **more: Any) -> dict[str, Any]:
    key, holder = key_of(kind), key_of("P-256").public_key()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = holder.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "do": "issue", "tool": tool, "alg": KINDS[kind], "key": pem.decode(),
        "holder": public.decode(), "chain": [one.hex() for one in issuer.chain(kind)],
        "space": SPACE, "elements": ELEMENTS, "document": DOCUMENT_TYPE, "digest": "SHA-256",
        "moment": NOW.isoformat(), "days": 30, **more,
    }  # fmt: skip


def test_we_read_theirs(issuer: Issuer) -> None:
    cases = [(tool, kind) for tool in TOOLS for kind in KINDS]
    wrong: dict[str, dict[str, Any]] = {
        "another document": {"document": "org.iso.23220.photoid.1"},
        "over": {"moment": (NOW - 40 * DAY).isoformat()},
        "not yet": {"moment": (NOW + DAY).isoformat()},
        "signer for code": {"chain": [one.hex() for one in issuer.chain("P-256", eku=CODE)]},
    }
    asked = [issuing(issuer, *case) for case in cases]
    asked += [issuing(issuer, "pycose", "P-256", **more) for more in wrong.values()]
    made = [bytes.fromhex(one) for one in ask(asked)]
    for case, document in zip(cases, made, strict=False):
        verdict = verify(FORM, document, None, issuer.trust)
        assert verdict.valid, (case, verdict.headline)
        elements = [one.name for one in verdict.checks if one.name.startswith("Element")]
        assert elements == [f"Element {name}" for name in ELEMENTS]
        strange = replace(issuer.trust, roots=(Issuer().root.der,))
        assert not verify(FORM, document, None, strange).valid
    for name, document in zip(wrong, made[len(cases) :], strict=True):
        assert not verify(FORM, document, None, issuer.trust).valid, name
    for name, document in spoilt(made[0]):
        assert not verify(FORM, document, None, issuer.trust).valid, name
