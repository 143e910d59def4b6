import pytest

from workbench.ui.fuzzy import rank, score

NAMES = [
    "Create key",
    "alias/release-signing",
    "Schedule key deletion",
    "Go to Certificates",
    "alias/kestrel",
    "Command palette",
]


def best(query: str) -> list[str]:
    return rank(query, NAMES, lambda name: (name, ""))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("create", "Create key"),
        ("key", "Create key"),
        ("release", "alias/release-signing"),
        ("skd", "Schedule key deletion"),
        ("key del", "Schedule key deletion"),
        ("cert", "Go to Certificates"),
        ("KEST", "alias/kestrel"),
    ],
)
def test_the_best_match_comes_first(query: str, first: str) -> None:
    assert best(query)[0] == first


@pytest.mark.parametrize("query", ["xyzzy", "create nothing", "keyy"])
def test_what_does_not_match_is_left_out(query: str) -> None:
    assert best(query) == []


def test_an_empty_query_keeps_everything_in_order() -> None:
    assert best("  ") == NAMES


def test_keywords_count_less_than_the_title() -> None:
    by_id = score("1234", "alias/release", "1234abcd-12ab-34cd-56ef-1234567890ab")
    assert 0 < by_id < score("1234", "1234")
    assert score("9999", "alias/release", "1234abcd") == 0


def test_of_equals_what_can_be_done_comes_first() -> None:
    names = ["Revoke certificate", "Revoke grant", "Retire grant"]

    def found(query: str) -> list[str]:
        return rank(query, names, lambda name: (name, ""), usable=lambda name: "grant" in name)

    assert found("revoke") == ["Revoke grant", "Revoke certificate"]
    assert found("revoke cert")[0] == "Revoke certificate", "what is named is shown all the same"
    assert found("") == ["Revoke grant", "Retire grant", "Revoke certificate"]


def test_there_is_a_limit() -> None:
    assert len(rank("a", ["a"] * 100, lambda name: (name, ""), limit=7)) == 7
