"""The choice of how a CA signs, where its key has several ways."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox

from workbench.pki.algorithms import signing_algorithms


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def in_words(signing: str) -> str:
    """Return what people call a SigningAlgorithm, such as `RSA-PSS with SHA-256`."""
    digest, _, key = signing.partition("WITH")
    if not key.startswith("RSA"):
        return signing.replace("_", "-")
    kind = _tr("RSA-PSS") if key.endswith("_PSS") else _tr("RSA PKCS#1 v1.5")
    return _tr("{kind} with {digest}").format(kind=kind, digest=digest.replace("SHA", "SHA-"))


class SignatureBox(QComboBox):
    """Offers the signing algorithms of a key; the data of each is AWS's name for it."""

    def __init__(self) -> None:
        super().__init__()
        self._offered = ("", "")

    @property
    def open(self) -> bool:
        """Whether there is anything to choose."""
        return self.count() > 1

    @property
    def chosen(self) -> str:
        """AWS's SigningAlgorithm; empty where there is nothing to choose."""
        return str(self.currentData()) if self.open else ""

    def offer(self, algorithm: str, usual: str = "") -> None:
        """Offer what goes with a KeyAlgorithm, the usual one chosen."""
        if (algorithm, usual) == self._offered:
            return
        self._offered = (algorithm, usual)
        self.clear()
        for name in signing_algorithms(algorithm):
            self.addItem(in_words(name), name)
        self.setCurrentIndex(max(0, self.findData(usual)))
