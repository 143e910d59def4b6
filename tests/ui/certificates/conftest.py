"""What the tests of the Certificates pane share: a corpus, the pane on it, ways to touch it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.certificates import CODE, DAY, Made, make, new_key
from tests.fakes.shelf import FakeShelf
from tests.ui.conftest import Open, click, dialog_of
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.session import Session
from workbench.ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Scene = Callable[..., CertificatesPane]


class Corpus:
    """Two hierarchies, one of them not trusted, and a signer whose issuer is missing."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self.root = make("Main Root", start=now - 9 * DAY, end=now + 3000 * DAY)
        self.sub = make("Main Sub", self.root, ca=True, path=0, start=now - 8 * DAY,
                        end=now + 1000 * DAY)  # fmt: skip
        self.leaf = make("Main Signer", self.sub, ca=False, eku=(CODE,), start=now - 7 * DAY,
                         end=now + 300 * DAY)  # fmt: skip
        self.old = make("Old Signer", self.sub, ca=False, eku=(CODE,), start=now - 7 * DAY,
                        end=now - DAY)  # fmt: skip
        key = new_key("P-256")
        self.other = make("Other Root", key=key, start=now - DAY, end=now + 3000 * DAY)
        self.child = make("Other Signer", self.other, key=key, ca=False, start=now - DAY,
                          end=now + 90 * DAY)  # fmt: skip
        self.absent = make("Absent Root", key=key, start=now - DAY, end=now + 3000 * DAY)
        self.lost = make("Lost Signer", self.absent, key=key, ca=False, eku=(CODE,),
                         start=now - DAY, end=now + 90 * DAY)  # fmt: skip
        self.shelf = FakeShelf(page=3)
        self.ids = {
            made.certificate.subject.rfc4514_string(): self.shelf.put(
                made.der,
                trusted=made is self.root,
                source="ISSUED" if made in {self.leaf, self.old} else "IMPORTED",
            )
            for made in (self.root, self.sub, self.leaf, self.old, self.other, self.child,
                         self.lost)
        }  # fmt: skip

    def id(self, made: Made) -> str:
        return self.ids[made.certificate.subject.rfc4514_string()]


@pytest.fixture
def corpus() -> Corpus:
    return Corpus()


@pytest.fixture
def open_pane(open_window: Open, session: Session, qtbot: QtBot) -> Iterator[Scene]:
    """Open the window with this pane in front."""
    windows: list[Window] = []

    def show(bench: Any) -> CertificatesPane:
        window = open_window(bench, makers=(CertificatesPane,))
        windows.append(window)
        assert window.workspace is not None
        pane = cast("CertificatesPane", window.workspace.panes["certificates"])
        qtbot.waitUntil(lambda: session.idle and pane._known)
        return pane

    yield show
    for window in windows:
        window.bench = None  # the caller closes what must be closed


@pytest.fixture
def pane(open_pane: Scene, corpus: Corpus) -> CertificatesPane:
    """The pane on the corpus."""
    return open_pane(FakeBench(locked=False, shelf=corpus.shelf))


def frame(pane: CertificatesPane) -> Any:
    return pane.context.frame


def notices(pane: CertificatesPane) -> list[str]:
    labels = frame(pane).notices.findChildren(QLabel) if hasattr(
        frame(pane).notices, "findChildren") else []  # fmt: skip
    top = pane.window().findChildren(QLabel)
    return [one.text() for one in (*labels, *top) if one.isVisible() and one.text()]


def card_rect(pane: CertificatesPane, card: str) -> QRectF:
    return pane.tree.canvas.card_rect(card)


def drawn(pane: CertificatesPane) -> set[str]:
    return set(pane.tree.canvas.drawing.by_id)


def handle_point(pane: CertificatesPane, card: str) -> QPointF:
    canvas = pane.tree.canvas
    return canvas.handle(canvas.drawing.by_id[card]).center()


def card_point(pane: CertificatesPane, card: str, at: QPointF | None = None) -> QPoint:
    return pane.tree.mapFromScene(at if at is not None else card_rect(pane, card).center())


def click_card(qtbot: QtBot, pane: CertificatesPane, card: str, at: QPointF | None = None) -> None:
    pane.tree.ensureVisible(card_rect(pane, card))
    click(qtbot, pane.tree.viewport(), card_point(pane, card, at))


def button(widget: QWidget, text: str) -> QAbstractButton:
    return next(
        one for one in widget.findChildren(QAbstractButton) if one.text().replace("&", "") == text
    )


def words_in(widget: QWidget) -> str:
    texts = [one.text() for one in widget.findChildren(QLabel)]
    plain = [one.toPlainText() for one in widget.findChildren(QWidget)
             if hasattr(one, "toPlainText")]  # fmt: skip
    return "\n".join(texts + plain)


def waited(qtbot: QtBot, kind: Any) -> Any:
    qtbot.waitUntil(lambda: dialog_of(kind) is not None)
    return dialog_of(kind)
