"""How many days are proposed for a certificate."""

import pytest
from pytestqt.qtbot import QtBot

from workbench.ui.look import Look
from workbench.ui.panes.certificates.days_box import DaysBox


@pytest.fixture
def box(qtbot: QtBot, look: Look) -> DaysBox:
    made = DaysBox(look, 365)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("left", "proposed"), [(None, 365), (4000, 365), (365, 365), (12, 12), (0, 1), (-3, 1)]
)
def test_no_more_than_the_issuer_has_left(box: DaysBox, left: int | None, proposed: int) -> None:
    box.stay_within(left)
    assert box.value() == proposed


def test_a_longer_issuer_gives_the_days_back(box: DaysBox) -> None:
    box.stay_within(12)
    box.stay_within(None)
    assert box.value() == 365


def test_what_a_person_chose_stays(box: DaysBox) -> None:
    box.setValue(90)
    box.stay_within(12)
    assert box.value() == 90, "the check tells that it is too long"


def test_a_profile_s_days_are_proposed_within_the_issuer_s(box: DaysBox) -> None:
    box.stay_within(100)
    box.setValue(90)
    box.suggest(3650)
    assert box.value() == 100
    box.suggest(30)
    assert box.value() == 30
