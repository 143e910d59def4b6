"""What stands in the window while the vault is locked.

Owns asking for the keyring or the passphrase and saying what went wrong; the work it covers is
only out of sight. The passphrase leaves the field when it was used.
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.ports import BenchPort
from workbench.ui.session import Session
from workbench.ui.widgets.basics import label, line, push_button
from workbench.ui.widgets.fields import scrolled


def centred(card: QWidget, width: int) -> QWidget:
    """Return a page with a card in its middle; it scrolls where the window is small."""
    page = QWidget()
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    card.setMaximumWidth(width)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card, 8)
    row.addStretch(1)
    column = QVBoxLayout(page)
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    area = scrolled(page)
    page.setProperty("role", "curtain")
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


class LockScreen(QWidget):
    """Unlocks the bench it is shown.

    Signals:
        unlocked: the vault is open.
        other_wanted: another vault is to be opened.
    """

    unlocked = Signal()
    other_wanted = Signal()

    def __init__(self, look: Look, session: Session) -> None:
        super().__init__()
        self._look = look
        self._session = session
        self._bench: BenchPort | None = None
        self.setObjectName("lock")
        card = QFrame()
        card.setProperty("role", "card")
        self._fill(card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(centred(card, look.unit * 120))

    def show_bench(self, bench: BenchPort) -> None:
        """Offer the ways this vault can be opened."""
        self._bench = bench
        self._show_problem("")
        self._where.setText(str(bench.vault.directory))
        self._notes.setText("\n".join(bench.vault.warnings))
        self._notes.setVisible(bool(bench.vault.warnings))
        keyring = any(str(slot.kind) == "keyring" for slot in bench.vault.slots)
        for widget in (self.keyring_button, self._or):
            widget.setVisible(keyring)
        self.passphrase.clear()
        self._show_working(working=False)
        self.focus_first()

    def focus_first(self) -> None:
        """Put the keyboard on the easiest way in."""
        easy = self.passphrase if self.keyring_button.isHidden() else self.keyring_button
        easy.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def problem(self) -> str:
        """What went wrong last, as shown."""
        return self._problem.text()

    def _fill(self, card: QFrame) -> None:
        unit = self._look.unit
        mark = QLabel()
        self._look.dress_label(mark, "lock", "accent", unit * 12)
        self._where = label("", "muted", wrap=True)
        self._notes = label("", wrap=True)
        self._problem = label("", "error", wrap=True)
        self.keyring_button = push_button(
            self.tr("Unlock with the keyring"), self._by_keyring, "primary"
        )
        self._look.dress(self.keyring_button, "fingerprint", "on_accent")
        self.keyring_button.setAutoDefault(True)
        self._or = label(self.tr("or with the recovery passphrase"), "muted")
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText(self.tr("Recovery passphrase"))
        self.passphrase.setAccessibleName(self.tr("Recovery passphrase"))
        self.passphrase.returnPressed.connect(self._by_passphrase)
        self.unlock_button = push_button(self.tr("Unlock"), self._by_passphrase)
        self.unlock_button.setAutoDefault(True)
        show = QCheckBox(self.tr("Show what I type"))
        show.toggled.connect(
            lambda on: self.passphrase.setEchoMode(
                QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password
            )
        )
        other = push_button(self.tr("Open another vault…"), self.other_wanted.emit, "link")
        row = QHBoxLayout()
        row.setSpacing(unit * 2)
        row.addWidget(self.passphrase, 1)
        row.addWidget(self.unlock_button)
        column = QVBoxLayout(card)
        column.setContentsMargins(unit * 8, unit * 8, unit * 8, unit * 6)
        column.setSpacing(unit * 3)
        column.addWidget(mark)
        column.addWidget(label(self.tr("The vault is locked"), "title"))
        column.addWidget(self._where)
        column.addWidget(self._notes)
        column.addWidget(self.keyring_button)
        column.addWidget(self._or)
        column.addLayout(row)
        column.addWidget(show)
        column.addWidget(self._problem)
        column.addWidget(line())
        column.addWidget(other, 0, Qt.AlignmentFlag.AlignLeft)

    def _by_keyring(self) -> None:
        if self._bench is not None:
            self._begin(self.tr("Asking the keyring…"))
            unlock = self._bench.vault.unlock_with_keyring
            self._session.start(self, unlock, self._opened, self._refused)

    def _by_passphrase(self) -> None:
        typed = self.passphrase.text()
        if self._bench is None:
            return
        if not typed.strip():
            self._show_problem(self.tr("Type the recovery passphrase first."))
            self.passphrase.setFocus()
            return
        self._begin(self.tr("Checking…"))
        unlock = partial(self._bench.vault.unlock_with_passphrase, typed)
        self._session.start(self, unlock, self._opened, self._refused)

    def _opened(self, _none: None) -> None:
        self.passphrase.clear()
        self._show_working(working=False)
        self.unlocked.emit()

    def _refused(self, words: Explanation) -> None:
        self._show_working(working=False)
        self._show_problem(words.text)
        self.passphrase.setFocus()
        self.passphrase.selectAll()

    def _begin(self, text: str) -> None:
        self._show_problem("")
        self._show_working(working=True, text=text)

    def _show_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _show_working(self, *, working: bool, text: str = "") -> None:
        for widget in (self.keyring_button, self.unlock_button, self.passphrase):
            widget.setEnabled(not working)
        self.unlock_button.setText(text or self.tr("Unlock"))
