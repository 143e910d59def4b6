"""What certificates are on any date, at the very instants, and which of them a filter lets pass."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.certificates import DAY, NOW
from tests.fakes.hierarchies import Rich, big_collection, fake_record
from tests.fakes.odd_certificates import ENDLESS
from workbench.pki.hierarchy import MISSING, Edge
from workbench.ui.panes.certificates.records import Record, read_collection
from workbench.ui.panes.certificates.sieve import Family, Kind, Origin, Sieve
from workbench.ui.panes.certificates.standing import (
    BROKEN,
    Heat,
    changes,
    heat_of,
    neighbours,
    standings,
)

SECOND = timedelta(seconds=1)


def chain(**leaf: object) -> tuple[dict[str, Record], list[Edge]]:
    root = fake_record(0, "", NOW, authority=True, ends=NOW + 100 * DAY)
    sub = fake_record(1, root.id, NOW, authority=True, ends=NOW + 200 * DAY)
    end = fake_record(2, sub.id, NOW, authority=False, **{"ends": NOW + 300 * DAY, **leaf})
    edges = [
        Edge(root.id, sub.id, verified=True, main=True),
        Edge(sub.id, end.id, verified=True, main=True),
    ]
    return {one.id: one for one in (root, sub, end)}, edges


def states(records: dict[str, Record], edges: list[Edge], moment: datetime) -> list[str]:
    found = standings(records, edges, moment)
    return [found[name].state for name in records]


def test_below_what_has_ended_nothing_is_valid() -> None:
    records, edges = chain()
    assert states(records, edges, NOW) == ["valid", "valid", "valid"]
    end = NOW + 100 * DAY
    assert states(records, edges, end) == ["expiring", "valid", "valid"]
    assert states(records, edges, end + SECOND) == ["expired", BROKEN, BROKEN]
    assert states(records, edges, NOW + 250 * DAY) == ["expired", "expired", BROKEN]
    assert states(records, edges, NOW + 301 * DAY) == ["expired"] * 3


def test_a_second_way_up_keeps_it_valid() -> None:
    records, edges = chain()
    other = fake_record(9, "", NOW, authority=True, ends=NOW + 900 * DAY)
    records[other.id] = other
    edges.append(Edge(other.id, f"{1:064x}", verified=True, main=False))
    assert states(records, edges, NOW + 150 * DAY)[:3] == ["expired", "valid", "valid"]


def test_a_revoked_ca_breaks_what_is_below_from_that_instant_on() -> None:
    records, edges = chain()
    when = NOW + 10 * DAY
    records[f"{1:064x}"] = fake_record(
        1, f"{0:064x}", NOW, authority=True, ends=NOW + 200 * DAY, revoked=when
    )
    assert states(records, edges, when - SECOND) == ["valid"] * 3
    assert states(records, edges, when) == ["valid", "revoked", BROKEN]


def test_what_is_not_yet_valid_is_said_so_and_a_missing_issuer_too() -> None:
    records, edges = chain(starts=NOW + DAY)
    assert states(records, edges, NOW) == ["valid", "valid", "not yet valid"]
    lost = fake_record(5, "missing:aa", NOW, authority=False, ends=NOW + 60 * DAY)
    assert standings({lost.id: lost}, [], NOW)[lost.id].state == MISSING
    assert standings({lost.id: lost}, [], NOW + 61 * DAY)[lost.id].state == "expired"


def test_cas_that_only_have_each_other_do_not_hang() -> None:
    one = fake_record(1, f"{2:064x}", NOW, authority=True, root=False)
    other = fake_record(2, f"{1:064x}", NOW, authority=True, root=False)
    edges = [
        Edge(one.id, other.id, verified=True, main=True),
        Edge(other.id, one.id, verified=True, main=True),
    ]
    assert states({one.id: one, other.id: other}, edges, NOW) == ["valid", "valid"]


@pytest.mark.parametrize(
    ("left", "heat"),
    [
        (366 * DAY, Heat.CALM), (365 * DAY, Heat.YEAR), (90 * DAY + SECOND, Heat.YEAR),
        (90 * DAY, Heat.QUARTER), (30 * DAY, Heat.MONTH), (7 * DAY + SECOND, Heat.MONTH),
        (7 * DAY, Heat.WEEK), (timedelta(0), Heat.WEEK), (-SECOND, Heat.OVER),
    ],
)  # fmt: skip
def test_heat_rises_at_its_steps(left: timedelta, heat: Heat) -> None:
    assert heat_of(NOW + left, NOW) is heat


def test_changes_are_where_a_state_changes() -> None:
    one = fake_record(1, "", NOW, authority=True, starts=NOW, ends=NOW + 400 * DAY)
    instants = changes([one])
    assert instants == [NOW, NOW + 370 * DAY, NOW + 400 * DAY + SECOND]
    assert neighbours(instants, NOW + DAY) == (NOW, NOW + 370 * DAY)
    assert neighbours(instants, NOW) == (None, NOW + 370 * DAY)
    assert neighbours([], NOW) == (None, None)


def test_what_never_ends_changes_no_more() -> None:
    one = fake_record(1, "", NOW, authority=True, starts=NOW, ends=ENDLESS)
    assert changes([one]) == [NOW, ENDLESS - 30 * DAY]


def test_a_collection_moves_through_time_and_back() -> None:
    collection = big_collection(300, NOW)
    later = collection.at(NOW + 800 * DAY)
    assert {one.state for one in later.records.values()} > {"valid", "expired"}
    back = later.at(NOW)
    assert {n: one.state for n, one in back.records.items()} == {
        n: one.state for n, one in collection.at(NOW).records.items()
    }
    assert later.moment == NOW + 800 * DAY


def test_what_the_shelf_says_of_revocations_is_read() -> None:
    rich = Rich(NOW, leaves=0)
    records = read_collection(rich.shelf, NOW).records
    leaked = records[rich.ids["leaked"]]
    assert leaked.state == "revoked"
    assert leaked.reason == "key compromise"
    assert read_collection(rich.shelf, NOW - 31 * DAY).records[leaked.id].state == "valid"
    assert records[rich.ids["mdl"]].purposes == ("mdlSigning",)
    assert records[rich.ids["orphan"]].state == BROKEN


def test_each_question_of_a_sieve_narrows_it() -> None:
    rich = Rich(NOW, leaves=3)
    collection = read_collection(rich.shelf, NOW)
    standing = collection.standings(NOW)

    def passing(sieve: Sieve) -> set[str]:
        found = sieve.select(collection.records, standing)
        return {tag for tag, name in rich.ids.items() if name in found}

    assert passing(Sieve()) == set(rich.ids)
    assert Sieve().open
    assert passing(Sieve(states=frozenset({"revoked"}))) == {"leaked"}
    assert passing(Sieve(purposes=frozenset({"timeStamping"}))) == {"unit-1", "unit-2"}
    assert passing(Sieve(kinds=frozenset({Kind.ROOT}))) == {
        "root", "root-old", "partner", "bridge", "old",
    }  # fmt: skip
    own = Sieve(origins=frozenset({Origin.OWN}), families=frozenset({Family.POST_QUANTUM}))
    assert own.count == 2
    assert {"root", "code", "release"} < passing(own)
    assert not {"root-old", "partner"} & passing(own)
    hot = passing(Sieve(heats=Heat.WEEK))
    assert "firmware" in hot
    assert not {"retired", "root"} & hot, "what is over or far off is not near its end"
