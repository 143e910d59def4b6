"""The keys table's column of last uses kept true: painted again, read again, put in order again."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from workbench.ui.panes.keys.columns import LAST_USED
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.last_uses import LastUses
from workbench.ui.panes.keys.stock import KeyStock
from workbench.ui.widgets.table import RowModel, RowTable


class UseColumn(QObject):
    """Stands between the table, the stock of keys and what is known of their uses.

    Args:
        table: shows the column.
        model: the table's.
        stock: the keys.
        uses: when they were last used.
        again: puts the rows in order again.
    """

    def __init__(
        self,
        table: RowTable,
        model: RowModel[KeyRow],
        stock: KeyStock,
        uses: LastUses,
        again: Callable[[], None],
    ) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._stock = stock
        self._uses = uses
        self._again = again
        stock.busy_changed.connect(self._stock_read)
        uses.changed.connect(self._more_known)
        table.horizontalHeader().sortIndicatorChanged.connect(lambda *_: self.want())

    def want(self) -> None:
        """Have the uses of all keys read if the table is sorted by them."""
        if self._sorts and self._stock.loaded:
            self._uses.want_all(row.id for row in self._stock.rows)

    @property
    def _sorts(self) -> bool:
        section = self._table.horizontalHeader().sortIndicatorSection()
        columns = self._model.columns
        return 0 <= section < len(columns) and columns[section].id == LAST_USED

    def _stock_read(self, busy: bool) -> None:  # noqa: FBT001 - a slot
        if not busy:
            self._uses.outdate()

    def _more_known(self, whole: bool) -> None:  # noqa: FBT001 - a slot
        if whole and self._sorts:
            self._again()
        else:
            self._table.viewport().update()
