"""Issuing by template, and what is refused."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from tests.fakes.certificates import DAY, make, name, new_key
from tests.fakes.pki import PkiBench
from workbench.pki import validity
from workbench.pki.clients import error_code
from workbench.pki.issue import MalformedRequest, read_request
from workbench.pki.parse import facts, one_certificate
from workbench.pki.quickstart import Hierarchy
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES, UnknownTemplate, parse_arn, resolve

TEMPLATE = "arn:aws:acm-pca:::template/"


@pytest.fixture(scope="module")
def chain(bench: PkiBench) -> Hierarchy:
    return bench.hierarchy("alias/issuing", "EC_prime256v1")


def csr(
    key: Any = None,
    subject: x509.Name | None = None,
    names: tuple[x509.GeneralName, ...] = (),
    *,
    tamper: bool = False,
) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        name("Leaf") if subject is None else subject
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    key = key or new_key("P-256")
    made = builder.sign(key, hashes.SHA256() if hasattr(key, "curve") else None)
    if tamper:
        der = bytearray(made.public_bytes(serialization.Encoding.DER))
        der[-5] ^= 1
        made = x509.load_der_x509_csr(bytes(der))
    return made.public_bytes(serialization.Encoding.PEM)


def issue(
    bench: PkiBench, arn: str, request: bytes | None = None, template: str = "", **more: Any
) -> x509.Certificate:
    if template:
        more["TemplateArn"] = f"{TEMPLATE}{template}/V1"
    more.setdefault("SigningAlgorithm", "SHA256WITHECDSA")
    more.setdefault("Validity", {"Type": "DAYS", "Value": 30})
    issued = bench.pca.issue_certificate(CertificateAuthorityArn=arn, Csr=request or csr(), **more)[
        "CertificateArn"
    ]
    answer = bench.pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
    certificate = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert issued.endswith(f"/{certificate.serial_number:032x}")
    assert answer["CertificateChain"].count("BEGIN CERTIFICATE") in {1, 2}
    return certificate


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return error_code(caught.value)


@pytest.mark.parametrize("template", [t for t in TEMPLATES.values() if not t.ca and t.key_usage])
def test_end_entity_templates(bench: PkiBench, chain: Hierarchy, template: Any) -> None:
    certificate = issue(bench, chain.subordinate_arn, template=template.name)
    extensions = certificate.extensions
    assert [e.oid._name for e in extensions] == [
        "basicConstraints",
        "authorityKeyIdentifier",
        "subjectKeyIdentifier",
        "keyUsage",
        "extendedKeyUsage",
    ]
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (False, False)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.key_encipherment is template.name.startswith("EndEntity")
    assert not usage.value.key_cert_sign
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert purposes.critical is not template.name.startswith("EndEntity")
    assert tuple(purposes.value) == template.extended_key_usage
    sub = x509.load_pem_x509_certificate(chain.subordinate_pem.encode())
    ski = extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert ski.value == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    aki = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert (
        aki.value.key_identifier
        == x509.SubjectKeyIdentifier.from_public_key(sub.public_key()).digest
    )
    certificate.verify_directly_issued_by(sub)


def test_the_default_template_serves_servers_and_clients(bench: PkiBench, chain: Hierarchy) -> None:
    certificate = issue(bench, chain.subordinate_arn)
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [Eku.SERVER_AUTH, Eku.CLIENT_AUTH]


def test_aws_template_enciphers_with_a_post_quantum_key_and_ours_does_not(
    bench: PkiBench, chain: Hierarchy
) -> None:
    request = csr(new_key("ML-DSA-44"))
    by_aws = issue(bench, chain.subordinate_arn, request)
    assert by_aws.extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment
    ours = OWN_TEMPLATES["EndEntityCertificate_SigningKey"].arn()
    corrected = issue(bench, chain.subordinate_arn, request, TemplateArn=ours)
    usage = corrected.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_encipherment


def test_subject_and_names_come_from_the_request(bench: PkiBench, chain: Hierarchy) -> None:
    names = (x509.DNSName("a.example"),)
    certificate = issue(bench, chain.subordinate_arn, csr(names=names))
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert (extension.critical, list(extension.value)) == (False, list(names))
    assert certificate.subject == name("Leaf")
    nameless = issue(bench, chain.subordinate_arn, csr(subject=x509.Name([]), names=names))
    extension = nameless.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert extension.critical


def test_ca_templates_and_path_lengths(bench: PkiBench, chain: Hierarchy) -> None:
    for length in range(4):
        certificate = issue(
            bench, chain.root_arn, template=f"SubordinateCACertificate_PathLen{length}"
        )
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, length)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.key_cert_sign
        assert usage.crl_sign
        assert usage.digital_signature
    assert (
        refused(
            lambda: issue(
                bench, chain.subordinate_arn, template="SubordinateCACertificate_PathLen0"
            )
        )
        == "ValidationException"
    )


def test_serials_are_128_random_bits(bench: PkiBench, chain: Hierarchy) -> None:
    request = csr()
    serials = [issue(bench, chain.subordinate_arn, request).serial_number for _ in range(8)]
    assert len(set(serials)) == 8
    assert max(serial.bit_length() for serial in serials) > 120
    assert all(0 < serial < 1 << 128 for serial in serials)


def test_a_root_template_is_for_its_own_request(bench: PkiBench, chain: Hierarchy) -> None:
    for arn in (chain.root_arn, chain.subordinate_arn):
        assert (
            refused(partial(issue, bench, arn, template="RootCACertificate"))
            == "InvalidArgsException"
        )


@pytest.mark.parametrize(
    "data",
    [
        b"nothing",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        csr(tamper=True),
        csr(subject=x509.Name([])),
        csr().replace(b"CERTIFICATE REQUEST", b"CERTIFICATE"),
    ],
)
def test_malformed_requests(bench: PkiBench, chain: Hierarchy, data: bytes) -> None:
    assert refused(lambda: issue(bench, chain.subordinate_arn, data)) == "MalformedCSRException"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"SigningAlgorithm": "SHA384WITHECDSA"}, "InvalidArgsException"),
        ({"SigningAlgorithm": "ML_DSA_65"}, "InvalidArgsException"),
        (
            {"TemplateArn": f"{TEMPLATE}CodeSigningCertificate_Passthrough/V1"},
            "InvalidArgsException",
        ),
        ({"TemplateArn": f"{TEMPLATE}Nothing/V1"}, "InvalidArgsException"),
        ({"TemplateArn": f"{TEMPLATE}CodeSigningCertificate/V2"}, "InvalidArgsException"),
        ({"Validity": {"Type": "DAYS", "Value": 1826}}, "ValidationException"),
        ({"Validity": {"Type": "YEARS", "Value": 9000}}, "ValidationException"),
        ({"Validity": {"Type": "ABSOLUTE", "Value": 5}}, "ValidationException"),
        ({"Validity": {"Type": "END_DATE", "Value": 20261399000000}}, "ValidationException"),
        ({"ValidityNotBefore": {"Type": "DAYS", "Value": 1}}, "ValidationException"),
    ],
)
def test_refused_orders(bench: PkiBench, chain: Hierarchy, more: dict[str, Any], code: str) -> None:
    assert code == refused(lambda: issue(bench, chain.subordinate_arn, **more))


def test_only_an_active_ca_issues(bench: PkiBench) -> None:
    made = bench.hierarchy("alias/disabled", "EC_prime256v1")
    arn = made.subordinate_arn
    bench.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    assert refused(lambda: issue(bench, arn)) == "InvalidStateException"
    bench.pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="ACTIVE")
    issue(bench, arn)


def test_an_issue_token_gives_the_same_certificate(bench: PkiBench, chain: Hierarchy) -> None:
    request = csr()
    first = issue(bench, chain.subordinate_arn, request, IdempotencyToken="one")
    again = issue(bench, chain.subordinate_arn, request, IdempotencyToken="one")
    assert first == again
    assert (
        refused(lambda: issue(bench, chain.subordinate_arn, IdempotencyToken="one"))
        == "InvalidArgsException"
    )


def test_a_short_lived_ca(fresh: PkiBench) -> None:
    from tests.unit.pki.test_authorities import activate, create

    arn = create(fresh, UsageMode="SHORT_LIVED_CERTIFICATE")
    activate(fresh, arn)
    issue(fresh, arn, Validity={"Type": "DAYS", "Value": 7})
    assert (
        refused(lambda: issue(fresh, arn, Validity={"Type": "DAYS", "Value": 8}))
        == "ValidationException"
    )


def test_certificates_that_do_not_exist(bench: PkiBench, chain: Hierarchy) -> None:
    arn = chain.subordinate_arn
    for wanted, code in (
        (f"{arn}/certificate/{1:032x}", "ResourceNotFoundException"),
        (chain.root_arn, "InvalidArnException"),
    ):
        assert code == refused(
            partial(bench.pca.get_certificate, CertificateAuthorityArn=arn, CertificateArn=wanted)
        )


class TestImport:
    """A CA's own certificate comes in, from outside too."""

    @pytest.fixture
    def pending(self, bench: PkiBench) -> tuple[str, Any]:
        arn = bench.pca.create_certificate_authority(
            CertificateAuthorityType="SUBORDINATE",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "ML_DSA_44",
                "SigningAlgorithm": "ML_DSA_44",
                "Subject": {"CommonName": "Ours"},
            },
        )["CertificateAuthorityArn"]
        text = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
        return arn, x509.load_pem_x509_csr(text.encode()).public_key()

    def outside(self, bench: PkiBench, public: Any, **more: Any) -> tuple[Any, Any]:
        now = bench.clock.now().replace(microsecond=0)
        root = make("Outside", key=new_key("P-256"), start=now - DAY, end=now + 900 * DAY)

        class Half:
            def public_key(self) -> Any:
                return public

        more.setdefault("start", now - DAY)
        more.setdefault("end", now + 90 * DAY)
        more.setdefault("ca", True)
        return root, make("Ours", root, key=Half(), **more)

    def import_(self, bench: PkiBench, arn: str, certificate: bytes, chain: bytes = b"") -> None:
        more = {"CertificateChain": chain} if chain else {}
        bench.pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=certificate, **more
        )

    def test_an_outside_ca_may_certify_ours(
        self, bench: PkiBench, pending: tuple[str, Any]
    ) -> None:
        arn, public = pending
        root, ours = self.outside(bench, public)
        self.import_(bench, arn, ours.pem, root.pem)
        answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
        assert one_certificate(answer["Certificate"].encode()) == ours.der
        assert one_certificate(answer["CertificateChain"].encode()) == root.der
        kept = {
            item["Id"]: item
            for item in bench.shelf.list_certificates(MaxResults=1000)["Certificates"]
        }
        assert kept[facts(root.der).fingerprint]["Trusted"] is False
        assert kept[facts(root.der).fingerprint]["Source"] == "IMPORTED"
        leaf = issue(bench, arn, SigningAlgorithm="ML_DSA_44")
        leaf.verify_directly_issued_by(ours.certificate)

    def test_what_does_not_fit_is_refused(self, bench: PkiBench, pending: tuple[str, Any]) -> None:
        arn, public = pending
        now = bench.clock.now().replace(microsecond=0)
        root, ours = self.outside(bench, public)
        stranger, other = self.outside(bench, new_key("ML-DSA-44").public_key())
        old_root, old = self.outside(bench, public, start=now - 9 * DAY, end=now - DAY)
        plain_root, plain = self.outside(bench, public, ca=False)
        own = make("Ours", key=new_key("P-256"))
        for certificate, above, code in (
            (other.pem, stranger.pem, "CertificateMismatchException"),
            (old.pem, old_root.pem, "MalformedCertificateException"),
            (plain.pem, plain_root.pem, "MalformedCertificateException"),
            (ours.pem, stranger.pem, "MalformedCertificateException"),
            (ours.pem, b"", "MalformedCertificateException"),
            (ours.pem, root.pem + stranger.pem, "MalformedCertificateException"),
            (ours.pem, b"junk", "MalformedCertificateException"),
            (b"junk", root.pem, "MalformedCertificateException"),
            (own.pem, root.pem, "CertificateMismatchException"),
            (ours.pem + ours.pem, root.pem, "MalformedCertificateException"),
        ):
            assert code == refused(partial(self.import_, bench, arn, certificate, above))
        state = bench.pca.describe_certificate_authority(CertificateAuthorityArn=arn)
        assert state["CertificateAuthority"]["Status"] == "PENDING_CERTIFICATE"
        self.import_(bench, arn, ours.pem, root.pem)


NOW = datetime(2026, 1, 31, 12, 30, 15, 999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("DAYS", 1, datetime(2026, 2, 1, 12, 30, 15, tzinfo=UTC)),
        ("MONTHS", 1, datetime(2026, 2, 28, 12, 30, 15, tzinfo=UTC)),
        ("MONTHS", 12, datetime(2027, 1, 31, 12, 30, 15, tzinfo=UTC)),
        ("MONTHS", 11, datetime(2026, 12, 31, 12, 30, 15, tzinfo=UTC)),
        ("YEARS", 2, datetime(2028, 1, 31, 12, 30, 15, tzinfo=UTC)),
        ("ABSOLUTE", 1893456000, datetime(2030, 1, 1, tzinfo=UTC)),
        ("END_DATE", 491231235959, datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("END_DATE", 500101000000, datetime(1950, 1, 1, tzinfo=UTC)),
        ("END_DATE", 20500101000000, datetime(2050, 1, 1, tzinfo=UTC)),
    ],
)
def test_validity_types(kind: str, value: int, expected: datetime) -> None:
    assert validity.not_after({"Type": kind, "Value": value}, NOW) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("DAYS", 10**9),
        ("DAYS", 10**19),
        ("MONTHS", 10**6),
        ("YEARS", 8000),
        ("ABSOLUTE", 10**15),
        ("END_DATE", 20260230000000),
        ("END_DATE", 123456789012345),
    ],
)
def test_validities_that_are_no_date(kind: str, value: int) -> None:
    with pytest.raises(ValueError, match=r"9999|date"):
        validity.not_after({"Type": kind, "Value": value}, NOW)


def test_it_starts_an_hour_ago() -> None:
    assert validity.not_before(None, NOW) == NOW.replace(microsecond=0) - timedelta(hours=1)
    absolute = {"Type": "ABSOLUTE", "Value": 1893456000}
    assert validity.not_before(absolute, NOW) == datetime(2030, 1, 1, tzinfo=UTC)


def test_template_arns() -> None:
    for template in (*TEMPLATES.values(), *OWN_TEMPLATES.values()):
        assert resolve(template.arn()) is template
    assert resolve(None).name == "EndEntityCertificate"
    with pytest.raises(UnknownTemplate, match="no certificate template"):
        resolve(f"{TEMPLATE}EndEntityCertificate_SigningKey/V1")
    with pytest.raises(UnknownTemplate, match="no profile"):
        resolve("arn:aws:acm-pca:::profile/RootCACertificate/V1")
    with pytest.raises(UnknownTemplate, match="template ARN"):
        resolve("arn:aws:kms:::template/RootCACertificate/V1")


def test_a_template_of_another_partition_is_refused(bench: PkiBench, chain: Hierarchy) -> None:
    def issue(template: str) -> object:
        return bench.pca.issue_certificate(
            CertificateAuthorityArn=chain.subordinate_arn,
            Csr=csr(),
            SigningAlgorithm="SHA256WITHECDSA",
            TemplateArn=template,
            Validity={"Type": "DAYS", "Value": 1},
        )

    for partition in ("aws-cn", "aws-us-gov"):
        arn = TEMPLATES["CodeSigningCertificate"].arn(partition)
        assert refused(partial(issue, arn)) == "InvalidArgsException"
        with pytest.raises(UnknownTemplate, match="is in aws"):
            parse_arn(arn, "aws")
        assert parse_arn(arn, partition) == (False, "CodeSigningCertificate")
    assert issue(TEMPLATES["CodeSigningCertificate"].arn())
    # What is ours is nowhere else, so its partition says nothing.
    assert issue(OWN_TEMPLATES["OCSPResponderCertificate"].arn("aws-cn"))


def test_no_changed_request_breaks_anything() -> None:
    """Version 2 of a request once went past the reader as an error nobody had asked for."""
    der = x509.load_pem_x509_csr(csr()).public_bytes(serialization.Encoding.DER)
    for at in range(len(der)):
        changed = bytearray(der)
        changed[at] ^= 0x11
        body = base64.b64encode(bytes(changed)).decode()
        text = f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"
        with pytest.raises(MalformedRequest):
            read_request(text.encode())
