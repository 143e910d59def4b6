"""The inspector's tab for a certificate's bytes: ASN.1 elements, each whole on demand, and PEM."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.pki.parse import pem
from workbench.ui.look import Look
from workbench.ui.panes.certificates.asn1 import Element
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import push_button
from workbench.ui.widgets.texts import number

_PEM: Final = 0
_BYTES: Final = 1
_ACROSS: Final = 8
_SPAN: Final = Qt.ItemDataRole.UserRole

Copy = Callable[[str, str], None]


def dump(der: bytes, start: int, end: int) -> str:
    """Return bytes in hexadecimal, eight a line, each line headed by its offset."""
    return "\n".join(
        f"{place:6}  {der[place : min(place + _ACROSS, end)].hex(' ')}"
        for place in range(start, end, _ACROSS)
    )


class BytesTab(QWidget):
    """The certificate's bytes: element by element, and as PEM to copy or to save.

    Args:
        look: fonts and spacing.
        copy: the frame's.
        save: exports the certificate.
    """

    def __init__(self, look: Look, copy: Copy, save: Callable[[], None]) -> None:
        super().__init__()
        self._copy = copy
        self._der = b""
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setProperty("role", "readonly")
        self.text.setTabChangesFocus(True)
        look.follow(self.text, lambda: self.text.setFont(look.mono))
        self.elements = Asn1Tree(look)
        self.which = QTabBar()
        self.which.setAccessibleName(self.tr("PEM or the bytes of the chosen element"))
        self.which.setDrawBase(False)
        self.which.setExpanding(False)
        self.which.addTab(self.tr("PEM"))
        self.which.addTab(self.tr("Element"))
        self.which.setTabToolTip(_BYTES, self.tr("All bytes of the element chosen above"))
        unit = look.unit
        buttons = QHBoxLayout()
        buttons.setSpacing(unit * 2)
        self.copy_button = push_button(self.tr("Copy PEM"), self._copy_shown)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(push_button(self.tr("Export…"), save))
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        column.setSpacing(unit * 2)
        column.addWidget(self.elements, 3)
        column.addWidget(self.which)
        column.addWidget(self.text, 2)
        column.addLayout(buttons)
        self.which.currentChanged.connect(lambda _number: self._show())
        self.elements.currentItemChanged.connect(lambda _now, _before: self._show())
        self.elements.itemActivated.connect(lambda _item: self.which.setCurrentIndex(_BYTES))
        self.elements.copy_wanted.connect(self._copy_bytes)

    def show_record(self, record: Record) -> None:
        """Show a certificate; its elements follow by `elements`."""
        self._der = record.der
        self.elements.clear()
        self._show()

    def _show(self) -> None:
        chosen = self.elements.span
        self.which.setTabEnabled(_BYTES, chosen is not None)
        if self.which.currentIndex() == _BYTES and chosen is not None:
            self.text.setPlainText(dump(self._der, *chosen))
            self.text.setAccessibleName(self.tr("Bytes of the chosen element"))
            self.copy_button.setText(self.tr("Copy bytes"))
        else:
            self.text.setPlainText(pem(self._der) if self._der else "")
            self.text.setAccessibleName(self.tr("Certificate as PEM"))
            self.copy_button.setText(self.tr("Copy PEM"))

    def _copy_shown(self) -> None:
        if self.which.currentIndex() == _BYTES:
            self._copy_bytes()
        else:
            self._copy(f"{pem(self._der)}\n", self.tr("certificate as PEM"))

    def _copy_bytes(self) -> None:
        chosen = self.elements.span
        if chosen is not None:
            start, end = chosen
            self._copy(self._der[start:end].hex(), self.tr("bytes of the element, in hexadecimal"))


class Asn1Tree(QTreeWidget):
    """The certificate's DER, element by element.

    Signals:
        copy_wanted(): the bytes of the chosen element are to be copied.
    """

    copy_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("ASN.1 elements of the certificate"))
        self.setProperty("role", "boxed")
        self.setHeaderLabels([self.tr("Element"), self.tr("Offset"), self.tr("Content")])
        self.setUniformRowHeights(True)
        self.setIndentation(look.unit * 2)
        self.setColumnWidth(0, look.unit * 36)
        self.setColumnWidth(1, look.unit * 15)
        self._look = look

    @property
    def span(self) -> tuple[int, int] | None:
        """Where the chosen element begins and ends in the certificate, None if none is chosen."""
        item = self.currentItem()
        if item is None:
            return None
        start, end = item.data(0, _SPAN)
        return int(start), int(end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the bytes of the chosen element."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.span is not None:
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def show_elements(self, found: Sequence[Element]) -> None:
        """Show elements, outermost first."""
        self.clear()
        parents: list[QTreeWidgetItem] = []
        items: list[QTreeWidgetItem] = []
        for element in found:
            words = [element.tag, str(element.offset), element.value or self._held(element)]
            item = QTreeWidgetItem(words)
            end = element.offset + element.header + element.length
            item.setData(0, _SPAN, (element.offset, end))
            item.setFont(2, self._look.mono)
            item.setSizeHint(0, QSize(0, self._look.unit * 6))
            span = self.tr("{n} bytes at offset {offset}, header {header}").format(
                n=number(element.length), offset=element.offset, header=element.header
            )
            item.setToolTip(0, span)
            item.setToolTip(2, element.value or span)
            del parents[element.depth :]
            if parents:
                parents[-1].addChild(item)
            else:
                items.append(item)
            parents.append(item)
        self.addTopLevelItems(items)
        self.expandToDepth(2)

    def _held(self, element: Element) -> str:
        return self.tr("{n} bytes").format(n=number(element.length))
