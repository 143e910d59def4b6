"""Whatever is dropped on the window or chosen by dialog: looked at, asked about, passed on."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.ui.errors import Explanation
from workbench.ui.many import at_once
from workbench.ui.pane import Context, Drop
from workbench.ui.panes.signing.contents import Contents, ContentsDialog, read_contents
from workbench.ui.panes.signing.imports import import_text, imported_words
from workbench.ui.panes.signing.recipes import Choices, Remembered
from workbench.ui.panes.signing.sheet import DropSheet, SheetActions
from workbench.ui.panes.signing.signers import SignerBook
from workbench.ui.panes.signing.survey import Survey, Way, look_at
from workbench.ui.panes.signing.verifying import Verifying
from workbench.ui.panes.signing.words import count_things

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_OTHERS = (
    "-----BEGIN CERTIFICATE REQUEST-----",
    "-----BEGIN NEW CERTIFICATE REQUEST-----",
    "-----BEGIN X509 CRL-----",
    "-----BEGIN OCSP RESPONSE-----",
    "-----BEGIN PKCS7-----",
)


class Reception(QObject):
    """Satisfies `workbench.ui.pane.DropHandler`.

    Args:
        context: session, bench, frame.
        verifying: begins verifications.
        parent: the pane.

    Signals:
        submitted(str): a signing job was begun; its id.
        imported: certificates were added.
    """

    submitted = Signal(str)
    imported = Signal()

    def __init__(self, context: Context, verifying: Verifying, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._verifying = verifying
        self._parent = parent
        self._recipes = Remembered(context.preferences)
        bench = context.bench
        self._signers = SignerBook(bench.kms, bench.shelf, at_once(bench))

    def describe(self, drop: Drop) -> str:
        """Say what will happen to what is dragged over the window."""
        if drop.text:
            if any(begin in drop.text for begin in _OTHERS):
                return self.tr("Drop to import this")
            known = _CERTIFICATE in drop.text
            return self.tr("Drop to import these certificates") if known else ""
        if self._verifying.waiting_for and len(drop.paths) == 1:
            return self.tr("Drop to verify {name}").format(name=count_things(drop.paths))
        return self.tr("Drop {name} to sign, verify, inspect or import").format(
            name=count_things(drop.paths)
        )

    def take(self, drop: Drop) -> None:
        """Look at it off the GUI thread, then ask what to do."""
        if any(begin in drop.text for begin in _OTHERS):
            self._context.frame.show_object("certificates", f"import-text:{drop.text}")
        elif drop.text:
            self._import_text(drop.text)
        else:
            self._look(drop.paths, self._dropped)

    def choose_files(self) -> None:
        """Ask for files to sign."""
        dialog = QFileDialog(self._parent, self.tr("Files to sign"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def choose_folder(self) -> None:
        """Ask for a folder to sign."""
        dialog = QFileDialog(self._parent, self.tr("Folder whose files to sign"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def inspect(self, survey: Survey) -> None:
        """Show what is inside a signature or a certificate."""
        thing = survey.things[0]

        def show(contents: Contents) -> None:
            ContentsDialog(self._context, thing.path, contents, self._parent.window()).open()

        self._context.session.start(self, lambda: read_contents(thing), show)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self._look([Path(one) for one in names], partial(self._ask, way=Way.SIGN))
        )
        dialog.open()

    def _look(self, paths: Sequence[Path], then: Callable[[Survey], None]) -> None:
        words = self.tr("Looking at {name}").format(name=count_things(paths))
        self._context.session.start(self, lambda: look_at(paths), then, None, words)

    def _dropped(self, survey: Survey) -> None:
        if self._verifying.fill_slot(survey):
            return
        alone = survey.pairs and survey.ways == (Way.VERIFY, Way.INSPECT)
        if survey.only_pairs or alone or survey.lone_signature is not None:
            self._verifying.take(survey)
        else:
            self._ask(survey)

    def _ask(self, survey: Survey, way: Way | None = None) -> None:
        actions = SheetActions(
            sign=self._submit,
            verify=self._verifying.take,
            inspect=self.inspect,
            take_in=self._take_in,
            issue=self._issue,
        )
        window = self._parent.window()
        DropSheet(self._context, survey, self._recipes, self._signers, actions, window, way).open()

    def _submit(
        self,
        choices: Choices,
        survey: Survey,
        answer: Callable[[Explanation | None], None],
    ) -> None:
        bench, paths = self._context.bench, survey.signable

        def work() -> str:
            recipe = bench.recipe(choices)
            if choices.name:
                bench.recipes.save([choices])
            return str(bench.jobs.submit(recipe, paths))

        def submitted(job_id: str) -> None:
            self._recipes.remember(choices)
            answer(None)
            self.submitted.emit(job_id)

        self._context.session.start(self, work, submitted, answer, self.tr("Starting to sign"))

    def _issue(self, key_id: str) -> None:
        if self._context.bench.site.aws:
            text = self.tr(
                "Have a certificate issued to this key, then import it into this vault: drop it on"
                " the window."
            )
            self._context.frame.notify(text, "info")
            return
        if self._context.frame.show_object("certificates", key_id):
            text = self.tr("Issue a code-signing certificate for the key here, then sign with it.")
            self._context.frame.notify(text, "info")

    def _take_in(self, survey: Survey) -> None:
        """Hand certificates to the Certificates pane, which shows them before it adds them."""
        paths = "\0".join(str(path) for path in survey.arrangement.certificates)
        self._context.frame.show_object("certificates", f"import:{paths}")

    def _import_text(self, text: str) -> None:
        shelf, words = self._context.bench.shelf, self.tr("Importing")
        self._context.session.start(
            self, lambda: import_text(shelf, text), self._imported, None, words, mutates=True
        )

    def _imported(self, results: list[dict[str, Any]]) -> None:
        text, tone = imported_words(results)
        known = [str(one["Id"]) for one in results if one.get("Id")]
        action = (self.tr("Show"), partial(self._show_certificate, known[0])) if known else None
        self._context.frame.notify(text, tone, action)
        self._context.session.announce("certificates")
        self.imported.emit()

    def _show_certificate(self, fingerprint: str) -> None:
        self._context.frame.show_object("certificates", fingerprint)
