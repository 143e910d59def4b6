"""Speeds and times left, by the last seconds alone."""

import pytest

from workbench.signing.meter import Meter


def test_nothing_is_known_at_first() -> None:
    meter = Meter()
    assert meter.estimate(0, 100, 1) == (0.0, None)
    meter.note(0, 0, 0)
    assert meter.estimate(1, 100, 1) == (0.0, None)


def test_bytes_give_the_time_of_one_large_file() -> None:
    meter = Meter()
    meter.note(10, 0, 0)
    meter.note(12, 200, 0)
    assert meter.estimate(12, 300, 1) == (100.0, 3.0)


def test_the_slower_of_bytes_and_files_counts() -> None:
    meter = Meter()
    meter.note(10, 0, 0)
    meter.note(12, 200, 4)
    assert meter.estimate(12, 100, 8) == (100.0, 4.0)


def test_only_the_last_seconds_count() -> None:
    meter = Meter()
    for second in range(20):
        meter.note(second, second * (100 if second < 10 else 10), second)
    speed, _ = meter.estimate(19, 50, 0)
    assert speed == pytest.approx(10)


def test_a_pause_leaves_no_estimate() -> None:
    meter = Meter()
    meter.note(0, 0, 0)
    meter.note(1, 100, 1)
    assert meter.estimate(60, 100, 1) == (0.0, None)


def test_going_back_is_no_negative_speed() -> None:
    meter = Meter()
    meter.note(0, 100, 1)
    meter.note(1, 0, 1)
    assert meter.estimate(1, 100, 0) == (0.0, None)
