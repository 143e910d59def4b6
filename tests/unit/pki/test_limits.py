"""Quotas of certificate authorities: what is refused at them, and what counts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import make_authority, make_request, order, refused
from tests.unit.pki.test_authorities import create
from workbench.api.errors import AwsError
from workbench.pki.limits import Counter, Limits

LIMITS = Limits(
    authorities=2, certificates_per_authority=3, revoked_per_authority=1, tags_per_authority=2
)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path / "vault", limits=LIMITS)
    yield made
    made.close()


def message(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "LimitExceededException"
    return str(caught.value.response["Error"]["Message"])


def test_awss_own_numbers_are_the_default() -> None:
    limits = Limits()
    assert (limits.authorities, limits.tags_per_authority) == (200, 50)
    assert limits.certificates_per_authority == limits.revoked_per_authority == 1_000_000


def test_a_deleted_ca_counts_until_it_cannot_be_restored(small: PkiBench) -> None:
    first = create(small, "One")
    create(small, "Two")
    keys = len(small.kms.list_keys()["Keys"])
    assert "2 private CAs" in message(lambda: create(small, "Three"))
    assert len(small.kms.list_keys()["Keys"]) == keys, "no key is left of what was refused"
    small.pca.delete_certificate_authority(
        CertificateAuthorityArn=first, PermanentDeletionTimeInDays=7
    )
    assert refused(lambda: create(small, "Three")) == "LimitExceededException"
    small.clock.travel(timedelta(days=7, seconds=-1))
    assert refused(lambda: create(small, "Three")) == "LimitExceededException"
    small.clock.travel(timedelta(seconds=2))
    create(small, "Three")


def test_every_way_to_issue_counts_and_what_was_refused_does_not(small: PkiBench) -> None:
    root = make_authority(small)  # its own certificate is the first
    leaf = order(small, root, template="template/CodeSigningCertificate")
    broken = {"CertificateAuthorityArn": root, "Csr": b"-----BEGIN CERTIFICATE REQUEST-----"}
    for _ in range(3):
        with pytest.raises(ClientError):
            small.pca.issue_certificate(
                **broken,
                SigningAlgorithm="SHA256WITHECDSA",
                Validity={"Type": "DAYS", "Value": 1},
            )
    answer = small.shelf.issue_certificates(
        CertificateAuthorityArn=root,
        Validity={"Type": "DAYS", "Value": 5},
        Requests=[{"Csr": make_request()}, {"Csr": make_request()}],
        Check=False,
    )
    made, left_out = answer["Results"]
    assert made["CertificateArn"].startswith(root)
    assert left_out["ErrorCode"] == "LimitExceededException"
    assert "issued 3 certificates" in message(lambda: order(small, root))
    assert "issued 3" in message(
        lambda: small.shelf.renew_certificate(CertificateArn=leaf, Lint=False)
    )


def test_revocations_have_a_quota_of_their_own(small: PkiBench) -> None:
    root = make_authority(small)
    asked = [
        {
            "CertificateAuthorityArn": root,
            "CertificateSerial": order(small, root).rpartition("/")[2],
            "RevocationReason": "SUPERSEDED",
        }
        for _ in range(2)
    ]
    small.pca.revoke_certificate(**asked[0])
    again = refused(lambda: small.pca.revoke_certificate(**asked[0]))
    assert again == "RequestAlreadyProcessedException"
    assert "revoked 1 certificates" in message(lambda: small.pca.revoke_certificate(**asked[1]))


def test_tags_beyond_the_quota_are_too_many(small: PkiBench) -> None:
    arn = create(small, Tags=[{"Key": "a", "Value": "1"}])
    small.pca.tag_certificate_authority(
        CertificateAuthorityArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b"}]
    )
    refusal = refused(
        lambda: small.pca.tag_certificate_authority(
            CertificateAuthorityArn=arn, Tags=[{"Key": "c"}]
        )
    )
    assert refusal == "TooManyTagsException"


def test_what_there_is_is_counted_once_and_again_at_the_end() -> None:
    there = iter((8, 9, 10))  # of two that were allowed, one was rolled back
    counter = Counter(10, "issued", lambda _arn: next(there))
    for _ in range(3):
        counter.take("arn:one")
    with pytest.raises(AwsError, match="LimitExceededException"):
        counter.take("arn:one")
    assert next(there, None) is None
