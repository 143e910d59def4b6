"""A certificate's bytes on demand, and every field to copy."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.ui.certificates.conftest import CTRL, Corpus
from tests.ui.conftest import click, press
from workbench.ui.panes.certificates.bytes_tab import BytesTab, dump
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.widgets.basics import CopyButton
from workbench.ui.widgets.texts import utc_time


@pytest.fixture
def tab(pane: CertificatesPane, corpus: Corpus, qtbot: QtBot) -> BytesTab:
    pane.choose(corpus.id(corpus.leaf))
    pane.details.open_tab(pane.details._bytes_number)
    found = pane.details._bytes
    qtbot.waitUntil(lambda: found.elements.topLevelItemCount() == 1)
    return found


def copied() -> str:
    return QGuiApplication.clipboard().text()


def element(tab: BytesTab, *places: int) -> QTreeWidgetItem:
    found = tab.elements.topLevelItem(0)
    for place in places:
        assert found is not None
        found = found.child(place)
    assert found is not None
    return found


def test_an_element_is_shown_and_copied_whole(tab: BytesTab, corpus: Corpus, qtbot: QtBot) -> None:
    assert not tab.which.isTabEnabled(1), "nothing is chosen yet"
    key = element(tab, 0, 6)  # subjectPublicKeyInfo (RFC 5280 §4.1)
    tab.elements.setCurrentItem(key)
    assert tab.text.toPlainText().startswith("-----BEGIN"), "only on demand"
    press(qtbot, tab.elements, Qt.Key.Key_Return)
    assert tab.which.currentIndex() == 1
    spki = corpus.leaf.key.public_key().public_bytes_raw()
    lines = tab.text.toPlainText().splitlines()
    shown = bytes.fromhex("".join(line[8:] for line in lines))
    assert shown.endswith(spki)
    assert corpus.leaf.der.count(shown) == 1
    assert int(lines[1][:6]) == int(key.text(1)) + 8
    click(qtbot, tab.copy_button)
    assert bytes.fromhex(copied()) == shown
    tab.elements.setCurrentItem(element(tab, 0, 1))
    press(qtbot, tab.elements, Qt.Key.Key_C, CTRL)
    assert copied().startswith("02")
    assert tab.text.toPlainText().endswith(copied()[-2:])


def test_another_certificate_shows_its_pem_first(
    pane: CertificatesPane, tab: BytesTab, corpus: Corpus, qtbot: QtBot
) -> None:
    tab.elements.setCurrentItem(element(tab, 1))
    tab.which.setCurrentIndex(1)
    pane.choose(corpus.id(corpus.sub))
    assert tab.text.toPlainText() == corpus.sub.pem.decode().strip()
    assert tab.copy_button.text() == "Copy PEM"
    click(qtbot, tab.copy_button)
    assert copied() == corpus.sub.pem.decode()


def test_bytes_are_counted_from_the_beginning_of_the_certificate() -> None:
    assert dump(bytes(range(40)), 20, 30) == ("    20  14 15 16 17 18 19 1a 1b\n    28  1c 1d")


def test_every_field_can_be_copied(pane: CertificatesPane, corpus: Corpus, qtbot: QtBot) -> None:
    record = pane.collection.records[corpus.id(corpus.leaf)]
    pane.choose(record.id)
    buttons = {one.accessibleName(): one for one in pane.details._general.findChildren(CopyButton)}
    wanted = {
        "Issued by": "Main Sub", "Valid from": utc_time(record.starts), "State": "Valid",
        "Valid until": utc_time(record.ends), "Origin": "Issued by a CA in this vault",
    }  # fmt: skip
    for name, value in wanted.items():
        button = next(one for title, one in buttons.items() if name in title)
        click(qtbot, button)
        assert copied().startswith(value), name
