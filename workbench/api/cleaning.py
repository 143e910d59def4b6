"""Requests and responses made fit for the journal: no blobs, nothing sensitive.

CloudTrail omits plaintext, ciphertext, messages and signatures of AWS KMS requests; so does this,
by the service model: blobs and members marked sensitive are left out. What stays is compiled once
per shape into a short list of member names.
"""

from collections.abc import Callable, Iterator
from typing import Any

import botocore.model

Clean = Callable[[dict[str, Any]], dict[str, Any]]

_LONGEST_TEXT = 2048
_TOKENS = frozenset({"GrantTokens", "ImportToken", "IdempotencyToken", "GrantToken"}) | {
    "SessionToken",
    "TokenCode",
}
_OMITTED = frozenset({"Policy", "Csr", "Certificate", "CertificateChain"}) | _TOKENS


def is_secret(shape: botocore.model.Shape) -> bool:
    """Whether values of a shape are never written down: blobs, and what is marked sensitive."""
    return shape.type_name == "blob" or bool(shape.metadata.get("sensitive"))


def secret_values(shape: botocore.model.Shape, value: Any) -> Iterator[Any]:
    """Yield what is secret in a value of any type that was given for a shape."""
    if is_secret(shape):
        yield value
    elif shape.type_name == "list" and isinstance(value, list | tuple):
        for item in value:
            yield from secret_values(shape.member, item)
    elif shape.type_name == "structure" and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                yield from secret_values(shape.members[name], item)
    elif any(_secrets_within(shape, frozenset())):
        yield value


def compile_cleaning(shape: botocore.model.StructureShape | None) -> Clean:
    """Return a function that copies only what the journal may keep of a structure."""
    if shape is None:
        return _empty
    kept = frozenset(
        name
        for name, member in shape.members.items()
        if not is_secret(member) and name not in _OMITTED
    )
    hidden = frozenset(_secrets_within(shape, frozenset()))

    def clean(value: dict[str, Any]) -> dict[str, Any]:
        return {
            k: v if v.__class__ is str and len(v) <= _LONGEST_TEXT else _short(v, hidden)
            for k, v in value.items()
            if k in kept
        }

    return clean


def _secrets_within(shape: botocore.model.Shape, above: frozenset[str]) -> Iterator[str]:
    """Yield the names of members, at any depth, whose values are secret texts or tokens."""
    if shape.name in above:
        return
    above |= {shape.name}
    if shape.type_name == "list":
        yield from _secrets_within(shape.member, above)
    elif shape.type_name == "map":
        yield from _secrets_within(shape.value, above)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            if member.metadata.get("sensitive") or name in _TOKENS:
                yield name
            yield from _secrets_within(member, above)


def _empty(value: dict[str, Any]) -> dict[str, Any]:
    del value
    return {}


def _short(value: Any, hidden: frozenset[str]) -> Any:
    """Copy plain values without members in `hidden` and blobs; cut over-long texts."""
    if value.__class__ is str:
        return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…"
    if isinstance(value, bytes | bytearray):
        return "HIDDEN_DUE_TO_SECURITY_REASONS"
    if isinstance(value, dict):
        return {k: _short(v, hidden) for k, v in value.items() if k not in hidden}
    if isinstance(value, list | tuple):
        return [_short(item, hidden) for item in value]
    return value
