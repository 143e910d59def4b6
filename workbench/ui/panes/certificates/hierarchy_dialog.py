"""The dialog that makes a code-signing hierarchy: a form, then its steps as they are done.

Knows the plan and the kit; what does the work is handed in.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.panes.certificates.plan import ALGORITHMS, PREFIX, Plan
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date

_DAYS, _YEARS = 1, 365


class NamedLifetime(QWidget):
    """A certificate's name and how long it is valid, in one line.

    Signals:
        textChanged: name or validity changed.
    """

    textChanged = Signal()  # noqa: N815 - the form listens to Qt's name

    def __init__(self, look: Look, what: str, name: str, days: int) -> None:
        super().__init__()
        self.name = QLineEdit(name)
        self.name.setAccessibleName(self.tr("{what}: name").format(what=what))
        self.amount = QSpinBox()
        self.amount.setRange(1, 99_999)
        self.amount.lineEdit().setTextMargins(look.unit * 2, 0, 0, 0)
        self.amount.setAccessibleName(self.tr("{what}: valid for").format(what=what))
        self.amount.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.amount.setMinimumWidth(look.unit * 17)
        self.unit = QComboBox()
        self.unit.setAccessibleName(self.tr("{what}: unit of its validity").format(what=what))
        self.unit.addItem(self.tr("years"), _YEARS)
        self.unit.addItem(self.tr("days"), _DAYS)
        by_years = days % _YEARS == 0
        self.unit.setCurrentIndex(0 if by_years else 1)
        self.amount.setValue(days // _YEARS if by_years else days)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit * 2)
        row.addWidget(self.name, 1)
        row.addWidget(label(self.tr("for"), "muted"))
        row.addWidget(self.amount)
        row.addWidget(self.unit)
        self.setFocusProxy(self.name)
        self.name.textChanged.connect(lambda _text: self.textChanged.emit())
        self.amount.valueChanged.connect(lambda _value: self.textChanged.emit())
        self.unit.currentIndexChanged.connect(lambda _index: self.textChanged.emit())

    @property
    def text(self) -> str:
        """The name."""
        return self.name.text().strip()

    @property
    def days(self) -> int:
        """How long it is valid."""
        return self.amount.value() * int(self.unit.currentData())


class StepList(QWidget):
    """Steps as they are done: a mark before each, the last one under way."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._marks: list[QLabel] = []
        self._progress = QProgressBar()
        self._progress.setAccessibleName(self.tr("Progress"))
        self._progress.setRange(0, 1000)
        self._steps = QVBoxLayout()
        self._steps.setSpacing(look.unit * 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit * 4)
        column.addLayout(self._steps)
        column.addWidget(self._progress)
        column.addStretch(1)
        self.texts: list[str] = []

    def begin(self, text: str, share: float) -> None:
        """Mark the step before as done and show the next."""
        self._mark_last("ok", "ok")
        if share < 1:
            self._add(text)
        self._progress.setValue(round(share * 1000))

    def stop(self) -> None:
        """Mark the present step as failed."""
        self._mark_last("error", "danger")
        self._progress.hide()

    def clear(self) -> None:
        """Forget every step."""
        while self._steps.count():
            item = self._steps.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._marks.clear()
        self.texts.clear()
        self._progress.show()
        self._progress.setValue(0)

    def _add(self, text: str) -> None:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(self._look.unit * 2)
        mark = QLabel()
        self._look.dress_label(mark, "play", "accent")
        across.addWidget(mark)
        across.addWidget(label(text), 1)
        self._steps.addWidget(row)
        self._marks.append(mark)
        self.texts.append(text)

    def _mark_last(self, icon: str, tone: str) -> None:
        if self._marks:
            self._look.dress_label(self._marks[-1], icon, "ok" if tone == "ok" else "danger")


class HierarchyDialog(FormDialog):
    """Asks for algorithm, names, validities and alias; shows the steps while they are done.

    Args:
        look: colours and spacing.
        start: what to prefill.
        now: the moment from which validities are counted.
        parent: the pane.
    """

    def __init__(self, look: Look, start: HierarchyRequest, now: datetime, parent: QWidget) -> None:
        title = parent.tr("Post-quantum code-signing hierarchy")
        super().__init__(look, title, parent.tr("Create hierarchy"), parent)
        self._now = now
        self._names: Collection[str] = ()
        self._aliases: Collection[str] = ()
        self._groups: list[QWidget] = []
        self.algorithm = QComboBox()
        for name, words, post_quantum in ALGORITHMS:
            kind = self.tr("post-quantum") if post_quantum else self.tr("classical")
            icon = look.icon("pq", "pq") if post_quantum else look.icon("keys", "muted")
            self.algorithm.addItem(icon, f"{words} ({kind})", name)
        self.root = NamedLifetime(look, self.tr("Root CA"), start.root_name, start.root_days)
        self.subordinate = NamedLifetime(
            look, self.tr("Subordinate CA"), start.subordinate_name, start.subordinate_days
        )
        self.signer = NamedLifetime(
            look, self.tr("Code-signing certificate"), start.signer_name, start.signer_days
        )
        self.organization = QLineEdit(start.organization)
        self.organization.setPlaceholderText(self.tr("Optional, stands in all three names"))
        self.alias = QLineEdit(start.alias.removeprefix(PREFIX))
        self.steps = StepList(look)
        self._build()

    @property
    def request(self) -> HierarchyRequest:
        """What stands in the fields."""
        alias = self.alias.text().strip().removeprefix(PREFIX)
        return HierarchyRequest(
            root_name=self.root.text,
            subordinate_name=self.subordinate.text,
            signer_name=self.signer.text,
            organization=self.organization.text().strip(),
            algorithm=str(self.algorithm.currentData()),
            root_days=self.root.days,
            subordinate_days=self.subordinate.days,
            signer_days=self.signer.days,
            alias=f"{PREFIX}{alias}",
        )

    @property
    def plan(self) -> Plan:
        """What stands in the fields, with what exists."""
        return Plan(self.request, self._now, self._names, self._aliases)

    def know(self, names: Collection[str], aliases: Collection[str]) -> None:
        """Take what names and aliases are in use."""
        self._names, self._aliases = names, aliases
        self.validate()

    def submit_to(self, make: Callable[[HierarchyRequest], None]) -> None:
        """Call `make` with the request when the verb is pressed and every check passes."""

        def begin() -> None:
            self._show_steps(shown=True)
            make(self.request)

        self.on_submit(begin)

    def show_step(self, text: str, share: float) -> None:
        """Show a further step."""
        self.steps.begin(text, share)

    def show_failure(self, words: Explanation, *, made: bool) -> None:
        """Say what failed; the form comes back unless something was made already."""
        self.steps.stop()
        self.show_problem(words)
        self.show_working(working=False)
        if made:
            self.close_only()
        else:
            self._show_steps(shown=False)

    def _build(self) -> None:
        hint = self.tr(
            "Makes a root CA, a subordinate CA below it, and a certificate whose key signs your"
            " files. All three keys stay in the vault."
        )
        self.body.addWidget(label(hint, "muted", wrap=True))
        self._groups = [
            self.add_field(self.tr("&Algorithm of all three keys"), self.algorithm),
            self._certificate(self.tr("&Root CA"), self.root, "root"),
            self._certificate(self.tr("&Subordinate CA"), self.subordinate, "subordinate"),
            self._certificate(self.tr("&Code-signing certificate"), self.signer, "signer"),
            self.add_field(
                self.tr("&Organization"),
                self.organization,
                check=self._organization_problem,
            ),
            self.add_field(
                self.tr("Alias of the signing &key"),
                self.alias,
                self.tr("The name by which you choose the key when you sign."),
                self._alias_problem,
            ),
        ]
        self.steps.hide()
        self.body.addWidget(self.steps, 1)
        for field in (self.root, self.subordinate):
            field.textChanged.connect(self._revalidate)
        self.alias.setMaxLength(300)
        self.root.name.setFocus()

    def _revalidate(self) -> None:
        self.validate()

    def _organization_problem(self) -> str:
        return self.plan.organization_problem()

    def _alias_problem(self) -> str:
        return self.plan.alias_problem()

    def _certificate(self, caption: str, field: NamedLifetime, which: str) -> QWidget:
        group = self.add_field(caption, field, check=lambda: self.plan.problem(which))
        until = label("", "muted")
        layout = group.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(2, until)

        def tell() -> None:
            end = self.plan.end(field.days)
            until.setText(self.tr("valid until {date}").format(date=local_date(end)))

        field.textChanged.connect(tell)
        tell()
        return group

    def _show_steps(self, *, shown: bool) -> None:
        if shown:
            self.steps.clear()
            self.show_working(working=True, text=self.tr("Creating…"))
        for group in self._groups:
            group.setVisible(not shown)
        self.steps.setVisible(shown)
