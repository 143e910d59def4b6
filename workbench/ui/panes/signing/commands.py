"""Everything that can be done in the Signing pane, and when.

Owns names, shortcuts and the reasons why something cannot be done now. What is done are functions
it is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from workbench.signing.job import FileView, JobView
from workbench.signing.work import FileState
from workbench.ui.command import Command
from workbench.ui.panes.signing.words import ACTIVE_JOBS, OPEN_STATES, RESTING_JOBS, SETTLED_JOBS

Maker = Callable[..., Command]


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


@dataclass(frozen=True, slots=True)
class Slots:
    """What the commands do."""

    sign: Callable[[], None]
    sign_folder: Callable[[], None]
    verify: Callable[[], None]
    pause: Callable[[], None]
    resume: Callable[[], None]
    cancel: Callable[[], None]
    cancel_files: Callable[[], None]
    retry: Callable[[], None]
    show_folder: Callable[[], None]
    copy_command: Callable[[], None]
    copy_signing: Callable[[], None]
    save_root: Callable[[], None]
    verify_again: Callable[[], None]
    recheck: Callable[[], None]
    remove: Callable[[], None]
    sooner: Callable[[], None]
    later: Callable[[], None]
    export_results: Callable[[], None]
    watched: Callable[[], None]
    history_key: Callable[[], None]


class JobCommands:
    """The pane's commands.

    Args:
        make: `PaneBase.make_command`.
        do: what they do.
    """

    def __init__(self, make: Maker, do: Slots) -> None:
        self.sign = make(
            "sign", _tr("&Sign files…"), "sign", do.sign, "Ctrl+N",
            _tr("Choose files and sign them"),
        )  # fmt: skip
        self.sign_folder = make(
            "sign_folder", _tr("Sign a &folder…"), "folder", do.sign_folder, "Ctrl+Shift+N",
            _tr("Choose a folder and sign every file in it"),
        )  # fmt: skip
        self.verify = make(
            "verify", _tr("&Verify…"), "verify", do.verify, "Ctrl+E",
            _tr("Choose a file and its signature and check them"),
        )  # fmt: skip
        self.pause = make(
            "pause", _tr("&Pause"), "pause", do.pause, "Ctrl+P",
            _tr("Finish the files that are being signed and start no others"),
        )  # fmt: skip
        self.resume = make(
            "resume", _tr("&Resume"), "play", do.resume, "Ctrl+Shift+P",
            _tr("Go on with the job"),
        )  # fmt: skip
        self.cancel = make(
            "cancel", _tr("&Cancel job"), "cancel", do.cancel, "Ctrl+.",
            _tr("Stop the job; what is signed stays signed"),
        )  # fmt: skip
        self.cancel_files = make(
            "cancel_files", _tr("Cancel selected f&iles"), "cancel", do.cancel_files, "",
            _tr("Stop the selected files; the rest of the job goes on"),
        )  # fmt: skip
        self.retry = make(
            "retry", _tr("Re&try failed"), "retry", do.retry, "Ctrl+Shift+R",
            _tr("Try the failed and cancelled files of the job again"),
        )  # fmt: skip
        self.show_folder = make(
            "show_folder", _tr("Show i&n folder"), "folder", do.show_folder, "Ctrl+Shift+F",
            _tr("Open the folder that the signature is in"),
        )  # fmt: skip
        self.copy_command = make(
            "copy_command", _tr("Copy comman&d line"), "copy", do.copy_command, "Ctrl+Shift+C",
            _tr("Copy the command line by which OpenSSL or another tool verifies the same"),
        )  # fmt: skip
        self.copy_signing = make(
            "copy_signing", _tr("Copy si&gning command line"), "copy", do.copy_signing,
            "Ctrl+Shift+G",
            _tr("Copy the command line by which the AWS CLI makes the same signature"),
        )  # fmt: skip
        self.save_root = make(
            "save_root", _tr("Save root c&ertificate…"), "export", do.save_root, "",
            _tr("Write the root certificates, or the public key, to a PEM file for other tools"),
        )  # fmt: skip
        self.verify_again = make(
            "verify_again", _tr("Verify &again"), "verify", do.verify_again, "Ctrl+Shift+E",
            _tr("Check the signatures of the selected files, or of the whole job"),
        )  # fmt: skip
        self.recheck = make(
            "recheck", _tr("Verify whole &job…"), "shield", do.recheck, "Ctrl+Shift+J",
            _tr("Check every signature of the job again and count what changed or is missing"),
        )  # fmt: skip
        self.remove = make(
            "remove", _tr("Re&move from list"), "delete", do.remove, "Del",
            _tr("Take the job off the list; its signatures stay where they are"),
        )  # fmt: skip
        self.sooner = make(
            "sooner", _tr("S&ooner"), "chevron-right", do.sooner, "Ctrl+Shift+Up",
            _tr("Raise the priority: its files are signed before those of lower jobs"),
        )  # fmt: skip
        self.later = make(
            "later", _tr("&Later"), "chevron-down", do.later, "Ctrl+Shift+Down",
            _tr("Lower the priority: other jobs go first"),
        )  # fmt: skip
        self.export_results = make(
            "export_results", _tr("E&xport results…"), "export", do.export_results, "Ctrl+Shift+X",
            _tr("Write every file of the job with its state, digest and signature as CSV or JSON"),
        )  # fmt: skip
        self.watched = make(
            "watched", _tr("&Watched folders…"), "folder", do.watched, "Ctrl+Alt+W",
            _tr("Folders whose new files are signed as they appear"),
        )  # fmt: skip
        self.history_key = make(
            "history_key", _tr("&History key…"), "keys", do.history_key, "Ctrl+Alt+H",
            _tr("Seal the list of jobs under a KMS key, so that its policy says who sees it"),
        )  # fmt: skip

    @property
    def of_jobs(self) -> Sequence[Command]:
        """What is done with jobs."""
        return (
            *(self.pause, self.resume, self.sooner, self.later, self.retry, self.cancel),
            *(self.verify_again, self.recheck, self.export_results, self.remove),
        )

    @property
    def of_files(self) -> Sequence[Command]:
        """What is done with files of a job."""
        return (
            *(self.verify_again, self.show_folder),
            *(self.copy_command, self.copy_signing, self.save_root),
        )

    def permit(self, jobs: Sequence[JobView], files: Sequence[FileView], *, verdict: bool) -> None:
        """Allow what is possible with what is selected.

        Args:
            jobs: the selected jobs.
            files: the selected files of the first of them.
            verdict: whether a verdict is in front, with a pair to verify again.
        """
        nothing = "" if jobs else _tr("no job is selected")
        running = any(job.state in ACTIVE_JOBS for job in jobs)
        paused = any(job.state in RESTING_JOBS for job in jobs)
        unsettled = any(job.state not in SETTLED_JOBS for job in jobs)
        again = any((job.failed or job.cancelled) for job in jobs)
        signed = any(job.done for job in jobs)
        chosen = any(file.state is FileState.DONE for file in files)
        self._say(self.pause, running, nothing or _tr("the job is not running"))
        self._say(self.resume, paused, nothing or _tr("the job is not paused"))
        self._say(self.cancel, unsettled, nothing or _tr("the job has ended"))
        self._say(self.retry, again, nothing or _tr("no file of the job failed"))
        self._say(self.remove, bool(jobs), nothing)
        for command in (self.sooner, self.later):
            self._say(command, unsettled, nothing or _tr("the job has ended"))
        self._say(self.export_results, len(jobs) == 1, nothing or _tr("choose one job"))
        lone_job = len(jobs) == 1 and signed
        self._say(
            self.recheck,
            lone_job,
            nothing or (_tr("choose one job") if signed else _tr("nothing of it is signed yet")),
        )
        self._say(
            self.verify_again, verdict or signed, nothing or _tr("nothing of the job is signed yet")
        )
        self._say(
            self.cancel_files,
            any(file.state in OPEN_STATES for file in files),
            _tr("no unfinished file is selected"),
        )
        self._say(self.show_folder, bool(jobs), nothing)
        lone = lone_job and jobs[0].total == 1
        self._say(self.copy_command, chosen or lone, nothing or _tr("no signed file is selected"))
        raw = bool(jobs) and jobs[0].recipe.kind == "raw"
        only_raw = _tr("other tools make only raw signatures: the key stays in the vault")
        self._say(
            self.copy_signing,
            (chosen or lone) and raw,
            nothing or (_tr("no signed file is selected") if raw else only_raw),
        )
        self._say(self.save_root, bool(jobs), nothing)

    @staticmethod
    def _say(command: Command, possible: bool, why: str) -> None:  # noqa: FBT001 - a table of facts
        command.permit(possible=possible, why=why)
