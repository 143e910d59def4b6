"""A CA's own settings: whether it issues, and how the news of a revocation travels."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QWidget

from workbench.pki.founding import revocation
from workbench.pki.roster import authority_of
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.records import Record
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

_SWITCHED = ("ACTIVE", "DISABLED")


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def why_not_set(records: Sequence[Record]) -> str:
    """Return why there are no settings; empty if there are."""
    if len(records) != 1:
        return _tr("choose one certificate")
    own = records[0].source == "AUTHORITY"
    return "" if own else _tr("it is not the certificate of a CA in this vault")


class AuthorityDialog(FormDialog):
    """Shows and changes the settings.

    Args:
        look: colours and spacing.
        authority: what DescribeCertificateAuthority says.
        name: the CA's.
        parent: the pane.
    """

    def __init__(self, look: Look, authority: dict[str, Any], name: str, parent: QWidget) -> None:
        title = _tr("Settings of “{name}”").format(name=name)
        super().__init__(look, title, _tr("Apply"), parent)
        self.setProperty(HELP_PAGE, "certificates")
        self._authority = authority
        before = authority.get("RevocationConfiguration", {})
        self.issues = QCheckBox(_tr("It issues certificates"))
        self.lists = QCheckBox(_tr("Publish revocation lists (CRL)"))
        self.ocsp = QCheckBox(_tr("Answer OCSP requests"))
        self.issues.setChecked(authority["Status"] == "ACTIVE")
        self.lists.setChecked(bool(before.get("CrlConfiguration", {}).get("Enabled")))
        self.ocsp.setChecked(bool(before.get("OcspConfiguration", {}).get("Enabled")))
        known = authority["Status"] in _SWITCHED
        self.issues.setEnabled(known)
        if not known:
            words = _tr("It is {state} and cannot be switched.")
            words = words.format(state=authority["Status"].replace("_", " ").lower())
            self.body.addWidget(label(words, "muted", wrap=True))
        notes = {
            self.issues: _tr("A disabled CA still publishes its revocation lists."),
            self.lists: _tr("Written to a folder and served by the endpoint; renewed in time."),
            self.ocsp: _tr("Answered by the endpoint while it is on. Addresses are written into"
                           " certificates issued from now on."),
        }  # fmt: skip
        for box, note in notes.items():
            self.body.addWidget(box)
            self.body.addWidget(label(note, "muted", wrap=True))

    def request(self) -> dict[str, Any]:
        """Return what UpdateCertificateAuthority is asked."""
        asked: dict[str, Any] = {
            "CertificateAuthorityArn": self._authority["Arn"],
            "RevocationConfiguration": revocation(
                lists=self.lists.isChecked(),
                ocsp=self.ocsp.isChecked(),
                before=self._authority.get("RevocationConfiguration", {}),
            ),
        }
        wanted = "ACTIVE" if self.issues.isChecked() else "DISABLED"
        if self.issues.isEnabled() and wanted != self._authority["Status"]:
            asked["Status"] = wanted
        return asked


class AuthoritySettings:
    """Opens the dialog and has the settings changed.

    Args:
        host: the pane.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self.dialog: AuthorityDialog | None = None

    def begin(self) -> None:
        """Read the chosen CA's settings and show them."""
        record, context = self._host.selected[0], self._host.context
        arn = authority_of(record.arns)
        acm_pca = context.bench.acm_pca
        context.session.start(
            self._host.widget,
            lambda: acm_pca.describe_certificate_authority(CertificateAuthorityArn=arn),
            lambda answer: self._open(record, answer["CertificateAuthority"]),
        )

    def _open(self, record: Record, authority: dict[str, Any]) -> None:
        dialog = AuthorityDialog(self._host.context.look, authority, record.name, self._host.widget)
        dialog.on_submit(lambda: self._apply(dialog, record))
        self.dialog = dialog
        dialog.open()

    def _apply(self, dialog: AuthorityDialog, record: Record) -> None:
        context, request = self._host.context, dialog.request()
        acm_pca = context.bench.acm_pca
        dialog.show_working(working=True)

        def applied(_answer: object) -> None:
            dialog.accept()
            words = _tr("The settings of “{name}” are changed.")
            context.frame.notify(words.format(name=record.name), "ok")
            self._host.reload(record.id)

        def failed(words: Explanation) -> None:
            dialog.show_working(working=False)
            dialog.show_problem(words)

        context.session.start(
            dialog,
            lambda: acm_pca.update_certificate_authority(**request),
            applied,
            failed,
            _tr("Changing a CA"),
            mutates=True,
        )
