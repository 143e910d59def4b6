"""Label and value, one below the other, as an inspector shows them; and the inspector itself."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextOption, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.look import Look
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import Badge, CopyButton, label, push_button, set_role
from workbench.ui.widgets.tab_menu import TabMenu
from workbench.ui.widgets.texts import NOTHING, breakable_heading, local_time, utc_time

Copy = Callable[[str, str], None]


class SelectableText(QTextEdit):
    """Words that can be selected and wrap anywhere, as tall as they need to be."""

    def __init__(self, look: Look, text: str, *, mono: bool = False) -> None:
        super().__init__()
        self._shown_text = text
        self.setProperty("role", "plain")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        self.setPlainText(text)
        if mono:
            look.follow(self, lambda: self.setFont(look.mono))
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._grow())
        self._grow()

    def text(self) -> str:
        """Return what it says."""
        return self._shown_text

    def setText(self, text: str) -> None:
        """Say something else."""
        if text == self._shown_text:
            return
        self._shown_text = text
        self.setPlainText(text)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page around."""
        event.ignore()

    def _grow(self) -> None:
        height = max(1, ceil(self.document().size().height())) + 2
        if height != self.minimumHeight():
            self.setFixedHeight(height)
            # Words wrap anew while the rows are being laid out, which then takes no notice.
            QTimer.singleShot(0, self, self._lay_out_again)

    def _lay_out_again(self) -> None:
        outermost, upper = None, self.parentWidget()
        while upper is not None and (layout := upper.layout()) is not None:
            layout.invalidate()
            outermost, upper = layout, upper.parentWidget()
        if outermost is not None:
            outermost.activate()


class FieldList(QWidget):
    """Rows of label and value; values can be selected, and copied where that helps.

    Args:
        look: colours and fonts.
        copy: `context.frame.copy`.
    """

    def __init__(self, look: Look, copy: Copy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._copy = copy
        self._column = QVBoxLayout(self)
        unit = look.unit
        self._column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        self._column.setSpacing(unit * 3)
        self._column.addStretch(1)

    def clear(self) -> None:
        """Remove every row."""
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def heading(self, text: str) -> None:
        """Begin a group."""
        self.widget(label(text, "heading", wrap=True))

    def text(
        self, name: str, value: str, *, mono: bool = False, copy: bool = False, tip: str = ""
    ) -> "SelectableText":
        """Add a value; an empty one becomes an en dash. Returns the value's widget."""
        shown = SelectableText(self._look, value or NOTHING, mono=mono)
        shown.setAccessibleName(f"{name}: {value}")
        shown.setToolTip(tip)
        self._add(name, shown, value if copy and value else "")
        return shown

    def time(self, name: str, moment: datetime | None, *, copy: bool = False) -> "SelectableText":
        """Add a moment: local time, UTC in the tooltip and in what is copied."""
        shown = SelectableText(self._look, local_time(moment))
        shown.setAccessibleName(f"{name}: {local_time(moment)}")
        shown.setToolTip(utc_time(moment))
        self._add(name, shown, utc_time(moment) if copy else "")
        return shown

    def badge(self, name: str, text: str, tone: Tone, icon: str = "") -> Badge:
        """Add a state."""
        made = Badge(self._look, text, tone, icon)
        self._add(name, made, "")
        return made

    def link(
        self, name: str, text: str, slot: Callable[[], None], *, copy: bool = False
    ) -> QPushButton:
        """Add something that leads elsewhere; returns its button."""
        button = push_button(text, slot, "link")
        button.setAccessibleName(f"{name}: {text}")
        self._add(name, button, text if copy else "")
        return button

    def widget(self, widget: QWidget) -> None:
        """Add any widget, over the whole width."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def _add(self, name: str, value: QWidget, copied: str) -> None:
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._look.unit // 2)
        column.addWidget(label(name, "muted", wrap=True))
        across = QHBoxLayout()
        across.setSpacing(self._look.unit)
        across.addWidget(value, 0 if isinstance(value, Badge) else 1)
        if isinstance(value, Badge):
            across.addStretch(1)
        if copied:
            copy_it = CopyButton(self._look, name, lambda: self._copy(copied, name))
            across.addWidget(copy_it, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(across)
        self.widget(row)


def scrolled(content: QWidget) -> QScrollArea:
    """Return a page that scrolls when the content is taller than the place for it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    content.setProperty("role", "page")
    area.setWidget(content)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area


def roomy(content: QWidget) -> QScrollArea:
    """Return a page that scrolls both ways, where the screen is smaller than the content may be."""
    area = scrolled(content)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


class Inspector(QWidget):
    """The right-hand side of a pane: a heading, badges, and tabs that come and go.

    Tabs are made once by the pane and shown or hidden per selection, so that the chosen tab stays
    chosen while a person walks through a list.
    """

    def __init__(self, look: Look, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._nothing = nothing
        unit = look.unit
        self._title = label("", "heading", wrap=True)
        self._subtitle = label("", "muted", wrap=True)
        self._subtitle.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._badges = QHBoxLayout()
        self._badges.setSpacing(unit * 2)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self.tab_menu = TabMenu(look, self._tabs)
        self._tabs.tabBar().setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setAccessibleName(self.tr("Details"))
        self._tabs.tabBar().setAccessibleName(self.tr("Details"))
        head = QVBoxLayout()
        head.setContentsMargins(unit * 4, unit * 4, unit * 4, unit * 2)
        head.setSpacing(unit)
        head.addWidget(self._title)
        head.addWidget(self._subtitle)
        head.addLayout(self._badges)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._tabs, 1)
        column.addStretch(0)
        self.show_nothing()

    def add_tab(self, widget: QWidget, title: str, *, scroll: bool = True) -> int:
        """Add a tab and return its number."""
        return self._tabs.addTab(scrolled(widget) if scroll else widget, title)

    def show_tab(self, number: int, *, shown: bool) -> None:
        """Show or hide a tab."""
        self._tabs.setTabVisible(number, shown)

    def open_tab(self, number: int) -> None:
        """Turn to a tab."""
        self._tabs.setCurrentIndex(number)

    def reveal_tab(self) -> None:
        """Bring the name of the open tab into view, after tabs were shown or hidden."""
        bar, number = self._tabs.tabBar(), self._tabs.currentIndex()
        others = [n for n in range(bar.count()) if n != number and bar.isTabVisible(n)]
        if others:
            blocked = bar.blockSignals(True)  # the page stays; Qt scrolls to a tab it turns to
            bar.setCurrentIndex(others[0])
            bar.setCurrentIndex(number)
            bar.blockSignals(blocked)

    @property
    def tabs(self) -> QTabWidget:
        """The tabs, for signals."""
        return self._tabs

    def show_head(
        self, title: str, subtitle: str = "", badges: Sequence[tuple[str, Tone, str]] = ()
    ) -> None:
        """Head the inspector with what is selected; badges are (text, tone, icon)."""
        self._title.setText(breakable_heading(title))
        self._title.setToolTip(title)
        set_role(self._title, "heading")
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        self._clear_badges()
        for text, tone, icon in badges:
            self._badges.addWidget(Badge(self._look, text, tone, icon))
        self._badges.addStretch(1)
        self._tabs.show()

    def show_nothing(self, text: str = "") -> None:
        """Say that nothing is selected."""
        self._title.setText(text or self._nothing)
        set_role(self._title, "muted")
        self._subtitle.hide()
        self._clear_badges()
        self._tabs.hide()

    def _clear_badges(self) -> None:
        while self._badges.count():
            item = self._badges.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
