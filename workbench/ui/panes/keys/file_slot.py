"""A place in a form for one file: chosen, or dropped on it.

Knows paths only; opens no file.
"""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.base.files import printable
from workbench.ui.drop import read_drop
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button, set_role


class FileSlot(QFrame):
    """Shows which file was chosen.

    Args:
        look: colours and spacing.
        icon: what stands in it.
        title: what belongs into it.
        pattern: name filter of its file dialog.

    Signals:
        changed: another file is in it.
    """

    changed = Signal()

    def __init__(
        self, look: Look, icon: str, title: str, pattern: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._pattern = pattern
        self._instead = ""
        self.path: Path | None = None
        self.setProperty("role", "card")
        self.setAcceptDrops(True)
        unit = look.unit
        mark = QLabel()
        look.dress_label(mark, icon, "accent", unit * 6)
        self._name = label("", "strong", wrap=True)
        self._folder = label("", "muted", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._folder)
        self.button = push_button(self.tr("Choose…"), self.choose)
        self.button.setAccessibleName(self.tr("Choose: {what}").format(what=title))
        row = QHBoxLayout(self)
        row.setContentsMargins(unit * 3, unit * 2, unit * 2, unit * 2)
        row.setSpacing(unit * 3)
        row.addWidget(mark)
        row.addLayout(words, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.button)
        self._show()

    @property
    def filled(self) -> bool:
        """Whether there is a file, or something instead of one."""
        return self.path is not None or bool(self._instead)

    def put(self, path: Path) -> None:
        """Take this file."""
        self.path = path
        self._show()
        self.changed.emit()

    def show_instead(self, words: str) -> None:
        """Say what is taken as long as no file is chosen; empty if nothing is."""
        self._instead = words
        self.path = None
        self._show()
        self.changed.emit()

    def choose(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self, self._title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self._pattern, self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.put(Path(name)))
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take one file."""
        drop = read_drop(event.mimeData())
        if drop is not None and len(drop.paths) == 1:
            set_role(self, "card-warning")
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: object) -> None:
        """Look as before."""
        del event
        set_role(self, "card")

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        set_role(self, "card")
        drop = read_drop(event.mimeData())
        if drop is not None and len(drop.paths) == 1:
            event.acceptProposedAction()
            self.put(drop.paths[0])

    def _show(self) -> None:
        if self.path is not None:
            name, folder = printable(self.path.name), printable(self.path.parent)
        elif self._instead:
            name, folder = self._instead, self.tr("Or drop another file here.")
        else:
            name, folder = self.tr("Nothing chosen yet"), self.tr("Drop the file here.")
        self._name.setText(name)
        self._folder.setText(folder)
        self.setAccessibleName(f"{self._title}: {name}")
