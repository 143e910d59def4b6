"""Rotating a key's material: now, or by itself every so many days.

Owns the two dialogs and their calls; used by every pane that shows keys.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QSpinBox, QWidget

from workbench.ui.look import Look
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import ENABLED, MOST_ON_DEMAND, KeyRow
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.words import short_name, why_no_rotation
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date, local_time

SHORTEST: Final = 90
LONGEST: Final = 2560
_USUAL: Final = 365


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def why_not_rotate(row: KeyRow | None) -> str:
    """Return why a key cannot be rotated now; empty if it can."""
    if row is None:
        return _tr("no key is selected")
    reason = why_no_rotation(row)
    if reason:
        return reason
    if row.state != ENABLED:
        return _tr("the key is not enabled")
    if not row.rotations_left:
        return _tr("all {n} on-demand rotations are used").format(n=MOST_ON_DEMAND)
    return ""


def why_not_schedule(row: KeyRow | None) -> str:
    """Return why a key's automatic rotation cannot be changed; empty if it can."""
    if row is None:
        return _tr("no key is selected")
    reason = why_no_rotation(row)
    if not reason and row.state != ENABLED:
        reason = _tr("the key is not enabled")
    return reason


class RotateDialog(FormDialog):
    """Says what rotating does and how often it is still possible."""

    def __init__(self, look: Look, row: KeyRow, parent: QWidget) -> None:
        title = _tr("Rotate {name} now?").format(name=short_name(row))
        super().__init__(look, title, _tr("Rotate now"), parent)
        self.body.addWidget(
            label(
                self.tr(
                    "The key gets new key material, which encrypts from now on. The present"
                    " material is kept and goes on decrypting. Programs notice nothing."
                ),
                wrap=True,
            )
        )
        left, used = row.rotations_left, MOST_ON_DEMAND - row.rotations_left
        self.body.addWidget(
            label(
                self.tr(
                    "KMS allows {most} on-demand rotations in a key's life: {used} used, {left}"
                    " left. It cannot be undone."
                ).format(most=MOST_ON_DEMAND, used=used, left=left),
                "muted",
                wrap=True,
            )
        )
        if row.next_rotation is not None:
            self.body.addWidget(
                label(
                    self.tr("The next automatic rotation stays on {date}.").format(
                        date=local_date(row.next_rotation)
                    ),
                    "muted",
                    wrap=True,
                )
            )


class ScheduleDialog(FormDialog):
    """Automatic rotation on or off, and every how many days."""

    def __init__(self, context: Context, row: KeyRow, parent: QWidget) -> None:
        title = _tr("Automatic rotation of {name}").format(name=short_name(row))
        super().__init__(context.look, title, _tr("Save"), parent)
        self._row = row
        self._clock = context.bench.clock
        self.switch = QCheckBox(self.tr("&Rotate this key automatically"))
        self.switch.setChecked(True)
        self.days = QSpinBox()
        self.days.setRange(SHORTEST, LONGEST)
        self.days.setValue(row.rotation_days or _USUAL)
        self.days.setSuffix(self.tr(" days"))
        self._next = label("", "muted", wrap=True)
        self.body.addWidget(self.switch)
        self._group = self.add_field(
            self.tr("&Every"),
            self.days,
            self.tr("From {shortest} to {longest} days; AWS's usual period is 365.").format(
                shortest=SHORTEST, longest=LONGEST
            ),
        )
        self.body.addWidget(self._next)
        self.switch.toggled.connect(lambda _on: self._show_next())
        self.days.valueChanged.connect(lambda _days: self._show_next())
        self._show_next()

    def _show_next(self) -> None:
        on = self.switch.isChecked()
        self._group.setEnabled(on)
        if not on:
            self._next.setText(self.tr("The key is rotated only when someone asks for it."))
            return
        base = self._clock.now()
        if self._row.rotation_days and self._row.next_rotation is not None:
            base = self._row.next_rotation - timedelta(days=self._row.rotation_days)
        date = max(base + timedelta(days=self.days.value()), self._clock.now())
        self._next.setText(self.tr("Next rotation: {date}").format(date=local_time(date)))


class Rotating:
    """Opens the dialogs and carries out what they decide.

    Args:
        context: the window.
        stock: told which keys to read again.
        parent: the pane; also owns the work, so that a closed dialog loses nothing.
    """

    def __init__(self, context: Context, stock: KeyStock, parent: QWidget) -> None:
        self._context = context
        self._stock = stock
        self._parent = parent

    def ask_rotate(self, row: KeyRow) -> None:
        """Open the dialog that rotates now."""
        dialog = RotateDialog(self._context.look, row, self._parent)

        def work() -> None:
            self._context.bench.kms.rotate_key_on_demand(KeyId=row.id)

        told = _tr("{name} has new key material.").format(name=short_name(row))
        busy = _tr("Rotating {name}").format(name=short_name(row))
        dialog.on_submit(lambda: self._do(dialog, row, work, told, busy))
        dialog.setObjectName("keys.rotate.dialog")
        dialog.open()

    def ask_schedule(self, row: KeyRow) -> None:
        """Open the dialog for automatic rotation."""
        dialog = ScheduleDialog(self._context, row, self._parent)

        def decided() -> None:
            on, days = dialog.switch.isChecked(), dialog.days.value()
            kms = self._context.bench.kms
            told = (
                _tr("{name} rotates every {days} days.").format(name=short_name(row), days=days)
                if on
                else _tr("{name} no longer rotates by itself.").format(name=short_name(row))
            )

            def work() -> None:
                if on:
                    kms.enable_key_rotation(KeyId=row.id, RotationPeriodInDays=days)
                else:
                    kms.disable_key_rotation(KeyId=row.id)

            self._do(dialog, row, work, told, _tr("Changing the rotation"))

        dialog.on_submit(decided)
        dialog.setObjectName("keys.schedule.dialog")
        dialog.open()

    def _do(
        self, dialog: FormDialog, row: KeyRow, work: Callable[[], None], told: str, busy: str
    ) -> None:
        def done(_none: None) -> None:
            self._context.frame.notify(told)
            self._stock.reread([row.id])

        submit(self._context, self._parent, dialog, work, done, busy)
