"""The question whether to trust a root, with what it means and what to compare."""

from PySide6.QtWidgets import QCheckBox, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.fields import SelectableText


class TrustDialog(FormDialog):
    """Shows the fingerprint, and trusts only what was compared.

    Args:
        look: colours and spacing.
        record: the root.
        parent: the pane.
    """

    def __init__(self, look: Look, record: Record, parent: QWidget) -> None:
        title = parent.tr("Trust “{name}” as a root?").format(name=record.name)
        super().__init__(look, title, parent.tr("Trust root"), parent)
        meaning = self.tr(
            "From then on every signature is accepted whose chain leads to this certificate:"
            " whoever holds its key can vouch for anybody."
        )
        self.body.addWidget(label(meaning, wrap=True))
        self.body.addWidget(label(self.tr("Subject"), "muted"))
        self.body.addWidget(SelectableText(look, record.subject))
        self.body.addWidget(label(self.tr("SHA-256 fingerprint"), "muted"))
        pairs = bytes.fromhex(record.id).hex(":").upper()
        self.fingerprint = SelectableText(look, pairs, mono=True)
        self.fingerprint.setAccessibleName(
            self.tr("SHA-256 fingerprint: {text}").format(text=pairs)
        )
        self.body.addWidget(self.fingerprint)
        own = record.source == "AUTHORITY"
        self.compared = QCheckBox(self.tr("I have compared the fingerprint with its owner's"))
        self.compared.setChecked(own)
        self.compared.setVisible(not own)
        self.body.addWidget(self.compared)
        self.compared.toggled.connect(lambda _on: self._allow())
        self._allow()

    def _allow(self) -> None:
        self.main_button.setEnabled(self.compared.isChecked())
        why = "" if self.compared.isChecked() else self.tr("Compare the fingerprint first.")
        self.main_button.setToolTip(why)
