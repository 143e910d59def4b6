"""Looking closer: two certificates compared, the drawing put on paper.

Opens the dialogs; what they show lives beside them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from workbench.ui.panes.certificates.compare import Line, compare
from workbench.ui.panes.certificates.compare_dialog import CompareDialog
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.picture_dialog import Make, PictureDialog
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.tree_view import TreeView


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Viewing:
    """Compares and exports the drawing.

    Args:
        host: the pane.
        tree: the drawn hierarchy.
        write: writes a file and says so.
    """

    def __init__(self, host: Host, tree: TreeView, write: Callable[[Path, bytes], None]) -> None:
        self._host = host
        self._tree = tree
        self._write = write
        self.dialog: CompareDialog | PictureDialog | None = None

    def picture(self) -> None:
        """Ask how to export the drawing."""
        dialog = PictureDialog(self._host.context.look, self._tree, self._draw, self._host.widget)
        self.dialog = dialog
        dialog.open()

    def _draw(self, path: Path, make: Make) -> None:
        self._host.context.session.start(
            self._host.widget,
            make,
            lambda data: self._write(path, data),
            busy_text=_tr("Drawing"),
        )

    def compare(self) -> None:
        """Show the two chosen certificates side by side."""
        first, second = self._host.selected
        moment = self._host.collection.moment
        self._host.context.session.start(
            self._host.widget,
            lambda: compare(first.der, second.der, moment),
            lambda lines: self._show(first, second, lines),
        )

    def _show(self, first: Record, second: Record, lines: Sequence[Line]) -> None:
        names = (first.name, second.name)
        if first.name == second.name:
            # What tells certificates of one name apart.
            names = (_tr("{name}, serial {serial}").format(name=first.name, serial=first.serial),
                     _tr("{name}, serial {serial}").format(name=second.name,
                                                          serial=second.serial))  # fmt: skip
        dialog = CompareDialog(
            self._host.context.look, names, lines, self._host.context.frame.copy, self._host.widget
        )
        self.dialog = dialog
        dialog.open()
