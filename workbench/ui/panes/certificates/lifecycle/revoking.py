"""Revoking a certificate: why, and what else stops working by it.

Owns the dialog and the two requests. What breaks is the certificate service's answer.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QComboBox, QListWidget, QWidget

from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import label, set_role
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date

_MOST_LINES = 6


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def why_not_revoked(records: Sequence[Record]) -> str:
    """Return why a certificate cannot be revoked; empty if it can."""
    if len(records) != 1:
        return _tr("choose one certificate")
    record = records[0]
    if record.revoked is not None:
        return _tr("it is revoked already")
    if record.root:
        return _tr("a root's own certificate cannot be revoked: end the trust in it instead")
    if not record.own:
        return _tr("no CA of this vault issued it: only its issuer can revoke it")
    return ""


class RevokeDialog(FormDialog):
    """Asks why a certificate is revoked.

    Args:
        look: colours and spacing.
        name: of the certificate.
        preview: the answer of `PreviewRevocation`.
        parent: the pane.
    """

    def __init__(self, look: Look, name: str, preview: dict[str, Any], parent: QWidget) -> None:
        super().__init__(look, _tr("Revoke “{name}”?").format(name=name), _tr("Revoke"), parent)
        self.setProperty(HELP_PAGE, "certificates")
        words = _tr("This cannot be taken back. It has the serial number {serial}.")
        self.body.addWidget(label(words.format(serial=preview["CertificateSerial"]), "", wrap=True))
        self.reason = QComboBox()
        for code, text in (
            ("UNSPECIFIED", _tr("No reason given")),
            ("KEY_COMPROMISE", _tr("Somebody else may have its key")),
            ("CERTIFICATE_AUTHORITY_COMPROMISE", _tr("Somebody else may have the CA's key")),
            ("AFFILIATION_CHANGED", _tr("The name or membership has changed")),
            ("SUPERSEDED", _tr("Another certificate has taken its place")),
            ("CESSATION_OF_OPERATION", _tr("It is no longer needed")),
            ("PRIVILEGE_WITHDRAWN", _tr("A right was withdrawn")),
        ):
            self.reason.addItem(text, code)
        hint = _tr("Written into the revocation list (RFC 5280 §5.3.1).")
        self.add_field(_tr("&Reason"), self.reason, hint)
        lost = [one for one in preview["Below"] if not one["Elsewhere"]]
        if lost:
            self._show_lost(lost)
        for one in preview["Findings"]:
            tone = "muted" if one["Severity"] == "NOTICE" else "error"
            self.body.addWidget(label(f"{one['Sentence']} [{one['Rule']}]", tone, wrap=True))
        set_role(self.main_button, "danger")
        self.main_button.setDefault(False)
        self.main_button.setAutoDefault(False)
        self.cancel_button.setDefault(True)
        if any(one["Severity"] == "REFUSED" for one in preview["Findings"]):
            self.close_only()

    def _show_lost(self, lost: Sequence[dict[str, Any]]) -> None:
        lines = QListWidget()
        lines.setAccessibleName(_tr("Certificates that will no longer be valid"))
        for one in lost:
            words = _tr("{name}, until {date}")
            lines.addItem(words.format(name=one["Subject"], date=local_date(one["NotAfter"])))
        set_role(lines, "boxed")
        # Styled with room around its text only once it is shown: a row is as tall as elsewhere.
        height = self.look.unit * 8 * min(len(lost), _MOST_LINES)
        lines.setFixedHeight(height + 2 * lines.frameWidth() + 2)
        lines.setUniformItemSizes(True)
        for number in range(lines.count()):
            lines.item(number).setSizeHint(QSize(0, self.look.unit * 8))
        self.add_field(_tr("No longer &valid with it"), lines)


class Revoking:
    """Asks and revokes.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: RevokeDialog | None = None

    def begin(self) -> None:
        """Ask what would break, then open the dialog."""
        record, shelf = self._host.selected[0], self._host.context.bench.shelf
        self._host.context.session.start(
            self._host.widget,
            lambda: shelf.preview_revocation(CertificateId=record.id),
            lambda preview: self._open(record, preview),
        )

    def _open(self, record: Record, preview: dict[str, Any]) -> None:
        dialog = RevokeDialog(self._host.context.look, record.name, preview, self._host.widget)
        dialog.on_submit(lambda: self._revoke(dialog, record, preview))
        self.dialog = dialog
        dialog.open()

    def _revoke(self, dialog: RevokeDialog, record: Record, preview: dict[str, Any]) -> None:
        context = self._host.context
        acm_pca, reason = context.bench.acm_pca, dialog.reason.currentData()
        arn = preview["Certificate"]["CertificateArn"].partition("/certificate/")[0]
        dialog.show_working(working=True, text=_tr("Revoking…"))

        def revoked(_answer: object) -> None:
            dialog.accept()
            words = _tr("“{name}” is revoked. Verifiers learn of it by the next revocation list or"
                        " OCSP answer of its CA.")  # fmt: skip
            context.frame.notify(words.format(name=record.name), "ok")
            self._host.reload(record.id)

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        context.session.start(
            dialog,
            lambda: acm_pca.revoke_certificate(
                CertificateAuthorityArn=arn,
                CertificateSerial=preview["CertificateSerial"],
                RevocationReason=reason,
            ),
            revoked,
            failed,
            _tr("Revoking a certificate"),
            mutates=True,
        )
