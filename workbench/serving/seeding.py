"""Making what a seed file asks for: keys are planted, all else is requested as anybody would.

What the services refuse is told with the place in the file.
"""

import json
from datetime import datetime
from typing import Any

from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.api.validation import WrongType
from workbench.base.errors import Refused
from workbench.base.identifiers import Place
from workbench.engine import Engine
from workbench.iam.records import AccessKey
from workbench.kms.planting import Planter, name_grant
from workbench.serving.seed import Seed, SeedAccessKey, SeedIdentity, SeedKey, SeedManaged
from workbench.serving.seed_grants import SeedGrant
from workbench.serving.seed_nodes import Problem, SeedRefused, Spot
from workbench.vault.vault import Vault


def plant_keys(seed: Seed, planter: Planter, moment: datetime) -> None:
    """Put a seed's keys into an empty vault, before an engine is made over it.

    Raises:
        SeedRefused: material does not fit its key.
    """
    problems = []
    for key in seed.keys:
        try:
            planter.plant(key.plant, moment)
        except Refused as error:
            problems.append(Problem(key.material_spot, str(error)))
    if problems:
        raise SeedRefused(problems)


def furnish(seed: Seed, engine: Engine, place: Place, moment: datetime, vault: Vault) -> None:
    """Make a seed's identities, and put on its keys what hangs on them.

    Args:
        seed: what is asked for.
        engine: over a vault that has the seed's keys.
        place: account and home Region.
        moment: creation date of access keys, UTC.
        vault: the engine's.

    Raises:
        SeedRefused: a service refused something.
    """
    seeding = _Seeding(engine, place, moment, vault)
    for policy in seed.policies:
        seeding.managed(policy)
    for group in seed.groups:
        seeding.group(group)
    for user in seed.users:
        seeding.user(user)
    # Trust policies may name each other's roles: all must be there first.
    for role in seed.roles:
        seeding.role(role)
    for role in seed.roles:
        seeding.trust(role)
    seeding.access_keys(place.iam("root"), seed.root_keys)
    for key in seed.keys:
        seeding.key(key)
    if seeding.problems:
        raise SeedRefused(seeding.problems)


class _Seeding:
    """Makes requests as the account's root and collects refusals."""

    def __init__(self, engine: Engine, place: Place, moment: datetime, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._place = place
        self._moment = moment
        self._root = Caller.owner(place)
        self._managed: dict[str, str] = {}
        self.problems: list[Problem] = []

    def managed(self, policy: SeedManaged) -> None:
        answer = self._iam(
            "CreatePolicy",
            policy.policy.spot,
            PolicyName=policy.name,
            Path=policy.path,
            PolicyDocument=policy.policy.text,
            Description=policy.description,
            Tags=[{"Key": key, "Value": value} for key, value in policy.tags],
        )
        if answer is not None:
            self._managed[policy.name] = answer["Policy"]["Arn"]

    def group(self, group: SeedIdentity) -> None:
        self._identity("Group", group)

    def user(self, user: SeedIdentity) -> None:
        made = self._identity("User", user, Tags=_tag_list(user))
        if made is None:
            return
        self.access_keys(made["Arn"], user.access_keys)
        for name, where in user.groups:
            self._iam("AddUserToGroup", where, GroupName=name, UserName=user.name)

    def role(self, role: SeedIdentity) -> None:
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": self._place.iam("root")},
            "Action": "sts:AssumeRole",
        }
        self._identity(
            "Role",
            role,
            Tags=_tag_list(role),
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            Description=role.description,
            MaxSessionDuration=role.max_session,
        )

    def trust(self, role: SeedIdentity) -> None:
        if role.trust is not None:
            policy = role.trust
            self._iam(
                "UpdateAssumeRolePolicy",
                policy.spot,
                RoleName=role.name,
                PolicyDocument=policy.text,
            )

    def access_keys(self, owner: str, keys: tuple[SeedAccessKey, ...]) -> None:
        for key in keys:
            made = AccessKey(key.id, owner, key.secret, self._moment.replace(microsecond=0))
            self._engine.iam.store.save_key(made)

    def key(self, key: SeedKey) -> None:
        plant = key.plant
        regions = (plant.region, *plant.replicas)
        for region in regions:
            self._name(key, region)
        if key.rotation:
            self._kms(
                "EnableKeyRotation",
                plant.region,
                key.spot,
                KeyId=plant.id,
                RotationPeriodInDays=key.rotation,
            )
        for grant in key.grants:
            self._grant(key, grant)
        for region in regions:
            if not key.enabled:
                self._kms("DisableKey", region, key.spot, KeyId=plant.id)
            if key.policy is not None:  # last: it may shut root out
                self._kms(
                    "PutKeyPolicy",
                    region,
                    key.policy.spot,
                    KeyId=plant.id,
                    Policy=key.policy.text,
                    BypassPolicyLockoutSafetyCheck=True,
                )

    def _grant(self, key: SeedKey, grant: SeedGrant) -> None:
        region = grant.region or key.plant.region
        made = self._kms("CreateGrant", region, grant.spot, KeyId=key.plant.id, **grant.request)
        if made is not None and grant.id:
            name_grant(self._vault, region, made["GrantId"], grant.id)

    def _name(self, key: SeedKey, region: str) -> None:
        key_id = key.plant.id
        if key.tags:
            tags = [{"TagKey": name, "TagValue": value} for name, value in key.tags]
            self._kms("TagResource", region, key.spot, KeyId=key_id, Tags=tags)
        for name, where in key.aliases:
            self._kms("CreateAlias", region, where, AliasName=name, TargetKeyId=key_id)

    def _identity(self, kind: str, identity: SeedIdentity, **more: Any) -> dict[str, Any] | None:
        name = {f"{kind}Name": identity.name}
        answer = self._iam(f"Create{kind}", identity.spot, **name, Path=identity.path, **more)
        if answer is None:
            return None
        for policy in identity.policies:
            self._iam(
                f"Put{kind}Policy",
                policy.spot,
                **name,
                PolicyName=policy.name,
                PolicyDocument=policy.text,
            )
        for policy_name, where in identity.attached:
            arn = self._managed.get(policy_name, policy_name)
            if arn.startswith("arn:"):
                self._iam(f"Attach{kind}Policy", where, **name, PolicyArn=arn)
            else:
                told = f"no policy of the file has the name {policy_name}; others are given by ARN"
                self.problems.append(Problem(where, told))
        made: dict[str, Any] = answer[kind]
        return made

    def _iam(self, operation: str, where: Spot, **request: Any) -> dict[str, Any] | None:
        return self._ask("iam", operation, self._place.region, where, request)

    def _kms(
        self, operation: str, region: str, where: Spot, **request: Any
    ) -> dict[str, Any] | None:
        return self._ask("kms", operation, region, where, request)

    def _ask(
        self, service: str, operation: str, region: str, where: Spot, request: dict[str, Any]
    ) -> dict[str, Any] | None:
        door = self._engine.door(region)
        try:
            answer, _ = door.call(service, operation, request, self._root)
        except AwsError as error:
            told = f"{operation}: {error} {error.next_step}".rstrip()
            self.problems.append(Problem(where, told))
            return None
        except WrongType as error:
            self.problems.append(Problem(where, f"{operation}: {error} is of a wrong type"))
            return None
        return answer


def _tag_list(identity: SeedIdentity) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in identity.tags]
