"""Whom a verification trusts: the vault's roots or others, public keys, the system's roots."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.base.errors import Refused
from workbench.base.files import fault
from workbench.pki.parse import facts, read_certificates
from workbench.signing.formats.base import TrustedKey
from workbench.signing.trust import system_roots, trusted_keys
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
        told(int, str): how many of the vault's roots are trusted, 0 where others are used in their
            place; and the names of others that are trusted.
        chosen: another choice was made: verify again.
    """

    told = Signal(int, str)
    chosen = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._parent = parent
        self._other: tuple[str, tuple[bytes, ...]] | None = None
        self._keys: tuple[TrustedKey, ...] = ()
        self._system: tuple[bytes, ...] = ()
        self._own: tuple[TrustedKey, ...] = ()
        self._roots = 0

    def refresh(self) -> None:
        """Read again whom the vault trusts."""
        shelf = self._context.bench.shelf
        self._context.session.start(self, lambda: read_trust(shelf), self.tell)

    def tell(self, trust: Trust) -> None:
        """Say who is trusted."""
        self._roots = len(trust.roots)
        self._say()

    def _say(self) -> None:
        self.told.emit(0 if self._other else self._roots, self._others())

    def applied_to(self, trust: Trust) -> Trust:
        """Return whom to trust: the vault's roots, or only the other ones; and added keys."""
        roots, others = trust.roots, trust.others
        if self._other is not None:
            roots, others = self._other[1], (*trust.roots, *trust.others)
        return Trust((*roots, *self._system), others, (*self._keys, *self._own), trust.evidence)

    def _others(self) -> str:
        names = [self._other[0]] if self._other else []
        names += [key.name for key in self._keys[:3]]
        if self._system:
            names.append(self.tr("the system's roots"))
        return ", ".join(names)

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

    def know(self, keys: tuple[TrustedKey, ...]) -> None:
        """Trust keys of the vault itself, of which a job says that it signed with them."""
        self._own = keys

    def choose_keys(self) -> None:
        """Ask for public keys in a file."""
        dialog = QFileDialog(self._parent, self.tr("Public keys to trust for this verification"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(
            [self.tr("Public keys (*.pem *.pub *.der *.jwk *.json)"), self.tr("All files (*)")]
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.use_keys(Path(name)))
        dialog.open()

    def use_keys(self, path: Path) -> None:
        """Trust the public keys in this file as well."""

        def read(keys: tuple[TrustedKey, ...]) -> None:
            self._keys = (*self._keys, *keys)
            self._say_and_repeat()

        self._context.session.start(self, lambda: trusted_keys(path), read)

    def use_system(self) -> None:
        """Trust the roots of the operating system as well."""

        def read(roots: tuple[bytes, ...]) -> None:
            self._system = roots
            self._say_and_repeat()

        self._context.session.start(self, system_roots, read)

    def _say_and_repeat(self) -> None:
        self._say()
        self.chosen.emit()

    def use(self, path: Path | None) -> None:
        """Trust only the roots in this file, or the vault's own again and nobody else."""
        if path is None:
            self._other, self._keys, self._system = None, (), ()
            self.refresh()
            self.chosen.emit()
            return
        self._context.session.start(self, lambda: _read_roots(path), self._read)

    def _read(self, roots: tuple[bytes, ...]) -> None:
        self._other = (", ".join(certificate_name(der) for der in roots[:3]), roots)
        self._say_and_repeat()


def _read_roots(path: Path) -> tuple[bytes, ...]:
    """Return the roots in a file, or of a chain without any the last; called on a worker."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_ROOT)
    except OSError as error:
        raise fault(error, "read", path) from error
    found = [one.der for one in read_certificates(data) if one.der]
    if not found:
        raise Refused("There is no certificate in this file.", "Choose a PEM or DER certificate.")
    roots = tuple(der for der in found if facts(der).self_issued)
    return roots or (found[-1],)
