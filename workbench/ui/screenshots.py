"""Pictures of every pane, rendered without a screen; for the README, the demo and reviews."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from workbench.base.errors import EnvironmentFault
from workbench.ui.app import make_application
from workbench.ui.collector import Collector
from workbench.ui.look import Look, Scheme
from workbench.ui.pane import PaneMaker
from workbench.ui.ports import BenchPort
from workbench.ui.preferences import Local
from workbench.ui.registry import PANES
from workbench.ui.session import Session
from workbench.ui.window import Window

_PATIENCE = 600
_STEP = 0.02


class _OneBench:
    """A keeper for a bench that is open already."""

    def __init__(self, bench: BenchPort) -> None:
        self._bench = bench

    def default_directory(self) -> Path:
        return self._bench.vault.directory

    def vault_exists(self, _directory: Path) -> bool:
        return True

    def create(self, _directory: Path, _passphrase: str | None = None) -> tuple[Any, str]:
        raise NotImplementedError

    def open(self, _directory: Path) -> Any:
        return self._bench

    def demo(self, _progress: Any) -> Any:
        return self._bench

    def keyring_status(self) -> str:
        return ""


async def settle(session: Session) -> None:
    """Wait until nothing is under way and everything is laid out."""
    quiet = 0
    for _ in range(_PATIENCE):
        QApplication.processEvents()
        await asyncio.sleep(_STEP)
        quiet = quiet + 1 if session.idle else 0
        if quiet >= 5:
            return
    raise EnvironmentFault("The panes did not come to rest.", "Try again on a faster machine.")


def picture(widget: QWidget, scale: float = 1.0) -> QPixmap:
    """Return a widget as drawn at `scale` device pixels per device-independent pixel."""
    pixmap = QPixmap(widget.size() * scale)
    pixmap.setDevicePixelRatio(scale)
    widget.render(pixmap, QPoint())
    return pixmap


def capture(
    bench: BenchPort,
    folder: Path,
    panes: Sequence[str] = (),
    schemes: Iterable[Scheme] = ("light", "dark"),
    size: tuple[int, int] = (1280, 800),
    scale: float = 1.0,
    makers: Iterable[PaneMaker] = PANES,
) -> list[Path]:
    """Draw every pane of an open bench and write PNG files.

    Args:
        bench: its vault must be open; it stays open.
        folder: is made if it does not exist; files are named `PANE-SCHEME.png`.
        panes: ids of panes; all if empty.
        schemes: `light`, `dark`.
        size: of the window, in device-independent pixels.
        scale: device pixels per device-independent pixel.
        makers: the panes there are.

    Returns:
        The files written.

    Raises:
        EnvironmentFault: a file could not be written.
    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application()
    folder.mkdir(parents=True, exist_ok=True)
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop, TemporaryDirectory() as place:
        session = Session(application)
        collector = Collector(session)
        local = Local(Path(place) / "window.ini")
        look = Look(application, "light")
        window = Window(_OneBench(bench), look, session, local, makers)
        try:
            window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            window.resize(QSize(*size))
            window.show()
            window.adopt(bench)
            shooting = _shoot(window, folder, tuple(panes), schemes, scale)
            written: list[Path] = loop.run_until_complete(shooting)
        finally:
            window.bench = None  # the caller's bench stays open
            window.close()
            session.close()
            collector.stop()
    return written


async def _shoot(
    window: Window, folder: Path, panes: tuple[str, ...], schemes: Iterable[Scheme], scale: float
) -> list[Path]:
    workspace = window.workspace
    assert workspace is not None
    written = []
    for scheme in schemes:
        window.look.set_scheme(scheme)
        for name in panes or tuple(workspace.panes):
            workspace.turn_to(name)
            await settle(window.session)
            showcase = getattr(workspace.panes[name], "showcase", None)
            if showcase is not None:
                showcase()
                await settle(window.session)
            window.notices.clear()
            target = folder / f"{name}-{scheme}.png"
            if not picture(window, scale).save(str(target)):
                raise EnvironmentFault(
                    f"Could not write “{target.name}”.", "Check the folder and the space in it."
                )
            written.append(target)
    return written
