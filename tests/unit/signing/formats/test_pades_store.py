"""What a PDF's document security store says of revocation and chains, readable or not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.fakes import pdfs
from tests.fakes.certificates import DAY, NOW, Made
from tests.fakes.formats import Hierarchy, sign, verify
from workbench.pki.status import Evidence
from workbench.signing.formats.base import Trust
from workbench.signing.formats.pades import Pades

NAME = generic.NameObject
Entries = dict[str, list[Any]]


class Lab(Hierarchy):
    """A signer, what is said of it, and the trust that asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.signer = self.leaf("P-256")
        self.demanding: Trust = replace(self.trust, evidence=Evidence(required=True))

    def answer(self, about: Made, issuer: Made, *, revoked: bool = False, by: Any = None) -> bytes:
        """Return an OCSP response by the issuer, or forged by another."""
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        builder = ocsp.OCSPResponseBuilder().add_response(
            about.certificate, issuer.certificate, hashes.SHA256(), status, NOW - DAY / 2,
            NOW + DAY, NOW - DAY if revoked else None, None,
        ).responder_id(ocsp.OCSPResponderEncoding.HASH, (by or issuer).certificate)  # fmt: skip
        made = builder.sign((by or issuer).key, hashes.SHA256())
        return made.public_bytes(Encoding.DER)

    def answers(self, **more: Any) -> list[bytes]:
        return [self.answer(self.signer, self.sub, **more), self.answer(self.sub, self.root)]

    def listed(self) -> list[bytes]:
        made = []
        for issuer in (self.sub, self.root):
            builder = x509.CertificateRevocationListBuilder(
                issuer.certificate.subject, NOW - DAY / 2, NOW + DAY
            )
            made.append(builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER))
        return made

    def signed(self, top: Entries, related: Entries | None = None, *, whole: bool = True) -> bytes:
        """Return a PDF that has a store, signed with the whole chain or the leaf alone."""
        chain = (self.signer.der, self.sub.der, self.root.der)
        return sign(Pades(), "P-256", stored(top, related), chain if whole else chain[:1])


def stored(top: Entries, related: Entries | None) -> bytes:
    """Return a PDF with a store of these entries, at the top and for one signature."""

    def change(writer: Any) -> None:
        def dictionary(entries: Entries) -> Any:
            made = generic.DictionaryObject()
            for name, listed in entries.items():
                made[NAME(name)] = generic.ArrayObject(entry(writer, one) for one in listed)
            return made

        store = dictionary(top)
        if related is not None:
            of_one = writer.add_object(dictionary(related))
            store[NAME("/VRI")] = generic.DictionaryObject({NAME("/" + "A" * 40): of_one})
        writer.root[NAME("/DSS")] = writer.add_object(store)
        writer.update_root()

    return pdfs.updated(pdfs.document(), change)


def entry(writer: Any, one: Any) -> Any:
    if isinstance(one, bytes):
        return writer.add_object(generic.StreamObject(stream_data=one))
    return one(writer) if callable(one) else one


def garbled(writer: Any) -> Any:
    """A stream that is not what its filter says."""
    filtered = {NAME("/Filter"): NAME("/FlateDecode")}
    return writer.add_object(generic.StreamObject(filtered, encoded_data=b"not compressed"))


def unknown(writer: Any) -> Any:
    """A stream with a filter that nobody has."""
    filtered = {NAME("/Filter"): NAME("/Nonsense")}
    return writer.add_object(generic.StreamObject(filtered, encoded_data=b"?"))


BROKEN: dict[str, Callable[[Any], Any]] = {
    "garbled": garbled,
    "unknown filter": unknown,
    "a number": lambda _writer: generic.NumberObject(7),
    "nowhere": lambda writer: generic.IndirectObject(9999, 0, writer),
    "noise": lambda writer: writer.add_object(generic.StreamObject(stream_data=b"\x30\x03noise")),
}


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab()


def test_answers_count_wherever_they_are(lab: Lab) -> None:
    without = lab.signed({})
    assert verify(Pades(), without, None, lab.trust).valid
    assert "not known" in verify(Pades(), without, None, lab.demanding).headline
    for made in (
        lab.signed({"/OCSPs": lab.answers()}),
        lab.signed({}, {"/OCSP": lab.answers()}),
        lab.signed({"/OCSPs": lab.answers()[:1]}, {"/CRL": lab.listed()[1:]}),
        lab.signed({"/CRLs": lab.listed()}),
    ):
        verdict = verify(Pades(), made, None, lab.demanding)
        assert verdict.valid, verdict.headline


def test_answers_that_say_otherwise_or_prove_nothing(lab: Lab) -> None:
    for related in (False, True):
        revoked = lab.answers(revoked=True)
        made = lab.signed({}, {"/OCSP": revoked}) if related else lab.signed({"/OCSPs": revoked})
        for trust in (lab.trust, lab.demanding):
            verdict = verify(Pades(), made, None, trust)
            assert not verdict.valid
            assert "revoked" in verdict.headline
    forged = lab.signed({"/OCSPs": lab.answers(by=Hierarchy().sub)})
    assert not verify(Pades(), forged, None, lab.demanding).valid
    half = lab.signed({"/OCSPs": lab.answers()[:1]})
    assert not verify(Pades(), half, None, lab.demanding).valid


@pytest.mark.parametrize("kind", BROKEN)
def test_one_unreadable_entry_drops_no_other(lab: Lab, kind: str) -> None:
    broken = BROKEN[kind]
    for name, good in (("/OCSPs", lab.answers()), ("/CRLs", lab.listed())):
        made = lab.signed({name: [broken, good[0], broken, good[1]]})
        verdict = verify(Pades(), made, None, lab.demanding)
        assert verdict.valid, (name, verdict.headline)
        revoked = lab.signed({"/OCSPs": [broken, *lab.answers(revoked=True)], "/CRLs": [broken]})
        assert "revoked" in verify(Pades(), revoked, None, lab.trust).headline
    made = lab.signed({"/Certs": [broken, lab.sub.der]}, {"/Cert": [broken]}, whole=False)
    verdict = verify(Pades(), made, None, lab.trust)
    assert verdict.valid, verdict.headline


def test_stores_of_another_shape_are_left_aside(lab: Lab) -> None:
    number, text = generic.NumberObject(1), generic.pdf_string("text")
    for store in (
        number,
        generic.ArrayObject([number]),
        generic.DictionaryObject({NAME("/OCSPs"): number, NAME("/VRI"): text}),
        generic.DictionaryObject({NAME("/VRI"): generic.DictionaryObject({NAME("/A"): number})}),
        generic.DictionaryObject(
            {NAME("/CRLs"): generic.DictionaryObject({NAME("/A"): number}), NAME("/Certs"): text}
        ),
    ):

        def change(writer: Any, store: Any = store) -> None:
            writer.root[NAME("/DSS")] = store
            writer.update_root()

        chain = (lab.signer.der, lab.sub.der)
        made = sign(Pades(), "P-256", pdfs.updated(pdfs.document(), change), chain)
        assert verify(Pades(), made, None, lab.trust).valid
        assert not verify(Pades(), made, None, lab.demanding).valid


def test_certificates_in_the_store_link_a_chain(lab: Lab) -> None:
    alone = lab.signed({}, whole=False)
    assert not verify(Pades(), alone, None, lab.trust).valid
    for made in (
        lab.signed({"/Certs": [lab.sub.der]}, whole=False),
        lab.signed({}, {"/Cert": [lab.sub.der]}, whole=False),
    ):
        verdict = verify(Pades(), made, None, lab.trust)
        assert verdict.valid, verdict.headline
    other = Hierarchy()
    for certificates in ([other.sub.der], [other.sub.der, other.root.der], [lab.root.der]):
        strange = lab.signed({"/Certs": certificates}, whole=False)
        assert not verify(Pades(), strange, None, lab.trust).valid
    # A root that the document brings is not believed because it is there.
    own = lab.signed({"/Certs": [lab.sub.der, lab.root.der]}, whole=False)
    assert not verify(Pades(), own, None, replace(lab.trust, roots=(other.root.der,))).valid


def test_the_document_is_read_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    made = lab.signed({"/OCSPs": lab.answers()})
    counted: list[object] = []
    begin = PdfFileReader.__init__

    def counting(self: Any, *words: Any, **more: Any) -> None:
        counted.append(self)
        begin(self, *words, **more)

    monkeypatch.setattr(PdfFileReader, "__init__", counting)
    assert verify(Pades(), made, None, lab.demanding).valid
    assert len(counted) == 1
