"""The policies that AWS's posts print, on real keys: who passes by a request, and who does not.

`tests/unit/iam/policy/test_printed_policies.py` has contexts made by hand. Here users and roles are
made, sessions begun at STS, and each answer is that of the operation itself.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from tests.fakes import printed_policies as printed
from tests.fakes.callers import policy
from tests.fakes.vaults import new_vault, powered
from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.engine import Engine, model_of

HERE, MEMBER, ORG = printed.HERE, printed.MEMBER, printed.ORG
SSO, STORE, STATES = (f"{one}.amazonaws.com" for one in ("sso", "identitystore", "states"))
S3, QUICKSIGHT = "s3.amazonaws.com", "quicksight.amazonaws.com"
EAST, WEST = "us-east-1", "us-west-2"
OTHER_ROLE = f"arn:aws:iam::{HERE}:role/Other"
TRUSTING: Final = policy(
    {"Effect": "Allow", "Principal": {"AWS": HERE}, "Action": "sts:AssumeRole"}
)
MAY_ASSUME: Final = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
Policy = Mapping[str, Any]
Pairs = Mapping[str, str]


class Account:
    """The account of the posts, whose users and roles are made as they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.iam: Any = engine.client("iam")
        self._boss = self.user("boss", MAY_ASSUME)
        self._sessions: dict[tuple[str, ...], Caller] = {}

    def client(self, caller: Caller, service: str = "kms", region: str = EAST) -> Any:
        return Client(self.engine.door(region), model_of(service), caller)

    def user(self, name: str, own: str) -> Caller:
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=own)
        return self._holder(self.iam.create_access_key(UserName=name)["AccessKey"])

    def session(self, role: str, own: Policy | None = None, narrow: Policy | None = None) -> Caller:
        """Return a session of a role, begun at STS by somebody who may."""
        texts = [json.dumps(one) if one else "" for one in (own, narrow)]
        key = (role, *texts)
        if key not in self._sessions:
            name = role.rpartition("/")[2]
            with contextlib.suppress(self.iam.exceptions.EntityAlreadyExistsException):
                self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUSTING)
            if own:
                self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=texts[0])
            more = {"Policy": texts[1]} if narrow else {}
            made = self.client(self._boss, "sts").assume_role(
                RoleArn=role, RoleSessionName="now", **more
            )
            self._sessions[key] = self._holder(made["Credentials"])
        return self._sessions[key]

    def _holder(self, key: Mapping[str, Any]) -> Caller:
        """Return whom the wire takes the holder of an access key for."""
        found = self.engine.iam.credentials.find(key["AccessKeyId"])
        assert found is not None
        assert found.caller.organization == ORG
        return found.caller

    def key(
        self, text: Policy, pairs: Pairs | None = None, region: str = EAST
    ) -> tuple[str, bytes]:
        """Make a key and a ciphertext of it, then leave it to a policy."""
        kms: Any = self.engine.client("kms", region)
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        sealed = kms.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext=pairs or {})
        kms.put_key_policy(KeyId=arn, Policy=json.dumps(text), BypassPolicyLockoutSafetyCheck=True)
        return arn, sealed["CiphertextBlob"]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    module = powered()
    vault = new_vault(tmp_path_factory.mktemp("printed") / "vault", module=module)
    engine = Engine(vault, module, Place(HERE, EAST), TravelClock())
    engine.identity.set_organization(ORG)
    yield Account(engine)
    engine.stop()
    engine.journal.close()
    vault.close()


def service(name: str, via: str = "", **more: Any) -> Caller:
    """Return a service on its own behalf, or by way of another."""
    return Caller(name, "", "AWSService", invoked_by=via or name, **more)


def by(caller: Caller, via: str) -> Caller:
    """Return somebody for whom a service asks."""
    return replace(caller, invoked_by=via)


def passes(client: Any, key: str, blob: bytes, action: str, pairs: Pairs | None = None) -> bool:
    """Whether a request is answered; any refusal but that of access fails."""
    pairs = dict(pairs or {})
    requests: dict[str, Any] = {
        "encrypt": {"Plaintext": b"x", "EncryptionContext": pairs},
        "decrypt": {"CiphertextBlob": blob, "EncryptionContext": pairs},
        "generate_data_key": {"KeySpec": "AES_256", "EncryptionContext": pairs},
        "generate_data_key_without_plaintext": {"KeySpec": "AES_256"},
        "describe_key": {},
        "schedule_key_deletion": {},
        "get_key_policy": {},
    }
    request = {"KeyId": key, **requests.get(action, {})}
    if action == "re_encrypt":
        request = {"CiphertextBlob": blob, "SourceKeyId": key, "DestinationKeyId": key}
    try:
        getattr(client, action)(**request)
    except client.exceptions.from_code("AccessDeniedException"):
        return False
    return True


@pytest.fixture(scope="module")
def identity_center(account: Account) -> tuple[str, bytes]:
    for role in (printed.ADMIN_ROLE, OTHER_ROLE):
        account.session(role)
    return account.key(printed.IDENTITY_CENTER_KEY)


GENERATE = "generate_data_key_without_plaintext"


@pytest.mark.parametrize(
    ("via", "action", "allowed"),
    [
        (SSO, "encrypt", True),
        (STORE, "decrypt", True),
        (SSO, GENERATE, True),
        (S3, "decrypt", False),
        ("", "decrypt", False),
        (SSO, "generate_data_key", False),
        ("", "describe_key", True),
        ("", "schedule_key_deletion", False),
        (SSO, "re_encrypt", False),
        ("", "get_key_policy", False),
    ],
)
def test_the_admin_of_identity_center(
    account: Account, identity_center: tuple[str, bytes], via: str, action: str, *, allowed: bool
) -> None:
    client = account.client(by(account.session(printed.ADMIN_ROLE), via))
    assert passes(client, *identity_center, action) is allowed


@pytest.mark.parametrize(
    ("organization", "via", "action", "allowed"),
    [
        (ORG, SSO, "decrypt", True),
        (ORG, STORE, "decrypt", True),
        (ORG, SSO, "encrypt", False),
        (ORG, S3, "decrypt", False),
        (ORG, "", "decrypt", False),
        ("o-zzzzzzzzzz", SSO, "decrypt", False),
        ("", SSO, "decrypt", False),
        (ORG, "", "describe_key", False),
    ],
)
def test_an_app_admin_of_the_organization(
    account: Account,
    identity_center: tuple[str, bytes],
    organization: str,
    via: str,
    action: str,
    *,
    allowed: bool,
) -> None:
    who = replace(by(account.session(OTHER_ROLE), via), organization=organization)
    assert passes(account.client(who), *identity_center, action) is allowed


@pytest.mark.parametrize(
    ("who", "action", "allowed"),
    [
        (service(SSO, source_account=HERE), "decrypt", True),
        (service(STORE, source_account=HERE), "re_encrypt", True),
        (service(STORE, source_account=HERE), GENERATE, True),
        (service(SSO, source_account=MEMBER), "decrypt", False),
        (service(SSO), "decrypt", False),
        (service(SSO, source_account=HERE), "encrypt", False),
        (service(SSO), "describe_key", True),
        (service(S3), "describe_key", False),
        (service(S3, source_account=HERE), "decrypt", False),
        (service(QUICKSIGHT, SSO, source_account=HERE), "decrypt", True),
        (service(QUICKSIGHT, STORE, source_account=HERE), "decrypt", True),
        (service(QUICKSIGHT, SSO, source_account=HERE), "encrypt", False),
        (service(QUICKSIGHT, SSO, source_account=MEMBER), "decrypt", False),
        (service(QUICKSIGHT, SSO), "decrypt", False),
        (service(QUICKSIGHT, source_account=HERE), "decrypt", False),
        (service(QUICKSIGHT, S3, source_account=HERE), "decrypt", False),
    ],
)
def test_services_at_identity_center_s_key(
    account: Account, identity_center: tuple[str, bytes], who: Caller, action: str, *, allowed: bool
) -> None:
    assert passes(account.client(who), *identity_center, action) is allowed


def member(role: str, own: Policy | None, via: str = "") -> Caller:
    """Return a session of another account, of the same organization, with a policy of its own."""
    return Caller(
        f"arn:aws:sts::{MEMBER}:assumed-role/{role.rpartition('/')[2]}/now",
        MEMBER,
        "AssumedRole",
        invoked_by=via,
        principal=role,
        policies=(json.dumps(own),) if own else (),
        organization=ORG,
    )


def naming(text: Policy, arn: str) -> Policy:
    """Return a policy about a key of ours and not the printed one."""
    found: Policy = json.loads(json.dumps(text).replace(printed.KEY, arn))
    return found


def test_another_account_s_app_admin_needs_both_policies(
    account: Account, identity_center: tuple[str, bytes]
) -> None:
    key, blob = identity_center
    role = f"arn:aws:iam::{MEMBER}:role/AppAdmin"
    own = naming(printed.APP_ADMIN, key)

    def may(policy: Policy | None, via: str) -> bool:
        return passes(account.client(member(role, policy, via)), key, blob, "decrypt")

    assert may(own, SSO)
    assert not may(own, S3)
    assert not may(own, "")
    assert not may(None, SSO)
    assert not may(printed.APP_ADMIN, SSO)  # of another key


@pytest.mark.parametrize(
    ("condition", "name", "arn", "via"),
    [
        (printed.ONE_INSTANCE, "aws:sso:instance-arn", printed.INSTANCE, SSO),
        (printed.ONE_STORE, "aws:identitystore:identitystore-arn", printed.STORE, STORE),
    ],
)
def test_one_instance_only(
    account: Account, condition: Policy, name: str, arn: str, via: str
) -> None:
    statement = {**printed.IDENTITY_CENTER_KEY["Statement"][4], "Condition": condition}
    key, blob = account.key(printed.document(statement), {name: arn})
    who = account.session(OTHER_ROLE)
    assert passes(account.client(by(who, via)), key, blob, "decrypt", {name: arn})
    assert not passes(account.client(by(who, via)), key, blob, "decrypt", {name: arn + "0"})
    assert not passes(account.client(by(who, via)), key, blob, "decrypt")
    assert not passes(account.client(by(who, S3)), key, blob, "decrypt", {name: arn})


@pytest.fixture(scope="module")
def tenants(account: Account) -> dict[str, bytes]:
    """A ciphertext of each tenant, whose key has an alias."""
    kms: Any = account.engine.client("kms", EAST)
    account.session(printed.SERVICE_A, printed.TENANT_ROLE)
    blobs = {}
    for tenant in ("123", "456", "1234"):
        arn = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=f"alias/customer-{tenant}", TargetKeyId=arn)
        blobs[tenant] = kms.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
        text = json.dumps(printed.tenant_key(tenant))
        kms.put_key_policy(KeyId=arn, Policy=text, BypassPolicyLockoutSafetyCheck=True)
    return blobs


@pytest.mark.parametrize("action", ["decrypt", "encrypt", "generate_data_key", GENERATE])
@pytest.mark.parametrize(
    ("key", "session", "allowed"),
    [
        ("123", "123", True),
        ("123", None, True),
        ("123", "456", False),
        ("456", "123", False),
        ("1234", "123", False),
    ],
)
def test_a_tenant_s_session_opens_its_own_key(
    account: Account,
    tenants: dict[str, bytes],
    key: str,
    session: str | None,
    action: str,
    *,
    allowed: bool,
) -> None:
    narrow = printed.tenant_session(session) if session else None
    who = account.session(printed.SERVICE_A, printed.TENANT_ROLE, narrow)
    alias = f"alias/customer-{key}"
    assert passes(account.client(who), alias, tenants[key], action) is allowed


def test_a_tenant_s_key_is_met_by_its_alias_and_role_alone(
    account: Account, tenants: dict[str, bytes]
) -> None:
    kms: Any = account.engine.client("kms", EAST)
    alias, blob = "alias/customer-123", tenants["123"]
    (arn,) = (
        f"arn:aws:kms:{EAST}:{HERE}:key/{one['TargetKeyId']}"
        for one in kms.list_aliases()["Aliases"]
        if one["AliasName"] == alias
    )
    who = account.session(printed.SERVICE_A, printed.TENANT_ROLE)
    assert not passes(account.client(who), arn, blob, "decrypt")
    assert not passes(account.client(who), alias, blob, "describe_key")
    others = (
        account.session(OTHER_ROLE),
        member(printed.SERVICE_B, printed.TENANT_ROLE),
        Caller.owner(Place(HERE)),
    )
    for other in others:
        assert not passes(account.client(other), alias, blob, "decrypt")


def test_a_member_account_uses_the_key_through_step_functions(account: Account) -> None:
    texts = printed.STEP_FUNCTIONS_MEMBER_KEY
    (key, blob), (west, west_blob) = account.key(texts), account.key(texts, region=WEST)
    may = printed.document({"Effect": "Allow", "Action": "kms:*", "Resource": [key, west]})
    who = member(printed.MEMBER_ROLE, may, STATES)
    assert passes(account.client(who), key, blob, "generate_data_key")
    assert passes(account.client(who), key, blob, "decrypt")
    assert not passes(account.client(who), key, blob, "encrypt")
    assert not passes(account.client(by(who, "")), key, blob, "decrypt")
    assert not passes(account.client(by(who, S3)), key, blob, "decrypt")
    assert not passes(account.client(who, region=WEST), west, west_blob, "decrypt")
    unallowed = member(printed.MEMBER_ROLE, None, STATES)
    assert not passes(account.client(unallowed), key, blob, "decrypt")
    stranger = member(f"arn:aws:iam::{MEMBER}:role/AppAdmin", may, STATES)
    assert not passes(account.client(stranger), key, blob, "decrypt")


def test_one_state_machine_uses_the_key(account: Account) -> None:
    who = account.client(account.session(printed.EXECUTION_ROLE))
    other = account.client(account.session(OTHER_ROLE))
    name = "aws:states:stateMachineArn"
    machine = {name: printed.STATE_MACHINE}
    key, blob = account.key(printed.STEP_FUNCTIONS_OWN_KEY, machine)
    for action in ("decrypt", "generate_data_key"):
        assert passes(who, key, blob, action, machine)
        assert not passes(who, key, blob, action, {name: printed.STATE_MACHINE + "2"})
        assert not passes(who, key, blob, action)
        assert not passes(other, key, blob, action, machine)
    assert not passes(who, key, blob, "encrypt", machine)


def test_logs_are_delivered(account: Account) -> None:
    key, blob = account.key(printed.LOG_DELIVERY_KEY)
    delivery = account.client(service("delivery.logs.amazonaws.com"))
    assert passes(delivery, key, blob, "decrypt")
    assert not passes(delivery, key, blob, "encrypt")
    assert not passes(account.client(service("logs.amazonaws.com")), key, blob, "decrypt")
    assert not passes(account.client(account.session(OTHER_ROLE)), key, blob, "decrypt")


def test_fargate_opens_its_volume_by_a_grant(account: Account) -> None:
    grant, cluster = printed.FARGATE_GRANT, f"arn:aws:ecs:{WEST}:{HERE}:cluster/one"
    volume: Pairs = grant["constraints"]["encryptionContextSubset"]
    kms: Any = account.engine.client("kms", EAST)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=volume)["CiphertextBlob"]
    kms.create_grant(  # the post prints CloudTrail's event; AWS asks a customer for a SourceArn
        KeyId=key,
        GranteeServicePrincipal=grant["granteePrincipal"],
        RetiringServicePrincipal=grant["retiringPrincipal"],
        Operations=grant["operations"],
        Constraints={"EncryptionContextSubset": volume, "SourceArn": cluster},
    )
    fargate = service(grant["granteePrincipal"], source_arn=cluster)
    assert passes(account.client(fargate), key, blob, "decrypt", volume)
    assert not passes(account.client(fargate), key, blob, "encrypt", volume)
    wrong = {**volume, "aws:ebs:id": "vol-0"}
    assert not passes(account.client(fargate), key, blob, "decrypt", wrong)
    elsewhere = replace(fargate, source_arn=cluster + "2")
    ec2 = service(grant["retiringPrincipal"], source_arn=cluster)
    for other in (elsewhere, ec2, account.session(OTHER_ROLE)):
        assert not passes(account.client(other), key, blob, "decrypt", volume)


def test_a_user_of_the_directory_bucket_needs_the_key_too(account: Account) -> None:
    kms: Any = account.engine.client("kms", EAST)
    key = kms.create_key()["KeyMetadata"]["Arn"]  # whose default policy leaves it to IAM
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    bucket, crypt = printed.S3_EXPRESS_USER["Statement"]
    mine = json.dumps(printed.document(bucket, crypt)).replace(
        printed.KEY.rpartition("/")[2], key.rpartition("/")[2]
    )
    reader = account.client(account.user("reader", mine))
    for action, allowed in (("decrypt", True), ("generate_data_key", True), ("encrypt", False)):
        assert passes(reader, key, blob, action) is allowed
    for name, text in (
        ("bucket-only", json.dumps(printed.document(bucket))),
        ("of-another-key", json.dumps(printed.S3_EXPRESS_USER)),
    ):
        other = account.client(account.user(name, text))
        assert not passes(other, key, blob, "decrypt")
