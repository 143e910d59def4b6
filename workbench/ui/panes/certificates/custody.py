"""Trusting, no longer trusting, and deleting certificates; each asks first."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication

from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.trust_dialog import TrustDialog
from workbench.ui.widgets.dialogs import Choice, DangerDialog, Dependant
from workbench.ui.widgets.texts import number


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def why_not_trusted(records: Sequence[Record]) -> str:
    """Return why trust cannot be changed; empty if it can."""
    if len(records) != 1:
        return _tr("choose one certificate")
    if not records[0].root:
        return _tr("only a root can be trusted; what it signed follows from that")
    if not records[0].authority:
        return _tr("it is not a CA's certificate")
    return ""


def why_not_deleted(records: Sequence[Record]) -> str:
    """Return why certificates cannot be deleted; empty if they can."""
    if not records:
        return _tr("no certificate is chosen")
    if any(record.kept and record.source == "AUTHORITY" for record in records):
        return _tr("it is the certificate of a CA in this vault: delete the CA")
    if any(record.kept for record in records):
        return _tr("a CA in this vault issued it and keeps a record of it")
    return ""


class Custody:
    """What changes a certificate's standing.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: DangerDialog | TrustDialog | None = None

    def change_trust(self) -> None:
        """Ask whether to trust the chosen root, or to stop trusting it."""
        record = self._host.selected[0]
        if record.trusted:
            self._ask_distrust(record)
            return
        dialog = TrustDialog(self._host.context.look, record, self._host.widget)
        dialog.on_submit(lambda: self._set_trust(dialog, record))
        self.dialog = dialog
        dialog.open()

    def delete(self) -> None:
        """Ask whether to delete the chosen certificates."""
        records = list(self._host.selected)
        below = {one for record in records for one in self._host.collection.below(record.id)}
        below -= {record.id for record in records}
        dependants: list[Dependant] = []
        if below:
            dependants.append(self._losing(below))
        trusted = sum(record.trusted for record in records)
        if trusted:
            words = _tr("Trusted roots among them: {n}. Signatures that lead to them will no"
                        " longer be accepted.").format(n=number(trusted))  # fmt: skip
            dependants.append(Dependant(words, "shield"))
        lost = self._keys_lost(records)
        if lost:
            dependants.append(Dependant(_lost_words(len(lost), of=len(records)), "lock"))
        single = len(records) == 1
        title = (
            _tr("Delete “{name}” from the collection?").format(name=records[0].name)
            if single
            else _tr("Delete {n} certificates from the collection?").format(n=number(len(records)))
        )
        why = (
            _tr("A certificate can be imported again from a file; its private key cannot.")
            if lost
            else _tr("Only this copy is removed. It can be imported again from a file.")
        )
        verb = _tr("Delete certificate") if single else _tr("Delete certificates")
        dialog = DangerDialog(
            self._host.context.look,
            title,
            [f"{record.name} ({record.algorithm})" for record in records],
            dependants,
            [Choice(verb, partial(self._delete, records), danger=True, why=why)],
            self._host.widget,
        )
        self.dialog = dialog
        dialog.open()

    def _keys_lost(self, records: Sequence[Record]) -> set[str]:
        """Return the exportable keys of which no other certificate is left, by their hashes."""
        gone = {record.id for record in records}
        left = {one.spki_hash for one in self._host.collection.records.values()
                if one.id not in gone}  # fmt: skip
        return {record.spki_hash for record in records if record.wrapping} - left

    def _losing(self, below: set[str]) -> Dependant:
        count = len(below)
        words = (
            _tr("1 certificate was issued below and will lack its issuer.")
            if count == 1
            else _tr("{n} certificates were issued below and will lack their issuer.").format(
                n=number(count)
            )
        )
        first = min(below)

        def show() -> None:
            self._host.context.frame.show_object("certificates", first)

        return Dependant(words, "certificate", show)

    def _ask_distrust(self, record: Record) -> None:
        below = len(self._host.collection.below(record.id))
        dependants = []
        if below:
            words = (
                _tr("1 certificate below it will no longer be trusted.")
                if below == 1
                else _tr("{n} certificates below it will no longer be trusted.").format(
                    n=number(below)
                )
            )
            dependants.append(Dependant(words, "certificate"))
        dialog = DangerDialog(
            self._host.context.look,
            _tr("Stop trusting “{name}”?").format(name=record.name),
            [record.subject],
            dependants,
            [
                Choice(
                    _tr("Stop trusting"),
                    lambda: self._send_trust(record, trusted=False),
                    why=_tr("It stays in the collection and can be trusted again."),
                )
            ],
            self._host.widget,
        )
        self.dialog = dialog
        dialog.open()

    def _set_trust(self, dialog: TrustDialog, record: Record) -> None:
        dialog.accept()
        self._send_trust(record, trusted=True)

    def _send_trust(self, record: Record, *, trusted: bool) -> None:
        context = self._host.context
        done = (
            _tr("“{name}” is a trusted root now.")
            if trusted
            else _tr("“{name}” is no longer trusted.")
        ).format(name=record.name)

        def changed(_answer: object) -> None:
            context.frame.notify(done)
            self._host.reload(record.id)

        shelf = context.bench.shelf
        context.session.start(
            self._host.widget,
            partial(shelf.set_certificate_trust, Id=record.id, Trusted=trusted),
            changed,
            mutates=True,
        )

    def _delete(self, records: Sequence[Record]) -> None:
        context = self._host.context
        shelf = context.bench.shelf

        def work() -> int:
            for record in records:
                shelf.delete_certificate(Id=record.id)
            return len(records)

        def deleted(count: int) -> None:
            context.frame.notify(
                _tr("1 certificate was deleted.")
                if count == 1
                else _tr("{n} certificates were deleted.").format(n=number(count))
            )
            self._host.reload()

        def failed(words: Explanation) -> None:
            # Some may be gone already.
            context.frame.notify(words.text, "danger")
            self._host.reload()

        context.session.start(
            self._host.widget, work, deleted, failed, _tr("Deleting certificates"), mutates=True
        )


def _lost_words(lost: int, *, of: int) -> str:
    if of == 1:
        return _tr("Its private key goes with it: unless it was exported, it is lost for good.")
    if lost == 1:
        return _tr("1 private key goes with them: unless it was exported, it is lost for good.")
    return _tr("{n} private keys go with them: unless they were exported, they are lost"
               " for good.").format(n=number(lost))  # fmt: skip
