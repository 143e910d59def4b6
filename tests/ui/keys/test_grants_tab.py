"""The Grants tab over the real engine: what is shown, granted, refused, retired and revoked."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.callers import client_of, user
from tests.ui.conftest import click, dialog_of, press, type_text
from workbench.bench import Bench
from workbench.ui.panes.keys.tabs.grant_form import GrantForm, GrantShown
from workbench.ui.panes.keys.tabs.grants import GrantsTab
from workbench.ui.policies.people import People
from workbench.ui.session import Session
from workbench.ui.widgets.dialogs import DangerDialog

A = "arn:aws:iam::111122223333:"
ANNA, BOB, SIGNER = f"{A}user/anna", f"{A}user/bob", f"{A}role/signer"


@pytest.fixture
def tab(open_tab: Any) -> GrantsTab:
    found: GrantsTab = open_tab(GrantsTab)
    return found


def key_of(bench: Bench) -> str:
    return bench.kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"]


def grants(bench: Bench) -> list[Any]:
    return list(bench.kms.list_grants(KeyId=key_of(bench))["Grants"])


def grant(bench: Bench, **more: Any) -> str:
    made: Any = bench.kms.create_grant(
        **{"KeyId": key_of(bench), "GranteePrincipal": ANNA, "Operations": ["Decrypt"]} | more
    )
    return str(made["GrantId"])


def reread(tab: GrantsTab, session: Session, qtbot: QtBot) -> None:
    tab.reload()
    qtbot.waitUntil(lambda: session.idle)


def form_of(tab: GrantsTab, session: Session, qtbot: QtBot) -> GrantForm:
    press(qtbot, tab.window(), Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: dialog_of(GrantForm) is not None and session.idle)
    form: GrantForm = dialog_of(GrantForm)
    return form


def choice(verb: str) -> QPushButton:
    dialog: DangerDialog = dialog_of("keys.grant-ending.dialog")
    return next(one for one in dialog.choice_buttons if one.text() == verb)


def test_a_key_without_grants_says_so_and_offers_the_first(tab: GrantsTab) -> None:
    assert tab._empty.isVisible()
    assert not tab.table.isVisible()
    assert not tab.card.isVisible()


def test_a_grant_is_made_and_its_token_shown_once(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    form = form_of(tab, session, qtbot)
    assert form.grantee.principal == ""
    click(qtbot, form.main_button)
    assert form.isVisible()
    assert grants(peopled) == []
    form.grantee.choose(ANNA)
    form.retiring.choose(SIGNER)
    form.operations.tick(["Encrypt", "Decrypt"])
    form.constraint.setCurrentIndex(1)
    assert not form.validate(everything=True)
    form.pairs.setPlainText("tenant=acme")
    type_text(qtbot, form.name, "orders-app")
    click(qtbot, form.main_button)
    qtbot.waitUntil(lambda: dialog_of(GrantShown) is not None)
    (made,) = grants(peopled)
    assert made["GranteePrincipal"] == ANNA
    assert made["RetiringPrincipal"] == SIGNER
    assert made["Operations"] == ["Encrypt", "Decrypt"]
    assert made["Constraints"] == {"EncryptionContextSubset": {"tenant": "acme"}}
    assert made["Name"] == "orders-app"
    shown: GrantShown = dialog_of(GrantShown)
    token = shown.token.toPlainText()
    copy = next(one for one in shown.findChildren(QPushButton) if "token" in one.text())
    click(qtbot, copy)
    clipboard = QGuiApplication.clipboard()
    qtbot.waitUntil(lambda: clipboard.text() == token)
    anna = client_of(peopled, user("anna"))
    request = {"KeyId": key_of(peopled), "Plaintext": b"x", "GrantTokens": [token]}
    anna.encrypt(**request, EncryptionContext={"tenant": "acme", "table": "orders"})
    with pytest.raises(ClientError, match="AccessDenied"):
        anna.encrypt(**request, EncryptionContext={"tenant": "other"})
    shown.reject()
    qtbot.waitUntil(lambda: session.idle and tab.table.selected_ids == [made["GrantId"]])
    assert tab.card.sentence == (
        "The user anna may Encrypt and Decrypt with this key if the encryption context has"
        " tenant=acme. The role signer may retire the grant."
    )


def test_only_operations_that_suit_the_key_are_offered(
    tab: GrantsTab, session: Session, qtbot: QtBot
) -> None:
    form = form_of(tab, session, qtbot)
    offered = [form.operations.item(n).text() for n in range(form.operations.count())]
    assert "Encrypt" in offered
    assert not any(name.startswith(("Sign", "GenerateMac", "GetPublicKey")) for name in offered)


def test_a_service_is_granted_for_a_resource(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    form = form_of(tab, session, qtbot)
    assert not form.source.isVisible()
    form.grantee.setEditText("s3.amazonaws.com")
    assert form.source.isVisible()
    form.operations.tick(["Decrypt"])
    form.source.setText("s3:bucket")
    assert not form.validate(everything=True)
    form.source.setText("arn:aws:s3:us-west-2:111122223333:accesspoint/orders")
    assert not form.validate(everything=True)
    form.retiring.setEditText(SIGNER)
    form.source.clear()
    assert not form.validate(everything=True)
    form.source.setText("arn:aws:s3:us-west-2:111122223333:accesspoint/orders")
    click(qtbot, form.main_button)
    qtbot.waitUntil(lambda: dialog_of(GrantShown) is not None)
    (made,) = grants(peopled)
    assert made["GranteeServicePrincipal"] == "s3.amazonaws.com"
    assert made["Constraints"]["SourceArn"].endswith("accesspoint/orders")


def test_what_is_no_principal_is_said_as_one_types(
    tab: GrantsTab, session: Session, qtbot: QtBot
) -> None:
    form = form_of(tab, session, qtbot)
    form.grantee.setFocus()
    type_text(qtbot, form.grantee, "arn:aws:s3:::bucket")
    assert form.grantee.property("invalid") == "true"
    form.grantee.setEditText(ANNA)
    assert form.grantee.property("invalid") == "false"


def test_a_refusal_says_which_statement_decided(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    peopled.client("iam", "").put_user_policy(
        UserName="bob",
        PolicyName="reads",
        PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action":'
        ' ["kms:List*", "kms:Describe*", "iam:*"], "Resource": "*"}, {"Sid": "NoGrants",'
        ' "Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*"}]}',
    )
    peopled.act_as(BOB)
    form = form_of(tab, session, qtbot)
    form.grantee.choose(ANNA)
    form.operations.tick(["Encrypt"])
    click(qtbot, form.main_button)
    qtbot.waitUntil(lambda: session.idle and form._problem.isVisible())
    assert "NoGrants" in form._problem_text.text()
    peopled.act_as(f"{A}root")
    assert grants(peopled) == []


def test_a_grant_is_revoked_after_it_is_said_what_ends(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    made = grant(peopled)
    reread(tab, session, qtbot)
    assert tab.table.selected_ids == [made]
    click(qtbot, tab.card.revoke)
    dialog = dialog_of("keys.grant-ending.dialog")
    texts = " ".join(one.text() for one in dialog.findChildren(type(tab._empty)))
    assert "The user anna may no longer Decrypt with this key" in texts
    dialog.reject()
    assert len(grants(peopled)) == 1
    click(qtbot, tab.card.revoke)
    click(qtbot, choice("Revoke grant"))
    qtbot.waitUntil(lambda: session.idle and not tab.grants)
    assert grants(peopled) == []
    assert tab._empty.isVisible()


def test_what_was_ended_by_mistake_is_granted_again(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    constraint = {"EncryptionContextEquals": {"table": "orders"}}
    grant(peopled, Name="app", RetiringPrincipal=SIGNER, Constraints=constraint)
    grant(peopled, GranteePrincipal=BOB, Operations=["Encrypt"])
    reread(tab, session, qtbot)
    before = tab.grants
    tab.table.selectAll()
    click(qtbot, tab.card.revoke)
    click(qtbot, choice("Revoke grants"))
    qtbot.waitUntil(lambda: session.idle and not tab.grants)
    again = next(
        one for one in tab.window().findChildren(QPushButton) if one.text() == "Grant again"
    )
    click(qtbot, again)
    qtbot.waitUntil(lambda: session.idle and len(tab.grants) == 2)
    assert {one.terms for one in tab.grants} == {one.terms for one in before}
    assert not {one.id for one in tab.grants} & {one.id for one in before}


def test_retiring_is_offered_to_whom_the_grant_names(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    iam = peopled.client("iam", "")
    for name in ("anna", "bob"):
        iam.put_user_policy(
            UserName=name,
            PolicyName="reads",
            PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action":'
            ' ["kms:List*", "kms:Describe*", "iam:*"], "Resource": "*"}]}',
        )
    grant(peopled, Operations=["Decrypt", "RetireGrant"])
    peopled.act_as(BOB)
    reread(tab, session, qtbot)
    assert not tab.card.retire.isEnabled()
    assert "user bob" in tab.card.retire.toolTip()
    peopled.act_as(ANNA)
    reread(tab, session, qtbot)
    assert tab.card.retire.isEnabled()
    click(qtbot, tab.card.retire)
    click(qtbot, choice("Retire grant"))
    qtbot.waitUntil(lambda: session.idle and not tab.grants)
    peopled.act_as(f"{A}root")
    assert grants(peopled) == []


def test_a_policy_may_allow_to_retire(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    peopled.client("iam", "").put_user_policy(
        UserName="bob",
        PolicyName="all",
        PolicyDocument='{"Version": "2012-10-17", "Statement":'
        ' [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    )
    grant(peopled)
    peopled.act_as(BOB)
    reread(tab, session, qtbot)
    assert tab.card.retire.isEnabled()


def test_a_refused_revocation_is_told_and_changes_nothing(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    grant(peopled)
    reread(tab, session, qtbot)
    peopled.act_as(BOB)
    click(qtbot, tab.card.revoke)
    click(qtbot, choice("Revoke grant"))
    qtbot.waitUntil(lambda: session.idle)
    told = " ".join(one.text() for one in tab.window().findChildren(type(tab._empty)))
    assert "kms:RevokeGrant" in told
    peopled.act_as(f"{A}root")
    assert len(grants(peopled)) == 1


def test_grants_one_may_not_list_are_explained(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    grant(peopled)
    peopled.act_as(BOB)
    reread(tab, session, qtbot)
    assert "kms:ListGrants" in tab._state.text()
    assert not tab.table.isVisible()
    assert not tab._empty.isVisible()


def test_f1_opens_the_page_of_the_tab(tab: GrantsTab, qtbot: QtBot) -> None:
    window: Any = tab.window()
    window.workspace.front.key_inspector.tabs.tabBar().setFocus()
    press(qtbot, window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window._help is not None and window._help.isVisible())
    assert window._help.pages.currentItem().text() == "Grants"
    window._help.close()
    window.workspace.front.table.setFocus()
    press(qtbot, window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: bool(window._help.isVisible()))
    assert window._help.pages.currentItem().text() == "Keys"
    window._help.close()


def test_the_delete_key_is_about_the_grant_not_about_the_key(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    grant(peopled)
    reread(tab, session, qtbot)
    tab.table.setFocus()
    press(qtbot, tab.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: dialog_of("keys.grant-ending.dialog") is not None)
    click(qtbot, choice("Revoke grant"))
    qtbot.waitUntil(lambda: session.idle and not tab.grants)
    assert grants(peopled) == []


def test_root_is_offered_last(tab: GrantsTab, session: Session, qtbot: QtBot) -> None:
    form = form_of(tab, session, qtbot)
    offered = [form.grantee.itemText(n) for n in range(form.grantee.count())]
    assert offered[:4] == ["user anna", "user bob", "role signer", "account root"]
    form.offer(People((), "Nobody may list users."))
    assert form._people_note.isVisible()


def test_a_disabled_key_is_granted_nobody(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    window: Any = tab.window()
    command = window.workspace.front.can.grant
    assert command.isEnabled()
    peopled.kms.disable_key(KeyId=key_of(peopled))
    window.workspace.front.refresh()
    qtbot.waitUntil(lambda: session.idle and not command.isEnabled())
    assert "not enabled" in command.toolTip()


def test_very_many_grants_are_shown_in_parts(
    tab: GrantsTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    key = key_of(peopled)
    for _ in range(502):
        peopled.kms.create_grant(KeyId=key, GranteePrincipal=ANNA, Operations=["Decrypt"])
    reread(tab, session, qtbot)
    assert len(tab.grants) == 500
    assert tab._more.isVisible()
    click(qtbot, tab._more)
    qtbot.waitUntil(lambda: session.idle and len(tab.grants) == 502)
    assert not tab._more.isVisible()
    assert tab._model.rowCount() == 502
    tab.table.selectAll()
    assert tab.card.sentence == "502 grants are selected."
    assert tab.card.retire.isEnabled()
