"""A CA disabled, enabled, deleted and restored; what depends on it is told before."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from workbench.pki.authority import Status
from workbench.pki.roster import Held
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.authorities.impact import Impact, impact_of
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant
from workbench.ui.widgets.texts import local_date, number

SHORTEST: Final = 7
LONGEST: Final = 30
_NAMED: Final = 4


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class RestorableDays(QWidget):
    """For how many days a deleted CA can be restored, and the date that gives."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._clock = context.bench.clock
        self.spin = QSpinBox()
        self.spin.setRange(SHORTEST, LONGEST)
        self.spin.setValue(LONGEST)
        self.spin.setSuffix(_tr(" days"))
        self.spin.lineEdit().setTextMargins(context.look.unit * 2, 0, 0, 0)
        self.spin.setAccessibleName(_tr("Restorable for, in days"))
        caption = label(_tr("&Restorable for"), "strong")
        caption.setBuddy(self.spin)
        self._date = label("", "muted", wrap=True)
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
        words = _tr("Gone for good on {date}, and so is a key that was made for it.")
        self._date.setText(words.format(date=date))


class Ending:
    """Asks, and has it done.

    Args:
        host: the pane.
        done: told after a change, besides the pane.
        leave: told before something else is shown.
    """

    def __init__(self, host: Host, done: Callable[[], None], leave: Callable[[], None]) -> None:
        self._host = host
        self._done, self._leave = done, leave
        self.dialog: DangerDialog | None = None
        self.days: RestorableDays | None = None

    def switch(self, held: Held) -> None:
        """Ask before a CA is disabled; enable a disabled one at once."""
        if held.status is Status.DISABLED:
            words = _tr("“{name}” issues certificates again.")
            self._change(held, self._switching(held, Status.ACTIVE), words)
        else:
            self._ask(held, self._ask_disabling)

    def delete(self, held: Held) -> None:
        """Ask before a CA is deleted; an active one is to be disabled first."""
        ask = self._ask_disabling if held.status is Status.ACTIVE else self._ask_deleting
        self._ask(held, ask)

    def restore(self, held: Held) -> None:
        """Restore a deleted CA to the state it was deleted in."""
        acm_pca = self._host.context.bench.acm_pca
        work = partial(acm_pca.restore_certificate_authority, CertificateAuthorityArn=held.arn)
        words = _tr("“{name}” is restored. Enable it if it is to issue again.")
        self._change(held, work, words)

    def _ask(self, held: Held, ask: Callable[[Held, Impact], DangerDialog]) -> None:
        context, collection = self._host.context, self._host.collection
        now = context.bench.clock.now()

        def show(impact: Impact) -> None:
            self.dialog = dialog = ask(held, impact)
            dialog.setProperty(HELP_PAGE, "deleting-ca")
            dialog.open()

        context.session.start(
            self._host.widget, lambda: impact_of(context.bench, held, collection, now), show
        )

    def _ask_disabling(self, held: Held, impact: Impact) -> DangerDialog:
        words = _tr("“{name}” is disabled.")
        disable = partial(self._change, held, self._switching(held, Status.DISABLED), words)
        why = _tr("it issues nothing more until it is enabled again; its certificates stay valid,"
                  " and its revocation lists are still published. A CA can be deleted once it is"
                  " disabled.")  # fmt: skip
        title = _tr("Disable “{name}”?").format(name=held.name)
        choices = [Choice(_tr("Disable CA"), disable, why=why)]
        return self._danger(title, held, self._dependants(impact), choices)

    def _ask_deleting(self, held: Held, impact: Impact) -> DangerDialog:
        days = RestorableDays(self._host.context)
        self.days = days
        acm_pca = self._host.context.bench.acm_pca
        words = _tr("“{name}” is deleted. It can be restored until {date}.")

        def delete() -> None:
            chosen = days.days
            work = partial(
                acm_pca.delete_certificate_authority,
                CertificateAuthorityArn=held.arn,
                PermanentDeletionTimeInDays=chosen,
            )
            until = self._host.context.bench.clock.now() + timedelta(days=chosen)
            self._change(held, work, words.replace("{date}", local_date(until)))

        why = _tr("it signs no more revocation lists, so that verifiers refuse what it issued once"
                  " they need a new one. Nothing that it issued is revoked by this.")  # fmt: skip
        if held.waiting:
            why = _tr("the certificate that it waits for could no longer be installed.")
        title = _tr("Delete “{name}”?").format(name=held.name)
        choices = [Choice(_tr("Delete CA"), delete, danger=True, why=why)]
        return self._danger(title, held, self._dependants(impact), choices, days)

    def _danger(
        self,
        title: str,
        held: Held,
        dependants: Sequence[Dependant],
        choices: Sequence[Choice],
        extra: QWidget | None = None,
    ) -> DangerDialog:
        kind = _tr("root CA") if held.root else _tr("subordinate CA")
        name = f"{held.name} ({kind}, {held.key})"
        look = self._host.context.look
        return DangerDialog(look, title, [name], dependants, choices, self._host.widget, extra)

    def _dependants(self, impact: Impact) -> list[Dependant]:
        found = []
        if impact.authorities:
            one = _tr("1 CA below it is still valid: {of}")
            many = _tr("{n} CAs below it are still valid: {of}")
            found.append(self._counted(impact.authorities, one, many, "hierarchy"))
        if impact.certificates:
            one = _tr("1 certificate that it issued is still valid: {of}")
            many = _tr("{n} certificates that it issued are still valid: {of}")
            found.append(self._counted(impact.certificates, one, many, "certificate"))
        if impact.below:
            words = _tr("Further down: {n} more that are still valid.")
            found.append(Dependant(words.format(n=number(impact.below)), "certificate"))
        if impact.recipes:
            names = ", ".join(f"“{one}”" for one in impact.recipes[:_NAMED])
            words = _tr("Signing recipes with a key that it certified: {n} ({of})")
            words = words.format(n=number(len(impact.recipes)), of=names)
            found.append(Dependant(words, "sign", self._leading("signing", "")))
        if impact.jobs:
            words = _tr("Signing jobs under way that carry its certificate: {n}")
            words = words.format(n=number(len(impact.jobs)))
            found.append(Dependant(words, "sign", self._leading("signing", impact.jobs[0])))
        if impact.lists_end is not None:
            words = _tr("Its revocation lists: {n}. Verifiers take the present one until {date}.")
            words = words.format(n=number(impact.lists), date=local_date(impact.lists_end))
            found.append(Dependant(words, "columns"))
        if impact.ocsp:
            found.append(Dependant(_tr("It answers OCSP requests."), "verify"))
        return found

    def _counted(self, records: Sequence[Record], one: str, many: str, icon: str) -> Dependant:
        names = ", ".join(f"“{record.name}”" for record in records[:_NAMED])
        names += ", …" if len(records) > _NAMED else ""
        words = (one if len(records) == 1 else many).format(n=number(len(records)), of=names)
        return Dependant(words, icon, self._leading("certificates", records[0].id))

    def _leading(self, pane: str, target: str) -> Callable[[], None]:
        frame = self._host.context.frame

        def show() -> None:
            self._leave()
            frame.show_object(pane, target)

        return show

    def _switching(self, held: Held, status: Status) -> Callable[[], object]:
        acm_pca = self._host.context.bench.acm_pca
        return partial(
            acm_pca.update_certificate_authority,
            CertificateAuthorityArn=held.arn,
            Status=str(status),
        )

    def _change(self, held: Held, work: Callable[[], Any], words: str) -> None:
        context = self._host.context

        def changed(_answer: object) -> None:
            context.frame.notify(words.format(name=held.name), "ok")
            context.session.announce("keys")
            self._host.reload()
            self._done()

        def failed(explanation: Explanation) -> None:
            context.frame.notify(explanation.text, "danger")
            self._host.reload()
            self._done()

        context.session.start(
            self._host.widget, work, changed, failed, _tr("Changing a CA"), mutates=True
        )
