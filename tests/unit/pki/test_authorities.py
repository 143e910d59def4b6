"""The life of certificate authorities through the door."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import make_request, order, refused
from workbench.pki.algorithms import KEY_SPEC_OF, SIGNING_OF
from workbench.pki.clients import error_code

ROOT_TEMPLATE = "arn:aws:acm-pca:::template/RootCACertificate/V1"


def create(bench: PkiBench, name: str = "CA", kind: str = "ROOT", **more: Any) -> str:
    configuration = {
        "KeyAlgorithm": more.pop("key", "EC_prime256v1"),
        "SigningAlgorithm": more.pop("signing", "SHA256WITHECDSA"),
        "Subject": {"CommonName": name, "Organization": "Lab"},
    }
    arn: str = bench.pca.create_certificate_authority(
        CertificateAuthorityType=kind, CertificateAuthorityConfiguration=configuration, **more
    )["CertificateAuthorityArn"]
    return arn


def status(bench: PkiBench, arn: str) -> str:
    return str(describe(bench, arn)["Status"])


def describe(bench: PkiBench, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = bench.pca.describe_certificate_authority(CertificateAuthorityArn=arn)[
        "CertificateAuthority"
    ]
    return found


def activate(bench: PkiBench, arn: str, days: int = 100) -> None:
    """Give a root its own certificate."""
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    algorithm = describe(bench, arn)["CertificateAuthorityConfiguration"]["SigningAlgorithm"]
    issued = bench.pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr.encode(),
        SigningAlgorithm=algorithm,
        TemplateArn=ROOT_TEMPLATE,
        Validity={"Type": "DAYS", "Value": days},
    )["CertificateArn"]
    pem = bench.pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
    assert "CertificateChain" not in pem
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=pem["Certificate"].encode()
    )


@pytest.mark.parametrize("algorithm", [name for name in KEY_SPEC_OF if name != "RSA_4096"])
def test_every_key_algorithm_makes_a_kms_key_and_a_signed_csr(
    bench: PkiBench, algorithm: str
) -> None:
    for signing in SIGNING_OF[algorithm]:
        arn = create(bench, key=algorithm, signing=signing)
        made = describe(bench, arn)
        assert made["Status"] == "PENDING_CERTIFICATE"
        assert made["CertificateAuthorityConfiguration"]["KeyAlgorithm"] == algorithm
        assert made["OwnerAccount"] == bench.place.account
        assert "KeyStorageSecurityStandard" not in made
        csr = x509.load_pem_x509_csr(
            bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
        )
        assert csr.is_signature_valid
        assert csr.subject.rfc4514_string() == "CN=CA,O=Lab"
        activate(bench, arn)
        assert status(bench, arn) == "ACTIVE"


@pytest.mark.parametrize(
    ("key", "signing"),
    [
        ("EC_prime256v1", "SHA384WITHECDSA"),
        ("EC_prime256v1", "SHA256WITHRSA"),
        ("ML_DSA_65", "ML_DSA_87"),
        ("RSA_2048", "SHA256WITHECDSA"),
        ("SM2", "SM3WITHSM2"),
    ],
)
def test_algorithms_that_do_not_fit(bench: PkiBench, key: str, signing: str) -> None:
    with pytest.raises(ClientError) as caught:
        create(bench, key=key, signing=signing)
    assert error_code(caught.value) == "InvalidArgsException"


@pytest.mark.parametrize(
    "more",
    [
        {"KeyStorageSecurityStandard": "FIPS_140_2_LEVEL_3_OR_HIGHER"},
        {"RevocationConfiguration": {"CrlConfiguration": {"Enabled": True}}},
        {"Tags": [{"Key": "aws:x", "Value": "y"}]},
    ],
)
def test_what_is_not_offered_is_refused(bench: PkiBench, more: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        create(bench, **more)
    assert error_code(caught.value) in {"InvalidArgsException", "InvalidTagException"}


def test_an_empty_subject_is_refused(bench: PkiBench) -> None:
    with pytest.raises(ClientError, match="subject"):
        bench.pca.create_certificate_authority(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {},
            },
        )


def test_idempotency(fresh: PkiBench) -> None:
    first = create(fresh, IdempotencyToken="t")
    assert create(fresh, IdempotencyToken="t") == first
    assert len(fresh.pca.list_certificate_authorities()["CertificateAuthorities"]) == 1
    with pytest.raises(ClientError, match="another request"):
        create(fresh, name="Other", IdempotencyToken="t")
    fresh.clock.travel(timedelta(minutes=6))
    assert create(fresh, IdempotencyToken="t") != first


def test_a_refused_creation_leaves_no_key(fresh: PkiBench) -> None:
    before = fresh.kms.list_keys()["Keys"]
    with pytest.raises(ClientError):
        create(fresh, key="ML_DSA_65", signing="SHA256WITHECDSA")
    assert fresh.kms.list_keys()["Keys"] == before


def test_the_life_of_a_root(fresh: PkiBench) -> None:
    arn = create(fresh)
    key = fresh.kms.list_keys()["Keys"][0]["KeyId"]
    with pytest.raises(ClientError) as caught:
        fresh.pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    assert error_code(caught.value) == "InvalidStateException"
    activate(fresh, arn)
    made = describe(fresh, arn)
    assert made["NotAfter"] - made["NotBefore"] == timedelta(days=100, hours=1)
    assert made["Serial"]
    with pytest.raises(ClientError, match="disable it"):
        fresh.pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    fresh.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    assert status(fresh, arn) == "DISABLED"
    fresh.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="ACTIVE")
    with pytest.raises(ClientError, match="ACTIVE or DISABLED"):
        fresh.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="EXPIRED")
    fresh.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    fresh.pca.delete_certificate_authority(
        CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7
    )
    assert status(fresh, arn) == "DELETED"
    assert fresh.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    for operation in ("delete_certificate_authority", "get_certificate_authority_csr"):
        with pytest.raises(ClientError) as caught:
            getattr(fresh.pca, operation)(CertificateAuthorityArn=arn)
        assert error_code(caught.value) == "InvalidStateException"
    fresh.pca.restore_certificate_authority(CertificateAuthorityArn=arn)
    assert status(fresh, arn) == "DISABLED"
    assert fresh.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    with pytest.raises(ClientError, match="only a deleted one"):
        fresh.pca.restore_certificate_authority(CertificateAuthorityArn=arn)


def test_after_the_window_a_deleted_one_is_gone(fresh: PkiBench) -> None:
    arn = create(fresh)
    fresh.pca.delete_certificate_authority(
        CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7
    )
    fresh.clock.travel(timedelta(days=6, hours=23))
    assert status(fresh, arn) == "DELETED"
    fresh.clock.travel(timedelta(hours=2))
    with pytest.raises(ClientError) as caught:
        status(fresh, arn)
    assert error_code(caught.value) == "ResourceNotFoundException"
    assert fresh.pca.list_certificate_authorities()["CertificateAuthorities"] == []


def test_it_expires_with_its_certificate(fresh: PkiBench) -> None:
    arn = create(fresh)
    activate(fresh, arn, days=2)
    fresh.clock.travel(timedelta(days=3))
    assert status(fresh, arn) == "EXPIRED"
    activate(fresh, arn, days=20)
    assert status(fresh, arn) == "ACTIVE"


def test_listing_pages(fresh: PkiBench) -> None:
    made = {create(fresh, name=f"CA {number}") for number in range(5)}
    found: list[str] = []
    for page in fresh.pca.get_paginator("list_certificate_authorities").paginate(
        PaginationConfig={"PageSize": 2}
    ):
        assert len(page["CertificateAuthorities"]) <= 2
        found += [one["Arn"] for one in page["CertificateAuthorities"]]
    assert len(found) == 5
    assert set(found) == made
    assert (
        fresh.pca.list_certificate_authorities(ResourceOwner="OTHER_ACCOUNTS")[
            "CertificateAuthorities"
        ]
        == []
    )
    with pytest.raises(ClientError) as caught:
        fresh.pca.list_certificate_authorities(NextToken="\u00e9")
    assert error_code(caught.value) == "InvalidNextTokenException"


def test_tags(bench: PkiBench) -> None:
    arn = create(bench, Tags=[{"Key": "a", "Value": "1"}])
    bench.pca.tag_certificate_authority(
        CertificateAuthorityArn=arn,
        Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}, {"Key": "c"}],
    )
    bench.pca.untag_certificate_authority(
        CertificateAuthorityArn=arn, Tags=[{"Key": "b", "Value": "other"}, {"Key": "c"}]
    )
    first = bench.pca.list_tags(CertificateAuthorityArn=arn, MaxResults=1)
    assert first["Tags"] == [{"Key": "a", "Value": "2"}]
    second = bench.pca.list_tags(CertificateAuthorityArn=arn, NextToken=first["NextToken"])
    assert second["Tags"] == [{"Key": "b", "Value": "3"}]
    many = [{"Key": f"k{n}", "Value": ""} for n in range(49)]
    with pytest.raises(ClientError) as caught:
        bench.pca.tag_certificate_authority(CertificateAuthorityArn=arn, Tags=many)
    assert error_code(caught.value) == "TooManyTagsException"


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (
            "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/short",
            "InvalidArnException",
        ),
        (
            "arn:aws:acm-pca:us-west-2:999999999999:certificate-authority/"
            "00000000-0000-0000-0000-000000000000",
            "InvalidArnException",
        ),
        (
            "arn:aws:acm-pca:us-west-2:111122223333:certificate-authority/"
            "00000000-0000-0000-0000-000000000000",
            "ResourceNotFoundException",
        ),
    ],
)
def test_arns_that_name_nothing(bench: PkiBench, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        describe(bench, arn)
    assert error_code(caught.value) == code


def test_a_disabled_key_is_said(bench: PkiBench) -> None:
    arn = create(bench)
    described = [
        bench.kms.describe_key(KeyId=k["KeyId"])["KeyMetadata"]
        for k in bench.kms.list_keys(Limit=1000)["Keys"]
    ]
    key = next(one["KeyId"] for one in described if arn in one["Description"])
    bench.kms.disable_key(KeyId=key)
    with pytest.raises(ClientError) as caught:
        activate(bench, arn)
    assert error_code(caught.value) == "RequestFailedException"
    assert "DisabledException" in str(caught.value)


def test_a_ca_can_be_in_creation_for_a_while(tmp_path: Path) -> None:
    bench = make_pki_bench(tmp_path / "vault", delay=timedelta(minutes=5))
    try:
        arn = create(bench)
        assert status(bench, arn) == "CREATING"

        def csr() -> dict[str, Any]:
            found: dict[str, Any] = bench.pca.get_certificate_authority_csr(
                CertificateAuthorityArn=arn
            )
            return found

        assert refused(csr) == "RequestInProgressException"  # what AWS's waiter waits out
        assert refused(lambda: order(bench, arn, make_request())) == "InvalidStateException"
        (listed,) = bench.pca.list_certificate_authorities()["CertificateAuthorities"]
        assert listed["Status"] == "CREATING"
        bench.pca.delete_certificate_authority(CertificateAuthorityArn=arn)
        bench.pca.restore_certificate_authority(CertificateAuthorityArn=arn)
        assert status(bench, arn) == "CREATING"
        bench.clock.travel(timedelta(minutes=6))
        assert status(bench, arn) == "PENDING_CERTIFICATE"
        activate(bench, arn)
        assert status(bench, arn) == "ACTIVE"
        made = bench.shelf.create_certificate_authority_with_key(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "ED25519",
                "Subject": {"CommonName": "At once"},
            },
        )
        assert status(bench, made["CertificateAuthorityArn"]) == "PENDING_CERTIFICATE"
    finally:
        bench.close()
