"""The form for a grant, and what is shown once when it is made.

Knows the kit and what suits a key; the call is the tab's.
"""

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QSizePolicy,
    QWidget,
)

from workbench.ui.look import Look
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import SYMMETRIC, KeyRow
from workbench.ui.panes.keys.words import short_name
from workbench.ui.policies.actions import grant_operations
from workbench.ui.policies.grants import Made, Terms, sentence_of
from workbench.ui.policies.pairs import PairsField
from workbench.ui.policies.people import People, kind_of
from workbench.ui.policies.picker import PrincipalPicker
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog, FormDialog

_NAME: Final = re.compile(r"[a-zA-Z0-9:/_-]{1,256}")
_SOURCE: Final = re.compile(r"arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+")
_ROWS: Final = 6
_ANY, _SUBSET, _EQUALS = range(3)


def _tr(text: str) -> str:
    return QCoreApplication.translate("grants", text)


class OperationList(QListWidget):
    """Operations to tick.

    Args:
        look: spacing.
        operations: AWS's names.

    Signals:
        changed: others are ticked now.
    """

    changed = Signal()

    def __init__(self, look: Look, operations: Sequence[str]) -> None:
        super().__init__()
        self.setProperty("role", "boxed")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for name in operations:
            meaning = _meaning(name)
            item = QListWidgetItem(f"{name}: {meaning}" if meaning else name, self)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsSelectable
            )
            item.setCheckState(Qt.CheckState.Unchecked)
            item.setSizeHint(QSize(0, look.unit * 6))
        self.itemChanged.connect(lambda _item: self.changed.emit())
        rows = min(self.count(), _ROWS)
        self.setFixedHeight(look.unit * 6 * rows + look.unit * 2)

    @property
    def operations(self) -> tuple[str, ...]:
        """Those ticked, in the order shown."""
        items = [self.item(number) for number in range(self.count())]
        return tuple(
            str(one.data(Qt.ItemDataRole.UserRole))
            for one in items
            if one.checkState() is Qt.CheckState.Checked
        )

    def tick(self, names: Sequence[str]) -> None:
        """Tick these and no others."""
        for number in range(self.count()):
            item = self.item(number)
            on = item.data(Qt.ItemDataRole.UserRole) in names
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def problem(self) -> str:
        """Return what is wrong, or nothing."""
        return "" if self.operations else self.tr("Tick at least one operation.")


def _meaning(operation: str) -> str:
    return {
        "CreateGrant": _tr("pass on no more than this grant allows"),
        "RetireGrant": _tr("end this grant when it is done"),
        "DescribeKey": _tr("see the key's details"),
        "ReEncryptFrom": _tr("re-encrypt what is encrypted under this key"),
        "ReEncryptTo": _tr("re-encrypt data under this key"),
    }.get(operation, "")


class GrantForm(FormDialog):
    """Asks for the terms of a grant.

    Args:
        look: colours and spacing.
        row: the key it will be on.
        parent: the tab.
    """

    def __init__(self, look: Look, row: KeyRow, parent: QWidget) -> None:
        title = _tr("Grant use of {key}").format(key=short_name(row))
        super().__init__(look, title, _tr("Create grant"), parent)
        self.setObjectName("keys.grant.dialog")
        self.grantee = PrincipalPicker(look, preset=False)
        self.operations = OperationList(look, grant_operations(row.usage, row.spec))
        self.retiring = PrincipalPicker(look, optional=True)
        self.name = QLineEdit()
        self.constraint = QComboBox()
        self.pairs = PairsField(look, _tr("Encryption context pairs"), "tenant=acme")
        self.source = QLineEdit()
        self._people_note = label("", "muted", wrap=True)
        self._people_note.hide()
        self.add_field(
            self.tr("&Grantee"),
            self.grantee,
            self.tr("Who may use the key, without a policy that says so."),
            self.grantee.problem,
        )
        self.body.addWidget(self._people_note)
        self.add_field(self.tr("Ma&y"), self.operations, "", self.operations.problem)
        self._source_group = self.add_field(
            self.tr("Only for the re&source"),
            self.source,
            self.tr("ARN of what the service must be working for."),
            self._source_problem,
        )
        self.source.setPlaceholderText("arn:aws:s3:eu-central-1:111122223333:…")
        self._pairs_group: QWidget | None = None
        if row.spec == SYMMETRIC:
            self._add_constraint()
        self.add_field(
            self.tr("&Retiring principal"),
            self.retiring,
            self.tr("Who may end the grant when it is no longer needed; for a service, needed."),
            self._retiring_problem,
        )
        self.add_field(
            self.tr("&Name"),
            self.name,
            self.tr("Optional. With a name, asking twice for the same makes one grant."),
            self._name_problem,
        )
        self.grantee.changed.connect(self._show_fields)
        self._show_fields()
        self.grantee.setFocus()

    @property
    def terms(self) -> Terms:
        """What is asked for; complete once every check passes."""
        kind = self.constraint.currentIndex()
        return Terms(
            self.grantee.principal,
            self.operations.operations,
            self.retiring.principal,
            self.name.text().strip(),
            self.pairs.pairs if kind == _EQUALS else None,
            self.pairs.pairs if kind == _SUBSET else None,
            self.source.text().strip() if self._for_service else "",
        )

    def offer(self, people: People) -> None:
        """Offer these principals; root, who needs no grant, last."""
        others = [one for one in people.people if one.kind != "root"]
        roots = [one for one in people.people if one.kind == "root"]
        self.grantee.offer((*others, *roots))
        self.retiring.offer((*others, *roots))
        self._people_note.setText(people.problem)
        self._people_note.setVisible(bool(people.problem))

    @property
    def _for_service(self) -> bool:
        return kind_of(self.grantee.principal) == "service"

    def _add_constraint(self) -> None:
        for text in (
            self.tr("Any encryption context"),
            self.tr("Contexts with at least these pairs"),
            self.tr("Exactly these pairs"),
        ):
            self.constraint.addItem(text)
        self.constraint.currentIndexChanged.connect(lambda _number: self._show_fields())
        self.add_field(self.tr("&Encryption context"), self.constraint)
        self._pairs_group = self.add_field(
            self.tr("&Pairs"),
            self.pairs,
            self.tr("One name=value a line; capital and small letters differ."),
            self._pairs_problem,
        )

    def _show_fields(self) -> None:
        self._source_group.setVisible(self._for_service)
        if self._pairs_group is not None:
            self._pairs_group.setVisible(self.constraint.currentIndex() != _ANY)
        self.grow()

    def _pairs_problem(self) -> str:
        problem = self.pairs.problem()
        return problem or ("" if self.pairs.pairs else self.tr("Write at least one pair."))

    def _name_problem(self) -> str:
        name = self.name.text().strip()
        if not name or _NAME.fullmatch(name):
            return ""
        return self.tr("Up to 256 letters, digits and : / _ - only.")

    def _source_problem(self) -> str:
        source = self.source.text().strip()
        if not self._for_service or _SOURCE.fullmatch(source):
            return ""
        return self.tr("Write an ARN with its account: a service is granted for a resource only.")

    def _retiring_problem(self) -> str:
        if self._for_service and not self.retiring.principal:
            return self.tr("A service is granted only what somebody may retire: choose who.")
        return self.retiring.problem()


class GrantShown(BaseDialog):
    """What was granted, and its token, which is shown this once.

    Args:
        context: the window.
        row: the key.
        made: the grant.
        parent: the tab.
    """

    def __init__(self, context: Context, row: KeyRow, made: Made, parent: QWidget) -> None:
        title = _tr("Granted on {key}").format(key=short_name(row))
        super().__init__(context.look, title, parent)
        self.setObjectName("keys.grant-token.dialog")
        self._context, self._made = context, made
        unit = context.look.unit
        account = context.bench.place.account
        self.body.addWidget(label(sentence_of(made.terms, account), wrap=True))
        self.body.addWidget(label(self.tr("Grant token"), "strong"))
        self.token = QPlainTextEdit(made.token)
        self.token.setProperty("role", "readonly")
        self.token.setReadOnly(True)
        self.token.setTabChangesFocus(True)
        self.token.setAccessibleName(self.tr("Grant token"))
        self.token.setFixedHeight(unit * 22)
        context.look.follow(self.token, lambda: self.token.setFont(context.look.mono))
        self.body.addWidget(self.token)
        self.body.addWidget(
            label(
                self.tr(
                    "Here the grant works at once. At AWS it can take up to five minutes until it"
                    " is known everywhere; meanwhile the grantee passes this token as GrantTokens"
                    " with each request. It is shown only now. It is no secret: nobody but the"
                    " grantee can use it."
                ),
                "muted",
                wrap=True,
            )
        )
        copy = push_button(self.tr("&Copy token"), self._copy)
        context.look.dress(copy, "copy")
        self.buttons.addWidget(copy)
        close = self.add_cancel(self.tr("Close"))
        close.setAutoDefault(True)
        close.setDefault(True)
        close.setFocus()

    def _copy(self) -> None:
        self._context.frame.copy(self._made.token, self.tr("Grant token"))
