"""Multi-Region keys: making a replica, and letting a replica become the primary key.

Owns the two dialogs and their calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QLineEdit, QWidget

from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import ENABLED, KeyRow
from workbench.ui.panes.keys.regions import Regions, known_regions
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.panes.keys.submitting import submit
from workbench.ui.panes.keys.words import short_name, state_name
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

_LONGEST_DESCRIPTION = 8192


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def why_not_replicate(row: KeyRow | None) -> str:
    """Return why a key cannot be replicated; empty if it can."""
    return _why_no_primary(row)


def why_not_move_primary(row: KeyRow | None) -> str:
    """Return why no replica can become the primary key; empty if one can."""
    reason = _why_no_primary(row)
    if not reason and row is not None and row.regions is not None and not row.regions.replicas:
        reason = _tr("it has no replica yet")
    return reason


def _why_no_primary(row: KeyRow | None) -> str:
    if row is None:
        return _tr("no key is selected")
    if row.regions is None:
        return _tr("it is a key of one Region; that is chosen when a key is created")
    if not row.regions.primary:
        return _tr("it is a replica: do it with the primary key, in {region}").format(
            region=row.regions.primary_region
        )
    if row.state != ENABLED:
        return _tr("not in the key's present state: {state}").format(state=state_name(row.state))
    return ""


@dataclass(frozen=True, slots=True)
class ReplicaRequest:
    """What was asked for.

    Attributes:
        region: where the replica is to be.
        description: its description.
        tags: whether it gets the primary key's tags.
        policy: whether it gets the primary key's policy, or the account's default.
    """

    region: str
    description: str
    tags: bool
    policy: bool


def replicate(kms: Any, row: KeyRow, request: ReplicaRequest) -> str:
    """Make a replica; for a worker. Returns its ARN.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    asked: dict[str, Any] = {
        "KeyId": row.id,
        "ReplicaRegion": request.region,
        "Description": request.description,
    }
    if request.tags and row.tags:
        asked["Tags"] = [{"TagKey": key, "TagValue": value} for key, value in row.tags]
    if request.policy:
        asked["Policy"] = kms.get_key_policy(KeyId=row.id, PolicyName="default")["Policy"]
    return str(kms.replicate_key(**asked)["ReplicaKeyMetadata"]["Arn"])


class ReplicateDialog(FormDialog):
    """Region, description, and what is taken over.

    Args:
        context: the window.
        row: the primary key.
        regions: where replicas can be.
        parent: the pane.
    """

    def __init__(
        self, context: Context, row: KeyRow, regions: Sequence[str], parent: QWidget
    ) -> None:
        title = _tr("Replicate {name}").format(name=short_name(row))
        super().__init__(context.look, title, _tr("Create replica"), parent)
        self._taken = row.regions.taken if row.regions is not None else frozenset()
        self._regions = [region for region in regions if region not in self._taken]
        told = self.tr(
            "A replica has the same key ID and key material in another Region: what one encrypts,"
            " the other decrypts. Aliases, policy and tags are its own."
        )
        self.body.addWidget(label(told, wrap=True))
        if row.external:
            told = self.tr(
                "Its material is imported: the replica waits until the very same material is"
                " imported there too."
            )
            self.body.addWidget(label(told, "muted", wrap=True))
        self.region = QComboBox()
        self.region.setEditable(True)
        self.region.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.region.addItems(self._regions)
        self.region.setCurrentIndex(-1)
        completer = QCompleter(self._regions, self.region)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.region.setCompleter(completer)
        field = self.region.lineEdit()
        if field is not None:
            field.setPlaceholderText(self.tr("such as eu-west-1"))
        self.description = QLineEdit(row.description)
        self.description.setMaxLength(_LONGEST_DESCRIPTION)
        self.tags = QCheckBox(self.tr("Copy its &tags"))
        self.tags.setChecked(bool(row.tags))
        self.tags.setEnabled(bool(row.tags))
        self.policy = QCheckBox(self.tr("Copy its key &policy"))
        self.policy.setChecked(True)
        self.add_field(self.tr("&Region"), self.region, check=self._check_region)
        self.add_field(self.tr("&Description"), self.description)
        self.body.addWidget(self.tags)
        self.body.addWidget(self.policy)
        self.region.editTextChanged.connect(lambda _text: self.validate())
        self.region.setFocus()

    @property
    def request(self) -> ReplicaRequest:
        """What is asked for now."""
        return ReplicaRequest(
            self.region.currentText().strip(),
            self.description.text().strip(),
            self.tags.isChecked(),
            self.policy.isChecked(),
        )

    def _check_region(self) -> str:
        region = self.region.currentText().strip()
        if region in self._taken:
            return self.tr("There is one in {region} already.").format(region=region)
        if region not in self._regions:
            return self.tr("Choose a Region that has KMS.")
        return ""


class PrimaryDialog(FormDialog):
    """Which replica becomes the primary key.

    Args:
        context: the window.
        row: the primary key.
        parent: the pane.
    """

    def __init__(self, context: Context, row: KeyRow, regions: Regions, parent: QWidget) -> None:
        title = _tr("Change the primary Region of {name}").format(name=short_name(row))
        super().__init__(context.look, title, _tr("Change primary Region"), parent)
        told = self.tr(
            "The replica there becomes the primary key, and the key in {region} its replica. Key"
            " material and what was encrypted stay as they are."
        ).format(region=regions.primary_region)
        self.body.addWidget(label(told, wrap=True))
        told = self.tr(
            "Rotation, new replicas and new imports are asked of the primary key from then on."
            " Until it is done, both keys are “Being updated”."
        )
        self.body.addWidget(label(told, "muted", wrap=True))
        self.region = QComboBox()
        for region, arn in regions.replicas:
            self.region.addItem(region, arn)
        self.add_field(self.tr("&New primary Region"), self.region)


class ReplicaWork(QObject):
    """Opens the dialogs for multi-Region keys and carries out what they decide.

    Args:
        context: the window.
        stock: told which keys to read again.
        parent: the pane; also owns the work, so that a closed dialog loses nothing.
    """

    def __init__(self, context: Context, stock: KeyStock, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._stock = stock
        self._parent = parent

    def ask_replicate(self, row: KeyRow) -> None:
        """Find out which Regions there are, then ask."""
        session = self._context.session

        def known(regions: tuple[str, ...]) -> None:
            dialog = ReplicateDialog(self._context, row, regions, self._parent)
            dialog.on_submit(lambda: self._replicate(dialog, row))
            dialog.setObjectName("keys.replicate.dialog")
            dialog.open()

        session.start(self._parent, known_regions, known, None, _tr("Looking for Regions"))

    def ask_primary(self, row: KeyRow) -> None:
        """Ask which replica becomes the primary key."""
        if row.regions is None:
            return
        dialog = PrimaryDialog(self._context, row, row.regions, self._parent)
        dialog.on_submit(lambda: self._move(dialog, row))
        dialog.setObjectName("keys.primary.dialog")
        dialog.open()

    def _replicate(self, dialog: ReplicateDialog, row: KeyRow) -> None:
        kms, request = self._context.bench.kms, dialog.request
        told = _tr("{name} has a replica in {region}.").format(
            name=short_name(row), region=request.region
        )
        self._do(dialog, row, lambda: replicate(kms, row, request), told, _tr("Making a replica"))

    def _move(self, dialog: PrimaryDialog, row: KeyRow) -> None:
        kms, region = self._context.bench.kms, dialog.region.currentText()
        told = _tr("{region} becomes the primary Region of {name}.").format(
            name=short_name(row), region=region
        )

        def work() -> None:
            kms.update_primary_region(KeyId=row.id, PrimaryRegion=region)

        self._do(dialog, row, work, told, _tr("Changing the primary Region"))

    def _do(self, dialog: FormDialog, row: KeyRow, work: Any, told: str, busy: str) -> None:
        def done(_answer: object) -> None:
            self._context.frame.notify(told)
            self._stock.follow([row.id])

        submit(self._context, self._parent, dialog, work, done, busy)
