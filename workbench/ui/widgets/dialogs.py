"""Dialogs: forms that check as one types, and the one that asks before something is destroyed.

They are opened with `open()`, never `exec()`: no nested event loop, and locking can put them out of
sight and bring them back with everything typed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fitting import FittedArea, FittedDialog
from workbench.ui.widgets.texts import breakable, breakable_heading

_SIGNALS: Final = (
    "changed",
    "textEdited",
    "textChanged",
    "currentIndexChanged",
    "dateTimeChanged",
    "valueChanged",
    "toggled",
)
"""By which fields tell that something else is in them; the first there is counts, a field's own
before those of the Qt class it is."""


class BaseDialog(FittedDialog):
    """A dialog of the window: heading, content, an inline error, buttons at the bottom right.

    It is as tall as its wrapped words need, grows with them, and scrolls where the screen ends.
    """

    def __init__(self, look: Look, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(look.unit * 120)
        unit = look.unit
        area = FittedArea(unit * 20)
        self.body = area.body
        self.body.setSpacing(unit * 3)
        self._problem = QFrame()
        self._problem.setProperty("role", "card-danger")
        self._problem_text = label("", wrap=True)
        mark = QLabel()
        look.dress_label(mark, "error", "danger")
        inside = QHBoxLayout(self._problem)
        inside.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        inside.addWidget(self._problem_text, 1)
        self._problem.hide()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(unit * 2)
        self.buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 6, unit * 5, unit * 6, unit * 5)
        column.setSpacing(unit * 4)
        heading = label(breakable_heading(title), "title", wrap=True)
        heading.setToolTip(title)
        column.addWidget(heading)
        self._across = QHBoxLayout()
        self._across.setSpacing(unit * 4)
        self._across.addWidget(area, 1)
        column.addLayout(self._across, 1)
        column.addWidget(self._problem)
        column.addLayout(self.buttons)

    def show_problem(self, words: Explanation | str) -> None:
        """Say inline what went wrong; an empty text takes it away."""
        if isinstance(words, Explanation):
            text = f"{words.title}: {words.message} {words.next_step}".strip()
        else:
            text = words
        self._problem_text.setText(breakable(text))
        self._problem.setAccessibleName(text)
        self._problem.setVisible(bool(text))
        self.grow()

    def put_beside(self, widget: QWidget) -> None:
        """Put something to the right of the content, or below it where the screen is narrow.

        At the right it scrolls by itself. Say the least width of the dialog before.
        """
        if self.narrow():
            self.body.addWidget(widget)
        else:
            self._across.addWidget(widget)

    def add_cancel(self, text: str = "") -> QPushButton:
        """Add the button that changes nothing."""
        button = push_button(text or self.tr("Cancel"), self.reject)
        self.buttons.addWidget(button)
        return button


class FormDialog(BaseDialog):
    """Fields with labels, checked as one types; the verb works once every check passes.

    Args:
        look: colours and spacing.
        title: what it is for.
        verb: what the main button says, a verb: `Create key`.
        parent: the pane.

    Attributes:
        main_button: the one with the verb.
        cancel_button: the one that changes nothing.
    """

    def __init__(self, look: Look, title: str, verb: str, parent: QWidget) -> None:
        super().__init__(look, title, parent)
        self._checks: list[tuple[QWidget, Callable[[], str], QLabel]] = []
        self._touched: set[QWidget] = set()
        self._form_fields: list[QWidget] = []
        self._submit: Callable[[], None] = self.accept
        self._verb = verb
        self.cancel_button = self.add_cancel()
        self.main_button = push_button(verb, self._press, "primary")
        self.main_button.setDefault(True)
        self.buttons.addWidget(self.main_button)

    def add_field(
        self,
        name: str,
        field: QWidget,
        hint: str = "",
        check: Callable[[], str] | None = None,
    ) -> QWidget:
        """Add a field.

        Args:
            name: its label and accessible name; `&` marks a mnemonic.
            field: a line edit, combo box, text edit, spin box, ...
            hint: one sentence below it.
            check: returns what is wrong with the field now, or nothing; called as one types.

        Returns:
            The group of label, field and messages, to hide it all.
        """
        group = QWidget()
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.look.unit)
        caption = QLabel(name)
        caption.setProperty("role", "strong")
        caption.setBuddy(field)
        column.addWidget(caption)
        column.addWidget(field)
        if hint:
            column.addWidget(label(hint, "muted", wrap=True))
            field.setAccessibleDescription(hint)
        field.setAccessibleName(name.replace("&", ""))
        wrong = label("", "error", wrap=True)
        wrong.hide()
        column.addWidget(wrong)
        if field.sizePolicy().verticalPolicy() is QSizePolicy.Policy.Fixed:
            group.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.body.addWidget(group)
        self._form_fields.append(field)
        if check is not None:
            self._checks.append((field, check, wrong))
            self._listen(field)
        return group

    def on_submit(self, submit: Callable[[], None]) -> None:
        """Call this when the verb is pressed and every check passes; close by `accept()`."""
        self._submit = submit

    def name_verb(self, verb: str) -> None:
        """Say something else on the main button, as another step begins."""
        self._verb = verb
        self.main_button.setText(verb)

    def show_working(self, *, working: bool, text: str = "") -> None:
        """Disable the verb while a worker does it."""
        self.main_button.setEnabled(not working)
        self.main_button.setText(text if working and text else self._verb)

    def close_only(self) -> None:
        """End as a report: nothing is left to do but to close."""
        self.main_button.hide()
        self.cancel_button.setText(self.tr("Close"))
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()

    def validate(self, *, everything: bool = False) -> bool:
        """Check every field; complaints show on touched fields only, unless `everything`."""
        first: QWidget | None = None
        for field, check, wrong in self._checks:
            problem = check() if field.isEnabled() and field.isVisibleTo(self) else ""
            shown = bool(problem) and (everything or field in self._touched)
            wrong.setText(problem)
            wrong.setVisible(shown)
            field.setProperty("invalid", "true" if shown else "false")
            field.style().unpolish(field)
            field.style().polish(field)
            if problem and first is None:
                first = field
        if everything and first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.grow()
        return first is None

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keyboard begin in the first field, unless somebody has put it elsewhere.

        Qt would begin at the button with the verb, which was made before the fields.
        """
        first = self._first_field()
        if self.focusWidget() is None and first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        super().showEvent(event)

    def _first_field(self) -> QWidget | None:
        fields = [*self._form_fields, *self.findChildren(QCheckBox)]
        for field in fields:
            for widget in (field, *field.findChildren(QWidget)):
                takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
                if takes and widget.isEnabled() and widget.isVisibleTo(self):
                    return widget
        return None

    def _listen(self, field: QWidget) -> None:
        for name in _SIGNALS:
            signal = getattr(field, name, None)
            if signal is not None:
                signal.connect(lambda *_values, f=field: self._touch(f))
                return

    def _touch(self, field: QWidget) -> None:
        self._touched.add(field)
        self.validate()

    def _press(self) -> None:
        self.show_problem("")
        if self.validate(everything=True):
            self._submit()


@dataclass(frozen=True, slots=True)
class Dependant:
    """Things that depend on what is to be destroyed: a sentence with the count, and the way there.

    Attributes:
        text: such as `3 certificates were issued with this key`.
        icon: name in `icons/`.
        show: leads to them; None if there is nowhere to go.
    """

    text: str
    icon: str = "link"
    show: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go on; the verb is on the button.

    Attributes:
        verb: such as `Disable key`.
        run: does it.
        danger: whether it destroys something for good.
        why: one sentence beside the button, what it means.
    """

    verb: str
    run: Callable[[], None]
    danger: bool = False
    why: str = ""


class DangerDialog(BaseDialog):
    """Names the things, counts what depends on them, offers the reversible way first.

    Cancel is the default button and has the keyboard.

    Args:
        look: colours and spacing.
        title: a question with the verb: `Schedule deletion of 2 keys?`.
        names: every thing by name; a long list scrolls.
        dependants: what depends on them, counted.
        choices: ways to go on, the reversible ones first.
        parent: the pane.
        extra: further fields between (days to wait, a checkbox).
    """

    def __init__(
        self,
        look: Look,
        title: str,
        names: Sequence[str],
        dependants: Sequence[Dependant],
        choices: Sequence[Choice],
        parent: QWidget,
        extra: QWidget | None = None,
    ) -> None:
        super().__init__(look, title, parent)
        self.body.addWidget(self._list_names(names))
        for dependant in dependants:
            self.body.addWidget(self._show_dependant(dependant))
        if not dependants:
            self.body.addWidget(label(self.tr("Nothing here depends on it."), "muted", wrap=True))
        if extra is not None:
            self.body.addWidget(extra)
        for choice in choices:
            if choice.why:
                self.body.addWidget(label(f"{choice.verb}: {choice.why}", "muted", wrap=True))
        self.body.addStretch(1)  # room that is left over goes below the words, not between them
        cancel = self.add_cancel()
        cancel.setAutoDefault(True)
        cancel.setDefault(True)
        cancel.setFocus()
        self.choice_buttons: list[QPushButton] = []
        for choice in choices:
            role = "danger" if choice.danger else ""
            button = push_button(choice.verb, partial(self._choose, choice), role)
            button.setAccessibleDescription(choice.why)
            self.buttons.addWidget(button)
            self.choice_buttons.append(button)

    def _choose(self, choice: Choice) -> None:
        self.accept()
        choice.run()

    def _leave_for(self, show: Callable[[], None]) -> None:
        self.reject()
        show()

    def _list_names(self, names: Sequence[str]) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.look.unit)
        for name in names:
            column.addWidget(label(breakable(f"•  {name}"), "strong", wrap=True))
        if len(names) <= 8:
            return box
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(box)
        area.setMaximumHeight(self.look.unit * 48)
        area.setAccessibleName(self.tr("What is concerned"))
        return area

    def _show_dependant(self, dependant: Dependant) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card-warning")
        row = QHBoxLayout(card)
        mark = QLabel()
        self.look.dress_label(mark, dependant.icon, "warning")
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label(breakable(dependant.text), wrap=True), 1)
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        if dependant.show is not None:
            leave = partial(self._leave_for, dependant.show)
            row.addWidget(push_button(self.tr("Show"), leave, "link"))
        return card
