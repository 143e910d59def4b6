"""Odd and hostile certificates through reader, facts and validation: a verdict each, never more."""

import base64
import warnings
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import NOW, Made, make, name, new_key
from tests.fakes.odd_certificates import EXTENSIONS, UNKNOWN_FEATURE, UNREADABLE, leaf, odd_bytes
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import make_authority, make_request, order
from workbench.pki.describe import describe
from workbench.pki.documents import read_request
from workbench.pki.incoming.reader import read_incoming
from workbench.pki.parse import Malformed, facts, read_certificates
from workbench.pki.validate import Evidence, Purpose, validate_chain
from workbench.ui.panes.certificates.compare import compare, differences

ODD = dict(odd_bytes())
FEATURE = "an unknown TLS feature"
CODE = Purpose.CODE_SIGNING
UNSOUND = {
    "a root without an end": "no extended key usage",
    "one that ends before it begins": "valid only from",
    "a key on an unusual curve": "no extended key usage",
    "a key usage of nothing": "allows nothing",
    "names that are none": "none in them",
}
"""Why these are refused; what is odd about the others forbids no use of them."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The library warns of what standards forbid; here that is what is wanted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def root() -> Made:
    return make("Root", key=new_key("P-256"))


@pytest.mark.parametrize("what", ODD)
def test_reader_and_facts_have_a_verdict(what: str) -> None:
    (item,) = read_incoming(ODD[what], what).items
    assert bool(item.der) is not bool(item.problem)
    if item.der:
        assert facts(item.der).der == ODD[what]
    else:
        with pytest.raises(Malformed, match=r"\.$"):
            facts(ODD[what])


@pytest.mark.parametrize("what", ODD)
def test_validation_has_a_verdict_with_it_and_beside_it(what: str, root: Made) -> None:
    good = leaf("Beside", root)
    for purpose in (Purpose.ANY, CODE):
        evidence = Evidence([ODD[what]], [ODD[what]])
        verdict = validate_chain(ODD[what], [root.der], [root.der], NOW, purpose, evidence)
        assert verdict.sentence
        assert not verdict.trusted, "its root is another one"
        assert validate_chain(good.der, [ODD[what]], [root.der], NOW, purpose, evidence).trusted


def test_below_their_own_root_only_sound_ones_are_trusted() -> None:
    root = ODD["a root without an end"]
    for what, der in ODD.items():
        verdict = validate_chain(der, [], [root], NOW, CODE)
        readable = not read_incoming(der).items[0].problem
        assert verdict.trusted is (readable and what not in UNSOUND), what
        assert UNSOUND.get(what, "") in verdict.sentence


def test_each_is_described(root: Made) -> None:
    for what, extension in EXTENSIONS.items():
        usage = extension[0].oid.dotted_string != "2.5.29.15"
        described = describe(leaf("Odd", root, extra=(extension,), usage=usage).der, NOW)
        assert any(group.critical is not None for group in described.groups), what
    for what, der in ODD.items():
        if not read_incoming(der).items[0].problem:
            assert describe(der, NOW).groups, what
            assert differences(compare(ODD["eighty names"], der, NOW)) or what == "eighty names"


def test_a_good_certificate_is_read_beside_each(root: Made) -> None:
    for what, der in ODD.items():
        found = read_certificates(root.pem + _armour(der))
        assert found[0].der == root.der, what
        assert found[1].der or found[1].problem, what


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_extension_that_cannot_be_read_makes_no_certificate(what: str, root: Made) -> None:
    extension = UNREADABLE[what]
    basic = extension[0].oid.dotted_string != "2.5.29.19"
    with pytest.raises(Malformed, match="extension of the certificate cannot be read"):
        facts(leaf("Torn", root, extra=(extension,), basic=basic).der)


def test_a_request_for_one_is_refused(fresh: PkiBench) -> None:
    authority = make_authority(fresh)
    request = make_request(None, name("Asking"), UNKNOWN_FEATURE)
    der = x509.load_pem_x509_csr(request).public_bytes(Encoding.DER)
    with pytest.raises(Malformed, match="damaged"):
        read_request(der)
    assert "damaged" in read_incoming(request).items[0].problem
    assert _code(lambda: fresh.shelf.import_document(Document=der)) == "MalformedDocumentException"
    assert _code(lambda: order(fresh, authority, request)) == "MalformedCSRException"
    custom = [{"ObjectIdentifier": "1.3.6.1.5.5.7.1.24", "Value": "MAMCASE="}]
    passed = {"Extensions": {"CustomExtensions": custom}}
    template = "template/BlankEndEntityCertificate_APIPassthrough"
    refused = _code(lambda: order(fresh, authority, None, template, ApiPassthrough=passed))
    assert refused == "InvalidArgsException"


def test_a_bundle_is_imported_around_one(fresh: PkiBench, root: Made) -> None:
    found = fresh.shelf.import_certificates(Data=root.pem + _armour(ODD[FEATURE]))["Results"]
    assert [one["Outcome"] for one in found] == ["ADDED", "UNREADABLE"]


def test_the_check_has_a_verdict_on_each(fresh: PkiBench) -> None:
    for what, der in ODD.items():
        for one in fresh.shelf.import_certificates(Data=_armour(der))["Results"]:
            if one["Outcome"] != "UNREADABLE":
                found = fresh.shelf.check_certificate(CertificateId=one["Id"], Lint=False)
                assert found["Verdict"] in {"CLEAR", "OVERRIDABLE"}, what


def _code(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def _armour(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"
