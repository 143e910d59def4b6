"""Certificates that use it: those in the collection whose public key is this key's."""

from functools import partial

from workbench.ui.pane import Context
from workbench.ui.panes.keys.impact import HeldCertificate, certificates_of, has_public_key
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.widgets.basics import label


class CertificatesTab(AskingTab[tuple[HeldCertificate, ...]]):
    """A link per certificate."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._fields = self.make_fields()
        self._answer: tuple[HeldCertificate, ...] | None = None
        context.session.changed.connect(self._heard)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Certificates")

    def applies(self, row: KeyRow) -> bool:
        """Whether the key is a pair."""
        return has_public_key(row)

    def ask(self, row: KeyRow) -> tuple[HeldCertificate, ...]:
        """Look them up; on a worker."""
        return certificates_of(self.context.bench.kms, self.context.bench.shelf, row)

    def show_answer(self, row: KeyRow, answer: tuple[HeldCertificate, ...]) -> None:
        """Show them."""
        del row
        if answer == self._answer:
            return
        self._answer = answer
        fields = self._fields
        fields.clear()
        if not answer:
            fields.widget(label(self.tr("No certificate here holds this public key."), "muted"))
        for one in answer:
            fields.link(self._kind(one), one.subject, partial(self._show, one))

    def show_nothing(self) -> None:
        """Take them away."""
        self._answer = None
        self._fields.clear()

    def _show(self, one: HeldCertificate) -> None:
        self.context.frame.show_object("certificates", one.id)

    def _kind(self, one: HeldCertificate) -> str:
        if one.source == "AUTHORITY":
            return (
                self.tr("Certificate authority, trusted")
                if one.trusted
                else self.tr("Certificate authority")
            )
        return self.tr("Issued here") if one.source == "ISSUED" else self.tr("Imported")

    def _heard(self, topic: str) -> None:
        if topic == "certificates" and self.row is not None and self.isVisible():
            self.reload()
