"""The Certificates pane, driven by mouse and keyboard on a real X server."""

from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.certificates.conftest import (
    CTRL,
    SHIFT,
    Corpus,
    Scene,
    button,
    card_point,
    card_rect,
    click_card,
    drawn,
    frame,
    handle_point,
    notices,
    waited,
    words_in,
)
from tests.ui.conftest import click, dialog_of, press, type_text
from workbench.pki.quickstart import HierarchyIncomplete
from workbench.ui.panes.certificates.hierarchy_dialog import HierarchyDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.session import Session


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
    sub = corpus.id(corpus.sub)
    click_card(qtbot, pane, sub, handle_point(pane, sub))
    assert corpus.id(corpus.leaf) not in drawn(pane)
    pane.choose(sub)
    pane.tree.setFocus()
    press(qtbot, pane.tree, Qt.Key.Key_Space)
    assert corpus.id(corpus.leaf) in drawn(pane)
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
    tree.centerOn(card_rect(pane, corpus.id(corpus.sub)).center())
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
    assert all(shown.contains(card_rect(pane, one)) for one in drawn(pane))


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
        if not tree.canvas.card_at(tree.mapToScene(QPoint(x, y)))
    )
    hands.mousePress(tree.viewport(), Qt.MouseButton.LeftButton, pos=empty)
    hands.mouseMove(tree.viewport(), empty - QPoint(40, 0))
    qtbot.waitUntil(lambda: bar.value() == before + 40)
    hands.mouseRelease(tree.viewport(), Qt.MouseButton.LeftButton, pos=empty)


def test_a_search_marks_in_the_tree_and_filters_the_table(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot
) -> None:
    pane._folding.toggle(corpus.id(corpus.sub))
    press(qtbot, pane.window(), Qt.Key.Key_F, CTRL)
    type_text(qtbot, pane.filter_field, corpus.id(corpus.leaf)[:20])
    qtbot.waitUntil(lambda: pane._folding.found == {corpus.id(corpus.leaf)})
    canvas = pane.tree.canvas
    assert canvas.mood(corpus.id(corpus.leaf)).found, "folded ones are found as well"
    assert canvas.mood(corpus.id(corpus.root)).dimmed
    assert "1 of 7" in words_in(pane)
    press(qtbot, pane.filter_field, Qt.Key.Key_Return)
    assert pane.tree.current == corpus.id(corpus.leaf)
    assert pane.table.records.rowCount() == 1
    pane.filter_field.clear()
    qtbot.waitUntil(lambda: pane._folding.found is None)
    assert corpus.id(corpus.leaf) not in drawn(pane), "folded again"


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
