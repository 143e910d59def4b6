"""Rotating a key's material: now, or by itself every so many days.

Owns the two dialogs and their calls; used by every pane that shows keys.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QCheckBox, QSpinBox, QWidget

from workbench.ui.look import Look
from workbench.ui.many import at_once
from workbench.ui.pane import Context
from workbench.ui.panes.keys.bulk import Outcome, change_each, tell_outcome
from workbench.ui.panes.keys.inventory import ENABLED, MOST_ON_DEMAND, KeyRow
from workbench.ui.panes.keys.materials import PENDING, PENDING_ELSEWHERE
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.words import material_name, short_name, why_no_rotation
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.spin import padded
from workbench.ui.widgets.texts import local_date, local_time, number

SHORTEST: Final = 90
LONGEST: Final = 2560
_USUAL: Final = 365


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def why_not_rotate(row: KeyRow | None) -> str:
    """Return why a key cannot be rotated now; empty if it can."""
    reason = _why_fixed(row)
    if row is None or reason:
        return reason
    if row.rotating_since is not None:
        return _tr("a rotation is under way")
    if not row.rotations_left:
        return _tr("all {n} on-demand rotations are used").format(n=MOST_ON_DEMAND)
    if row.external:
        return _why_no_next(row)
    return ""


def why_not_schedule(row: KeyRow | None) -> str:
    """Return why a key's automatic rotation cannot be changed; empty if it can."""
    reason = _why_fixed(row)
    if not reason and row is not None and row.external:
        return _tr("imported material rotates on demand only")
    return reason


def first_reason(rows: Sequence[KeyRow], why: Callable[[KeyRow | None], str]) -> str:
    """Return why something cannot be done with every one of some keys; empty if it can."""
    if not rows:
        return why(None)
    for row in rows:
        reason = why(row)
        if reason:
            named = _tr("{name}: {reason}").format(name=short_name(row), reason=reason)
            return named if len(rows) > 1 else reason
    return ""


def _why_fixed(row: KeyRow | None) -> str:
    if row is None:
        return _tr("no key is selected")
    reason = _tr("AWS manages the key, and rotates it every year") if row.managed_by_aws else ""
    reason = reason or why_no_rotation(row)
    if not reason and row.regions is not None and not row.regions.primary:
        reason = _tr("it is a replica: rotate the primary key, in {region}").format(
            region=row.regions.primary_region
        )
    if not reason and row.state != ENABLED:
        reason = _tr("the key is not enabled")
    return reason


def _why_no_next(row: KeyRow) -> str:
    """Return why imported material has no successor to rotate to."""
    states = {one.state for one in row.materials if one.present}
    if PENDING in states:
        return ""
    if PENDING_ELSEWHERE in states:
        return _tr("import the new material into every replica key first")
    return _tr("import new key material first")


class RotateDialog(FormDialog):
    """Says what rotating does and how often it is still possible."""

    def __init__(self, look: Look, rows: Sequence[KeyRow], parent: QWidget) -> None:
        title = (
            _tr("Rotate {name} now?").format(name=short_name(rows[0]))
            if len(rows) == 1
            else _tr("Rotate {n} keys now?").format(n=number(len(rows)))
        )
        super().__init__(look, title, _tr("Rotate now"), parent)
        if len(rows) > 1:
            self._say(", ".join(short_name(row) for row in rows), "strong")
        self._say(self._what(rows))
        if len(rows) == 1:
            self._say(self._left(rows[0]), "muted")
            if rows[0].next_rotation is not None:
                date = local_date(rows[0].next_rotation)
                told = self.tr("The next automatic rotation stays on {date}.")
                self._say(told.format(date=date), "muted")
        else:
            told = self.tr(
                "KMS allows {most} on-demand rotations in a key's life. It cannot be undone."
            )
            self._say(told.format(most=MOST_ON_DEMAND), "muted")

    def _say(self, text: str, role: str = "") -> None:
        self.body.addWidget(label(text, role, wrap=True))

    def _what(self, rows: Sequence[KeyRow]) -> str:
        waiting = [one for row in rows for one in row.materials if one.state == PENDING]
        if len(rows) == 1 and rows[0].external and waiting:
            return self.tr(
                "The imported material “{name}” encrypts from now on. The present material is"
                " kept and goes on decrypting. Programs notice nothing."
            ).format(name=material_name(waiting[0]))
        return self.tr(
            "The key gets new key material, which encrypts from now on. The present material is"
            " kept and goes on decrypting. Programs notice nothing."
        )

    def _left(self, row: KeyRow) -> str:
        left, used = row.rotations_left, MOST_ON_DEMAND - row.rotations_left
        return self.tr(
            "KMS allows {most} on-demand rotations in a key's life: {used} used, {left} left. It"
            " cannot be undone."
        ).format(most=MOST_ON_DEMAND, used=used, left=left)


class ScheduleDialog(FormDialog):
    """Automatic rotation on or off, and every how many days."""

    def __init__(self, context: Context, rows: Sequence[KeyRow], parent: QWidget) -> None:
        title = (
            _tr("Automatic rotation of {name}").format(name=short_name(rows[0]))
            if len(rows) == 1
            else _tr("Automatic rotation of {n} keys").format(n=number(len(rows)))
        )
        super().__init__(context.look, title, _tr("Save"), parent)
        self._row = rows[0]
        self._several = len(rows) > 1
        self._clock = context.bench.clock
        if self._several:
            names = ", ".join(short_name(row) for row in rows)
            self.body.addWidget(label(names, "strong", wrap=True))
        self.switch = QCheckBox(
            self.tr("&Rotate these keys automatically")
            if self._several
            else self.tr("&Rotate this key automatically")
        )
        self.switch.setChecked(True)
        self.days = padded(context.look, QSpinBox())
        self.days.setRange(SHORTEST, LONGEST)
        self.days.setValue(rows[0].rotation_days or _USUAL)
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
            self._next.setText(self.tr("Rotated only when someone asks for it."))
            return
        base = self._clock.now()
        if self._several:
            self._next.setText(
                self.tr("Each rotates so many days after it last began to, or after today.")
            )
            return
        if self._row.rotation_days and self._row.next_rotation is not None:
            base = self._row.next_rotation - timedelta(days=self._row.rotation_days)
        date = max(base + timedelta(days=self.days.value()), self._clock.now())
        self._next.setText(self.tr("Next rotation: {date}").format(date=local_time(date)))


class Rotating(QObject):
    """Opens the dialogs and carries out what they decide.

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

    def ask_rotate(self, rows: Sequence[KeyRow]) -> None:
        """Open the dialog that rotates now."""
        dialog = RotateDialog(self._context.look, rows, self._parent)
        kms = self._context.bench.kms

        def rotate(row: KeyRow) -> None:
            kms.rotate_key_on_demand(KeyId=row.id)

        told = (_tr("{name} is being rotated."), _tr("{n} keys are being rotated."))
        dialog.on_submit(lambda: self._do(dialog, rows, rotate, told, _tr("Rotating")))
        dialog.setObjectName("keys.rotate.dialog")
        dialog.open()

    def ask_schedule(self, rows: Sequence[KeyRow]) -> None:
        """Open the dialog for automatic rotation."""
        dialog = ScheduleDialog(self._context, rows, self._parent)
        kms = self._context.bench.kms

        def decided() -> None:
            on, days = dialog.switch.isChecked(), dialog.days.value()
            told = (
                (
                    _tr("{name} rotates every {days} days."),
                    _tr("{n} keys rotate every {days} days."),
                )
                if on
                else (
                    _tr("{name} no longer rotates by itself."),
                    _tr("{n} keys no longer rotate by themselves."),
                )
            )

            def change(row: KeyRow) -> None:
                if on:
                    kms.enable_key_rotation(KeyId=row.id, RotationPeriodInDays=days)
                else:
                    kms.disable_key_rotation(KeyId=row.id)

            filled = (told[0].replace("{days}", str(days)), told[1].replace("{days}", str(days)))
            self._do(dialog, rows, change, filled, _tr("Changing the rotation"))

        dialog.on_submit(decided)
        dialog.setObjectName("keys.schedule.dialog")
        dialog.open()

    def _do(
        self,
        dialog: FormDialog,
        rows: Sequence[KeyRow],
        change: Callable[[KeyRow], None],
        told: tuple[str, str],
        busy: str,
    ) -> None:
        alone = rows[0] if len(rows) == 1 else None

        def work() -> Outcome:
            if alone is not None:
                change(alone)  # a refusal is shown in the form
                return Outcome((alone,))
            return change_each(rows, change, at_once(self._context.bench))

        def done(outcome: Outcome) -> None:
            tell_outcome(self._context.frame, outcome, told)
            self._stock.follow(outcome.ids)

        submit(self._context, self._parent, dialog, work, done, busy)
