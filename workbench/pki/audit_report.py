"""Audit reports: every certificate a CA issued, and which of them are revoked.

A report is written where AWS Private CA would put it in S3; `publishing` says which folder that
is. Unlike AWS, reports may follow each other at once, and are there when the answer comes.
Source: AWS Private CA User Guide, "Use audit reports with your private CA".
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.errors import EnvironmentFault
from workbench.base.identifiers import new_uuid
from workbench.base.sheets import plain_cell
from workbench.pki.authority import Authority, Status, serial_text
from workbench.pki.finder import Finder, wrong_state
from workbench.pki.parse import facts
from workbench.pki.publishing import is_bucket
from workbench.pki.store import Kept

_COLUMNS: Final = (
    "awsAccountId",
    "requestedByServicePrincipal",
    "certificateArn",
    "serial",
    "subject",
    "notBefore",
    "notAfter",
    "issuedAt",
    "revokedAt",
    "revocationReason",
    "templateArn",
)
_KEPT: Final = 100
_STATES: Final = frozenset({Status.ACTIVE, Status.DISABLED, Status.EXPIRED})


class AuditReports:
    """CreateCertificateAuthorityAuditReport and what describes it."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "CreateCertificateAuthorityAuditReport": Operation(
                self._create, mutates=True, read_only=False
            ),
            "DescribeCertificateAuthorityAuditReport": Operation(self._describe),
        }

    def shelf_operations(self) -> Operations:
        """Return what the door registers of the collection's service."""
        return {"GetAuditReport": Operation(self._get)}

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if authority.status(call.time) not in _STATES:
            raise wrong_state(authority, call.time, "there is nothing to report.")
        bucket = request["S3BucketName"]
        if not is_bucket(bucket):
            raise AwsError("InvalidArgsException", f"{bucket} is not the name of a bucket.")
        name = new_uuid()
        form = request["AuditReportResponseFormat"]
        key = f"audit-report/{authority.id}/{name}.{form.lower()}"
        lines = self._lines(authority)
        data = _as_json(lines) if form == "JSON" else _as_csv(lines)
        try:
            self._finder.publishing.write(bucket, key, data)
        except EnvironmentFault as error:
            raise AwsError("RequestFailedException", str(error), error.next_step) from error
        report = {
            "AuditReportId": name,
            "AuditReportStatus": "SUCCESS",
            "S3BucketName": bucket,
            "S3Key": key,
            "CreatedAt": call.time.isoformat(),
        }
        kept = (*authority.reports, report)[-_KEPT:]
        self._finder.authorities.save(replace(authority, reports=kept))
        return {"AuditReportId": name, "S3Key": key}

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Return a report's bytes, which AWS leaves to S3."""
        found = self._found(request, call)
        data = self._finder.publishing.read(found["S3BucketName"], found["S3Key"])
        if not data:
            raise AwsError(
                "RequestFailedException",
                f"The report {found['S3Key']} is no longer in its folder.",
                "Make a new one.",
            )
        return {
            "Report": data,
            "AuditReportResponseFormat": found["S3Key"].rpartition(".")[2].upper(),
            "CreatedAt": datetime.fromisoformat(found["CreatedAt"]),
        }

    def _found(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        wanted = request["AuditReportId"]
        found = next((one for one in authority.reports if one["AuditReportId"] == wanted), None)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Could not find audit report: {wanted}")
        return found

    def _describe(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found = self._found(request, call)
        answer = {name: value for name, value in found.items() if name != "AuditReportId"}
        return {**answer, "CreatedAt": datetime.fromisoformat(found["CreatedAt"])}

    def _lines(self, authority: Authority) -> Iterator[dict[str, str]]:
        revoked = {one.serial: one for one in self._finder.revocations.all(authority.arn)}
        for kept in self._finder.certificates.issued_by(authority.arn):
            line = _line(authority, kept)
            one = revoked.get(facts(kept.der).certificate.serial_number)
            if one is not None:
                line |= {"revokedAt": _time(one.revoked), "revocationReason": one.reason}
            yield {**line, "templateArn": kept.template} if kept.template else line


def report_lines(data: bytes, form: str) -> list[dict[str, str]]:
    """Return the lines of a report, as `form`, JSON or CSV, gives them: what is empty is left out.

    Raises:
        ValueError: it is no such report.
    """
    if form == "JSON":
        found = json.loads(data)
    else:
        found = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    return [{name: str(value) for name, value in line.items() if value} for line in found]


def _line(authority: Authority, kept: Kept) -> dict[str, str]:
    certificate = facts(kept.der).certificate
    return {
        "awsAccountId": authority.arn.split(":")[4],
        "certificateArn": kept.arn,
        "serial": serial_text(certificate.serial_number),
        "subject": certificate.subject.rfc4514_string(),
        "notBefore": _time(certificate.not_valid_before_utc),
        "notAfter": _time(certificate.not_valid_after_utc),
        "issuedAt": _time(kept.added),
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _as_json(lines: Iterator[dict[str, str]]) -> bytes:
    return json.dumps(list(lines), indent=1, ensure_ascii=False).encode()


def _as_csv(lines: Iterator[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: plain_cell(value) for name, value in line.items()} for line in lines)
    return text.getvalue().encode()
