"""An audit report of a CA: made in one of AWS's two formats, looked at as a table, saved."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

from workbench.pki.audit_report import report_lines
from workbench.pki.roster import Held
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.sharing import plain_name
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.rows import Column, Mark, RowSet
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date, local_time, number

BUCKET: Final = "audit-reports"
"""Folder, named like an S3 bucket, that the service writes reports to."""

Line = dict[str, str]


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was made.

    Attributes:
        data: as it is saved.
        form: JSON or CSV.
        rows: its lines, ready for the table.
        revoked: how many of them are revoked.
    """

    data: bytes
    form: str
    rows: RowSet[Line]
    revoked: int


def _moment(line: Line, name: str) -> datetime | None:
    text = line.get(name, "")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC) if text else None


def _date(line: Line, name: str) -> str:
    moment = _moment(line, name)
    return local_date(moment) if moment else NOTHING


def _dated(name: str, title: str) -> Column[Line]:
    return Column(
        name,
        title,
        lambda line: _date(line, name),
        key=lambda line: line.get(name, ""),
        tip=lambda line: local_time(_moment(line, name)) if name in line else NOTHING,
        width=13,
        searched=False,
    )


def _reason(line: Line) -> str:
    return line.get("revocationReason", "").replace("_", " ").lower() or NOTHING


def _columns() -> list[Column[Line]]:
    return [
        Column("subject", _tr("Issued to"), lambda line: line.get("subject", ""), width=36,
               mark=lambda line: Mark("cancel", "danger") if "revokedAt" in line
               else Mark("certificate", "muted")),
        _dated("issuedAt", _tr("Issued")),
        _dated("notAfter", _tr("Valid until")),
        _dated("revokedAt", _tr("Revoked")),
        Column("revocationReason", _tr("Reason"), _reason, width=20),
        Column("serial", _tr("Serial number"), lambda line: line.get("serial", ""), width=24,
               mono=True),
    ]  # fmt: skip


class ReportDialog(FormDialog):
    """Makes a report and shows it.

    Args:
        host: the pane.
        outgoing: writes files.
        held: the CA.
    """

    def __init__(self, host: Host, outgoing: Outgoing, held: Held) -> None:
        title = _tr("Audit report of “{name}”").format(name=held.name)
        look = host.context.look
        super().__init__(look, title, _tr("Make report"), host.widget)
        self.setProperty(HELP_PAGE, "audit-report")
        self._host, self._outgoing, self._held = host, outgoing, held
        self._files: QFileDialog | None = None
        self.report: Report | None = None
        self.setMinimumWidth(look.unit * 235)
        self.form = QComboBox()
        self.form.addItem(_tr("CSV, for spreadsheets"), "CSV")
        self.form.addItem(_tr("JSON"), "JSON")
        self.add_field(
            _tr("&Format"), self.form,
            _tr("The two formats of AWS Private CA: every certificate that the CA issued, and when"
                " and why it was revoked."),
        )  # fmt: skip
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_tr("Filter by name, serial number, reason"))
        self.filter.setAccessibleName(_tr("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.rows: RowModel[Line] = RowModel(look, _columns(), lambda line: line["certificateArn"])
        self.table = RowTable(
            self.rows, look, host.context.preferences, "audit-report", _tr("Issued certificates")
        )
        self.table.setProperty("boxed", "true")
        self.table.setMinimumHeight(look.unit * 44)
        self.summary = label("", "muted", wrap=True)
        for widget in (self.filter, self.table, self.summary):
            self.body.addWidget(widget)
            widget.hide()
        self.save_button = push_button(_tr("&Save…"), self._ask_where)
        self.save_button.setEnabled(False)
        self.save_button.setToolTip(_tr("Make the report first."))
        self.buttons.insertWidget(1, self.save_button)
        self.cancel_button.setText(_tr("Close"))
        self.filter.textChanged.connect(self.rows.set_filter)
        self.form.currentIndexChanged.connect(lambda _index: self._forget())
        self.on_submit(self.make)

    def make(self) -> None:
        """Have the report made, and show it."""
        bench, held, form = self._host.context.bench, self._held, self.form.currentData()
        rows = self.rows

        def work() -> Report:
            return _make(bench, held, form, rows)

        self.show_working(working=True, text=_tr("Making…"))
        self._host.context.session.start(
            self, work, self._show, self._failed, _tr("Making an audit report"), mutates=True
        )

    def save_to(self, path: Path) -> None:
        """Write the report to a file."""
        if self.report is not None:
            self._outgoing.write(path, self.report.data)

    def _show(self, report: Report) -> None:
        self.report = report
        self.show_working(working=False)
        self.rows.adopt(report.rows)
        words = _tr("Issued: {issued}. Revoked: {revoked}. It is kept in the vault's folder {place}"
                    " as well, where AWS would write to S3.")  # fmt: skip
        place = f"published/{BUCKET}"
        self.summary.setText(
            words.format(
                issued=number(len(report.rows)), revoked=number(report.revoked), place=place
            )
        )
        for widget in (self.filter, self.table, self.summary):
            widget.show()
        self.save_button.setEnabled(True)
        self.save_button.setToolTip("")
        self.save_button.setDefault(True)
        self.save_button.setFocus()
        self.grow()

    def _failed(self, words: Explanation) -> None:
        self.show_working(working=False)
        self.show_problem(words)

    def _forget(self) -> None:
        """Have it made in the other format before it is saved."""
        self.report = None
        self.save_button.setEnabled(False)
        self.save_button.setToolTip(_tr("Make the report first."))
        self.main_button.setDefault(True)

    def _ask_where(self) -> None:
        if self.report is None:
            return
        suffix = f".{self.report.form.lower()}"
        files = QFileDialog(self, _tr("Save audit report"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix(suffix.removeprefix("."))
        files.setNameFilters([f"{self.report.form} (*{suffix})", _tr("All files (*)")])
        files.selectFile(plain_name(self._held.name, "ca") + f"-audit-report{suffix}")
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()


def _make(bench: Any, held: Held, form: str, rows: RowModel[Line]) -> Report:
    made = bench.acm_pca.create_certificate_authority_audit_report(
        CertificateAuthorityArn=held.arn, S3BucketName=BUCKET, AuditReportResponseFormat=form
    )
    answer = bench.shelf.get_audit_report(
        CertificateAuthorityArn=held.arn, AuditReportId=made["AuditReportId"]
    )
    data = bytes(answer["Report"])
    lines = report_lines(data, form)
    revoked = sum("revokedAt" in line for line in lines)
    return Report(data, form, rows.prepare(lines), revoked)
