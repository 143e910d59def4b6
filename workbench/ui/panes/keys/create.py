"""The dialog that creates a key, and the calls it makes.

Owns what is asked and in what order it is done: CreateKey, then CreateAlias. The pane runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.ui.errors import Explanation, explain
from workbench.ui.look import Look
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.alias_field import PREFIX, AliasField
from workbench.ui.panes.keys.inventory import EXTERNAL, MADE_BY_KMS
from workbench.ui.panes.keys.spec_list import SpecList
from workbench.ui.panes.keys.tag_editor import TagEditor
from workbench.ui.widgets.basics import ProgressLine, label
from workbench.ui.widgets.dialogs import FormDialog

_LONGEST_DESCRIPTION = 8192


def _tr(text: str) -> str:
    return QCoreApplication.translate("CreateKeyDialog", text)


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What was asked for.

    Attributes:
        spec: AWS key spec.
        usage: AWS key usage.
        alias: its first alias without prefix, or nothing.
        description: free text.
        tags: tag keys and values.
        external: whether its material is to be imported.
        multi_region: whether it can have replicas in other Regions.
    """

    spec: str
    usage: str
    alias: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    external: bool = False
    multi_region: bool = False


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """What came of it.

    Attributes:
        id: the key's id.
        alias_problem: why the key has no alias though one was asked for.
    """

    id: str
    alias_problem: Explanation | None = None


def create_key(kms: Any, request: KeyRequest) -> CreatedKey:
    """Create a key and its alias; for a worker.

    Raises:
        ClientError: the key could not be made. If only the alias failed, the key exists and the
            answer says so.
    """
    made = kms.create_key(
        KeySpec=request.spec,
        KeyUsage=request.usage,
        Description=request.description,
        Tags=[{"TagKey": key, "TagValue": value} for key, value in request.tags.items()],
        Origin=EXTERNAL if request.external else MADE_BY_KMS,
        MultiRegion=request.multi_region,
    )
    key_id = str(made["KeyMetadata"]["KeyId"])
    if request.alias:
        try:
            kms.create_alias(AliasName=PREFIX + request.alias, TargetKeyId=key_id)
        except Exception as error:
            problem = explain(error)
            if problem.bug:
                raise
            return CreatedKey(key_id, problem)
    return CreatedKey(key_id)


class CreateKeyDialog(FormDialog):
    """Spec, usage, alias, description, tags.

    Args:
        look: colours and spacing.
        taken: whether an alias (without prefix) is in use.
        create: starts the work; see `submitting.submit`.
        parent: the pane.
    """

    def __init__(
        self,
        look: Look,
        taken: Callable[[str], bool],
        create: Callable[[KeyRequest], None],
        parent: QWidget,
    ) -> None:
        super().__init__(look, _tr("Create key"), _tr("Create key"), parent)
        self.specs = SpecList(look)
        self.usage = QComboBox()
        self.origin = QComboBox()
        for origin in (MADE_BY_KMS, EXTERNAL):
            self.origin.addItem(words.origin_name(origin), origin)
        self.multi_region = QCheckBox(self.tr("&Multi-Region key"))
        self.alias = AliasField(look, taken)
        self.description = QLineEdit()
        self.description.setMaxLength(_LONGEST_DESCRIPTION)
        self.tags = TagEditor(look)
        self._purpose = label("", "muted", wrap=True)
        self._usage_hint = label("", "muted", wrap=True)
        self._origin_hint = label("", "muted", wrap=True)
        self._region_hint = label("", "muted", wrap=True)
        self._progress = ProgressLine(look)
        self._progress.hide()
        self._fields = QWidget()
        self._lay_out()
        self.specs.spec_chosen.connect(self._spec_chosen)
        self.usage.currentIndexChanged.connect(self._usage_chosen)
        self.origin.currentIndexChanged.connect(lambda _index: self._hint())
        self.multi_region.toggled.connect(lambda _on: self._hint())
        self._hint()
        self._spec_chosen(self.specs.spec)
        self.on_submit(lambda: create(self.request))
        self.specs.setFocus()

    @property
    def request(self) -> KeyRequest:
        """What is asked for now."""
        return KeyRequest(
            self.specs.spec,
            str(self.usage.currentData()),
            self.alias.name,
            self.description.text().strip(),
            self.tags.tags,
            self.origin.currentData() == EXTERNAL,
            self.multi_region.isChecked(),
        )

    def show_working(self, *, working: bool, text: str = "") -> None:
        """Say what is being made, or let it be tried again."""
        super().show_working(working=working, text=text or self.tr("Creating…"))
        self._fields.setEnabled(not working)
        self._progress.setVisible(working)
        spec = self.specs.spec
        told = self.tr("Generating an {spec} key").format(spec=spec)
        if self.request.external:
            told = self.tr("Creating the key")
        elif spec == "RSA_4096":
            told = self.tr("Generating an RSA_4096 key; this takes a few seconds")
        self._progress.show_progress(told, -1)

    def _lay_out(self) -> None:
        unit = self.look.unit
        outer = self.body
        left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(unit * 3)
        self.body = left
        self.add_field(self.tr("Key &spec"), self.specs, check=self._check_spec)
        left.addWidget(self._purpose)
        left.setStretch(0, 1)
        self.body = right
        self.add_field(self.tr("&Usage"), self.usage)
        right.addWidget(self._usage_hint)
        self.add_field(
            self.tr("&Alias"),
            self.alias,
            self.tr("A name for people and programs; it can point at another key later."),
            self.alias.problem,
        )
        self.add_field(self.tr("&Key material"), self.origin)
        right.addWidget(self._origin_hint)
        right.addWidget(self.multi_region)
        right.addWidget(self._region_hint)
        self.add_field(self.tr("&Description"), self.description)
        self.add_field(self.tr("Tags"), self.tags, check=self.tags.problem)
        right.addStretch(1)
        self.body = outer
        across = QHBoxLayout(self._fields)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(unit * 6)
        across.addLayout(left, 6)
        across.addLayout(right, 4)
        self.body.addWidget(self._fields, 1)
        self.body.addWidget(self._progress)
        self.resize(unit * 265, unit * 150)

    def _check_spec(self) -> str:
        return "" if self.specs.spec else self.tr("Choose a key spec.")

    def _spec_chosen(self, name: str) -> None:
        spec = words.SPECS.get(name)
        self.usage.clear()
        if spec is None:
            return
        for usage in spec.usages:
            self.usage.addItem(words.usage_name(usage), usage)
        self.usage.setEnabled(len(spec.usages) > 1)
        line = words.strength_line(spec)
        self._purpose.setText(
            f"{words.purpose(spec)}\n{line[:1].upper()}{line[1:]}. {spec.standard}."
        )
        self.validate()

    def _hint(self) -> None:
        """Say what cannot be changed later, only where it is unusual."""
        external = self.origin.currentData() == EXTERNAL
        told = self.tr("The key waits until you import its material. It cannot be changed later.")
        self._origin_hint.setText(told if external else "")
        self._origin_hint.setVisible(external)
        self.origin.setAccessibleDescription(told if external else "")
        told = self.tr("Can have replicas with the same material in other Regions, for good.")
        self._region_hint.setText(told)
        self._region_hint.setVisible(self.multi_region.isChecked())
        self.multi_region.setToolTip(told)

    def _usage_chosen(self, _index: int) -> None:
        hint = words.usage_tip(str(self.usage.currentData() or ""))
        if self.usage.count() > 1:
            hint = self.tr("{what} It cannot be changed later.").format(what=hint)
        self._usage_hint.setText(hint)
        self.usage.setAccessibleDescription(hint)
