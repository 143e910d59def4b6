"""Short notices at the window's lower right: what was done, what failed, what to do about it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from workbench.ui.look import Look
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label, push_button

_SECONDS = 6
_MOST = 4
_MARKS = {"ok": "ok", "warning": "warning", "danger": "error", "info": "info"}


class Notice(QFrame):
    """One notice with icon, words, perhaps a verb, and a way to dismiss it."""

    def __init__(
        self,
        look: Look,
        text: str,
        tone: Tone,
        action: tuple[str, Callable[[], None]] | None,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "toast")
        self.setAccessibleName(text)
        self.text = text
        self._words = label(text, wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        mark = QLabel()
        look.dress_label(mark, _MARKS.get(tone, "info"), tone)
        dismiss = QToolButton()
        dismiss.setProperty("role", "flat")
        dismiss.setToolTip(self.tr("Dismiss"))
        dismiss.setAccessibleName(self.tr("Dismiss: {text}").format(text=text))
        dismiss.clicked.connect(lambda _checked=False: self.close())
        look.dress(dismiss, "cancel", "muted")
        row = QHBoxLayout(self)
        unit = look.unit
        row.setContentsMargins(unit * 3, unit * 2, unit * 2, unit * 2)
        row.setSpacing(unit * 2)
        row.addWidget(mark)
        row.addWidget(self._words, 1)
        if action is not None:
            verb, run = action
            row.addWidget(push_button(verb, lambda: self._act(run), "link"))
        row.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _act(self, run: Callable[[], None]) -> None:
        self.close()
        run()


class Notices(QObject):
    """Stacks notices over a window; good news goes by itself, bad news stays."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._window = window
        self._shown: list[Notice] = []
        window.installEventFilter(self)

    @property
    def texts(self) -> list[str]:
        """What the notices now shown say, oldest first."""
        return [notice.text for notice in self._shown]

    def show(
        self, text: str, tone: Tone, action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Show a notice and tell assistive technology."""
        self.withdraw(text)
        while len(self._shown) >= _MOST:
            self._shown[0].close()
        notice = Notice(self._look, text, tone, action, self._window)
        self._shown.append(notice)
        notice.destroyed.connect(self._place)
        notice.installEventFilter(self)
        if tone != "danger":
            seconds = _SECONDS + (len(text) // 40)
            QTimer.singleShot(seconds * 1000, notice, notice.close)
        notice.show()
        self._place()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(notice, text))

    def withdraw(self, text: str) -> None:
        """Take away what says this, if it is still there: it does not hold any more."""
        for same in [notice for notice in self._shown if notice.text == text]:
            same.close()

    def clear(self) -> None:
        """Take every notice away."""
        for notice in list(self._shown):
            notice.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size and notices that go."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        elif isinstance(watched, Notice) and event.type() == QEvent.Type.Close:
            if watched in self._shown:
                self._shown.remove(watched)
            self._place()
        return False

    def _place(self) -> None:
        unit = self._look.unit
        bottom = self._window.height() - unit * 12
        width = min(self._window.width() - unit * 8, unit * 110)
        for notice in reversed(self._shown):
            height = max(notice.heightForWidth(width), notice.minimumSizeHint().height())
            left = self._window.width() - width - unit * 4
            notice.setGeometry(left, bottom - height, width, height)
            notice.raise_()
            bottom -= height + unit * 2
