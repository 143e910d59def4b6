"""Through time: the drawing follows the slider at once, table and inspector when it rests.

Owns that order; knows neither widget nor service.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QObject, QTimer

from workbench.ui.panes.certificates.folding import Folding
from workbench.ui.panes.certificates.records import Collection

RESTS: Final = 150
"""Milliseconds without a move after which the slider rests."""


class Travel:
    """Moves a collection through time.

    Args:
        owner: with which it ends.
        folding: the tree.
        arrived: is given the collection as it is at the moment where the slider rests.
    """

    def __init__(
        self, owner: QObject, folding: Folding, arrived: Callable[[Collection], None]
    ) -> None:
        self._folding = folding
        self._arrived = arrived
        self._rest = QTimer(owner, singleShot=True, interval=RESTS)
        self._rest.timeout.connect(self._settle)

    def move(self, moment: datetime | None) -> None:
        """Show the tree as of another moment, None for now; the rest follows soon."""
        self._folding.set_moment(moment)
        self._rest.start()

    def _settle(self) -> None:
        shelf, moment = self._folding.kin.shelf, self._folding.moment
        self._arrived(shelf if moment is None else shelf.at(moment))
