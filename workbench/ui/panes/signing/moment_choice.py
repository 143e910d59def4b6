"""As of when certificates are judged: now, when each signature says it was made, or a date.

Owns the choice and its words. Must not know what is judged.
"""

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QHBoxLayout, QWidget

from workbench.base.clock import Clock
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import date_time_format, local_time

_NOW, _SIGNING, _DATE = range(3)


class MomentChoice(QWidget):
    """Three ways in one line.

    Args:
        look: spacing.
        clock: which date is proposed.
    """

    def __init__(self, look: Look, clock: Clock) -> None:
        super().__init__()
        caption = label(self.tr("Certificates must be valid"))
        self.way = QComboBox()
        self.way.addItems(
            [self.tr("now"), self.tr("when the signer says it signed"), self.tr("on this date")]
        )
        self.way.setAccessibleName(self.tr("When certificates must be valid"))
        self.way.setToolTip(self.tr("The next verification judges certificates as of then"))
        caption.setBuddy(self.way)
        self.date = QDateTimeEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat(date_time_format())
        self.date.setAccessibleName(self.tr("Date to verify at"))
        self.date.setDateTime(
            QDateTime.fromSecsSinceEpoch(round(clock.now().timestamp()), QTimeZone.systemTimeZone())
        )
        self.date.hide()
        self.way.currentIndexChanged.connect(lambda way: self.date.setVisible(way == _DATE))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.unit * 2)
        for one in (caption, self.way, self.date):
            row.addWidget(one)
        row.addStretch(1)

    @property
    def moment(self) -> datetime | None:
        """The date to judge at, UTC, or None for now."""
        if self.way.currentIndex() != _DATE:
            return None
        return datetime.fromtimestamp(self.date.dateTime().toSecsSinceEpoch(), UTC)

    @property
    def at_signing(self) -> bool:
        """Whether the time that the signer claims is what counts."""
        return self.way.currentIndex() == _SIGNING

    def words(self) -> str:
        """Return what is chosen in a sentence, or nothing where that is now."""
        if self.at_signing:
            return self.tr("Certificates were judged as of the time that each signer claims.")
        if self.moment is None:
            return ""
        text = self.tr("Certificates were judged as of {date}.")
        return text.format(date=local_time(self.moment))
