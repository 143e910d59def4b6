"""Audit reports."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import make_authority, order, refused
from workbench.pki.audit_report import report_lines

COLUMNS = [
    "awsAccountId", "requestedByServicePrincipal", "certificateArn", "serial", "subject",
    "notBefore", "notAfter", "issuedAt", "revokedAt", "revocationReason", "templateArn",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench)


def report(bench: PkiBench, root: str, form: str) -> tuple[str, Path]:
    made = bench.pca.create_certificate_authority_audit_report(
        CertificateAuthorityArn=root, S3BucketName="reports", AuditReportResponseFormat=form
    )
    name = made["AuditReportId"]
    assert made["S3Key"] == f"audit-report/{root.rpartition('/')[2]}/{name}.{form.lower()}"
    return name, bench.vault.directory / "published" / "reports" / made["S3Key"]


def test_a_report_lists_everything_issued(bench: PkiBench, root: str) -> None:
    arns = [order(bench, root) for _ in range(3)]
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=root,
        CertificateSerial=arns[0].rpartition("/")[2],
        RevocationReason="KEY_COMPROMISE",
    )
    name, path = report(bench, root, "JSON")
    lines = {line["certificateArn"]: line for line in json.loads(path.read_text())}
    assert set(arns) <= set(lines)
    assert len(lines) == 4
    first = lines[arns[0]]
    assert first["awsAccountId"] == "111122223333"
    assert first["serial"].replace(":", "") == arns[0].rpartition("/")[2]
    assert first["revocationReason"] == "KEY_COMPROMISE"
    assert first["templateArn"].endswith("template/EndEntityCertificate/V1")
    assert first["subject"] == "CN=Leaf,O=Lab"
    assert "revokedAt" not in lines[arns[1]]
    described = bench.pca.describe_certificate_authority_audit_report(
        CertificateAuthorityArn=root, AuditReportId=name
    )
    assert described["AuditReportStatus"] == "SUCCESS"
    assert described["S3BucketName"] == "reports"
    assert described["CreatedAt"].tzinfo is not None


def test_a_report_as_csv(bench: PkiBench, root: str) -> None:
    _, path = report(bench, root, "CSV")
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert list(rows[0]) == COLUMNS
    _, path = report(bench, root, "JSON")
    same = json.loads(path.read_text())
    assert [{k: v for k, v in row.items() if v} for row in rows] == same


def test_reports_that_cannot_be(bench: PkiBench, root: str) -> None:
    def create(bucket: str) -> object:
        return bench.pca.create_certificate_authority_audit_report(
            CertificateAuthorityArn=root, S3BucketName=bucket, AuditReportResponseFormat="CSV"
        )

    for bucket in ("../../etc", "Upper", "a..b"):
        assert refused(lambda name=bucket: create(name)) == "InvalidArgsException"  # type: ignore[misc]
    published = bench.vault.directory / "published"
    published.mkdir(exist_ok=True)
    (published / "taken").write_text("a file")
    assert refused(lambda: create("taken")) == "RequestFailedException"

    def describe() -> object:
        return bench.pca.describe_certificate_authority_audit_report(
            CertificateAuthorityArn=root, AuditReportId="00000000-0000-0000-0000-000000000000"
        )

    assert refused(describe) == "ResourceNotFoundException"


def test_a_ca_without_a_certificate_has_nothing_to_report(bench: PkiBench) -> None:
    arn = bench.pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "=SUM(A1)"},
        },
    )["CertificateAuthorityArn"]
    assert refused(lambda: report(bench, arn, "CSV")) == "InvalidStateException"


def test_both_forms_say_the_same(bench: PkiBench, root: str) -> None:
    found = [
        report_lines(report(bench, root, form)[1].read_bytes(), form) for form in ("JSON", "CSV")
    ]
    assert found[0] == found[1]
    assert sum("revokedAt" in line for line in found[0]) == 1
    assert len(found[0]) == len({line["serial"] for line in found[0]})


def test_a_reports_bytes_are_given_until_its_file_is_gone(bench: PkiBench, root: str) -> None:
    name, path = report(bench, root, "CSV")
    asked = {"CertificateAuthorityArn": root, "AuditReportId": name}
    answer = bench.shelf.get_audit_report(**asked)
    assert (answer["Report"], answer["AuditReportResponseFormat"]) == (path.read_bytes(), "CSV")
    path.unlink()
    assert refused(lambda: bench.shelf.get_audit_report(**asked)) == "RequestFailedException"
    stranger = {**asked, "AuditReportId": "11111111-2222-4333-8444-555555555555"}
    assert refused(lambda: bench.shelf.get_audit_report(**stranger)) == "ResourceNotFoundException"
