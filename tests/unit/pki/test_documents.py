"""Requests, revocation lists and OCSP answers: read, kept, and used as evidence."""

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import NOW, Chain, new_key
from tests.fakes.incoming import answer, request, revocation_list
from tests.fakes.pki import PkiBench
from workbench.pki.clients import error_code
from workbench.pki.document_shelf import DocumentStore, every_document, evidence
from workbench.pki.documents import Document, DocumentKind, read_document
from workbench.pki.parse import Malformed
from workbench.pki.validate import validate_chain


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


def test_each_kind_is_told_by_content(chain: Chain) -> None:
    wish = request(new_key("ML-DSA-44")).public_bytes(Encoding.DER)
    crl, said = revocation_list(chain.sub, chain.leaf), answer(chain.leaf, chain.sub)
    read = [read_document(der) for der in (wish, crl, said)]
    assert [one.kind for one in read] == list(DocumentKind)
    assert "Wisher" in read[0].title
    assert read[0].spki_hash
    assert read[0].detail == "ML-DSA-44"
    assert read[1].detail == "number 7, 1 revoked"
    assert read[2].detail == "good"
    assert not any(one.warning for one in read)
    assert read[1].ends is not None
    assert read[1].ends > NOW


def test_a_request_that_its_key_did_not_sign_is_said_to_be_so() -> None:
    der = bytearray(request(new_key("P-256")).public_bytes(Encoding.DER))
    der[der.index(b"Wisher")] ^= 1
    assert "does not verify" in read_document(bytes(der)).warning


@pytest.mark.parametrize("damage", [b"", b"0", b"\x30\x80", b"text", b"\x30\x03\x02\x01\x00"])
def test_what_is_none_of_them_is_refused(damage: bytes) -> None:
    with pytest.raises(Malformed, match="no certificate request"):
        read_document(damage)


def test_a_cut_one_is_refused(chain: Chain) -> None:
    for der in (revocation_list(chain.sub), answer(chain.leaf, chain.sub)):
        with pytest.raises(Malformed):
            read_document(der[:-1])


def test_the_collection_keeps_them_and_they_count_as_evidence(
    fresh: PkiBench, chain: Chain
) -> None:
    crl = revocation_list(chain.sub, chain.leaf)
    assert fresh.shelf.import_document(Document=crl)["Outcome"] == "ADDED"
    assert fresh.shelf.import_document(Document=crl)["Outcome"] == "KNOWN"
    wish = request(new_key("P-256")).public_bytes(Encoding.DER)
    fresh.shelf.import_document(Document=wish)
    kept = list(every_document(fresh.shelf, MaxResults=1))
    assert sorted(str(one["Kind"]) for one in kept) == ["CRL", "CSR"]
    assert [one["Kind"] for one in every_document(fresh.shelf, Kind="CSR")] == ["CSR"]
    found = evidence(fresh.shelf)
    assert found.lists == (crl,)

    def judged(*, with_evidence: bool) -> bool:
        return validate_chain(
            chain.leaf.der,
            [chain.sub.der],
            [chain.root.der],
            NOW,
            evidence=found if with_evidence else None,
        ).trusted

    assert judged(with_evidence=False)
    assert not judged(with_evidence=True)
    listed = next(one for one in kept if one["Kind"] == "CRL")
    fresh.shelf.delete_document(Id=listed["Id"])
    assert evidence(fresh.shelf).lists == ()
    with pytest.raises(ClientError) as caught:
        fresh.shelf.delete_document(Id=listed["Id"])
    assert error_code(caught.value) == "ResourceNotFoundException"


def test_an_unreadable_one_is_not_kept(fresh: PkiBench) -> None:
    with pytest.raises(ClientError) as caught:
        fresh.shelf.import_document(Document=b"\x30\x00")
    assert error_code(caught.value) == "MalformedDocumentException"
    assert list(every_document(fresh.shelf)) == []


def test_one_that_cannot_be_read_any_more_hides_no_other(fresh: PkiBench, chain: Chain) -> None:
    fresh.shelf.import_document(Document=revocation_list(chain.sub, chain.leaf))
    torn = Document(DocumentKind.ANSWER, b"\x30\x03\x0a\x01\x00", "", "")
    DocumentStore(fresh.vault).add(torn, NOW)
    found = {str(one["Kind"]): one for one in every_document(fresh.shelf)}
    assert "damaged" in found["OCSP"]["Warning"]
    assert "Warning" not in found["CRL"]
    fresh.shelf.delete_document(Id=torn.id)
    assert [one["Kind"] for one in every_document(fresh.shelf)] == ["CRL"]


def test_the_lists_of_the_vaults_own_cas_are_among_them(fresh: PkiBench) -> None:
    made = fresh.pca.create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Own Root"},
        },
        CertificateAuthorityType="ROOT",
        RevocationConfiguration={
            "CrlConfiguration": {
                "Enabled": True,
                "ExpirationInDays": 7,
                "S3BucketName": "lists",
            }
        },
    )["CertificateAuthorityArn"]
    csr = fresh.pca.get_certificate_authority_csr(CertificateAuthorityArn=made)["Csr"]
    issued = fresh.pca.issue_certificate(
        CertificateAuthorityArn=made,
        Csr=csr.encode(),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "YEARS", "Value": 5},
    )["CertificateArn"]
    pem = fresh.pca.get_certificate(CertificateAuthorityArn=made, CertificateArn=issued)
    fresh.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=made, Certificate=pem["Certificate"].encode()
    )
    lists = list(every_document(fresh.shelf, Kind="CRL"))
    assert [one["Source"] for one in lists] == ["AUTHORITY"]
    assert [one["CertificateAuthorityArn"] for one in lists] == [made]
    crl = x509.load_der_x509_crl(bytes(lists[0]["Document"]))
    assert crl.issuer.rfc4514_string() == "CN=Own Root"
