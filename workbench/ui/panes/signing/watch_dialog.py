"""Watched folders: which, by which recipe, and whether watching is permitted at all.

Knows the watcher's answers and the kit. Calls that write are made on workers.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from workbench.signing.watching import WatchState, WatchView
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.panes.signing.words import shown_path
from workbench.ui.widgets.basics import label, push_button, set_role
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import number

_LOOK_AGAIN = 1000
_ID = Qt.ItemDataRole.UserRole


class WatchDialog(FormDialog):
    """Lists watched folders and changes them.

    Args:
        context: bench, session, look.
        parent: the pane.
    """

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context.look, parent.tr("Watched folders"), "", parent)
        self.setProperty(HELP_PAGE, "signing")
        self._context = context
        self._watcher: Any = context.bench.watcher
        self._files: QFileDialog | None = None
        about = self.tr(
            "New files in a watched folder are signed by a recipe as soon as they are complete,"
            " without anybody looking at them, while this window or the endpoint is open and the"
            " vault is unlocked."
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.permitted = QCheckBox(self.tr("Permit this in this vault"))
        self.permitted.clicked.connect(self._permit)
        self.body.addWidget(self.permitted)
        self.list = self._make_list()
        self.body.addWidget(self.list)
        self.more = label("", "muted", wrap=True)
        self.body.addWidget(self.more)
        self.recipe = QComboBox()
        self.recipe.setAccessibleName(self.tr("Recipe for a new folder"))
        self.deep = QCheckBox(self.tr("with folders in it"))
        self.deep.setChecked(True)
        self.add_button = push_button(self.tr("Add folder…"), self._ask_folder)
        self.turn_button = push_button(self.tr("Watch"), self._turn)
        self.remove_button = push_button(self.tr("Remove"), self._remove)
        for widgets in (
            (label(self.tr("Sign by"), "strong"), self.recipe, self.deep, self.add_button),
            (self.turn_button, self.remove_button),
        ):
            row = QHBoxLayout()
            row.setSpacing(context.look.unit * 2)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self.recipe else 0)
            if self.recipe not in widgets:
                row.addStretch(1)
            self.body.addLayout(row)
        self.setMinimumWidth(context.look.unit * 175)
        self.close_only()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN)
        self._timer.timeout.connect(self.look_again)
        self._timer.start()
        self._start(lambda: [one.name for one in context.bench.recipes.all()], self._show_recipes)
        self.look_again()

    def _make_list(self) -> QTreeWidget:
        made, unit = QTreeWidget(), self.look.unit
        made.setAccessibleName(self.tr("Watched folders"))
        made.setRootIsDecorated(False)
        made.setHeaderLabels(
            [
                self.tr("Folder"),
                self.tr("Recipe"),
                self.tr("Signs as"),
                self.tr("State"),
                self.tr("Handed over"),
            ]
        )
        heading = made.header()
        heading.setStretchLastSection(False)
        heading.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heading.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        made.setMinimumSize(unit * 150, unit * 36)
        set_role(made, "boxed")
        made.currentItemChanged.connect(lambda _now, _before: self._say())
        return made

    def add(self, folder: Path) -> None:
        """Take a folder into the list and watch it, where that is permitted."""
        recipe, deep = self.recipe.currentText(), self.deep.isChecked()

        def work() -> None:
            made = self._watcher.add(folder, recipe, recursive=deep)
            if self._watcher.permitted:
                self._watcher.switch(made, on=True)

        self._change(work)

    def look_again(self) -> None:
        """Read the list once more."""
        self._start(lambda: (self._watcher.permitted, self._watcher.all()), self._show)

    @property
    def chosen(self) -> WatchView | None:
        """The folder in the list that is chosen."""
        item = self.list.currentItem()
        return None if item is None else item.data(0, _ID)

    def _show_recipes(self, names: Sequence[str]) -> None:
        self.recipe.addItems(list(names))
        self.recipe.setEnabled(bool(names))
        self.add_button.setEnabled(bool(names))
        if not names:
            self.recipe.addItem(self.tr("There is no recipe yet: save one when you sign."))

    def _show(self, answer: tuple[bool, Sequence[WatchView]]) -> None:
        permitted, views = answer
        self.permitted.setChecked(permitted)
        before = self.chosen
        self.list.clear()
        for view in views:
            handed = number(view.handed)
            if view.waiting:
                handed = self.tr("{n}, {m} waiting").format(n=handed, m=number(view.waiting))
            watched = view.watched
            who = watched.identity.rpartition(":")[2]
            item = QTreeWidgetItem(
                [shown_path(watched.folder), watched.recipe, who, self._state(view), handed]
            )
            item.setData(0, _ID, view)
            item.setToolTip(0, shown_path(watched.folder))
            item.setToolTip(2, watched.identity)
            self.list.addTopLevelItem(item)
            if before is not None and watched.id == before.watched.id:
                self.list.setCurrentItem(item)
        first = self.list.topLevelItem(0)
        if self.chosen is None and first is not None:
            self.list.setCurrentItem(first)
        self._say()

    def _state(self, view: WatchView) -> str:
        return {
            WatchState.OFF: self.tr("off"),
            WatchState.WATCHING: self.tr("watching"),
            WatchState.FORBIDDEN: self.tr("watching is not permitted"),
            WatchState.LOCKED: self.tr("the vault is locked"),
            WatchState.MISSING: self.tr("the folder cannot be read"),
            WatchState.NO_RECIPE: self.tr("the recipe cannot be used"),
        }[view.state]

    def _say(self) -> None:
        view = self.chosen
        on = view is not None and view.watched.on
        self.turn_button.setText(self.tr("Stop watching") if on else self.tr("Watch"))
        self.turn_button.setEnabled(view is not None and (on or self.permitted.isChecked()))
        self.remove_button.setEnabled(view is not None)
        self.more.setText("" if view is None else view.sentence)
        self.more.setVisible(bool(self.more.text()))

    def _permit(self, permitted: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._change(lambda: self._watcher.permit(permitted=permitted))

    def _turn(self) -> None:
        view = self.chosen
        if view is not None:
            self._change(lambda: self._watcher.switch(view.watched.id, on=not view.watched.on))

    def _remove(self) -> None:
        view = self.chosen
        if view is not None:
            self._change(lambda: self._watcher.remove(view.watched.id))

    def _ask_folder(self) -> None:
        files = QFileDialog(self, self.tr("Watch a folder"))
        files.setFileMode(QFileDialog.FileMode.Directory)
        files.fileSelected.connect(lambda name: self.add(Path(name)))
        self._files = files
        files.open()

    def _change(self, work: Callable[[], None]) -> None:
        self.show_problem("")
        self._start(work, lambda _none: self.look_again())

    def _start(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        def failed(words: Explanation) -> None:
            self.show_problem(words)

        self._context.session.start(self, work, done, failed)
