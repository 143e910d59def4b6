"""The first thing a person meets: make a vault, open one, or try the demo.

Owns these three ways and showing the recovery passphrase once; making and opening is the keeper's.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.assets import APPLICATION_ID
from workbench.ui.errors import Explanation
from workbench.ui.lock_screen import centred
from workbench.ui.look import Look
from workbench.ui.ports import KeeperPort
from workbench.ui.session import Session
from workbench.ui.widgets.basics import ProgressLine, label, push_button


class _Step(QFrame):
    """One page: a title, content, a place for problems, buttons."""

    def __init__(self, look: Look, title: str, text: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        unit = look.unit
        self.column = QVBoxLayout()
        self.column.setSpacing(unit * 3)
        self._problem = label("", "error", wrap=True)
        self._problem.hide()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(unit * 2)
        self.buttons.addStretch(1)
        column = self._whole = QVBoxLayout(self)
        column.setContentsMargins(unit * 8, unit * 8, unit * 8, unit * 6)
        column.setSpacing(unit * 4)
        column.addWidget(label(title, "title", wrap=True))
        column.addWidget(label(text, "muted", wrap=True))
        column.addLayout(self.column)
        column.addWidget(self._problem)
        column.addLayout(self.buttons)

    def add_logo(self, logo: QLabel) -> None:
        self._whole.insertWidget(0, logo)

    def show_problem(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    @property
    def problem(self) -> str:
        return self._problem.text()


class CreateStep(_Step):
    """Where the new vault lies and what protects it."""

    def __init__(self, look: Look, directory: Path) -> None:
        super().__init__(
            look,
            self.tr("Create a vault"),
            self.tr(
                "A vault is one folder on this computer. Everything in it is encrypted. It opens by"
                " your desktop's keyring, and by a recovery passphrase that you write down in the"
                " next step."
            ),
        )
        self.folder = QLineEdit(str(directory))
        self.folder.setAccessibleName(self.tr("Folder of the vault"))
        browse = push_button(self.tr("Browse…"), self._browse)
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        caption = label(self.tr("Folder"), "strong")
        caption.setBuddy(self.folder)
        self.keyring = label(self.tr("Looking for the keyring…"), "muted", wrap=True)
        self.column.addWidget(caption)
        self.column.addLayout(row)
        self.column.addWidget(label(self.tr("Keyring"), "strong"))
        self.column.addWidget(self.keyring)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder of the vault"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()


class PassphraseStep(_Step):
    """Shows the recovery passphrase once and has one group of it typed back.

    Signals:
        confirmed: the person has written it down.
    """

    confirmed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(
            look,
            self.tr("Write down the recovery passphrase"),
            self.tr(
                "It is shown this once. With it the vault opens on any computer, without the"
                " keyring. Whoever has it and the vault's folder can open the vault: keep it on"
                " paper, apart from this computer."
            ),
        )
        self._look = look
        self._groups: list[str] = []
        self._asked = 0
        self._grid = QGridLayout()
        self._grid.setSpacing(look.unit * 3)
        self.column.addLayout(self._grid)
        self.written = QCheckBox(self.tr("I wrote it down"))
        self.question = label("", "strong", wrap=True)
        self.answer = QLineEdit()
        self.answer.setMaximumWidth(look.unit * 40)
        self.question.setBuddy(self.answer)
        self.answer.setAccessibleName(self.tr("Group of the passphrase"))
        self.column.addWidget(self.written, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.question)
        self.column.addWidget(self.answer)
        self.proceed = push_button(self.tr("Open the vault"), self._proceed, "primary")
        self.proceed.setAutoDefault(True)
        self.buttons.addWidget(self.proceed)
        self.written.toggled.connect(lambda _on: self._check())
        self.answer.textChanged.connect(lambda _text: self._check())
        self.answer.returnPressed.connect(self._proceed)

    def show_passphrase(self, passphrase: str) -> None:
        """Show it in numbered groups and choose which one to ask for."""
        self._groups = passphrase.replace("-", " ").split()
        self._asked = SystemRandom().randrange(len(self._groups))
        self._clear_grid()
        for number, group in enumerate(self._groups):
            shown = QLabel(f"{number + 1}  {group}")
            font = self._look.mono
            font.setPointSizeF(font.pointSizeF() * 1.3)
            shown.setFont(font)
            shown.setAccessibleName(
                self.tr("Group {n}: {group}").format(n=number + 1, group=" ".join(group))
            )
            self._grid.addWidget(shown, number // 4, number % 4)
        self.question.setText(self.tr("To be sure, type group {n} again").format(n=self._asked + 1))
        self.answer.setAccessibleName(self.question.text())
        self.answer.clear()
        self.written.setChecked(False)
        self._check()
        self.written.setFocus()

    @property
    def asked(self) -> str:
        """The group that has to be typed back."""
        return self._groups[self._asked] if self._groups else ""

    def forget(self) -> None:
        """Take the passphrase out of the widgets."""
        self._groups = []
        self.answer.clear()
        self._clear_grid()

    def _clear_grid(self) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item else None
            if isinstance(widget, QLabel):
                widget.clear()
                widget.deleteLater()

    def _matches(self) -> bool:
        typed = self.answer.text().strip().casefold()
        return bool(self._groups) and typed == self.asked.casefold()

    def _check(self) -> None:
        typed = self.answer.text().strip()
        complete = len(typed) >= len(self.asked)
        wrong = complete and bool(typed) and not self._matches()
        self.show_problem(
            self.tr("That is not group {n}; compare it.").format(n=self._asked + 1) if wrong else ""
        )
        ready = self.written.isChecked() and self._matches()
        self.proceed.setEnabled(ready)
        self.proceed.setToolTip(
            "" if ready else self.tr("Tick that you wrote it down and type the group asked for.")
        )

    def _proceed(self) -> None:
        if self.written.isChecked() and self._matches():
            self.confirmed.emit()


class ChoiceButton(QPushButton):
    """A large button: icon, verb, one sentence."""

    def __init__(
        self, look: Look, icon: str, title: str, text: str, slot: Callable[[], None]
    ) -> None:
        super().__init__()
        unit = look.unit
        self.setProperty("role", "choice")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setAutoDefault(True)
        self.clicked.connect(lambda _checked=False: slot())
        mark = QLabel()
        look.dress_label(mark, icon, "accent", unit * 8)
        words = QVBoxLayout()
        words.setSpacing(unit // 2)
        words.addWidget(label(title, "heading"))
        words.addWidget(label(text, "muted"))
        row = QHBoxLayout(self)
        row.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 3)
        row.setSpacing(unit * 4)
        row.addWidget(mark)
        row.addLayout(words, 1)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the size of what is inside."""
        inside = self.layout()
        return inside.sizeHint() if inside is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the same: its words are not to be cut."""
        return self.sizeHint()


class FirstRun(QWidget):
    """The three ways in.

    Signals:
        entered(bench): a bench is there; its vault may be locked.
    """

    entered = Signal(object)

    def __init__(self, look: Look, session: Session, keeper: KeeperPort) -> None:
        super().__init__()
        self._look = look
        self._session = session
        self._keeper = keeper
        self._made: Any = None
        self.setObjectName("first-run")
        self.create_step = CreateStep(look, keeper.default_directory())
        self.passphrase_step = PassphraseStep(look)
        self.passphrase_step.confirmed.connect(self._enter_made)
        self._wait = ProgressLine(look)
        self.wait_step = _Step(look, self.tr("One moment"), self.tr("This happens once."))
        self.wait_step.column.addWidget(self._wait)
        self.create_button = push_button(self.tr("Create vault"), self._create, "primary")
        self.create_button.setAutoDefault(True)
        self.create_step.buttons.addWidget(push_button(self.tr("Back"), self.start))
        self.create_step.buttons.addWidget(self.create_button)
        self._pages = QStackedWidget()
        self.start_step = self._build_start()
        for step in (self.start_step, self.create_step, self.passphrase_step, self.wait_step):
            self._pages.addWidget(centred(step, look.unit * 150))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        session.start(self, keeper.keyring_status, self.create_step.keyring.setText, self._no_ring)

    def start(self) -> None:
        """Show the three choices."""
        self._pages.setCurrentIndex(0)
        self.choices[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def open_folder(self, folder: str) -> None:
        """Open the vault in a folder."""
        directory = Path(folder)
        if not self._keeper.vault_exists(directory):
            self._failed(
                self.start_step, self.tr("There is no vault in {folder}.").format(folder=folder)
            )
            return
        self._begin(self.tr("Opening the vault"), -1.0)
        work = partial(self._keeper.open, directory)
        self._session.start(self, work, self.entered.emit, self._explain(self.start_step))

    def _build_start(self) -> _Step:
        step = _Step(
            self._look,
            self.tr("Welcome to Key Workbench"),
            self.tr(
                "Keys, certificates and signatures, classical and post-quantum, on this computer."
            ),
        )
        choices = (
            ("vault", self.tr("Create a vault"), self.tr("For your own keys. Takes a minute."),
             self._choose_create),
            ("folder", self.tr("Open a vault"), self.tr("One that you made before."),
             self._choose_open),
            ("play", self.tr("Try the demo"),
             self.tr("A throw-away vault with keys of every kind; gone when you close it."),
             self._demo),
        )  # fmt: skip
        logo = QLabel()
        self._look.dress_label(logo, APPLICATION_ID, "accent", self._look.unit * 14)
        step.add_logo(logo)
        self.choices: list[ChoiceButton] = []
        for icon, title, text, slot in choices:
            button = ChoiceButton(self._look, icon, title, text, slot)
            self.choices.append(button)
            step.column.addWidget(button)
        return step

    def _choose_create(self) -> None:
        self._pages.setCurrentIndex(1)
        self.create_button.setFocus()

    def _choose_open(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a vault"), str(self._keeper.default_directory()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.open_folder)
        dialog.open()

    def _create(self) -> None:
        directory = Path(self.create_step.folder.text().strip()).expanduser()
        if not self.create_step.folder.text().strip():
            self.create_step.show_problem(self.tr("Choose a folder first."))
            return
        if self._keeper.vault_exists(directory):
            self.create_step.show_problem(
                self.tr(
                    "A vault lies there already. Go back and open it, or choose another folder."
                )
            )
            return
        self.create_step.show_problem("")
        self._begin(self.tr("Making keys and the encrypted database"), -1.0)
        work = partial(self._keeper.create, directory)
        self._session.start(
            self, work, self._created, self._explain(self.create_step), mutates=True
        )

    def _created(self, made: tuple[Any, str]) -> None:
        self._made, passphrase = made
        self._pages.setCurrentIndex(2)
        self.passphrase_step.show_passphrase(passphrase)

    def _enter_made(self) -> None:
        made, self._made = self._made, None
        self.passphrase_step.forget()
        self.entered.emit(made)

    def _demo(self) -> None:
        self._begin(self.tr("Preparing the demo"), 0.0)
        tell = self._session.relay(self, self._wait.show_progress)
        work = partial(self._keeper.demo, tell)
        self._session.start(
            self, work, self.entered.emit, self._explain(self.start_step), mutates=True
        )

    def _begin(self, text: str, share: float) -> None:
        self.start_step.show_problem("")
        self._wait.show_progress(text, share)
        self._pages.setCurrentIndex(3)

    def _explain(self, step: _Step) -> Any:
        return lambda words: self._failed(step, words)

    def _failed(self, step: _Step, words: Explanation | str) -> None:
        step.show_problem(words.text if isinstance(words, Explanation) else words)
        self._pages.setCurrentIndex(1 if step is self.create_step else 0)

    def _no_ring(self, words: Explanation) -> None:
        self.create_step.keyring.setText(words.text)
