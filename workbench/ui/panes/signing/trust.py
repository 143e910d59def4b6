"""Whom a verification trusts: the roots of the vault, or one other root from a file."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.base.errors import Refused
from workbench.base.files import fault
from workbench.pki.parse import read_certificates
from workbench.ui.pane import Context
from workbench.ui.panes.signing.verify_work import Trust, read_trust
from workbench.ui.panes.signing.words import certificate_name

_LARGEST_ROOT = 1 << 20


class TrustChoice(QObject):
    """Keeps the choice.

    Args:
        context: session and bench.
        parent: owns it, and the file dialog.

    Signals:
        told(int, str): how many roots the vault trusts, and the name of the other root if one is
            used instead.
        chosen: another choice was made: verify again.
    """

    told = Signal(int, str)
    chosen = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._parent = parent
        self._other: tuple[str, bytes] | None = None

    def refresh(self) -> None:
        """Read again whom the vault trusts."""
        shelf = self._context.bench.shelf
        self._context.session.start(self, lambda: read_trust(shelf), self.tell)

    def tell(self, trust: Trust) -> None:
        """Say whom is trusted."""
        self.told.emit(len(trust.roots), self._other[0] if self._other else "")

    def applied_to(self, trust: Trust) -> Trust:
        """Return whom to trust: the vault's roots, or only the other one."""
        if self._other is None:
            return trust
        return Trust((self._other[1],), (*trust.roots, *trust.others))

    def choose(self) -> None:
        """Ask for a root certificate in a file."""
        dialog = QFileDialog(
            self._parent, self.tr("Root certificate to trust for this verification")
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Certificates (*.pem *.crt *.cer *.der)"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.use(Path(name)))
        dialog.open()

    def use(self, path: Path | None) -> None:
        """Trust only the root in this file, or the vault's own again."""
        if path is None:
            self._other = None
            self.refresh()
            self.chosen.emit()
            return
        self._context.session.start(self, lambda: _read_root(path), self._read)

    def _read(self, der: bytes) -> None:
        self._other = (certificate_name(der), der)
        self.told.emit(0, self._other[0])
        self.chosen.emit()


def _read_root(path: Path) -> bytes:
    """Return the certificate in a file, of a chain the last; called on a worker."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_ROOT)
    except OSError as error:
        raise fault(error, "read", path) from error
    found = [one.der for one in read_certificates(data) if one.der]
    if not found:
        raise Refused("There is no certificate in this file.", "Choose a PEM or DER certificate.")
    return found[-1]
