"""The `AWS` principals of a policy exchanged for others, all else left as it is written.

Must not know why: see `workbench.iam.unique_ids`.
"""

import json
from collections.abc import Callable, Iterator

from workbench.iam.policy.scanning import Member, begin, members

_ELEMENTS = ("Principal", "NotPrincipal")


def renamed(text: str, rename: Callable[[str], str]) -> str:
    """Return a policy whose `AWS` principals have other names.

    Args:
        text: a policy that `parse_policy` takes.
        rename: returns what stands for a principal, which may be the principal itself.
    """
    parts: list[str] = []
    at = 0
    for principal in _principals(text):
        name = rename(principal.value)
        if name != principal.value:
            parts += (text[at : principal.start], json.dumps(name))
            at = principal.end
    return "".join((*parts, text[at:])) if parts else text


def _principals(text: str) -> Iterator[Member]:
    """Yield the values of every statement's `AWS` principals, in the order of the text."""
    for statements in _named(members(text, begin(text)), "Statement"):
        for statement in _items(text, statements):
            for element in _named(members(text, statement.start), *_ELEMENTS):
                if element.value != "*":
                    for values in _named(members(text, element.start), "AWS"):
                        yield from _items(text, values)


def _named(found: list[Member], *keys: str) -> Iterator[Member]:
    return (member for member in found if member.key in keys)


def _items(text: str, member: Member) -> list[Member]:
    return members(text, member.start) if isinstance(member.value, list) else [member]
