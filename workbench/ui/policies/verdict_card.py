"""One verdict of the policy simulator, told to a person.

Knows the kit; how a verdict comes about is `workbench.ui.policies.verdicts`'.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from workbench.ui.look import Look
from workbench.ui.policies.people import name_of
from workbench.ui.policies.verdicts import Verdict
from workbench.ui.widgets.basics import Badge, label, push_button


class VerdictCard(QFrame):
    """Allowed or denied, because of what, and what came near.

    Signals:
        show_wanted(object): the statements that decided are to be shown; indexes from 0.
    """

    show_wanted = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.verdict: Verdict | None = None
        self._badge = Badge(look, "", "ok")
        self._title = label("", "strong", wrap=True)
        self._because = label("", wrap=True)
        self._near_title = label(self.tr("What came near"), "strong")
        self._near = label("", "muted", wrap=True)
        self._show = push_button(self.tr("Show the statement"), self._show_pressed, "link")
        unit = look.unit
        head = QHBoxLayout()
        head.setSpacing(unit * 2)
        head.addWidget(self._badge)
        head.addWidget(self._title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 3, unit * 3, unit * 3, unit * 3)
        column.setSpacing(unit)
        column.addLayout(head)
        column.addWidget(self._because)
        column.addWidget(self._show)
        column.addWidget(self._near_title)
        column.addWidget(self._near)
        self.hide()

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show a verdict, or nothing."""
        self.verdict = verdict
        self.setVisible(verdict is not None)
        if verdict is None:
            return
        if verdict.allowed:
            self._badge.show_state(self.tr("Allowed"), "ok")
        else:
            self._badge.show_state(self.tr("Denied"), "danger", "disable")
        self._title.setText(
            self.tr("{action} by {who}").format(
                action=verdict.action, who=name_of(verdict.principal)
            )
        )
        self._because.setText(verdict.because)
        self._show.setVisible(bool(verdict.statements))
        self._near.setText("\n".join(verdict.near))
        for widget in (self._near_title, self._near):
            widget.setVisible(bool(verdict.near))
        self.setAccessibleName(f"{self._title.text()}: {verdict.because}")

    def _show_pressed(self) -> None:
        if self.verdict is not None:
            self.show_wanted.emit(self.verdict.statements)
