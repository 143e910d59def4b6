"""Values of the wrong kind where a sender may put anything lead to a verdict, never to a crash."""

import base64
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cbor2
import pytest

from tests.fakes.certificates import NOW
from tests.fakes.formats import Hierarchy, sign, trusting
from workbench.base.clock import TravelClock
from workbench.signing.formats.base import Trust
from workbench.signing.formats.jose import encode
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.mdl import MobileDocument
from workbench.signing.formats.registry import FORMATS
from workbench.signing.verify import Verdict, Verifier
from workbench.ui.panes.signing.verify_work import Outcome, Terms, verify_all
from workbench.ui.panes.signing.verify_work import Trust as Roots

ODD: tuple[Any, ...] = ([1], [], {"a": 1}, None, True, -1, 1 << 70, 1.5, "", "\ud7ff", [[["x"]]])


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def odd_certificate(lab: Hierarchy) -> bytes:
    """Return a certificate whose version is none (RFC 5280 §4.1.2.1)."""
    der = lab.root.der
    return der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x77", 1)


def judged(form: str, data: bytes, trust: Trust) -> Verdict:
    verdict = FORMATS[form].verify(data, None, trust)
    assert not verdict.valid
    assert verdict.headline
    return verdict


def jws_with(header: object) -> bytes:
    text = encode(json.dumps(header).encode())
    return f"{text}.{encode(b'x')}.{encode(b'A' * 64)}".encode()


def mdoc_with(certificate: bytes = b"", **members: Any) -> bytes:
    security = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "docType": "org.iso.18013.5.1.mDL",
        "valueDigests": {"x": {0: bytes(32)}},
        "validityInfo": {
            name: cbor2.CBORTag(0, "2026-06-01T12:00:00Z")
            for name in ("signed", "validFrom", "validUntil")
        },
        **members,
    }
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(security)))
    header = {33: certificate} if certificate else {}
    return cbor2.dumps({"issuerAuth": [cbor2.dumps({1: -7}), header, payload, b"A" * 64]})


@pytest.mark.parametrize("form", ["jws", "cose-sign1", "mdoc"])
def test_a_certificate_of_no_version(lab: Hierarchy, form: str) -> None:
    odd = odd_certificate(lab)
    made = {
        "jws": jws_with({"alg": "ES256", "x5c": [base64.b64encode(odd).decode()]}),
        "cose-sign1": cbor2.dumps([cbor2.dumps({1: -7}), {33: odd}, b"x", b"A" * 64]),
        "mdoc": mdoc_with(odd),
    }[form]
    verdict = judged(form, made, lab.trust)
    said = [check for check in verdict.checks if check.state == "failed"]
    assert any("certificate cannot be read" in check.sentence for check in said)


@pytest.mark.parametrize("name", ["alg", "x5c", "crit", "b64", "kid", "typ", "x5t#S256"])
def test_header_parameters_of_jws(name: str) -> None:
    for odd in ODD:
        judged("jws", jws_with({"alg": "ES256", name: odd}), trusting("P-256"))
        judged("jwt", jws_with({"alg": "ES256", name: odd}), trusting("P-256"))


@pytest.mark.parametrize("label", [1, 2, 3, 4, 33])
def test_header_parameters_of_cose(label: int) -> None:
    for odd in ODD:
        header = cbor2.dumps({1: -7, label: odd})
        judged("cose-sign1", cbor2.dumps([header, {}, b"x", b"A" * 64]), trusting("P-256"))


@pytest.mark.parametrize(
    "name", ["version", "digestAlgorithm", "docType", "valueDigests", "validityInfo"]
)
def test_members_of_a_mobile_security_object(name: str) -> None:
    for odd in ODD:
        judged("mdoc", mdoc_with(**{name: odd}), trusting("P-256"))
    for inner in ("signed", "validFrom", "validUntil"):
        for odd in ODD:
            judged("mdoc", mdoc_with(validityInfo={inner: odd}), trusting("P-256"))


def test_descriptions_of_mobile_documents(lab: Hierarchy) -> None:
    form = MobileDocument()
    for odd in ODD:
        text = json.dumps({"nameSpaces": {"a": {"b": 1}}, "deviceKey": {"crv": odd}})
        with pytest.raises(Exception, match="deviceKey"):
            sign(form, "P-256", text.encode(), lab.chain("P-256"))


class Faulty(Verifier):
    """A verifier with a fault that one file meets."""

    def check(self, file: Path | None, signature: Path, trust: Trust, **more: Any) -> Verdict:
        if signature.name == "hostile":
            raise TypeError("unhashable type")
        return super().check(file, signature, trust, **more)


def test_one_file_never_takes_the_verdicts_of_the_others(lab: Hierarchy, tmp_path: Path) -> None:
    data = sign(JsonWebSignature(detached=False), "P-256", b"content", lab.chain("P-256"))
    pairs = [(None, tmp_path / name) for name in ("first", "hostile", "last")]
    for _, path in pairs:
        path.write_bytes(data)
    found: list[Outcome] = []

    def add(outcomes: Sequence[Outcome]) -> None:
        found.extend(outcomes)

    done = verify_all(
        Faulty(TravelClock(NOW)), pairs, Roots((lab.root.der,), ()), Terms(), threading.Event(),
        add, lambda *_: None,
    )  # fmt: skip
    assert done == 3
    assert [one.verdict.valid for one in found] == [True, False, True]
    assert "TypeError" in found[1].verdict.headline
