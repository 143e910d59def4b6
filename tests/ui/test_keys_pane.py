from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.create import CreateKeyDialog
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session
from workbench.ui.widgets.dialogs import DangerDialog
from workbench.ui.window import Window

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Keys = Callable[..., KeysPane]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", TravelClock())
    yield made
    made.close()


def make_key(bench: Bench, name: str, spec: str = "ECC_NIST_P256", **more: Any) -> str:
    request: dict[str, Any] = {"KeySpec": spec, **more}
    if spec != "SYMMETRIC_DEFAULT":
        request.setdefault("KeyUsage", "SIGN_VERIFY")
    key = bench.kms.create_key(**request)["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    return key


@pytest.fixture
def open_keys(open_window: Open, bench: Bench, session: Session, qtbot: QtBot) -> Iterator[Keys]:
    """Open the window on a real vault with the Keys pane in front."""
    windows: list[Window] = []

    def make() -> KeysPane:
        window = open_window(bench, makers=(KeysPane, RotationPane))
        windows.append(window)
        assert window.workspace is not None
        pane = cast("KeysPane", window.workspace.panes["keys"])
        qtbot.waitUntil(lambda: session.idle and pane._stock.loaded)
        return pane

    yield make
    for window in windows:
        window.bench = None  # the fixture closes the bench


def key_of(bench: Bench, name: str) -> str:
    return bench.kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyId"]


def state_of(bench: Bench, name: str) -> str:
    return bench.kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyState"]


def names_in(pane: KeysPane) -> list[str]:
    return [pane.model.row(line).title for line in range(pane.model.rowCount())]


def row_point(pane: KeysPane, name: str) -> QPoint:
    line = names_in(pane).index(name)
    return pane.table.visualRect(pane.model.index(line, 0)).center()


def pick(qtbot: QtBot, pane: KeysPane, name: str, modifier: Any = None) -> None:
    hands: Any = qtbot
    hands.mouseClick(
        pane.table.viewport(),
        Qt.MouseButton.LeftButton,
        modifier or Qt.KeyboardModifier.NoModifier,
        row_point(pane, name),
    )


def button_of(widget: QWidget, text: str) -> QPushButton:
    found = [b for b in widget.findChildren(QPushButton) if b.text().replace("&", "") == text]
    assert found, text
    return found[0]


def test_an_empty_vault_offers_its_first_key(open_keys: Keys, qtbot: QtBot) -> None:
    pane = open_keys()
    assert pane.model.total == 0
    assert not pane.table.isVisible()
    press(qtbot, pane, Qt.Key.Key_N, CTRL)
    qtbot.waitUntil(lambda: dialog_of(CreateKeyDialog) is not None)


def test_a_key_is_made_by_keyboard_alone(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    pane = open_keys()
    press(qtbot, pane, Qt.Key.Key_N, CTRL)
    dialog = dialog_of(CreateKeyDialog)
    qtbot.waitUntil(dialog.specs.hasFocus)
    assert dialog.specs.spec == "ML_DSA_65"
    press(qtbot, dialog.specs, Qt.Key.Key_Up)
    assert dialog.specs.spec == "ML_DSA_44"
    dialog.alias.field.setFocus()
    type_text(qtbot, dialog.alias.field, "release")
    press(qtbot, dialog.alias.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: state_of_or_none(bench, "release") == "Enabled")
    qtbot.waitUntil(lambda: session.idle and not dialog_of(CreateKeyDialog))
    assert [row.title for row in pane.selected] == ["release"], "what was made is selected"
    meta = bench.kms.describe_key(KeyId="alias/release")["KeyMetadata"]
    assert (meta["KeySpec"], meta["KeyUsage"]) == ("ML_DSA_44", "SIGN_VERIFY")


def state_of_or_none(bench: Bench, name: str) -> str:
    try:
        return state_of(bench, name)
    except bench.kms.exceptions.NotFoundException:
        return ""


def test_the_dialog_checks_the_alias_and_offers_valid_usages_only(
    open_keys: Keys, bench: Bench, qtbot: QtBot
) -> None:
    make_key(bench, "taken")
    pane = open_keys()
    pane.ask_create()
    dialog = dialog_of(CreateKeyDialog)
    field = dialog.alias.field
    type_text(qtbot, field, "taken")
    assert not dialog.validate()
    assert "Another key has this alias" in labels(dialog)
    field.clear()
    field.setText("alias/pasted")
    assert field.text() == "pasted", "a pasted prefix is dropped"
    type_text(qtbot, field, " x")
    assert "letters, digits" in labels(dialog)

    def usages() -> list[str]:
        return [dialog.usage.itemData(n) for n in range(dialog.usage.count())]

    dialog.specs.choose("RSA_2048")
    assert usages() == ["SIGN_VERIFY", "ENCRYPT_DECRYPT"]
    assert dialog.usage.isEnabled()
    dialog.specs.choose("ML_KEM_768")
    assert usages() == ["ENCAPSULATE_DECAPSULATE"]
    assert not dialog.usage.isEnabled()


def labels(widget: Any) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def test_a_spec_that_cannot_be_made_is_shown_with_the_reason(open_keys: Keys, qtbot: QtBot) -> None:
    pane = open_keys()
    pane.ask_create()
    dialog = dialog_of(CreateKeyDialog)
    item = dialog.specs.item_of("ML_KEM_512")
    assert "no ML-KEM-512" in item.text(1)
    before = dialog.specs.spec
    click(qtbot, dialog.specs.viewport(), dialog.specs.visualItemRect(item).center())
    assert dialog.specs.spec == before


def test_the_window_stays_alive_while_an_rsa_key_is_made(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    pane = open_keys()
    pane.ask_create()
    dialog = dialog_of(CreateKeyDialog)
    dialog.specs.choose("RSA_2048")
    dialog.alias.field.setText("slow")
    click(qtbot, dialog.main_button)
    assert not dialog.main_button.isEnabled()
    assert "RSA_2048" in labels(dialog)
    dialog.reject()  # a person may close it; the key is still made and told about
    qtbot.waitUntil(lambda: "slow" in names_in(pane), timeout=20_000)


def test_filtering_by_text_kind_and_state(open_keys: Keys, bench: Bench, qtbot: QtBot) -> None:
    make_key(bench, "firmware", "ML_DSA_65", Tags=[{"TagKey": "team", "TagValue": "boot"}])
    make_key(bench, "web")
    make_key(bench, "orders", "SYMMETRIC_DEFAULT")
    bench.kms.disable_key(KeyId=key_of(bench, "web"))
    pane = open_keys()
    assert names_in(pane) == ["firmware", "orders", "web"]
    press(qtbot, pane, Qt.Key.Key_F, CTRL)
    type_text(qtbot, pane.filter_field, "boot ml-dsa")
    qtbot.waitUntil(lambda: names_in(pane) == ["firmware"])
    pane.filter_field.clear()
    qtbot.waitUntil(lambda: len(names_in(pane)) == 3)
    pane.choice.group.setCurrentIndex(pane.choice.group.findData("symmetric"))
    assert names_in(pane) == ["orders"]
    pane.choice.group.setCurrentIndex(0)
    pane.choice.state.setCurrentIndex(pane.choice.state.findData("Disabled"))
    assert names_in(pane) == ["web"]


def test_what_is_made_is_seen_whatever_the_filter_says(
    open_keys: Keys, bench: Bench, qtbot: QtBot
) -> None:
    make_key(bench, "web")
    pane = open_keys()
    type_text(qtbot, pane.filter_field, "web")
    pane.choice.group.setCurrentIndex(pane.choice.group.findData("classical"))
    pane.ask_create()
    dialog = dialog_of(CreateKeyDialog)
    dialog.alias.field.setText("new-one")
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: [row.title for row in pane.selected] == ["new-one"])


def test_several_keys_are_disabled_at_once_and_enabled_again_by_the_notice(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    for name in ("a", "b", "c"):
        make_key(bench, name)
    pane = open_keys()
    pick(qtbot, pane, "a")
    pick(qtbot, pane, "c", SHIFT)
    assert [row.title for row in pane.selected] == ["a", "b", "c"]
    assert not pane.can.enable.isEnabled()
    assert "no selected key is disabled" in pane.can.enable.toolTip()
    press(qtbot, pane.table, Qt.Key.Key_D, CTRL)
    qtbot.waitUntil(lambda: session.idle and state_of(bench, "c") == "Disabled")
    assert state_of(bench, "a") == "Disabled"
    assert [row.state for row in pane.selected] == ["Disabled"] * 3, "selected still, and read"
    window = pane.window()
    qtbot.waitUntil(lambda: any(b.text() == "Enable again" for b in visible_buttons(window)))
    click(qtbot, next(b for b in visible_buttons(window) if b.text() == "Enable again"))
    qtbot.waitUntil(lambda: session.idle and state_of(bench, "b") == "Enabled")


def visible_buttons(widget: Any) -> list[QPushButton]:
    return [b for b in widget.findChildren(QPushButton) if b.isVisible()]


def test_deleting_names_counts_and_offers_the_reversible_way_first(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    key = make_key(bench, "doomed")
    bench.kms.create_alias(AliasName="alias/second", TargetKeyId=key)
    pane = open_keys()
    pick(qtbot, pane, "doomed")
    press(qtbot, pane.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is not None)
    dialog = dialog_of(DangerDialog)
    said = labels(dialog)
    assert key in said
    assert "2 aliases point here and go too: doomed, second" in said
    assert [b.text() for b in dialog.choice_buttons] == ["Disable key", "Schedule deletion"]
    assert button_of(dialog, "Cancel").isDefault()
    press(qtbot, dialog, Qt.Key.Key_Return)
    assert state_of(bench, "doomed") == "Enabled", "Enter cancels"
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is None and pane.window().isActiveWindow())
    press(qtbot, pane.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is not None)
    dialog = dialog_of(DangerDialog)
    spin = dialog.findChild(QSpinBox)
    spin.setValue(3)
    assert spin.value() == 7
    click(qtbot, button_of(dialog, "Schedule deletion"))
    qtbot.waitUntil(lambda: session.idle and state_of(bench, "doomed") == "PendingDeletion")
    assert pane.selected[0].deletion is not None
    assert "pending deletion" in pane.can.delete.toolTip()
    assert pane.can.keep.isEnabled()
    pane.can.keep.trigger()
    qtbot.waitUntil(lambda: session.idle and state_of(bench, "doomed") == "Disabled")


def test_certificates_that_hold_the_key_are_counted(
    open_keys: Keys, bench: Bench, qtbot: QtBot
) -> None:
    from workbench.pki.quickstart import HierarchyRequest

    bench.create_hierarchy(HierarchyRequest(alias="alias/signing"), lambda _text, _share: None)
    pane = open_keys()
    pane.show_target("alias/signing")
    pane.verbs.ask_deletion()
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is not None)
    assert "1 certificate holds its public key" in labels(dialog_of(DangerDialog))
    dialog_of(DangerDialog).reject()
    authority = next(row for row in pane._stock.rows if "certificate-authority" in row.description)
    pane.show_target(authority.id)
    pane.verbs.ask_deletion()
    qtbot.waitUntil(lambda: dialog_of(DangerDialog) is not None)
    assert "1 certificate authority signs with it" in labels(dialog_of(DangerDialog))


def test_the_inspector_follows_and_has_the_tabs_a_key_has(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    make_key(bench, "pair", "ML_DSA_65")
    make_key(bench, "orders", "SYMMETRIC_DEFAULT")
    pane = open_keys()
    tabs = pane.key_inspector.tabs

    def titles() -> list[str]:
        return [tabs.tabText(n) for n in range(tabs.count()) if tabs.isTabVisible(n)]

    pick(qtbot, pane, "pair")
    assert {"Public key", "Certificates"} <= set(titles())
    assert "Key material" not in titles()
    press(qtbot, pane.table, Qt.Key.Key_P, CTRL)
    text = pane.key_inspector.public_key.text
    qtbot.waitUntil(lambda: text.toPlainText().startswith("-----BEGIN PUBLIC KEY-----"))
    spki = bench.kms.get_public_key(KeyId="alias/pair")["PublicKey"]
    pane.key_inspector.public_key.form.setCurrentIndex(1)
    assert bytes.fromhex(text.toPlainText()) == spki
    press(qtbot, pane.table, Qt.Key.Key_Up)
    assert pane.selected[0].title == "orders"
    assert "Key material" in titles()
    assert "Public key" not in titles()


def test_the_public_key_is_copied_saved_and_dragged_out(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    make_key(bench, "pair", "ML_DSA_65")
    pane = open_keys()
    pick(qtbot, pane, "pair")
    pane.verbs.show_public_key()
    tab = pane.key_inspector.public_key
    qtbot.waitUntil(lambda: tab.text.toPlainText() != "")
    click(qtbot, tab.copy_button)
    copied = QApplication.clipboard().text()
    assert copied.startswith("-----BEGIN PUBLIC KEY-----")
    data = tab.make_mime()
    assert data is not None
    dragged = Path(data.urls()[0].toLocalFile())
    assert dragged.name == "pair.pem"
    assert dragged.read_text() == copied
    target = tmp_path / "saved.pem"
    tab.save(copied.encode(), str(target))
    qtbot.waitUntil(target.exists)
    assert target.read_text() == copied


def test_the_description_is_edited_in_place(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    make_key(bench, "web")
    pane = open_keys()
    pick(qtbot, pane, "web")
    description = pane.key_inspector.general._description
    assert description is not None
    click(qtbot, description.edit_button)
    type_text(qtbot, description._field, "Signs tokens")
    press(qtbot, description._field, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(
        lambda: (
            bench.kms.describe_key(KeyId="alias/web")["KeyMetadata"]["Description"]
            == "Signs tokens"
        )
    )
    qtbot.waitUntil(lambda: session.idle)
    click(qtbot, pane.key_inspector.general._description.edit_button)  # type: ignore[union-attr]
    field = pane.key_inspector.general._description._field  # type: ignore[union-attr]
    type_text(qtbot, field, "never saved")
    press(qtbot, field, Qt.Key.Key_Escape)
    assert pane.selected[0].description == "Signs tokens"


def test_activity_shows_what_was_done_with_the_key(
    open_keys: Keys, bench: Bench, qtbot: QtBot
) -> None:
    make_key(bench, "web")
    bench.kms.sign(KeyId="alias/web", Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
    pane = open_keys()
    pick(qtbot, pane, "web")
    activity = pane.key_inspector.activity
    pane.key_inspector.open(activity)
    model = cast("Any", activity.table.model())
    qtbot.waitUntil(lambda: model.rowCount() > 0)
    assert [model.row(n).name for n in range(model.rowCount())] == [
        "Sign",
        "CreateAlias",
        "CreateKey",
    ], "requests that only look are left out"
    activity.hide_reads.click()
    assert model.rowCount() > 3
    activity.hide_reads.click()
    activity.table.selectRow(0)
    assert '"eventName": "Sign"' in activity.text.toPlainText()


def test_tags_are_edited_and_added_to_many(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    make_key(bench, "a", Tags=[{"TagKey": "old", "TagValue": "1"}])
    make_key(bench, "b")
    pane = open_keys()
    pick(qtbot, pane, "a")
    press(qtbot, pane.table, Qt.Key.Key_T, CTRL)
    form = dialog_of("keys.tags.dialog")
    fields = [one for one in form.findChildren(QLineEdit) if one.isVisible()]
    fields[0].setText("new")
    fields[1].setText("2")
    click(qtbot, form.main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.tags.dialog") is None)
    assert pane.selected[0].tags == (("new", "2"),)
    pick(qtbot, pane, "b", CTRL)
    press(qtbot, pane.table, Qt.Key.Key_T, CTRL)
    form = dialog_of("keys.tags.dialog")
    fields = [one for one in form.findChildren(QLineEdit) if one.isVisible()]
    type_text(qtbot, fields[0], "team")
    click(qtbot, form.main_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.tags.dialog") is None)
    assert [row.tags for row in pane.selected] == [(("new", "2"), ("team", "")), (("team", ""),)]


def test_an_alias_is_added_removed_and_put_back(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    make_key(bench, "first")
    pane = open_keys()
    pick(qtbot, pane, "first")
    press(qtbot, pane.table, Qt.Key.Key_F2)
    form = dialog_of("keys.alias.dialog")
    field = form.findChild(QLineEdit)
    qtbot.waitUntil(field.hasFocus)
    type_text(qtbot, field, "another")
    press(qtbot, field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.idle and pane.selected[0].names == ("another", "first"))
    pane.key_inspector.names.ask_removal(pane.selected[0], "another")
    dialog = dialog_of(DangerDialog)
    click(qtbot, button_of(dialog, "Remove alias"))
    qtbot.waitUntil(lambda: session.idle and pane.selected[0].names == ("first",))
    window = pane.window()
    qtbot.waitUntil(lambda: any(b.text() == "Put it back" for b in visible_buttons(window)))
    click(qtbot, next(b for b in visible_buttons(window) if b.text() == "Put it back"))
    qtbot.waitUntil(lambda: session.idle and pane.selected[0].names == ("another", "first"))


def test_a_refusal_is_told_and_the_others_are_done(
    open_keys: Keys, bench: Bench, qtbot: QtBot, session: Session
) -> None:
    for name in ("a", "b"):
        make_key(bench, name)
    pane = open_keys()
    pick(qtbot, pane, "a")
    pick(qtbot, pane, "b", SHIFT)
    # Behind the window's back, as another program would.
    bench.kms.schedule_key_deletion(KeyId=key_of(bench, "a"), PendingWindowInDays=7)
    pane.verbs.disable()
    qtbot.waitUntil(lambda: session.idle and state_of(bench, "b") == "Disabled")
    assert "1 of 2 could not be changed" in labels(pane.window())
    assert [row.state for row in pane.selected] == ["PendingDeletion", "Disabled"]


def test_columns_are_chosen_and_remembered(open_keys: Keys, bench: Bench, qtbot: QtBot) -> None:
    make_key(bench, "a")
    pane = open_keys()
    menu = pane.table.column_menu()
    action = next(one for one in menu.actions() if one.text() == "Key ID")
    assert not action.isChecked()
    action.trigger()
    numbers = {column.id: n for n, column in enumerate(pane.model.columns)}
    assert not pane.table.isColumnHidden(numbers["id"])
    pane.table._remember_columns()
    stored = pane.context.preferences.get("columns/keys")
    assert stored["id"]["hidden"] is False
    assert stored["description"]["hidden"] is True


def test_every_control_has_a_name_and_the_pane_is_drawn(
    open_keys: Keys, bench: Bench, qtbot: QtBot
) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox

    make_key(bench, "pair", "ML_DSA_65")
    pane = open_keys()
    pick(qtbot, pane, "pair")
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for one in pane.findChildren(kind):
            said = one.accessibleName() or getattr(one, "text", str)()
            assert said or not one.isVisible(), one
    image = pane.grab().toImage()
    places = [(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)]
    assert len({image.pixel(x, y) for x, y in places}) > 20


def test_the_palette_finds_keys_by_name(open_keys: Keys, bench: Bench) -> None:
    key = make_key(bench, "release", "ML_DSA_65", Description="Nightly builds")
    pane = open_keys()
    (item,) = pane.palette_items()
    assert (item.title, item.kind) == ("release", "Key")
    assert key in item.keywords
    item.run()
    assert [row.id for row in pane.selected] == [key]
