"""F1: the help pages of `resources/help/` in a reader.

Owns listing and showing them; must not know what they say.
"""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.assets import asset_folder
from workbench.ui.look import Look

HELP_PAGE = "help_page"
"""Dynamic property of widgets that have a page of their own: its stem."""

_ORDER = (
    "first-run",
    "keys",
    "policies",
    "grants",
    "rotation",
    "certificates",
    "lists",
    "profiles",
    "import",
    "export",
    "migration",
    "signing",
    "verify",
    "identities",
    "endpoint",
    "security",
)


def help_pages() -> list[tuple[str, str]]:
    """Return every page as (stem, title), in reading order; the title is its first heading."""
    folder = asset_folder("resources") / "help"
    found = {path.stem: _title(path) for path in folder.glob("*.md")}
    ordered = [name for name in _ORDER if name in found]
    ordered += sorted(set(found) - set(ordered))
    return [(name, found[name]) for name in ordered]


def help_page_of(widget: QWidget | None) -> str:
    """Return the page of a widget, or of what it stands in; empty if they have none."""
    while widget is not None:
        page = widget.property(HELP_PAGE)
        if page:
            return str(page)
        widget = widget.parentWidget()
    return ""


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as lines:
        return next(lines).removeprefix("# ").strip()


class HelpReader(QDialog):
    """A window of its own that stays open beside the work."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Help"))
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint)
        self.resize(look.unit * 220, look.unit * 150)
        self.pages = QListWidget()
        self.pages.setAccessibleName(self.tr("Help pages"))
        for name, title in help_pages():
            item = QListWidgetItem(title)
            item.setSizeHint(QSize(0, look.unit * 8))
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.pages.addItem(item)
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.tr("Help text"))
        self.pages.setProperty("role", "nav")
        self.text.setProperty("role", "reader")
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self.text.document().setDocumentMargin(look.unit * 6)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.pages.currentItemChanged.connect(lambda item, _before: self._show(item))
        halves = QSplitter()
        halves.addWidget(self.pages)
        halves.addWidget(self.text)
        halves.setSizes([look.unit * 50, look.unit * 170])
        halves.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(halves)

    def open_page(self, name: str) -> None:
        """Show a page by its stem, the first one if there is no such page."""
        wanted = 0
        for number in range(self.pages.count()):
            if self.pages.item(number).data(Qt.ItemDataRole.UserRole) == name:
                wanted = number
        self.pages.setCurrentRow(wanted)
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _show(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            name = item.data(Qt.ItemDataRole.UserRole)
            page = asset_folder("resources") / "help" / f"{name}.md"
            self.text.setMarkdown(page.read_text(encoding="utf-8"))

    def _follow(self, url: QUrl) -> None:
        if url.isRelative():
            self.open_page(Path(url.path()).stem)
        else:
            QDesktopServices.openUrl(url)
