"""CAs beyond AWS: chosen keys, Ed25519, renewal, a change of key, cross-signing, their past."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from tests.fakes.certificates import make, name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
from workbench.api.calls import Caller

GOOD = "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"
SAN = (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)


def own(bench: PkiBench, arn: str) -> x509.Certificate:
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def loaded(answer: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def configuration(algorithm: str, common_name: str = "Chosen") -> dict[str, Any]:
    return {"KeyAlgorithm": algorithm, "Subject": {"CommonName": common_name}}


def wanted(algorithm: str, kind: str = "ROOT", **more: Any) -> dict[str, Any]:
    return {
        "CertificateAuthorityConfiguration": configuration(algorithm),
        "CertificateAuthorityType": kind,
        **more,
    }


def certify(bench: PkiBench, arn: str) -> None:
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    made = bench.shelf.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr.encode(),
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 3650},
    )
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=made["Certificate"].encode()
    )


def subordinate(bench: PkiBench, root: str) -> str:
    arn = str(
        bench.pca.create_certificate_authority(
            CertificateAuthorityType="SUBORDINATE",
            CertificateAuthorityConfiguration={
                **configuration("EC_prime256v1", "Sub"),
                "SigningAlgorithm": "SHA256WITHECDSA",
            },
        )["CertificateAuthorityArn"]
    )
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    issued = order(bench, root, csr.encode(), "template/SubordinateCACertificate_PathLen0")
    answer = bench.pca.get_certificate(CertificateAuthorityArn=root, CertificateArn=issued)
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn,
        Certificate=answer["Certificate"].encode(),
        CertificateChain=answer["CertificateChain"].encode(),
    )
    return arn


def key(bench: PkiBench, spec: str, usage: str = "SIGN_VERIFY") -> dict[str, Any]:
    made = bench.kms.create_key(KeySpec=spec, KeyUsage=usage)
    return dict(made["KeyMetadata"])


def test_a_key_of_the_vault_signs_for_the_ca(fresh: PkiBench) -> None:
    chosen = key(fresh, "ML_DSA_65")
    answer = fresh.shelf.create_certificate_authority_with_key(
        **wanted("ML_DSA_65", KeyId=chosen["KeyId"])
    )
    arn = answer["CertificateAuthorityArn"]
    assert answer["KeyArn"] == chosen["Arn"]
    certify(fresh, arn)
    public = fresh.kms.get_public_key(KeyId=chosen["KeyId"])["PublicKey"]
    spki = x509.load_pem_x509_certificate(
        fresh.pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)[
            "Certificate"
        ].encode()
    ).public_key()
    assert spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == public


def test_a_chosen_key_outlives_its_ca(fresh: PkiBench) -> None:
    chosen = key(fresh, "ECC_NIST_P256")["KeyId"]
    made = fresh.shelf.create_certificate_authority_with_key(
        **wanted("EC_prime256v1", KeyId=chosen)
    )
    of_ca = {"CertificateAuthorityArn": made["CertificateAuthorityArn"]}
    fresh.pca.delete_certificate_authority(**of_ca)
    assert fresh.kms.describe_key(KeyId=chosen)["KeyMetadata"]["KeyState"] == "Enabled"
    fresh.pca.restore_certificate_authority(**of_ca)
    described = fresh.pca.describe_certificate_authority(**of_ca)["CertificateAuthority"]
    assert described["Status"] == "PENDING_CERTIFICATE"


@pytest.mark.parametrize(
    ("spec", "usage", "algorithm"),
    [
        ("RSA_2048", "ENCRYPT_DECRYPT", "RSA_2048"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "RSA_2048"),
        ("ECC_SECG_P256K1", "SIGN_VERIFY", "EC_prime256v1"),
        ("ECC_NIST_P384", "SIGN_VERIFY", "EC_prime256v1"),
    ],
)
def test_keys_that_cannot_be_a_cas(bench: PkiBench, spec: str, usage: str, algorithm: str) -> None:
    unfit = key(bench, spec, usage)["KeyId"]
    asked = wanted(algorithm, KeyId=unfit)
    refusal = refused(lambda: bench.shelf.create_certificate_authority_with_key(**asked))
    assert refusal == "InvalidArgsException"


def test_a_disabled_or_missing_key(bench: PkiBench) -> None:
    disabled = key(bench, "ECC_NIST_P256")["KeyId"]
    bench.kms.disable_key(KeyId=disabled)
    create = bench.shelf.create_certificate_authority_with_key
    asked = wanted("EC_prime256v1", KeyId=disabled)
    assert refused(lambda: create(**asked)) == "InvalidArgsException"
    asked["KeyId"] = "alias/nothing"
    assert refused(lambda: create(**asked)) == "RequestFailedException"
    assert refused(lambda: create(**wanted("SM2"))) == "InvalidArgsException"


def test_one_key_one_ca_unless_allowed(bench: PkiBench) -> None:
    chosen = key(bench, "ECC_NIST_P256")["KeyId"]
    create = bench.shelf.create_certificate_authority_with_key
    asked = wanted("EC_prime256v1", KeyId=chosen)
    first = create(**asked)["CertificateAuthorityArn"]
    assert refused(lambda: create(**asked)) == "KeyInUseException"
    assert create(**asked, AllowSharedKey=True)["CertificateAuthorityArn"] != first


def test_the_caller_needs_the_right_to_use_the_key(fresh: PkiBench) -> None:
    """The client that looks at and uses a chosen key is the caller's, not the service's."""
    asked: list[Caller] = []
    finder = fresh.service._finder

    def kms_as(caller: Caller) -> Any:
        asked.append(caller)
        return fresh.kms

    finder.kms_as = kms_as
    chosen = key(fresh, "ECC_NIST_P256")["KeyId"]
    fresh.shelf.create_certificate_authority_with_key(**wanted("EC_prime256v1", KeyId=chosen))
    assert asked == [Caller.owner(fresh.place)]


def test_ed25519_signs_certificates_requests_lists_and_answers(fresh: PkiBench) -> None:
    both = {
        "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"},
        "OcspConfiguration": {"Enabled": True},
    }
    made = fresh.shelf.create_certificate_authority_with_key(
        **wanted("ED25519", RevocationConfiguration=both)
    )
    arn = made["CertificateAuthorityArn"]
    certify(fresh, arn)
    root = own(fresh, arn)
    assert root.signature_algorithm_oid.dotted_string == "1.3.101.112"
    issued = fresh.shelf.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=make_request(new_key("Ed25519"), name("Leaf"), SAN),
        TemplateArn=GOOD,
        Validity={"Type": "DAYS", "Value": 30},
    )
    leaf = loaded(issued)
    leaf.verify_directly_issued_by(root)
    document = fresh.shelf.get_revocation_list(CertificateAuthorityArn=arn)["Document"]
    crl = x509.load_der_x509_crl(document)
    assert crl.is_signature_valid(root.public_key())  # type: ignore[arg-type]
    question = ocsp.OCSPRequestBuilder().add_certificate(leaf, root, SHA1()).build()
    answer = ocsp.load_der_ocsp_response(
        fresh.service.respond(question.public_bytes(Encoding.DER), fresh.clock.now())
    )
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    described = fresh.pca.describe_certificate_authority(CertificateAuthorityArn=arn)
    kept = described["CertificateAuthority"]["CertificateAuthorityConfiguration"]
    assert kept["KeyAlgorithm"] == "ED25519"


def test_a_root_is_renewed_with_its_key_and_those_below_follow(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    below = subordinate(fresh, root)
    before, leaf = own(fresh, root), order(fresh, root, make_request())
    fresh.clock.travel(timedelta(days=1000))
    answer = fresh.shelf.renew_certificate_authority(CertificateAuthorityArn=root)
    after = own(fresh, root)
    assert loaded(answer) == after
    assert after != before
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert (after.subject, after.public_key()) == (before.subject, before.public_key())
    assert list(after.extensions) == list(before.extensions)
    fetch(fresh, leaf).verify_directly_issued_by(after)
    assert answer["ChainsUpdated"] == [below]
    chain = fresh.pca.get_certificate_authority_certificate(CertificateAuthorityArn=below)
    assert x509.load_pem_x509_certificate(chain["CertificateChain"].encode()) == after
    past = fresh.shelf.list_authority_certificates(CertificateAuthorityArn=root)["Certificates"]
    assert [one["Role"] for one in past] == ["CURRENT", "FORMER"]
    assert past[1]["Id"] == answer["FormerId"] == before.fingerprint(SHA256()).hex()


def test_an_expired_root_lives_on(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    fresh.clock.travel(timedelta(days=4000))
    of_root = {"CertificateAuthorityArn": root}
    described = fresh.pca.describe_certificate_authority(**of_root)["CertificateAuthority"]
    assert described["Status"] == "EXPIRED"
    fresh.shelf.renew_certificate_authority(**of_root, Lint=False)
    described = fresh.pca.describe_certificate_authority(**of_root)["CertificateAuthority"]
    assert described["Status"] == "ACTIVE"


def test_a_subordinate_is_renewed_by_its_issuer_or_another(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    below = subordinate(fresh, root)
    before = own(fresh, below)
    fresh.clock.travel(timedelta(days=10))
    fresh.shelf.renew_certificate_authority(CertificateAuthorityArn=below)
    after = own(fresh, below)
    assert list(after.extensions) == list(before.extensions)
    after.verify_directly_issued_by(own(fresh, root))
    subject = {"Subject": {"CommonName": "Other", "Country": "DE"}}
    other = make_authority(fresh, CertificateAuthorityConfiguration=subject)
    moved = fresh.shelf.renew_certificate_authority(CertificateAuthorityArn=below, IssuerArn=other)
    loaded(moved).verify_directly_issued_by(own(fresh, other))
    assert loaded(moved) == own(fresh, below)


def test_what_cannot_be_renewed_here(fresh: PkiBench) -> None:
    renew = fresh.shelf.renew_certificate_authority
    pending = fresh.shelf.create_certificate_authority_with_key(**wanted("EC_prime256v1"))
    waiting = {"CertificateAuthorityArn": pending["CertificateAuthorityArn"]}
    assert refused(lambda: renew(**waiting)) == "InvalidStateException"
    root = make_authority(fresh)
    signed = {"CertificateAuthorityArn": root, "IssuerArn": root}
    assert refused(lambda: renew(**signed)) == "InvalidRequestException"
    below = subordinate(fresh, root)
    fresh.pca.update_certificate_authority(CertificateAuthorityArn=root, Status="DISABLED")
    orphan = {"CertificateAuthorityArn": below}
    assert refused(lambda: renew(**orphan)) == "InvalidRequestException"
    assert refused(lambda: renew(CertificateAuthorityArn=root)) == "InvalidStateException"


def test_a_root_gets_another_key_and_links(fresh: PkiBench) -> None:
    old = make_authority(fresh)
    answer = fresh.shelf.rekey_certificate_authority(
        CertificateAuthorityArn=old, KeyAlgorithm="ML_DSA_65"
    )
    new = answer["CertificateAuthorityArn"]
    former, present = own(fresh, old), own(fresh, new)
    assert former.subject == present.subject
    assert present.public_key_algorithm_oid.dotted_string == "2.16.840.1.101.3.4.3.18"
    links = {one["Kind"]: loaded(one) for one in answer["Links"]}
    links["NEW_WITH_OLD"].verify_directly_issued_by(former)
    links["OLD_WITH_NEW"].verify_directly_issued_by(present)
    assert links["NEW_WITH_OLD"].public_key() == present.public_key()
    assert links["OLD_WITH_NEW"].public_key() == former.public_key()
    past = fresh.shelf.list_authority_certificates(CertificateAuthorityArn=new)["Certificates"]
    assert [one["Role"] for one in past] == ["CURRENT", "CROSS_SIGNED"]
    chain = fresh.pca.get_certificate(
        CertificateAuthorityArn=old,
        CertificateArn=next(
            one["CertificateArn"] for one in answer["Links"] if one["Kind"] == "NEW_WITH_OLD"
        ),
    )["CertificateChain"]
    assert x509.load_pem_x509_certificate(chain.encode()) == former


def test_a_subordinate_gets_another_key(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    below = subordinate(fresh, root)
    answer = fresh.shelf.rekey_certificate_authority(CertificateAuthorityArn=below)
    present = own(fresh, answer["CertificateAuthorityArn"])
    present.verify_directly_issued_by(own(fresh, root))
    assert (present.subject, answer["Links"]) == (own(fresh, below).subject, [])
    linked = {"CertificateAuthorityArn": below, "LinkCertificates": True}
    refusal = refused(lambda: fresh.shelf.rekey_certificate_authority(**linked))
    assert refusal == "InvalidRequestException"
    taken = fresh.kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    unfit = {"CertificateAuthorityArn": below, "KeyId": taken["KeyId"]}
    refusal = refused(lambda: fresh.shelf.rekey_certificate_authority(**unfit))
    assert refusal == "InvalidArgsException"


def test_a_ca_is_cross_signed_by_another_of_the_vault(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    below = subordinate(fresh, root)
    subject = {"Subject": {"CommonName": "Other", "Country": "DE"}}
    other = make_authority(fresh, CertificateAuthorityConfiguration=subject)
    answer = fresh.shelf.cross_sign_certificate_authority(
        IssuerArn=other, CertificateAuthorityArn=below
    )
    cross, direct = loaded(answer), own(fresh, below)
    cross.verify_directly_issued_by(own(fresh, other))
    assert (cross.subject, cross.public_key()) == (direct.subject, direct.public_key())
    assert _ski(cross) == _ski(direct)
    assert cross.not_valid_after_utc == direct.not_valid_after_utc
    leaf = fetch(fresh, order(fresh, below, make_request(), Validity={"Type": "DAYS", "Value": 5}))
    leaf.verify_directly_issued_by(cross)
    past = fresh.shelf.list_authority_certificates(CertificateAuthorityArn=below)["Certificates"]
    assert {one["Role"] for one in past} == {"CURRENT", "CROSS_SIGNED"}


def test_an_outside_ca_is_cross_signed_with_constraints(fresh: PkiBench) -> None:
    root, outside = make_authority(fresh), make("Outside", path=3)
    names = x509.NameConstraints([x509.DNSName("b.example")], None)
    constraint = {
        "ObjectIdentifier": names.oid.dotted_string,
        "Critical": True,
        "Value": names.public_bytes(),
    }
    end = int(fresh.clock.now().timestamp()) + 86400
    cross = loaded(
        fresh.shelf.cross_sign_certificate_authority(
            IssuerArn=root,
            Certificate=outside.pem,
            PathLength=0,
            Extensions=[constraint],
            Validity={"Type": "ABSOLUTE", "Value": end},
            Lint=False,
        )
    )
    basic = cross.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert basic.path_length == 0
    found = cross.extensions.get_extension_for_class(x509.NameConstraints)
    assert (found.critical, found.value) == (True, names)
    assert _ski(cross) == outside.ski


def test_what_is_not_cross_signed(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    cross = fresh.shelf.cross_sign_certificate_authority
    leaf = fetch(fresh, order(fresh, root, make_request())).public_bytes(Encoding.PEM)
    own_key = {"IssuerArn": root, "CertificateAuthorityArn": root}
    assert refused(lambda: cross(**own_key)) == "InvalidRequestException"
    assert refused(lambda: cross(IssuerArn=root)) == "InvalidRequestException"
    no_ca = refused(lambda: cross(IssuerArn=root, Certificate=leaf))
    assert no_ca == "InvalidRequestException"
    unread = refused(lambda: cross(IssuerArn=root, Certificate=b"nothing"))
    assert unread == "MalformedCertificateException"
    below = subordinate(fresh, root)
    deep = {"IssuerArn": below, "Certificate": make("Outside").pem}
    assert refused(lambda: cross(**deep)) == "ValidationException"


def _ski(certificate: x509.Certificate) -> bytes:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
