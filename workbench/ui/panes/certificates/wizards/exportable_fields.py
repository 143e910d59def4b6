"""The fields of a new key that can be exported: its kind, and what it is kept encrypted under.

Knows the kit and `pki`'s list of kinds; asks no service.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QComboBox

from workbench.pki.pairs import SPECS
from workbench.ui.widgets.dialogs import FormDialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class ExportableFields(QObject):
    """Two fields of a dialog, hidden until such a key is wanted.

    Args:
        dialog: gets the fields.
        wrapping: aliases of the symmetric keys there are.
        changed: called when another choice is made.
    """

    def __init__(
        self, dialog: FormDialog, wrapping: Sequence[str], changed: Callable[[], None]
    ) -> None:
        super().__init__(dialog)
        self.spec, self.wrapping = QComboBox(), QComboBox()
        for spec in SPECS:
            self.spec.addItem(spec_words(spec), spec)
        for alias in wrapping:
            self.wrapping.addItem(alias, alias)
        self.wrapping.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.wrapping.setMinimumContentsLength(24)
        kind = dialog.add_field(
            _tr("&Kind of key"), self.spec, _tr("Post-quantum keys never leave the module.")
        )
        under = dialog.add_field(
            _tr("Kept encrypted &under"),
            self.wrapping,
            _tr(
                "Whoever may decrypt under this KMS key can take the private key along, and what"
                " is signed with it elsewhere is in no journal here."
            ),
            self._check,
        )
        self._groups = (kind, under)
        for box in (self.spec, self.wrapping):
            box.currentIndexChanged.connect(lambda _index: changed())

    @property
    def chosen(self) -> tuple[str, str]:
        """Alias of the KMS key, and the KeyPairSpec of the new key."""
        return self.wrapping.currentData() or "", self.spec.currentData()

    def show_fields(self, *, shown: bool) -> None:
        """Show or hide them."""
        for group in self._groups:
            group.setVisible(shown)

    def _check(self) -> str:
        if self.wrapping.currentData():
            return ""
        return _tr("There is no enabled symmetric key with an alias: create one in Keys.")


def spec_words(spec: str) -> str:
    """Return what people call a kind of key."""
    family, _, rest = spec.partition("_")
    if family == "RSA":
        return f"RSA {rest}"
    if spec == "ECC_NIST_EDWARDS25519":
        return "Ed25519"
    return _tr("Elliptic curve {name}").format(name=rest.replace("NIST_P", "P-"))
