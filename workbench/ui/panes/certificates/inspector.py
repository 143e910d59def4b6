"""The inspector of this pane: one certificate in words, its chain, its bytes.

Knows the kit, `pki`'s descriptions and validation; what takes time runs on workers. Leads to other
certificates by a signal and to keys by the frame.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.pki.describe import Group, describe
from workbench.pki.documents import DocumentKind
from workbench.pki.hierarchy import MISSING
from workbench.pki.roster import Held
from workbench.ui.many import at_once
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.asn1 import Element, elements
from workbench.ui.panes.certificates.bytes_tab import BytesTab
from workbench.ui.panes.certificates.chain_page import ChainPage
from workbench.ui.panes.certificates.check_page import CheckPage
from workbench.ui.panes.certificates.document_view import DocumentView
from workbench.ui.panes.certificates.inspect_tabs import BelowTab
from workbench.ui.panes.certificates.key_finder import KeyFinder
from workbench.ui.panes.certificates.list_entries import RevocationEntry, find_entry
from workbench.ui.panes.certificates.records import Collection, Record
from workbench.ui.panes.certificates.relations import Job, jobs_with, same_ca, same_key
from workbench.ui.panes.certificates.standing import BROKEN
from workbench.ui.panes.certificates.states import AUTHORITIES, SIGNS
from workbench.ui.panes.certificates.table import kind
from workbench.ui.widgets.basics import Badge, label
from workbench.ui.widgets.fields import FieldList, Inspector
from workbench.ui.widgets.texts import elide, local_date, number

_MOST_ROWS: Final = 200
_MOST_LINKS: Final = 12
_BY_OTHERS: Final = frozenset({"revoked", MISSING, BROKEN})
"""States that the certificate itself does not tell."""
_BYTES: Final = frozenset({"Key identifier", "SHA-256", "SHA-1", "Serial number", "Bytes",
                           "SHA-256 of the public key", "Object identifier",
                           "Issuer's serial number"})  # fmt: skip
_OWN_PLACE: Final = frozenset({"Subject", "Issuer", "Validity"})


def _ignore(go: Callable[[], object]) -> None:
    go()


class CertificateInspector(Inspector):
    """Shows one certificate.

    Args:
        context: session, bench, look, frame.
        save: exports the certificate that is shown.

    Signals:
        wanted(str): another certificate is to be shown; its id.
    """

    wanted = Signal(str)

    def __init__(self, context: Context, save: Callable[[], None]) -> None:
        super().__init__(context.look, "")
        self._nothing = self.tr("No certificate is selected.")
        self._context = context
        self.finder = KeyFinder(context.bench.kms, at_once(context.bench))
        self._record: Record | None = None
        self._collection: Collection | None = None
        self._general = FieldList(context.look, context.frame.copy)
        self._extensions = FieldList(context.look, context.frame.copy)
        self._chain = ChainPage(context)
        self._check = CheckPage(context)
        self._bytes = BytesTab(context.look, context.frame.copy, save)
        self._below = BelowTab(context.look)
        self.add_tab(self._general, self.tr("Fields"))
        self.add_tab(self._extensions, self.tr("Extensions"))
        self._chain_number = self.add_tab(self._chain, self.tr("Chain"))
        self._check_number = self.add_tab(self._check, self.tr("Check"))
        self.tabs.setTabToolTip(self._check_number, self.tr("What strict verifiers would say"))
        self._below_number = self.add_tab(self._below, self.tr("Issued"), scroll=False)
        self.tabs.setTabToolTip(self._below_number, self.tr("What was issued below it"))
        self._bytes_number = self.add_tab(self._bytes, self.tr("DER"), scroll=False)
        self.tabs.setTabToolTip(self._bytes_number, self.tr("ASN.1 elements and PEM"))
        self._filled: set[int] = set()
        self._chain.wanted.connect(self.wanted)
        self._below.wanted.connect(self.wanted)
        self.tabs.currentChanged.connect(lambda _number: self._fill())
        self.show_nothing()

    @property
    def record(self) -> Record | None:
        """The certificate that is shown."""
        return self._record

    def show_record(self, record: Record, collection: Collection) -> None:
        """Show a certificate of a collection."""
        unchanged = self._record == record and self._collection is collection
        self._record, self._collection = record, collection
        if unchanged:
            return
        sign = SIGNS[record.state]
        badges = [(sign.text, sign.tone, sign.icon)]
        if record.post_quantum:
            badges.append((self.tr("Post-quantum"), "pq", "pq"))
        if record.wrapping:
            badges.append((self.tr("Exportable key"), "info", "unlock"))
        parts = [kind(record), record.algorithm]
        if record.trusted:
            parts.append(self.tr("trusted root"))
        self.show_head(record.name, ", ".join(parts), badges)
        self._filled.clear()
        self.show_tab(self._below_number, shown=bool(collection.below(record.id)))
        self._describe(record)
        self._fill()

    def show_missing(self, name: str, below: Sequence[Record]) -> None:
        """Show what is known of an issuer whose certificate is missing."""
        self._forget()
        sign = SIGNS["issuer missing"]
        self.show_head(name, self.tr("Its certificate is not in the collection."),
                       [(sign.text, sign.tone, sign.icon)])  # fmt: skip
        for number_ in range(self.tabs.count()):
            self.show_tab(number_, shown=number_ == self._below_number)
        self._below.show_records(below)
        self.open_tab(self._below_number)

    def show_waiting(
        self, held: Held, steps: Sequence[tuple[str, str, Callable[[], None]]]
    ) -> None:
        """Show a CA that has no certificate yet, and what to do next.

        Args:
            held: the CA.
            steps: why, what the link says, and where it leads.
        """
        self._forget()
        sign = AUTHORITIES[held.status]
        what = self.tr("Root CA") if held.root else self.tr("Subordinate CA")
        self.show_head(held.name, f"{what}, {held.key}", [(sign.text, sign.tone, sign.icon)])
        for number_ in range(self.tabs.count()):
            self.show_tab(number_, shown=number_ == 0)
        general = self._general
        general.clear()
        general.heading(self.tr("What to do next"))
        for why, words, go in steps:
            general.link(why, words, go)
        general.heading(self.tr("In this vault"))
        general.time(self.tr("Created"), held.created)
        general.text(self.tr("CA ARN"), held.arn, copy=True)
        self.open_tab(0)

    def show_many(self, count: int) -> None:
        """Say that several are selected."""
        self._forget()
        self.show_nothing(self.tr("{n} certificates are selected.").format(n=number(count)))

    def show_none(self) -> None:
        """Say that none is selected."""
        self._forget()
        self.show_nothing()

    def open_chain(self) -> None:
        """Turn to the verdict on the chain."""
        self.open_tab(self._chain_number)

    def _forget(self) -> None:
        self._chain.forget()
        self._check.forget()
        self._record = None
        self._collection = None

    def _describe(self, record: Record) -> None:
        assert self._collection is not None
        for number_ in range(self.tabs.count()):
            if number_ != self._below_number:
                self.show_tab(number_, shown=True)
        described = describe(record.der, self._collection.moment)
        groups = {group.title: group for group in described.groups if group.critical is None}
        general = self._general
        general.clear()
        self._rows(general, groups["Subject"])
        general.heading(self.tr("Issuer"))
        self._show_issuer(record, groups["Issuer"])
        general.heading(self.tr("Validity"))
        general.time(self.tr("Valid from"), record.starts, copy=True)
        general.time(self.tr("Valid until"), record.ends, copy=True)
        state = next((row.value for row in groups["Validity"].rows if row.label == "State"), "")
        if record.state in _BY_OTHERS:
            state = SIGNS[record.state].text
        general.text(self.tr("State"), state[:1].upper() + state[1:], copy=True)
        general.heading(self.tr("In this vault"))
        self._show_place(record)
        self._show_revocation(record)
        self._show_twins(record)
        self._start_jobs(record)
        for title, group in groups.items():
            if title not in _OWN_PLACE:
                self._rows(general, group)
        self._extensions.clear()
        extensions = [group for group in described.groups if group.critical is not None]
        for group in extensions:
            self._rows(self._extensions, group)
        if not extensions:
            self._extensions.widget(label(self.tr("It has no extensions."), "muted", wrap=True))

    def _show_issuer(self, record: Record, group: Group) -> None:
        issuer = self._collection.records.get(record.issuer_id) if self._collection else None
        name = group.rows[-1].value if group.rows else record.issuer
        if record.root:
            self._general.text(self.tr("Issued by"), self.tr("Itself: it is a root"), copy=True)
        elif issuer is not None:
            self._general.link(
                self.tr("Issued by"), issuer.name, lambda: self.wanted.emit(issuer.id), copy=True
            )
        else:
            self._general.text(self.tr("Issued by (missing here)"), name, copy=True)

    def _show_place(self, record: Record) -> None:
        sources = {
            "AUTHORITY": self.tr("Certificate of a CA in this vault"),
            "ISSUED": self.tr("Issued by a CA in this vault"),
            "IMPORTED": self.tr("Imported"),
        }
        self._general.text(self.tr("Origin"), sources.get(record.source, record.source), copy=True)
        if record.wrapping:
            self._show_exportable(record)
        held = self._collection.authority(record.id) if self._collection else None
        if held is not None:
            self._general.text(self.tr("State of the CA"), AUTHORITIES[held.status].text)
        if held is not None and held.restorable_until is not None:
            self._general.time(self.tr("Can be restored until"), held.restorable_until)
        if record.root:
            trusted = self.tr("Yes, as a root") if record.trusted else self.tr("No")
            self._general.text(self.tr("Trusted"), trusted, copy=True)
        for arn in record.arns:
            what = self.tr("Certificate ARN") if "/certificate/" in arn else self.tr("CA ARN")
            self._general.text(what, arn, copy=True)
        if not record.wrapping:
            self._start_key(record)

    def _show_exportable(self, record: Record) -> None:
        """Say that the private key can be exported, and who decides about that."""
        general, key = self._general, record.wrapping.rpartition("/")[2]

        def show() -> None:
            self._context.frame.show_object("keys", key)

        general.text(self.tr("Private key"), self.tr("Can be exported, under a password"))
        general.link(self.tr("Kept encrypted under KMS key"), key, show, copy=True)
        what = self.tr("Encryption context of kms:Decrypt")
        general.text(what, record.context, mono=True, copy=True)

    def _show_revocation(self, record: Record) -> None:
        if record.revoked is None:
            return
        general = self._general
        general.heading(self.tr("Revocation"))
        general.time(self.tr("Revoked since"), record.revoked, copy=True)
        general.text(self.tr("Reason"), record.reason or self.tr("none was given"), copy=True)
        general.text(self.tr("Serial number in the list"), record.serial, mono=True, copy=True)
        self._start_entry(record)

    def _start_entry(self, record: Record) -> None:
        """Lead to the entry in the issuer's list, once it is found."""
        collection = self._collection
        assert collection is not None
        fields = self._later()
        shelf = self._context.bench.shelf

        def show(found: RevocationEntry | None) -> None:
            if found is not None:
                go = partial(self._open_entry, found, record.serial, collection)
                words = self.tr("Entry in the list of {name}").format(name=elide(found.title))
                fields.link(self.tr("Revoked by"), words, go)
                fields.show()

        self._context.session.start(
            fields, lambda: find_entry(shelf, record, collection), show, lambda _words: None
        )

    def _open_entry(self, found: RevocationEntry, serial: str, collection: Collection) -> None:
        view = DocumentView(self._context, self.window(), found.title, collection)
        view.read(DocumentKind.LIST, found.der, serial)
        view.open()

    def _show_twins(self, record: Record) -> None:
        assert self._collection is not None
        groups = (
            (self.tr("Other certificates of it"), same_ca(record, self._collection)),
            (self.tr("Its key under other names"), same_key(record, self._collection)),
        )
        for title, found in groups:
            for one in found[:_MOST_LINKS]:
                words = self.tr("{name}, until {date}").format(
                    name=elide(one.name), date=local_date(one.ends)
                )
                self._general.link(title, words, partial(self.wanted.emit, one.id))
            if len(found) > _MOST_LINKS:
                more = self.tr("{n} more").format(n=number(len(found) - _MOST_LINKS))
                self._general.text(title, more)

    def _start_jobs(self, record: Record) -> None:
        fields = self._later()
        jobs = self._context.bench.jobs

        def show(found: list[Job]) -> None:
            for job in found[:_MOST_LINKS]:
                title = self.tr("Signs in job") if job.signs else self.tr("In the chain of job")
                words = self.tr("{title}, {time}").format(
                    title=elide(job.title), time=local_date(job.created)
                )
                go = partial(self._context.frame.show_object, "signing", job.id)
                fields.link(title, words, partial(_ignore, go))
            fields.setVisible(bool(found))

        self._context.session.start(
            fields, lambda: jobs_with(record.der, jobs.jobs()), show, lambda _words: None
        )

    def _start_key(self, record: Record) -> None:
        fields = self._later()

        def show(key: str) -> None:
            if key:
                go = partial(self._context.frame.show_object, "keys", key)
                fields.link(self.tr("Its key in KMS"), key, partial(_ignore, go), copy=True)
                fields.show()

        self._context.session.start(
            fields, lambda: self.finder.find(record.spki_hash), show, lambda _words: None
        )

    def _later(self) -> FieldList:
        """Return a place for fields that are still being looked for, hidden until then."""
        fields = FieldList(self._context.look, self._context.frame.copy)
        layout = fields.layout()
        if layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        self._general.widget(fields)
        fields.hide()
        return fields

    def _rows(self, fields: FieldList, group: Group) -> None:
        if group.critical is None:
            fields.heading(group.title)
        else:
            fields.widget(self._extension_heading(group))
        for row in group.rows[:_MOST_ROWS]:
            bytes_like = row.label in _BYTES
            fields.text(row.label, row.value, mono=bytes_like, copy=True)
        left = len(group.rows) - _MOST_ROWS
        if left > 0:
            more = self.tr("{n} more are in the tab DER.").format(n=number(left))
            fields.widget(label(more, "muted", wrap=True))

    def _extension_heading(self, group: Group) -> QWidget:
        heading = QWidget()
        row = QHBoxLayout(heading)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._context.look.unit * 2)
        row.addWidget(label(group.title, "heading"))
        if group.critical:
            mark = Badge(self._context.look, self.tr("Critical"), "info", "info")
            mark.setToolTip(self.tr("Who does not understand it must refuse the certificate."))
            row.addWidget(mark)
        row.addStretch(1)
        return heading

    def _fill(self) -> None:
        current = self.tabs.currentIndex()
        record, collection = self._record, self._collection
        if record is None or collection is None or current in self._filled:
            return
        self._filled.add(current)
        if current == self._chain_number:
            self._chain.show_record(record, collection)
        elif current == self._check_number:
            self._check.show_record(record)
        elif current == self._bytes_number:
            self._bytes.show_record(record)
            self._start_elements(record)
        elif current == self._below_number:
            below = [collection.records[one] for one in collection.below(record.id)
                     if one in collection.records]  # fmt: skip
            self._below.show_records(below)

    def _start_elements(self, record: Record) -> None:
        def show(found: list[Element]) -> None:
            if self._record is record:
                self._bytes.elements.show_elements(found)

        self._context.session.start(self._bytes, lambda: list(elements(record.der)), show)
