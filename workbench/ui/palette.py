"""Ctrl+K: every action and every object by name, over the window.

Owns matching, showing and choosing; what there is comes from providers. Knows no pane.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.fuzzy import rank
from workbench.ui.look import Look
from workbench.ui.pane import PaletteAnswer, PaletteItem
from workbench.ui.session import Session
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label

Provider = Callable[[], PaletteAnswer]
_Index = QModelIndex | QPersistentModelIndex
_ITEM = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


class _Matches(QAbstractListModel):
    """The items that match, best first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: Sequence[PaletteItem] = ()

    def show_items(self, items: Sequence[PaletteItem]) -> None:
        self.beginResetModel()
        self.items = items
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{item.kind}: {item.title}. {item.detail}"
        return item if role == _ITEM else None


class _Line(QStyledItemDelegate):
    """Draws an item: icon, title, detail below, kind at the right."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        item: PaletteItem = index.data(_ITEM)
        lines = 2 if item.detail else 1
        return QSize(0, round(option.fontMetrics.height() * lines + self._look.unit * 4))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item: PaletteItem = index.data(_ITEM)
        look, unit = self._look, self._look.unit
        area: QRect = option.rect.adjusted(unit * 2, 0, -unit * 2, 0)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.tokens.selection))
            painter.drawRoundedRect(option.rect.adjusted(unit, 1, -unit, -1), unit, unit)
        size = look.icon_size
        tone: Tone = "text" if item.enabled else "muted"
        top = area.top() + (area.height() - size) // 2
        painter.drawPixmap(area.left() + unit, top, look.pixmap(item.icon, tone, size))
        words = area.adjusted(size + unit * 4, unit * 2, 0, -unit * 2)
        metrics = option.fontMetrics
        kind_width = metrics.horizontalAdvance(item.kind) + unit * 3
        painter.setPen(look.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(words, right | Qt.AlignmentFlag.AlignVCenter, item.kind)
        words.setRight(words.right() - kind_width)
        if item.detail:
            below = metrics.elidedText(item.detail, Qt.TextElideMode.ElideMiddle, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignBottom, below)
        painter.setPen(look.colour(tone))
        title = metrics.elidedText(item.title, Qt.TextElideMode.ElideRight, words.width())
        place = Qt.AlignmentFlag.AlignTop if item.detail else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, place, title)
        painter.restore()


class CommandPalette(QWidget):
    """Covers the window while it is open; Escape or a click beside it closes it.

    Args:
        look: colours.
        session: awaits providers that answer later.
        parent: the window.
    """

    def __init__(self, look: Look, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._session = session
        self._window = parent
        self._providers: list[Provider] = []
        self._items: list[PaletteItem] = []
        self._before: QWidget | None = None
        self._opening = 0
        self.setObjectName("palette")
        self.setAccessibleName(self.tr("Command palette"))
        self._build()
        parent.installEventFilter(self)
        self.hide()

    def register(self, provider: Provider) -> None:
        """Ask this provider each time the palette opens."""
        self._providers.append(provider)

    def forget_providers(self) -> None:
        """Ask nobody any more."""
        self._providers.clear()

    def open(self) -> None:
        """Show it, empty, with everything there is."""
        self._before = self._window.focusWidget()
        self._items.clear()
        self._opening += 1
        for provider in self._providers:
            self._gather(provider())
        self.field.clear()
        self._match()
        self._fit()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Hide it and give the keyboard back."""
        if not self.isVisible():
            return
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._before = None

    @property
    def shown_titles(self) -> list[str]:
        """The titles now shown, best first."""
        return [item.title for item in self._matches.items]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size, and take the keys that move in the list."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._fit()
        if watched is self.field and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._key(event)
            if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close at a click beside the card."""
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Dim what is behind."""
        shade = QColor(self.palette().color(QPalette.ColorRole.Shadow))
        shade.setAlpha(130)
        QPainter(self).fillRect(self.rect(), shade)

    def _build(self) -> None:
        unit = self._look.unit
        self._card = QFrame(self)
        self._card.setProperty("role", "toast")
        self.field = QLineEdit()
        self.field.setPlaceholderText(
            self.tr("Type the name of an action, key, certificate or job; an id or a fingerprint")
        )
        self.field.setAccessibleName(self.tr("Search actions and objects"))
        self.field.textChanged.connect(lambda _text: self._match())
        self.field.installEventFilter(self)
        self.list = QListView()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("Matches"))
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._matches = _Matches(self.list)
        self.list.setModel(self._matches)
        self.list.setItemDelegate(_Line(self._look, self.list))
        self.list.clicked.connect(lambda _index: self._choose())
        self._nothing = label("", "muted")
        column = QVBoxLayout(self._card)
        column.setContentsMargins(unit * 3, unit * 3, unit * 3, unit * 3)
        column.setSpacing(unit * 2)
        column.addWidget(self.field)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)

    def _fit(self) -> None:
        window = self._window.rect()
        self.setGeometry(window)
        unit = self._look.unit
        width = min(window.width() - unit * 8, unit * 170)
        height = min(window.height() - unit * 20, unit * 120)
        self._card.setGeometry((window.width() - width) // 2, unit * 12, width, height)

    def _gather(self, answer: PaletteAnswer) -> None:
        if isinstance(answer, Sequence):
            self._items.extend(answer)
        else:
            self._session.spawn(self, self._await(answer, self._opening))

    async def _await(self, answer: Awaitable[Sequence[PaletteItem]], opening: int) -> None:
        found = await answer
        if opening == self._opening and self.isVisible():
            self._items.extend(found)
            self._match()

    def _match(self) -> None:
        query = self.field.text()
        found = rank(
            query,
            self._items,
            lambda i: (i.title, f"{i.kind} {i.detail} {i.keywords}"),
            usable=lambda i: i.enabled,
        )
        self._matches.show_items(found)
        self._nothing.setVisible(not found)
        self._nothing.setText(self.tr("Nothing is named like “{text}”.").format(text=query))
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self.list.setVisible(bool(found))
        if found:
            self.list.setCurrentIndex(self._matches.index(0))

    def _key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_PageUp: -8,
        }
        key = Qt.Key(event.key())
        if key in steps:
            last = self._matches.rowCount() - 1
            row = max(0, min(last, self.list.currentIndex().row() + steps[key]))
            self.list.setCurrentIndex(self._matches.index(row))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._choose()
        elif key == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            return key in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
        return True

    def _choose(self) -> None:
        item = self.list.currentIndex().data(_ITEM)
        if isinstance(item, PaletteItem) and item.enabled:
            self.close_palette()
            item.run()
