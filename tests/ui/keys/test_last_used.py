"""The column of last uses in the window: read for what is in sight, or for all to sort by it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.columns import LAST_USED
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.session import Session
from workbench.ui.widgets.texts import NOTHING

NAMES = [f"key-{number:03}" for number in range(150)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = TravelClock()
    made = make_bench(tmp_path / "vault", clock)
    ids = []
    for name in NAMES:
        ids.append(made.kms.create_key()["KeyMetadata"]["KeyId"])
        made.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=ids[-1])
    for number in (140, 7, 100):
        clock.travel(timedelta(hours=2))
        made.kms.encrypt(KeyId=ids[number], Plaintext=b"x")
    clock.travel(timedelta(hours=2))
    yield made
    made.close()


@pytest.fixture
def pane(bench: Bench, open_window: Open, session: Session, qtbot: QtBot) -> KeysPane:
    window = open_window(cast("Any", bench), makers=(KeysPane,))
    assert window.workspace is not None
    found = cast("KeysPane", window.workspace.panes["keys"])
    qtbot.waitUntil(lambda: session.idle and found._stock.loaded)
    return found


def column_of(pane: KeysPane) -> int:
    return [column.id for column in pane.model.columns].index(LAST_USED)


def shown(pane: KeysPane, name: str) -> str:
    line = next(n for n in range(pane.model.rowCount()) if pane.model.row(n).title == name)
    return str(pane.model.index(line, column_of(pane)).data())


def asked(bench: Bench) -> int:
    pages = bench.cloudtrail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetKeyLastUsage"}]
    )
    return sum(len(page["Events"]) for page in pages)


def test_what_is_in_sight_is_read_and_all_of_it_to_be_sorted(
    pane: KeysPane, bench: Bench, session: Session, qtbot: QtBot
) -> None:
    table, column = pane.table, column_of(pane)
    table.scrollTo(pane.model.index(0, column))
    qtbot.waitUntil(lambda: session.idle and "…" not in shown(pane, NAMES[7]))
    assert shown(pane, NAMES[7]) == "4 h ago"
    assert shown(pane, NAMES[0]) == "Never"
    assert 0 < asked(bench) < len(NAMES)
    table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    top = [NAMES[100], NAMES[7], NAMES[140]]
    qtbot.waitUntil(lambda: [pane.model.row(line).title for line in range(3)] == top)
    assert [shown(pane, name) for name in top] == ["2 h ago", "4 h ago", "6 h ago"]
    qtbot.waitUntil(lambda: session.idle)
    assert asked(bench) == len(NAMES)
    # A change elsewhere does not have all of them read again, only those in sight.
    session.announce("keys")
    qtbot.waitUntil(lambda: session.idle and not pane._stock.busy)
    qtbot.wait(100)
    qtbot.waitUntil(lambda: session.idle)
    assert asked(bench) < 2 * len(NAMES)
    assert [pane.model.row(line).title for line in range(3)] == top


def test_nothing_is_asked_while_the_column_is_hidden(
    pane: KeysPane, bench: Bench, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: session.idle and "…" not in shown(pane, NAMES[0]))
    pane.table.setColumnHidden(column_of(pane), True)
    qtbot.waitUntil(lambda: session.idle)
    before = asked(bench)
    pane.refresh()
    qtbot.waitUntil(lambda: session.idle and not pane._stock.busy)
    qtbot.wait(100)
    assert session.idle
    assert asked(bench) == before


def test_who_may_not_ask_sees_nothing_of_what_others_saw(
    pane: KeysPane, bench: Bench, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: session.idle and shown(pane, NAMES[7]) == "4 h ago")
    iam = bench.client("iam", "")
    arn = iam.create_user(UserName="anna")["User"]["Arn"]
    iam.put_user_policy(
        UserName="anna",
        PolicyName="list",
        PolicyDocument='{"Statement": {"Effect": "Allow", "Action": '
        '["kms:ListKeys", "kms:DescribeKey", "kms:ListAliases"], "Resource": "*"}}',
    )
    bench.act_as(arn)
    session.announce("keys")
    qtbot.waitUntil(lambda: session.idle and not pane._stock.busy)
    qtbot.waitUntil(lambda: session.idle and shown(pane, NAMES[7]) == NOTHING)
    tip = pane.model.index(7, column_of(pane)).data(Qt.ItemDataRole.ToolTipRole)
    assert "is not authorized to perform: kms:GetKeyLastUsage" in tip
