"""Permissions and resource policies; lists by Region."""

import json
from datetime import UTC, datetime

import pytest

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import make_authority, refused
from workbench.api.models import aws_model
from workbench.pki.authority import Authority, Status
from workbench.pki.store import AuthorityStore

WHO = "acm.amazonaws.com"


@pytest.fixture
def arn(bench: PkiBench) -> str:
    return make_authority(bench)


def test_permissions_come_and_go(bench: PkiBench, arn: str) -> None:
    def create(**more: str) -> object:
        return bench.pca.create_permission(
            CertificateAuthorityArn=arn, Principal=WHO, Actions=["IssueCertificate"], **more
        )

    create()
    assert refused(create) == "PermissionAlreadyExistsException"
    create(SourceAccount="999999999999")
    listed = bench.pca.list_permissions(CertificateAuthorityArn=arn, MaxResults=1)
    (first,) = listed["Permissions"]
    assert (first["Principal"], first["Actions"]) == (WHO, ["IssueCertificate"])
    assert first["CreatedAt"].tzinfo is not None
    assert json.loads(first["Policy"])["Statement"][0]["Action"] == ["acm-pca:IssueCertificate"]
    rest = bench.pca.list_permissions(CertificateAuthorityArn=arn, NextToken=listed["NextToken"])
    assert [one["SourceAccount"] for one in rest["Permissions"]] == ["999999999999"]
    bench.pca.delete_permission(CertificateAuthorityArn=arn, Principal=WHO)

    def again() -> object:
        return bench.pca.delete_permission(CertificateAuthorityArn=arn, Principal=WHO)

    assert refused(again) == "ResourceNotFoundException"
    assert len(bench.pca.list_permissions(CertificateAuthorityArn=arn)["Permissions"]) == 1


def test_only_acm_can_be_permitted(bench: PkiBench, arn: str) -> None:
    def ask() -> object:
        return bench.pca.create_permission(
            CertificateAuthorityArn=arn, Principal="s3.amazonaws.com", Actions=["GetCertificate"]
        )

    assert refused(ask) == "ValidationException"


def test_policies_come_and_go(bench: PkiBench, arn: str) -> None:
    assert refused(lambda: bench.pca.get_policy(ResourceArn=arn)) == "ResourceNotFoundException"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "acm-pca:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    bench.pca.put_policy(ResourceArn=arn, Policy=policy)
    assert bench.pca.get_policy(ResourceArn=arn)["Policy"] == policy
    bench.pca.delete_policy(ResourceArn=arn)
    gone = refused(lambda: bench.pca.delete_policy(ResourceArn=arn))
    assert gone == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "policy",
    ["{", "[]", "{}", '{"Statement": []}', '{"Statement": [1]}', "[" * 50_000,
     '{"Statement": {"Effect": "Maybe", "Principal": "*", "Action": "*"}}',
     '{"Statement": {"Effect": "Allow", "Action": "*"}}',
     # A key's policy may have such statements, without effect; a CA's may not.
     '{"Statement": {"Effect": "Allow", "Principal": "*", "Resource": "*"}}',
     '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "acm-pca:*"}}'],
)  # fmt: skip
def test_malformed_policies(bench: PkiBench, arn: str, policy: str) -> None:
    def ask() -> object:
        return bench.pca.put_policy(ResourceArn=arn, Policy=policy)

    assert refused(ask) == "InvalidPolicyException"


def test_a_deleted_ca_has_neither(bench: PkiBench, arn: str) -> None:
    bench.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    bench.pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    for ask in (
        lambda: bench.pca.list_permissions(CertificateAuthorityArn=arn),
        lambda: bench.pca.get_policy(ResourceArn=arn),
    ):
        assert refused(ask) == "InvalidStateException"


def test_lists_show_the_regions_own(fresh: PkiBench) -> None:
    here = make_authority(fresh)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    store = AuthorityStore(fresh.vault)
    for region in ("eu-central-1", "us-west-20"):
        elsewhere = here.replace("us-west-2", region)
        store.save(
            Authority(
                elsewhere, "ROOT", "ML_DSA_65", "ML_DSA_65", {}, "GENERAL_PURPOSE", "key", b"",
                "", now, now, Status.ACTIVE,
            )
        )  # fmt: skip
    pages = fresh.pca.get_paginator("list_certificate_authorities").paginate()
    listed = [one["Arn"] for page in pages for one in page["CertificateAuthorities"]]
    assert listed == [here]


def test_every_operation_of_the_model_is_offered(bench: PkiBench) -> None:
    door = bench.pca._door
    missing = [n for n in aws_model("acm-pca").operation_names if not door.offers("acm-pca", n)]
    assert missing == []
