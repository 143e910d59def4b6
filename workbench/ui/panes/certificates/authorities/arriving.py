"""From a CA's request to its certificate from outside: shown, sent, looked at, installed."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from shiboken6 import isValid

from workbench.base.errors import Refused
from workbench.base.files import fault, printable
from workbench.pki.installing import LARGEST, Arrival, look_at, pem_in
from workbench.pki.issue import read_request
from workbench.pki.parse import Malformed, pem
from workbench.pki.roster import Held
from workbench.pki.shelf import public_key_hash
from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.authorities.install_dialog import InstallDialog, Steps
from workbench.ui.panes.certificates.authorities.request_dialog import RequestDialog
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.records import Record


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Arriving:
    """Shows requests and has certificates installed.

    Args:
        host: the pane.
        outgoing: writes files.
    """

    def __init__(self, host: Host, outgoing: Outgoing) -> None:
        self._host = host
        self._outgoing = outgoing
        self._number = 0
        self.request_dialog: RequestDialog | None = None
        self.dialog: InstallDialog | None = None

    def show_request(self, held: Held) -> None:
        """Show a CA's certificate request."""
        self._host.context.session.start(
            self._host.widget, partial(self._csr, held.arn), partial(self._open_request, held)
        )

    def begun(self, arn: str, name: str, csr: str) -> None:
        """Show the request of a CA that was just made."""
        self._show(name, csr, lambda: self._begin(arn, name))

    def install(self, held: Held, data: bytes = b"") -> None:
        """Ask for a CA's certificate.

        Args:
            held: the CA.
            data: what came for it already: PEM, DER or PKCS#7.
        """
        self._begin(held.arn, held.name, data, root=held.root)

    def _csr(self, arn: str) -> str:
        acm_pca = self._host.context.bench.acm_pca
        return str(acm_pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"])

    def _open_request(self, held: Held, csr: str) -> None:
        self._show(held.name, csr, (lambda: self.install(held)) if held.waiting else None)

    def _show(self, name: str, csr: str, install: Callable[[], None] | None) -> None:
        dialog = RequestDialog(self._host, self._outgoing, name, csr, install)
        self.request_dialog = dialog
        dialog.open()

    def _begin(self, arn: str, name: str, data: bytes = b"", *, root: bool = False) -> None:
        records = list(self._host.collection.records.values())

        def work() -> tuple[str, str, str]:
            csr = self._csr(arn)
            if not data:
                return csr, _found(csr, records), ""
            try:
                return csr, pem_in(data), ""
            except Malformed as error:
                return csr, "", str(error)

        self._host.context.session.start(
            self._host.widget, work, lambda found: self._open(arn, name, found, root=root)
        )

    def _open(self, arn: str, name: str, found: tuple[str, str, str], *, root: bool) -> None:
        context, records = self._host.context, self._host.collection.records
        csr, text, problem = found
        known = [one.der for one in records.values() if one.authority]
        steps = Steps(
            self._read,
            lambda text: self._look(text, csr, known, root=root),
            lambda arrival, trusted: self._install(arn, name, arrival, trusted=trusted),
        )

        def trusted(fingerprint: str) -> bool:
            return fingerprint in records and records[fingerprint].trusted

        dialog = InstallDialog(context.look, name, steps, trusted, self._host.widget)
        self.dialog = dialog
        dialog.open()
        dialog.text.setFocus()
        if text:
            dialog.add(text)
        dialog.show_problem(problem)

    def _read(self, paths: Sequence[Path]) -> None:
        dialog = self._shown()
        if dialog is not None:
            self._host.context.session.start(
                dialog, partial(_read_files, paths), dialog.add, dialog.show_problem
            )

    def _look(self, text: str, csr: str, known: Sequence[bytes], *, root: bool) -> None:
        dialog = self._shown()
        if dialog is None:
            return
        self._number += 1
        mine, now = self._number, self._host.context.bench.clock.now()

        def show(arrival: Arrival) -> None:
            if mine == self._number and dialog.text.toPlainText() == text:
                dialog.show_arrival(arrival)

        data = text.encode("utf-8", "replace")
        self._host.context.session.start(
            dialog,
            lambda: look_at(data, csr, known, now, root=root),
            show,
            dialog.show_problem,
            _tr("Checking a certificate"),
        )

    def _install(self, arn: str, name: str, arrival: Arrival, *, trusted: bool) -> None:
        context, dialog = self._host.context, self._shown()
        own, root = arrival.own, arrival.root
        if dialog is None or own is None:
            return
        acm_pca, shelf = context.bench.acm_pca, context.bench.shelf

        def work() -> None:
            acm_pca.import_certificate_authority_certificate(**arrival.request(arn))
            if trusted and root is not None:
                shelf.set_certificate_trust(Id=root.fingerprint, Trusted=True)

        def installed(_none: None) -> None:
            dialog.accept()
            context.frame.notify(_tr("“{name}” can issue now.").format(name=name), "ok")
            self._host.reload(own.fingerprint)

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        context.session.start(
            dialog, work, installed, failed, _tr("Installing a certificate"), mutates=True
        )

    def _shown(self) -> InstallDialog | None:
        if self.dialog is None or not isValid(self.dialog):
            return None
        shown = self.dialog.isVisible() or self.dialog.property("curtained") is True
        return self.dialog if shown else None


def _found(csr: str, records: Sequence[Record]) -> str:
    """Return the certificate of the collection that was issued for a CA's request, as PEM."""
    key = public_key_hash(read_request(csr.encode()).spki)
    fitting = [
        one
        for one in records
        if one.spki_hash == key and one.authority and one.source != "AUTHORITY"
    ]
    latest = max(fitting, key=lambda one: one.starts, default=None)
    return f"{pem(latest.der)}\n" if latest else ""


def _read_files(paths: Sequence[Path]) -> str:
    """Return the certificates in files as PEM; for workers."""
    found = []
    for path in paths:
        name = printable(path.name)
        try:
            with path.open("rb") as stream:
                data = stream.read(LARGEST + 1)
        except OSError as error:
            raise fault(error, "read", path) from error
        try:
            found.append(pem_in(data))
        except Malformed as error:
            raise Refused(f"{name}: {error}", _tr("Choose the file that the CA sent.")) from error
    return "".join(found)
