"""ApiPassthrough and CSR passthrough: what wins, what is ignored, what is refused."""

import base64
import ipaddress
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
from workbench.pki.templates import TEMPLATES, key_usage

ALL = {"DigitalSignature": True, "KeyAgreement": True, "DecipherOnly": True}
ASKED = (
    (key_usage(frozenset({"content_commitment"})), True),
    (x509.ExtendedKeyUsage([Eku.EMAIL_PROTECTION]), False),
    (x509.SubjectAlternativeName([x509.DNSName("csr.example")]), False),
    (x509.BasicConstraints(ca=True, path_length=5), True),
    (x509.SubjectKeyIdentifier(b"chosen by the CSR"), False),
    (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
)
PASSED = {
    "Subject": {"CommonName": "By API"},
    "Extensions": {
        "KeyUsage": ALL,
        "ExtendedKeyUsage": [{"ExtendedKeyUsageType": "SMART_CARD_LOGIN"}],
        "SubjectAlternativeNames": [{"DnsName": "api.example"}],
    },
}


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench)


def extension(certificate: x509.Certificate, kind: type[Any]) -> Any:
    return certificate.extensions.get_extension_for_class(kind).value


def issued(bench: PkiBench, root: str, template: str, **more: Any) -> x509.Certificate:
    request = make_request(None, None, *ASKED)
    return fetch(bench, order(bench, root, request, f"template/{template}", **more))


def test_every_template_of_aws_is_there() -> None:
    """61 names: the 56 of the User Guide, and the five blank roots that came later."""
    names = set(TEMPLATES)
    assert len(names) == 61
    suffixes = ("_APIPassthrough", "_CSRPassthrough", "_APICSRPassthrough")
    for base in (
        "EndEntityCertificate", "EndEntityClientAuthCertificate", "EndEntityServerAuthCertificate",
        "CodeSigningCertificate", "OCSPSigningCertificate",
        *(f"SubordinateCACertificate_PathLen{n}" for n in range(4)),
    ):  # fmt: skip
        names -= {base, *(base + suffix for suffix in suffixes)}
    for base in (
        "BlankEndEntityCertificate",
        "BlankEndEntityCertificate_CriticalBasicConstraints",
        *(f"BlankSubordinateCACertificate_PathLen{n}" for n in range(4)),
    ):
        names -= {base + suffix for suffix in suffixes}
    assert names == {
        "RootCACertificate", "RootCACertificate_APIPassthrough",
        "BlankRootCACertificate_APIPassthrough",
        *(f"BlankRootCACertificate_PathLen{n}_APIPassthrough" for n in range(4)),
    }  # fmt: skip


def test_a_template_without_passthrough_takes_names_from_the_request_only(
    bench: PkiBench, root: str
) -> None:
    made = issued(bench, root, "EndEntityCertificate", ApiPassthrough=PASSED)
    assert made.subject == name("Leaf")
    assert list(extension(made, x509.SubjectAlternativeName)) == [x509.DNSName("csr.example")]
    assert extension(made, x509.KeyUsage).key_encipherment
    assert list(extension(made, x509.ExtendedKeyUsage)) == [Eku.SERVER_AUTH, Eku.CLIENT_AUTH]
    assert not [e for e in made.extensions if e.oid.dotted_string == "1.2.3.4"]


def test_the_template_wins_over_the_api_and_the_api_over_the_request(
    bench: PkiBench, root: str
) -> None:
    template = "EndEntityCertificate_APICSRPassthrough"
    made = issued(bench, root, template, ApiPassthrough=PASSED)
    assert made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "By API"
    assert list(extension(made, x509.SubjectAlternativeName)) == [x509.DNSName("api.example")]
    assert not extension(made, x509.KeyUsage).key_agreement
    assert list(extension(made, x509.ExtendedKeyUsage)) == [Eku.SERVER_AUTH, Eku.CLIENT_AUTH]
    assert not extension(made, x509.BasicConstraints).ca
    key = extension(made, x509.SubjectKeyIdentifier)
    assert key == x509.SubjectKeyIdentifier.from_public_key(made.public_key())
    assert [e for e in made.extensions if e.oid.dotted_string == "1.2.3.4"]


def test_a_blank_template_takes_what_is_passed(bench: PkiBench, root: str) -> None:
    by_api = issued(bench, root, "BlankEndEntityCertificate_APIPassthrough", ApiPassthrough=PASSED)
    assert extension(by_api, x509.KeyUsage).key_agreement
    assert extension(by_api, x509.KeyUsage).decipher_only
    assert list(extension(by_api, x509.ExtendedKeyUsage)) == [Eku.SMARTCARD_LOGON]
    by_request = issued(bench, root, "BlankEndEntityCertificate_CSRPassthrough")
    assert by_request.subject == name("Leaf")
    assert extension(by_request, x509.KeyUsage).content_commitment
    assert list(extension(by_request, x509.ExtendedKeyUsage)) == [Eku.EMAIL_PROTECTION]
    both = issued(
        bench, root, "BlankEndEntityCertificate_CriticalBasicConstraints_APICSRPassthrough",
        ApiPassthrough={"Extensions": {"KeyUsage": ALL}},
    )  # fmt: skip
    assert extension(both, x509.KeyUsage).key_agreement
    assert list(extension(both, x509.ExtendedKeyUsage)) == [Eku.EMAIL_PROTECTION]
    assert both.extensions.get_extension_for_class(x509.BasicConstraints).critical


def test_an_iaca_root_with_its_distribution_point(bench: PkiBench) -> None:
    """The certificate of AWS's mobile driving licence walk-through."""
    arn = bench.pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"Country": "US", "CommonName": "mDL IACA Root"},
        },
    )["CertificateAuthorityArn"]
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    url = "http://example.com/crl/0116z123-dv7a-59b1-x7be-1231v72571136.crl"
    point = x509.CRLDistributionPoints(
        [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)]
    )
    value = base64.b64encode(point.public_bytes()).decode()
    made = order(
        bench, arn, csr.encode(), "template/BlankRootCACertificate_PathLen0_APIPassthrough",
        Validity={"Type": "DAYS", "Value": 3285},
        ApiPassthrough={
            "Extensions": {
                "KeyUsage": {"KeyCertSign": True, "CRLSign": True},
                "CustomExtensions": [{"ObjectIdentifier": "2.5.29.31", "Value": value}],
            }
        },
    )  # fmt: skip
    answer = bench.pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=made)
    certificate = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert extension(certificate, x509.CRLDistributionPoints) == point
    assert extension(certificate, x509.BasicConstraints).path_length == 0
    usage = extension(certificate, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=answer["Certificate"].encode()
    )


def test_every_kind_of_name_and_extension(bench: PkiBench, root: str) -> None:
    names = [
        {"Rfc822Name": "a@b.example"},
        {"DirectoryName": {"CommonName": "Inner"}},
        {"UniformResourceIdentifier": "urn:x"},
        {"IpAddress": "2001:db8::1"},
        {"RegisteredId": "1.2.3"},
        {"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": "u@b.example"}},
    ]
    custom = {"ObjectIdentifier": "1.2.3.5", "Value": "BQA=", "Critical": True}
    passed = {
        "Subject": {
            "CustomAttributes": [
                {"ObjectIdentifier": "2.5.4.3", "Value": "N"},
                {"ObjectIdentifier": "1.2.3.4", "Value": "own"},
            ]
        },
        "Extensions": {
            "SubjectAlternativeNames": names,
            "CertificatePolicies": [
                {
                    "CertPolicyId": "1.2.3.6",
                    "PolicyQualifiers": [
                        {"PolicyQualifierId": "CPS", "Qualifier": {"CpsUri": "http://x.example"}}
                    ],
                }
            ],
            "ExtendedKeyUsage": [{"ExtendedKeyUsageObjectIdentifier": "1.0.18013.5.1.2"}],
            "CustomExtensions": [custom],
        },
    }
    template = "BlankEndEntityCertificate_APIPassthrough"
    made = issued(bench, root, template, ApiPassthrough=passed)
    assert [a.value for a in made.subject] == ["N", "own"]
    kinds = [type(one) for one in extension(made, x509.SubjectAlternativeName)]
    assert kinds == [
        x509.RFC822Name, x509.DirectoryName, x509.UniformResourceIdentifier, x509.IPAddress,
        x509.RegisteredID, x509.OtherName,
    ]  # fmt: skip
    address = extension(made, x509.SubjectAlternativeName).get_values_for_type(x509.IPAddress)
    assert address == [ipaddress.ip_address("2001:db8::1")]
    policies = extension(made, x509.CertificatePolicies)
    assert policies[0].policy_qualifiers == ["http://x.example"]
    own = next(e for e in made.extensions if e.oid.dotted_string == "1.2.3.5")
    assert own.critical
    assert own.value.value == b"\x05\x00"


@pytest.mark.parametrize(
    "extensions",
    [
        {"KeyUsage": {}},
        {"KeyUsage": {"DigitalSignature": True, "EncipherOnly": True}},
        {"ExtendedKeyUsage": [{}]},
        {"ExtendedKeyUsage": [{"ExtendedKeyUsageObjectIdentifier": "2.39.1"}, {}]},
        {"SubjectAlternativeNames": [{}]},
        {"SubjectAlternativeNames": [{"DnsName": "a", "IpAddress": "::1"}]},
        {"SubjectAlternativeNames": [{"DnsName": "ä.example"}]},
        {"SubjectAlternativeNames": [{"IpAddress": "1.2.3.400"}]},
        {"SubjectAlternativeNames": [{"EdiPartyName": {"PartyName": "x"}}]},
        {"CustomExtensions": [{"ObjectIdentifier": "1.2.3", "Value": "BQA="}] * 2},
        {"KeyUsage": ALL, "CustomExtensions": [{"ObjectIdentifier": "2.5.29.15", "Value": "BQA="}]},
        {"CustomExtensions": [{"ObjectIdentifier": "2.5.29.31", "Value": "BQA="}]},
    ],
)
def test_extensions_that_make_no_certificate(
    bench: PkiBench, root: str, extensions: dict[str, Any]
) -> None:
    def ask() -> object:
        return issued(
            bench, root, "BlankEndEntityCertificate_APIPassthrough",
            ApiPassthrough={"Extensions": extensions},
        )  # fmt: skip

    assert refused(ask) == "InvalidArgsException"


def test_a_certificate_names_somebody(bench: PkiBench, root: str) -> None:
    nameless = make_request(new_key("P-256"), x509.Name([]))
    template = "template/EndEntityCertificate_APIPassthrough"
    assert refused(lambda: order(bench, root, nameless, template)) == "MalformedCSRException"
    passed = {"Extensions": {"SubjectAlternativeNames": [{"DnsName": "a.example"}]}}
    made = fetch(bench, order(bench, root, nameless, template, ApiPassthrough=passed))
    assert made.extensions.get_extension_for_class(x509.SubjectAlternativeName).critical


def test_csr_extensions_of_a_ca(bench: PkiBench) -> None:
    location = {"UniformResourceIdentifier": "http://repository.example/"}
    access = [{"AccessMethod": {"AccessMethodType": "CA_REPOSITORY"}, "AccessLocation": location}]
    arn = bench.pca.create_certificate_authority(
        CertificateAuthorityType="SUBORDINATE",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Sub"},
            "CsrExtensions": {
                "KeyUsage": {"KeyCertSign": True}, "SubjectInformationAccess": access
            },
        },
    )["CertificateAuthorityArn"]  # fmt: skip
    csr = x509.load_pem_x509_csr(
        bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
    )
    assert csr.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    access_of_csr = csr.extensions.get_extension_for_class(x509.SubjectInformationAccess).value
    assert [one.access_location.value for one in access_of_csr] == ["http://repository.example/"]
