"""Which panes there are, in the order of the rail."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from workbench.ui.pane import Context, PaneMaker


def _keys() -> PaneMaker:
    from workbench.ui.panes.keys.pane import KeysPane  # noqa: PLC0415 - as `Later` says

    return KeysPane


def _rotation() -> PaneMaker:
    from workbench.ui.panes.rotation.pane import RotationPane  # noqa: PLC0415 - as `Later` says

    return RotationPane


def _certificates() -> PaneMaker:
    from workbench.ui.panes.certificates.pane import CertificatesPane  # noqa: PLC0415 - likewise

    return CertificatesPane


def _signing() -> PaneMaker:
    from workbench.ui.panes.signing.pane import SigningPane  # noqa: PLC0415 - as `Later` says

    return SigningPane


@dataclass(frozen=True, slots=True)
class Later:
    """A pane whose class is imported when it is first wanted.

    Panes bring the certificate and signing libraries with them, for which neither the window's
    first frame nor the pane in front must wait.

    Attributes:
        id: the pane's.
        icon: the pane's.
        find: imports the class.
    """

    id: str
    icon: str
    find: Callable[[], PaneMaker]

    def name(self) -> str:
        """Return the pane's name on the rail."""
        names = {
            "keys": QCoreApplication.translate("KeysPane", "Keys"),
            "rotation": QCoreApplication.translate("RotationPane", "Rotation"),
            "certificates": QCoreApplication.translate("CertificatesPane", "Certificates"),
            "signing": QCoreApplication.translate("SigningPane", "Signing"),
        }
        return names[self.id]

    def load(self) -> None:
        """Import the class now."""
        self.find()

    def made_for(self, context: Context) -> Any:
        """Return the pane."""
        return self.find().made_for(context)


class Panes:
    """The panes in the order of the rail."""

    def __iter__(self) -> Iterator[Later]:
        """Return what makes them."""
        yield Later("keys", "keys", _keys)
        yield Later("rotation", "rotation", _rotation)
        yield Later("certificates", "certificate", _certificates)
        yield Later("signing", "sign", _signing)

    def load(self) -> None:
        """Import them now, on a worker, while a person looks at the first page."""
        for pane in self:
            pane.load()


PANES: Final = Panes()
