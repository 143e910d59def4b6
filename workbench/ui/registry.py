"""Which panes there are, in the order of the rail."""

from collections.abc import Iterator
from typing import Final

from workbench.ui.pane import PaneMaker


class Panes:
    """The panes' classes, imported when they are first asked for.

    They bring the certificate and signing libraries with them (0.4 s), for which the window's
    first frame must not wait: nobody sees a pane before a vault is open.
    """

    def __iter__(self) -> Iterator[PaneMaker]:
        """Return the classes in the order of the rail."""
        from workbench.ui.panes.certificates.pane import CertificatesPane  # noqa: PLC0415
        from workbench.ui.panes.keys.pane import KeysPane  # noqa: PLC0415
        from workbench.ui.panes.rotation.pane import RotationPane  # noqa: PLC0415
        from workbench.ui.panes.signing.pane import SigningPane  # noqa: PLC0415

        return iter((KeysPane, RotationPane, CertificatesPane, SigningPane))

    def load(self) -> None:
        """Import them now, on a worker, while a person looks at the first page."""
        iter(self)


PANES: Final = Panes()
