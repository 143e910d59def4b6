"""The multi-tenant example with identities that boto3 makes: users, roles, sessions, refusals."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.fakes.engine import make_bench

ACCOUNT = "111122223333"
SERVICE_A, SERVICE_B = (f"arn:aws:iam::{ACCOUNT}:role/Service{one}Role" for one in "AB")
WORK = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
Credentials = dict[str, str]


def document(*statements: dict[str, Any]) -> str:
    made = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": made})


def trusts(arn: str) -> str:
    return document({"Principal": {"AWS": arn}, "Action": "sts:AssumeRole"})


def by_alias(operator: str, alias: str) -> dict[str, Any]:
    condition = {operator: {"kms:RequestAlias": alias}}
    return {"Action": WORK, "Resource": "*", "Condition": condition}


@dataclass
class Tenancy:
    """The endpoint as its clients know it, and who they are.

    Attributes:
        url: where it is.
        root: credentials of the account root.
        user: credentials of the user ServiceB.
        blobs: a ciphertext of each tenant.
    """

    url: str
    root: Credentials
    user: Credentials = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def client(self, service: str, credentials: Credentials) -> Any:
        return boto3.client(service, region_name="us-west-2", endpoint_url=self.url, **credentials)

    def assume(self, holder: Credentials, role: str, session: str, policy: str = "") -> Credentials:
        request = {"RoleArn": role, "RoleSessionName": session}
        if policy:
            request["Policy"] = policy
        made = self.client("sts", holder).assume_role(**request)["Credentials"]
        return {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }

    def tenant(self, name: str) -> Any:
        """The example's assume_role_for_tenant, and the KMS client made of its credentials."""
        service_b = self.assume(self.user, SERVICE_B, "ServiceB")
        policy = document(by_alias("StringEquals", f"alias/customer-{name}"))
        return self.client("kms", self.assume(service_b, SERVICE_A, f"Tenant{name}Session", policy))


@pytest.fixture(scope="module")
def tenancy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenancy]:
    """Two roles, a user, and a key for each of two tenants, all made by boto3."""
    bench = make_bench(tmp_path_factory.mktemp("tenants") / "vault")
    bench.serving.start()
    given = bench.serving.variables()
    made = Tenancy(
        given["AWS_ENDPOINT_URL"],
        credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]),
    )
    iam, kms = made.client("iam", made.root), made.client("kms", made.root)
    user = iam.create_user(UserName="ServiceB")["User"]["Arn"]
    iam.get_waiter("user_exists").wait(UserName="ServiceB")
    key = iam.create_access_key(UserName="ServiceB")["AccessKey"]
    made.user = credentials(key["AccessKeyId"], key["SecretAccessKey"])
    iam.create_role(RoleName="ServiceBRole", AssumeRolePolicyDocument=trusts(user))
    iam.create_role(RoleName="ServiceARole", AssumeRolePolicyDocument=trusts(SERVICE_B))
    iam.put_role_policy(
        RoleName="ServiceARole",
        PolicyName="AllowKMSByAlias",
        PolicyDocument=document(by_alias("StringLike", "alias/customer-*")),
    )
    for tenant in ("123", "456"):
        alias = f"alias/customer-{tenant}"
        statement = {"Principal": {"AWS": SERVICE_A}, **by_alias("StringLike", alias)}
        tenant_key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=alias, TargetKeyId=tenant_key)
        kms.put_key_policy(
            KeyId=tenant_key,
            PolicyName="default",
            Policy=document(statement),
            BypassPolicyLockoutSafetyCheck=True,
        )
        blob = made.tenant(tenant).encrypt(KeyId=alias, Plaintext=tenant.encode())
        made.blobs[tenant] = blob["CiphertextBlob"]
    yield made
    bench.close()


def credentials(key_id: str, secret: str) -> Credentials:
    return {"aws_access_key_id": key_id, "aws_secret_access_key": secret}


def test_a_tenant_s_session_uses_its_own_key(tenancy: Tenancy) -> None:
    kms = tenancy.tenant("123")
    alias = "alias/customer-123"
    opened = kms.decrypt(KeyId=alias, CiphertextBlob=tenancy.blobs["123"])
    assert opened["Plaintext"] == b"123"
    made = kms.generate_data_key(KeyId=alias, KeySpec="AES_256")
    again = kms.decrypt(KeyId=alias, CiphertextBlob=made["CiphertextBlob"])
    assert again["Plaintext"] == made["Plaintext"]


@pytest.mark.parametrize(
    ("operation", "request_", "why"),
    [
        ("encrypt", {"KeyId": "alias/customer-456", "Plaintext": b"x"}, "another's alias"),
        ("decrypt", {"KeyId": "alias/customer-456"}, "another's ciphertext"),
        ("decrypt", {}, "its own ciphertext, but by no alias"),
        ("describe_key", {"KeyId": "alias/customer-123"}, "an action nobody allows"),
        ("list_keys", {}, "the session policy leaves it out"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_a_tenant_s_session_does_nothing_else(
    tenancy: Tenancy, operation: str, request_: dict[str, Any], why: str
) -> None:
    if operation == "decrypt":
        tenant = "456" if request_ else "123"
        request_ = {**request_, "CiphertextBlob": tenancy.blobs[tenant]}
    with pytest.raises(ClientError) as caught:
        getattr(tenancy.tenant("123"), operation)(**request_)
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDeniedException", why
    assert "assumed-role/ServiceARole/Tenant123Session is not authorized" in error["Message"]


def test_not_even_root_uses_a_tenant_s_key(tenancy: Tenancy) -> None:
    """The key policy of the example names the role alone."""
    kms = tenancy.client("kms", tenancy.root)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        kms.encrypt(KeyId="alias/customer-123", Plaintext=b"x")


def test_the_role_without_a_session_policy_serves_every_tenant(tenancy: Tenancy) -> None:
    service_b = tenancy.assume(tenancy.user, SERVICE_B, "ServiceB")
    kms = tenancy.client("kms", tenancy.assume(service_b, SERVICE_A, "Everybody"))
    for tenant, blob in tenancy.blobs.items():
        opened = kms.decrypt(KeyId=f"alias/customer-{tenant}", CiphertextBlob=blob)
        assert opened["Plaintext"] == tenant.encode()


def test_a_session_policy_gives_nothing_the_role_has_not(tenancy: Tenancy) -> None:
    service_b = tenancy.assume(tenancy.user, SERVICE_B, "ServiceB")
    wide = document({"Action": "kms:*", "Resource": "*"})
    kms = tenancy.client("kms", tenancy.assume(service_b, SERVICE_A, "Wide", wide))
    key = kms.generate_data_key(KeyId="alias/customer-123", KeySpec="AES_128")["KeyId"]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        kms.schedule_key_deletion(KeyId=key)


def test_only_whom_a_role_trusts_may_assume_it(tenancy: Tenancy) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        tenancy.assume(tenancy.user, SERVICE_A, "Shortcut")
    with pytest.raises(ClientError, match="Roles may not be assumed by root accounts"):
        tenancy.assume(tenancy.root, SERVICE_B, "Root")
    nobody = tenancy.user | {"aws_secret_access_key": "wrong"}
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        tenancy.assume(nobody, SERVICE_B, "Forged")


def test_a_policy_taken_back_ends_running_sessions(tenancy: Tenancy) -> None:
    iam = tenancy.client("iam", tenancy.root)
    kms = tenancy.tenant("123")
    old = iam.get_role_policy(RoleName="ServiceARole", PolicyName="AllowKMSByAlias")
    deny = document({**by_alias("StringLike", "alias/customer-*"), "Effect": "Deny"})
    named = {"RoleName": "ServiceARole", "PolicyName": "AllowKMSByAlias"}
    iam.put_role_policy(**named, PolicyDocument=deny)
    try:
        with pytest.raises(ClientError, match="explicit deny"):
            kms.encrypt(KeyId="alias/customer-123", Plaintext=b"x")
    finally:
        iam.put_role_policy(**named, PolicyDocument=json.dumps(old["PolicyDocument"]))
    assert kms.encrypt(KeyId="alias/customer-123", Plaintext=b"x")["CiphertextBlob"]


def test_an_inactive_key_and_a_deleted_user_are_refused(tenancy: Tenancy) -> None:
    iam = tenancy.client("iam", tenancy.root)
    iam.create_user(UserName="Leaver")
    key = iam.create_access_key(UserName="Leaver")["AccessKey"]
    own = credentials(key["AccessKeyId"], key["SecretAccessKey"])
    sts = tenancy.client("sts", own)
    assert sts.get_caller_identity()["Arn"].endswith("user/Leaver")
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "Leaver"
    assert used["AccessKeyLastUsed"]["ServiceName"] == "sts"
    named = {"UserName": "Leaver", "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(**named, Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_user(UserName="Leaver")
    iam.delete_access_key(**named)
    iam.delete_user(UserName="Leaver")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="Leaver")


def test_a_user_does_in_iam_what_its_policy_says(tenancy: Tenancy) -> None:
    own = tenancy.client("iam", tenancy.user)
    with pytest.raises(ClientError, match="not authorized to perform: iam:ListRoles"):
        own.list_roles()
    with pytest.raises(ClientError, match="not authorized to perform: iam:CreateUser"):
        own.create_user(UserName="Another")


def test_a_user_has_what_its_group_has_attached(tenancy: Tenancy) -> None:
    iam = tenancy.client("iam", tenancy.root)
    iam.create_user(UserName="Member")
    key = iam.create_access_key(UserName="Member")["AccessKey"]
    kms = tenancy.client("kms", credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    with pytest.raises(ClientError, match="not authorized to perform: kms:ListKeys"):
        kms.list_keys()
    made = iam.create_policy(
        PolicyName="see",
        Path="/team/",
        PolicyDocument=document({"Action": "kms:ListKeys", "Resource": "*"}),
        Tags=[{"Key": "cost", "Value": "a"}],
    )["Policy"]
    iam.get_waiter("policy_exists").wait(PolicyArn=made["Arn"])
    iam.create_group(GroupName="team")
    iam.attach_group_policy(GroupName="team", PolicyArn=made["Arn"])
    iam.add_user_to_group(GroupName="team", UserName="Member")
    assert len(kms.list_keys()["Keys"]) == 2
    version = iam.create_policy_version(
        PolicyArn=made["Arn"],
        PolicyDocument=document({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}),
        SetAsDefault=True,
    )["PolicyVersion"]
    told = iam.get_policy_version(PolicyArn=made["Arn"], VersionId=version["VersionId"])
    assert told["PolicyVersion"]["Document"]["Statement"][0]["Effect"] == "Deny"
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        kms.list_keys()
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=made["Arn"])
    (holder,) = iam.list_entities_for_policy(PolicyArn=made["Arn"])["PolicyGroups"]
    assert holder["GroupName"] == "team"
    (group,) = iam.list_groups_for_user(UserName="Member")["Groups"]
    assert group["Arn"] == f"arn:aws:iam::{ACCOUNT}:group/team"
