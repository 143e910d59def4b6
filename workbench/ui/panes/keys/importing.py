"""Importing key material and deleting it: the dialogs, and carrying out what they decide.

Owns the order of the calls and what is told of them; used by every pane that shows key materials.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QWidget

from workbench.ui.errors import Explanation
from workbench.ui.many import at_once
from workbench.ui.pane import Context
from workbench.ui.panes.keys.bulk import Outcome, change_each, tell_outcome
from workbench.ui.panes.keys.import_dialog import ImportDialog
from workbench.ui.panes.keys.import_terms import (
    ImportRequest,
    Parameters,
    get_parameters,
    import_material,
)
from workbench.ui.panes.keys.inventory import (
    AWAITING_IMPORT,
    DISABLED,
    ENABLED,
    PENDING_DELETION,
    UPDATING,
    KeyRow,
)
from workbench.ui.panes.keys.material_deletion import Doomed, ask_material_deletion
from workbench.ui.panes.keys.materials import PENDING, Material
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.usage import uses_of
from workbench.ui.panes.keys.words import short_name, state_name


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def why_not_import(row: KeyRow | None) -> str:
    """Return why nothing can be imported into a key; empty if it can."""
    if row is None:
        return _tr("no key is selected")
    if not row.external:
        return _tr("its material is made by KMS; only keys of origin “External” take imports")
    if row.state == PENDING_DELETION:
        return _tr("the key is pending deletion")
    if row.state not in {ENABLED, DISABLED, AWAITING_IMPORT, UPDATING}:
        return _tr("not in the key's present state: {state}").format(state=state_name(row.state))
    return ""


def why_not_import_again(row: KeyRow | None, material: Material | None) -> str:
    """Return why a material cannot be imported again; empty if it can."""
    reason = why_not_import(row)
    if reason or row is None:
        return reason
    if material is None:
        return _tr("no key material is selected")
    if not material.id and row.rotates:
        return _tr("it was never imported; import it first")
    return ""


def why_not_delete(row: KeyRow | None, material: Material | None) -> str:
    """Return why a material cannot be deleted; empty if it can."""
    if row is None or material is None:
        return _tr("no key material is selected")
    if not row.external:
        return _tr("KMS made it, and keeps it as long as the key")
    if row.managed_by_aws:
        return _tr("AWS manages the key")
    if not material.present:
        return _tr("it is not there")
    return ""


class Importing(QObject):
    """Opens the dialogs for key material and carries out what they decide.

    Args:
        context: the window.
        stock: told which keys to read again.
        parent: the pane; also owns the work, so that a closed dialog loses nothing.
    """

    def __init__(self, context: Context, stock: KeyStock, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._stock = stock
        self._parent = parent

    def ask_import(self, row: KeyRow, again: Material | None = None) -> ImportDialog:
        """Open the dialog that imports new material, or one again."""
        dialog = ImportDialog(
            self._context,
            row,
            again,
            lambda algorithm, spec: self._get(dialog, row, algorithm, spec),
            lambda request: self._import(dialog, row, request),
            self._parent,
        )
        dialog.setObjectName("keys.import.dialog")
        dialog.open()
        return dialog

    def ask_deletion(self, doomed: Sequence[Doomed]) -> None:
        """Count what used the materials of late, then ask."""
        bench = self._context.bench

        def counted(used: int) -> None:
            rows = {row.id: row for row, _ in doomed}
            dialog = ask_material_deletion(
                self._context,
                self._parent,
                doomed,
                used,
                partial(self._disable, list(rows.values())),
                partial(self._delete, doomed),
            )
            dialog.setObjectName("keys.material-deletion.dialog")
            dialog.open()

        self._context.session.start(
            self._parent,
            lambda: sum(uses_of(bench.cloudtrail, row, one.id) for row, one in doomed if one.id),
            counted,
            None,
            _tr("Looking for what uses the material"),
        )

    def _get(self, dialog: ImportDialog, row: KeyRow, algorithm: str, spec: str) -> None:
        kms = self._context.bench.kms
        dialog.show_working(working=True)

        def work() -> Parameters:
            return get_parameters(kms, row.id, algorithm, spec)

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        # Owned by the dialog: when that is gone, nobody wants the answer.
        self._context.session.start(
            dialog, work, dialog.show_parameters, failed, _tr("Making a wrapping key")
        )

    def _import(self, dialog: ImportDialog, row: KeyRow, request: ImportRequest) -> None:
        kms = self._context.bench.kms

        def work() -> str:
            return import_material(kms, row, request)

        def done(_material: str) -> None:
            def tell() -> None:
                self._tell_imported(row)

            self._stock.reread([row.id], tell)

        submit(self._context, self._parent, dialog, work, done, _tr("Importing key material"))

    def _tell_imported(self, row: KeyRow) -> None:
        now = self._stock.row(row.id) or row
        name = short_name(now)
        if any(one.state == PENDING for one in now.materials):
            told = _tr("The material was imported. {name} uses it once it is rotated.")
        elif now.state == AWAITING_IMPORT:
            told = _tr("The material was imported. {name} still waits for its other materials.")
        else:
            told = _tr("The material was imported into {name}.")
        self._context.frame.notify(told.format(name=name))

    def _disable(self, rows: Sequence[KeyRow]) -> None:
        kms = self._context.bench.kms
        self._run(
            rows,
            lambda row: kms.disable_key(KeyId=row.id),
            (_tr("{name} is disabled."), _tr("{n} keys are disabled.")),
            _tr("Disabling keys"),
        )

    def _delete(self, doomed: Sequence[Doomed]) -> None:
        kms = self._context.bench.kms
        rows = list({row.id: row for row, _ in doomed}.values())

        def delete(row: KeyRow) -> None:
            for owner, material in doomed:
                if owner.id == row.id:
                    more = {"KeyMaterialId": material.id} if material.id and row.rotates else {}
                    kms.delete_imported_key_material(KeyId=row.id, **more)

        told = (
            _tr("Key material of {name} was deleted."),
            _tr("Material of {n} keys was deleted."),
        )
        self._run(rows, delete, told, _tr("Deleting key material"))

    def _run(
        self,
        rows: Sequence[KeyRow],
        change: Callable[[KeyRow], object],
        told: tuple[str, str],
        busy: str,
    ) -> None:
        def done(outcome: Outcome) -> None:
            tell_outcome(self._context.frame, outcome, told)
            self._stock.reread(outcome.ids)

        def work() -> Outcome:
            return change_each(rows, change, at_once(self._context.bench))

        self._context.session.start(self._parent, work, done, None, busy, mutates=True)
