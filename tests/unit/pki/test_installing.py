"""A certificate from outside for a CA: found among what came, and what is said against it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID

from tests.fakes.certificates import DAY, NOW, Made, make, name, new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import refused
from tests.unit.pki.test_authorities import create, status
from workbench.pki.installing import LARGEST, Arrival, look_at
from workbench.pki.precheck import Severity
from workbench.pki.roster import authority_of, read_roster, waiting

KEY = new_key("P-256")
CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(name("Issuing CA"))
    .sign(KEY, hashes.SHA256())
    .public_bytes(serialization.Encoding.PEM)
    .decode()
)


class Outside:
    """A hierarchy of somebody else's: a root, and a CA that certifies ours."""

    def __init__(self, **limits: Any) -> None:
        key = new_key("P-256")
        self.root = make("Outside Root", key=key, end=NOW + 3000 * DAY)
        self.policy = make("Outside Policy CA", self.root, key=new_key("P-256"), ca=True,
                           end=NOW + 2000 * DAY, **limits)  # fmt: skip

    def certify(self, **more: Any) -> Made:
        asked: dict[str, Any] = {"key": KEY, "ca": True, "end": NOW + 1000 * DAY}
        return make("Issuing CA", self.policy, **(asked | more))


OUTSIDE = Outside()
OURS = OUTSIDE.certify()
WHOLE = OURS.pem + OUTSIDE.policy.pem + OUTSIDE.root.pem


def look(data: bytes, *known: Made) -> Arrival:
    return look_at(data, CSR, [one.der for one in known], NOW)


def rules(arrival: Arrival, severity: Severity = Severity.REFUSED) -> list[str]:
    return [one.rule for one in arrival.findings if one.severity is severity]


def bag(*made: Made, form: serialization.Encoding = serialization.Encoding.DER) -> bytes:
    return pkcs7.serialize_certificates([one.certificate for one in made], form)


@pytest.mark.parametrize(
    "data",
    [
        WHOLE,
        OUTSIDE.root.pem + OURS.pem + OUTSIDE.policy.pem,
        bag(OUTSIDE.policy, OURS, OUTSIDE.root),
        bag(OURS, OUTSIDE.root, OUTSIDE.policy, form=serialization.Encoding.PEM),
    ],
    ids=["PEM in order", "PEM in disorder", "PKCS#7 in DER", "PKCS#7 in PEM"],
)
def test_certificate_and_chain_are_found_in_any_form_and_order(data: bytes) -> None:
    arrival = look(data)
    assert arrival.good
    assert arrival.own is not None
    assert arrival.own.der == OURS.der
    assert [one.der for one in arrival.chain] == [OUTSIDE.policy.der, OUTSIDE.root.der]
    assert arrival.root is arrival.chain[-1]
    asked = arrival.request("arn")
    assert asked["Certificate"].strip() == OURS.pem.strip()
    assert asked["CertificateChain"].count(b"BEGIN CERTIFICATE") == 2


def test_what_the_collection_has_need_not_come_along() -> None:
    stranger = make("Unrelated", key=new_key("P-256"))
    arrival = look(OURS.der, stranger, OUTSIDE.root, OUTSIDE.policy)
    assert arrival.good
    assert len(arrival.chain) == 2
    missing = look(OURS.der, stranger, OUTSIDE.root)
    assert not missing.good
    assert rules(missing) == ["RFC 5280 §6.1"]
    assert "Outside Policy CA" in missing.findings[0].sentence
    assert missing.root is None


def test_another_keys_certificate_is_told_with_whose_it_is() -> None:
    arrival = look(make("Somebody Else", OUTSIDE.policy, key=new_key("P-256"), ca=True).pem)
    assert (arrival.own, rules(arrival)) == (None, ["CertificateMismatchException"])
    assert "“Somebody Else”" in arrival.findings[0].sentence


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        ({"ca": False}, "RFC 5280 §4.2.1.9"),
        ({"bits": frozenset({"digital_signature"})}, "RFC 5280 §4.2.1.3"),
        ({"start": NOW - 2 * DAY, "end": NOW - DAY}, "RFC 5280 §6.1.3 (a)(2)"),
        ({"start": NOW + DAY}, "RFC 5280 §6.1.3 (a)(2)"),
        ({"sign_with": new_key("P-256")}, "RFC 5280 §6.1.3 (a)(1)"),
    ],
    ids=["not a CA's", "may not sign", "over", "not yet", "forged"],
)
def test_what_makes_it_useless_is_refused_with_its_rule(made: dict[str, Any], rule: str) -> None:
    data = OUTSIDE.certify(**made).pem + OUTSIDE.policy.pem + OUTSIDE.root.pem
    assert rule in rules(look(data))


def test_an_issuer_that_may_have_no_cas_below_it_is_told_before() -> None:
    strict = Outside(path=0)
    data = strict.certify().pem + strict.policy.pem + strict.root.pem
    assert rules(look(data)) == ["RFC 5280 §6.1.4 (m)"]


def test_a_self_signed_one_is_a_roots_and_no_subordinates() -> None:
    own = make("Issuing CA", key=KEY)
    assert rules(look(own.pem)) == ["AWS Private CA"]
    assert look_at(own.pem, CSR, (), NOW, root=True).good
    assert rules(look_at(WHOLE, CSR, (), NOW, root=True)) == ["AWS Private CA"]


def test_what_is_unusual_is_said_and_stops_nothing() -> None:
    other = make("Another Name", OUTSIDE.policy, key=KEY, ca=True, path=0, end=NOW + 2500 * DAY)
    stranger = make("Unrelated", key=new_key("P-256"))
    arrival = look(other.pem + stranger.pem + OUTSIDE.policy.pem + OUTSIDE.root.pem)
    assert arrival.good
    assert rules(arrival, Severity.WARNING) == ["RFC 2986 §4.1", "RFC 5280 §6.1.3 (a)(2)"]
    assert rules(arrival, Severity.NOTICE) == ["RFC 5280 §4.2.1.9", "AWS Private CA"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        CSR.encode(),
        OURS.der[:-9],
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"0" * (LARGEST + 1),
        bytes(range(256)) * 64,
    ],
    ids=["nothing", "text", "the request itself", "cut off", "a key", "too large", "noise"],
)
def test_what_is_no_certificate_is_said_so(data: bytes) -> None:
    arrival = look(data)
    assert (arrival.own, arrival.good) == (None, False)
    assert len(arrival.findings) == 1


def certified(
    asked: x509.CertificateSigningRequest,
    issuer: Made,
    now: datetime,
    *more: tuple[x509.ExtensionType, bool],
    basic_critical: bool = True,
) -> bytes:
    """Return what an outside CA answers a request with, DER."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + timedelta(days=100))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=basic_critical)
        .add_extension(
            issuer.certificate.extensions.get_extension_for_class(x509.KeyUsage).value,
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(asked.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier(issuer.ski, None, None), False)
    )
    for extension, critical in more:
        builder = builder.add_extension(extension, critical)
    signed = builder.sign(issuer.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


_POINT = x509.DistributionPoint(
    [x509.UniformResourceIdentifier("http://a.example/list")], None, None, None
)
_LISTS = x509.CRLDistributionPoints([_POINT])
_PLACE = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, _POINT.full_name[0])  # type: ignore[index]
_STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
_UNTAKEN: dict[str, x509.ExtensionType] = {
    "CRL distribution points": _LISTS,
    "Authority information access": x509.AuthorityInformationAccess([_PLACE]),
    "Freshest CRL": x509.FreshestCRL([_POINT]),
    "Policy constraints": x509.PolicyConstraints(None, 0),
    "Extension 1.2.3.4": _STRANGE,
}
_NAMES = x509.NameConstraints([x509.DNSName("a.example")], None)
_POLICY = x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)


@pytest.mark.parametrize("title", _UNTAKEN)
def test_what_aws_does_not_enforce_must_not_be_critical(fresh: PkiBench, title: str) -> None:
    arn = create(fresh, "Issuing CA", "SUBORDINATE")
    csr = fresh.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    asked, now = x509.load_pem_x509_csr(csr.encode()), fresh.clock.now()
    dates: dict[str, Any] = {"start": now - DAY, "end": now + 900 * DAY}
    plain = make("Outside Root", key=new_key("P-256"), **dates)
    odd = make("Odd Root", key=new_key("P-256"), extra=((_UNTAKEN[title], True),), **dates)

    def install(data: bytes, root: Made) -> object:
        asked = look_at(data, csr, [root.der], now).request(arn)
        return fresh.pca.import_certificate_authority_certificate(**asked)

    for data, root in (
        (certified(asked, plain, now, (_UNTAKEN[title], True)), plain),
        (certified(asked, odd, now), odd),
    ):
        found = look_at(data, csr, [root.der], now).findings
        assert [one.severity for one in found if title in one.sentence] == [Severity.REFUSED]
        assert refused(partial(install, data, root)) == "MalformedCertificateException"
    assert status(fresh, arn) == "PENDING_CERTIFICATE"
    install(certified(asked, plain, now, (_UNTAKEN[title], False)), plain)
    assert status(fresh, arn) == "ACTIVE"


def test_what_aws_enforces_may_be_critical_and_basic_constraints_must(fresh: PkiBench) -> None:
    arn = create(fresh, "Issuing CA", "SUBORDINATE")
    csr = fresh.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    asked, now = x509.load_pem_x509_csr(csr.encode()), fresh.clock.now()
    root = make("Outside Root", key=new_key("P-256"), start=now - DAY, end=now + 900 * DAY)
    loose = look_at(certified(asked, root, now, basic_critical=False), csr, [root.der], now)
    assert not loose.good
    code = refused(lambda: fresh.pca.import_certificate_authority_certificate(**loose.request(arn)))
    assert code == "MalformedCertificateException"
    taken = ((_NAMES, True), (x509.CertificatePolicies([_POLICY]), True))
    strict = look_at(certified(asked, root, now, *taken), csr, [root.der], now)
    fresh.pca.import_certificate_authority_certificate(**strict.request(arn))
    assert status(fresh, arn) == "ACTIVE"


def test_the_service_takes_what_is_good(fresh: PkiBench) -> None:
    arn = create(fresh, "Issuing CA", "SUBORDINATE")
    roster = read_roster(fresh.pca)
    assert list(waiting(roster)) == [arn]
    assert (roster[arn].name, roster[arn].root, roster[arn].ends) == ("Issuing CA", False, None)
    csr = fresh.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    asked = x509.load_pem_x509_csr(csr.encode())
    now = fresh.clock.now()
    root = make("Outside Root", key=new_key("P-256"), start=now - DAY, end=now + 900 * DAY)
    data = certified(asked, root, now)
    alone = look_at(data, csr, (), now)
    assert not alone.good
    whole = look_at(data, csr, [root.der], now)
    fresh.pca.import_certificate_authority_certificate(**whole.request(arn))
    assert status(fresh, arn) == "ACTIVE"
    held = read_roster(fresh.pca)[arn]
    assert (held.signed, held.waiting) == (True, False)
    leaf = f"{arn}/certificate/1"
    assert (authority_of([leaf, arn]), authority_of([leaf])) == (arn, "")
    again = {**whole.request(arn), "CertificateAuthorityArn": create(fresh, "Other", "SUBORDINATE")}
    refusal = refused(lambda: fresh.pca.import_certificate_authority_certificate(**again))
    assert refusal == "CertificateMismatchException"
