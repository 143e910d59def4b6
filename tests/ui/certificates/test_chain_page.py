"""The verdict on a chain in the inspector: on any day, for any purpose, with evidence or not."""

from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import DAY
from tests.ui.certificates.conftest import Corpus, words_in
from tests.ui.conftest import click
from workbench.pki.purposes import Purpose
from workbench.ui.panes.certificates.chain_page import ChainPage
from workbench.ui.panes.certificates.pane import CertificatesPane


@pytest.fixture
def page(pane: CertificatesPane, corpus: Corpus, qtbot: QtBot) -> ChainPage:
    pane.choose(corpus.id(corpus.leaf))
    pane.details.open_chain()
    says(pane.details._chain, qtbot, "Trusted")
    return pane.details._chain


def says(page: ChainPage, qtbot: QtBot, *words: str) -> None:
    qtbot.waitUntil(lambda: all(one in words_in(page) for one in words), timeout=20_000)


def test_the_verdict_is_of_the_day_that_is_shown(
    pane: CertificatesPane, page: ChainPage, qtbot: QtBot
) -> None:
    pane.time_bar.go(datetime.now(UTC) + 400 * DAY)
    says(page, qtbot, "Not trusted", "“Main Signer” expired on")
    pane.time_bar.go(datetime.now(UTC) - 30 * DAY)
    says(page, qtbot, "Not trusted", "is valid only from")
    click(qtbot, pane.time_bar.today)
    says(page, qtbot, "Trusted")
    assert "expired" not in words_in(page)


def test_another_purpose_is_another_verdict_and_stays_chosen(
    pane: CertificatesPane, page: ChainPage, corpus: Corpus, qtbot: QtBot
) -> None:
    assert page.purpose.currentText() == "What it says: code signing"
    assert page.purpose.count() == len(Purpose) + 1
    page.purpose.setCurrentIndex(page.purpose.findData(Purpose.SERVER_AUTH))
    says(page, qtbot, "Not trusted", "is not for TLS server authentication")
    pane.choose(corpus.id(corpus.sub))
    says(page, qtbot, "“Main Sub” is a CA's certificate")
    page.purpose.setCurrentIndex(0)
    says(page, qtbot, "Trusted", "Checked for any purpose")


def test_revocation_can_be_asked_for(page: ChainPage, qtbot: QtBot) -> None:
    click(qtbot, page.required)
    says(page, qtbot, "Not trusted", "Whether “Main Signer” is revoked is not known")
    click(qtbot, page.required)
    says(page, qtbot, "Trusted")
