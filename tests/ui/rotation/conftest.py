"""What the tests of imported key material share: a KMS of such keys and the panes on it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.imported_kms import FakeKey, ImportedKms
from tests.ui.conftest import Open, click, dialog_of
from workbench.base.clock import TravelClock
from workbench.ui.panes.keys.import_dialog import ImportDialog
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OpenRotation = Callable[[], RotationPane]


class Trail:
    """A trail with what it is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, name: str, material: str, context: dict[str, str], time: datetime) -> None:
        """Put an event there."""
        document = {
            "requestParameters": {"encryptionContext": context},
            "additionalEventData": {"keyMaterialId": material},
        }
        self.events.append(
            {
                "EventId": str(len(self.events)),
                "EventTime": time,
                "EventName": name,
                "CloudTrailEvent": json.dumps(document),
            }
        )

    def lookup_events(self, **request: Any) -> dict[str, Any]:
        (attribute,) = request["LookupAttributes"]
        if attribute["AttributeKey"] != "EventName":
            return {"Events": self.events}
        wanted = attribute["AttributeValue"]
        return {"Events": [one for one in self.events if one["EventName"] == wanted]}


@dataclass
class World:
    """Keys of every condition.

    Attributes:
        payments: three materials: former, current with expiry, waiting.
        ledger: its first material ran out.
        empty: nothing was imported yet.
        mac: an HMAC key with imported material.
    """

    clock: TravelClock
    kms: ImportedKms
    trail: Trail = field(default_factory=Trail)

    def __post_init__(self) -> None:
        add, put = self.kms.add, self.kms.put_material
        self.payments: FakeKey = add("payments")
        put(self.payments, "1", "NON_CURRENT", description="Q1 key")
        put(self.payments, "2", rotated=NOON - 100 * DAY, valid_to=NOON + 60 * DAY)
        put(self.payments, "3", "PENDING_ROTATION", description="Q3 key")
        self.ledger: FakeKey = add("ledger")
        put(self.ledger, "4", "NON_CURRENT", present=False, valid_to=NOON - 30 * DAY)
        put(self.ledger, "5", rotated=NOON - 90 * DAY)
        self.empty: FakeKey = add("empty")
        self.mac: FakeKey = add("mac", spec="HMAC_256", usage="GENERATE_VERIFY_MAC")
        put(self.mac, "6")
        self.clock.travel(NOON - self.clock.now())

    def bench(self) -> FakeBench:
        """Return a bench on them."""
        return FakeBench(locked=False, kms=self.kms, cloudtrail=self.trail, clock=self.clock)


@pytest.fixture
def world() -> World:
    clock = TravelClock(NOON - 300 * DAY)
    return World(clock, ImportedKms(clock))


@pytest.fixture
def open_rotation(open_window: Open, world: World, session: Session, qtbot: QtBot) -> OpenRotation:
    def make() -> RotationPane:
        window = open_window(world.bench(), makers=(KeysPane, RotationPane))
        assert window.workspace is not None
        window.workspace.turn_to("rotation")
        pane = cast("RotationPane", window.workspace.panes["rotation"])
        qtbot.waitUntil(lambda: session.idle and len(pane.timeline.lanes) == len(world.kms.keys))
        return pane

    return make


def row_number(pane: RotationPane, name: str) -> int:
    """Return the line of a key on the axis."""
    return [lane.row.title for lane in pane.timeline.lanes].index(name)


def middle(pane: RotationPane, name: str, bar: int) -> QPoint:
    """Return the middle of a bar."""
    line = row_number(pane, name)
    box = pane.timeline.scene().bar_box(line, pane.timeline.lanes[line].bars[bar])
    return box.center().toPoint()


def press_mouse(qtbot: QtBot, pane: RotationPane, at: QPoint, held: Qt.KeyboardModifier) -> None:
    """Click on the axis with a key held."""
    hands: Any = qtbot
    hands.mouseClick(pane.timeline.viewport(), Qt.MouseButton.LeftButton, held, at)


def said(dialog: QDialog) -> str:
    """Return every word a dialog shows."""
    return " ".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def open_import(pane: RotationPane, key: str, bar: int = -1) -> ImportDialog:
    """Open the dialog for a key, or for one of its materials again."""
    pane.timeline.select(key, bar)
    (pane.can.bring if bar < 0 else pane.can.again).trigger()
    dialog = dialog_of("keys.import.dialog")
    assert isinstance(dialog, ImportDialog)
    return dialog


def get_wrapping_key(qtbot: QtBot, dialog: ImportDialog) -> None:
    """Press the verb of the first step."""
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: dialog.wrapping.parameters is not None)


def wrap(dialog: ImportDialog, path: Path, secret: bytes) -> Path:
    """Do what a person does outside."""
    assert dialog.wrapping.parameters is not None
    public: Any = load_der_public_key(dialog.wrapping.parameters.public_key)
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    path.write_bytes(public.encrypt(secret, oaep))
    return path
