"""Other Regions of the vault: what is there is shown, and dialogs act where the panes look."""

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.ui.aws.conftest import Traveller
from tests.ui.conftest import click, dialog_of
from workbench.base.sites import HOME, Site
from workbench.bench import Bench

THERE = Site("eu-central-1")


def entries(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_a_replica_is_shown_in_its_region_and_a_new_key_is_made_there(
    traveller: Traveller, bench: Bench, qtbot: QtBot
) -> None:
    key = bench.kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"]
    bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")
    bench.run_due()
    status = traveller.window.status
    click(qtbot, status.where)
    traveller.wait(lambda: traveller.window.places._menu is not None)
    menu = traveller.window.places._menu
    assert menu is not None
    assert entries(menu)[:3] == ["This vault", "us-west-2 (home)", "eu-central-1"]
    (home, there) = menu.actions()[1:3]
    assert (home.isChecked(), there.isChecked()) == (True, False)
    there.trigger()
    menu.close()
    traveller.arrive(THERE)
    assert status.where.text() == "This vault · eu-central-1"
    (row,) = traveller.keys._stock.rows
    assert row.id == key
    assert row.regions is not None
    assert not row.regions.primary
    assert row.regions.primary_region == "us-west-2"
    traveller.keys.ask_create()
    dialog = dialog_of("keys.create.dialog")
    dialog.alias.field.setText("made-there")
    click(qtbot, dialog.main_button)
    traveller.wait(lambda: "made-there" in traveller.names)
    made = bench.client("kms", "eu-central-1").describe_key(KeyId="alias/made-there")
    assert ":eu-central-1:" in made["KeyMetadata"]["Arn"]
    assert len(bench.kms.list_keys()["Keys"]) == 1, "the home Region got none"
    # The identity of the window holds in every Region of the vault.
    assert traveller.window.menus.commands["act"].isEnabled()
    assert bench.at(THERE).acting is bench.acting
    look_at_a_region_without_keys(traveller, bench)


def look_at_a_region_without_keys(traveller: Traveller, bench: Bench) -> None:
    """Regions without keys are offered too; looking there makes nothing."""
    traveller.go(HOME)
    told = [one for one in traveller.window.notices.texts if "look at" in one]
    assert told == ["The panes look at this vault, us-west-2 now."], "only where they look now"
    before = traveller.window.places._menu
    traveller.window.places.choose()
    traveller.wait(lambda: traveller.window.places._menu is not before)
    menu = traveller.window.places._menu
    assert menu is not None
    (others,) = [action.menu() for action in menu.actions() if action.menu() is not None]
    assert isinstance(others, QMenu)
    others.aboutToShow.emit()
    traveller.wait(lambda: len(others.actions()) > 10)
    names = entries(others)
    assert "us-west-2" not in names, "it has keys"
    others.actions()[names.index("sa-east-1")].trigger()
    menu.close()
    traveller.arrive(Site("sa-east-1"))
    assert traveller.names == set()
    assert bench.places.regions() == ("us-west-2", "eu-central-1")
    traveller.go(HOME)
    assert traveller.names == {"mine"}
