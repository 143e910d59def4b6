"""OCSP answers, and lists and answers by HTTP request."""

import base64
import urllib.parse
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.fakes.certificates import make
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, order
from workbench.pki.serving import CRL_TYPE, OCSP_TYPE, TEXT_TYPE

OCSP = {
    "OcspConfiguration": {"Enabled": True},
    "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"},
}
Status = ocsp.OCSPResponseStatus
CertStatus = ocsp.OCSPCertStatus


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench, RevocationConfiguration=OCSP)


def issuer_of(bench: PkiBench, root: str) -> x509.Certificate:
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def question(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    nonce: bytes | None = None,
    digest: hashes.HashAlgorithm | None = None,
) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        certificate, issuer, digest or hashes.SHA256()
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def ask(bench: PkiBench, request: bytes) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(bench.service.respond(request, bench.clock.now()))


@pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256(), hashes.SHA384()])
def test_good_revoked_and_unknown(bench: PkiBench, root: str, digest: hashes.HashAlgorithm) -> None:
    issuer = issuer_of(bench, root)
    arn = order(bench, root)
    certificate = fetch(bench, arn)
    answer = ask(bench, question(certificate, issuer, digest=digest))
    assert answer.response_status is Status.SUCCESSFUL
    assert answer.certificate_status is CertStatus.GOOD
    assert answer.serial_number == certificate.serial_number
    assert answer.next_update_utc is not None
    assert answer.next_update_utc - answer.this_update_utc == timedelta(hours=1)
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=root,
        CertificateSerial=arn.rpartition("/")[2],
        RevocationReason="KEY_COMPROMISE",
    )
    answer = ask(bench, question(certificate, issuer, digest=digest))
    assert answer.certificate_status is CertStatus.REVOKED
    assert answer.revocation_reason is x509.ReasonFlags.key_compromise
    assert answer.revocation_time_utc is not None
    stranger = make("Stranger", issuer_name=issuer.subject).certificate
    answer = ask(bench, question(stranger, issuer, digest=digest))
    assert answer.certificate_status is CertStatus.UNKNOWN


def test_the_responder_is_delegated(bench: PkiBench, root: str) -> None:
    issuer = issuer_of(bench, root)
    answer = ask(bench, question(fetch(bench, order(bench, root)), issuer, nonce=b"n" * 32))
    (signer,) = answer.certificates
    signer.verify_directly_issued_by(issuer)
    assert signer.public_key() != issuer.public_key()
    purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    kinds = [type(extension.value) for extension in signer.extensions]
    assert x509.OCSPNoCheck in kinds
    assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32
    plain = ask(bench, question(fetch(bench, order(bench, root)), issuer))
    assert list(plain.extensions) == []


def test_who_is_not_ours_is_not_answered(bench: PkiBench, root: str) -> None:
    other = make("Other")
    leaf = make("Leaf", other, ca=False)
    answer = ask(bench, question(leaf.certificate, other.certificate))
    assert answer.response_status is Status.UNAUTHORIZED
    silent = make_authority(bench)
    certificate = fetch(bench, order(bench, silent))
    answer = ask(bench, question(certificate, issuer_of(bench, silent)))
    assert answer.response_status is Status.UNAUTHORIZED


@pytest.mark.parametrize("request_", [b"", b"0", b"\x30\x03\x02\x01\x00", b"\x00" * 40_000])
def test_malformed_questions(bench: PkiBench, root: str, request_: bytes) -> None:
    assert ask(bench, request_).response_status is Status.MALFORMED_REQUEST


def test_every_flipped_byte_is_answered(bench: PkiBench, root: str) -> None:
    good = question(fetch(bench, order(bench, root)), issuer_of(bench, root), nonce=b"n" * 16)
    for at in range(len(good)):
        changed = bytearray(good)
        changed[at] ^= 0x41
        answer = ask(bench, bytes(changed))
        if answer.response_status is Status.SUCCESSFUL:
            assert answer.certificate_status in {CertStatus.GOOD, CertStatus.UNKNOWN}


def test_a_nonce_of_any_length_but_a_long_one(bench: PkiBench, root: str) -> None:
    issuer = issuer_of(bench, root)
    certificate = fetch(bench, order(bench, root))
    fine = ask(bench, question(certificate, issuer, nonce=b"n" * 128))
    assert fine.response_status is Status.SUCCESSFUL
    long = ask(bench, question(certificate, issuer, nonce=b"n" * 129))
    assert long.response_status is Status.MALFORMED_REQUEST


def test_the_responders_certificate_is_renewed_in_time(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration={"OcspConfiguration": {"Enabled": True}})
    issuer = issuer_of(fresh, root)
    asked = question(fetch(fresh, order(fresh, root)), issuer)
    (first,) = ask(fresh, asked).certificates
    fresh.clock.travel(timedelta(days=55))
    assert fresh.service.run_due(fresh.clock.now()) == 0
    fresh.clock.travel(timedelta(days=10))
    assert fresh.service.run_due(fresh.clock.now()) == 1
    (second,) = ask(fresh, asked).certificates
    assert second.serial_number != first.serial_number
    assert second.public_key() == first.public_key()


def test_a_disabled_responder_key_is_an_internal_error(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration={"OcspConfiguration": {"Enabled": True}})
    asked = question(fetch(fresh, order(fresh, root)), issuer_of(fresh, root))
    for entry in fresh.kms.list_keys()["Keys"]:
        described = fresh.kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
        if "OCSP" in described["Description"]:
            fresh.kms.disable_key(KeyId=entry["KeyId"])
    assert ask(fresh, asked).response_status is Status.INTERNAL_ERROR


def test_addresses_of_the_responder(bench: PkiBench, root: str) -> None:
    named = make_authority(
        bench,
        RevocationConfiguration={
            "OcspConfiguration": {"Enabled": True, "OcspCustomCname": "ocsp.example"}
        },
    )
    for arn, url in (
        (root, f"http://127.0.0.1:8099/ocsp/{root.rpartition('/')[2]}"),
        (named, "http://ocsp.example"),
    ):
        extensions = fetch(bench, order(bench, arn)).extensions
        access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
        assert [one.access_location.value for one in access] == [url]


def test_serving(bench: PkiBench, root: str) -> None:
    serving = bench.service.serving(bench.clock)
    name = root.rpartition("/")[2]
    status, kind, body = serving.handle("GET", f"/crl/{name}.crl")
    assert (status, kind) == (200, CRL_TYPE)
    assert x509.load_der_x509_crl(body).issuer == issuer_of(bench, root).subject
    assert serving.handle("PUT", f"/crl/{name}.crl")[0] == 405
    asked = question(fetch(bench, order(bench, root)), issuer_of(bench, root))
    encoded = urllib.parse.quote(base64.b64encode(asked), safe="")
    for method, path, sent in (
        ("POST", "/", asked),
        ("POST", "/ocsp", asked),
        ("POST", f"/ocsp/{name}", asked),
        ("GET", f"/{encoded}", b""),
        ("GET", f"/ocsp/{encoded}", b""),
        ("GET", f"/ocsp/{name}/{encoded}", b""),
    ):
        status, kind, body = serving.handle(method, path, sent)
        assert (status, kind) == (200, OCSP_TYPE)
        answer = ocsp.load_der_ocsp_response(body)
        assert answer.certificate_status is CertStatus.GOOD


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/nothing.here", 404),
        ("GET", "/word", 404),
        ("GET", "/crl/00000000-0000-0000-0000-000000000000.crl", 404),
        ("POST", "/crl/00000000-0000-0000-0000-000000000000.crl", 405),
        ("GET", "/crl/00000000-0000-0000-0000-000000000000/7.crl", 404),
        ("POST", "/ocsp/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "/crl/../../vault.db", 404),
        ("GET", "/%%%", 404),
        ("DELETE", "/ocsp", 404),
        ("GET", "/" + "A" * 100_000, 404),
    ],
)
def test_what_is_not_served(bench: PkiBench, method: str, path: str, status: int) -> None:
    assert bench.service.serving(bench.clock).handle(method, path)[:2] == (status, TEXT_TYPE)


def test_a_locked_vault_answers_try_later(fresh: PkiBench) -> None:
    root = make_authority(fresh, RevocationConfiguration=OCSP)
    asked = question(fetch(fresh, order(fresh, root)), issuer_of(fresh, root))
    serving = fresh.service.serving(fresh.clock)
    fresh.vault.lock()
    assert serving.handle("GET", f"/crl/{root.rpartition('/')[2]}.crl")[0] == 503
    status, _, body = serving.handle("POST", "/ocsp", asked)
    assert status == 200
    assert ocsp.load_der_ocsp_response(body).response_status is Status.TRY_LATER
