"""The policy editor: JSON with line numbers, checked as one types, statements shown by ground.

Owns the text and what is wrong with it. Knows nothing of whose policy it is or how it is saved.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from workbench.iam.policy.documents import MalformedPolicy, PolicyDocument, PolicyKind
from workbench.ui.look import Look
from workbench.ui.policies.highlighting import JsonColours
from workbench.ui.policies.texts import read_policy

_PAUSE: Final = 150
"""Milliseconds after the last key before the text is checked."""

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _Gutter(QWidget):
    """The line numbers."""

    def __init__(self, editor: "PolicyEditor") -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_gutter(self, event)


class PolicyEditor(QPlainTextEdit):
    """Edits one policy document.

    Args:
        look: colours and fonts.
        kind: where the document hangs, which decides its grammar.
        name: accessible name.

    Signals:
        checked(object): the text was read: a `PolicyDocument` or a `MalformedPolicy`; None for an
            empty text.
    """

    checked = Signal(object)

    def __init__(self, look: Look, kind: PolicyKind, name: str) -> None:
        super().__init__()
        self._look = look
        self.kind = kind
        self.outcome: PolicyDocument | MalformedPolicy | None = None
        self._marked: tuple[int, ...] = ()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.colours = JsonColours(self.document(), look)
        self._gutter = _Gutter(self)
        self._check_later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._check_later.timeout.connect(self.check)
        self.textChanged.connect(self._check_later.start)
        self.blockCountChanged.connect(lambda _count: self._measure())
        self.updateRequest.connect(self._scrolled)
        self.cursorPositionChanged.connect(self._gutter.update)
        look.follow(self, self._dress)

    def show_text(self, text: str) -> None:
        """Show a document and check it at once; undo does not go back behind it."""
        if self.toPlainText() != text:
            self.setPlainText(text)
            self._marked = ()
        self.check()

    @property
    def problem(self) -> MalformedPolicy | None:
        """What is wrong with the text, as far as it was checked."""
        return self.outcome if isinstance(self.outcome, MalformedPolicy) else None

    def check(self) -> None:
        """Read the text now."""
        self._check_later.stop()
        text = self.toPlainText()
        self.outcome = read_policy(text, self.kind) if text.strip() else None
        self._show_marks()
        self.checked.emit(self.outcome)

    def mark_statements(self, indexes: Sequence[int]) -> None:
        """Put a ground under statements, counted from 0, and bring the first into view."""
        self._marked = tuple(indexes)
        self._show_marks()
        if self._marked and isinstance(self.outcome, PolicyDocument):
            statements = self.outcome.statements
            first = next((n for n in self._marked if n < len(statements)), None)
            if first is not None:
                self.go_to(*statements[first].start)

    @property
    def marked(self) -> tuple[int, ...]:
        """The statements that have a ground, counted from 0."""
        return self._marked

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a place (both from 1) and bring it into view."""
        self.setTextCursor(self._cursor(line, column))
        self.centerCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the indentation on a new line."""
        if event.key() in _ENTER and not event.modifiers() and not self.isReadOnly():
            line = self.textCursor().block().text()
            self.insertPlainText("\n" + line[: len(line) - len(line.lstrip(" "))])
            self.ensureCursorVisible()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Check what was just typed: whoever leaves acts on it."""
        super().focusOutEvent(event)
        if self._check_later.isActive():
            self.check()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the line numbers at the left."""
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._gutter.setGeometry(
            QRect(inside.left(), inside.top(), self.gutter_width, inside.height())
        )

    @property
    def gutter_width(self) -> int:
        """Width of the line numbers in device-independent pixels."""
        digits = max(2, len(str(self.blockCount())))
        return self._look.unit * 3 + self.fontMetrics().horizontalAdvance("9") * digits

    def paint_gutter(self, gutter: QWidget, event: QPaintEvent) -> None:
        """Draw the line numbers; called by their widget."""
        painter = QPainter(gutter)
        painter.fillRect(event.rect(), QColor(self._look.tokens.sunken))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        current = self.textCursor().blockNumber()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(offset)
            if box.top() > event.rect().bottom():
                break
            tone = "text" if block.blockNumber() == current else "muted"
            painter.setPen(self._look.colour("text" if tone == "text" else "muted"))
            line = QRect(0, round(box.top()), gutter.width() - self._look.unit, round(box.height()))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()

    def _dress(self) -> None:
        self.setFont(self._look.mono)
        self._measure()
        self._show_marks()

    def _measure(self) -> None:
        self.setViewportMargins(self.gutter_width, 0, 0, 0)

    def _scrolled(self, area: QRect, down: int) -> None:
        if down:
            self._gutter.scroll(0, down)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _cursor(self, line: int, column: int) -> QTextCursor:
        block = self.document().findBlockByNumber(max(0, line - 1))
        if not block.isValid():
            block = self.document().lastBlock()
        made = QTextCursor(block)
        made.setPosition(block.position() + min(max(0, column - 1), max(0, block.length() - 1)))
        return made

    def _show_marks(self) -> None:
        marks: list[QTextEdit.ExtraSelection] = []
        if isinstance(self.outcome, PolicyDocument):
            statements = self.outcome.statements
            for index in self._marked:
                if index < len(statements):
                    effect = statements[index].effect
                    tone = self._look.soft("ok" if effect == "Allow" else "danger")
                    first, last = statements[index].start.line, statements[index].end.line
                    marks += [self._line_mark(line, tone) for line in range(first, last + 1)]
        elif self.problem is not None:
            marks.append(self._problem_mark(self.problem))
        self.setExtraSelections(marks)

    def _line_mark(self, line: int, ground: QColor) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setBackground(ground)
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        mark.format = look
        mark.cursor = self._cursor(line, 1)
        return mark

    def _problem_mark(self, problem: MalformedPolicy) -> QTextEdit.ExtraSelection:
        return self._line_mark(problem.line, self._look.soft("danger"))
