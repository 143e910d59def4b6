"""The grants of a seed file's keys.

Owns their fields; resources/help/seed.md documents them. What a grant may say on which key the
service decides when it is made.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml

from workbench.serving.seed_nodes import Nodes, Spot, spot

_GRANT: Final = (
    "grantee", "operations", "retiring", "constraints", "name", "id", "region",
)  # fmt: skip
_CONSTRAINTS: Final = {
    "equals": "EncryptionContextEquals",
    "subset": "EncryptionContextSubset",
    "source_arn": "SourceArn",
}
_ID: Final = re.compile(r"[0-9a-f]{64}")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::[0-9]{12}:\S+")


@dataclass(frozen=True, slots=True)
class SeedGrant:
    """A grant on a key.

    Attributes:
        request: CreateGrant's parameters, all but the key.
        region: where it is; empty for the key's own Region.
        id: 64 hexadecimal digits, or empty for a new one each time.
        spot: where it begins.
    """

    request: dict[str, Any]
    region: str
    id: str
    spot: Spot


class GrantReader:
    """Reads grants.

    Args:
        nodes: reads values and collects problems.
    """

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._ids: set[str] = set()

    def read(self, node: yaml.Node | None, regions: tuple[str, ...]) -> tuple[SeedGrant, ...]:
        """Return the grants of a key.

        Args:
            node: the list of them, or None.
            regions: where the key is.
        """
        if node is None:
            return ()
        return tuple(self._grant(one, regions) for one in self._nodes.items(node, "grants"))

    def _grant(self, node: yaml.Node, regions: tuple[str, ...]) -> SeedGrant:
        nodes = self._nodes
        found = nodes.fields(node, "a grant", _GRANT, ("grantee", "operations"))
        request: dict[str, Any] = {}
        for field, member in (("grantee", "Grantee"), ("retiring", "Retiring")):
            if field in found:
                name, principal = self._principal(found[field], field)
                request[f"{member}{name}"] = principal
        if "operations" in found:
            request["Operations"] = self._operations(found["operations"])
        if "name" in found:
            request["Name"] = nodes.text(found["name"], "name")
        if "constraints" in found:
            request["Constraints"] = self._constraints(found["constraints"])
        return SeedGrant(
            request,
            self._region(found.get("region"), regions),
            self._id(found.get("id")),
            spot(node),
        )

    def _principal(self, node: yaml.Node, what: str) -> tuple[str, str]:
        """Return which of AWS's members a principal belongs in, and the principal."""
        written = self._nodes.text(node, what)
        if _SERVICE.fullmatch(written):
            return "ServicePrincipal", written
        if not _ARN.fullmatch(written):
            self._nodes.say(
                node,
                f"{what} must be the ARN of a principal, or a service such as s3.amazonaws.com",
            )
        return "Principal", written

    def _operations(self, node: yaml.Node) -> list[str]:
        names = [name for name, _ in self._nodes.texts(node, "operations")]
        if not names and isinstance(node, yaml.SequenceNode):
            self._nodes.say(node, "operations must name at least one")
        return names

    def _constraints(self, node: yaml.Node) -> dict[str, Any]:
        found = self._nodes.fields(node, "constraints", tuple(_CONSTRAINTS))
        return {
            _CONSTRAINTS[name]: self._nodes.text(value, name)
            if name == "source_arn"
            else dict(self._nodes.pairs(value, name))
            for name, value in found.items()
        }

    def _region(self, node: yaml.Node | None, regions: tuple[str, ...]) -> str:
        if node is None:
            return ""
        written = self._nodes.text(node, "region")
        if written not in regions:
            self._nodes.say(node, f"region must be where the key is: {' or '.join(regions)}")
        return written

    def _id(self, node: yaml.Node | None) -> str:
        if node is None:
            return ""
        written = self._nodes.text(node, "id")
        if not _ID.fullmatch(written):
            self._nodes.say(node, "id must be 64 hexadecimal digits in small letters")
        elif written in self._ids:
            self._nodes.say(node, "another grant has this id")
        self._ids.add(written)
        return written
