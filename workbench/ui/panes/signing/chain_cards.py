"""A chain drawn as cards, the signer's first, each signed by the one below it.

Owns how a link's verdict looks. The broken link stands out and carries its sentence in full.
"""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.pki.names import common_name
from workbench.pki.parse import Malformed, facts
from workbench.pki.validate import LinkVerdict
from workbench.ui.look import Look
from workbench.ui.widgets.basics import Badge, label
from workbench.ui.widgets.texts import local_date


class Connector(QWidget):
    """The line between two cards: who signed whom."""

    def __init__(self, look: Look, words: str, *, ok: bool) -> None:
        super().__init__()
        self._look = look
        self._ok = ok
        row = QHBoxLayout(self)
        row.setContentsMargins(look.unit * 9, look.unit, 0, look.unit)
        row.addWidget(label(words, "muted"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw an arrow upwards: the card below signed the one above."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self._look.unit
        colour = self._look.colour("ok" if self._ok else "danger")
        style = Qt.PenStyle.SolidLine if self._ok else Qt.PenStyle.DashLine
        painter.setPen(QPen(colour, max(1.5, unit / 2.5), style))
        left = unit * 6.0
        painter.drawLine(QPointF(left, unit), QPointF(left, self.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(left, 0),
                    QPointF(left - unit, unit * 1.8),
                    QPointF(left + unit, unit * 1.8),
                ]
            )
        )

    def sizeHint(self) -> QSize:
        """Return room for a line of words."""
        return QSize(self._look.unit * 40, self._look.unit * 7)


class LinkCard(QFrame):
    """One certificate of the chain with its verdict.

    Signals:
        picked(bytes): clicked, or Enter pressed on it; the certificate's DER.
    """

    picked = Signal(object)

    def __init__(self, look: Look, link: LinkVerdict, role: str) -> None:
        super().__init__()
        self.link = link
        self.setProperty("role", "card" if link.ok else "card-danger")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        unit = look.unit
        name, about = _describe(link)
        head = QHBoxLayout()
        head.setSpacing(unit * 2)
        mark = QLabel()
        look.dress_label(mark, "certificate", "accent" if link.ok else "danger", unit * 5)
        head.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(name, "strong", wrap=True))
        words.addWidget(label(role, "muted"))
        head.addLayout(words, 1)
        verdict = self.tr("In order") if link.ok else self.tr("Broken here")
        badge = Badge(look, verdict, "ok" if link.ok else "danger")
        head.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 3, unit * 3, unit * 3, unit * 3)
        column.setSpacing(unit * 2)
        column.addLayout(head)
        column.addWidget(label(about if link.ok else link.sentence, wrap=True))
        if link.rule:
            column.addWidget(label(link.rule, "muted"))
        self.setAccessibleName(f"{name}, {role}: {verdict}. {link.sentence}")
        self.setToolTip(self.tr("Show the details of this certificate"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick it."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.picked.emit(self.link.der)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick it by Enter or Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.picked.emit(self.link.der)
        else:
            super().keyPressEvent(event)


class ChainCards(QWidget):
    """The whole chain, the signer at the top, the root at the bottom.

    Signals:
        picked(bytes): a certificate was picked; its DER.
    """

    picked = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.cards: list[LinkCard] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)

    def show_links(self, links: Sequence[LinkVerdict]) -> None:
        """Draw another chain, leaf first as it comes."""
        self.cards.clear()
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, link in enumerate(links):
            if place:
                below = links[place - 1]
                self._put(Connector(self._look, self.tr("signed by"), ok=below.ok and link.ok))
            card = LinkCard(self._look, link, self._role(place, len(links), link))
            card.picked.connect(self.picked)
            self.cards.append(card)
            self._put(card)

    def _put(self, widget: QWidget) -> None:
        self._column.insertWidget(self._column.count() - 1, widget)

    def _role(self, place: int, count: int, link: LinkVerdict) -> str:
        if place == 0:
            return self.tr("Signer")
        if place == count - 1 and _self_issued(link.der):
            return self.tr("Root")
        return self.tr("Certificate authority")


def _self_issued(der: bytes) -> bool:
    try:
        return facts(der).self_issued
    except Malformed:
        return False


def _describe(link: LinkVerdict) -> tuple[str, str]:
    """Return a certificate's name and until when it is valid."""
    try:
        certificate = facts(link.der).certificate
    except Malformed:
        return link.subject, link.sentence
    dates = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    span = " \N{EN DASH} ".join(local_date(one) for one in dates)
    return common_name(certificate.subject), span
