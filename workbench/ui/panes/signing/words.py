"""What the Signing pane calls things: states, counts, names of files, in the person's language.

Knows the queue's states and the look's icons; knows no widget and asks nobody anything.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from workbench.base.files import printable
from workbench.pki.names import common_name
from workbench.pki.parse import Malformed, facts
from workbench.signing.job import FileView, JobState, JobView
from workbench.signing.rechecking import Outcome
from workbench.signing.sniff import Kind
from workbench.signing.work import FileState
from workbench.ui.widgets.rows import Mark
from workbench.ui.widgets.texts import NOTHING, duration, number, size, speed

ARROW = " \N{LEFTWARDS ARROW} "
DOT = " \N{MIDDLE DOT} "
OPEN_STATES = frozenset(
    {FileState.WAITING, FileState.HASHING, FileState.SIGNING, FileState.WRITING}
)
ACTIVE_JOBS = frozenset({JobState.COLLECTING, JobState.RUNNING, JobState.LOCKED})
RESTING_JOBS = frozenset({JobState.PAUSED, JobState.INTERRUPTED, JobState.HELD})
SETTLED_JOBS = frozenset({JobState.DONE, JobState.CANCELLED})


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def shown_name(path: Path | str) -> str:
    """Return a file's name, safe to show, without quotation marks."""
    name = path.name or str(path) if isinstance(path, Path) else path
    return printable(name)[1:-1]


def shown_path(path: Path) -> str:
    """Return a whole path, safe to show."""
    return printable(path)[1:-1]


def count_files(count: int) -> str:
    """Return `1 file` or `12 files`."""
    return _tr("1 file") if count == 1 else _tr("{n} files").format(n=number(count))


def count_things(names: Sequence[Path]) -> str:
    """Return the name of one thing in quotes, or how many there are."""
    if len(names) == 1:
        return printable(names[0].name or str(names[0]))
    return _tr("{n} items").format(n=number(len(names)))


def job_mark(view: JobView) -> tuple[str, Mark]:
    """Return a job's state as a word and its icon."""
    if view.state is JobState.DONE:
        return _outcome(view)
    states = {
        JobState.COLLECTING: (_tr("Collecting files"), Mark("search", "info")),
        JobState.RUNNING: (_tr("Signing"), Mark("play", "accent")),
        JobState.PAUSED: (_tr("Paused"), Mark("pause", "muted")),
        JobState.LOCKED: (_tr("Waiting for the vault"), Mark("lock", "warning")),
        JobState.HELD: (_tr("On hold"), Mark("clock", "warning")),
        JobState.CANCELLED: (_tr("Cancelled"), Mark("cancel", "muted")),
        JobState.INTERRUPTED: (_tr("Interrupted"), Mark("warning", "warning")),
    }
    return states[view.state]


def sealed_mark() -> tuple[str, Mark]:
    """Return what a job that may not be seen is called, and its icon."""
    return _tr("Access denied"), Mark("lock", "danger")


def _outcome(view: JobView) -> tuple[str, Mark]:
    if not view.total:
        return _tr("Nothing to sign"), Mark("info", "muted")
    if view.failed == view.total:
        return _tr("Failed"), Mark("error", "danger")
    if view.failed:
        failed = _tr("{n} failed").format(n=number(view.failed))
        return failed, Mark("warning", "warning")
    return _tr("Signed"), Mark("ok", "ok")


def priority_words(priority: int) -> str:
    """Return how a job stands to others, for one whose priority is not the usual 0."""
    words = _tr("priority +{n}") if priority > 0 else _tr("priority \N{MINUS SIGN}{n}")
    return words.format(n=abs(priority))


def job_files(view: JobView, *, short: bool = False) -> str:
    """Return how many files are done, and unless it is to be short what they hold."""
    if view.state is JobState.COLLECTING or view.done == view.total:
        return f"{count_files(view.total)}{DOT}{size(view.bytes_total)}"
    amount = _tr("{done} of {total}").format(
        done=size(view.bytes_done), total=size(view.bytes_total)
    )
    if view.total == 1:
        return size(view.bytes_total) if view.state in SETTLED_JOBS else amount
    files = _tr("{done} of {total} files").format(done=number(view.done), total=number(view.total))
    if short or view.state in SETTLED_JOBS:
        return files
    return f"{files}{DOT}{amount}"


def job_pace(view: JobView) -> str:
    """Return speed and time left of a running job, else nothing."""
    if view.state is not JobState.RUNNING:
        return ""
    parts = [speed(view.bytes_per_second)] if view.bytes_per_second >= 1 else []
    if view.seconds_left is not None:
        parts.append(_tr("{span} left").format(span=duration(max(1.0, view.seconds_left))))
    return DOT.join(parts)


def share_done(view: JobView) -> float:
    """Return how much of a job is done, 0 to 1, or -1 while that is not known."""
    if view.state is JobState.COLLECTING:
        return -1.0
    if view.state in SETTLED_JOBS or not view.total:
        return 1.0
    if view.bytes_total:
        return min(1.0, max(0.0, view.bytes_done / view.bytes_total))
    return (view.done + view.failed + view.skipped + view.cancelled) / view.total


def file_mark(state: FileState) -> tuple[str, Mark]:
    """Return a file's state as a word and its icon."""
    states = {
        FileState.WAITING: (_tr("Waiting"), Mark("clock", "muted")),
        FileState.HASHING: (_tr("Reading"), Mark("play", "accent")),
        FileState.SIGNING: (_tr("Signing"), Mark("sign", "accent")),
        FileState.WRITING: (_tr("Writing"), Mark("edit", "accent")),
        FileState.DONE: (_tr("Signed"), Mark("ok", "ok")),
        FileState.FAILED: (_tr("Failed"), Mark("error", "danger")),
        FileState.CANCELLED: (_tr("Cancelled"), Mark("cancel", "muted")),
        FileState.SKIPPED: (_tr("Skipped"), Mark("info", "muted")),
    }
    return states[state]


def outcome_mark(outcome: Outcome) -> tuple[str, Mark]:
    """Return what became of a signed file as a word and its icon."""
    outcomes = {
        Outcome.WAITING: (_tr("Not verified yet"), Mark("clock", "muted")),
        Outcome.VALID: (_tr("Valid"), Mark("ok", "ok")),
        Outcome.CHANGED: (_tr("Changed"), Mark("error", "danger")),
        Outcome.MISSING: (_tr("Missing"), Mark("error", "danger")),
        Outcome.UNTRUSTED: (_tr("Not trusted"), Mark("warning", "warning")),
        Outcome.UNSIGNED: (_tr("Not signed"), Mark("info", "muted")),
    }
    return outcomes[outcome]


def file_detail(file: FileView) -> str:
    """Return what came of a file: its signature, why it failed, or how far it is."""
    if file.sentence:
        # The folder has a column of its own.
        return file.sentence.replace(f"{shown_path(file.path.parent)}/", "")
    if file.output is not None:
        return shown_name(file.output)
    if file.state is FileState.HASHING and file.size:
        share = 100 * file.bytes_done // file.size
        return _tr("{share} % of {size}").format(share=min(100, share), size=size(file.size))
    return ""


def kind_mark(kind: Kind) -> Mark:
    """Return the icon of a dropped thing."""
    return {
        Kind.CMS: Mark("sign", "accent"),
        Kind.SIGNATURE: Mark("sign", "accent"),
        Kind.CERTIFICATE: Mark("certificate", "accent"),
        Kind.CSR: Mark("certificate", "muted"),
        Kind.PRIVATE_KEY: Mark("keys", "warning"),
        Kind.STATUS: Mark("columns", "muted"),
        Kind.DATABASE: Mark("file", "text"),
        Kind.FOLDER: Mark("folder", "accent"),
        Kind.FILE: Mark("file", "text"),
        Kind.MISSING: Mark("error", "danger"),
    }[kind]


def certificate_name(der: bytes) -> str:
    """Return a certificate's common name, or an en dash if it cannot be read."""
    try:
        return common_name(facts(der).certificate.subject)
    except Malformed:
        return NOTHING


def chain_line(chain: Sequence[bytes]) -> str:
    """Return a chain in one line: leaf ← subordinate ← root."""
    return ARROW.join(certificate_name(der) for der in chain)


def grouped(digest: str, width: int = 8) -> str:
    """Return hexadecimal digits in groups, so that two digests can be compared by eye."""
    return " ".join(digest[i : i + width] for i in range(0, len(digest), width))
