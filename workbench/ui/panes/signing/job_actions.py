"""What is done with the selected jobs and files. The queue's calls are made on workers."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.signing.equivalent import checked_by_key, why_none
from workbench.signing.job import FileView, JobState
from workbench.signing.recipe import Recipe
from workbench.signing.results import write_results
from workbench.ui.pane import Context
from workbench.ui.panes.signing.history_dialog import HistoryDialog
from workbench.ui.panes.signing.outward import (
    command_lines,
    save_trust,
    show_folder,
    signing_lines,
    trust_name,
)
from workbench.ui.panes.signing.queue_page import QueuePage
from workbench.ui.panes.signing.recheck_dialog import RecheckDialog
from workbench.ui.panes.signing.watch_dialog import WatchDialog
from workbench.ui.panes.signing.words import (
    ACTIVE_JOBS,
    RESTING_JOBS,
    SETTLED_JOBS,
    shown_name,
    shown_path,
)
from workbench.ui.widgets.texts import number


class JobActions(QObject):
    """Carries out commands on what is selected in the queue.

    Args:
        context: session, bench, frame.
        done: called when the queue has changed.
        parent: owns it, and any dialog.

    Attributes:
        queue: what is selected; set before the first command, whose buttons stand on the page.
    """

    queue: QueuePage

    def __init__(self, context: Context, done: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._done = done
        self._parent = parent
        self._trust_files: dict[tuple[str, ...], Path] = {}

    @property
    def at_hand(self) -> list[FileView]:
        """The selected files, or the job's only one."""
        chosen = self.queue.selected_files
        view = self.queue.job
        if not chosen and view is not None and view.total == 1:
            only = self.queue.files_model.file(0)
            chosen = [only] if only is not None else []
        return chosen

    def pause(self) -> None:
        """Pause the selected jobs that run."""
        self._each(self._context.bench.jobs.pause, lambda state: state in ACTIVE_JOBS)

    def resume(self) -> None:
        """Go on with the selected jobs that rest."""
        self._each(self._context.bench.jobs.resume, lambda state: state in RESTING_JOBS)

    def cancel(self) -> None:
        """Stop the selected jobs that have not ended."""
        self._each(self._context.bench.jobs.cancel, lambda state: state not in SETTLED_JOBS)

    def retry(self) -> None:
        """Try what failed or was cancelled in the selected jobs again."""
        self._each(self._context.bench.jobs.retry, lambda _state: True)

    def remove(self) -> None:
        """Take the selected jobs off the list."""
        jobs = self.queue.selected_jobs
        active = sum(view.state not in SETTLED_JOBS for view in jobs)
        self._each(self._context.bench.jobs.remove, lambda _state: True)
        if active == 1:
            text = self.tr("An unfinished job was stopped and taken off the list.")
            self._context.frame.notify(text, "info")
        elif active:
            text = self.tr("{n} unfinished jobs were stopped and taken off the list.")
            self._context.frame.notify(text.format(n=number(active)), "info")

    def prioritise(self, step: int) -> None:
        """Raise or lower the priority of the selected jobs that have not ended."""
        jobs = self._context.bench.jobs
        wanted = {view.id: view.priority + step for view in self.queue.selected_jobs}
        self._each(
            lambda one: jobs.prioritise(one, wanted[one]), lambda state: state not in SETTLED_JOBS
        )

    def ask_results(self) -> None:
        """Ask where the results of the selected job are to be written."""
        view = self.queue.job
        if view is None:
            return
        name = f"{Path(view.title).stem or 'job'}-results.csv"
        dialog = QFileDialog(self._parent, self.tr("Export results"), name)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [self.tr("Table (*.csv)"), self.tr("JSON (*.json)"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: self.export_results(view.id, Path(chosen)))
        dialog.open()

    def export_results(self, job_id: str, target: Path) -> None:
        """Write every file of a job; the name's ending says whether as JSON."""
        jobs = self._context.bench.jobs

        def written(count: int) -> None:
            text = self.tr("The results of {n} files were written to {name}.")
            said = text.format(n=number(count), name=shown_name(target))
            self._context.frame.notify(said, "ok")

        self._context.session.start(
            self, lambda: write_results(jobs, job_id, target), written, None,
            self.tr("Exporting results"),
        )  # fmt: skip

    def ask_recheck(self, show_file: Callable[[FileView], None]) -> None:
        """Verify the selected job again, from its first file to its last."""
        view = self.queue.job
        if view is not None:
            RecheckDialog(self._context, view, show_file, self._parent).open()

    def show_watched(self) -> None:
        """Show the watched folders."""
        WatchDialog(self._context, self._parent).open()

    def show_history_key(self) -> None:
        """Show which key seals the list of jobs."""
        HistoryDialog(self._context, self._parent).open()

    def cancel_files(self) -> None:
        """Stop the selected files."""
        view = self.queue.job
        if view is None:
            return
        jobs, job_id = self._context.bench.jobs, view.id
        numbers = [file.number for file in self.queue.selected_files]

        def work() -> None:
            for one in numbers:
                jobs.cancel(job_id, one)

        self._context.session.start(self, work, lambda _none: self._done())

    def show_folder(self) -> None:
        """Open the folder with the signature, or with the file where there is none."""
        file = next(iter(self.at_hand), self.queue.files_model.file(0))
        if file is None:
            return
        folder = (file.output or file.path).parent
        if not show_folder(folder):
            text = self.tr("The desktop has no program that shows folders. It is {folder}.")
            self._context.frame.notify(text.format(folder=shown_path(folder)), "warning")

    def copy_command(self) -> None:
        """Copy the lines by which other people's tools verify the selected files."""
        view = self.queue.job
        if view is None:
            return
        recipe, name = view.recipe, trust_name(view.recipe)
        trust = self._trust_files.get(_trusted(recipe), Path(name))
        text = command_lines(recipe, self.at_hand, trust)
        if not text:
            self._context.frame.notify(why_none(recipe.form), "info")
            return
        self._context.frame.copy(text, self.tr("Command line"))
        if name in text and trust == Path(name):
            said = self.tr("The command expects the root certificates in root.pem.")
            if checked_by_key(recipe):
                said = self.tr("The command expects the signers' public keys in public.pem.")
            self._context.frame.notify(said, "info", (self.tr("Save it…"), self.ask_trust))

    def copy_signing(self) -> None:
        """Copy the lines by which the AWS CLI makes the same signatures."""
        view = self.queue.job
        if view is None:
            return
        text = signing_lines(view.recipe, self.at_hand)
        if text:
            self._context.frame.copy(text, self.tr("Command line"))
            return
        said = self.tr("AWS KMS takes no file of this size with an Ed25519 key.")
        self._context.frame.notify(said, "info")

    def ask_trust(self) -> None:
        """Ask where the root certificates, or the public key, are to be saved."""
        view = self.queue.job
        if view is None:
            return
        title = self.tr("Save the root certificate")
        if checked_by_key(view.recipe):
            title = self.tr("Save the public key")
        dialog = QFileDialog(self._parent, title, trust_name(view.recipe))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write_trust(Path(name)))
        dialog.open()

    def write_trust(self, target: Path) -> None:
        """Write the roots of the selected job's chains, or its public key, to a PEM file."""
        view = self.queue.job
        if view is None:
            return
        bench, recipe = self._context.bench, view.recipe

        def saved(target: Path) -> None:
            self._trust_files[_trusted(recipe)] = target
            text = self.tr("The root certificate was saved as {name}.")
            if checked_by_key(recipe):
                text = self.tr("The public key was saved as {name}.")
            self._context.frame.notify(text.format(name=shown_name(target)))

        def work() -> Path:
            return save_trust(bench.places.kms(recipe.site), bench.shelf, recipe, target)

        self._context.session.start(self, work, saved)

    def _each(self, action: Callable[[str], object], fits: Callable[[JobState], bool]) -> None:
        ids = [view.id for view in self.queue.selected_jobs if fits(view.state)]

        def work() -> None:
            for one in ids:
                action(one)

        self._context.session.start(self, work, lambda _none: self._done())


def _trusted(recipe: Recipe) -> tuple[str, ...]:
    """Return what a trust file is for: whose roots or public keys it must hold."""
    signers = [*recipe.credentials, *([recipe.stamper] if recipe.stamper else [])]
    return (trust_name(recipe), *(one.key_id for one in signers))
