"""The dialog that imports key material, in two steps that may be a day and a machine apart.

Owns the steps and the words for what KMS refuses; the fields are the pages'.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QTabBar, QWidget

from workbench.ui.drop import read_drop
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.keys.import_terms import ImportRequest, Parameters
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.material_page import MaterialPage
from workbench.ui.panes.keys.materials import Material
from workbench.ui.panes.keys.words import material_name, short_name
from workbench.ui.panes.keys.wrapping_page import WrappingPage
from workbench.ui.widgets.basics import ProgressLine
from workbench.ui.widgets.dialogs import FormDialog

WRAP = 0
IMPORT = 1


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def import_words(words: Explanation) -> Explanation:
    """Return a refusal of an import with the step that helps with this import."""
    steps = {
        "IncorrectKeyMaterialException": _tr(
            "Wrap the very material that was imported before, or choose “New key material”. It must"
            " also have the size and form of the key's spec."
        ),
        "ExpiredImportTokenException": _tr(
            "Tokens are valid for 24 hours. Get a new wrapping key in step 1, wrap again with it,"
            " and use its token."
        ),
        "InvalidImportTokenException": _tr(
            "Choose the token that came with the wrapping key for this very key, or get both anew"
            " in step 1."
        ),
        "InvalidCiphertextException": _tr(
            "The file was not wrapped with this token's wrapping key and algorithm. Wrap again with"
            " the commands of step 1."
        ),
        "KMSInvalidStateException": _tr(
            "Look at the key: it must be enabled or pending import, and at most one new material"
            " may wait for rotation. Rotate or delete that one first."
        ),
        "LimitExceededException": _tr("A key holds a limited number of materials."),
    }
    step = steps.get(words.title)
    return replace(words, next_step=step) if step else words


class ImportDialog(FormDialog):
    """Step 1 gets a wrapping key, step 2 imports what was wrapped with it.

    Args:
        context: the window.
        row: the key.
        again: the material that is imported again; None for a new one.
        get: asks for a wrapping key, given algorithm and spec.
        take: imports.
        parent: the pane.
    """

    def __init__(
        self,
        context: Context,
        row: KeyRow,
        again: Material | None,
        get: Callable[[str, str], None],
        take: Callable[[ImportRequest], None],
        parent: QWidget,
    ) -> None:
        title = _tr("Import key material into {name}").format(name=short_name(row))
        if again is not None:
            told = _tr("Import “{material}” of {name} again")
            title = told.format(material=material_name(again), name=short_name(row))
        super().__init__(context.look, title, _tr("Get wrapping key"), parent)
        self._get = get
        self._take = take
        self._working = False
        self.steps = QTabBar()
        self.steps.setAccessibleName(self.tr("Steps"))
        self.steps.addTab(self.tr("&1 · Wrap"))
        self.steps.addTab(self.tr("&2 · Import"))
        self.steps.setExpanding(False)
        self.wrapping = WrappingPage(context, row)
        self.material = MaterialPage(context, row, self, again)
        self._progress = ProgressLine(context.look)
        self._progress.hide()
        for widget in (self.steps, self.wrapping, self.material, self._progress):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.material.hide()
        self.setAcceptDrops(True)
        self.steps.currentChanged.connect(self._turned)
        self.wrapping.changed.connect(self._parameters_gone)
        self.wrapping.trouble.connect(self.show_problem)
        self.on_submit(self._go_on)
        self.resize(context.look.unit * 180, context.look.unit * 110)

    def show_parameters(self, parameters: Parameters) -> None:
        """Show what KMS answered."""
        self.show_working(working=False)
        self.wrapping.show_parameters(parameters)
        self.material.take_parameters(parameters)
        self._name_verb()

    def show_problem(self, words: Explanation | str) -> None:
        """Say inline what went wrong and what helps with an import."""
        super().show_problem(import_words(words) if isinstance(words, Explanation) else words)

    def show_working(self, *, working: bool, text: str = "") -> None:
        """Let nothing be changed while KMS works."""
        importing = self.steps.currentIndex() == IMPORT
        told = self.tr("Importing…") if importing else self.tr("Making a wrapping key…")
        super().show_working(working=working, text=text or told)
        self._working = working
        for widget in (self.steps, self.wrapping, self.material):
            widget.setEnabled(not working)
        self._progress.setVisible(working)
        self._progress.show_progress(told, -1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take the token and what was wrapped, together or one by one."""
        drop = read_drop(event.mimeData())
        if drop is not None and 1 <= len(drop.paths) <= 2 and not self._working:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the files where they belong."""
        drop = read_drop(event.mimeData())
        if drop is not None and drop.paths and not self._working:
            event.acceptProposedAction()
            self.steps.setCurrentIndex(IMPORT)
            self.material.take_files(drop.paths)

    def _go_on(self) -> None:
        if self.steps.currentIndex() == IMPORT:
            self._take(self.material.request)
        elif self.wrapping.parameters is None:
            self._get(*self.wrapping.chosen)
        else:
            self.steps.setCurrentIndex(IMPORT)

    def _turned(self, step: int) -> None:
        self.wrapping.setVisible(step == WRAP)
        self.material.setVisible(step == IMPORT)
        super().show_problem("")
        self._name_verb()
        if step == IMPORT:
            self.material.wrapped.button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _parameters_gone(self) -> None:
        self.material.take_parameters(None)
        self._name_verb()

    def _name_verb(self) -> None:
        if self.steps.currentIndex() == IMPORT:
            verb = self.tr("Import")
        elif self.wrapping.parameters is None:
            verb = self.tr("Get wrapping key")
        else:
            verb = self.tr("Next")
        self.name_verb(verb)
