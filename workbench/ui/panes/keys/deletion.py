"""The dialog before keys are scheduled for deletion: what depends on them, and the way back.

Owns the words; the counting is `impact`'s, the doing is the pane's.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.impact import HeldCertificate, Impact
from workbench.ui.panes.keys.inventory import ENABLED, KeyRow
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant
from workbench.ui.widgets.spin import padded
from workbench.ui.widgets.texts import local_date

SHORTEST: Final = 7
LONGEST: Final = 30


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


class WaitingDays(QWidget):
    """How many days the deletion waits, and the date that gives."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._clock = context.bench.clock
        self.spin = padded(context.look, QSpinBox())
        self.spin.setRange(SHORTEST, LONGEST)
        self.spin.setValue(LONGEST)
        self.spin.setSuffix(self.tr(" days"))
        self.spin.setAccessibleName(self.tr("Waiting period in days"))
        self._date = label("", "muted")
        caption = label(self.tr("&Waiting period"), "strong")
        caption.setBuddy(self.spin)
        row = QHBoxLayout()
        row.setSpacing(context.look.unit * 2)
        row.addWidget(caption)
        row.addWidget(self.spin)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.look.unit)
        column.addLayout(row)
        column.addWidget(self._date)
        self.spin.valueChanged.connect(self._show_date)
        self._show_date(self.days)

    @property
    def days(self) -> int:
        """The chosen days."""
        return self.spin.value()

    def _show_date(self, days: int) -> None:
        date = local_date(self._clock.now() + timedelta(days=days))
        self._date.setText(
            self.tr("Deleted for good on {date}. Until then it can be cancelled.").format(date=date)
        )


def ask_deletion(
    context: Context,
    parent: QWidget,
    rows: Sequence[KeyRow],
    impact: Impact,
    disable: Callable[[], None],
    schedule: Callable[[int], None],
) -> DangerDialog:
    """Return the dialog, not opened yet.

    Args:
        context: the window.
        parent: the pane.
        rows: the keys.
        impact: what depends on them.
        disable: the reversible way.
        schedule: given the days to wait.
    """
    days = WaitingDays(context)
    enabled = any(row.state == ENABLED for row in rows)
    choices = [
        Choice(
            _tr("Schedule deletion"),
            lambda: schedule(days.days),
            danger=True,
            why=_tr("nothing encrypted for it can be decrypted afterwards, nothing can be signed."),
        )
    ]
    if enabled:
        verb = _tr("Disable key") if len(rows) == 1 else _tr("Disable keys")
        why = _tr("stops every use now, and can be undone at any time.")
        choices.insert(0, Choice(verb, disable, why=why))
    title = (
        _tr("Schedule deletion of this key?")
        if len(rows) == 1
        else _tr("Schedule deletion of {n} keys?").format(n=len(rows))
    )
    names = [words.long_name(row) for row in rows]
    return DangerDialog(
        context.look, title, names, _dependants(context, impact), choices, parent, days
    )


def _dependants(context: Context, impact: Impact) -> list[Dependant]:
    found: list[Dependant] = []
    if impact.aliases:
        found.append(Dependant(_alias_words(impact.aliases), "tag"))
    if impact.authorities:
        first = impact.authorities[0]
        found.append(
            Dependant(
                _count(
                    len(impact.authorities),
                    _tr("1 certificate authority signs with it and could issue nothing more: {of}"),
                    _tr("{n} certificate authorities sign with them: {of}"),
                    [one.subject for one in impact.authorities],
                ),
                "hierarchy",
                _leading_to(context, first),
            )
        )
    others = [one for one in impact.certificates if one.source != "AUTHORITY"]
    if others:
        found.append(
            Dependant(
                _count(
                    len(others),
                    _tr("1 certificate holds its public key and could not be used to sign: {of}"),
                    _tr("{n} certificates hold their public keys: {of}"),
                    [one.subject for one in others],
                ),
                "certificate",
                _leading_to(context, others[0]),
            )
        )
    if impact.exportable:
        found.append(
            Dependant(
                _count(
                    len(impact.exportable),
                    _tr("1 certificate's private key is kept encrypted under it and would be lost: "
                        "{of}"),
                    _tr("{n} certificates' private keys are kept encrypted under it and would be "
                        "lost: {of}"),
                    [one.subject for one in impact.exportable],
                ),
                "lock",
                _leading_to(context, impact.exportable[0]),
            )
        )  # fmt: skip
    return found


def _alias_words(aliases: Sequence[str]) -> str:
    return _count(
        len(aliases),
        _tr("1 alias points at it and goes with it: {of}"),
        _tr("{n} aliases point here and go too: {of}"),
        aliases,
    )


def _count(count: int, one: str, many: str, names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most]) + (", …" if len(names) > most else "")
    return (one if count == 1 else many).format(n=count, of=shown)


def _leading_to(context: Context, one: HeldCertificate) -> Callable[[], None]:
    def show() -> None:
        context.frame.show_object("certificates", one.id)

    return show
