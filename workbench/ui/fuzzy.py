"""How well typed letters match a name. Knows no Qt and nothing of what is named."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

_WORD_START = re.compile(r"(?:^|[^a-z0-9])([a-z0-9])")


@lru_cache(maxsize=64)
def _loose(word: str) -> re.Pattern[str]:
    return re.compile(".*?".join(map(re.escape, word)), re.DOTALL)


def score(query: str, title: str, keywords: str = "") -> int:
    """Return how well a query matches; 0 means not at all.

    Every word of the query has to match: best at the title's start, then at the start of one of its
    words, then anywhere in it, then as initials or scattered letters, last in the keywords.

    Args:
        query: what was typed; an empty one matches everything equally.
        title: what is shown.
        keywords: what also counts: ids, fingerprints, aliases.
    """
    words = query.casefold().split()
    name = title.casefold()
    also = keywords.casefold()
    total = 1
    for word in words:
        found = _score_word(word, name, also)
        if not found:
            return 0
        total += found
    return total


def _score_word(word: str, name: str, also: str) -> int:
    place = name.find(word)
    if place == 0:
        return 100
    if place > 0:
        return 80 if not name[place - 1].isalnum() else 60
    if word in also:
        return 50
    if len(word) > 1:
        if word in "".join(_WORD_START.findall(name)):
            return 40
        spread = _loose(word).search(name)
        if spread:
            return max(1, 30 - (spread.end() - spread.start() - len(word)))
    return 0


def rank(
    query: str,
    items: Sequence[T],
    text: Callable[[T], tuple[str, str]],
    limit: int = 50,
    *,
    usable: Callable[[T], bool] = lambda _item: True,
) -> list[T]:
    """Return the best matching items, best first; of equals the usable ones, then in their order.

    Args:
        query: what was typed.
        items: what there is.
        text: an item's title and keywords.
        limit: how many to return at most.
        usable: whether anything can be done with an item now.
    """
    scored = [
        (-points, not usable(item), -1 / (1 + len(title)), number)
        for number, item in enumerate(items)
        for title, keywords in (text(item),)
        if (points := score(query, title, keywords))
    ]
    scored.sort(key=None if query.strip() else lambda one: (one[1], one[3]))
    return [items[number] for *_merits, number in scored[:limit]]
