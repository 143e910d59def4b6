"""The Signing pane: the queue, the verdicts, and the sheet for what is dropped on the window."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QMenu, QTabWidget

from workbench.base.sites import HOME
from workbench.signing.job import JobView
from workbench.ui.command import Command
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context, PaletteItem
from workbench.ui.panes.signing.commands import JobCommands, Slots
from workbench.ui.panes.signing.details import Details
from workbench.ui.panes.signing.follower import QueueFollower
from workbench.ui.panes.signing.job_actions import JobActions
from workbench.ui.panes.signing.job_model import JobRow
from workbench.ui.panes.signing.menu import grouped
from workbench.ui.panes.signing.queue_page import QueuePage
from workbench.ui.panes.signing.reception import Reception
from workbench.ui.panes.signing.verify_page import VerifyPage
from workbench.ui.panes.signing.verifying import Verifying
from workbench.ui.panes.signing.words import (
    ACTIVE_JOBS,
    count_files,
    job_files,
    job_mark,
    share_done,
    shown_name,
)
from workbench.ui.widgets.base import PaneBase
from workbench.ui.widgets.texts import number

_QUEUE, _VERIFY = 0, 1


class SigningPane(PaneBase):
    """Signs and verifies files."""

    id: ClassVar[str] = "signing"
    icon: ClassVar[str] = "sign"
    help_page: ClassVar[str] = "signing"
    in_menu = staticmethod(grouped)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._wanted = ""
        self.pages = QTabWidget()
        self.follower = QueueFollower(context, self)
        self.actions_on_jobs = JobActions(context, self.follower.follow, self)
        self._do = JobCommands(self.make_command, self._slots())
        self.queue = QueuePage(context, (self._do.sign, self._do.verify), self._do.of_jobs)
        self.actions_on_jobs.queue = self.queue
        self.verdicts = VerifyPage(context, self._do.verify_again)
        show, in_front = partial(self.come_forward, _VERIFY), self._verify_in_front
        self.verifying = Verifying(context, self.verdicts, self.actions_on_jobs, show, in_front)
        self.reception = Reception(context, self.verifying, self)
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.queue, self.tr("Queue"))
        self.pages.addTab(self.verdicts, self.tr("Verify"))
        buttons = [self._do.verify_again, self._do.show_folder, self._do.copy_command]
        self.details = Details(context, buttons)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.set_filter_hint(self.tr("Filter jobs by file, signer, state"))
        self.add_command(self._do.sign, primary=True)
        self.add_command(self._do.sign_folder)
        self.add_command(self._do.verify, button=True)
        self.add_command(self._do.watched)
        self.add_command(self._do.history_key)
        for command in (*self._do.of_jobs, *self._do.of_files[1:], self._do.cancel_files):
            self.add_command(command)
        if self.context.bench.site != HOME:
            why = self.tr("its keys are those of this vault's home Region")
            self._do.history_key.forbid(why)
        self.set_content(self.pages)
        self.set_inspector(self.details)
        self._permit()

    def _connect(self) -> None:
        self.context.frame.register_drops(self.reception)
        self.follower.read.connect(self._show_rows)
        self.follower.ended.connect(self._tell_ended)
        self.follower.failed.connect(self._tell_failed)
        self.reception.submitted.connect(self._submitted)
        self.reception.imported.connect(self.verdicts.trust.refresh)
        self.queue.selected.connect(self._selected)
        self.queue.file_opened.connect(self.verifying.line)
        self.queue.jobs.menu_wanted.connect(partial(self._menu, self._do.of_jobs))
        files = (*self._do.of_files, self._do.cancel_files)
        self.queue.files.menu_wanted.connect(partial(self._menu, files))
        self.verdicts.picked.connect(self._picked)
        self.verdicts.running_changed.connect(self._running_changed)
        self.pages.currentChanged.connect(lambda _page: self._page_turned())

    def _slots(self) -> Slots:
        actions = self.actions_on_jobs
        # What verifies and receives is made after the pages, which need the commands first.
        return Slots(
            sign=lambda: self.reception.choose_files(),  # noqa: PLW0108
            sign_folder=lambda: self.reception.choose_folder(),  # noqa: PLW0108
            verify=lambda: self.verifying.choose(),  # noqa: PLW0108
            pause=actions.pause,
            resume=actions.resume,
            cancel=actions.cancel,
            cancel_files=actions.cancel_files,
            retry=actions.retry,
            show_folder=actions.show_folder,
            copy_command=actions.copy_command,
            copy_signing=actions.copy_signing,
            save_root=actions.ask_trust,
            recheck=lambda: actions.ask_recheck(self.verifying.show_file),
            verify_again=lambda: self.verifying.again(),  # noqa: PLW0108
            remove=actions.remove,
            sooner=lambda: actions.prioritise(1),
            later=lambda: actions.prioritise(-1),
            export_results=actions.ask_results,
            watched=actions.show_watched,
            history_key=actions.show_history_key,
        )

    # What the window asks.

    @classmethod
    def name(cls) -> str:
        """Return the translated name."""
        return QCoreApplication.translate("SigningPane", "Signing")

    @property
    def running(self) -> Sequence[tuple[str, float]]:
        """Jobs and verifications under way."""
        active = [row.view for row in self.follower.rows if row.view.state in ACTIVE_JOBS]
        text = self.tr("{state}: {files}")
        found = [
            (text.format(state=job_mark(view)[0], files=job_files(view)), share_done(view))
            for view in active
        ]
        if self.verdicts.share > -2:
            found.append((self.tr("Verifying"), self.verdicts.share))
        return found

    def refresh(self) -> None:
        """Read the queue and the trusted roots again."""
        self.follower.follow()
        self.verdicts.trust.refresh()

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
            for row in self.follower.rows
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

    def come_forward(self, page: int) -> None:
        """Bring the pane to the front, and a page of it."""
        self.context.frame.show_object(self.id, "")
        self.pages.setCurrentIndex(page)

    # What happens in the queue.

    def _show_rows(self, rows: list[JobRow]) -> None:
        self.queue.show_rows(rows, self.follower.sealed)
        if self._wanted and self.queue.jobs.select_job(self._wanted):
            self._wanted = ""
        self._show_count()
        self.context.session.announce("jobs")

    def _submitted(self, job_id: str) -> None:
        self.come_forward(_QUEUE)
        self._wanted = job_id
        self.follower.wait_for(job_id)

    def _tell_ended(self, view: JobView) -> None:
        if view.failed:
            text = self.tr("{failed} of {files} were not signed.").format(
                failed=number(view.failed), files=count_files(view.total)
            )
            action = (self.tr("Show them"), partial(self._go, view.id, failed=True))
            self.context.frame.notify(text, "danger", action)
        elif view.done:
            text = self.tr("Signed {files}.").format(files=count_files(view.done))
            action = (self.tr("Show"), partial(self._go, view.id))
            self.context.frame.notify(text, "ok", action)

    def _tell_failed(self, words: Explanation) -> None:
        self.context.frame.notify(words.text, "danger")

    def _show_count(self) -> None:
        shown, total = self.queue.model.rowCount(), self.queue.model.total
        if not total:
            text = ""
        elif shown == total:
            many = self.tr("{n} jobs").format(n=number(total))
            text = self.tr("1 job") if total == 1 else many
        else:
            text = self.tr("{n} of {total}").format(n=number(shown), total=number(total))
        self.show_count(text)

    # What is in front.

    def _go(self, job_id: str, *, failed: bool = False) -> None:
        self.context.frame.show_object(self.id, job_id)
        if failed:
            self.queue.show_failed()

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
        if self._verify_in_front():
            return
        if self.queue.job is None and self.queue.sealed is not None:
            self.details.show_sealed(self.queue.sealed)
        else:
            self.details.show_job(self.queue.job, self.actions_on_jobs.at_hand)

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
        files = [] if in_front else self.actions_on_jobs.at_hand
        self._do.permit(jobs, files, verdict=in_front and self.verdicts.can_repeat)

    def _menu(self, commands: Sequence[Command], point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions(list(commands))
        menu.popup(point)
