"""What is verified: the file, its signature, whom to trust, on which date, and what is demanded.

Owns the two slots and who waits for whom; begins nothing by itself.
"""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QRectF, Qt, QTimer, QTimeZone, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QDateTimeEdit,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.base.clock import Clock
from workbench.signing.formats.registry import FORMATS
from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.panes.signing.demand_fields import DemandFields
from workbench.ui.panes.signing.verify_work import Terms
from workbench.ui.panes.signing.words import shown_name, shown_path
from workbench.ui.widgets.basics import CommandButton, label, push_button
from workbench.ui.widgets.elided import ElidedLabel
from workbench.ui.widgets.texts import date_time_format

_DATE_DELAY = 800


class Slot(QFrame):
    """A place for one file.

    Args:
        look: colours and spacing.
        icon: what stands in it.
        title: what belongs into it.
        pattern: name filters of its file dialog.

    Signals:
        filled: a file was chosen or put in.

    Attributes:
        path: what is in it, or None.
        waiting: whether it was said that something is waited for.
    """

    filled = Signal()

    def __init__(self, look: Look, icon: str, title: str, pattern: str) -> None:
        super().__init__()
        self._look = look
        self._title = title
        self._pattern = pattern
        self.waiting = False
        self.path: Path | None = None
        self.setProperty("role", "card")
        unit = look.unit
        mark = QLabel()
        look.dress_label(mark, icon, "accent", unit * 7)
        self._name = ElidedLabel("strong")
        self._asked = label("", "strong", wrap=True)
        self._about = ElidedLabel("muted")
        words = QVBoxLayout()
        words.setSpacing(unit // 2)
        words.addWidget(label(title, "muted"))
        words.addWidget(self._name)
        words.addWidget(self._asked)
        words.addWidget(self._about)
        words.addStretch(1)
        self._choose = push_button(self.tr("Choose…"), self.choose)
        self._choose.setAccessibleName(self.tr("Choose: {what}").format(what=title))
        row = QHBoxLayout(self)
        row.setContentsMargins(unit * 3, unit * 3, unit * 3, unit * 3)
        row.setSpacing(unit * 3)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._choose, 0, Qt.AlignmentFlag.AlignTop)
        self.show_path(None)

    def show_path(self, path: Path | None, waiting: str = "", inside: str = "") -> None:
        """Put a file in, or say what is waited for, or that it is inside the other one."""
        self.path = path
        self._asked.setText(waiting or inside or self.tr("Nothing chosen yet"))
        self._asked.setVisible(path is None)
        self._name.setVisible(path is not None)
        if path is not None:
            self._name.say(shown_name(path))
            self._about.say(shown_path(path.parent))
        else:
            self._about.say("" if inside else self.tr("Drop it on the window, or choose it."))
        self.waiting = bool(waiting)
        self.update()
        said = (self._asked if path is None else self._name).text()
        self.setAccessibleName(f"{self._title}: {said}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a dashed edge while something is waited for, as where things are dropped."""
        super().paintEvent(event)
        if not self.waiting:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self._look.unit
        painter.setPen(QPen(self._look.colour("accent"), max(1.5, unit / 3), Qt.PenStyle.DashLine))
        painter.setBrush(self._look.soft("accent"))
        edge = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(edge, unit * 1.75, unit * 1.75)

    def choose(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self, self._title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self._pattern)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._chosen(Path(name)))
        dialog.open()

    def _chosen(self, path: Path) -> None:
        self.show_path(path)
        self.filled.emit()


class VerifyInputs(QWidget):
    """File, signature, trust, date and demands.

    Args:
        look: colours and spacing.
        clock: for the date to begin with.
        again: verifies again, as a button.

    Signals:
        ready: both slots were filled by hand: verify now.
        root_wanted: another root is to be chosen.
        root_dropped: the vault's own roots are to be used again, and no other keys.
        key_wanted: public keys are to be chosen.
        system_wanted: the system's roots are to be trusted as well.

    Attributes:
        demands: what is demanded of a signature beside that.
    """

    ready = Signal()
    root_wanted = Signal()
    root_dropped = Signal()
    key_wanted = Signal()
    system_wanted = Signal()

    def __init__(self, look: Look, clock: Clock, again: Command) -> None:
        super().__init__()
        self._clock = clock
        unit = look.unit
        every = self.tr("All files (*)")
        self.file = Slot(look, "file", self.tr("File"), every)
        self.signature = Slot(look, "sign", self.tr("Signature"), f"{_signatures()};;{every}")
        across = QBoxLayout.Direction.LeftToRight
        self._slots, self._row = QBoxLayout(across), QBoxLayout(across)
        self._slots.setSpacing(unit * 3)
        self._row.setSpacing(unit * 2)
        for slot in (self.file, self.signature):
            self._slots.addWidget(slot, 1)
            slot.filled.connect(self._filled)
        self._trust = ElidedLabel("")
        self._root = push_button(self.tr("Use another root…"), self.root_wanted.emit, "link")
        self._own = push_button(
            self.tr("Use the roots of this vault"), self.root_dropped.emit, "link"
        )
        self._own.hide()
        shield = QLabel()
        look.dress_label(shield, "shield", "muted")
        trust = QHBoxLayout()
        trust.setSpacing(unit * 2)
        for widget in (shield, self._trust, self._root, self._own, self._build_more()):
            trust.addWidget(widget)
        trust.addStretch(1)
        when = QHBoxLayout()
        when.setSpacing(unit * 2)
        when.addWidget(self._build_date())
        when.addWidget(self._when)
        when.addStretch(1)
        when.addWidget(CommandButton(look, again))
        self._row.addLayout(trust, 1)
        self._row.addLayout(when)
        self.demands = DemandFields(look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(unit * 2)
        column.addLayout(self._slots)
        column.addLayout(self._row)
        column.addWidget(self.demands)

    @property
    def terms(self) -> Terms:
        """On which terms a signature is to be taken for good."""
        demands = self.demands
        return Terms(
            self.moment, self._signing.isChecked(), demands.purpose, demands.required,
            demands.demands, demands.revocation,
        )  # fmt: skip

    @property
    def moment(self) -> datetime | None:
        """The date to verify at, UTC, or None for now."""
        if not self._at.isChecked():
            return None
        return datetime.fromtimestamp(self._when.dateTime().toSecsSinceEpoch(), UTC)

    def show_narrow(self, *, narrow: bool) -> None:
        """Stand below each other rather than beside each other."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        for line in (self._slots, self._row):
            line.setDirection(down if narrow else across)
        self.demands.show_narrow(narrow=narrow)

    def wait_for_file(self, signature: Path) -> None:
        """A signature is there: ask for its file."""
        self.signature.show_path(signature)
        name = shown_name(signature)
        self.file.show_path(None, self.tr("Now drop the file that “{p7s}” signs").format(p7s=name))

    def wait_for_signature(self, file: Path) -> None:
        """A file is there: ask for its signature."""
        self.file.show_path(file)
        name = shown_name(file)
        self.signature.show_path(
            None, self.tr("Now drop the signature of “{file}”").format(file=name)
        )

    def show_pair(self, file: Path | None, signature: Path) -> None:
        """Show what is verified; without a file the content is inside the signature."""
        name = shown_name(signature)
        self.file.show_path(file, inside=self.tr("It is inside “{name}”").format(name=name))
        self.signature.show_path(signature)

    def show_trust(self, own: int, other: str) -> None:
        """Say who is trusted: so many roots of the vault, others by name, or both."""
        if other and not own:
            self._trust.say(self.tr("Trusts only “{name}”").format(name=other))
        else:
            text = self.tr("Trusts the 1 root in this vault")
            if own != 1:
                text = self.tr("Trusts the {n} roots in this vault").format(n=own)
            if other:
                text = self.tr("{trusted} and {name}").format(trusted=text, name=other)
            self._trust.say(text)
        self._own.setVisible(bool(other))

    def _build_more(self) -> QToolButton:
        more = QToolButton()
        more.setText(self.tr("More"))
        more.setToolTip(self.tr("Trust public keys or the system's roots; judge at signing time"))
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.addAction(self.tr("&Public keys from a file…"), self.key_wanted.emit)
        menu.addAction(self.tr("The &system's roots, made for web sites"), self.system_wanted.emit)
        menu.addSeparator()
        self._signing = menu.addAction(self.tr("Judge at the si&gning time that is claimed"))
        self._signing.setCheckable(True)
        self._signing.toggled.connect(self._signing_toggled)
        more.setMenu(menu)
        return more

    def _build_date(self) -> QCheckBox:
        self._at = QCheckBox(self.tr("As of another &date"))
        self._at.setToolTip(self.tr("Certificates must be valid on that date instead of today"))
        self._when = QDateTimeEdit()
        self._when.setDisplayFormat(date_time_format())
        self._when.setCalendarPopup(True)
        self._when.setAccessibleName(self.tr("Date to verify at"))
        self._when.setDateTime(
            QDateTime.fromSecsSinceEpoch(
                round(self._clock.now().timestamp()), QTimeZone.systemTimeZone()
            )
        )
        self._when.hide()
        self._later = QTimer(self, singleShot=True, interval=_DATE_DELAY)
        self._later.timeout.connect(self._date_changed)
        self._when.dateTimeChanged.connect(lambda _moment: self._later.start())
        self._at.toggled.connect(self._date_toggled)
        return self._at

    def _signing_toggled(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if on:
            self._at.setChecked(False)
        self._later.start()

    def _date_toggled(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if on:
            self._signing.setChecked(False)
        self._when.setVisible(on)
        self._later.start()

    def _date_changed(self) -> None:
        if self.signature.path is not None and not self.file.waiting:
            self.ready.emit()

    def _filled(self) -> None:
        file, signature = self.file.path, self.signature.path
        if file is not None and signature is not None:
            self.ready.emit()
        elif signature is not None:
            self.wait_for_file(signature)
        elif file is not None:
            self.wait_for_signature(file)


def _signatures() -> str:
    names = sorted({f"*{form.suffix}" for form in FORMATS.values() if form.suffix})
    text = QCoreApplication.translate("signing", "Signatures ({names})")
    return text.format(names=" ".join(("*.p7m", *names)))
