"""The parts of the Signing pane that need no window."""

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from workbench.signing.outputs import SUFFIX
from workbench.ui.panes.signing.outward import folder_url
from workbench.ui.panes.signing.recipes import Choices, KeyChoice, Remembered
from workbench.ui.panes.signing.survey import Count, Way, count, look_at
from workbench.ui.panes.signing.words import grouped, shown_name
from workbench.ui.preferences import Preferences

CHOICES = Choices((KeyChoice("key"),), digest="SHAKE256", folder="/out", replace=True)


class Shelf:
    """Preferences in a dictionary."""

    def __init__(self, **values: Any) -> None:
        self.values: dict[str, Any] = {f"signing/{name}": v for name, v in values.items()}

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value


def beside(path: str) -> str:
    return path + SUFFIX


def book(shelf: Shelf) -> Remembered:
    return Remembered(cast("Preferences", shelf))


def test_what_was_used_last_comes_back_without_its_name() -> None:
    shelf = Shelf()
    book(shelf).remember(replace(CHOICES, name="Nightly"))
    assert book(shelf).last == CHOICES


def test_recipes_of_an_earlier_version_are_handed_over_once() -> None:
    old = {"key": "key", "digest": "SHAKE256", "pss": False, "folder": "/out", "replace": True}
    shelf = Shelf(last={**old, "name": ""}, recipes=[{**old, "name": "Nightly"}, 7])
    assert book(shelf).last == CHOICES
    assert book(shelf).take_old() == (replace(CHOICES, name="Nightly"),)
    book(shelf).drop_old()
    assert book(shelf).take_old() == ()


@pytest.mark.parametrize("stored", [None, 7, "text", [], {"key": 7}, {"replace": "yes"}])
def test_a_damaged_recipe_counts_as_absent(stored: Any) -> None:
    shelf = Shelf(last=stored, recipes=[stored, {"key": "k", "name": "good"}])
    assert book(shelf).last == Choices()
    assert [one.name for one in book(shelf).take_old()] == ["good"]


def test_a_file_alone_is_signed_or_verified(tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"MZ")
    survey = look_at([file])
    assert survey.ways == (Way.SIGN, Way.VERIFY)
    assert survey.single_file == file


def test_a_folder_is_signed_only(tmp_path: Path) -> None:
    assert look_at([tmp_path]).ways == (Way.SIGN,)


def test_what_is_not_there_can_have_nothing_done(tmp_path: Path) -> None:
    survey = look_at([tmp_path / "gone"])
    assert survey.ways == ()
    assert survey.things[0].title.startswith("Cannot be read")


def test_a_file_named_like_a_signature_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"content")
    (tmp_path / f"a.bin{SUFFIX}").write_bytes(b"no signature")
    survey = look_at([tmp_path / "a.bin"])
    assert survey.pairs == ()
    assert survey.ways[0] is Way.SIGN


def test_counting_tells_files_bytes_and_what_stands_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").write_bytes(b"678")
    (tmp_path / "b.p7s").symlink_to("nowhere")
    (tmp_path / "link").symlink_to("a")
    found = count([tmp_path], beside, threading.Event(), lambda _so_far: None)
    assert found == Count(files=2, size=8, existing=1, passed=2)


def test_counting_ends_when_it_is_told_to(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / str(number)).touch()
    stop = threading.Event()
    stop.set()
    assert count([tmp_path], beside, stop, lambda _so_far: None) == Count()


def test_any_bytes_of_a_name_survive_in_a_url_and_none_is_shown_raw() -> None:
    path = Path(os.fsdecode(b"/srv/a\xff\n b"))
    assert folder_url(path).toEncoded().data() == b"file:///srv/a%FF%0A%20b"
    assert shown_name(path) == "a\\udcff\\n b"


def test_digests_are_grouped_to_be_compared_by_eye() -> None:
    assert grouped("0123456789abcdef01") == "01234567 89abcdef 01"
