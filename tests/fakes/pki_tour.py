"""A tour through every operation of AWS Private CA that keeps all answers and refusals."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.pki_orders import make_request
from workbench.pki.clients import error_code

TRUST = "acm.amazonaws.com"
SUBJECT = {
    "Country": "DE",
    "Organization": "Example",
    "OrganizationalUnit": "Unit",
    "DistinguishedNameQualifier": "q",
    "State": "Bavaria",
    "CommonName": "Root",
    "SerialNumber": "7",
    "Locality": "Town",
    "Title": "Dr",
    "Surname": "S",
    "GivenName": "G",
    "Initials": "GS",
    "Pseudonym": "P",
    "GenerationQualifier": "III",
}
CUSTOM = {"CustomAttributes": [{"ObjectIdentifier": "2.5.4.3", "Value": "Custom"}]}
LOCATIONS: tuple[dict[str, Any], ...] = (
    {"OtherName": {"TypeId": "1.2.3.4", "Value": "text"}},
    {"Rfc822Name": "a@example.com"},
    {"DnsName": "example.com"},
    {"DirectoryName": SUBJECT},
    {"DirectoryName": CUSTOM},
    {"UniformResourceIdentifier": "http://example.com/"},
    {"IpAddress": "127.0.0.1"},
    {"RegisteredId": "1.2.3"},
)
USAGES = (
    "DigitalSignature", "NonRepudiation", "KeyEncipherment", "DataEncipherment", "KeyAgreement",
    "KeyCertSign", "CRLSign", "EncipherOnly", "DecipherOnly",
)  # fmt: skip
REVOCATION = {
    "CrlConfiguration": {
        "Enabled": True,
        "ExpirationInDays": 7,
        "CustomCname": "crl.example.com",
        "S3BucketName": "bucket",
        "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL",
        "CrlDistributionPointExtensionConfiguration": {"OmitExtension": False},
        "CrlType": "PARTITIONED",
        "CustomPath": "a/path",
    },
    "OcspConfiguration": {"Enabled": True, "OcspCustomCname": "ocsp.example.com"},
}


class PkiTour:
    """Visits every operation.

    Args:
        client: an `acm-pca` client.

    Attributes:
        answers: every answer, by operation.
        refused: every error's code, by operation.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._methods = {name: py for py, name in client.meta.method_to_api_mapping.items()}
        self.answers: dict[str, list[dict[str, Any]]] = {}
        self.refused: dict[str, set[str]] = {}

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation and keep its answer."""
        answer: dict[str, Any] = getattr(self._client, self._methods[operation])(**request)
        answer.pop("ResponseMetadata")
        self.answers.setdefault(operation, []).append(answer)
        return answer

    def refuse(self, operation: str, code: str, **request: Any) -> None:
        """Call an operation that must be refused with a code."""
        with pytest.raises(ClientError) as caught:
            getattr(self._client, self._methods[operation])(**request)
        assert error_code(caught.value) == code, (operation, caught.value)
        self.refused.setdefault(operation, set()).add(code)

    def go(self) -> None:
        """Make the whole tour."""
        root = self._authority()
        self._subordinate(root)
        self._strangers(root)
        serial = self._certificates(root)
        self._reports(root)
        self._sharing(root)
        self._tags(root)
        self._revocation(root, serial)
        self._end(root)

    def _authority(self) -> str:
        locations: list[dict[str, Any]] = [
            {"AccessMethod": {"AccessMethodType": "CA_REPOSITORY"}, "AccessLocation": one}
            for one in LOCATIONS
        ]
        locations[0]["AccessMethod"] = {"CustomObjectIdentifier": "1.2.3.4.5"}
        configuration = {
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": SUBJECT,
            "CsrExtensions": {
                "KeyUsage": dict.fromkeys(USAGES, True),
                "SubjectInformationAccess": locations,
            },
        }
        asked: dict[str, Any] = {
            "CertificateAuthorityType": "ROOT",
            "CertificateAuthorityConfiguration": configuration,
            "RevocationConfiguration": REVOCATION,
        }
        operation = "CreateCertificateAuthority"
        arn = str(self.ask(operation, **asked)["CertificateAuthorityArn"])
        self.refuse(operation, "InvalidTagException", **asked, Tags=[{"Key": "aws:a"}])
        self.refuse(
            operation, "InvalidArgsException", **asked,
            KeyStorageSecurityStandard="FIPS_140_2_LEVEL_3_OR_HIGHER",
        )  # fmt: skip
        named = {"CertificateAuthorityArn": arn}
        self.refuse("GetCertificateAuthorityCertificate", "InvalidStateException", **named)
        self.refuse(
            "IssueCertificate", "InvalidStateException", **named, **self._ordered("SHA256WITHECDSA")
        )
        self._activate(arn)
        return arn

    def _activate(self, arn: str, issuer: str = "") -> None:
        named, by = {"CertificateAuthorityArn": arn}, {"CertificateAuthorityArn": issuer or arn}
        csr = self.ask("GetCertificateAuthorityCsr", **named)["Csr"].encode()
        template = "SubordinateCACertificate_PathLen0" if issuer else "RootCACertificate"
        issued = self.ask(
            "IssueCertificate", **by, Csr=csr, SigningAlgorithm="SHA256WITHECDSA",
            TemplateArn=f"arn:aws:acm-pca:::template/{template}/V1",
            Validity={"Type": "DAYS", "Value": 300 if issuer else 3650},
        )["CertificateArn"]  # fmt: skip
        made = self.ask("GetCertificate", **by, CertificateArn=issued)
        operation = "ImportCertificateAuthorityCertificate"
        self.refuse(operation, "MalformedCertificateException", **named, Certificate=b"x")
        self.ask(operation, **named, **{name: text.encode() for name, text in made.items()})
        self.ask("GetCertificateAuthorityCertificate", **named)
        self.ask("DescribeCertificateAuthority", **named)

    def _subordinate(self, root: str) -> None:
        configuration = {
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": CUSTOM,
        }
        made = self.ask(
            "CreateCertificateAuthority",
            CertificateAuthorityType="SUBORDINATE",
            CertificateAuthorityConfiguration=configuration,
        )
        self._activate(made["CertificateAuthorityArn"], root)

    @staticmethod
    def _ordered(signing: str) -> dict[str, Any]:
        return {
            "Csr": make_request(),
            "SigningAlgorithm": signing,
            "Validity": {"Type": "DAYS", "Value": 30},
        }

    def _strangers(self, root: str) -> None:
        """Name what is not there, and what is no name, to every operation that takes one."""
        nobody = root.rpartition("/")[0] + "/11111111-2222-4333-8444-555555555555"
        more = self._more(root)
        for operation, given in more.items():
            member = "ResourceArn" if "Policy" in operation else "CertificateAuthorityArn"
            for arn, code in (
                (nobody, "ResourceNotFoundException"),
                (root.replace("certificate-authority", "elsewhere"), "InvalidArnException"),
            ):
                self.refuse(operation, code, **{member: arn}, **given)
        self.refuse(
            "ListCertificateAuthorities", "InvalidNextTokenException", NextToken="not a token"
        )

    def _more(self, root: str) -> dict[str, dict[str, Any]]:
        report = "11111111-2222-4333-8444-555555555555"
        return {
            "CreateCertificateAuthorityAuditReport": {
                "S3BucketName": "bucket", "AuditReportResponseFormat": "JSON",
            },
            "CreatePermission": {"Principal": TRUST, "Actions": ["IssueCertificate"]},
            "DeleteCertificateAuthority": {},
            "DeletePermission": {"Principal": TRUST},
            "DeletePolicy": {},
            "DescribeCertificateAuthority": {},
            "DescribeCertificateAuthorityAuditReport": {"AuditReportId": report},
            "GetCertificate": {"CertificateArn": f"{root}/certificate/{'0' * 32}"},
            "GetCertificateAuthorityCertificate": {},
            "GetCertificateAuthorityCsr": {},
            "GetPolicy": {},
            "ImportCertificateAuthorityCertificate": {"Certificate": b"x"},
            "IssueCertificate": self._ordered("SHA256WITHECDSA"),
            "ListPermissions": {},
            "ListTags": {},
            "PutPolicy": {"Policy": self._policy(root)},
            "RestoreCertificateAuthority": {},
            "RevokeCertificate": {"CertificateSerial": "01", "RevocationReason": "SUPERSEDED"},
            "TagCertificateAuthority": {"Tags": [{"Key": "a"}]},
            "UntagCertificateAuthority": {"Tags": [{"Key": "a"}]},
            "UpdateCertificateAuthority": {},
        }  # fmt: skip

    @staticmethod
    def _policy(root: str) -> str:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "444455556666"},
            "Action": ["acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate"],
            "Resource": root,
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def _certificates(self, root: str) -> str:
        named = {"CertificateAuthorityArn": root}
        arn = self.ask("IssueCertificate", **named, **self._ordered("SHA256WITHECDSA"))
        answer = self.ask("GetCertificate", **named, **arn)
        assert answer["CertificateChain"].startswith("-----BEGIN CERTIFICATE-----")
        self.refuse(
            "IssueCertificate", "MalformedCSRException",
            **named, **{**self._ordered("SHA256WITHECDSA"), "Csr": b"x"},
        )  # fmt: skip
        self.refuse(
            "IssueCertificate", "InvalidArgsException", **named, **self._ordered("ML_DSA_65")
        )
        self.refuse(
            "ImportCertificateAuthorityCertificate", "CertificateMismatchException",
            **named, Certificate=answer["Certificate"].encode(),
        )  # fmt: skip
        return str(arn["CertificateArn"].rpartition("/")[2])

    def _reports(self, root: str) -> None:
        named = {"CertificateAuthorityArn": root}
        operation = "CreateCertificateAuthorityAuditReport"
        given = {"AuditReportResponseFormat": "JSON"}
        made = self.ask(operation, **named, **given, S3BucketName="bucket")
        self.refuse(operation, "InvalidArgsException", **named, **given, S3BucketName="a..b")
        self.ask(
            "DescribeCertificateAuthorityAuditReport", **named, AuditReportId=made["AuditReportId"]
        )

    def _sharing(self, root: str) -> None:
        named = {"CertificateAuthorityArn": root}
        for account in ("111122223333", "444455556666"):
            self.ask(
                "CreatePermission", **named, Principal=TRUST, SourceAccount=account,
                Actions=["IssueCertificate", "GetCertificate", "ListPermissions"],
            )  # fmt: skip
        again = {"Principal": TRUST, "SourceAccount": "111122223333", "Actions": ["GetCertificate"]}
        self.refuse("CreatePermission", "PermissionAlreadyExistsException", **named, **again)
        self._pages("ListPermissions", "Permissions", **named)
        self.ask("PutPolicy", ResourceArn=root, Policy=self._policy(root))
        self.refuse("PutPolicy", "InvalidPolicyException", ResourceArn=root, Policy="{}")
        self.ask("GetPolicy", ResourceArn=root)
        self.ask("DeletePolicy", ResourceArn=root)
        self.ask("DeletePermission", **named, Principal=TRUST, SourceAccount="444455556666")

    def _tags(self, root: str) -> None:
        named = {"CertificateAuthorityArn": root}
        tag = "TagCertificateAuthority"
        self.ask(tag, **named, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        self.refuse(tag, "InvalidTagException", **named, Tags=[{"Key": "aws:a"}])
        many = [{"Key": f"k{number}"} for number in range(49)]
        self.refuse(tag, "TooManyTagsException", **named, Tags=many)
        self._pages("ListTags", "Tags", **named)
        self.ask("UntagCertificateAuthority", **named, Tags=[{"Key": "a"}])

    def _revocation(self, root: str, serial: str) -> None:
        named = {"CertificateAuthorityArn": root}
        given = {"CertificateSerial": serial, "RevocationReason": "KEY_COMPROMISE"}
        self.ask("RevokeCertificate", **named, **given)
        self.refuse("RevokeCertificate", "RequestAlreadyProcessedException", **named, **given)
        self.refuse(
            "RevokeCertificate", "InvalidRequestException",
            **named, **{**given, "CertificateSerial": "zz"},
        )  # fmt: skip

    def _end(self, root: str) -> None:
        named = {"CertificateAuthorityArn": root}
        update = "UpdateCertificateAuthority"
        self.refuse(update, "InvalidArgsException", **named, Status="EXPIRED")
        self.refuse("DeleteCertificateAuthority", "InvalidStateException", **named)
        self.refuse("RestoreCertificateAuthority", "InvalidStateException", **named)
        self.ask(update, **named, Status="DISABLED")
        self.ask("DeleteCertificateAuthority", **named, PermanentDeletionTimeInDays=7)
        self.ask("DescribeCertificateAuthority", **named)
        self._pages("ListCertificateAuthorities", "CertificateAuthorities")
        self._refuse_deleted(named)
        self.ask("RestoreCertificateAuthority", **named)

    def _refuse_deleted(self, named: dict[str, str]) -> None:
        arn = named["CertificateAuthorityArn"]
        for operation, given in self._more(arn).items():
            readable = operation in {"GetCertificate", "GetCertificateAuthorityCertificate"}
            if readable or operation.startswith(("Describe", "Restore")):
                continue
            member = "ResourceArn" if "Policy" in operation else "CertificateAuthorityArn"
            self.refuse(operation, "InvalidStateException", **{member: arn}, **given)

    def _pages(self, operation: str, member: str, **request: Any) -> None:
        ask: Callable[..., dict[str, Any]] = self.ask
        first = ask(operation, **request, MaxResults=1)
        assert len(first[member]) == 1
        rest = ask(operation, **request, NextToken=first["NextToken"])
        assert len(rest[member]) >= 1
        self.refuse(operation, "InvalidNextTokenException", **request, NextToken="not a token")
