"""What requests, lists and answers say, in words."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import Chain, new_key
from tests.fakes.incoming import answer, request, revocation_list
from workbench.pki.authority import serial_text
from workbench.pki.document_words import tell
from workbench.pki.documents import DocumentKind
from workbench.pki.extension_words import rows_of, title_of
from workbench.pki.parse import Malformed


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


def test_a_list_is_told_entry_by_entry(chain: Chain) -> None:
    told = tell(DocumentKind.LIST, revocation_list(chain.sub, chain.leaf))
    (entry,) = told.entries
    assert entry.serial == serial_text(chain.leaf.certificate.serial_number)
    rows = {row.label: row.value for row in told.groups[0].rows}
    assert rows["Issuer"] == "CN=Sub, O=Lab"
    assert rows["Revoked certificates"] == "1"


def test_what_belongs_to_lists_and_answers_is_called_by_name() -> None:
    point = x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier("http://a.example/part-3")],
        relative_name=None,
        only_contains_user_certs=True,
        only_contains_ca_certs=False,
        only_some_reasons=frozenset({x509.ReasonFlags.key_compromise}),
        indirect_crl=True,
        only_contains_attribute_certs=False,
    )
    values = (x509.CRLNumber(7), x509.DeltaCRLIndicator(5), point, x509.OCSPNonce(b"n"))
    found = [x509.Extension(value.oid, True, value) for value in values]
    told = {title_of(one): rows_of(one) for one in found}
    assert told == {
        "CRL number": [("Number", "7")],
        "Delta CRL indicator": [("Changes since list", "5")],
        "Issuing distribution point": [
            ("URI", "http://a.example/part-3"),
            ("Speaks only of", "end-entity certificates"),
            ("Speaks only of reasons", "keyCompromise"),
            ("Certificates of other issuers", "may be listed"),
        ],
        "OCSP nonce": [("Nonce", "6E")],
    }


@pytest.mark.parametrize(("revoked", "status"), [(True, "revoked"), (False, "good")])
def test_an_answer_is_told(chain: Chain, revoked: bool, status: str) -> None:  # noqa: FBT001
    told = tell(DocumentKind.ANSWER, answer(chain.leaf, chain.sub, revoked=revoked))
    rows = {row.label: row.value for row in told.groups[0].rows}
    assert rows["Status"] == status
    assert ("Revoked since" in rows) is revoked
    assert rows["Serial number"] == serial_text(chain.leaf.certificate.serial_number)


def test_a_request_is_told() -> None:
    told = tell(DocumentKind.REQUEST, request(new_key("P-256")).public_bytes(Encoding.DER))
    assert [row.value for row in told.groups[0].rows][1] == "EC P-256"
    assert not told.entries


@pytest.mark.parametrize("kind", DocumentKind)
def test_what_is_of_another_kind_is_refused(kind: DocumentKind, chain: Chain) -> None:
    with pytest.raises(Malformed):
        tell(kind, chain.leaf.der)
