"""Who may do what with CAs: identities at home, other accounts, AWS's own services."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    allow,
    client_of,
    make_people,
    policy,
    service,
    user,
)
from tests.fakes.engine import make_bench
from tests.fakes.pki_orders import make_request, refused
from workbench.api.calls import Caller
from workbench.bench import Bench

LEAF = "arn:aws:acm-pca:::template/EndEntityCertificate/V1"
CODE = "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:user/ann"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("authorising") / "vault")
    yield made
    made.close()


@pytest.fixture
def root(bench: Bench) -> str:
    pca = bench.acm_pca
    arn = pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Root"},
        },
        Tags=[{"Key": "team", "Value": "blue"}],
    )["CertificateAuthorityArn"]
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    own = pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr.encode(),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 3650},
    )["CertificateArn"]
    pem = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=own)["Certificate"]
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=pem.encode()
    )
    return str(arn)


def issue(bench: Bench, caller: Caller, root: str, template: str = LEAF) -> str:
    """Issue as somebody; returns the error's code, or empty."""
    try:
        client_of(bench, caller, name="acm-pca").issue_certificate(
            CertificateAuthorityArn=root,
            Csr=make_request(),
            SigningAlgorithm="SHA256WITHECDSA",
            TemplateArn=template,
            Validity={"Type": "DAYS", "Value": 5},
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def put(bench: Bench, root: str, *statements: dict[str, Any]) -> None:
    complete = [{"Effect": "Allow", "Resource": root, **one} for one in statements]
    bench.acm_pca.put_policy(ResourceArn=root, Policy=policy(*complete))


DENIED = "AccessDeniedException"


def test_at_home_identity_policies_decide(bench: Bench, root: str) -> None:
    assert issue(bench, user("a", allow("acm-pca:IssueCertificate", resource=root)), root) == ""
    assert issue(bench, user("b", allow("acm-pca:GetCertificate")), root) == DENIED
    tagged = allow("acm-pca:*", StringEquals={"aws:ResourceTag/team": "blue"})
    assert issue(bench, user("c", tagged), root) == ""
    other = allow("acm-pca:*", StringEquals={"aws:ResourceTag/team": "red"})
    assert issue(bench, user("d", other), root) == DENIED


def test_a_condition_on_the_template(bench: Bench, root: str) -> None:
    only = allow("acm-pca:IssueCertificate", StringEquals={"acm-pca:TemplateArn": CODE})
    assert issue(bench, user("e", only), root, CODE) == ""
    assert issue(bench, user("e", only), root, LEAF) == DENIED


def test_a_resource_policy_lets_in_one_of_the_account(bench: Bench, root: str) -> None:
    caller = user("f")
    assert issue(bench, caller, root) == DENIED
    statement = {"Principal": {"AWS": caller.arn}, "Action": "acm-pca:IssueCertificate"}
    with pytest.raises(ClientError) as caught:
        put(bench, root, statement)
    assert caught.value.response["Error"] == {
        "Code": "InvalidPolicyException",
        "Message": f'Invalid principal in policy: "AWS":"{caller.arn}"',
    }
    make_people(bench, caller)
    put(bench, root, statement)
    policy = bench.acm_pca.get_policy(ResourceArn=root)["Policy"]
    assert json.loads(policy)["Statement"][0]["Principal"] == {"AWS": caller.arn}
    assert issue(bench, caller, root) == ""
    bench.client("iam", "").delete_user(UserName="f")
    make_people(bench, caller)
    assert issue(bench, caller, root) == DENIED
    policy = bench.acm_pca.get_policy(ResourceArn=root)["Policy"]
    assert json.loads(policy)["Statement"][0]["Principal"]["AWS"].startswith("AIDA")


def test_another_account_needs_both_sides(bench: Bench, root: str) -> None:
    able = user("ann", allow("acm-pca:*"), account=OTHER_ACCOUNT)
    unable = user("ann", account=OTHER_ACCOUNT)
    assert issue(bench, able, root) == DENIED
    put(
        bench,
        root,
        {
            "Principal": {"AWS": OTHER_ACCOUNT},
            "Action": ["acm-pca:IssueCertificate", "acm-pca:GetCertificate"],
            "Condition": {"StringEquals": {"acm-pca:TemplateArn": LEAF}},
        },
    )
    assert issue(bench, able, root) == ""
    assert issue(bench, unable, root) == DENIED
    assert issue(bench, able, root, CODE) == DENIED
    abroad = client_of(bench, able, name="acm-pca")
    assert refused(abroad.list_certificate_authorities) == DENIED
    describe = abroad.describe_certificate_authority
    assert refused(lambda: describe(CertificateAuthorityArn=root)) == DENIED


def test_a_deny_of_the_resource_policy_ends_it(bench: Bench, root: str) -> None:
    put(bench, root, {"Effect": "Deny", "Principal": "*", "Action": "acm-pca:IssueCertificate"})
    assert issue(bench, user("g", allow("*")), root) == DENIED
    owner = Caller.owner(bench.place)
    assert issue(bench, owner, root) == DENIED
    put(bench, root, {"Effect": "Deny", "Principal": "*", "Action": "acm-pca:*"})
    bench.acm_pca.delete_policy(ResourceArn=root)
    assert issue(bench, owner, root) == ""


def test_what_the_refusal_says(bench: Bench, root: str) -> None:
    put(bench, root, {"Effect": "Deny", "Sid": "Never", "Principal": "*", "Action": "acm-pca:*"})
    with pytest.raises(ClientError) as caught:
        client_of(bench, user("h"), name="acm-pca").list_tags(CertificateAuthorityArn=root)
    assert "explicit deny in a resource-based policy" in str(caught.value)
    assert "the CA's resource policy" in caught.value.next_step


def test_acm_may_what_it_was_permitted(bench: Bench, root: str) -> None:
    acm = service("acm", source_account=ACCOUNT)
    assert issue(bench, acm, root) == DENIED
    bench.acm_pca.create_permission(
        CertificateAuthorityArn=root,
        Principal="acm.amazonaws.com",
        Actions=["IssueCertificate", "GetCertificate"],
    )
    assert issue(bench, acm, root) == ""
    assert issue(bench, service("acm", source_account=OTHER_ACCOUNT), root) == DENIED
    assert issue(bench, service("s3", source_account=ACCOUNT), root) == DENIED
    listing = client_of(bench, acm, name="acm-pca").list_permissions
    assert refused(lambda: listing(CertificateAuthorityArn=root)) == DENIED


def test_no_way_round_by_the_collections_own_operations(bench: Bench, root: str) -> None:
    request = {
        "CertificateAuthorityArn": root,
        "Csr": make_request(),
        "TemplateArn": LEAF,
        "Validity": {"Type": "DAYS", "Value": 5},
        "Lint": False,
    }

    def ask(*policies: str) -> Any:
        shelf = client_of(bench, user("i", *policies), name="shelf")
        return shelf.preview_issue(**request)

    assert refused(lambda: ask(allow("shelf:*"))) == DENIED
    by_template = {"acm-pca:TemplateArn": CODE}
    other = allow("acm-pca:IssueCertificate", StringEquals=by_template)
    assert refused(lambda: ask(other)) == DENIED
    assert ask(allow("acm-pca:IssueCertificate"))["Verdict"]
    forbidden = json.dumps(
        {"Statement": {"Effect": "Deny", "Action": "shelf:Preview*", "Resource": "*"}}
    )
    assert refused(lambda: ask(allow("acm-pca:*"), forbidden)) == DENIED


def test_certificates_are_judged_by_their_ca(bench: Bench, root: str) -> None:
    pca = bench.acm_pca
    arn = pca.issue_certificate(
        CertificateAuthorityArn=root,
        Csr=make_request(),
        SigningAlgorithm="SHA256WITHECDSA",
        Validity={"Type": "DAYS", "Value": 5},
    )["CertificateArn"]
    here = client_of(bench, user("j", allow("acm-pca:*", resource=root)), name="shelf")
    assert here.preview_revocation(CertificateArn=arn)["Below"] == []
    elsewhere = client_of(bench, user("k", allow("acm-pca:*", resource=f"{root}x")), name="shelf")
    assert refused(lambda: elsewhere.preview_revocation(CertificateArn=arn)) == DENIED
    listed = bench.shelf.list_certificates()["Certificates"]
    name = next(one["Id"] for one in listed if one.get("CertificateArn") == arn)
    assert refused(lambda: elsewhere.renew_certificate(CertificateId=name)) == DENIED


def test_a_key_is_chosen_with_the_callers_own_rights(bench: Bench) -> None:
    made = bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    asked = {
        "CertificateAuthorityType": "ROOT",
        "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": "EC_prime256v1",
            "Subject": {"CommonName": "Chosen"},
        },
        "KeyId": made["KeyMetadata"]["KeyId"],
    }

    def create(*policies: str) -> Any:
        shelf = client_of(bench, user("l", *policies), name="shelf")
        return shelf.create_certificate_authority_with_key(**asked)

    create_ca = allow("acm-pca:CreateCertificateAuthority")
    assert refused(lambda: create(create_ca)) == "RequestFailedException"
    half = allow("kms:DescribeKey", "kms:GetPublicKey")
    assert refused(lambda: create(create_ca, half)) == "RequestFailedException"
    whole = allow("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign")
    assert create(create_ca, whole)["KeyArn"] == made["KeyMetadata"]["Arn"]
