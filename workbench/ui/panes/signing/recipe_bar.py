"""Named recipes above the form: choose, rename, delete, export, import.

Owns the list. Recipes are in the vault's database, so every call is made on a worker.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QToolButton,
    QWidget,
)

from workbench.base.errors import Refused
from workbench.base.files import fault, write_atomically
from workbench.base.sites import HOME
from workbench.signing.choices import LARGEST_DOCUMENT, Choices, read_recipes, write_recipes
from workbench.ui.pane import Context
from workbench.ui.panes.signing.format_fields import keep_narrow
from workbench.ui.panes.signing.recipes import LONGEST_NAME, Remembered
from workbench.ui.panes.signing.words import shown_name

_PUBLIC = 0o644


class RecipeBar(QWidget):
    """The list of recipes and what is done with them.

    Args:
        context: session, bench, frame.
        remembered: the last choices, and recipes of an earlier version.

    Signals:
        chosen(Choices): a recipe was chosen.
        filled: the list was read.
    """

    chosen = Signal(object)
    filled = Signal()

    def __init__(self, context: Context, remembered: Remembered) -> None:
        super().__init__()
        self._context = context
        self._remembered = remembered
        self.list = QComboBox()
        self.list.setAccessibleName(self.tr("Recipe"))
        keep_narrow(self.list)
        self.list.addItem(self.tr("As last time"), remembered.last)
        self.list.currentIndexChanged.connect(lambda _place: self._pick())
        self._more = QToolButton()
        self._more.setText(self.tr("Manage"))
        self._more.setAccessibleName(self.tr("Manage recipes"))
        self._more.setToolTip(self.tr("Rename, delete, export or import recipes"))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._more)
        self.rename = menu.addAction(self.tr("&Rename…"), self._ask_name)
        self.delete = menu.addAction(self.tr("&Delete recipe"), self._delete)
        menu.addSeparator()
        self.export = menu.addAction(self.tr("&Export all…"), self._ask_target)
        self.take_in = menu.addAction(self.tr("&Import…"), self._ask_source)
        self._more.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(context.look.unit * 2)
        row.addWidget(self.list, 1)
        row.addWidget(self._more)
        self.setFocusProxy(self.list)
        self._permit()

    @property
    def picked(self) -> Choices | None:
        """The named recipe that is chosen, if one is."""
        found = self.list.currentData()
        named = isinstance(found, Choices) and bool(found.name)
        return found if named else None

    def read(self, then: str = "") -> None:
        """Read the list from the vault.

        Args:
            then: name of the recipe to show chosen, if it is there.
        """
        book, old = self._context.bench.recipes, self._remembered.take_old()

        def work() -> Sequence[Choices]:
            if old:
                there = {one.name for one in book.all()}
                book.save([one for one in old if one.name not in there])
            return tuple(book.all())

        self._context.session.start(self, work, partial(self._show, then))

    def _show(self, then: str, recipes: Sequence[Choices]) -> None:
        self._remembered.drop_old()
        self.list.blockSignals(True)
        while self.list.count() > 1:
            self.list.removeItem(1)
        for one in recipes:
            self.list.addItem(one.name, one)
            self._permit_here(self.list.count() - 1, one)
        self.list.setCurrentIndex(max(0, self.list.findText(then)) if then else 0)
        self.list.blockSignals(False)
        self._permit()
        self.filled.emit()

    def _permit_here(self, row: int, one: Choices) -> None:
        """Let a recipe be chosen where its keys are; elsewhere say where that is."""
        site, model = one.site or HOME, self.list.model()
        if site == self._context.bench.site or not isinstance(model, QStandardItemModel):
            return
        where = site.text or self.tr("the home Region of this vault")
        self.list.setItemText(row, self.tr("{name} ({place})").format(name=one.name, place=where))
        item = model.item(row)
        item.setEnabled(False)
        item.setToolTip(
            self.tr("Its key is in {place}: look there first (Ctrl+Alt+O)").format(place=where)
        )

    def _permit(self) -> None:
        why = self.tr("Choose a named recipe first")
        for action in (self.rename, self.delete):
            action.setEnabled(self.picked is not None)
            action.setToolTip("" if self.picked else why)
        self.export.setEnabled(self.list.count() > 1)

    def _pick(self) -> None:
        self._permit()
        found = self.list.currentData()
        if isinstance(found, Choices):
            self.chosen.emit(found)

    def _change(self, work: Callable[[], object], then: str = "") -> None:
        self._context.session.start(self, work, lambda _none: self.read(then), mutates=True)

    def _ask_name(self) -> None:
        one = self.picked
        if one is None:
            return
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Rename recipe"))
        dialog.setLabelText(self.tr("New name of “{name}”").format(name=one.name))
        dialog.setTextValue(one.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(lambda text: self.give_name(one.name, text.strip()))
        dialog.open()

    def give_name(self, name: str, new: str) -> None:
        """Rename a recipe."""
        book = self._context.bench.recipes
        if new and len(new) <= LONGEST_NAME:
            self._change(lambda: book.rename(name, new), new)

    def _delete(self) -> None:
        one = self.picked
        if one is None:
            return
        book, session = self._context.bench.recipes, self._context.session
        undo = partial(self._change, lambda: book.save([one]), one.name)

        def deleted(_none: object) -> None:
            self.read()
            text = self.tr("The recipe “{name}” was deleted.").format(name=one.name)
            self._context.frame.notify(text, "info", (self.tr("Undo"), undo))

        session.start(self, lambda: book.delete(one.name), deleted, mutates=True)

    def _ask_target(self) -> None:
        dialog = QFileDialog(self, self.tr("Export recipes"), "recipes.json")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write(Path(name)))
        dialog.open()

    def write(self, target: Path) -> None:
        """Write every recipe to a JSON file."""
        book = self._context.bench.recipes

        def work() -> int:
            recipes = book.all()
            text = write_recipes(recipes)
            write_atomically(target, text.encode(), replace=True, mode=_PUBLIC)
            return len(recipes)

        self._context.session.start(self, work, partial(self._written, target))

    def _written(self, target: Path, _count: int) -> None:
        text = self.tr("The recipes were written to “{name}”.").format(name=shown_name(target))
        self._context.frame.notify(text)

    def _ask_source(self) -> None:
        dialog = QFileDialog(self, self.tr("Import recipes"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Recipes (*.json)"), self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.read_file(Path(name)))
        dialog.open()

    def read_file(self, source: Path) -> None:
        """Take in the recipes of a JSON file; a name that is taken refuses them all."""
        book = self._context.bench.recipes

        def work() -> str:
            recipes = _read(source)
            book.save(recipes, replace_existing=False)
            return recipes[0].name

        self._context.session.start(self, work, self.read, mutates=True)


def _read(source: Path) -> tuple[Choices, ...]:
    try:
        with source.open("rb") as stream:
            data = stream.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise fault(error, "read", source) from error
    found = read_recipes(data)
    if not found:
        raise Refused("There is no recipe in this file.", "Choose another file.")
    return found
