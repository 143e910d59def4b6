"""What an ephemeral vault begins with: the seed file, understood.

Owns the file's fields; resources/help/seed.md documents them. Everything that is wrong is told at
once, with line and column. Must not know how a seed is planted.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final

import yaml
from asn1crypto import pem

from workbench.base.identifiers import DEFAULT_REGION
from workbench.crypto.table import KEY_SPECS
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.kms.limits import LARGEST_LIMIT, LIMIT_NAMES
from workbench.kms.planting import Plant
from workbench.kms.replicas import known_regions, partition_of
from workbench.serving.seed_grants import GrantReader, SeedGrant
from workbench.serving.seed_nodes import Nodes, SeedRefused, Spot, compose, is_truth, spot

_KEY_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_ACCESS_KEY: Final = re.compile(r"[A-Z0-9_]{16,128}")
_SECRET: Final = re.compile(r"[!-~]{16,128}")
_ORIGINS: Final = ("AWS_KMS", "EXTERNAL")
_YEAR: Final = 365

_TOP: Final = (
    "account", "region", "limits", "root", "keys", "policies", "groups", "users", "roles",
)  # fmt: skip
_KEY: Final = (
    "id", "region", "spec", "usage", "origin", "material", "description", "enabled", "policy",
    "tags", "aliases", "rotation", "replicas", "grants",
)  # fmt: skip
_MANAGED: Final = ("name", "path", "policy", "tags", "description")
_GROUP: Final = ("name", "path", "policies", "attached")
_USER: Final = (*_GROUP, "groups", "tags", "access_keys")
_ROLE: Final = (*_GROUP, "tags", "trust", "description", "max_session")


@dataclass(frozen=True, slots=True)
class SeedAccessKey:
    """An access key with a given secret."""

    id: str
    secret: str = field(repr=False)
    spot: Spot


@dataclass(frozen=True, slots=True)
class SeedPolicy:
    """A policy: name (of an inline one), JSON text, place."""

    name: str
    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class SeedKey:
    """A key, what hangs on it, and where the file says so.

    Attributes:
        plant: id, spec, material.
        enabled: whether it is left enabled.
        policy: key policy, or None for AWS's default.
        tags: (key, value).
        aliases: names with their places.
        rotation: days between automatic rotations; 0 for none.
        spot: where the key begins.
        material_spot: where its material is given, else as `spot`.
        grants: grants on it.
    """

    plant: Plant
    enabled: bool
    policy: SeedPolicy | None
    tags: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str, Spot], ...]
    rotation: int
    spot: Spot
    material_spot: Spot
    grants: tuple[SeedGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedManaged:
    """A managed policy."""

    name: str
    path: str
    policy: SeedPolicy
    tags: tuple[tuple[str, str], ...]
    description: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class SeedIdentity:
    """A user, a group, or a role if it has a trust policy.

    `attached` are ARNs of policies, or names of the file's; `groups` are names.
    """

    name: str
    path: str
    policies: tuple[SeedPolicy, ...]
    tags: tuple[tuple[str, str], ...]
    spot: Spot
    access_keys: tuple[SeedAccessKey, ...] = ()
    trust: SeedPolicy | None = None
    description: str = ""
    max_session: int = 3600
    attached: tuple[tuple[str, Spot], ...] = ()
    groups: tuple[tuple[str, Spot], ...] = ()


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole seed file.

    Attributes:
        account: twelve digits, or empty.
        region: default Region of keys and clients.
        root_keys: access keys of the account's root.
        keys: KMS keys.
        users: users.
        roles: roles.
        limits: (name, value) of quotas that differ from AWS's; names as in `Limits`.
        policies: managed policies.
        groups: groups of users.
    """

    account: str = ""
    region: str = DEFAULT_REGION
    root_keys: tuple[SeedAccessKey, ...] = ()
    keys: tuple[SeedKey, ...] = ()
    users: tuple[SeedIdentity, ...] = ()
    roles: tuple[SeedIdentity, ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    policies: tuple[SeedManaged, ...] = ()
    groups: tuple[SeedIdentity, ...] = ()


def read_seed(data: bytes) -> Seed:
    """Understand a seed file.

    Raises:
        SeedRefused: with everything that is wrong with it.
    """
    document = compose(data)
    if document is None:
        return Seed()
    reader = _Reader()
    seed = reader.seed(document)
    if reader.nodes.problems:
        raise SeedRefused(reader.nodes.problems)
    return seed


class _Reader:
    """Reads the fields; goes on after a problem to find the others."""

    def __init__(self) -> None:
        self.nodes = Nodes()
        self._grants = GrantReader(self.nodes)
        self._region = DEFAULT_REGION
        self._partition = ""
        self._ids: set[str] = set()

    def seed(self, node: yaml.Node) -> Seed:
        nodes = self.nodes
        found = nodes.fields(node, "the file", _TOP)
        account = self._matching(found.get("account"), "account", _ACCOUNT, "twelve digits")
        self._region = self._a_region(found.get("region"), DEFAULT_REGION)
        self._partition = partition_of(self._region)
        root = nodes.fields(found["root"], "root", ("access_keys",)) if "root" in found else {}
        return Seed(
            account,
            self._region,
            self._access_keys(root.get("access_keys")),
            tuple(self._key(one) for one in self._list(found.get("keys"), "keys")),
            tuple(self._user(one) for one in self._list(found.get("users"), "users")),
            tuple(self._role(one) for one in self._list(found.get("roles"), "roles")),
            self._limits(found.get("limits")),
            tuple(self._managed(one) for one in self._list(found.get("policies"), "policies")),
            tuple(self._group(one) for one in self._list(found.get("groups"), "groups")),
        )

    def _limits(self, node: yaml.Node | None) -> tuple[tuple[str, int], ...]:
        if node is None:
            return ()
        found = self.nodes.fields(node, "limits", LIMIT_NAMES)
        return tuple(
            (name, self.nodes.whole(value, name, 0, LARGEST_LIMIT)) for name, value in found.items()
        )

    def _list(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        return [] if node is None else self.nodes.items(node, what)

    def _text(self, node: yaml.Node | None, what: str, default: str = "") -> str:
        return default if node is None else self.nodes.text(node, what)

    def _tags(self, node: yaml.Node | None) -> tuple[tuple[str, str], ...]:
        return () if node is None else self.nodes.pairs(node, "tags")

    def _matching(
        self, node: yaml.Node | None, what: str, form: re.Pattern[str], words: str
    ) -> str:
        """Return a text of a form; the text itself, which may be a secret, is never quoted."""
        if node is None:
            return ""
        written = self.nodes.text(node, what)
        if not form.fullmatch(written):
            self.nodes.say(node, f"{what} must be {words}")
        return written

    def _a_region(self, node: yaml.Node | None, default: str) -> str:
        if node is None:
            return default
        written = self.nodes.text(node, "region")
        partition = partition_of(written)
        if written not in known_regions(partition):
            self.nodes.say(node, "region must be a Region of AWS KMS, such as eu-central-1")
        elif self._partition not in {"", partition}:
            self.nodes.say(node, f"region must be in the partition {self._partition}")
        return written

    def _policy(self, node: yaml.Node, what: str, kind: PolicyKind, name: str = "") -> SeedPolicy:
        text = self.nodes.as_json(node, what)
        try:
            parse_policy(text, kind)
        except MalformedPolicy as error:
            self.nodes.say(node, f"{what} is no policy: {error}")
        return SeedPolicy(name, text, spot(node))

    # Keys.

    def _key(self, node: yaml.Node) -> SeedKey:
        nodes = self.nodes
        found = nodes.fields(node, "a key", _KEY, ("id",))
        policy = found.get("policy")
        aliases = nodes.texts(found["aliases"], "aliases") if "aliases" in found else []
        plant = self._plant(found)
        return SeedKey(
            plant,
            nodes.truth(found["enabled"], "enabled") if "enabled" in found else True,
            self._policy(policy, "policy", PolicyKind.RESOURCE) if policy is not None else None,
            self._tags(found.get("tags")),
            tuple(aliases),
            self._rotation(found.get("rotation")),
            spot(node),
            spot(found.get("material", node)),
            self._grants.read(found.get("grants"), (plant.region, *plant.replicas)),
        )

    def _plant(self, found: dict[str, yaml.Node]) -> Plant:
        key_id = self._matching(
            found.get("id"), "id", _KEY_ID, "a UUID in small letters, or mrk- and 32 hex digits"
        )
        if key_id in self._ids:
            self.nodes.say(found["id"], "another key has this id")
        self._ids.add(key_id)
        spec, usage = self._spec(found)
        region = self._a_region(found.get("region"), self._region)
        return Plant(
            key_id,
            region,
            spec,
            usage,
            self._material(found.get("material")),
            self._one_of(found.get("origin"), "origin", _ORIGINS),
            self._text(found.get("description"), "description"),
            self._replicas(found.get("replicas"), key_id, region),
        )

    def _spec(self, found: dict[str, yaml.Node]) -> tuple[str, str]:
        offered = tuple(spec.name for spec in KEY_SPECS.values() if spec.supported)
        spec = self._one_of(found.get("spec"), "spec", offered)
        if spec not in offered:
            return spec, ""
        usages = KEY_SPECS[spec].usages
        if "usage" not in found and len(usages) > 1:
            where = found.get("spec", found.get("id"))
            assert where is not None
            self.nodes.say(where, f"a key of spec {spec} needs a usage: {' or '.join(usages)}")
        return spec, self._one_of(found.get("usage"), "usage", usages)

    def _one_of(self, node: yaml.Node | None, what: str, known: tuple[str, ...]) -> str:
        """Return one of some words; the first when there is none."""
        if node is None:
            return known[0]
        written = self.nodes.text(node, what)
        if written not in known:
            self.nodes.say(node, f"{what} must be one of {', '.join(known)}")
        return written

    def _material(self, node: yaml.Node | None) -> bytes | None:
        if node is None:
            return None
        found = self.nodes.fields(node, "material", ("hex", "base64", "pem"))
        if len(found) != 1:
            self.nodes.say(node, "material must be given once: as hex, base64 or pem")
            return None
        ((form, value),) = found.items()
        written = self.nodes.text(value, form)
        try:
            if form == "hex":
                return bytes.fromhex(written)
            if form == "base64":
                return base64.b64decode("".join(written.split()), validate=True)
            return _unarmored(written)
        except (ValueError, binascii.Error):
            self.nodes.say(value, f"the material is not readable as {_FORMS[form]}")
            return None

    def _rotation(self, node: yaml.Node | None) -> int:
        if node is None:
            return 0
        if is_truth(node):
            return _YEAR if self.nodes.truth(node, "rotation") else 0
        return self.nodes.whole(node, "rotation", 90, 2560)

    def _replicas(self, node: yaml.Node | None, key_id: str, region: str) -> tuple[str, ...]:
        if node is None:
            return ()
        names = [self._a_region(item, "") for item in self.nodes.items(node, "replicas")]
        if not key_id.startswith("mrk-"):
            self.nodes.say(node, "only a multi-Region key, whose id begins with mrk-, has replicas")
        if len({*names, region}) != len(names) + 1:
            self.nodes.say(node, "each Region can have the key once")
        return tuple(names)

    # Identities.

    def _managed(self, node: yaml.Node) -> SeedManaged:
        found = self.nodes.fields(node, "a policy", _MANAGED, ("name", "policy"))
        return SeedManaged(
            self._text(found.get("name"), "name"),
            self._text(found.get("path"), "path", "/"),
            self._policy(found.get("policy", node), "policy", PolicyKind.IDENTITY),
            self._tags(found.get("tags")),
            self._text(found.get("description"), "description"),
            spot(node),
        )

    def _names(self, found: dict[str, yaml.Node], what: str) -> tuple[tuple[str, Spot], ...]:
        return tuple(self.nodes.texts(found[what], what)) if what in found else ()

    def _group(self, node: yaml.Node) -> SeedIdentity:
        found = self.nodes.fields(node, "a group", _GROUP, ("name",))
        return SeedIdentity(
            self._text(found.get("name"), "name"),
            self._text(found.get("path"), "path", "/"),
            self._policies(found.get("policies")),
            (),
            spot(node),
            attached=self._names(found, "attached"),
        )

    def _user(self, node: yaml.Node) -> SeedIdentity:
        found = self.nodes.fields(node, "a user", _USER, ("name",))
        return SeedIdentity(
            self._text(found.get("name"), "name"),
            self._text(found.get("path"), "path", "/"),
            self._policies(found.get("policies")),
            self._tags(found.get("tags")),
            spot(node),
            self._access_keys(found.get("access_keys")),
            attached=self._names(found, "attached"),
            groups=self._names(found, "groups"),
        )

    def _role(self, node: yaml.Node) -> SeedIdentity:
        found = self.nodes.fields(node, "a role", _ROLE, ("name", "trust"))
        trust, longest = found.get("trust"), found.get("max_session")
        return SeedIdentity(
            self._text(found.get("name"), "name"),
            self._text(found.get("path"), "path", "/"),
            self._policies(found.get("policies")),
            self._tags(found.get("tags")),
            spot(node),
            (),
            self._policy(trust, "trust", PolicyKind.TRUST) if trust is not None else None,
            self._text(found.get("description"), "description"),
            3600 if longest is None else self.nodes.whole(longest, "max_session", 3600, 43200),
            self._names(found, "attached"),
        )

    def _policies(self, node: yaml.Node | None) -> tuple[SeedPolicy, ...]:
        found = {} if node is None else self.nodes.entries(node, "policies")
        return tuple(
            self._policy(value, f"the policy {name}", PolicyKind.IDENTITY, name)
            for name, (_, value) in found.items()
        )

    def _access_keys(self, node: yaml.Node | None) -> tuple[SeedAccessKey, ...]:
        return tuple(self._access_key(one) for one in self._list(node, "access_keys"))

    def _access_key(self, node: yaml.Node) -> SeedAccessKey:
        found = self.nodes.fields(node, "an access key", ("id", "secret"), ("id", "secret"))
        words = "16 to 128 capital letters, digits and underscores"
        key_id = self._matching(found.get("id"), "id", _ACCESS_KEY, words)
        secret = self._matching(
            found.get("secret"), "secret", _SECRET, "16 to 128 ASCII characters without spaces"
        )
        if key_id in self._ids:
            self.nodes.say(found["id"], "another access key has this id")
        self._ids.add(key_id)
        return SeedAccessKey(key_id, secret, spot(node))


_FORMS: Final = {
    "hex": "hexadecimal digits",
    "base64": "base64",
    "pem": "PEM of an unencrypted PKCS#8 private key (BEGIN PRIVATE KEY)",
}


def _unarmored(text: str) -> bytes:
    """Return PKCS#8 in DER (RFC 7468 §10).

    Raises:
        ValueError: something else.
    """
    kind, _, der = pem.unarmor(text.encode())
    if kind != "PRIVATE KEY":
        raise ValueError(kind)
    return bytes(der)
