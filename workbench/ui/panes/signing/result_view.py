"""A verdict on a page: the answer large, every check with its reason, the chain drawn."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.signing.verdict import Check, Verdict
from workbench.ui.look import Look
from workbench.ui.panes.signing.chain_cards import ChainCards
from workbench.ui.panes.signing.parts_view import PartsView
from workbench.ui.panes.signing.words import grouped
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label, push_button, set_role
from workbench.ui.widgets.fields import Copy, FieldList

_WIDE = 150
_MARKS: dict[bool, tuple[str, Tone]] = {True: ("ok", "ok"), False: ("error", "danger")}


class ResultView(QScrollArea):
    """Shows one verdict.

    Args:
        look: colours and spacing.
        copy: `context.frame.copy`.

    Signals:
        picked(bytes): a certificate of the chain was picked; its DER.
        report_wanted: the verdict is to be written to a file.
        demand_wanted(str): a demand that was not met is to be changed; its name.

    Attributes:
        verdict: what is shown, or None.
    """

    picked = Signal(object)
    report_wanted = Signal()
    demand_wanted = Signal(str)

    def __init__(self, look: Look, copy: Copy) -> None:
        super().__init__()
        self._look = look
        self.verdict: Verdict | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Result of the verification"))
        page = QWidget()
        page.setProperty("role", "page")
        unit = look.unit
        column = QVBoxLayout(page)
        column.setContentsMargins(0, unit * 2, unit * 2, unit * 4)
        column.setSpacing(unit * 4)
        column.addWidget(self._build_headline())
        self._parts = self._build_parts(copy)
        column.addLayout(self._parts)
        column.addStretch(1)
        self.setWidget(page)

    def _build_parts(self, copy: Copy) -> QBoxLayout:
        look, unit = self._look, self._look.unit
        parts = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        parts.setSpacing(unit * 6)
        left = QVBoxLayout()
        left.setSpacing(unit * 3)
        left.addWidget(label(self.tr("Checks"), "heading"))
        self._checks = QVBoxLayout()
        self._checks.setSpacing(unit * 3)
        left.addLayout(self._checks)
        self._details_title = label(self.tr("Details"), "heading")
        left.addSpacing(unit * 2)
        left.addWidget(self._details_title)
        self._details = FieldList(look, copy)
        details_layout = self._details.layout()
        if details_layout is not None:
            details_layout.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self._details)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(unit * 3)
        self._chain_title = label(self.tr("Certificate chain"), "heading")
        right.addWidget(self._chain_title)
        self.chain = ChainCards(look)
        self.chain.picked.connect(self.picked)
        right.addWidget(self.chain)
        self.parts = PartsView(look)
        self.parts.picked.connect(self.picked)
        right.addWidget(self.parts)
        right.addStretch(1)
        parts.addLayout(left, 1)
        parts.addLayout(right, 1)
        return parts

    def show_verdict(self, verdict: Verdict) -> None:
        """Show another verdict, from its top."""
        self.verdict = verdict
        self._show_headline(verdict)
        self._show_checks(verdict.checks)
        self._show_details(verdict)
        self.parts.show_parts(verdict.parts)
        # With several signatures each has its chain.
        several = bool(self.parts.titles)
        self.chain.show_links(() if several else verdict.links)
        self._chain_title.setVisible(bool(verdict.links) or several)
        self._chain_title.setText(
            self.tr("Signatures and their chains") if several else self.tr("Certificate chain")
        )
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put checks and chain side by side where there is room."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= self._look.unit * _WIDE
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._parts.setDirection(across if wide else down)

    def _build_headline(self) -> QFrame:
        unit = self._look.unit
        self._headline = QFrame()
        self._mark = QLabel()
        self._good = False
        self._look.follow(self._mark, self._dress)
        self.answer = label("", "title")
        self.sentence = label("", wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(unit)
        words.addWidget(self.answer)
        words.addWidget(self.sentence)
        row = QHBoxLayout(self._headline)
        row.setContentsMargins(unit * 4, unit * 4, unit * 4, unit * 4)
        row.setSpacing(unit * 4)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.report = push_button(self.tr("Save report…"), self.report_wanted.emit)
        self.report.setToolTip(self.tr("Write the verdict with its reasons as HTML or JSON"))
        self._look.dress(self.report, "export")
        row.addWidget(self.report, 0, Qt.AlignmentFlag.AlignTop)
        return self._headline

    def _show_headline(self, verdict: Verdict) -> None:
        good = verdict.valid
        right = self.tr("Valid signature")
        if verdict.proves == "time":
            right = self.tr("Valid timestamp, no signature")
        self.answer.setText(right if good else self.tr("Not valid"))
        self.sentence.setText(verdict.headline)
        self._good = good
        self._dress()
        set_role(self._headline, "card" if good else "card-danger")
        self._headline.setAccessibleName(f"{self.answer.text()}. {verdict.headline}")

    def _dress(self) -> None:
        name, tone = _MARKS[self._good]
        self._mark.setPixmap(self._look.pixmap(name, tone, self._look.unit * 12))

    def _show_checks(self, checks: Sequence[Check]) -> None:
        _clear(self._checks)
        order = {"failed": 0, "unknown": 1, "open": 2, "ok": 3}
        for check in sorted(checks, key=lambda one: order[one.state]):
            self._checks.addWidget(self._check_line(check))

    def _check_line(self, check: Check) -> QWidget:
        states: dict[str, tuple[str, str, Tone]] = {
            "ok": (self.tr("passed"), "ok", "ok"),
            "failed": (self.tr("failed"), "error", "danger"),
            "unknown": (self.tr("not checked"), "help", "muted"),
            "open": (self.tr("not known"), "help", "warning"),
        }
        word, icon, tone = states[check.state]
        unit = self._look.unit
        line = QWidget()
        mark = QLabel()
        self._look.dress_label(mark, icon, tone, unit * 5)
        words = QVBoxLayout()
        words.setSpacing(unit // 2)
        words.addWidget(label(f"{check.name}: {word}", "strong"))
        said = check.sentence
        if check.state == "failed" and check.next_step:
            said = f"{said} {check.next_step}"
        words.addWidget(label(said, wrap=True))
        if check.evidence:
            line.setToolTip(check.evidence)
        if check.rule:
            words.addWidget(label(check.rule, "muted", wrap=True))
        if check.demand and check.state == "failed":
            words.addWidget(self._demand_link(check), 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(unit * 2)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        line.setAccessibleName(f"{check.name}: {word}. {check.sentence}")
        return line

    def _demand_link(self, check: Check) -> QWidget:
        """Lead from a demand that was not met to the field where it is made."""
        link = push_button(
            self.tr("Change what is demanded…"),
            lambda: self.demand_wanted.emit(check.demand),
            "link",
        )
        link.setAccessibleName(self.tr("Change what is demanded: {check}").format(check=check.name))
        return link

    def _show_details(self, verdict: Verdict) -> None:
        details = self._details
        details.clear()
        known = bool(verdict.signer)
        self._details_title.setVisible(known)
        details.setVisible(known)
        if not known:
            return
        if verdict.form:
            details.text(self.tr("Format"), verdict.form)
        details.text(self.tr("Signer"), verdict.signer, copy=True)
        details.text(self.tr("Signature algorithm"), verdict.algorithm)
        details.time(self.tr("Signing time, as the signer claims"), verdict.signing_time)
        if verdict.file_hash:
            digest = verdict.digest or self.tr("Digest")
            name = self.tr("{digest} of the file").format(digest=digest)
            shown = details.text(name, verdict.file_hash, mono=True, copy=True)
            shown.setText(grouped(verdict.file_hash))


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
