"""The way from the wish for many certificates to their cards: read, check, issue, save."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices
from shiboken6 import isValid

from workbench.base.files import printable
from workbench.pki.asking import Offered, read_offer
from workbench.pki.order_files import example, results
from workbench.pki.order_run import Outcome, issue_rows, known_templates, preview_rows
from workbench.pki.order_table import Defaults, Row, read_table
from workbench.pki.order_words import Looked, looked
from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.lists.batch import (
    Batch,
    Line,
    in_one_file,
    read_list,
    write_each,
)
from workbench.ui.panes.certificates.lists.list_dialog import ListDialog, Steps
from workbench.ui.panes.certificates.lists.working import Run
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.widgets.texts import number

_REASON = "Confirmed in the dialog for certificates from a list."


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _quiet(_what: str, _share: float) -> None:
    return


class Listing:
    """Opens the dialog and has the rows checked and issued.

    Args:
        host: the pane.
        outgoing: writes files.
    """

    def __init__(self, host: Host, outgoing: Outgoing) -> None:
        self._host = host
        self._outgoing = outgoing
        self._run: Run[Any, Any] | None = None
        self._reading = 0
        self.dialog: ListDialog | None = None

    def begin(self) -> None:
        """Ask for a list, to be issued by the chosen CA."""
        bench, chosen = self._host.context.bench, self._host.selected
        arns = chosen[0].arns if len(chosen) == 1 else ()
        self._host.context.session.start(
            self._host.widget,
            lambda: read_offer(bench.kms, bench.acm_pca, bench.shelf, bench.clock.now()),
            partial(self._open, arns),
        )

    def _open(self, arns: Sequence[str], offered: Offered) -> None:
        context = self._host.context
        if not offered.issuers:
            words = _tr("There is no active CA in this vault: make a hierarchy first.")
            context.frame.notify(words, "warning")
            return
        steps = Steps(
            self._read, self._issue, self._stop,
            save_example=lambda path: self._outgoing.write_made(path, example),
            save_results=lambda path, batch: self._outgoing.write_made(
                path, partial(results, batch.results())
            ),
            save_one=lambda path, made: self._outgoing.write_made(path, partial(in_one_file, made)),
            save_each=self._save_each,
        )  # fmt: skip
        dialog = ListDialog(context.look, offered, steps, self._host.widget)
        for arn in arns:
            dialog.choose_issuer(arn)
        self.dialog = dialog
        dialog.open()

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _read(self, path: Path, authority: str, defaults: Defaults) -> None:
        dialog = self._shown()
        if dialog is None:
            return
        if self._run is not None:
            self._run.forget()
        shelf = self._host.context.bench.shelf
        self._reading += 1
        mine = self._reading

        def work() -> Batch:
            return Batch.of(read_table(read_list(path), known_templates(shelf), defaults))

        def done(batch: Batch) -> None:
            if mine == self._reading:
                dialog.show_batch(batch)
                self._check(dialog, batch, authority)

        self._host.context.session.start(
            dialog, work, done, dialog.show_unreadable, _tr("Reading a list")
        )

    def _check(self, dialog: ListDialog, batch: Batch, authority: str) -> None:
        bench, rows = self._host.context.bench, batch.rows

        def work(few: Sequence[Row], stopped: Callable[[], bool]) -> list[Looked]:
            found = preview_rows(bench.kms, bench.shelf, authority, few, _quiet, stopped, lint=True)
            return [looked(one) for one in found]

        self._start(
            dialog, rows, work, dialog.show_looked, dialog.end, _tr("Checking a list"),
            mutates=False,
        )  # fmt: skip

    def _issue(self, lines: Sequence[Line], authority: str) -> None:
        dialog = self._shown()
        assert dialog is not None
        bench = self._host.context.bench
        known = {one.number: one.rules for one in lines if one.rules}
        made: list[Outcome] = []

        def work(few: Sequence[Row], stopped: Callable[[], bool]) -> list[Outcome]:
            return list(
                issue_rows(bench.kms, bench.shelf, authority, few, _quiet, stopped, known, _REASON)
            )

        def part(outcomes: list[Outcome], share: float) -> None:
            made.extend(one for one in outcomes if not one.problem)
            if isValid(dialog):
                dialog.show_outcomes(outcomes, share)

        def end(words: Explanation | None) -> None:
            if isValid(dialog):
                dialog.end(words)
            elif words is not None:
                self._host.context.frame.notify(words.text, "danger")
            self._tell(made)

        self._start(
            self._host.widget, [one.row for one in lines if one.row is not None], work, part, end,
            _tr("Issuing from a list"), mutates=True,
        )  # fmt: skip

    def _start(
        self,
        owner: Any,
        rows: Sequence[Row],
        work: Callable[[Sequence[Row], Callable[[], bool]], list[Any]],
        part: Callable[[list[Any], float], None],
        end: Callable[[Explanation | None], None],
        busy: str,
        *,
        mutates: bool,
    ) -> None:
        total = max(1, len(rows))
        self._run = Run(
            self._host.context.session,
            owner,
            rows,
            work,
            lambda done, begun: part(done, begun / total),
            end,
            busy,
            mutates=mutates,
        )
        self._run.go_on()

    def _tell(self, made: Sequence[Outcome]) -> None:
        if not made:
            return
        words = (
            _tr("1 certificate was issued.")
            if len(made) == 1
            else _tr("{n} certificates were issued.").format(n=number(len(made)))
        )
        self._host.context.frame.notify(words, "ok")
        self._host.context.session.announce("keys")
        self._host.reload(made[0].certificate_id)

    def _save_each(self, folder: Path, made: Sequence[Outcome], chain: bool) -> None:  # noqa: FBT001 - as called
        context, dialog = self._host.context, self._shown()

        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

        def written(_none: None) -> None:
            words = _tr("Certificates written to {folder}: {n}").format(
                folder=printable(folder.name), n=number(len(made))
            )
            context.frame.notify(words, "ok", (_tr("Show folder"), show))
            if dialog is not None and isValid(dialog):
                dialog.show_problem("")

        context.session.start(
            self._host.widget if dialog is None else dialog,
            partial(write_each, made, folder, chain=chain),
            written,
            dialog.show_problem if dialog is not None else None,
            _tr("Writing"),
        )

    def _shown(self) -> ListDialog | None:
        if self.dialog is None or not isValid(self.dialog):
            return None
        shown = self.dialog.isVisible() or self.dialog.property("curtained") is True
        return self.dialog if shown else None
