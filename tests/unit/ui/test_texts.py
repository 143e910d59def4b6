from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QLocale

from workbench.ui.widgets import texts

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=90), "90 days ago"),
        (timedelta(days=365 * 3), "3 years ago"),
        (timedelta(days=-7), "in 7 days"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(step: timedelta, words: str) -> None:
    assert texts.age(NOW - step, NOW) == words


def test_nothing_is_a_dash() -> None:
    assert texts.local_time(None) == texts.age(None, NOW) == texts.local_date(None) == texts.NOTHING
    assert texts.utc_time(None) == ""


def test_utc_is_spelled_out() -> None:
    assert texts.utc_time(NOW) == "2026-05-17 12:00:00 UTC"


def test_a_countdown_never_goes_below_zero() -> None:
    assert texts.countdown(252.9) == "4:12"
    assert texts.countdown(59) == "0:59"
    assert texts.countdown(-3) == "0:00"


def test_sizes_and_counts_are_in_the_locale() -> None:
    assert texts.size(1536) == "1.5 KiB"
    assert texts.speed(3 * 1024 * 1024) == "3.0 MiB/s"
    assert texts.number(1234567) == "1,234,567"


def test_a_long_identifier_loses_its_middle() -> None:
    assert texts.elide("short") == "short"
    assert texts.elide("0123456789abcdef", 9) == "0123…cdef"


def test_without_a_locale_dates_are_iso_8601() -> None:
    QLocale.setDefault(QLocale.c())
    assert texts.local_date(NOW) == "2026-05-17"
    assert texts.local_time(NOW).startswith("2026-05-17 ")
    assert texts.size(1536) == "1.5 KiB"


BREAK = "\N{ZERO WIDTH SPACE}"


@pytest.mark.parametrize(
    "text",
    [
        "CloudHsmClusterInvalidConfigurationException: not yet.",
        "IncorrectKeyMaterialException: another material.",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
    ],
)
def test_a_word_as_long_as_a_name_of_an_exception_stays_whole(text: str) -> None:
    assert texts.breakable(text) == text


def test_a_word_longer_than_any_line_may_be_broken() -> None:
    text = f"The alias alias/{'x' * 200} is taken."
    broken = texts.breakable(text)
    assert broken.replace(BREAK, "") == text
    assert all(len(piece) <= 24 for word in broken.split() for piece in word.split(BREAK))
