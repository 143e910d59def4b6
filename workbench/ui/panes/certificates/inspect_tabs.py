"""The inspector's tabs for one certificate.

Each shows a `Record`; what takes time is computed on workers by the pane's context. Knows the kit
and `pki`'s words.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.pki.validate import ChainVerdict, LinkVerdict
from workbench.ui.look import Look
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.states import SIGNS
from workbench.ui.panes.certificates.table import kind_icon
from workbench.ui.widgets.basics import Badge, label, push_button
from workbench.ui.widgets.fields import SelectableText
from workbench.ui.widgets.texts import local_date, local_time


class ChainTab(QWidget):
    """The verdict on the chain, and on each of its links.

    Signals:
        wanted(str): a certificate of the chain is to be shown; its id.
    """

    wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._column = QVBoxLayout(self)
        unit = look.unit
        self._column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        self._column.setSpacing(unit * 3)
        self._column.addStretch(1)

    def show_text(self, text: str) -> None:
        """Say why there is no verdict (yet)."""
        self._clear()
        self._add(label(text, "muted", wrap=True))

    def show_verdict(
        self, verdict: ChainVerdict, ids: Sequence[str], what: str, moment_text: str
    ) -> None:
        """Show a verdict.

        Args:
            verdict: of the chain.
            ids: of its links' certificates.
            what: for which purpose it was checked.
            moment_text: when.
        """
        self._clear()
        if verdict.trusted:
            self._add(Badge(self._look, self.tr("Trusted"), "ok", "ok"))
        else:
            self._add(Badge(self._look, self.tr("Not trusted"), "danger", "error"))
        if all(link.sentence != verdict.sentence for link in verdict.links):
            self._add(SelectableText(self._look, verdict.sentence))
        for place, (link, name) in enumerate(zip(verdict.links, ids, strict=True)):
            if place:
                self._add(self._arrow())
            self._add(self._card(link, name))
        checked = self.tr(
            "Checked for {purpose} as of {moment}. Revocation is judged by the lists and answers in"
            " the collection."
        )
        self._add(label(checked.format(purpose=what, moment=moment_text), "muted", wrap=True))

    def _card(self, link: LinkVerdict, name: str) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card" if link.ok else "card-danger")
        unit = self._look.unit
        mark = QLabel()
        self._look.dress_label(mark, "ok" if link.ok else "error", "ok" if link.ok else "danger")
        words = QVBoxLayout()
        words.setSpacing(unit)
        title = push_button(link.subject, partial(self.wanted.emit, name), "link")
        title.setToolTip(self.tr("Show this certificate"))
        title.setSizePolicy(title.sizePolicy().Policy.Ignored, title.sizePolicy().Policy.Fixed)
        words.addWidget(title)
        words.addWidget(SelectableText(self._look, link.sentence))
        if link.rule:
            words.addWidget(label(link.rule, "muted", wrap=True))
        row = QHBoxLayout(card)
        row.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
        row.setSpacing(unit * 2)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        card.setAccessibleName(link.sentence)
        return card

    def _arrow(self) -> QWidget:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(self._look.unit * 3, 0, 0, 0)
        mark = QLabel()
        self._look.dress_label(mark, "chevron-down", "muted")
        across.addWidget(mark)
        across.addWidget(label(self.tr("signed by"), "muted"))
        across.addStretch(1)
        return row

    def _add(self, widget: QWidget) -> None:
        self._column.insertWidget(self._column.count() - 1, widget)

    def _clear(self) -> None:
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                # Out at once: what was said of another certificate must not be found any more.
                widget.setParent(None)
                widget.deleteLater()


class BelowTab(QListWidget):
    """What was issued below a certificate.

    Signals:
        wanted(str): one of them is to be shown; its id.
    """

    wanted = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(self.tr("Certificates issued below"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(look.icon_size, look.icon_size))
        self.itemActivated.connect(
            lambda item: self.wanted.emit(item.data(Qt.ItemDataRole.UserRole))
        )
        self.itemClicked.connect(lambda item: self.wanted.emit(item.data(Qt.ItemDataRole.UserRole)))

    def show_records(self, records: Sequence[Record]) -> None:
        """Show certificates."""
        self.clear()
        for record in records:
            words = self.tr("{name}\n{state}, until {date}").format(
                name=record.name, state=SIGNS[record.state].text, date=local_date(record.ends)
            )
            item = QListWidgetItem(self._look.icon(kind_icon(record), "muted"), words)
            item.setData(Qt.ItemDataRole.UserRole, record.id)
            item.setSizeHint(QSize(0, self._look.unit * 12))
            item.setToolTip(f"{record.subject}\n{local_time(record.ends)}")
            self.addItem(item)
