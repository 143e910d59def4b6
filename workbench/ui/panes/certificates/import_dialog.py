"""The review of what is about to be imported, and of what became of each.

Knows what was found and the kit; opening containers and importing are handed in.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from workbench.pki.incoming.items import Item, Reading, Sealed, Sort
from workbench.pki.incoming.taking import Outcome
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.import_table import FoundModel, found_view
from workbench.ui.panes.certificates.incoming import Findings
from workbench.ui.panes.certificates.unsealing import PasswordLine
from workbench.ui.widgets.basics import ProgressLine, label, push_button
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import number


@dataclass(frozen=True, slots=True)
class Steps:
    """What the dialog has done.

    Attributes:
        open: opens a container, given it and a password.
        take: imports, given items and whether roots are to be trusted.
        stop: stops importing.
    """

    open: Callable[[Sealed, str], None]
    take: Callable[[Sequence[Item], bool], None]
    stop: Callable[[], None]


class ImportDialog(FormDialog):
    """Lists what was found; the verb imports what is ticked.

    Args:
        look: colours and spacing.
        findings: what was found.
        steps: what it has done.
        parent: the pane.
    """

    def __init__(self, look: Look, findings: Findings, steps: Steps, parent: QWidget) -> None:
        super().__init__(look, parent.tr("Import"), parent.tr("Import"), parent)
        self.setProperty(HELP_PAGE, "import")
        self.findings = findings
        self._steps = steps
        self._working = False
        self.setMinimumWidth(look.unit * 225)
        self.sealed = PasswordLine(look, self._unseal, self._skip)
        self.summary = label("", "muted", wrap=True)
        self.model = FoundModel(look, findings)
        self.table = found_view(look, self.model)
        self.verdict = label("", wrap=True)
        self.verdict.setAccessibleName(self.tr("Verdict on the chosen row"))
        self.trust = QCheckBox(self.tr("&Trust the root CAs among them"))
        self._why = label(
            self.tr(
                "Signatures that lead to a trusted root are accepted. Compare its fingerprint with"
                " its owner's before you trust it."
            ),
            "muted",
            wrap=True,
        )
        self._keys = label(
            self.tr(
                "Private keys go into the module as imported key material (origin EXTERNAL) and"
                " cannot be taken out again. Keep or destroy the original as you see fit."
            ),
            "muted",
            wrap=True,
        )
        self.progress = ProgressLine(look, steps.stop)
        self.progress.hide()
        for widget in (self.sealed, self.summary, self._all_or_none(), self.table, self.verdict,
                       self._keys, self.trust, self._why, self.progress):  # fmt: skip
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.model.ticked.connect(self._changed)
        self.table.selectionModel().currentRowChanged.connect(self._row_chosen)
        self.on_submit(self._take)
        self.finished.connect(lambda _code: findings.forget())
        self._show()

    def show_opened(self, sealed: Sealed, items: Sequence[Item]) -> None:
        """Add what was inside a container."""
        self.sealed.show_working(working=False)
        self._done_with(sealed)
        self.model.begin_change()
        self.findings.add(Reading(tuple(items)))
        self.model.end_change()
        self._show()

    def show_still_sealed(self, words: Explanation) -> None:
        """Say that a password did not open its container."""
        self.sealed.show_wrong(words)
        self.grow()

    def show_step(self, text: str, share: float) -> None:
        """Show how far importing is."""
        self.progress.show_progress(text, share)

    def show_outcomes(self, outcomes: Sequence[Outcome]) -> bool:
        """Show what became of each; returns whether all is as wished, so that it can close."""
        self._end_work()
        self.model.begin_change()
        self.findings.settle(outcomes)
        self.model.end_change()
        self.findings.forget()
        self._show()
        self._report()
        added = sum(one.added for one in outcomes)
        told_of = self.tr("Imported {n} of {total}.")
        self.summary.setText(told_of.format(n=number(added), total=number(len(outcomes))))
        plain = {"Added.", "Added as a trusted root."}
        told = all(one.good and one.words in plain for one in outcomes)
        return told and all(line.outcome or line.known or line.twice
                            for line in self.findings.lines)  # fmt: skip

    def show_failure(self, words: Explanation) -> None:
        """Say that importing broke off."""
        self._end_work()
        self.show_problem(words)

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no private key while the vault is locked."""
        if self.property("curtained") is True and not self._working:
            self.findings.forget()
            for line in self.findings.lines:
                if line.item.key is not None and not line.item.key.importable:
                    line.wanted = False
            self._changed()
        super().hideEvent(event)

    def _all_or_none(self) -> QWidget:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        every = push_button(
            self.tr("Choose &all"), lambda: self.model.tick_all(wanted=True), "link"
        )
        none = push_button(self.tr("Choose &none"), lambda: self.model.tick_all(wanted=False),
                           "link")  # fmt: skip
        across.addWidget(every)
        across.addWidget(none)
        across.addStretch(1)
        self._choices = row
        return row

    def _show(self) -> None:
        findings = self.findings
        waiting = findings.waiting
        self.sealed.ask(waiting[0] if waiting else None, len(waiting))
        self.summary.setText(self._summary())
        self.summary.setVisible(bool(findings.lines))
        self.table.setVisible(bool(findings.lines))
        self.table.fit()
        new = [line for line in findings.lines if line.new]
        self._choices.setVisible(len(new) > 1)
        for widget in (self.trust, self._why):
            widget.setVisible(any(line.item.root for line in new))
        self._keys.setVisible(any(line.item.sort is Sort.KEY for line in new))
        self.verdict.hide()
        if findings.lines:
            worst = next((place for place, line in enumerate(findings.lines)
                          if line.item.problem or line.item.remark), 0)  # fmt: skip
            self.table.setCurrentIndex(self.model.index(worst, 0))
        if not new and not waiting:
            self._report()
        self._changed()
        self.grow()

    def _report(self) -> None:
        self.close_only()
        for widget in (self.trust, self._why, self._keys, self._choices):
            widget.hide()

    def _summary(self) -> str:
        lines = self.findings.lines
        counts = Counter(line.item.sort for line in lines if line.item.good)
        names = {
            Sort.CERTIFICATE: self.tr("certificates: {n}"),
            Sort.REQUEST: self.tr("requests: {n}"),
            Sort.LIST: self.tr("revocation lists: {n}"),
            Sort.ANSWER: self.tr("OCSP responses: {n}"),
            Sort.KEY: self.tr("private keys: {n}"),
        }
        parts = [
            text.format(n=number(counts[sort])) for sort, text in names.items() if counts[sort]
        ]
        bad = sum(not line.item.good for line in lines)
        if bad:
            parts.append(self.tr("not usable: {n}").format(n=number(bad)))
        return self.tr("Found {what}.").format(what=", ".join(parts))

    def _changed(self) -> None:
        chosen = self.findings.chosen
        certificates = all(line.item.sort is Sort.CERTIFICATE for line in chosen)
        count = len(chosen)
        if certificates and count == 1:
            verb = self.tr("Import 1 certificate")
        elif certificates and count:
            verb = self.tr("Import {n} certificates").format(n=number(count))
        elif count == 1:
            verb = self.tr("Import 1 item")
        else:
            verb = (
                self.tr("Import {n} items").format(n=number(count)) if count else self.tr("Import")
            )
        self.name_verb(verb)
        waiting = bool(self.findings.waiting)
        self.main_button.setEnabled(bool(chosen) and not waiting and not self._working)
        why = ""
        if waiting:
            why = self.tr("Open or skip what waits for its password first.")
        elif not chosen:
            why = self.tr("Nothing is chosen.")
        self.main_button.setToolTip(why)

    def _row_chosen(self, index: QModelIndex, _before: QModelIndex) -> None:
        shown = index.isValid()
        if shown:
            line = self.model.line(index.row())
            self.verdict.setText(f"{line.name}: {self.model.verdict(line)[0]}")
        self.verdict.setVisible(shown)
        self.grow()

    def _unseal(self, sealed: Sealed, password: str) -> None:
        self.sealed.show_working(working=True)
        self._steps.open(sealed, password)

    def _skip(self, sealed: Sealed) -> None:
        self._done_with(sealed)
        self._show()

    def _done_with(self, sealed: Sealed) -> None:
        self.findings.waiting = [one for one in self.findings.waiting if one is not sealed]

    def _take(self) -> None:
        self._working = True
        self.show_working(working=True, text=self.tr("Importing…"))
        self.table.setEnabled(False)
        self.progress.show()
        self._steps.take([line.item for line in self.findings.chosen], self.trust.isChecked())

    def _end_work(self) -> None:
        self._working = False
        self.show_working(working=False)
        self.table.setEnabled(True)
        self.progress.hide()
