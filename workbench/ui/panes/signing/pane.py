"""The Signing pane: the queue, the verdicts, and the sheet for what is dropped on the window."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMenu, QTabWidget

from workbench.signing.chains import chain_for_key
from workbench.signing.job import FileView, JobState
from workbench.signing.recipe import make_recipe
from workbench.signing.work import FileState
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context, Drop, PaletteItem
from workbench.ui.panes.signing.commands import JobCommands, Slots
from workbench.ui.panes.signing.contents import Contents, ContentsDialog, read_contents
from workbench.ui.panes.signing.details import Details
from workbench.ui.panes.signing.imports import import_text, imported_words
from workbench.ui.panes.signing.job_actions import JobActions
from workbench.ui.panes.signing.job_model import JobRow, build_rows
from workbench.ui.panes.signing.queue_page import QueuePage
from workbench.ui.panes.signing.recipes import Choices, RecipeBook
from workbench.ui.panes.signing.sheet import DropSheet, SheetActions
from workbench.ui.panes.signing.signers import SignerBook
from workbench.ui.panes.signing.survey import Survey, Way, look_at
from workbench.ui.panes.signing.verify_page import VerifyPage
from workbench.ui.panes.signing.verify_work import Pair
from workbench.ui.panes.signing.words import (
    ACTIVE_JOBS,
    SETTLED_JOBS,
    count_files,
    count_things,
    job_files,
    job_mark,
    share_done,
    shown_name,
)
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.texts import number

_QUEUE, _VERIFY = 0, 1
_MOST_VERIFIED = 100_000
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


class SigningPane(PaneBase):
    """Signs and verifies files."""

    id: ClassVar[str] = "signing"
    icon: ClassVar[str] = "sign"
    help_page: ClassVar[str] = "signing"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._recipes = RecipeBook(context.preferences)
        self._signers = SignerBook(context.bench.kms, context.bench.shelf)
        self._states: dict[str, JobState] = {}
        self._rows: list[JobRow] = []
        self._reading = self._read_again = False
        self._wanted = ""
        self._awaited: set[str] = set()
        self._actions = JobActions(context, self._follow, self)
        self._do = JobCommands(self.make_command, self._slots())
        self.queue = QueuePage(context, (self._do.sign, self._do.verify), self._do.of_jobs)
        self._actions.queue = self.queue
        self.verdicts = VerifyPage(context, self._do.verify_again)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.queue, self.tr("Queue"))
        self.pages.addTab(self.verdicts, self.tr("Verify"))
        self.details = Details(
            context, [self._do.verify_again, self._do.show_folder, self._do.copy_command]
        )
        self._build()
        self._connect()

    def _build(self) -> None:
        self.set_filter_hint(self.tr("Filter jobs by file, signer, state"))
        self.add_command(self._do.sign, primary=True)
        self.add_command(self._do.sign_folder)
        self.add_command(self._do.verify, button=True)
        for command in (*self._do.of_jobs, *self._do.of_files[1:], self._do.cancel_files):
            self.add_command(command)
        self.set_content(self.pages)
        self.set_inspector(self.details)
        self._permit()

    def _connect(self) -> None:
        context = self.context
        context.frame.register_drops(self)
        self.queue.selected.connect(self._selected)
        self.queue.file_opened.connect(self._verify_line)
        self.queue.jobs.menu_wanted.connect(partial(self._menu, self._do.of_jobs))
        files = (*self._do.of_files, self._do.cancel_files)
        self.queue.files.menu_wanted.connect(partial(self._menu, files))
        self.verdicts.picked.connect(self._picked)
        self.verdicts.running_changed.connect(self._running_changed)
        self.pages.currentChanged.connect(lambda _page: self._page_turned())
        # The queue calls from its own thread: relayed, and dropped once this pane is gone.
        undo = context.bench.jobs.subscribe(context.session.relay(self, self._follow))
        self.destroyed.connect(lambda _object=None: undo())

    # What the window asks.

    @property
    def title(self) -> str:
        """The translated name."""
        return self.tr("Signing")

    @property
    def running(self) -> Sequence[tuple[str, float]]:
        """Jobs and verifications under way."""
        active = [row.view for row in self._rows if row.view.state in ACTIVE_JOBS]
        found = [
            (
                self.tr("{state}: {files}").format(state=job_mark(view)[0], files=job_files(view)),
                share_done(view),
            )
            for view in active
        ]
        if self.verdicts.share > -2:
            found.append((self.tr("Verifying"), self.verdicts.share))
        return found

    def refresh(self) -> None:
        """Read the queue and the trusted roots again."""
        self._follow()
        self.verdicts.refresh()

    def on_filter(self, text: str) -> None:
        """Show only matching jobs."""
        self.queue.model.set_filter(text)
        self._show_count()

    def palette_items(self) -> Sequence[PaletteItem]:
        """Return the jobs."""
        return [
            PaletteItem(
                shown_name(row.view.title),
                self.tr("Job"),
                "sign",
                partial(self._go, row.view.id),
                f"{job_mark(row.view)[0]}, {job_files(row.view)}",
                f"{row.view.id} {row.signer}",
            )
            for row in self._rows
        ]

    def show_target(self, target: str) -> None:
        """Select a job; with no target, the queue."""
        self.pages.setCurrentIndex(_QUEUE)
        self._wanted = "" if not target or self.queue.jobs.select_job(target) else target

    def showcase(self) -> None:
        """Turn to what is worth a picture."""
        view = self.queue.job
        if view is not None and view.done and self.queue.files_model.file(0) is not None:
            self.queue.files.selectRow(0)

    # Drops, from anywhere on the window.

    def describe(self, drop: Drop) -> str:
        """Say what will happen to what is dragged over the window."""
        if drop.text:
            known = _CERTIFICATE in drop.text
            return self.tr("Drop to import these certificates") if known else ""
        waiting = self.verdicts.waiting_for if self._verify_in_front() else ""
        if waiting and len(drop.paths) == 1:
            return self.tr("Drop to verify {name}").format(name=count_things(drop.paths))
        return self.tr("Drop {name} to sign, verify, inspect or import").format(
            name=count_things(drop.paths)
        )

    def take(self, drop: Drop) -> None:
        """Look at it off the GUI thread, then ask what to do."""
        if drop.text:
            self._import_text(drop.text)
            return
        self._look(drop.paths, self._dropped)

    def _look(self, paths: Sequence[Path], then: Callable[[Survey], None]) -> None:
        words = self.tr("Looking at {name}").format(name=count_things(paths))
        self.context.session.start(self, lambda: look_at(paths), then, None, words)

    def _dropped(self, survey: Survey) -> None:
        if self._fill_slot(survey):
            return
        signature = survey.lone_signature
        if survey.only_pairs or (survey.pairs and survey.ways == (Way.VERIFY, Way.INSPECT)):
            self._verify_survey(survey)
        elif signature is not None:
            self._come_forward()
            self.verdicts.wait_for(signature=signature)
        else:
            self._ask(survey)

    def _fill_slot(self, survey: Survey) -> bool:
        """Put a lone file or signature where it is waited for."""
        waiting = self.verdicts.waiting_for if self._verify_in_front() else ""
        inputs = self.verdicts.inputs
        kept, lone = inputs.signature.path, survey.single_file
        if waiting == "file" and kept is not None and lone is not None:
            self._verify_pairs([(lone, kept)])
            return True
        signatures = survey.arrangement.signatures or tuple(one for _, one in survey.pairs)
        if waiting == "signature" and len(survey.paths) == 1 and survey.paths[0] in signatures:
            self._verify_pairs([(inputs.file.path, survey.paths[0])])
            return True
        return False

    def _ask(self, survey: Survey, way: Way | None = None) -> None:
        actions = SheetActions(
            sign=self._submit,
            verify=self._verify_survey,
            inspect=self._inspect,
            take_in=self._take_in,
            issue=self._issue,
        )
        sheet = DropSheet(
            self.context, survey, self._recipes, self._signers, actions, self.window(), way
        )
        sheet.open()

    # Signing.

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Files to sign"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open_chooser(dialog)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder whose files to sign"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open_chooser(dialog)

    def _open_chooser(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self._look([Path(one) for one in names], self._chosen_to_sign)
        )
        dialog.open()

    def _chosen_to_sign(self, survey: Survey) -> None:
        self._ask(survey, Way.SIGN)

    def _submit(
        self,
        choices: Choices,
        chain: tuple[bytes, ...],
        survey: Survey,
        answer: Callable[[Explanation | None], None],
    ) -> None:
        bench = self.context.bench
        paths = survey.signable

        def work() -> str:
            recipe = make_recipe(
                bench.kms,
                choices.key,
                chain or chain_for_key(bench.kms, bench.shelf, choices.key),
                choices.digest,
                replace_existing=choices.replace,
                folder=choices.place,
                pss=choices.pss,
            )
            return str(bench.jobs.submit(recipe, paths))

        def submitted(job_id: str) -> None:
            self._recipes.remember(choices)
            answer(None)
            self._come_forward(_QUEUE)
            self._wanted = job_id
            self._awaited.add(job_id)
            self._follow()

        self.context.session.start(self, work, submitted, answer, self.tr("Starting to sign"))

    def _issue(self, key_id: str) -> None:
        if self.context.frame.show_object("certificates", key_id):
            self.context.frame.notify(
                self.tr("Issue a code-signing certificate for the key here, then sign with it."),
                "info",
            )

    # Verifying.

    def _verify_command(self) -> None:
        self._come_forward()
        self.verdicts.inputs.signature.choose()

    def _verify_survey(self, survey: Survey) -> None:
        if survey.pairs:
            self._verify_pairs(survey.pairs)
            return
        self._come_forward()
        if survey.arrangement.signatures:
            self.verdicts.wait_for(signature=survey.arrangement.signatures[0])
        elif survey.single_file is not None:
            self.verdicts.wait_for(file=survey.single_file)

    def _verify_pairs(self, pairs: Sequence[Pair]) -> None:
        self._come_forward()
        self.verdicts.verify(pairs)

    def _verify_again(self) -> None:
        if self._verify_in_front():
            self.verdicts.repeat()
            return
        view = self.queue.job
        chosen = [file for file in self._actions.at_hand if file.state is FileState.DONE]
        if chosen or view is None:
            self._verify_files(tuple(chosen))
            return
        jobs, job_id = self.context.bench.jobs, view.id
        done = frozenset({FileState.DONE})
        self.context.session.start(
            self, lambda: jobs.files(job_id, 0, _MOST_VERIFIED, done), self._verify_files
        )

    def _verify_line(self, line: int) -> None:
        file = self.queue.files_model.file(line)
        if file is not None:
            self._verify_files((file,))

    def _verify_files(self, files: Sequence[FileView]) -> None:
        self._verify_pairs([(one.path, one.output) for one in files if one.output is not None])

    # Inspecting and importing.

    def _inspect(self, survey: Survey) -> None:
        thing = survey.things[0]

        def show(contents: Contents) -> None:
            ContentsDialog(self.context, thing.path, contents, self.window()).open()

        self.context.session.start(self, lambda: read_contents(thing), show)

    def _take_in(self, survey: Survey) -> None:
        """Hand certificates to the Certificates pane, which shows them before it adds them."""
        paths = "\0".join(str(path) for path in survey.arrangement.certificates)
        self.context.frame.show_object("certificates", f"import:{paths}")

    def _import_text(self, text: str) -> None:
        shelf, words = self.context.bench.shelf, self.tr("Importing")
        self.context.session.start(
            self, lambda: import_text(shelf, text), self._imported, None, words, mutates=True
        )

    def _imported(self, results: list[dict[str, Any]]) -> None:
        text, tone = imported_words(results)
        known = [str(one["Id"]) for one in results if one.get("Id")]
        action = (self.tr("Show"), partial(self._show_certificate, known[0])) if known else None
        self.context.frame.notify(text, tone, action)
        self.context.session.announce("certificates")
        self.verdicts.refresh()

    def _show_certificate(self, fingerprint: str) -> None:
        self.context.frame.show_object("certificates", fingerprint)

    # The jobs that are selected.

    def _slots(self) -> Slots:
        return Slots(
            sign=self._choose_files,
            sign_folder=self._choose_folder,
            verify=self._verify_command,
            pause=self._actions.pause,
            resume=self._actions.resume,
            cancel=self._actions.cancel,
            cancel_files=self._actions.cancel_files,
            retry=self._actions.retry,
            show_folder=self._actions.show_folder,
            copy_command=self._actions.copy_command,
            save_root=self._actions.ask_root,
            verify_again=self._verify_again,
            remove=self._actions.remove,
        )

    def _menu(self, commands: Sequence[Any], point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(list(commands))
        menu.popup(point)

    # Following the queue.

    def _follow(self) -> None:
        """Read the queue on a worker; calls that come meanwhile become one more reading."""
        if self._reading:
            self._read_again = True
            return
        self._reading, self._read_again = True, False
        jobs = self.context.bench.jobs
        self.context.session.start(
            self, lambda: build_rows(jobs.jobs()), self._show_rows, self._not_read
        )

    def _show_rows(self, rows: list[JobRow]) -> None:
        self._rows = rows
        self.queue.show_rows(rows)
        if self._wanted and self.queue.jobs.select_job(self._wanted):
            self._wanted = ""
        self._show_count()
        self._tell_ended()
        self.context.session.announce("jobs")
        self._read_done()

    def _not_read(self, words: Explanation) -> None:
        self._read_done()
        if words.bug:
            return
        self.context.frame.notify(words.text, "danger")

    def _read_done(self) -> None:
        self._reading = False
        if self._read_again:
            QTimer.singleShot(0, self, self._follow)

    def _tell_ended(self) -> None:
        """Say once of every job that ended while the window was open."""
        before, self._states = self._states, {row.view.id: row.view.state for row in self._rows}
        for row in self._rows:
            view = row.view
            # A small job may have ended before it was ever seen under way: then it is awaited.
            awaited = view.id in self._awaited
            was = before.get(view.id, JobState.RUNNING if awaited else view.state)
            if view.state in SETTLED_JOBS:
                self._awaited.discard(view.id)
            if was in SETTLED_JOBS or view.state is not JobState.DONE:
                continue
            action = (self.tr("Show"), partial(self._go, view.id))
            if view.failed:
                action = (self.tr("Show them"), partial(self._go_to_failed, view.id))
                text = self.tr("{failed} of {files} were not signed.").format(
                    failed=number(view.failed), files=count_files(view.total)
                )
                self.context.frame.notify(text, "danger", action)
            elif view.done:
                text = self.tr("Signed {files}.").format(files=count_files(view.done))
                self.context.frame.notify(text, "ok", action)

    def _show_count(self) -> None:
        shown, total = self.queue.model.rowCount(), len(self._rows)
        if not total:
            self.show_count("")
        elif shown == total:
            self.show_count(self.tr("1 job") if total == 1 else f"{number(total)} jobs")
        else:
            self.show_count(self.tr("{n} of {total}").format(n=number(shown), total=number(total)))

    # What is in front.

    def _go(self, job_id: str) -> None:
        self.context.frame.show_object(self.id, job_id)

    def _go_to_failed(self, job_id: str) -> None:
        self._go(job_id)
        self.queue.show_failed()

    def _come_forward(self, page: int = _VERIFY) -> None:
        self.context.frame.show_object(self.id, "")
        self.pages.setCurrentIndex(page)

    def _verify_in_front(self) -> bool:
        return self.pages.currentIndex() == _VERIFY

    def _page_turned(self) -> None:
        self.filter_field.setEnabled(not self._verify_in_front())
        if self._verify_in_front():
            self.verdicts.show_picked()
            self._permit()
        else:
            self._selected()

    def _selected(self) -> None:
        self._permit()
        if not self._verify_in_front():
            self.details.show_job(self.queue.job, self._actions.at_hand)

    def _picked(self, der: bytes | None) -> None:
        self._permit()
        if self._verify_in_front():
            self.details.show_certificate(der)

    def _running_changed(self) -> None:
        self._permit()
        self.context.session.announce("jobs")

    def _permit(self) -> None:
        in_front = self._verify_in_front()
        jobs = [] if in_front else self.queue.selected_jobs
        files = [] if in_front else self._actions.at_hand
        self._do.permit(jobs, files, verdict=in_front and self.verdicts.can_repeat)
