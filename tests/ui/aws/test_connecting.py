"""The dialog that connects: what it offers, finds out, remembers, and says when it cannot."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.aws.conftest import ACCESS, ACCOUNT, Aws, Traveller
from tests.ui.conftest import click, dialog_of, press
from workbench.base.sites import HOME, Site
from workbench.bench import Bench
from workbench.ui.places.connections import KEY, connections_of

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def opened(traveller: Traveller, qtbot: QtBot) -> Any:
    press(qtbot, traveller.window, Qt.Key.Key_C, CTRL, ALT)
    traveller.wait(lambda: dialog_of("places.connect") is not None)
    traveller.rest()
    return dialog_of("places.connect")


def fill(dialog: Any, profile: str, endpoint: str) -> None:
    dialog.profile.setCurrentIndex(dialog.profile.findData(profile))
    dialog.region.setEditText("eu-west-1")
    dialog.endpoint.setText(endpoint)


def test_a_connection_is_tried_made_and_remembered_without_a_secret(
    traveller: Traveller, aws: Aws, bench: Bench, qtbot: QtBot
) -> None:
    dialog = opened(traveller, qtbot)
    offered = [dialog.profile.itemText(row) for row in range(dialog.profile.count())]
    assert offered[:-1] == ["empty", "expired", "guarded", "looker", "nobody", "prod", "stranger"]
    assert dialog.region.currentText() == "eu-west-1", "the profile's own"
    assert not dialog._remembered_group.isVisible()
    fill(dialog, "prod", aws.url)
    assert dialog.name.text() == f"127.0.0.1:{aws.port} · prod · eu-west-1"
    click(qtbot, dialog.test_button)
    traveller.wait(dialog._outcome.isVisible)
    found = dialog.outcome.text()
    assert f"You are arn:aws:iam::{ACCOUNT}:root." in found
    assert f"Requests go to {aws.url}." in found
    assert "keys." in found
    assert traveller.site == HOME, "trying shows nothing yet"
    dialog.name.setText("Production")
    dialog.name.textEdited.emit("Production")
    click(qtbot, dialog.main_button)
    traveller.arrive(aws.site())
    preferences = traveller.window.preferences
    assert preferences is not None
    (one,) = connections_of(preferences)
    assert (one.name, one.site) == ("Production", aws.site())
    preferences.flush()
    traveller.rest()
    stored = (bench.vault.directory / "preferences.json").read_text()
    assert json.loads(stored)[f"window/{KEY}"] == [
        {"name": "Production", "site": aws.site().to_record()}
    ]
    secrets = [part for pair in ACCESS.values() for part in pair]
    for file in bench.vault.directory.parent.rglob("*"):
        if file.is_file() and file.parent.name != "aws":
            data = file.read_bytes()
            assert not [one for one in secrets if one.encode() in data], file
    titles = [item.title for item in traveller.window.places.palette_items()]
    assert titles == ["Look at Production"]
    again = opened(traveller, qtbot)
    again.remembered.setCurrentIndex(1)
    assert again.site == aws.site()
    click(qtbot, again.forget_button)
    assert connections_of(preferences) == ()
    again.reject()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("empty", ["The profile “empty” has no credentials.", "aws configure --profile empty"]),
        ("expired", ["has expired", "aws sso login --profile expired"]),
        ("guarded", ["asks for the code of an MFA device", "IAM Identity Center"]),
        ("stranger", ["InvalidClientTokenId", "correct the profile"]),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_with_the_next_step(
    aws: Aws, bench: Bench, profile: str, said: list[str]
) -> None:
    from workbench.ui.errors import explain

    for attempt in (bench.places.check, bench.at):
        with pytest.raises(Exception, match=r".") as caught:
            attempt(aws.site(profile))
        words = explain(caught.value)
        assert not words.bug
        for part in said:
            assert part in f"{words.title}: {words.text}"
        for _key, secret in ACCESS.values():
            assert secret not in repr(caught.value)


def test_the_dialog_stays_with_what_went_wrong_and_goes_on_from_there(
    traveller: Traveller, aws: Aws, qtbot: QtBot
) -> None:
    dialog = opened(traveller, qtbot)
    fill(dialog, "expired", aws.url)
    click(qtbot, dialog.main_button)
    traveller.wait(lambda: "aws sso login" in dialog._problem_text.text())
    assert traveller.site == HOME
    fill(dialog, "prod", "http://127.0.0.1:9")
    assert not dialog._problem.isVisible(), "it was about something else"
    click(qtbot, dialog.test_button)
    traveller.wait(lambda: "“127.0.0.1:9” cannot be reached" in dialog._problem_text.text())
    fill(dialog, "prod", "http://kms.example.com")
    click(qtbot, dialog.main_button)
    assert "need https" in dialog._check_endpoint()
    assert not dialog.validate()
    fill(dialog, "nobody", aws.url)
    click(qtbot, dialog.test_button)
    traveller.wait(dialog._outcome.isVisible)
    assert "Keys may not be listed: AccessDenied" in dialog.outcome.text()
    dialog.keep.setChecked(False)
    fill(dialog, "prod", aws.url)
    click(qtbot, dialog.main_button)
    traveller.arrive(aws.site())
    preferences = traveller.window.preferences
    assert preferences is not None
    assert connections_of(preferences) == ()


def test_a_damaged_aws_configuration_is_said(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "config"
    broken.write_text("[profile\nsecret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(broken))
    with pytest.raises(Exception, match="The AWS configuration cannot be read"):
        bench.places.profiles()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(Exception, match="There is no profile"):
        bench.at(Site("eu-west-1", aws=True, profile="absent"))
