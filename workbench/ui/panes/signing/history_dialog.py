"""Which KMS key the signing history is sealed with, and for how long a data key serves.

Knows the history's answers and the kit. Calls are made on workers.
"""

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from workbench.signing.sealing import LONGEST_REUSE, SHORTEST_REUSE, USUAL_REUSE, HistoryKey
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.pane import Context
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

_MOST_OFFERED: Final = 500
_SHOWN: Final = 24
_OWN: Final = "alias/aws/"


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def sealing_keys(kms: Any) -> list[str]:
    """Return the aliases of keys that can seal a history; called on a worker.

    Raises:
        botocore ClientError, Locked: the service cannot be asked.
    """
    found: list[str] = []
    for page in kms.get_paginator("list_aliases").paginate():
        for entry in page.get("Aliases", ()):
            name, target = str(entry["AliasName"]), entry.get("TargetKeyId")
            if target is None or name.startswith(_OWN):
                continue
            about = kms.describe_key(KeyId=target)["KeyMetadata"]
            if about.get("KeySpec") == "SYMMETRIC_DEFAULT" and about.get("KeyState") == "Enabled":
                found.append(name)
            if len(found) >= _MOST_OFFERED:
                return found
    return found


class HistoryDialog(FormDialog):
    """Chooses the key of the signing history.

    Args:
        context: bench, session, look.
        parent: the pane.
    """

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context.look, _tr("History key"), _tr("Use this key"), parent)
        self.setProperty(HELP_PAGE, "signing")
        self._context = context
        now: HistoryKey | None = context.bench.jobs.history.key
        about = _tr(
            "The list of signing jobs can be sealed under a symmetric KMS key of your choice."
            " Whoever may not call kms:Decrypt on it sees “Access denied” in place of the jobs."
            " Signatures and signed files are not touched."
        )
        self.body.addWidget(label(about, "muted", wrap=True))
        self.key = QComboBox()
        self.key.setEditable(True)
        self.key.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.key.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.key.setMinimumContentsLength(_SHOWN)
        self.key.addItem(_tr("No key: open to whoever opens the vault"), "")
        if now is not None:
            self.key.addItem(now.key_id, now.key_id)
            self.key.setCurrentIndex(1)
        self.add_field(
            _tr("&Key"), self.key,
            _tr("Choose an alias, or write the id or ARN of a symmetric encryption key."),
            self._check,
        )  # fmt: skip
        self.reuse = QSpinBox()
        self.reuse.setRange(SHORTEST_REUSE, LONGEST_REUSE)
        self.reuse.setSuffix(_tr(" s"))
        self.reuse.setSingleStep(SHORTEST_REUSE)
        self.reuse.setValue(USUAL_REUSE if now is None else now.reuse)
        self.reuse.lineEdit().setTextMargins(context.look.unit * 2, 0, 0, 0)
        self._reuse_group = self.add_field(
            _tr("&Reuse a data key for"), self.reuse,
            _tr("A longer time asks the key less often; taking a permission away then acts later."),
        )  # fmt: skip
        self.key.currentTextChanged.connect(lambda _text: self._follow())
        self.on_submit(self._save)
        self._follow()
        context.session.start(
            self, lambda: sealing_keys(context.bench.kms), self._offer, self._unlisted
        )

    @property
    def chosen(self) -> HistoryKey | None:
        """What the fields say; None for no key."""
        text = self.key.currentText().strip()
        place = self.key.findText(text, Qt.MatchFlag.MatchExactly)
        key = self.key.itemData(place) if place >= 0 else text
        return HistoryKey(str(key), self.reuse.value()) if key else None

    def _check(self) -> str:
        return "" if self.key.currentText().strip() else _tr("Choose a key, or “No key”.")

    def _follow(self) -> None:
        self._reuse_group.setVisible(self.chosen is not None)
        self.name_verb(_tr("Use this key") if self.chosen is not None else _tr("Use no key"))
        self.grow()

    def _offer(self, names: list[str]) -> None:
        typed = self.key.currentText()
        for name in names:
            if self.key.findData(name) < 0:
                self.key.addItem(name, name)
        self.key.setEditText(typed)

    def _unlisted(self, words: Explanation) -> None:
        self.show_problem(words)

    def _save(self) -> None:
        history, wanted = self._context.bench.jobs.history, self.chosen
        self.show_working(working=True, text=_tr("Sealing…"))

        def done(_none: None) -> None:
            said = _tr("The signing history is open to whoever opens the vault.")
            if wanted is not None:
                said = _tr("The signing history is sealed under {key}.").format(key=wanted.key_id)
            self._context.frame.notify(said, "ok")
            self.accept()

        def failed(words: Explanation) -> None:
            self.show_working(working=False)
            self.show_problem(words)

        self._context.session.start(self, lambda: history.seal(wanted), done, failed)
