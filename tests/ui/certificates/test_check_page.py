"""What a strict verifier and pkilint say of a certificate, in the inspector."""

from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.certificates import Chain, make, new_key
from tests.fakes.engine import make_bench
from tests.ui.certificates.conftest import Corpus, Scene, words_in
from workbench.pki.lint import available
from workbench.ui.panes.certificates import check_page
from workbench.ui.panes.certificates.pane import CertificatesPane


def open_check(pane: CertificatesPane, record: str) -> None:
    pane.choose(record)
    pane.details.open_tab(pane.details._check_number)


def test_findings_of_the_engine_are_shown_with_their_rules(
    open_pane: Scene, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "vault")
    chain = Chain("P-256")
    enciphering = frozenset({"digital_signature", "key_encipherment"})
    bad = make("Enciphers", chain.root, key=new_key("P-256"), ca=False, bits=enciphering)
    found = bench.shelf.import_certificates(Data=chain.root.pem + bad.pem)["Results"]
    pane = open_pane(bench)
    open_check(pane, found[1]["Id"])
    page = pane.details._check
    qtbot.waitUntil(lambda: "RFC 8813 §3" in words_in(page), timeout=20_000)
    assert "Warning" in words_in(page)
    assert "findings" in words_in(page)
    if available():
        assert "pkix." in words_in(page), "pkilint's name of it"
    bench.close()


def test_nothing_found_is_said_and_never_asked_on_the_windows_thread(
    pane: CertificatesPane, corpus: Corpus, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bool, bool]] = []
    shelf = cast("Any", corpus.shelf)
    whole = shelf.check_certificate

    def check(**request: Any) -> Any:
        asked.append((current_thread() is main_thread(), request["Lint"]))
        return whole(**request)

    monkeypatch.setattr(shelf, "check_certificate", check)
    monkeypatch.setattr(check_page, "available", lambda: False)
    open_check(pane, corpus.id(corpus.leaf))
    qtbot.waitUntil(lambda: "Nothing found" in words_in(pane.details._check))
    assert asked == [(False, False)]
    assert "not installed" in words_in(pane.details._check)
