"""The check before issuing: every finding with its positive and its negative."""

import base64
from typing import Any

import pytest
from cryptography import x509

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import make_authority, make_request, order
from workbench.api.calls import Call, Caller
from workbench.pki.founding import IACA, Wish, found
from workbench.pki.lint import available
from workbench.pki.precheck import Finding, Severity

SAN = (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)
CRL = {"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}}


@pytest.fixture(scope="module")
def root(bench: PkiBench) -> str:
    return make_authority(bench, RevocationConfiguration=CRL)


def check(
    bench: PkiBench, authority: str, request: bytes, template: str = "", **more: Any
) -> list[Finding]:
    call = Call(Caller.owner(bench.place), bench.clock.now(), "id", bench.place)
    members = {
        "CertificateAuthorityArn": authority,
        "Csr": request,
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Validity": {"Type": "DAYS", "Value": 30},
        **more,
    }
    if template:
        members["TemplateArn"] = f"arn:aws:acm-pca:::{template}/V1"
    return bench.service.precheck(members, call)


def rules(found: list[Finding]) -> set[str]:
    return {one.rule for one in found}


SIGNING = "profile/EndEntityCertificate_SigningKey"
PASSED = "template/BlankEndEntityCertificate_CSRPassthrough"


def test_a_good_order_has_no_findings(bench: PkiBench, root: str) -> None:
    request = make_request(new_key("P-256"), name("Lonely"), SAN)
    assert check(bench, root, request, SIGNING) == []


def test_the_draft_is_not_issued(bench: PkiBench, root: str) -> None:
    before = len(bench.shelf.list_certificates(MaxResults=1000)["Certificates"])
    check(bench, root, make_request())
    assert len(bench.shelf.list_certificates(MaxResults=1000)["Certificates"]) == before


def test_what_the_service_refuses_cannot_be_overridden(bench: PkiBench, root: str) -> None:
    (found,) = check(bench, root, make_request(), Validity={"Type": "DAYS", "Value": 4000})
    assert (found.severity, found.overridable) == (Severity.REFUSED, False)
    assert "exceeds" in found.sentence
    (found,) = check(bench, root, b"no request")
    assert found.rule == "MalformedCSRException"


def test_keys_that_only_sign(bench: PkiBench, root: str) -> None:
    by_curve = check(bench, root, make_request(new_key("P-256"), name("C"), SAN))
    assert "RFC 8813 §3" in rules(by_curve)
    lattice = make_request(new_key("ML-DSA-65"), name("L"), SAN)
    assert "RFC 9881 §5" in rules(check(bench, root, lattice))
    assert check(bench, root, lattice, SIGNING) == []
    if available():
        assert any(rule.startswith("pkilint") for rule in rules(by_curve))


def test_weak_and_ending_keys(bench: PkiBench, root: str) -> None:
    weak = check(bench, root, make_request(new_key("RSA-1024"), name("W"), SAN), SIGNING)
    assert any("1024 bits" in one.sentence for one in weak)
    ending = check(bench, root, make_request(new_key("RSA"), name("E"), SAN), SIGNING)
    assert [one.severity for one in ending] == [Severity.NOTICE]


def test_a_server_needs_a_name(bench: PkiBench, root: str) -> None:
    found = check(bench, root, make_request(new_key("P-256"), name("S")), SIGNING)
    assert "RFC 9525 §6.3" in rules(found)


def test_mail_needs_an_address(bench: PkiBench, root: str) -> None:
    template = "template/BlankEndEntityCertificate_APIPassthrough"
    extensions: dict[str, Any] = {
        "KeyUsage": {"DigitalSignature": True},
        "ExtendedKeyUsage": [{"ExtendedKeyUsageType": "EMAIL_PROTECTION"}],
    }
    request = make_request(new_key("P-256"), name("M"))
    found = check(bench, root, request, template, ApiPassthrough={"Extensions": extensions})
    assert "RFC 8550 §3" in rules(found)
    extensions["SubjectAlternativeNames"] = [{"Rfc822Name": "a@b.example"}]
    found = check(bench, root, request, template, ApiPassthrough={"Extensions": extensions})
    assert found == []


def test_a_ca_that_cannot_sign(bench: PkiBench, root: str) -> None:
    template = "template/BlankSubordinateCACertificate_PathLen0_APIPassthrough"
    request = make_request(new_key("P-256"), name("Sub"))
    assert "RFC 5280 §4.2.1.3" in rules(check(bench, root, request, template))
    usage = {"Extensions": {"KeyUsage": {"KeyCertSign": True, "CRLSign": True}}}
    assert check(bench, root, request, template, ApiPassthrough=usage) == []


def test_names_and_keys_that_exist_already(bench: PkiBench, root: str) -> None:
    key = new_key("P-256")
    order(bench, root, make_request(key, name("Twin"), SAN), SIGNING)
    same_key = check(bench, root, make_request(key, name("Other"), SAN), SIGNING)
    assert rules(same_key) == {"RFC 5280 §4.2.1.2"}
    same_name = check(bench, root, make_request(None, name("Twin"), SAN), SIGNING)
    assert [(one.rule, one.severity) for one in same_name] == [
        ("RFC 5280 §4.1.2.6", Severity.NOTICE)
    ]
    renewal = check(bench, root, make_request(key, name("Twin"), SAN), SIGNING)
    assert renewal == []
    ca = "template/SubordinateCACertificate_PathLen0"
    order(bench, root, make_request(None, name("A CA")), ca)
    (found,) = check(bench, root, make_request(None, name("A CA")), ca)
    assert found.severity is Severity.WARNING


def test_name_constraints_of_the_issuer(fresh: PkiBench) -> None:
    constraints = x509.NameConstraints([x509.DNSName("example.org")], None)
    root = make_authority(fresh)
    configuration = {
        "KeyAlgorithm": "EC_prime256v1",
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "Narrow"},
    }
    sub = fresh.pca.create_certificate_authority(
        CertificateAuthorityType="SUBORDINATE",
        CertificateAuthorityConfiguration=configuration,
        RevocationConfiguration=CRL,
    )["CertificateAuthorityArn"]
    csr = fresh.pca.get_certificate_authority_csr(CertificateAuthorityArn=sub)["Csr"]
    value = base64.b64encode(constraints.public_bytes()).decode()
    custom = [{"ObjectIdentifier": "2.5.29.30", "Value": value, "Critical": True}]
    own = order(
        fresh, root, csr.encode(), "template/SubordinateCACertificate_PathLen0_APIPassthrough",
        ApiPassthrough={"Extensions": {"CustomExtensions": custom}},
        Validity={"Type": "DAYS", "Value": 300},
    )  # fmt: skip
    answer = fresh.pca.get_certificate(CertificateAuthorityArn=root, CertificateArn=own)
    fresh.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=sub,
        Certificate=answer["Certificate"].encode(),
        CertificateChain=answer["CertificateChain"].encode(),
    )
    found = check(fresh, sub, make_request(None, name("X"), SAN), SIGNING)
    assert rules(found) == {"RFC 5280 §6.1.3 (b)"}
    inside = (x509.SubjectAlternativeName([x509.DNSName("a.example.org")]), False)
    assert check(fresh, sub, make_request(None, name("X"), inside), SIGNING) == []


def contact_extension(*names: x509.GeneralName) -> dict[str, Any]:
    value = base64.b64encode(x509.IssuerAlternativeName(names).public_bytes()).decode()
    custom = [{"ObjectIdentifier": "2.5.29.18", "Value": value}]
    return {"Extensions": {"CustomExtensions": custom}}


CONTACT = x509.UniformResourceIdentifier("http://i.example")


@pytest.fixture(scope="module")
def iaca(bench: PkiBench) -> str:
    """Return a root for mobile driving licences."""
    wish = Wish(
        {"CommonName": "Licences of Utopia", "Country": "UT", "State": "North"},
        "EC_prime256v1",
        365 * 9,
        "",
        IACA,
        contact="https://utopia.example/licences",
        host="lists.utopia.example",
    )
    made = found(bench.pca, bench.shelf, wish)
    listed = bench.shelf.list_certificates(MaxResults=1000)["Certificates"]
    return str(next(one for one in listed if one["Id"] == made)["CertificateAuthorityArn"])


def test_licence_signers(bench: PkiBench, root: str) -> None:
    template = "profile/MdlDocumentSignerCertificate"
    request = make_request(None, name("DS"))
    found = check(bench, root, request, template, Validity={"Type": "DAYS", "Value": 500})
    assert {one.rule for one in found} == {"ISO/IEC 18013-5 Annex B.1.4"}
    assert len(found) == 4
    told = "\n".join(one.sentence for one in found)
    for words in ("at most 457 days", "issuerAltName", "names its country", "by an IACA root"):
        assert words in told


@pytest.mark.parametrize(
    ("subject", "days", "told"),
    [
        ({"Country": "UT", "CommonName": "DS"}, 457, ""),
        ({"Country": "UT", "State": "North", "CommonName": "DS"}, 30, ""),
        ({"Country": "UT", "State": "South", "CommonName": "DS"}, 30, "state or province"),
        ({"Country": "XX", "CommonName": "DS"}, 30, "that the root names: UT"),
        ({"Country": "ut", "CommonName": "DS"}, 30, "in capital letters"),
        ({"CommonName": "DS"}, 30, "names its country"),
        ({"Country": "UT", "CommonName": "DS"}, 458, "at most 457 days"),
    ],
)
def test_licence_signers_below_their_root(
    bench: PkiBench, iaca: str, subject: dict[str, str], days: int, told: str
) -> None:
    found = check(
        bench,
        iaca,
        make_request(new_key("P-256")),
        "profile/MdlDocumentSignerCertificate",
        ApiPassthrough={"Subject": subject},
        Validity={"Type": "DAYS", "Value": days},
    )
    errors = [one.sentence for one in found if one.severity is Severity.ERROR]
    assert told in "\n".join(errors)
    assert bool(errors) is bool(told)


@pytest.mark.parametrize("kind", ["ML-DSA-44", "RSA"])
def test_licence_signers_with_keys_that_no_reader_knows(
    bench: PkiBench, iaca: str, kind: str
) -> None:
    found = check(
        bench,
        iaca,
        make_request(new_key(kind)),
        "profile/MdlDocumentSignerCertificate",
        ApiPassthrough={"Subject": {"Country": "UT", "CommonName": "DS"}},
    )
    assert any("readers of driving licences" in one.sentence for one in found)


def test_a_signer_repeats_its_root_s_contact_unless_told_another(
    bench: PkiBench, iaca: str
) -> None:
    template = "profile/MdlDocumentSignerCertificate"
    members: dict[str, Any] = {
        "CertificateAuthorityArn": iaca,
        "Csr": make_request(new_key("P-256")),
        "TemplateArn": f"arn:aws:acm-pca:::{template}/V1",
        "Validity": {"Type": "DAYS", "Value": 30},
    }
    subject = {"Subject": {"Country": "UT", "CommonName": "Contacts"}}
    for more, uri in (({}, "https://utopia.example/licences"),
                      (contact_extension(CONTACT), "http://i.example")):  # fmt: skip
        answer = bench.shelf.issue_certificate(**members, ApiPassthrough={**subject, **more})
        made = x509.load_pem_x509_certificate(answer["Certificate"].encode())
        names = made.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
        assert names.get_values_for_type(x509.UniformResourceIdentifier) == [uri]
        points = made.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        assert points[0].full_name[0].value.startswith("http://lists.utopia.example/")


def test_a_renewed_licence_root_still_names_its_list_once(bench: PkiBench, iaca: str) -> None:
    renewed = bench.shelf.renew_certificate_authority(CertificateAuthorityArn=iaca)
    rekeyed = bench.shelf.rekey_certificate_authority(
        CertificateAuthorityArn=iaca, LinkCertificates=False
    )
    for answer, arn in ((renewed, iaca), (rekeyed, rekeyed["CertificateAuthorityArn"])):
        assert [one for one in answer["Findings"] if one["Severity"] == "ERROR"] == []
        made = x509.load_pem_x509_certificate(answer["Certificate"].encode())
        points = made.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
        (uri,) = points[0].full_name
        assert arn.rpartition("/")[2] in uri.value
        assert len(made.extensions.get_extension_for_class(x509.IssuerAlternativeName).value) == 1


def test_licence_signers_told_by_the_caller(bench: PkiBench, root: str) -> None:
    template = "profile/MdlDocumentSignerCertificate"
    request = make_request(None, name("DS"))
    subject = {"Subject": {"Country": "DE", "CommonName": "DS"}}
    passed = {**subject, **contact_extension(CONTACT)}
    (left,) = check(bench, root, request, template, ApiPassthrough=passed)
    assert "issued by an IACA root" in left.sentence
    phone = contact_extension(x509.DNSName("i.example"))
    found = check(bench, root, request, template, ApiPassthrough={**subject, **phone})
    assert any("issuerAltName" in one.sentence for one in found)


def test_roots_and_licences(bench: PkiBench) -> None:
    arn = bench.pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Licences", "Country": "DE"},
        },
    )["CertificateAuthorityArn"]
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
    found = check(bench, arn, csr, "template/RootCACertificate")
    assert rules(found) == {"ISO/IEC 18013-5 Annex B.1.2"}
    assert found[0].severity is Severity.NOTICE
    found = check(bench, arn, csr, "profile/IacaRootCertificate")
    told = "\n".join(one.sentence for one in found)
    assert "issuerAltName" in told
    assert "CRL distribution point" in told
    assert len(found) == 2
    bench.pca.update_certificate_authority(CertificateAuthorityArn=arn, RevocationConfiguration=CRL)
    more: dict[str, Any] = {"ApiPassthrough": contact_extension(CONTACT)}
    assert check(bench, arn, csr, "profile/IacaRootCertificate", **more) == []
    long = {"Type": "YEARS", "Value": 21}
    (left,) = check(bench, arn, csr, "profile/IacaRootCertificate", **more, Validity=long)
    assert "at most 20 years" in left.sentence
    more["ApiPassthrough"]["Subject"] = {"CommonName": "Nowhere"}
    (left,) = check(bench, arn, csr, "profile/IacaRootCertificate", **more)
    assert "names its country" in left.sentence


def test_no_word_on_revocation(bench: PkiBench) -> None:
    silent = make_authority(bench)
    request = make_request(None, name("Q"), SAN)
    assert rules(check(bench, silent, request, SIGNING)) == {"RFC 5280 §4.2.1.13"}
    short = check(bench, silent, request, SIGNING, Validity={"Type": "DAYS", "Value": 5})
    assert short == []


def test_only_responders_may_say_that_revocation_is_not_to_be_asked(
    bench: PkiBench, root: str
) -> None:
    no_check = (x509.OCSPNoCheck(), False)
    found = check(bench, root, make_request(None, name("Sly"), SAN, no_check), PASSED)
    assert "RFC 6960 §4.2.2.2.1" in rules(found)
    silent = make_authority(bench)
    found = check(bench, silent, make_request(None, name("Silent"), SAN, no_check), PASSED)
    assert "RFC 5280 §4.2.1.13" in rules(found), "it is no word on where to ask"


def test_findings_come_most_serious_first(bench: PkiBench, root: str) -> None:
    order(bench, root, make_request(None, name("Many"), SAN), SIGNING)
    found = check(bench, root, make_request(new_key("ML-DSA-44"), name("Many")))
    severities = [list(Severity).index(one.severity) for one in found]
    assert len(set(severities)) > 1
    assert severities == sorted(severities)
