"""The inspector of the Signing pane: a job, one of its files, or a certificate of a verdict."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSizePolicy

from workbench.signing.job import FileView, JobView
from workbench.signing.job_store import SealedJob
from workbench.signing.recipe import Recipe
from workbench.ui.command import Command
from workbench.ui.pane import Context
from workbench.ui.panes.signing.certificate_facts import fill_certificate
from workbench.ui.panes.signing.journal_lines import JournalLines
from workbench.ui.panes.signing.key_links import KeyLinks
from workbench.ui.panes.signing.words import (
    DOT,
    certificate_name,
    chain_line,
    file_mark,
    grouped,
    job_files,
    job_mark,
    job_pace,
    sealed_mark,
    shown_name,
    shown_path,
)
from workbench.ui.widgets.basics import CommandButton, label
from workbench.ui.widgets.fields import FieldList, Inspector, SelectableText
from workbench.ui.widgets.texts import NOTHING, number, size

_MOST_NOTES = 50


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the fields were filled with, so that a tick that changes nothing fills nothing."""

    job: tuple[Any, ...] | None = None
    file: tuple[Any, ...] | None = None


class Details(Inspector):
    """What is selected, in words.

    Args:
        context: look, frame, bench.
        actions: commands for a finished file, as buttons.
    """

    def __init__(self, context: Context, actions: list[Command]) -> None:
        nothing = QCoreApplication.translate("signing", "Select a job to see what came of it")
        super().__init__(context.look, nothing)
        self._context = context
        self._actions = actions
        self._keys = KeyLinks(context)
        copy = context.frame.copy
        self._job, self._file, self._certificate = (FieldList(context.look, copy) for _ in range(3))
        for fields in (self._job, self._file, self._certificate):
            # Links have no minimum height of their own: without this the scroll area squeezes them.
            fields.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._job_tab = self.add_tab(self._job, self.tr("Job"))
        self._file_tab = self.add_tab(self._file, self.tr("File"))
        self._certificate_tab = self.add_tab(self._certificate, self.tr("Certificate"))
        self._journal = JournalLines(context, self._file)
        self._shown = _Shown()
        self._head: tuple[Any, ...] = ()
        self._pace: SelectableText | None = None
        self._files: SelectableText | None = None
        self._content: SelectableText | None = None
        self.show_nothing()

    def show_job(self, job: JobView | None, files: list[FileView]) -> None:
        """Show a job, and its file if exactly one is selected or it has but one."""
        file = files[0] if len(files) == 1 else None
        if job is None:
            self._shown, self._head = _Shown(), ()
            self.show_nothing()
            return
        before, self._shown = self._shown, _Shown(_facts_of(job), _outcome_of(job, file))
        self._show_state(job)
        if before.job != self._shown.job:
            self._fill_job(job)
        self._update_job(job)
        self._show_tabs(job=True, file=file is not None, certificate=False)
        if file is not None and before.file != self._shown.file:
            self._fill_file(job, file)
            if before.file is None or before.file[:2] != (job.id, file.number):
                self.open_tab(self._file_tab)

    def show_sealed(self, job: SealedJob) -> None:
        """Show a job that may not be seen: who may not, by which statement, and the next step."""
        acting = self._context.bench.acting.caller.arn
        shown = _Shown(job=("sealed", job, acting))
        if shown == self._shown:
            return
        self._shown, self._head = shown, ()
        word, mark = sealed_mark()
        self.show_head(word, self.tr("A job of the sealed history"), [(word, mark.tone, mark.icon)])
        self._job.clear()
        self._journal.forget()
        self._file.clear()  # what was shown before to somebody else
        # The lines that tick are gone with the others.
        self._pace = self._files = self._content = None
        self._job.time(self.tr("Started"), job.created)
        self._job.text(self.tr("Who looks"), acting, copy=True)
        self._job.text(self.tr("Why it is not shown"), job.sentence, copy=True)
        if job.next_step:
            self._job.text(self.tr("What to do"), job.next_step, copy=True)
        self._show_tabs(job=True, file=False, certificate=False)

    def show_certificate(self, der: bytes | None) -> None:
        """Show a certificate of a verdict."""
        self._shown, self._head = _Shown(), ()
        if der is None:
            self.show_nothing(self.tr("Pick a certificate of the chain to see it here"))
            return
        self._show_tabs(job=False, file=False, certificate=True)
        self._certificate.clear()
        now = self._context.bench.clock.now()
        name = fill_certificate(self._certificate, der, now, self._show_elsewhere)
        self.show_head(name, self.tr("Certificate of the chain"))

    def _show_state(self, job: JobView) -> None:
        word, mark = job_mark(job)
        head = (job.id, word)
        if head != self._head:
            self._head = head
            recipe = job.recipe
            signer = certificate_name(recipe.chain[0]) if recipe.chain else recipe.key_id
            line = DOT.join((signer, recipe.algorithm))
            self.show_head(shown_name(job.title), line, [(word, mark.tone, mark.icon)])

    def _show_tabs(self, *, job: bool, file: bool, certificate: bool) -> None:
        self.show_tab(self._job_tab, shown=job)
        self.show_tab(self._file_tab, shown=file)
        self.show_tab(self._certificate_tab, shown=certificate)

    def _show_elsewhere(self, fingerprint: str) -> None:
        self._context.frame.show_object("certificates", fingerprint)

    def _say_where(self, fields: FieldList, recipe: Recipe) -> None:
        if recipe.site is not None:
            fields.text(self.tr("Where the key is"), recipe.site.text)

    def _fill_job(self, job: JobView) -> None:
        fields, recipe = self._job, job.recipe
        fields.clear()
        fields.time(self.tr("Started"), job.created)
        if job.reason:
            fields.text(self.tr("Why it is on hold"), job.reason, copy=True)
            fields.text(self.tr("What to do"), job.next_step, copy=True)
        if job.identity:
            fields.text(self.tr("Signs as"), job.identity, copy=True)
        self._pace = fields.text(self.tr("Pace"), "")
        self._files = fields.text(self.tr("Files"), "")
        self._content = fields.text(self.tr("Content"), "")
        fields.heading(self.tr("Recipe"))
        self._keys.add(fields, self.tr("Signing key"), recipe.key_id, recipe.site)
        self._say_where(fields, recipe)
        fields.text(self.tr("Format"), recipe.form.title)
        fields.text(self.tr("Signature algorithm"), recipe.algorithm)
        if recipe.digest:
            fields.text(self.tr("Digest"), recipe.digest)
        if recipe.chain:
            fields.text(self.tr("Certificate chain"), chain_line(recipe.chain))
        for other in recipe.others:
            self._keys.add(fields, self.tr("Signs as well"), other.key_id, recipe.site)
        if recipe.stamper is not None:
            stamper = certificate_name(recipe.stamper.chain[0])
            fields.text(self.tr("Timestamps by"), stamper)
        folder = shown_path(recipe.folder) if recipe.folder else self.tr("Beside each file")
        fields.text(self.tr("Signatures go"), folder)
        replaced = self.tr("Replaced") if recipe.replace_existing else self.tr("Left as they are")
        fields.text(self.tr("Signatures that exist already"), replaced)
        self._fill_notes(job)

    def _update_job(self, job: JobView) -> None:
        """Change in place what changes ten times a second, so that nothing flickers."""
        counts = self.tr("{done} signed, {failed} failed, {rest} cancelled or skipped").format(
            done=number(job.done),
            failed=number(job.failed),
            rest=number(job.cancelled + job.skipped),
        )
        for shown, text in (
            (self._pace, job_pace(job) or NOTHING),
            (self._files, counts),
            (self._content, job_files(job)),
        ):
            if shown is not None and shown.text() != text:
                shown.setText(text)

    def _fill_notes(self, job: JobView) -> None:
        if not job.notes:
            return
        self._job.heading(self.tr("Passed over ({n})").format(n=number(len(job.notes))))
        for note in job.notes[:_MOST_NOTES]:
            self._job.widget(label(note, "muted", wrap=True))

    def _fill_file(self, job: JobView, file: FileView) -> None:
        """From the file's hash to the chain, in the order in which one vouches for the other."""
        fields, recipe = self._file, job.recipe
        self._journal.forget()
        fields.clear()
        word, mark = file_mark(file.state)
        fields.badge(self.tr("State"), word, mark.tone, mark.icon)
        if file.sentence:
            fields.text(self.tr("What happened"), file.sentence, copy=True)
        fields.heading(self.tr("1. File"))
        fields.text(self.tr("Name"), shown_path(file.path), copy=True)
        fields.text(self.tr("Size"), size(file.size))
        if file.digest or recipe.hashed:
            name = recipe.hashed or self.tr("Digest")
            shown = fields.text(name, file.digest, mono=True, copy=True)
            shown.setText(grouped(file.digest) or NOTHING)
        fields.heading(self.tr("2. Recipe and key"))
        if recipe.name:
            fields.text(self.tr("Recipe"), recipe.name)
        self._keys.add(fields, self.tr("Signing key"), recipe.key_id, recipe.site)
        self._say_where(fields, recipe)
        fields.text(self.tr("Signature algorithm"), recipe.algorithm)
        fingerprint = hashlib.sha256(recipe.public_key).hexdigest()
        shown = fields.text(self.tr("Public key, SHA-256"), fingerprint, mono=True, copy=True)
        shown.setText(grouped(fingerprint))
        self._fill_signature(job, file)

    def _fill_signature(self, job: JobView, file: FileView) -> None:
        """The links that come after the key; the journal's follow when they are looked up."""
        fields, recipe = self._file, job.recipe
        titles = [self.tr("Signature"), self.tr("Journal")]
        if recipe.chain:
            titles.insert(0, self.tr("Certificates"))
        titles = [f"{place}. {title}" for place, title in enumerate(titles, start=3)]
        if recipe.chain:
            fields.heading(titles[0])
        for place, der in enumerate(recipe.chain):
            name = self.tr("Signer") if place == 0 else self.tr("signed by")
            fields.link(name, certificate_name(der), self._leads_to_certificate(der))
        fields.heading(titles[-2])
        if file.output is None:
            fields.text(self.tr("Written to"), self.tr("Not written"))
            return
        fields.text(self.tr("Written to"), shown_path(file.output), copy=True)
        fields.time(self.tr("Signed at"), file.finished)
        for command in self._actions:
            fields.widget(CommandButton(self._context.look, command))
        fields.heading(titles[-1])
        self._journal.show(file)

    def _leads_to(self, pane: str, target: str) -> Callable[[], None]:
        def go() -> None:
            self._context.frame.show_object(pane, target)

        return go

    def _leads_to_certificate(self, der: bytes) -> Callable[[], None]:
        return self._leads_to("certificates", hashlib.sha256(der).hexdigest())


def _facts_of(job: JobView) -> tuple[Any, ...]:
    """Return what the job's fields are rebuilt for."""
    return (job.id, len(job.notes), job.identity, job.reason, job.next_step)


def _outcome_of(job: JobView, file: FileView | None) -> tuple[Any, ...] | None:
    """Return what the file's fields are rebuilt for: all but how far it is read."""
    if file is None:
        return None
    return (job.id, file.number, file.state, file.sentence, file.digest, file.output, file.size)
