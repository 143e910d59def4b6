from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.materials import CURRENT, PENDING_IMPORT, Material
from workbench.ui.panes.rotation.axis import DAY, LONGEST, SHORTEST, Span, ticks
from workbench.ui.panes.rotation.lanes import extent, lane_of, lanes_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENTS = st.floats(0, 4e9)


@given(start=MOMENTS, length=st.floats(SHORTEST, LONGEST), share=st.floats(0, 1),
       factor=st.floats(0.1, 10))  # fmt: skip
def test_zooming_keeps_the_moment_under_the_pointer(
    start: float, length: float, share: float, factor: float
) -> None:
    span = Span(start, start + length)
    around = span.moment(share * 1000, 1000)
    zoomed = span.zoomed(factor, around)
    assert zoomed.place(around, 1000) == pytest.approx(share * 1000, abs=0.01)
    assert SHORTEST * 0.999 <= zoomed.length <= LONGEST * 1.001


@given(start=MOMENTS, length=st.floats(SHORTEST, LONGEST), place=st.floats(0, 900))
def test_place_and_moment_undo_each_other(start: float, length: float, place: float) -> None:
    span = Span(start, start + length)
    assert span.place(span.moment(place, 900), 900) == pytest.approx(place, abs=0.01)


@given(start=MOMENTS, length=st.floats(SHORTEST, LONGEST), width=st.integers(200, 4000))
def test_ticks_are_inside_in_order_and_not_crowded(start: float, length: float, width: int) -> None:
    span = Span(start, start + length)
    found = [tick.moment.timestamp() for tick in ticks(span, width, 70)]
    assert found == sorted(found)
    assert all(span.start - 1e-3 <= moment <= span.end + 1e-3 for moment in found)
    places = [span.place(moment, width) for moment in found]
    gaps = [later - earlier for earlier, later in pairwise(places)]
    assert all(gap >= 60 for gap in gaps), "70 pixels, less what February is shorter"


@pytest.mark.parametrize(
    ("days", "unit"), [(0.5, "hour"), (7, "day"), (300, "month"), (3000, "year")]
)
def test_the_unit_follows_the_span(days: float, unit: str) -> None:
    start = NOW.timestamp()
    assert {tick.unit for tick in ticks(Span(start, start + days * DAY), 800, 80)} == {unit}


def test_the_first_of_a_month_stands_out_among_days() -> None:
    start = datetime(2026, 5, 20, tzinfo=UTC).timestamp()
    days = ticks(Span(start, start + 20 * DAY), 4000, 80)
    assert [tick.moment.day for tick in days if tick.first] == [1]
    weeks = ticks(Span(start, start + 40 * DAY), 800, 80)
    assert [tick.moment.day for tick in weeks if tick.first] == [1]
    assert {tick.moment.weekday() for tick in weeks} == {0}


def rotating(**more: object) -> KeyRow:
    half = NOW - timedelta(days=50)
    materials = (
        Material("a", "NON_CURRENT", NOW - timedelta(days=100), half),
        Material("b", CURRENT, half, None, "AUTOMATIC"),
    )
    values: dict[str, object] = {"spec": "SYMMETRIC_DEFAULT", "origin": "AWS_KMS"}
    values.update(state="Enabled", names=("b",), materials=materials, **more)
    return KeyRow("k", "arn", **values)  # type: ignore[arg-type]


def test_a_lane_has_a_bar_per_material_and_a_mark_per_event() -> None:
    lane = lane_of(rotating(next_rotation=NOW + timedelta(days=40)), NOW)
    assert [bar.material.id for bar in lane.bars] == ["a", "b"]
    assert [bar.open_ended for bar in lane.bars] == [False, True]
    assert lane.bars[1].end == NOW.timestamp()
    assert [mark.kind for mark in lane.marks] == ["created", "automatic", "scheduled"]


def test_a_key_pending_deletion_is_marked() -> None:
    row = KeyRow("p", "arn", spec="RSA_2048", state="PendingDeletion",
                 materials=(Material("", CURRENT, NOW - timedelta(days=3)),),
                 deletion=NOW + timedelta(days=7))  # fmt: skip
    assert [mark.kind for mark in lane_of(row, NOW).marks] == ["created", "deletion"]


def imported(*materials: Material, **more: object) -> KeyRow:
    values: dict[str, object] = {"spec": "SYMMETRIC_DEFAULT", "origin": "EXTERNAL"}
    values.update(state="Enabled", materials=materials, **more)
    return KeyRow("e", "arn", **values)  # type: ignore[arg-type]


def test_material_that_waits_reaches_from_the_present_into_the_future() -> None:
    start = NOW - timedelta(days=1000)
    current = Material("c", CURRENT, start, import_state="IMPORTED")
    waits = Material("w", "PENDING_ROTATION", None, import_state="IMPORTED")
    lane = lane_of(imported(current, waits), NOW)
    assert [bar.condition for bar in lane.bars] == ["current", "waiting"]
    assert lane.bars[1].start == NOW.timestamp()
    assert lane.bars[1].end - NOW.timestamp() == pytest.approx(120 * DAY)
    assert lane.main == 0, "the current one stands for the key"
    assert [mark.kind for mark in lane.marks] == ["created"], "nothing happened to it yet"
    assert extent([lane], NOW).holds(lane.bars[1].end)


@pytest.mark.parametrize(
    ("state", "import_state", "days", "condition"),
    [
        (CURRENT, "IMPORTED", None, "current"),
        (CURRENT, "IMPORTED", 1, "current"),
        (CURRENT, PENDING_IMPORT, None, "missing"),
        (CURRENT, PENDING_IMPORT, -1, "expired"),
        (CURRENT, PENDING_IMPORT, 1, "missing"),
        ("NON_CURRENT", "IMPORTED", None, "former"),
        ("NON_CURRENT", PENDING_IMPORT, 0, "expired"),
        ("PENDING_ROTATION", "IMPORTED", 5, "waiting"),
        ("PENDING_ROTATION", PENDING_IMPORT, -5, "expired"),
        ("PENDING_MULTI_REGION_IMPORT_AND_ROTATION", "IMPORTED", None, "elsewhere"),
        ("NON_CURRENT", "", None, "former"),
    ],
)
def test_what_a_material_is_good_for(
    state: str, import_state: str, days: int | None, condition: str
) -> None:
    expires = None if days is None else NOW + timedelta(days=days)
    one = Material("m", state, NOW, import_state=import_state, expires=expires)
    assert one.condition(NOW) == condition


def test_the_expiry_of_imported_material_is_marked() -> None:
    soon = NOW + timedelta(days=20)
    gone = NOW - timedelta(days=2)
    first = Material("a", "NON_CURRENT", NOW - timedelta(days=9), NOW - timedelta(days=5),
                     import_state=PENDING_IMPORT, expires=gone)  # fmt: skip
    second = Material("b", CURRENT, NOW - timedelta(days=5), import_state="IMPORTED", expires=soon)
    lane = lane_of(imported(first, second), NOW)
    expiries = [(mark.moment, mark.material) for mark in lane.marks if mark.kind == "expiry"]
    assert expiries == [(gone.timestamp(), first), (soon.timestamp(), second)]
    assert lane.bars[0].condition == "expired"


def test_only_keys_without_imports_and_rotation_stand_still() -> None:
    mac = KeyRow("h", "arn", spec="HMAC_256", origin="EXTERNAL")
    own = KeyRow("h", "arn", spec="HMAC_256", origin="AWS_KMS")
    assert not lane_of(mac, NOW).still
    assert not lane_of(mac, NOW).rotates
    assert lane_of(own, NOW).still


def test_keys_that_rotate_come_first_and_unreadable_ones_not_at_all() -> None:
    pair = KeyRow("a", "arn", ("a",), spec="RSA_2048")
    hidden = KeyRow("h", "arn", ("h",))
    lanes = lanes_of([hidden, pair, rotating()], NOW)
    assert [lane.row.id for lane in lanes] == ["k", "a"]


def test_the_extent_holds_everything_and_the_present() -> None:
    lanes = [lane_of(rotating(next_rotation=NOW + timedelta(days=40)), NOW)]
    span = extent(lanes, NOW)
    assert span.holds(NOW.timestamp())
    assert all(span.holds(mark.moment) for mark in lanes[0].marks)
    assert extent([], NOW).length >= 14 * DAY
