"""The drawn hierarchy under the hands: time, filters, drops, overview, files, comparison."""

from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from PySide6.QtCore import QDate, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.certificates import DAY, name, new_key
from tests.fakes.hierarchies import Rich, big_collection
from tests.fakes.odd_certificates import ENDLESS
from tests.ui.certificates.conftest import (
    CTRL,
    SHIFT,
    Scene,
    button,
    card_point,
    click_card,
    waited,
    words_in,
)
from tests.ui.conftest import click, press, type_text
from tests.ui.test_drop import Foreign
from workbench.ui.look import Look
from workbench.ui.panes.certificates.compare import Line
from workbench.ui.panes.certificates.compare_dialog import MOST_ROWS, CompareDialog
from workbench.ui.panes.certificates.drawing import draw
from workbench.ui.panes.certificates.dropping import request_in
from workbench.ui.panes.certificates.outline import MORE, Kin
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.certificates.picture_dialog import PictureDialog
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.sieve import Family
from workbench.ui.panes.certificates.time_bar import day_of, noon
from workbench.ui.session import Session
from workbench.ui.widgets.texts import local_date, number

LEFT = Qt.MouseButton.LeftButton
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def rich() -> Rich:
    return Rich()


@pytest.fixture
def pane(open_pane: Scene, rich: Rich) -> CertificatesPane:
    """The pane on one of everything."""
    return open_pane(FakeBench(locked=False, shelf=rich.shelf))


def seen(pane: CertificatesPane) -> QRectF:
    """What of the drawing is seen."""
    return pane.tree.mapToScene(pane.tree.viewport().rect()).boundingRect()


def state(pane: CertificatesPane, rich: Rich, tag: str) -> str:
    return pane.tree.canvas.standings[rich.ids[tag]].state


def test_the_slider_shows_the_hierarchy_on_any_day(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    assert state(pane, rich, "release") == "valid"
    assert state(pane, rich, "next") == "not yet valid"
    assert state(pane, rich, "leaked") == "revoked"
    pane.choose(rich.ids["release"])
    pane.time_bar.go(rich.now + 400 * DAY)
    assert state(pane, rich, "release") == "expired", "the drawing follows at once"
    assert state(pane, rich, "next") == "valid"
    qtbot.waitUntil(lambda: pane.collection.records[rich.ids["release"]].state == "expired")
    listed = {one.id: one.state for one in pane.table.records.rows if isinstance(one, Record)}
    assert listed[rich.ids["next"]] == "valid"
    pane.time_bar.go(rich.now - 60 * DAY)
    assert state(pane, rich, "leaked") == "valid", "not revoked yet"
    click(qtbot, pane.time_bar.today)
    assert pane.time_bar.moment is None
    assert state(pane, rich, "leaked") == "revoked"
    assert not pane.time_bar.today.isEnabled()
    words = {one.text() for one in pane.time_bar.findChildren(QLabel) if one.isVisible()}
    assert words == {"As of"}, "“Today” stands there once, on the button"


def test_the_slider_answers_to_mouse_and_keys(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    bar, hands = pane.time_bar, cast("Any", qtbot)
    today = bar.date.date()
    bar.slider.setFocus()
    press(qtbot, bar.slider, Qt.Key.Key_Right)
    assert bar.date.date() == today.addDays(1)
    hands.mouseClick(bar.slider, LEFT, pos=QPoint(bar.slider.width() - 2, 5))
    assert bar.date.date().toJulianDay() == bar.slider.maximum()
    assert bar.slider.accessibleDescription()
    assert "in " in bar._words.text()


def test_the_arrows_go_to_the_first_day_on_which_something_changed(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    before = dict(pane.tree.canvas.standings)
    click(qtbot, pane.time_bar.after)
    moment = pane.time_bar.moment
    assert moment is not None
    after = pane.tree.canvas.standings
    changed = {one for one, now in after.items() if now.state != before[one].state}
    assert changed
    dull = pane._folding.kin.shelf.standings(moment - DAY)
    assert all(dull[one].state == before[one].state for one in changed)
    assert rich.now < moment < rich.now + 5 * DAY
    click(qtbot, pane.time_bar.before)
    earlier = pane.time_bar.moment or rich.now
    assert earlier < moment


def test_a_day_is_shown_as_of_its_noon() -> None:
    moment = noon(day_of(Rich(leaves=0).now))
    assert day_of(moment) == day_of(moment + timedelta(hours=11))
    assert day_of(moment - timedelta(hours=13)) != day_of(moment)


def test_the_day_after_the_last_has_the_last_moment() -> None:
    """East of Greenwich 9999-12-31T23:59:59Z, no expiry at all, is on the next day."""
    assert noon(QDate(9999, 12, 31).addDays(1)) == ENDLESS


def test_filters_dim_the_tree_and_narrow_the_table(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    press(qtbot, pane.window(), Qt.Key.Key_L, CTRL, SHIFT)
    panel = pane.sieve.panel
    qtbot.waitUntil(panel.isVisible)
    panel.families.boxes[Family.CLASSICAL].setChecked(True)
    assert pane.sieve.text() == "Filters: 1"
    canvas = pane.tree.canvas
    assert canvas.mood(rich.ids["root"]).dimmed
    assert not canvas.mood(rich.ids["partner"]).dimmed
    rows = [one for one in pane.table.records.rows if isinstance(one, Record)]
    shown = {one.id for one in rows if one.post_quantum}
    listed = {pane.table.records.id_at(n) for n in range(pane.table.records.rowCount())}
    assert listed
    assert not listed & shown
    panel.clear()
    assert pane._folding.found is None
    assert pane.table.records.rowCount() == pane.table.records.total


def test_hiding_the_rest_keeps_what_is_above_a_match(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    panel = pane.sieve.panel
    panel.states.boxes["revoked"].setChecked(True)
    panel.hide_rest.setChecked(True)
    drawn = set(pane.tree.canvas.drawing.by_id)
    assert {rich.ids["leaked"], rich.ids["code"], rich.ids["root"]} <= drawn
    assert rich.ids["release"] not in drawn
    pane.choose(rich.ids["release"])
    assert rich.ids["release"] in pane.tree.canvas.drawing.by_id, "what is asked for is shown"
    panel.hide_rest.setChecked(False)
    panel.clear()
    type_text(qtbot, pane.filter_field, "no such thing")
    qtbot.waitUntil(lambda: pane._folding.found == set())
    assert pane.tree.canvas.drawing.cards


def test_a_filter_by_state_follows_the_slider(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    pane.sieve.panel.states.boxes["expired"].setChecked(True)
    found = pane._folding.found
    assert found is not None
    assert rich.ids["release"] not in found
    pane.time_bar.go(rich.now + 400 * DAY)
    qtbot.waitUntil(lambda: rich.ids["release"] in (pane._folding.found or ()))


def request(kind: str = "P-256") -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name("Wanted"))
    return builder.sign(new_key(kind), hashes.SHA256())


@pytest.mark.parametrize("encoding", [serialization.Encoding.DER, serialization.Encoding.PEM])
def test_a_request_dropped_on_a_ca_is_handed_on(
    pane: CertificatesPane,
    rich: Rich,
    qtbot: QtBot,
    tmp_path: Path,
    encoding: serialization.Encoding,
) -> None:
    pane.window().setGeometry(20, 40, 1100, 700)
    qtbot.waitUntil(lambda: pane.window().width() == 1100)
    dropped: list[tuple[str, str]] = []
    pane.tree.csr_dropped.connect(lambda ca, text: dropped.append((ca, text)))
    asked = request()
    path = tmp_path / "anything.txt"
    path.write_bytes(asked.public_bytes(encoding))
    pane.tree.choose(rich.ids["code"])
    foreign = Foreign(qtbot, "files", [str(path)])
    try:
        foreign.carry(pane.tree.viewport(), card_point(pane, rich.ids["code"]))
        qtbot.waitUntil(lambda: pane.tree.canvas.target == rich.ids["code"])
        foreign.let_go()
    finally:
        foreign.end()
    qtbot.waitUntil(lambda: len(dropped) == 1)
    assert dropped[0][0] == rich.ids["code"]
    assert x509.load_pem_x509_csr(dropped[0][1].encode()) == asked
    assert pane.tree.canvas.target == ""


@pytest.mark.parametrize("content", [b"", b"hello", b"\x30\x82", b"-----BEGIN CERTIFICATE REQUEST--"
                                     b"---\nAAAA\n-----END CERTIFICATE REQUEST-----"])  # fmt: skip
def test_what_is_no_request_is_left_to_the_window(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "request.csr"
    path.write_bytes(content)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert request_in(mime) == ""
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/a.csr")])
    assert request_in(mime) == ""


def test_a_request_in_text_is_one_and_a_large_file_is_none(tmp_path: Path) -> None:
    text = request().public_bytes(serialization.Encoding.PEM)
    mime = QMimeData()
    mime.setText(f"see below\n{text.decode()}")
    assert request_in(mime) == text.decode()
    path = tmp_path / "large.csr"
    path.write_bytes(text + b"\n" * 70_000)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert request_in(mime) == ""


def test_control_and_a_click_choose_two_that_are_compared(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    assert not pane.commands_by_name["compare"].isEnabled()
    click_card(qtbot, pane, rich.ids["root"])
    pane.tree.ensureVisible(pane.tree.canvas.card_rect(rich.ids["root-by-partner"]))
    at = card_point(pane, rich.ids["root-by-partner"])
    cast("Any", qtbot).mouseClick(pane.tree.viewport(), LEFT, CTRL, at)
    assert {one.id for one in pane.selected} == {rich.ids["root"], rich.ids["root-by-partner"]}
    press(qtbot, pane.window(), Qt.Key.Key_M, CTRL, SHIFT)
    dialog = waited(qtbot, CompareDialog)
    every = dialog.tree.topLevelItemCount()
    dialog.only.setChecked(True)
    assert dialog.tree.topLevelItemCount() < every
    titles = [dialog.tree.topLevelItem(n).text(0) for n in range(dialog.tree.topLevelItemCount())]
    assert "Issuer" in titles
    assert "Public key" not in titles, "they have one key"
    dialog.tree.setCurrentItem(dialog.tree.topLevelItem(0).child(0))
    press(qtbot, dialog.tree, Qt.Key.Key_C, CTRL)
    assert "Partner Root R1" in QApplication.clipboard().text()
    dialog.accept()


def test_of_thousands_of_fields_some_are_shown_and_the_rest_counted(
    pane: CertificatesPane, look: Look
) -> None:
    lines = [Line("Names", "DNS name", f"h{n}.a", f"h{n}.b") for n in range(9_000)]
    began = process_time()
    dialog = CompareDialog(look, ("a", "b"), lines, lambda _text, _what: None, pane)
    group = dialog.tree.topLevelItem(0)
    assert process_time() - began < 0.5
    assert group is not None
    assert [one.text(0) for one in (group.child(0), group.child(MOST_ROWS)) if one] == [
        "DNS name", f"{number(9_000 - MOST_ROWS)} more",
    ]  # fmt: skip
    assert group.childCount() == MOST_ROWS + 1
    assert number(9_000) in dialog.summary.text()
    dialog.deleteLater()


def test_plus_minus_and_f_zoom_and_home_leads_to_the_root(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    tree = pane.tree
    pane.choose(rich.ids["release"])
    tree.setFocus()
    tree.actual_size()
    press(qtbot, tree, Qt.Key.Key_Minus)
    assert tree.scale_now < 1
    press(qtbot, tree, Qt.Key.Key_Plus)
    assert tree.scale_now == pytest.approx(1)
    press(qtbot, tree, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: seen(pane).contains(tree.canvas.bounds))
    assert tree.canvas.current == rich.ids["release"], "the focus ring"
    press(qtbot, tree, Qt.Key.Key_Home)
    card = tree.canvas.drawing.by_id[tree.current].content
    assert card.name == "Partner Root R1", "above the cross-signed root"
    assert "Partner Root R1" in tree.accessibleDescription()
    press(qtbot, tree, Qt.Key.Key_Down, SHIFT)
    assert len(tree.marked) == 2


def test_the_overview_leads_elsewhere(pane: CertificatesPane, rich: Rich, qtbot: QtBot) -> None:
    tree, small = pane.tree, pane.stage.minimap
    tree.fit()
    qtbot.waitUntil(lambda: not small.isVisible())
    tree.actual_size()
    tree.centerOn(QPointF(0, 0))
    qtbot.waitUntil(small.isVisible)
    before = small.seen.center()
    hands = cast("Any", qtbot)
    hands.mouseClick(small, LEFT, pos=QPoint(small.width() - 8, small.height() // 2))
    assert small.seen.center().x() > before.x()
    pane.commands_by_name["overview"].trigger()
    assert not small.isVisible()
    pane.commands_by_name["overview"].trigger()
    pane.commands_by_name["legend"].trigger()
    assert pane.stage.legend.isVisible()
    assert pane.context.preferences.get("certificates/legend") is True


def save(
    pane: CertificatesPane, qtbot: QtBot, path: Path, form: str, *, seen: bool = False
) -> bytes:
    pane.commands_by_name["picture"].trigger()
    dialog = waited(qtbot, PictureDialog)
    dialog.form.setCurrentIndex(dialog.form.findData(form))
    dialog.extent.setCurrentIndex(int(seen))
    dialog.save_to(path)
    qtbot.waitUntil(path.exists, timeout=20_000)
    return path.read_bytes()


def test_the_drawing_is_exported_whole_with_words_and_a_title(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot, tmp_path: Path
) -> None:
    svg = ET.fromstring(save(pane, qtbot, tmp_path / "a.svg", "svg"))
    words = {"".join(one.itertext()).strip() for one in svg.iter(f"{SVG}text")}
    assert {"Example PQ Root", "Firmware Signer", "Revoked", "Issuer missing"} <= words
    assert (svg.findtext(f"{SVG}title") or "").startswith("Certificate hierarchy as of")
    wide = float((svg.get("viewBox") or "0 0 0 0").split()[2])
    assert wide == pytest.approx(
        pane.tree.canvas.bounds.width() + 16 * pane.tree.canvas.unit, abs=1
    )
    pdf = save(pane, qtbot, tmp_path / "a.pdf", "pdf")
    assert pdf.startswith(b"%PDF-")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"/FontFile2" in pdf, "fonts are in it"
    image = QImage.fromData(save(pane, qtbot, tmp_path / "a.png", "png"))
    assert image.width() == pytest.approx(2 * wide, abs=2)
    assert image.text("Title").startswith("Certificate hierarchy")
    assert image.pixelColor(1, 1).name() == "#ffffff", "paper is white in any scheme"


def test_what_is_seen_is_exported_alone(
    pane: CertificatesPane, qtbot: QtBot, tmp_path: Path
) -> None:
    pane.tree.actual_size()
    image = QImage.fromData(save(pane, qtbot, tmp_path / "part.png", "png", seen=True))
    view = pane.tree.viewport().size()
    assert image.width() <= 2 * view.width() + 4
    assert image.height() <= 2 * view.height() + 4


def test_a_huge_drawing_is_exported_within_limits(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot, tmp_path: Path
) -> None:
    collection = big_collection(3_000, rich.now)
    standings = collection.standings(rich.now)
    pane.tree.show_drawing(draw(Kin(collection)), standings, rich.now)
    save(pane, qtbot, tmp_path / "big.png", "png")
    size = QImageReader(str(tmp_path / "big.png")).size()
    assert 4_000 < max(size.width(), size.height()) <= 20_000
    assert size.width() * size.height() <= 80_100_000


def test_a_large_family_is_short_until_its_rest_is_asked_for(
    open_pane: Scene, session: Session, qtbot: QtBot
) -> None:
    many = Rich(leaves=130)
    pane = open_pane(FakeBench(locked=False, shelf=many.shelf))
    rest = MORE + many.ids["tls"]
    assert rest in pane.tree.canvas.drawing.by_id
    pane.tree.choose(rest)
    assert pane.selected == []
    assert "more certificates" in pane.tree.accessibleDescription()
    pane.tree.setFocus()
    press(qtbot, pane.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.idle)
    assert rest not in pane.tree.canvas.drawing.by_id
    assert many.ids["srv-129"] in pane.tree.canvas.drawing.by_id
    pane.commands_by_name["fold-all"].trigger()
    assert many.ids["srv-129"] not in pane.tree.canvas.drawing.by_id
    pane.show_target(many.ids["srv-129"])
    assert pane.tree.current == many.ids["srv-129"]


@pytest.mark.parametrize("scale", [0.05, 0.2, 0.4, 1.0])
def test_five_thousand_cards_are_drawn_fast(
    pane: CertificatesPane, rich: Rich, scale: float
) -> None:
    collection = big_collection(5_000, rich.now)
    clock = pane.context.bench.clock
    began = clock.monotonic()
    drawing = draw(Kin(collection))
    pane.tree.show_drawing(drawing, collection.standings(rich.now), rich.now)
    pane.tree.zoom(scale / pane.tree.scale_now)
    pane.tree.viewport().repaint()
    first = clock.monotonic() - began
    began = clock.monotonic()
    for _ in range(5):
        pane.tree.viewport().repaint()
    frame_time = (clock.monotonic() - began) / 5
    assert len(drawing.cards) == 5_000
    assert first < 2
    assert frame_time < 0.1


def test_the_inspector_leads_to_what_belongs_together(
    pane: CertificatesPane, rich: Rich, qtbot: QtBot
) -> None:
    pane.choose(rich.ids["root"])
    crossed = pane.collection.records[rich.ids["root-by-partner"]]
    words = f"Example PQ Root, until {local_date(crossed.ends)}"
    click(qtbot, button(pane.details, words))
    assert pane.tree.current == crossed.id
    pane.choose(rich.ids["leaked"])
    shown = words_in(pane.details)
    assert "Revoked since" in shown
    assert "key compromise" in shown
    pane.time_bar.go(rich.now - 60 * DAY)
    qtbot.waitUntil(lambda: pane.collection.records[rich.ids["leaked"]].state == "valid")
    assert "Valid (" in words_in(pane.details), "the inspector is of the same day"
