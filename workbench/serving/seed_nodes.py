"""Reading a seed file's YAML so that every complaint says where: line and column.

Owns what YAML may look like here; must not know what the fields mean. Values are read as they are
written: `account: 012345678901` is twelve digits, not a number in octal.
"""

import difflib
import json
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import yaml

from workbench.base.errors import Refused
from workbench.base.files import printable

LARGEST: Final = 1024 * 1024
_MOST_VISITS: Final = 200_000
_DEEPEST: Final = 40
_TAG: Final = "tag:yaml.org,2002:"
_NUMBERS: Final = {f"{_TAG}int": int, f"{_TAG}float": float}


class Spot(NamedTuple):
    """A place in the file, counted from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """What is wrong, and where."""

    spot: Spot
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"line {self.spot.line}, column {self.spot.column}: {self.text}"


class SeedRefused(Refused):
    """A seed file that cannot be planted.

    Args:
        problems: everything found, at least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        found = sorted(problems)
        more = f" There are {len(found) - 1} more." if len(found) > 1 else ""
        super().__init__(
            f"The seed file is wrong at {found[0]}.{more}", "Correct it and try again."
        )
        self.problems = tuple(found)


class Nodes:
    """Reads nodes and collects what is wrong with them.

    Attributes:
        problems: found so far.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._visits = 0

    def say(self, node: yaml.Node | Spot, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(node if isinstance(node, Spot) else spot(node), text))

    def fields(
        self, node: yaml.Node, what: str, known: Collection[str], required: Collection[str] = ()
    ) -> dict[str, yaml.Node]:
        """Return a mapping's nodes by name; unknown, repeated and missing names are told."""
        found = self.entries(node, what)
        for name, (key, _) in found.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
                self.say(key, f"{what} has no field {printable(name)}{hint}")
        for name in required:
            if isinstance(node, yaml.MappingNode) and name not in found:
                self.say(node, f"{what} needs the field {name}")
        return {name: value for name, (_, value) in found.items() if name in known}

    def entries(self, node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """Return a mapping's (key node, value node) by name."""
        self._visit(node)
        if not isinstance(node, yaml.MappingNode):
            self.say(node, f"{what} must be a mapping of names to values")
            return {}
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            self._visit(key)
            if not isinstance(key, yaml.ScalarNode):
                self.say(key, f"a name in {what} must be text")
            elif key.value in found:
                self.say(key, f"{what} has {printable(key.value)} twice")
            else:
                found[key.value] = (key, value)
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        """Return a list's nodes."""
        self._visit(node)
        if not isinstance(node, yaml.SequenceNode):
            self.say(node, f"{what} must be a list")
            return []
        return list(node.value)

    def text(self, node: yaml.Node, what: str) -> str:
        """Return a scalar as it is written."""
        self._visit(node)
        if not isinstance(node, yaml.ScalarNode) or node.tag == f"{_TAG}null":
            self.say(node, f"{what} must be text")
            return ""
        return str(node.value)

    def truth(self, node: yaml.Node, what: str) -> bool:
        """Return true or false."""
        self._visit(node)
        if not is_truth(node):
            self.say(node, f"{what} must be true or false")
            return False
        return bool(yaml.SafeLoader.bool_values[node.value.lower()])

    def whole(self, node: yaml.Node, what: str, least: int, most: int) -> int:
        """Return a whole number between two bounds."""
        written = self.text(node, what)
        if not (written.isascii() and written.isdigit() and least <= int(written[:9]) <= most):
            self.say(node, f"{what} must be a whole number from {least} to {most}")
            return least
        return int(written)

    def texts(self, node: yaml.Node, what: str) -> list[tuple[str, Spot]]:
        """Return a list of scalars with their places."""
        return [
            (self.text(item, f"an entry of {what}"), spot(item)) for item in self.items(node, what)
        ]

    def pairs(self, node: yaml.Node, what: str) -> tuple[tuple[str, str], ...]:
        """Return a mapping of names to texts."""
        found = self.entries(node, what).items()
        return tuple((name, self.text(value, f"{what}.{name}")) for name, (_, value) in found)

    def as_json(self, node: yaml.Node, what: str) -> str:
        """Return a document as JSON text: text as it is written, anything else translated."""
        if isinstance(node, yaml.ScalarNode):
            return self.text(node, what)
        return json.dumps(self._plain(node, what, 0), indent=2)

    def _plain(self, node: yaml.Node, what: str, depth: int) -> Any:
        self._visit(node)
        if depth > _DEEPEST:
            raise SeedRefused([Problem(spot(node), "the document is nested too deeply")])
        if isinstance(node, yaml.MappingNode):
            found = self.entries(node, what)
            return {name: self._plain(value, what, depth + 1) for name, (_, value) in found.items()}
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, what, depth + 1) for item in node.value]
        if is_truth(node):
            return self.truth(node, what)
        make = _NUMBERS.get(node.tag)
        try:
            return make(node.value) if make else self.text(node, what)
        except ValueError:  # YAML's other ways to write numbers
            self.say(node, f"a number in {what} must be written in decimal digits")
            return 0

    def _visit(self, node: yaml.Node) -> None:
        """Count what is read: a few anchors can stand for billions of nodes."""
        self._visits += 1
        if self._visits > _MOST_VISITS:
            raise SeedRefused([Problem(spot(node), "the file stands for too many values")])


def is_truth(node: yaml.Node) -> bool:
    """Whether a node is true or false, and not a text."""
    return isinstance(node, yaml.ScalarNode) and node.tag == f"{_TAG}bool"


def spot(node: yaml.Node) -> Spot:
    """Return where a node begins."""
    mark = node.start_mark
    return Spot(mark.line + 1, mark.column + 1)


def compose(data: bytes) -> yaml.Node | None:
    """Return the file's one document, nothing constructed from it; None for an empty file.

    Raises:
        SeedRefused: too large, not UTF-8, or not YAML.
    """
    if len(data) > LARGEST:
        raise SeedRefused([Problem(Spot(1, 1), f"the file is larger than {LARGEST} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SeedRefused([Problem(Spot(line, 1), "the line is not UTF-8")]) from None
    try:
        found: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
        raise SeedRefused([Problem(where, f"this is not YAML: {error.problem}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise SeedRefused([Problem(Spot(line, 1), "there is a control character")]) from None
    except RecursionError:
        raise SeedRefused([Problem(Spot(1, 1), "the file is nested too deeply")]) from None
    return found
