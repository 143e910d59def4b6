"""The dialog before imported key material is deleted: what stops working, and the way back.

Owns the words; the doing is handed in.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import ENABLED, KeyRow
from workbench.ui.panes.keys.materials import WAITING, Material
from workbench.ui.panes.keys.words import material_name, short_name
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant
from workbench.ui.widgets.texts import elide, number

Doomed = tuple[KeyRow, Material]
"""A key, and the material of it that is to be deleted."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def ask_material_deletion(
    context: Context,
    parent: QWidget,
    doomed: Sequence[Doomed],
    used: int,
    disable: Callable[[], None],
    delete: Callable[[], None],
) -> DangerDialog:
    """Return the dialog, not opened yet.

    Args:
        context: the window.
        parent: the pane.
        doomed: what is to be deleted.
        used: how many of the newest requests used it.
        disable: the reversible way: nothing is deleted.
        delete: deletes.
    """
    title = (
        _tr("Delete this key material?")
        if len(doomed) == 1
        else _tr("Delete {n} key materials?").format(n=number(len(doomed)))
    )
    choices = [Choice(_tr("Delete material"), delete, danger=True)]
    keys = {row.id: row for row, _ in doomed}.values()
    if any(row.state == ENABLED for row in keys):
        verb = _tr("Disable key") if len(keys) == 1 else _tr("Disable keys")
        why = _tr("stops every use now, keeps the material, and can be undone at any time.")
        choices.insert(0, Choice(verb, disable, why=why))
    back = label(
        _tr(
            "It can be undone only by importing the very same material again. Be sure that you"
            " still have it: KMS keeps no copy."
        ),
        wrap=True,
    )
    names = [_name(row, one) for row, one in doomed]
    dependants = _dependants(doomed, used)
    return DangerDialog(context.look, title, names, dependants, choices, parent, back)


def _name(row: KeyRow, material: Material) -> str:
    parts = [short_name(row), material_name(material)]
    if material.description and material.id:
        parts.append(elide(material.id, 12))
    return " · ".join(parts)


def _dependants(doomed: Sequence[Doomed], used: int) -> list[Dependant]:
    found: list[Dependant] = []
    stopping = {row.id: short_name(row) for row, one in doomed if one.state not in WAITING}
    waiting = {row.id: short_name(row) for row, one in doomed if one.state in WAITING}
    if stopping:
        told = _tr(
            "{names} stops working at once and is “Pending import”: it neither encrypts nor"
            " decrypts, also not what its other materials encrypted."
        )
        found.append(Dependant(told.format(names=", ".join(stopping.values())), "warning"))
    if waiting:
        told = _tr("{names} goes on working, but has nothing left to rotate to.")
        found.append(Dependant(told.format(names=", ".join(waiting.values())), "clock"))
    replicated = [row for row, one in doomed if one.state in WAITING and row.regions is not None]
    if any(row.regions is not None and row.regions.primary for row in replicated):
        found.append(Dependant(_tr("It is deleted from every replica key as well."), "link"))
    if used:
        told = (
            _tr("1 of the newest requests used it.")
            if used == 1
            else _tr("{n} of the newest requests used it.").format(n=number(used))
        )
        found.append(Dependant(told, "activity"))
    return found
