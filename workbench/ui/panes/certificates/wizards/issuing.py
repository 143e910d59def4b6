"""The way from the wish for a certificate to its card: offer, check, issue, show."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication
from shiboken6 import isValid

from workbench.pki.asking import Offered, Order, read_offer, request_of
from workbench.pki.clients import PAIRS
from workbench.pki.pairs import NewPair, make_pair
from workbench.ui.errors import Explanation
from workbench.ui.panes.certificates.findings import override
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.wizards.new_certificate import NewCertificateDialog

_Kept = tuple[str, str, NewPair] | None
_Looked = tuple[dict[str, Any], list[dict[str, Any]], str, _Kept]
"""The request, what the check found and what that comes to, and the key that was made for it."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Issuing:
    """Opens the dialog and has the certificate issued.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: NewCertificateDialog | None = None
        self._request: dict[str, Any] = {}
        self._pair: _Kept = None

    def begin(self) -> None:
        """Ask for a certificate by the chosen CA."""
        chosen = self._host.selected
        self._read(lambda dialog: self._aim(dialog, chosen[0].arns if len(chosen) == 1 else ()))

    def take_request(self, ca: str, pem: str) -> None:
        """Ask for a certificate for a request that was dropped.

        Args:
            ca: id of the certificate of the CA it was dropped on, or empty.
            pem: the request.
        """
        record = self._host.collection.records.get(ca)

        def fill(dialog: NewCertificateDialog) -> None:
            self._aim(dialog, record.arns if record is not None else ())
            dialog.take_request(pem)

        self._read(fill)

    def _read(self, fill: Callable[[NewCertificateDialog], None]) -> None:
        bench = self._host.context.bench
        self._host.context.session.start(
            self._host.widget,
            lambda: read_offer(bench.kms, bench.acm_pca, bench.shelf, bench.clock.now()),
            partial(self._open, fill),
        )

    def _open(self, fill: Callable[[NewCertificateDialog], None], offered: Offered) -> None:
        context = self._host.context
        if not offered.issuers:
            words = _tr("There is no active CA in this vault: make a hierarchy first.")
            context.frame.notify(words, "warning")
            return
        dialog = NewCertificateDialog(
            context.look, offered, self._check, self._issue, self._host.widget
        )
        fill(dialog)
        self._pair = None
        self.dialog = dialog
        dialog.open()
        if not dialog.order.csr:
            dialog.name.setFocus()

    @staticmethod
    def _aim(dialog: NewCertificateDialog, arns: Sequence[str]) -> None:
        for arn in arns:
            dialog.choose_issuer(arn)

    def _check(self, order: Order) -> None:
        bench = self._host.context.bench
        wanted = (order.wrapping, order.pair_spec)
        # A key that was made for the first look serves the next: RSA takes a second.
        before = self._pair[2] if self._pair is not None and self._pair[:2] == wanted else None

        def look() -> _Looked:
            pair, pairs = before, None
            if order.wrapping:
                pair = pair or make_pair(bench.kms, *wanted)
                pairs = bench.client(PAIRS, "")
            request = request_of(bench.kms, order, pairs, pair)
            plain = {name: value for name, value in request.items() if name != "ExportableKey"}
            answer = bench.shelf.preview_issue(**plain)
            kept = None if pair is None else (*wanted, pair)
            return request, answer["Findings"], answer["Verdict"], kept

        self._host.context.session.start(
            self._host.widget, look, self._checked, self._failed, _tr("Checking a certificate")
        )

    def _checked(self, answer: _Looked) -> None:
        self._request, found, verdict, self._pair = answer
        dialog = self._shown()
        if dialog is None:
            return
        if verdict == "CLEAR":
            self._issue(())
        else:
            dialog.show_findings(found)

    def _issue(self, rules: Sequence[str]) -> None:
        shelf, request = self._host.context.bench.shelf, dict(self._request)
        request |= override(rules, "Confirmed in the dialog for a new certificate.")
        self._host.context.session.start(
            self._host.widget,
            lambda: shelf.issue_certificate(**request),
            self._issued,
            self._failed,
            _tr("Issuing a certificate"),
            mutates=True,
        )

    def _issued(self, answer: dict[str, Any]) -> None:
        self._pair = None  # every certificate has a key of its own
        dialog = self._shown()
        if dialog is not None:
            dialog.accept()
        warned = [one for one in answer["Findings"] if one["Severity"] in {"ERROR", "WARNING"}]
        if warned:
            words = _tr("The certificate was issued. {first}").format(first=warned[0]["Sentence"])
            self._host.context.frame.notify(words, "warning")
        else:
            self._host.context.frame.notify(_tr("The certificate was issued."), "ok")
        self._host.reload(answer["Id"])

    def _failed(self, words: Explanation) -> None:
        dialog = self._shown()
        if dialog is None:
            self._host.context.frame.notify(words.text, "danger")
            return
        dialog.show_working(working=False)
        dialog.show_problem(words)

    def _shown(self) -> NewCertificateDialog | None:
        if self.dialog is None or not isValid(self.dialog):
            return None
        shown = self.dialog.isVisible() or self.dialog.property("curtained") is True
        return self.dialog if shown else None
