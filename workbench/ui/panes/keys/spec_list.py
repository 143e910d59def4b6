"""The key specs to choose from, grouped, each with a line on what it is.

Knows words and the look; knows no service.
"""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from workbench.ports import SpecView
from workbench.ui.look import Look
from workbench.ui.panes.keys import words

_NAME = Qt.ItemDataRole.UserRole
_GROUPS: tuple[words.Group, ...] = ("pq", "classical", "symmetric")
_FIRST = "ML_DSA_65"


class SpecList(QTreeWidget):
    """Post-quantum first; what cannot be made here is shown, disabled, with the reason.

    Signals:
        spec_chosen(str): another spec is chosen.
    """

    spec_chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._items: dict[str, QTreeWidgetItem] = {}
        self.setProperty("role", "boxed")
        self.setColumnCount(2)
        self.setHeaderLabels([self.tr("Key spec"), self.tr("Strength and size")])
        self.setRootIsDecorated(False)
        self.setIndentation(look.unit * 3)
        self.setExpandsOnDoubleClick(False)
        self.setItemsExpandable(False)
        self.setAllColumnsShowFocus(True)
        self.setUniformRowHeights(True)
        header = self.header()
        header.setStretchLastSection(True)
        for group in _GROUPS:
            self._add_group(group)
        self.expandAll()
        longest = max(words.SPECS, key=len)
        width = self.fontMetrics().horizontalAdvance(longest)
        header.resizeSection(0, width + self.indentation() + look.unit * 6)
        self.currentItemChanged.connect(lambda *_: self.spec_chosen.emit(self.spec))
        self.choose(_FIRST)

    @property
    def spec(self) -> str:
        """The chosen spec, or nothing."""
        item = self.currentItem()
        return str(item.data(0, _NAME) or "") if item else ""

    def choose(self, spec: str) -> None:
        """Choose a spec."""
        self.setCurrentItem(self._items[spec])

    def item_of(self, spec: str) -> QTreeWidgetItem:
        """Return the line of a spec."""
        return self._items[spec]

    def _add_group(self, group: words.Group) -> None:
        heading = QTreeWidgetItem([words.group_name(group)])
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = heading.font(0)
        font.setBold(True)
        heading.setFont(0, font)
        mark = words.group_mark(group)
        heading.setIcon(0, self._look.icon(mark.icon, mark.tone))
        self.addTopLevelItem(heading)
        heading.setFirstColumnSpanned(True)
        self._tall(heading)
        for spec in words.SPECS.values():
            if words.group_of(spec.name) == group:
                heading.addChild(self._make_item(spec))

    def _make_item(self, spec: SpecView) -> QTreeWidgetItem:
        line = words.short_strength(spec) if spec.supported else spec.why_not
        item = QTreeWidgetItem([spec.name, line])
        item.setData(0, _NAME, spec.name)
        item.setToolTip(0, words.purpose(spec) if spec.supported else spec.why_not)
        item.setToolTip(1, line)
        if not spec.supported:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            muted = self._look.colour("muted")
            item.setForeground(0, muted)
            item.setForeground(1, muted)
        self._tall(item)
        self._items[spec.name] = item
        return item

    def _tall(self, item: QTreeWidgetItem) -> None:
        item.setSizeHint(0, QSize(0, self._look.unit * 7))
