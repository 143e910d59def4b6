"""The inspector's verdict on a chain: on the day that is shown, for a purpose that is chosen.

Owns the questions to validation; its words are `pki`'s. Validation runs on a worker.
"""

import hashlib
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QVBoxLayout, QWidget

from workbench.pki.document_shelf import evidence
from workbench.pki.parse import facts
from workbench.pki.purposes import PURPOSE_OIDS, Purpose, in_words
from workbench.pki.validate import ChainVerdict, validate_chain
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.inspect_tabs import ChainTab
from workbench.ui.panes.certificates.records import Collection, Record
from workbench.ui.panes.certificates.time_bar import day_of
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import local_time


def purpose_of(record: Record) -> Purpose:
    """Return what a certificate's chain is checked for: the first purpose it names, or any."""
    known = facts(record.der)
    if known.ca or known.purposes is None:
        return Purpose.ANY
    named = {oid.dotted_string for oid in known.purposes}
    return next(
        (one for one, oid in PURPOSE_OIDS.items() if oid.dotted_string in named), Purpose.ANY
    )


class ChainPage(QWidget):
    """Asks what a chain is checked for, and shows the verdict.

    Args:
        context: session, bench, look.

    Signals:
        wanted(str): a certificate of the chain is to be shown; its id.
    """

    wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._shown: tuple[Record, Collection] | None = None
        self._number = 0
        self.purpose = QComboBox()
        self.purpose.setAccessibleName(self.tr("Purpose that the chain is checked for"))
        self.purpose.setToolTip(self.tr("What the chain is to be good for"))
        self.purpose.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.purpose.addItem("", None)
        for one in Purpose:
            words = in_words(one)
            self.purpose.addItem(words[:1].upper() + words[1:], one)
        self.required = QCheckBox(self.tr("&Revocation must be known"))
        self.required.setToolTip(
            self.tr("Trust no certificate that no revocation list or OCSP answer speaks for")
        )
        self._verdict = ChainTab(context.look)
        self._verdict.wanted.connect(self.wanted)
        unit = context.look.unit
        top = QVBoxLayout()
        top.setContentsMargins(unit * 4, unit * 3, unit * 4, 0)
        top.setSpacing(unit)
        top.addWidget(label(self.tr("Checked for"), "muted"))
        top.addWidget(self.purpose)
        top.addWidget(self.required)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._verdict, 1)
        self.purpose.currentIndexChanged.connect(lambda _place: self._judge())
        self.required.toggled.connect(lambda _on: self._judge())

    def show_record(self, record: Record, collection: Collection) -> None:
        """Judge the chain of a certificate on the day that its collection is shown on."""
        self._shown = record, collection
        blocked = self.purpose.blockSignals(True)
        own = self.tr("What it says: {purpose}").format(purpose=in_words(purpose_of(record)))
        self.purpose.setItemText(0, own)
        self.purpose.blockSignals(blocked)
        self._judge()

    def forget(self) -> None:
        """Show nothing any more; what is still judged is not shown."""
        self._shown = None
        self._number += 1

    def _judge(self) -> None:
        if self._shown is None:
            return
        record, collection = self._shown
        self._number += 1
        mine = self._number
        moment = self._moment(collection)
        purpose = self.purpose.currentData() or purpose_of(record)
        required = self.required.isChecked()
        every = list(collection.records.values())
        shelf = self._context.bench.shelf
        self._verdict.show_text(self.tr("Checking the chain…"))

        def judge() -> ChainVerdict:
            said = evidence(shelf, required=required)
            return validate_chain(
                record.der,
                [one.der for one in every],
                [one.der for one in every if one.trusted],
                moment,
                purpose,
                said if said.lists or said.answers or required else None,
            )

        def show(verdict: ChainVerdict) -> None:
            if mine == self._number:
                ids = [hashlib.sha256(link.der).hexdigest() for link in verdict.links]
                self._verdict.show_verdict(verdict, ids, in_words(purpose), local_time(moment))

        def fail(words: Explanation) -> None:
            if mine == self._number:
                self._verdict.show_text(words.text)

        self._context.session.start(self, judge, show, fail)

    def _moment(self, collection: Collection) -> datetime:
        """Return now where today is shown, as the cards beside it say, else the day shown."""
        now = self._context.bench.clock.now()
        return now if day_of(now) == day_of(collection.moment) else collection.moment
