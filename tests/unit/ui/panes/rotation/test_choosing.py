import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import Material
from workbench.ui.panes.keys.usage import jobs_of
from workbench.ui.panes.rotation.choosing import Chosen
from workbench.ui.panes.rotation.ciphertexts import material_of
from workbench.ui.panes.rotation.lanes import Lane, lane_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POST = (
    "AQIBAHgE9c9Q7o8Ff5dLmCCrj6iDfSg2OoWo+O8GpGyTrcWyQQFGzFweTmSjHkrflCzUMvY+AAAAfjB8BgkqhkiG9w0"
    "BBwagbzBtAgEAMGgGCSqGSIb3DQEHATAeBglghkgBZQMEAS4wEQQMdNV4KMSitkzp9j0pAgEQgDuXnjXR/KvDWjf3Kf"
    "TAksjAyQJETPoC7zBq6ND2n2c7IUT/EUn+cbmBhXx5P/EI3l9drqsP/6NS5rRYSw=="
)
"""A ciphertext that AWS printed, with the id of its material beside it."""


def lane(name: str, count: int = 2, *, waits: bool = False) -> Lane:
    materials = [
        Material(f"{name}{n}", "NON_CURRENT", NOW - timedelta(days=count - n)) for n in range(count)
    ]
    if waits:
        materials[-1] = Material(f"{name}w", "PENDING_ROTATION", None)
    return lane_of(KeyRow(name, "arn", spec="SYMMETRIC_DEFAULT", materials=tuple(materials)), NOW)


@pytest.fixture
def chosen() -> Chosen:
    made = Chosen()
    made.show([lane("a"), lane("b"), lane("c", waits=True), lane("d")])
    return made


def test_nothing_is_chosen_at_first(chosen: Chosen) -> None:
    assert (chosen.selected, chosen.places, chosen.picked) == (None, (), [])
    assert not chosen.choose("z")
    assert not chosen.toggle("z")
    assert not chosen.extend_to("z")


def test_the_current_material_stands_for_its_key(chosen: Chosen) -> None:
    chosen.choose("c")
    assert chosen.bar == 0, "not the one that waits"
    chosen.choose("c", 1)
    assert chosen.places == (("c", 1),)


def test_extending_goes_from_where_choosing_began(chosen: Chosen) -> None:
    chosen.choose("b")
    chosen.extend_to("d")
    assert [key for key, _ in chosen.places] == ["b", "c", "d"]
    chosen.extend_to("a")
    assert [key for key, _ in chosen.places] == ["a", "b"]
    chosen.choose("d")
    assert [key for key, _ in chosen.places] == ["d"]


def test_keys_that_go_are_no_longer_chosen(chosen: Chosen) -> None:
    chosen.choose("a", 0)
    chosen.toggle("d", 1)
    chosen.show([lane("a"), lane("b")])
    assert chosen.places == (("a", 0),)
    chosen.show([lane("b")])
    assert not chosen.picked
    assert chosen.selected is None


def test_a_material_that_goes_leaves_the_last_one_chosen(chosen: Chosen) -> None:
    chosen.choose("a", 1)
    chosen.show([lane("a", 1)])
    assert chosen.places == (("a", 0),)


@given(steps=st.lists(st.tuples(st.sampled_from("abcdz"), st.integers(-1, 3), st.booleans())))
def test_what_is_chosen_is_always_there(steps: list[tuple[str, int, bool]]) -> None:
    made = Chosen()
    made.show([lane("a"), lane("b"), lane("c", waits=True), lane("d")])
    for key, bar, toggle in steps:
        (made.toggle if toggle else made.choose)(key, bar)
        if made.key:
            assert (made.key, made.bar) in made.places
            assert len(made.picked) == len(made.places) >= 1


def test_a_printed_ciphertext_names_its_material() -> None:
    named = "04f5cf50ee8f057f974b9820ab8fa8837d28363a85a8f8ef06a46c93adc5b241"
    assert material_of(POST) == named
    assert material_of(f"  {POST[:80]}\n{POST[80:]}  ") == named


@given(text=st.one_of(st.text(max_size=200), st.binary(max_size=200).map(
    lambda data: base64.b64encode(data).decode())))  # fmt: skip
def test_other_text_names_none(text: str) -> None:
    assert material_of(text) == ""


def test_half_a_ciphertext_and_a_huge_one_name_none() -> None:
    assert material_of(POST[:44]) == ""
    assert material_of(POST[:4] * 5000) == ""


def test_jobs_are_found_by_every_name_of_their_key() -> None:
    row = KeyRow("k", "arn:k", ("release",))

    def job(number: int, key: str) -> Any:
        created = NOW + timedelta(days=number)
        recipe = SimpleNamespace(key_id=key)
        return SimpleNamespace(id=str(number), title=key, created=created, recipe=recipe)

    every = [job(1, "k"), job(2, "arn:k"), job(3, "alias/release"), job(4, "alias/other")]
    found = jobs_of(SimpleNamespace(jobs=lambda: every), row)
    assert [one.id for one in found] == ["3", "2", "1"]
