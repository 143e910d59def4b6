"""Values made for model shapes: what any client may send, what any service may answer."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.model

_TEXTS = (
    "plain",
    "",
    " spaced  out ",
    "a&b=c+d %41;/?",
    '<x y="z">&amp;</x>',
    "ünï ☃ 𝄞",
    "l1\r\nl2\t",
    "'",
)
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


class Maker:
    """Makes values at random, the same ones for the same seed.

    Args:
        seed: of the choices.
        fraction: whether timestamps have milliseconds (botocore sends whole seconds).
        holes: whether structures may lack members, and collections be empty.
    """

    def __init__(self, seed: int, *, fraction: bool, holes: bool) -> None:
        self._random = random.Random(seed)
        self._fraction = fraction
        self._holes = holes

    def value(self, shape: botocore.model.Shape, depth: int = 0) -> Any:
        """Return a value of a shape."""
        make = getattr(self, f"_{shape.type_name}", None)
        if make is None:
            return self._simple(shape)
        return make(shape, depth)

    def _structure(self, shape: Any, depth: int) -> dict[str, Any]:
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [self._random.choice(names)]
        elif self._holes and len(names) > 1:
            names = [n for n in names if self._random.random() < 0.6] or names[:1]
        if depth > 6:
            names = [n for n in names if not hasattr(shape.members[n], "members")]
        return {name: self.value(shape.members[name], depth + 1) for name in names}

    def _list(self, shape: Any, depth: int) -> list[Any]:
        count = self._random.choice((0, 1, 3, 11)) if self._holes and depth < 4 else 2
        return [self.value(shape.member, depth + 1) for _ in range(count)]

    def _map(self, shape: Any, depth: int) -> dict[str, Any]:
        names = {self._simple(shape.key) for _ in range(3)}
        return {name: self.value(shape.value, depth + 1) for name in sorted(names)}

    def _simple(self, shape: Any) -> Any:
        choose = self._random
        kind = shape.type_name
        if kind in {"integer", "long"}:
            return choose.choice((0, -1, 7, 2**31 - 1))
        if kind in {"float", "double"}:
            return choose.choice((0.0, -1.5, 1e9))
        if kind == "boolean":
            return choose.random() < 0.5
        if kind == "blob":
            return choose.randbytes(choose.choice((0, 1, 2, 3, 100)))
        if kind == "timestamp":
            unit = timedelta(milliseconds=choose.randrange(1000)) if self._fraction else timedelta()
            return _EPOCH + timedelta(seconds=choose.randrange(10**9)) + unit
        assert kind == "string", kind
        return choose.choice(shape.enum) if shape.enum else choose.choice(_TEXTS)


def samples(shape: botocore.model.Shape | None, *, fraction: bool) -> Iterator[dict[str, Any]]:
    """Yield values of an operation's whole input or output."""
    if shape is None:
        yield {}
        return
    yield Maker(0, fraction=fraction, holes=False).value(shape)
    for seed in range(1, 4):
        yield Maker(seed, fraction=fraction, holes=True).value(shape)
