"""Acting as another: status bar, chooser, what panes show meanwhile, and the way back to root."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.ui.conftest import Open, click, press, type_text
from tests.ui.identities.conftest import ANNA, BOB, ROOT, SIGNER, policy, wait_dialog
from workbench.bench import Bench
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.registry import PANES
from workbench.ui.session import Session
from workbench.ui.window import Window
from workbench.ui.workspace import Workspace

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def stage(window: Window) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def front_of(pane: Any) -> QWidget:
    """Return what stands in the middle of a pane."""
    widget: QWidget = pane._stack.currentWidget()
    return widget


def shown_words(pane: Any) -> str:
    """Return what is said there."""
    return " ".join(label.text() for label in front_of(pane).findChildren(QLabel))


def test_refused_as_a_user_and_back_to_root(
    window: Window, bench: Bench, settled: Callable[[], None], qtbot: QtBot
) -> None:
    panes = stage(window).panes
    keys = cast("KeysPane", panes["keys"])
    assert keys.model.total == 1
    for name in ("rotation", "keys"):
        stage(window).turn_to(name)
        settled()
    keys.table.select_id(keys._stock.rows[0].id)
    window.identities.act_as(ANNA)
    settled()
    assert bench.acting.caller.arn == ANNA
    assert keys.model.total == 0
    assert keys.selected == []
    assert f"{ANNA} is not authorized to perform: kms:ListKeys" in shown_words(keys)
    assert "Act as somebody who may" in shown_words(keys)
    stage(window).turn_to("rotation")
    settled()
    assert "is not authorized to perform" in shown_words(panes["rotation"])
    assert panes["rotation"].model.total == 0
    stage(window).turn_to("keys")
    click(qtbot, front_of(keys).findChildren(QToolButton)[0])
    chooser = wait_dialog(qtbot, "identities.chooser")
    settled()
    chooser.table.select_id(ROOT)
    click(qtbot, chooser.act_button)
    settled()
    assert bench.acting.caller.kind == "Root"
    assert keys.model.total == 1
    assert front_of(keys) is keys.table
    stage(window).turn_to("rotation")
    settled()
    assert panes["rotation"].model.total == 1


def test_whoever_may_list_sees_the_list(
    window: Window, settled: Callable[[], None], bench: Bench
) -> None:
    window.identities.act_as(BOB)
    settled()
    assert cast("KeysPane", stage(window).panes["keys"]).model.total == 1
    assert bench.acting.caller.arn == BOB


def test_a_user_without_aliases_still_sees_keys(
    window: Window, settled: Callable[[], None], bench: Bench
) -> None:
    iam = bench.client("iam", "")
    deny = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny",'
        ' "Action": "kms:ListAliases", "Resource": "*"}]}'
    )
    iam.put_user_policy(UserName="bob", PolicyName="no-aliases", PolicyDocument=deny)
    window.identities.act_as(BOB)
    settled()
    (row,) = cast("KeysPane", stage(window).panes["keys"])._stock.rows
    assert row.names == ()


def test_the_status_bar_shows_who_acts(window: Window, settled: Callable[[], None]) -> None:
    button = window.status.identity
    assert button.text() == "root of 111122223333"
    assert ROOT in button.accessibleName()
    window.identities.act_as(SIGNER)
    settled()
    assert button.text() == "Acting as role/Signer of 111122223333"
    session_arn = "arn:aws:sts::111122223333:assumed-role/Signer/workbench"
    assert session_arn in button.accessibleName()
    assert session_arn in button.toolTip()
    assert button.property("role") == "acting"
    window.menus.commands["act-root"].trigger()
    settled()
    assert button.property("role") == ""
    assert button.text().startswith("root of")


def test_the_keyboard_is_enough(
    window: Window, bench: Bench, settled: Callable[[], None], qtbot: QtBot
) -> None:
    press(qtbot, window, Qt.Key.Key_A, CTRL, SHIFT)
    chooser = wait_dialog(qtbot, "identities.chooser")
    settled()
    assert [row.name for row in chooser._model.rows] == ["root", "anna", "bob", "Signer"]
    assert not chooser.act_button.isEnabled()
    press(qtbot, chooser.table, Qt.Key.Key_Down)
    assert chooser.act_button.text() == "Act as user anna"
    press(qtbot, chooser.table, Qt.Key.Key_Return)
    settled()
    assert bench.acting.caller.arn == ANNA


def test_many_are_searched(
    window: Window, bench: Bench, settled: Callable[[], None], qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    for number in range(101):  # more than a page
        iam.create_user(UserName=f"worker-{number:03}")
    click(qtbot, window.status.identity)
    chooser = wait_dialog(qtbot, "identities.chooser")
    settled()
    assert len(chooser._model.rows) == 105
    assert chooser.search.hasFocus()
    type_text(qtbot, chooser.search, "ker-077")
    assert chooser.act_button.text() == "Act as user worker-077"
    press(qtbot, chooser.search, Qt.Key.Key_Return)
    settled()
    assert bench.acting.caller.arn.endswith("worker-077")


def test_root_and_oneself_are_offered_to_whoever_may_list_nobody(
    window: Window, settled: Callable[[], None], qtbot: QtBot
) -> None:
    window.identities.act_as(ANNA)
    settled()
    window.identities.choose()
    chooser = wait_dialog(qtbot, "identities.chooser")
    settled()
    assert [row.arn for row in chooser._model.rows] == [ROOT, ANNA]
    assert "iam:ListUsers" in chooser._note.text()
    assert chooser.table.selected_ids == [ANNA]
    chooser.reject()


def test_whoever_deletes_themselves_is_root_again(
    window: Window, bench: Bench, settled: Callable[[], None], session: Session
) -> None:
    iam = bench.client("iam", "")
    iam.put_user_policy(UserName="anna", PolicyName="all", PolicyDocument=policy("iam:*"))
    window.identities.act_as(ANNA)
    settled()
    iam.delete_user_policy(UserName="anna", PolicyName="all")
    bench.act_as(ROOT)
    iam.delete_user(UserName="anna")
    session.announce("identities")
    settled()
    assert window.status.identity.text().startswith("root of")
    assert cast("KeysPane", stage(window).panes["keys"]).model.total == 1
    assert any("user/anna is gone" in text for text in window.notices.texts)


def test_somebody_gone_is_told(window: Window, bench: Bench, settled: Callable[[], None]) -> None:
    bench.client("iam", "").delete_user(UserName="anna")
    window.identities.act_as(ANNA)
    settled()
    assert bench.acting.caller.kind == "Root"
    assert any("There is no user or role" in text for text in window.notices.texts)


def test_locking_keeps_who_acts_and_closes_the_way_to_change_it(
    open_window: Open, session: Session, qtbot: QtBot
) -> None:
    fake = FakeBench(locked=False, identities=(ANNA,))
    window = open_window(fake)
    window.identities.act_as(ANNA)
    qtbot.waitUntil(lambda: session.idle and fake.acting.caller.arn == ANNA)
    window.lock()
    qtbot.waitUntil(lambda: session.idle and fake.vault.locked)
    assert not window.status.identity.isEnabled()
    assert not window.menus.commands["act"].isEnabled()
    window.identities.choose()
    window.identities.act_as_root()
    assert session.idle
    fake.vault.unlock_with_keyring()
    window._unlocked()
    assert window.status.identity.isEnabled()
    assert window.status.identity.text().startswith("Acting as user/anna")


def test_another_vault_begins_as_root(open_window: Open, session: Session, qtbot: QtBot) -> None:
    fake = FakeBench(locked=False, identities=(ANNA,))
    window = open_window(fake)
    window.identities.act_as(ANNA)
    qtbot.waitUntil(lambda: session.idle and fake.acting.caller.arn == ANNA)
    window.leave_vault()
    assert not window.status.identity.isVisible()
    window.adopt(FakeBench(locked=False))
    qtbot.waitUntil(lambda: session.idle)
    assert window.status.identity.text().startswith("root of")


def test_certificates_are_refused_and_come_back(
    open_window: Open, bench: Bench, settled: Callable[[], None]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(bench.clock.now())
        .not_valid_after(bench.clock.now() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    bench.shelf.import_certificates(Data=made.public_bytes(Encoding.PEM))
    window = open_window(cast("Any", bench), makers=(CertificatesPane,))
    settled()
    pane = stage(window).panes["certificates"]
    assert pane.table.records.total == 1
    pane.choose(next(iter(pane.collection.records)))
    window.identities.act_as(ANNA)
    settled()
    assert "is not authorized to perform: shelf:" in shown_words(pane)
    assert pane.table.records.total == 0
    assert pane.selected == []
    assert pane.collection.records == {}
    window.identities.act_as_root()
    settled()
    assert pane.table.records.total == 1
    assert "not authorized" not in shown_words(pane)
    window.bench = None  # the fixture closes the bench


def test_every_pane_bears_a_user_who_may_do_nothing(
    open_window: Open, bench: Bench, settled: Callable[[], None]
) -> None:
    window = open_window(cast("Any", bench), makers=PANES)
    settled()
    window.identities.act_as(ANNA)
    for name in stage(window).panes:
        stage(window).turn_to(name)
        settled()
    assert window.crash.dialog is None
    window.bench = None  # the fixture closes the bench
