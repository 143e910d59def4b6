"""Which panes there are, in the order of the rail."""

from typing import Final

from workbench.ui.pane import PaneMaker
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.panes.signing.pane import SigningPane

PANES: Final[tuple[PaneMaker, ...]] = (KeysPane, RotationPane, CertificatesPane, SigningPane)
