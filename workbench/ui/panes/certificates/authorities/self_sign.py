"""A root that waits for its certificate, as one made by the API does, and signs it itself."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from workbench.base.errors import WorkbenchError
from workbench.pki import founding
from workbench.pki.alternative import contact_name
from workbench.pki.founding import Terms
from workbench.pki.roster import Held
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.host import Host
from workbench.ui.widgets.dialogs import FormDialog

_DAYS = 3650
_LONGEST_DAYS = 36_500


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class SelfSignDialog(FormDialog):
    """Asks what a root's own certificate is to say.

    Args:
        look: colours and spacing.
        held: the CA.
        parent: the pane.
    """

    def __init__(self, look: Look, held: Held, parent: QWidget) -> None:
        title = _tr("Certificate of “{name}”").format(name=held.name)
        super().__init__(look, title, _tr("Sign certificate"), parent)
        self.setProperty(HELP_PAGE, "outside-ca")
        self.kind, self.contact, self.days = QComboBox(), QLineEdit(), QSpinBox()
        self.kind.addItem(_tr("Root CA"), founding.ROOT)
        words = _tr("Root CA for mobile driving licences (IACA, ISO 18013-5)")
        self.kind.addItem(words, founding.IACA)
        self.days.setRange(1, _LONGEST_DAYS)
        self.days.setValue(_DAYS)
        self.days.setSuffix(_tr(" days"))
        self.days.lineEdit().setTextMargins(look.unit * 2, 0, 0, 0)
        self.trusted = QCheckBox(_tr("Trust it as a root in this vault"))
        self.trusted.setChecked(True)
        self.add_field(_tr("&Kind"), self.kind)
        self._contact_group = self.add_field(
            _tr("&Contact of the issuing authority"), self.contact,
            _tr("An e-mail address or URI; every document signer repeats it."),
            check=self._check_contact,
        )  # fmt: skip
        self.add_field(_tr("&Valid for"), self.days)
        self.body.addWidget(self.trusted)
        self.body.addStretch(1)
        self.kind.currentIndexChanged.connect(lambda _index: self._kind_changed())
        self._kind_changed()

    @property
    def terms(self) -> Terms:
        """What is chosen."""
        contact = self.contact.text().strip() if self._licences else ""
        return Terms(
            self.kind.currentData(),
            self.days.value(),
            trusted=self.trusted.isChecked(),
            contact=contact,
        )

    @property
    def _licences(self) -> bool:
        return bool(self.kind.currentData() == founding.IACA)

    def _kind_changed(self) -> None:
        self._contact_group.setVisible(self._licences)
        self.grow()

    def _check_contact(self) -> str:
        try:
            contact_name(self.contact.text().strip())
        except WorkbenchError as error:
            return error.message
        return ""


class Rooting:
    """Opens the dialog and has the certificate signed and installed.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: SelfSignDialog | None = None

    def begin(self, held: Held) -> None:
        """Ask what a root's own certificate is to say."""
        dialog = SelfSignDialog(self._host.context.look, held, self._host.widget)
        dialog.on_submit(lambda: self._sign(dialog, held))
        self.dialog = dialog
        dialog.open()

    def _sign(self, dialog: SelfSignDialog, held: Held) -> None:
        context, terms = self._host.context, dialog.terms
        bench = context.bench
        dialog.show_working(working=True, text=_tr("Signing…"))

        def signed(name: str) -> None:
            dialog.accept()
            context.frame.notify(_tr("“{name}” can issue now.").format(name=held.name), "ok")
            self._host.reload(name)

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        context.session.start(
            dialog,
            lambda: founding.certify(bench.acm_pca, bench.shelf, held.arn, terms),
            signed,
            failed,
            _tr("Signing a CA's certificate"),
            mutates=True,
        )
