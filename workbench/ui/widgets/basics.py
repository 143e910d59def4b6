"""Small pieces: labels, badges, copy buttons, times, buttons for commands, lines of progress.

Knows the look only.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QToolTip,
    QWidget,
)

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import local_time, utc_time

_FEWEST_LETTERS: Final = 8


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of the stylesheet, also when it is shown already."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """Return a label: roles are `title`, `heading`, `strong`, `muted`, `error`."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def line() -> QFrame:
    """Return a thin dividing line."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


class Badge(QFrame):
    """An icon and a word on a soft ground; the word carries the meaning, colour only helps."""

    def __init__(
        self, look: Look, text: str, tone: Tone, icon: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._mark = QLabel()
        self._word = QLabel()
        self._word.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.unit * 2, look.unit // 2, look.unit * 2, look.unit // 2)
        row.setSpacing(look.unit)
        row.addWidget(self._mark)
        row.addWidget(self._word)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        self.show_state(text, tone, icon)

    def show_state(self, text: str, tone: Tone, icon: str = "") -> None:
        """Say something else; without an icon the tone's own is used."""
        own = {"ok": "ok", "warning": "warning", "danger": "error", "info": "info", "pq": "pq"}
        name = icon or own.get(tone, "info")
        self._word.setText(text)
        self.setAccessibleName(text)

        def dress() -> None:
            tokens = self._look.tokens
            self.setStyleSheet(
                f"Badge {{ background: {tokens.soft(tone)};"
                f" border-radius: {self._look.unit * 2}px }}"
                f" QLabel {{ color: {tokens.colour(tone)}; font-weight: 600 }}"
            )
            size = round(self._look.icon_size * 0.85)
            self._mark.setPixmap(self._look.pixmap(name, tone, size))

        self._look.follow(self, dress)


class CopyButton(QToolButton):
    """Copies something public.

    Args:
        look: where the icon comes from.
        what: what is copied, for tooltip and accessible name, such as `key ARN`.
        copy: called with the text; `context.frame.copy` partially applied, usually.
    """

    def __init__(
        self, look: Look, what: str, copy: Callable[[], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "small")
        look.dress(self, "copy", "muted")
        edge = round(look.icon_size * 0.9)
        self.setIconSize(QSize(edge, edge))
        words = self.tr("Copy {what}").format(what=what)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.clicked.connect(lambda _checked=False: copy())


class TimeText(QLabel):
    """A moment in local time; the tooltip has it in UTC."""

    def __init__(self, moment: datetime | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_moment(moment)

    def show_moment(self, moment: datetime | None) -> None:
        """Show another moment, or an en dash for none."""
        self.setText(local_time(moment))
        self.setToolTip(utc_time(moment))


class CommandButton(QToolButton):
    """A command as a button with icon and text; primary ones stand out."""

    def __init__(
        self, look: Look, command: Command, *, primary: bool = False, words: bool = True
    ) -> None:
        super().__init__()
        self.setDefaultAction(command)
        self._words = words
        style = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if words
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        self.setToolButtonStyle(style)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(look.icon_size, look.icon_size))
        self.setAccessibleName(command.plain_text)
        if primary:
            self.setProperty("role", "primary")
            self._look = look
            self._command = command
            look.follow(self, self.follow_command)
            # A method, not a lambda: Qt ends the connection with the button, which may go first.
            command.changed.connect(self.follow_command)

    @Slot()
    def follow_command(self) -> None:
        """Take the icon in the colour that stands out on the button."""
        tone: Tone = "on_accent" if self._command.isEnabled() else "muted"
        self.setIcon(self._look.icon(self._command.icon_name, tone))


def push_button(text: str, slot: Callable[[], None], role: str = "") -> QPushButton:
    """Return a button with a verb: roles are `primary`, `danger`, `flat`, `link`, `choice`."""
    made = Link(text) if role == "link" else QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.setAutoDefault(False)
    made.clicked.connect(lambda _checked=False: slot())
    return made


class Link(QPushButton):
    """A button that leads elsewhere; where its words do not fit, their middle is left out.

    It says them in full to screen readers, and by a tooltip while they do not fit.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        """Return room for a few letters."""
        whole = super().minimumSizeHint()
        few = self.fontMetrics().horizontalAdvance("m" * _FEWEST_LETTERS)
        return QSize(min(whole.width(), few), whole.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as any button, with the words that fit."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        style = self.style()
        inside = style.subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        option.text = option.fontMetrics.elidedText(
            option.text, Qt.TextElideMode.ElideMiddle, inside.width()
        )
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)

    def event(self, event: QEvent) -> bool:
        """Tell the words in full while they do not fit."""
        if event.type() is QEvent.Type.ToolTip and not self.toolTip():
            cut = self.width() < self.sizeHint().width()
            QToolTip.showText(
                self.mapToGlobal(self.rect().bottomLeft()), self.text() if cut else ""
            )
            return True
        return super().event(event)


class ProgressLine(QWidget):
    """What is going on, how far it is, and a way to stop it."""

    def __init__(self, look: Look, cancel: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._text = label("", "muted")
        self._bar = QProgressBar()
        self._bar.setAccessibleName(self.tr("Progress"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit * 2)
        row.addWidget(self._text)
        row.addWidget(self._bar, 1)
        if cancel is not None:
            stop = QToolButton()
            stop.setProperty("role", "flat")
            look.dress(stop, "cancel", "muted")
            stop.setToolTip(self.tr("Stop"))
            stop.setAccessibleName(self.tr("Stop"))
            stop.clicked.connect(lambda _checked=False: cancel())
            row.addWidget(stop)

    def show_progress(self, text: str, share: float) -> None:
        """Show how far it is: 0 to 1, or below 0 when nobody knows."""
        self._text.setText(text)
        if share < 0:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(share * 1000))
