"""The encryption context as additional authenticated data.

AWS does not publish its encoding; ours is canonical and unambiguous: pairs sorted by the UTF-8
bytes of their keys, every key and value preceded by its length, so that `{"a": "bc"}` and
`{"ab": "c"}` never meet.
"""

from collections.abc import Mapping


def context_bytes(context: Mapping[str, str] | None) -> bytes:
    """Return an encryption context as bytes; empty for no context.

    Args:
        context: names and values; their order does not matter.
    """
    if not context:
        return b""
    pairs = sorted((k.encode(), v.encode()) for k, v in context.items())
    parts = [len(pairs).to_bytes(4, "big")]
    for key, value in pairs:
        parts += [len(key).to_bytes(4, "big"), key, len(value).to_bytes(4, "big"), value]
    return b"".join(parts)
