from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.widgets.rows import Column, RowSet


@dataclass(frozen=True)
class Row:
    id: str
    name: str
    size: int


COLUMNS = (
    Column[Row]("name", "Name", lambda row: row.name),
    Column[Row]("size", "Size", lambda row: f"{row.size} B", key=lambda row: row.size),
    Column[Row]("id", "Id", lambda row: row.id, searched=False),
)
ROWS = [Row("a", "Zebra", 10), Row("b", "apple", 9), Row("c", "Äpfel", 100), Row("d", "apple", 1)]


def rows(chosen: RowSet[Row], *args: object, **named: bool) -> list[str]:
    return [chosen.rows[i].id for i in chosen.select(*args, **named)]  # type: ignore[arg-type]


def test_text_sorts_without_case_and_numbers_by_value() -> None:
    chosen = RowSet(COLUMNS, ROWS, lambda row: row.id)
    assert rows(chosen, "", None, 0) == ["b", "d", "a", "c"]
    assert rows(chosen, "", None, 1) == ["d", "b", "a", "c"]
    assert rows(chosen, "", None, 1, descending=True) == ["c", "a", "b", "d"]


def test_every_word_has_to_match_in_any_case() -> None:
    chosen = RowSet(COLUMNS, ROWS, lambda row: row.id)
    assert rows(chosen, "APPLE") == ["b", "d"]
    assert rows(chosen, "apple 9") == ["b"]
    assert rows(chosen, "äpf") == ["c"]
    assert rows(chosen, "apple zebra") == []


def test_only_searched_columns_and_extra_text_count() -> None:
    without = RowSet(COLUMNS, ROWS, lambda row: row.id)
    assert rows(without, "tag-b") == []
    tagged = RowSet(COLUMNS, ROWS, lambda row: row.id, lambda row: f"tag-{row.id}")
    assert rows(tagged, "tag-b") == ["b"]


def test_a_predicate_narrows_further() -> None:
    chosen = RowSet(COLUMNS, ROWS, lambda row: row.id)
    assert rows(chosen, "apple", lambda row: row.size > 5) == ["b"]


def test_a_row_is_found_by_its_identity() -> None:
    chosen = RowSet(COLUMNS, ROWS, lambda row: row.id)
    assert chosen.place("c") == 2
    assert chosen.place("missing") is None
    assert len(chosen) == 4


@given(
    st.lists(st.tuples(st.text("abC ", max_size=4), st.integers(0, 9)), max_size=40),
    st.text("abc", max_size=2),
    st.booleans(),
)
def test_it_answers_as_the_plain_way_does(
    found: list[tuple[str, int]],
    query: str,
    descending: bool,  # noqa: FBT001
) -> None:
    made = [Row(str(n), name, size) for n, (name, size) in enumerate(found)]
    chosen = RowSet(COLUMNS, made, lambda row: row.id).warm(1)
    plain = [row for row in made if query in f"{row.name}\n{row.size} b".casefold()]
    plain.sort(key=lambda row: row.size)
    if descending:
        plain.reverse()
    assert rows(chosen, query, None, 1, descending=descending) == [row.id for row in plain]
