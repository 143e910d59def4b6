"""The Certificates pane, driven by mouse and keyboard on a real X server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.certificates import CODE, DAY, Made, make, new_key
from tests.fakes.engine import make_bench
from tests.fakes.shelf import FakeShelf, refused
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.pki.hierarchy import Edge, Graph, Node
from workbench.pki.quickstart import HierarchyIncomplete
from workbench.ui.panes.certificates.drawing import draw
from workbench.ui.panes.certificates.export_dialog import ExportDialog
from workbench.ui.panes.certificates.hierarchy_dialog import HierarchyDialog
from workbench.ui.panes.certificates.import_dialog import ImportDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.records import Collection, Record
from workbench.ui.panes.certificates.sharing import PEM_TYPE, Extent
from workbench.ui.panes.certificates.trust_dialog import TrustDialog
from workbench.ui.session import Session
from workbench.ui.widgets.dialogs import DangerDialog
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


def card_point(pane: CertificatesPane, card: str, at: QPointF | None = None) -> QPoint:
    item = pane.tree._items[card]
    return pane.tree.mapFromScene(item.pos() + at if at is not None else item.card.center())


def click_card(qtbot: QtBot, pane: CertificatesPane, card: str, at: QPointF | None = None) -> None:
    pane.tree.ensureVisible(pane.tree._items[card].card)
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


def test_a_person_makes_a_hierarchy_and_sees_its_three_cards(
    open_pane: Scene, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "vault")
    pane = open_pane(bench)
    assert pane.collection.records == {}
    press(qtbot, pane.window(), Qt.Key.Key_N, CTRL)
    dialog = waited(qtbot, HierarchyDialog)
    assert dialog.algorithm.currentData() == "ML_DSA_65"
    dialog.root.name.selectAll()
    type_text(qtbot, dialog.root.name, "Release Root")
    steps: list[str] = dialog.steps.texts
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: session.idle and len(pane.collection.records) == 3, timeout=20_000)
    qtbot.waitUntil(lambda: dialog_of(HierarchyDialog) is None)
    assert steps[0] == "Creating the root CA"
    assert len(steps) >= 5
    names = {record.name: record for record in pane.collection.records.values()}
    assert set(names) == {"Release Root", "Code Signing Subordinate", "Code Signing"}
    assert names["Release Root"].trusted
    assert [record.name for record in pane.selected] == ["Code Signing"]
    assert pane.tree.current == names["Code Signing"].id
    assert any("“Code Signing” can sign now" in text for text in notices(pane))
    qtbot.waitUntil(lambda: "Its key in KMS" in words_in(pane.details))
    key = bench.kms.describe_key(KeyId="alias/code-signing")["KeyMetadata"]["KeyId"]
    assert button(pane.details, key).isVisible()
    pane.details.open_chain()
    qtbot.waitUntil(lambda: "Trusted" in words_in(pane.details._chain), timeout=20_000)
    assert "signed by" in words_in(pane.details._chain)
    frame(pane).notices.clear()
    bench.close()


def test_the_form_complains_at_the_field_and_makes_nothing(
    pane: CertificatesPane, qtbot: QtBot
) -> None:
    made: list[Any] = []
    cast("Any", pane.context.bench).create_hierarchy = lambda *request: made.append(request)
    press(qtbot, pane.window(), Qt.Key.Key_N, CTRL)
    dialog = waited(qtbot, HierarchyDialog)
    dialog.signer.amount.setValue(9)
    dialog.root.name.selectAll()
    type_text(qtbot, dialog.root.name, "Main Root")
    click(qtbot, dialog.main_button)
    shown = [one.text() for one in dialog.findChildren(QLabel)
             if one.property("role") == "error" and one.isVisible()]  # fmt: skip
    assert shown == [
        "A certificate of this name exists already. Choose another name.",
        "It cannot be valid for longer than its subordinate CA.",
    ]
    assert not made
    lowest = dialog.main_button.mapTo(dialog, dialog.main_button.rect().bottomLeft())
    assert dialog.rect().contains(lowest), "the dialog grew with what it says"
    press(qtbot, dialog, Qt.Key.Key_Escape)
    assert dialog_of(HierarchyDialog) is None


def test_a_failure_half_way_says_what_was_made(pane: CertificatesPane, qtbot: QtBot) -> None:
    def fail(_request: Any, progress: Any) -> None:
        progress("Creating the root CA", 0.0)
        raise HierarchyIncomplete(("root CA arn:example",), "the disk is full.")

    cast("Any", pane.context.bench).create_hierarchy = fail
    press(qtbot, pane.window(), Qt.Key.Key_N, CTRL)
    dialog = waited(qtbot, HierarchyDialog)
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "root CA arn:example" in words_in(dialog))
    assert "the disk is full" in words_in(dialog)
    assert not dialog.main_button.isVisible()
    assert dialog.cancel_button.text() == "Close"
    click(qtbot, dialog.cancel_button)


def test_a_refusal_brings_the_form_back_as_it_was(pane: CertificatesPane, qtbot: QtBot) -> None:
    press(qtbot, pane.window(), Qt.Key.Key_N, CTRL)
    dialog = waited(qtbot, HierarchyDialog)
    dialog.organization.setFocus()
    type_text(qtbot, dialog.organization, "Lab")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: "makes no hierarchy" in words_in(dialog))
    assert dialog.organization.isVisible()
    assert dialog.organization.text() == "Lab"
    assert dialog.main_button.isEnabled()
    dialog.reject()


def test_a_click_chooses_and_the_inspector_follows(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.old))
    assert [record.name for record in pane.selected] == ["Old Signer"]
    shown = words_in(pane.details)
    assert "Old Signer" in shown
    assert "Expired" in shown
    issuer = button(pane.details, "Main Sub")
    click(qtbot, issuer)
    assert pane.tree.current == corpus.id(corpus.sub)
    assert "signed 2 below" in pane.tree.accessibleDescription()


def test_arrows_walk_and_enter_opens_the_inspector(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.root))
    tree = pane.tree
    press(qtbot, tree, Qt.Key.Key_Down)
    assert tree.current == corpus.id(corpus.sub)
    press(qtbot, tree, Qt.Key.Key_Down)
    assert tree.current in {corpus.id(corpus.leaf), corpus.id(corpus.old)}
    before = tree.current
    press(qtbot, tree, Qt.Key.Key_Right)
    press(qtbot, tree, Qt.Key.Key_Left)
    assert tree.current == before
    press(qtbot, tree, Qt.Key.Key_Up)
    assert tree.current == corpus.id(corpus.sub)
    press(qtbot, tree, Qt.Key.Key_Return)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert pane.details.isAncestorOf(focus)


def test_the_fold_mark_and_space_hide_what_is_below(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    sub, shape = corpus.id(corpus.sub), pane.tree._items[corpus.id(corpus.sub)]._shape
    click_card(qtbot, pane, sub, shape.handle.center())
    assert corpus.id(corpus.leaf) not in pane.tree._items
    pane.choose(sub)
    pane.tree.setFocus()
    press(qtbot, pane.tree, Qt.Key.Key_Space)
    assert corpus.id(corpus.leaf) in pane.tree._items
    press(qtbot, pane.tree, Qt.Key.Key_Space)
    pane.show_target("Main Signer")
    assert pane.tree.current == corpus.id(corpus.leaf), "what is asked for is unfolded"


def wheel(pane: CertificatesPane, at: QPoint, turns: int) -> None:
    viewport = pane.tree.viewport()
    event = QWheelEvent(
        QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(), QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_the_wheel_zooms_at_the_pointer_and_keys_zoom_too(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    tree = pane.tree
    tree.actual_size()
    for _ in range(4):
        wheel(pane, tree.viewport().rect().center(), 1)
    item = tree._items[corpus.id(corpus.sub)]
    tree.centerOn(item.card.center())
    at = card_point(pane, corpus.id(corpus.sub))
    scale = tree.scale_now
    wheel(pane, at, 1)
    assert tree.scale_now > scale
    assert (card_point(pane, corpus.id(corpus.sub)) - at).manhattanLength() <= 3
    press(qtbot, pane.window(), Qt.Key.Key_0, CTRL)
    assert tree.scale_now == pytest.approx(1)
    press(qtbot, pane.window(), Qt.Key.Key_Minus, CTRL)
    assert tree.scale_now < 1
    for _ in range(200):
        wheel(pane, at, -1)
    assert tree.scale_now >= 0.019
    press(qtbot, pane.window(), Qt.Key.Key_F, CTRL, SHIFT)
    shown = tree.mapToScene(tree.viewport().rect()).boundingRect()
    assert all(shown.contains(one.card) for one in tree._items.values())


def test_dragging_the_ground_pans(pane: CertificatesPane, qtbot: QtBot) -> None:
    tree, hands = pane.tree, cast("Any", qtbot)
    for _ in range(5):
        tree.zoom_in()
    bar = tree.horizontalScrollBar()
    bar.setValue((bar.minimum() + bar.maximum()) // 2)
    before = bar.value()
    empty = next(
        QPoint(x, y)
        for y in range(5, tree.viewport().height(), 10)
        for x in range(60, tree.viewport().width() - 60, 10)
        if tree._item_at(QPoint(x, y)) is None
    )
    hands.mousePress(tree.viewport(), Qt.MouseButton.LeftButton, pos=empty)
    hands.mouseMove(tree.viewport(), empty - QPoint(40, 0))
    qtbot.waitUntil(lambda: bar.value() == before + 40)
    hands.mouseRelease(tree.viewport(), Qt.MouseButton.LeftButton, pos=empty)


def test_a_search_marks_in_the_tree_and_filters_the_table(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    pane._fold(corpus.id(corpus.sub))
    press(qtbot, pane.window(), Qt.Key.Key_F, CTRL)
    type_text(qtbot, pane.filter_field, corpus.id(corpus.leaf)[:20])
    qtbot.waitUntil(lambda: pane._found == {corpus.id(corpus.leaf)})
    items = pane.tree._items
    assert items[corpus.id(corpus.leaf)].found, "folded ones are found as well"
    assert items[corpus.id(corpus.root)].dimmed
    assert "1 of 7" in words_in(pane)
    press(qtbot, pane.filter_field, Qt.Key.Key_Return)
    assert pane.tree.current == corpus.id(corpus.leaf)
    assert pane.table.records.rowCount() == 1
    pane.filter_field.clear()
    qtbot.waitUntil(lambda: pane._found is None)
    assert corpus.id(corpus.leaf) not in pane.tree._items, "folded again"


def test_the_table_keeps_what_is_chosen_and_is_remembered(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_T, CTRL)
    assert pane.table.isVisible()
    assert pane.table.selected_ids == [corpus.id(corpus.leaf)]
    assert pane.context.preferences.get("certificates/view") == "table"
    assert not pane.commands_by_name["fit"].isEnabled()
    pane.table.select_id(corpus.id(corpus.root))
    press(qtbot, pane.window(), Qt.Key.Key_T, CTRL)
    assert pane.tree.current == corpus.id(corpus.root)


def test_pasted_certificates_are_reviewed_then_imported(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"
    text = corpus.absent.pem.decode() + corpus.leaf.pem.decode() + key
    QGuiApplication.clipboard().setText(text)
    pane.tree.setFocus()
    press(qtbot, pane.tree, Qt.Key.Key_V, CTRL)
    dialog = waited(qtbot, ImportDialog)
    shown = words_in(dialog)
    assert "Root CA, EC P-256" in shown
    assert "In the collection already." in shown
    assert "PRIVATE KEY, not a certificate" in shown
    assert dialog.main_button.text() == "Import 1 certificate"
    assert not dialog.trust.isChecked()
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(pane.collection.records) == 8)
    assert dialog.isVisible(), "what could not be imported stays told"
    click(qtbot, dialog.cancel_button)
    assert [record.name for record in pane.selected] == ["Absent Root"]
    lost = pane.collection.records[corpus.id(corpus.lost)]
    assert lost.state == "valid"
    assert not pane.collection.records[lost.issuer_id].trusted


def test_a_file_with_nothing_new_offers_no_import(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "known.txt").write_bytes(corpus.leaf.pem)
    pane.show_target(f"import:{tmp_path / 'known.txt'}")
    dialog = waited(qtbot, ImportDialog)
    assert not dialog.main_button.isVisible()
    press(qtbot, dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog_of(ImportDialog) is None)
    assert "ImportCertificates" not in corpus.shelf.calls


def test_a_root_is_trusted_only_after_its_fingerprint_was_compared(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    other = corpus.id(corpus.other)
    click_card(qtbot, pane, other)
    pane.commands_by_name["trust"].trigger()
    dialog = waited(qtbot, TrustDialog)
    assert not dialog.main_button.isEnabled()
    click(qtbot, dialog.main_button)
    assert not corpus.shelf.entries[other]["Trusted"]
    click(qtbot, dialog.compared, QPoint(10, dialog.compared.height() // 2))
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: pane.collection.records[other].trusted)
    pane.commands_by_name["trust"].trigger()
    danger = waited(qtbot, DangerDialog)
    assert "1 certificate below it will no longer be trusted." in words_in(danger)
    click(qtbot, danger.choice_buttons[0])
    qtbot.waitUntil(lambda: not pane.collection.records[other].trusted)


def test_deleting_counts_what_was_issued_below_and_cancel_is_the_default(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    other = corpus.id(corpus.other)
    click_card(qtbot, pane, other)
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    dialog = waited(qtbot, DangerDialog)
    assert "1 certificate was issued below and will lack its issuer." in words_in(dialog)
    press(qtbot, dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is None)
    assert other in corpus.shelf.entries
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    dialog = waited(qtbot, DangerDialog)
    click(qtbot, dialog.choice_buttons[0])
    qtbot.waitUntil(lambda: other not in pane.collection.records)
    child = pane.collection.records[corpus.id(corpus.child)]
    assert child.state == "issuer missing"


def test_what_a_ca_issued_cannot_be_deleted_and_the_tooltip_says_why(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    delete = pane.commands_by_name["delete"]
    assert not delete.isEnabled()
    assert "a CA in this vault issued it" in delete.toolTip()
    press(qtbot, pane.window(), Qt.Key.Key_Delete)
    assert dialog_of(DangerDialog) is None


def test_the_chain_is_written_to_a_file(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    dialog = waited(qtbot, ExportDialog)
    dialog.extent.setCurrentIndex(dialog.extent.findData(Extent.CHAIN_WITH_ROOT))
    assert dialog.form.count() == 1
    dialog.save_to(tmp_path / "chain.pem")
    qtbot.waitUntil((tmp_path / "chain.pem").exists)
    written = x509.load_pem_x509_certificates((tmp_path / "chain.pem").read_bytes())
    made = [corpus.leaf, corpus.sub, corpus.root]
    assert written == [one.certificate for one in made]


def test_an_export_that_fails_is_told(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, tmp_path: Path
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    press(qtbot, pane.window(), Qt.Key.Key_E, CTRL)
    waited(qtbot, ExportDialog).save_to(tmp_path / "absent" / "chain.pem")
    qtbot.waitUntil(lambda: any("Could not write" in text for text in notices(pane)))
    frame(pane).notices.clear()


def test_what_is_dragged_out_is_the_certificate_and_nothing_private(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    wanted: list[str] = []
    pane.tree.drag_wanted.disconnect()
    pane.tree.drag_wanted.connect(wanted.append)
    leaf, hands = corpus.id(corpus.leaf), cast("Any", qtbot)
    pane.tree.ensureVisible(pane.tree._items[leaf].card)
    start, viewport = card_point(pane, leaf), pane.tree.viewport()
    hands.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    hands.mouseMove(viewport, start + QPoint(QApplication.startDragDistance() + 5, 0))
    qtbot.waitUntil(lambda: wanted == [leaf])
    hands.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start)
    mime = pane.outgoing.mime(pane.collection.records[leaf])
    path = Path(mime.urls()[0].toLocalFile())
    assert path.name == "Main-Signer.pem"
    assert path.read_bytes() == corpus.leaf.pem == bytes(mime.data(PEM_TYPE).data())
    assert b"PRIVATE" not in path.read_bytes()
    pane.outgoing.forget()
    assert not path.exists()


def test_a_missing_issuer_is_a_card_of_its_own(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    lost = pane.collection.records[corpus.id(corpus.lost)]
    click_card(qtbot, pane, lost.issuer_id)
    assert pane.selected == []
    assert "Its certificate is not in the collection." in words_in(pane.details)
    assert pane.tree.accessibleDescription().startswith("Issuer missing: Absent Root")
    click_card(qtbot, pane, lost.id)
    press(qtbot, pane.window(), Qt.Key.Key_H, CTRL, SHIFT)
    qtbot.waitUntil(lambda: "Not trusted" in words_in(pane.details._chain), timeout=20_000)
    assert "missing" in words_in(pane.details._chain)


def test_the_bytes_are_shown_as_elements_and_pem(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.root))
    details = pane.details
    details.open_tab(details._bytes_number)
    qtbot.waitUntil(lambda: details._bytes.elements.topLevelItemCount() == 1)
    assert details._bytes.text.toPlainText() == corpus.root.pem.decode().strip()
    outermost = details._bytes.elements.topLevelItem(0)
    assert outermost is not None
    assert outermost.text(0) == "SEQUENCE"


def test_a_shelf_that_refuses_is_told_and_nothing_is_lost(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    def refuse(**_request: Any) -> dict[str, Any]:
        raise refused("ListCertificates", "ThrottlingException", "Too fast.")

    cast("Any", corpus.shelf).list_certificates = refuse
    pane.refresh()
    qtbot.waitUntil(lambda: any("Too fast." in text for text in notices(pane)))
    assert len(pane.collection.records) == 7
    frame(pane).notices.clear()


def test_every_control_has_a_name_and_every_command_a_reason(pane: CertificatesPane) -> None:
    for one in pane.findChildren(QPushButton):
        assert one.accessibleName() or one.text()
    for command in pane.commands:
        assert command.toolTip()
        assert not command.icon().isNull()
        assert command.isEnabled() or "not now" in command.toolTip()
    for view in (pane.tree, pane.table):
        assert view.accessibleName()


def wide(count: int) -> Collection:
    now = datetime.now(UTC)
    root = "0" * 64
    start, end = now - DAY, now + 300 * DAY

    def node(name: str, issuer: str) -> Node:
        return Node(name, f"Certificate {name[-6:]}", "CN=x", "ML-DSA-65", True, start, end,
                    "valid", True, not issuer, not issuer, issuer)  # fmt: skip

    def record(one: Node) -> Record:
        return Record(one.id, b"", one.name, one.subject, "x", one.issuer_id, one.algorithm, True,
                      start, end, "valid", one.trusted, one.ca, one.ca, "01", "ISSUED",
                      one.id)  # fmt: skip

    nodes = [node(root, "")] + [node(f"{n:064x}", root) for n in range(1, count)]
    edges = [Edge(root, one.id, verified=True, main=True) for one in nodes[1:]]
    records = {one.id: record(one) for one in nodes}
    return Collection(now, records, Graph(tuple(nodes), tuple(edges)))


@pytest.mark.parametrize("scale", [0.05, 0.2, 0.5, 1.0])
def test_two_thousand_cards_are_drawn_fast(
    pane: CertificatesPane, qtbot: QtBot, scale: float
) -> None:
    collection = wide(2_000)
    clock = pane.context.bench.clock
    began = clock.monotonic()
    pane.tree.show_drawing(draw(collection), collection.moment)
    pane.tree.zoom(scale / pane.tree.scale_now)
    pane.tree.viewport().repaint()
    first = clock.monotonic() - began
    began = clock.monotonic()
    for _ in range(5):
        pane.tree.viewport().repaint()
    frame_time = (clock.monotonic() - began) / 5
    assert len(pane.tree._items) == 2_000
    assert first < 3
    assert frame_time < 0.2


def test_palette_items_lead_to_the_certificate(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    items = {item.title: item for item in cast("Any", pane.palette_items())}
    assert corpus.id(corpus.leaf) in items["Main Signer"].keywords
    items["Main Signer"].run()
    assert pane.tree.current == corpus.id(corpus.leaf)


def test_signing_with_a_certificate_whose_key_is_elsewhere_says_so(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    click_card(qtbot, pane, corpus.id(corpus.leaf))
    pane.commands_by_name["sign"].trigger()
    qtbot.waitUntil(lambda: any("is not in this vault" in text for text in notices(pane)))
    frame(pane).notices.clear()
    click_card(qtbot, pane, corpus.id(corpus.sub))
    assert not pane.commands_by_name["sign"].isEnabled()
