"""Counter-signatures: over this signature's value, each with its own chain (RFC 5652 §11.4)."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.fakes.certificates import CODE, Made, make, new_key
from tests.fakes.formats import (
    Hierarchy,
    flipped,
    key_of,
    kms_for,
    sign,
    verify,
    with_signers,
)
from workbench.signing import der
from workbench.signing.algorithms import plan
from workbench.signing.cms_build import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    attribute,
    protection,
    signer_identifier,
)
from workbench.signing.cms_frame import COUNTERSIGNATURE
from workbench.signing.formats.cades import Cades
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.jose import ALGORITHMS
from workbench.signing.verdict import Verdict

CONTENT = b"to be signed"


class Lab:
    """A signature by P-256, and who counter-signs it."""

    def __init__(self) -> None:
        self.hierarchy = Hierarchy()
        self.chain = self.hierarchy.chain("P-256")
        self.witness = make("Witness", self.hierarchy.sub, key=key_of("P-384"), ca=False)
        self.first = sign(Cades(), "P-256", CONTENT, self.chain)
        self.value = b""

        def look(infos: list[list[bytes]]) -> list[list[bytes]]:
            self.value = bytes(der.read(infos[0][-1], "It").content)
            return infos

        with_signers(self.first, look)

    def counter(
        self, value: bytes | None = None, *, typed: bool = False, signer: Made | None = None
    ) -> bytes:
        """Return a SignerInfo by the witness over a signature value."""
        signer = signer or self.witness
        how = plan("ECC_NIST_P384", "SHA-384")
        running = how.digest.start()
        running.update(self.value if value is None else value)
        parts = [
            attribute(MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, running.digest())),
            attribute("1.2.840.113549.1.9.52", protection(how.digest.identifier, how.identifier)),
        ]
        if typed:
            parts.append(attribute(CONTENT_TYPE, der.object_identifier(DATA)))
        signed = der.set_of(parts)
        made = kms_for("P-384").sign(
            KeyId="key", Message=signed, SigningAlgorithm=ALGORITHMS["ES384"].kms
        )["Signature"]
        return der.tlv(
            der.SEQUENCE, der.tlv(der.INTEGER, b"\x01"), signer_identifier(signer.certificate),
            how.digest.identifier, b"\xa0" + signed[1:], how.identifier,
            der.tlv(der.OCTET_STRING, made),
        )  # fmt: skip

    def judged(self, *counters: bytes, known: Sequence[Made] = ()) -> Verdict:
        """Return the verdict on the signature with unsigned attributes, one for each."""
        kind = der.object_identifier(COUNTERSIGNATURE)
        attributes = [der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, one)) for one in counters]
        unsigned = der.set_of(attributes, tag=0xA1)
        changed = with_signers(self.first, lambda infos: [[*infos[0], unsigned]])
        trust = self.hierarchy.trust
        more = tuple(one.der for one in known or (self.witness,))
        return verify(Cms(), changed, CONTENT, replace(trust, intermediates=more))


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


def failing(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def test_a_counter_signature_has_its_own_chain(lab: Lab) -> None:
    verdict = lab.judged(lab.counter())
    assert verdict.valid, verdict.headline
    (part,) = verdict.parts
    (counter,) = part.parts
    assert counter.kind == "counter-signature"
    assert counter.signer == "CN=Witness, O=Lab"
    assert counter.links[0].subject == "CN=Witness, O=Lab"
    assert part.links[0].subject == "CN=Signer P-256, O=Lab"
    assert "Counter-signature: Counter-signed value" in [check.name for check in verdict.checks]


def test_several_may_stand_in_attributes_of_their_own(lab: Lab) -> None:
    verdict = lab.judged(lab.counter(), lab.counter())
    assert verdict.valid, verdict.headline
    assert [one.title for one in verdict.parts[0].parts] == [
        "Counter-signature 1", "Counter-signature 2"
    ]  # fmt: skip
    assert not lab.judged(*(lab.counter() for _ in range(9))).valid


def test_one_over_another_signature_is_refused(lab: Lab) -> None:
    assert failing(lab.judged(lab.counter(b"another value"))) == [
        "Counter-signature: Counter-signed value"
    ]


def test_one_that_states_a_content_type_is_refused(lab: Lab) -> None:
    verdict = lab.judged(lab.counter(typed=True))
    assert failing(verdict) == ["Counter-signature: Counter-signature"]
    assert "content type" in verdict.headline


def test_one_by_an_unknown_certificate_is_refused(lab: Lab) -> None:
    stranger = make("Stranger", key=new_key("P-256"))
    assert not lab.judged(lab.counter(), known=(stranger,)).valid


def test_one_of_a_stranger_is_refused(lab: Lab) -> None:
    root = make("Other root", key=new_key("P-256"))
    other = make("Other", root, key=key_of("P-384"), ca=False, eku=(CODE,))
    assert failing(lab.judged(lab.counter(signer=other), known=(other,))) == [
        "Counter-signature: Certificate chain"
    ]


def test_any_changed_byte_is_found(lab: Lab) -> None:
    counter = lab.counter()
    assert lab.judged(counter).valid
    for one in flipped(counter):
        assert not lab.judged(one).valid
