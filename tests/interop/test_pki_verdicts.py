"""Chains good and bad under two eyes: what `validate_chain` says and what OpenSSL says.

Each rule of RFC 5280 §6 that both know has a chain that keeps it and one that breaks it. Where the
two differ, the case says so and which of them is stricter.
"""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from tests.fakes.certificates import CODE, DAY, NOW, Chain, Made, make, name, new_key
from tests.fakes.odd_certificates import raw
from workbench.pki.validate import Purpose, validate_chain

Extra = tuple[x509.ExtensionType, bool]
Accepted = bool
"""What both judges are to say."""

SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
EMAIL: Final = ExtendedKeyUsageOID.EMAIL_PROTECTION
STAMPS: Final = ExtendedKeyUsageOID.TIME_STAMPING
OCSP: Final = ExtendedKeyUsageOID.OCSP_SIGNING
MDL: Final = ObjectIdentifier("1.0.18013.5.1.2")
ISSUING: Final = frozenset({"key_cert_sign", "crl_sign"})
OPENSSL_PURPOSE: Final = {
    Purpose.CODE_SIGNING: "codesign",
    Purpose.SERVER_AUTH: "sslserver",
    Purpose.CLIENT_AUTH: "sslclient",
    Purpose.EMAIL_PROTECTION: "smimesign",
    Purpose.TIME_STAMPING: "timestampsign",
    Purpose.OCSP_SIGNING: "ocsphelper",
    Purpose.MDL_SIGNING: "any",
    Purpose.ANY: "any",
}


@dataclass(frozen=True)
class Case:
    """A chain, what we are to say of it and what OpenSSL says."""

    leaf: Made
    between: Sequence[Made]
    root: Made
    ours: bool
    openssl: bool
    purpose: Purpose = Purpose.CODE_SIGNING


def key() -> object:
    return new_key("P-256")


def root(**more: object) -> Made:
    return make("Root", key=key(), **more)  # type: ignore[arg-type] # passes make's own on


def sub(above: Made, **more: object) -> Made:
    return make("Sub", above, key=key(), ca=True, **more)  # type: ignore[arg-type]


def leaf(above: Made, **more: object) -> Made:
    settings = {"eku": (CODE,), **more}
    return make("Signer", above, key=key(), ca=False, **settings)  # type: ignore[arg-type]


def both(accepted: Accepted, made: Made, between: Sequence[Made], top: Made) -> Case:
    return Case(made, between, top, accepted, accepted)


def straight(accepted: Accepted, /, **of_sub: object) -> Case:
    top = root()
    middle = sub(top, **of_sub)
    return both(accepted, leaf(middle), [middle], top)


def at_leaf(accepted: Accepted, /, **of_leaf: object) -> Case:
    top = root()
    middle = sub(top)
    return both(accepted, leaf(middle, **of_leaf), [middle], top)


def no_ca() -> Case:
    top = root()
    middle = make("Sub", top, key=key(), ca=False)
    return both(False, leaf(middle), [middle], top)


def last_second() -> Case:
    """RFC 5280 §4.1.2.5: the period includes its last second; OpenSSL leaves it out."""
    top = root()
    return Case(leaf(top, end=NOW), [], top, ours=True, openssl=False)


def lengths(allowed: int, below: int) -> Case:
    above = [root(path=allowed)]
    for number in range(below):
        above.append(make(f"CA{number}", above[-1], key=key(), ca=True))
    return both(below <= allowed, leaf(above[-1]), above[1:], above[0])


def roll_over(accepted: Accepted) -> Case:
    """RFC 5280 §6.1.4 (l): a CA's new key under its old one does not count as a CA below it."""
    old = root(path=0)
    chain = [make("Root", old, key=key(), ca=True, path=0)]
    if not accepted:
        chain.append(make("Below", chain[-1], key=key(), ca=True))
    return both(accepted, leaf(chain[-1]), chain, old)


def constrained(
    constraints: x509.NameConstraints, accepted: Accepted, *names: x509.GeneralName
) -> Case:
    top = root()
    middle = sub(top, extra=((constraints, True),))
    extra = ((x509.SubjectAlternativeName(names), False),) if names else ()
    return both(accepted, leaf(middle, extra=extra), [middle], top)


def called(common_name: str, accepted: Accepted, *names: x509.GeneralName) -> Case:
    """Clients without an alternative name to go by take a common name for a host's."""
    top = root()
    middle = sub(top, extra=((permitted(DNS("a.org")), True),))
    extra = ((x509.SubjectAlternativeName(names), False),) if names else ()
    made = make(common_name, middle, key=key(), ca=False, eku=(CODE,), extra=extra)
    return both(accepted, made, [middle], top)


def permitted(one: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints([one], None)


def excluded(one: x509.GeneralName) -> x509.NameConstraints:
    return x509.NameConstraints(None, [one])


def forged() -> Case:
    chain = Chain("P-256")
    other = Chain("P-256")
    made = make("Signer", chain.sub, key=key(), ca=False, eku=(CODE,), sign_with=other.sub.key)
    return both(False, made, [chain.sub], chain.root)


def other_root() -> Case:
    chain = Chain("P-256")
    return both(False, chain.leaf, [chain.sub], root())


def missing() -> Case:
    chain = Chain("P-256")
    return both(False, chain.leaf, [], chain.root)


def crossed() -> Case:
    """Two issuers of one subject and key; OpenSSL follows the first, which leads elsewhere."""
    trusted, elsewhere = root(), make("Elsewhere", key=key())
    shared = key()
    lost = make("Sub", elsewhere, key=shared, ca=True)
    found = make("Sub", trusted, key=shared, ca=True)
    return Case(leaf(found), [lost, found], trusted, ours=True, openssl=False)


def for_purpose(purpose: Purpose, eku: ObjectIdentifier, accepted: Accepted) -> Case:
    top = root()
    return Case(leaf(top, eku=(eku,)), [], top, accepted, accepted, purpose)


def not_alone(*purposes: ObjectIdentifier, critical: bool = True) -> Case:
    """RFC 3161 §2.3: a timestamp authority's certificate is for nothing else, and says so."""
    top = root()
    made = leaf(top, eku=(), extra=((x509.ExtendedKeyUsage(purposes), critical),))
    return Case(made, [], top, ours=False, openssl=False, purpose=Purpose.TIME_STAMPING)


def stricter(purpose: Purpose) -> Case:
    """OpenSSL looks at no extended key usage for these."""
    top = root()
    return Case(leaf(top, eku=(SERVER,)), [], top, ours=False, openssl=True, purpose=purpose)


def policies(*, named: bool) -> Case:
    asking = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None)
    wanted = x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier("1.2.3.4"), None)])
    top = root()
    middle = sub(top, extra=((asking, True), (wanted, False)))
    return both(named, leaf(middle, extra=((wanted, False),) if named else ()), [middle], top)


def named(*policies: str) -> Extra:
    found = [x509.PolicyInformation(ObjectIdentifier(one), None) for one in policies]
    return x509.CertificatePolicies(found), False


def mapped(issuer: str, subject: str) -> Extra:
    """RFC 5280 §4.2.1.5, of which the library writes none."""
    pair = b"".join(core.ObjectIdentifier(one).dump() for one in (issuer, subject))
    inner = b"\x30" + bytes([len(pair)]) + pair
    value = b"\x30" + bytes([len(inner)]) + inner
    return x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.33"), value), True


def under_policies(
    accepted: Accepted, of_sub: Sequence[Extra], of_leaf: Sequence[Extra], *, rolls: bool = False
) -> Case:
    """A chain in which the subordinate asks for policies; `rolls` puts a self-issued one below."""
    top = root()
    between = [sub(top, extra=tuple(of_sub))]
    if rolls:
        policies_of_sub = tuple(one for one in of_sub if not isinstance(one[0], BOUNDS))
        between.append(make("Sub", between[0], key=key(), ca=True, extra=policies_of_sub))
    return both(accepted, leaf(between[-1], extra=tuple(of_leaf)), between, top)


def mapping_below(accepted: Accepted, asks: Extra) -> Case:
    """Whether the CA below one that says so may map a policy (RFC 5280 §6.1.4 (b))."""
    top = root()
    upper = sub(top, extra=(asks, named(GOLD)))
    lower = make("Lower", upper, key=key(), ca=True, extra=(named(GOLD), mapped(GOLD, SILVER)))
    return both(accepted, leaf(lower, extra=(named(SILVER),)), [upper, lower], top)


BOUNDS: Final = (x509.PolicyConstraints, x509.InhibitAnyPolicy)
GOLD, SILVER, ANYTHING = "1.2.3.4", "1.2.3.5", "2.5.29.32.0"
ASKS: Final[Extra] = (x509.PolicyConstraints(0, None), True)
NO_MAPPING: Final[Extra] = (x509.PolicyConstraints(0, 0), True)
NO_ANY: Final[Extra] = (x509.InhibitAnyPolicy(0), True)
DNS, MAIL, URI, IP, DIRECTORY = (
    x509.DNSName,
    x509.RFC822Name,
    x509.UniformResourceIdentifier,
    x509.IPAddress,
    x509.DirectoryName,
)
UNKNOWN: Final = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
LAB: Final = x509.Name(list(name("x").get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)))
NET: Final = ip_network("192.0.2.0/24")

CASES: Final[dict[str, Callable[[], Case]]] = {
    "sound": lambda: straight(True),
    "leaf below the root": lambda: lengths(0, 0),
    "path length kept": lambda: lengths(2, 2),
    "path length exceeded": lambda: lengths(1, 2),
    "path length zero exceeded": lambda: lengths(0, 1),
    "path length and a roll-over": lambda: roll_over(True),
    "path length and a CA below a roll-over": lambda: roll_over(False),
    "subordinate expired": lambda: straight(False, end=NOW - DAY / 2),
    "subordinate not yet valid": lambda: straight(False, start=NOW + DAY),
    "leaf expired": lambda: at_leaf(False, end=NOW - DAY / 2),
    "leaf not yet valid": lambda: at_leaf(False, start=NOW + DAY),
    "leaf valid from this second": lambda: at_leaf(True, start=NOW),
    "leaf valid until this second": last_second,
    "leaf ended a second ago": lambda: at_leaf(False, end=NOW - timedelta(seconds=1)),
    "root expired": lambda: both(False, leaf(top := root(end=NOW - DAY / 2)), [], top),
    "issuer without cA": no_ca,
    "issuer without keyCertSign": lambda: straight(False, bits=frozenset({"crl_sign"})),
    "issuer with keyCertSign": lambda: straight(True, bits=ISSUING),
    "signature by another key": forged,
    "another root": other_root,
    "issuer missing": missing,
    "cross-signed": crossed,
    "unknown critical extension": lambda: at_leaf(False, extra=((UNKNOWN, True),)),
    "unknown extension": lambda: at_leaf(True, extra=((UNKNOWN, False),)),
    "unknown critical extension in a CA": lambda: straight(False, extra=((UNKNOWN, True),)),
    "code signing": lambda: for_purpose(Purpose.CODE_SIGNING, CODE, True),
    "server as code signing": lambda: for_purpose(Purpose.CODE_SIGNING, SERVER, False),
    "code signing as server": lambda: for_purpose(Purpose.SERVER_AUTH, CODE, False),
    "server": lambda: for_purpose(Purpose.SERVER_AUTH, SERVER, True),
    "e-mail": lambda: for_purpose(Purpose.EMAIL_PROTECTION, EMAIL, True),
    "server as e-mail": lambda: for_purpose(Purpose.EMAIL_PROTECTION, SERVER, False),
    "timestamping": lambda: for_purpose(Purpose.TIME_STAMPING, STAMPS, True),
    "server as timestamping": lambda: for_purpose(Purpose.TIME_STAMPING, SERVER, False),
    "timestamping and more": lambda: not_alone(STAMPS, CODE),
    "timestamping not critical": lambda: not_alone(STAMPS, critical=False),
    "OCSP": lambda: for_purpose(Purpose.OCSP_SIGNING, OCSP, True),
    "driving licences": lambda: for_purpose(Purpose.MDL_SIGNING, MDL, True),
    "server as OCSP": lambda: stricter(Purpose.OCSP_SIGNING),
    "server as driving licences": lambda: stricter(Purpose.MDL_SIGNING),
    "policies asked for and named": lambda: policies(named=True),
    "policies asked for and not named": lambda: policies(named=False),
    "policy mapped": lambda: under_policies(
        True, [ASKS, named(GOLD), mapped(GOLD, SILVER)], [named(SILVER)]
    ),
    "policy mapped away": lambda: under_policies(
        False, [ASKS, named(GOLD), mapped(GOLD, SILVER)], [named(GOLD)]
    ),
    "policy mapped to any": lambda: under_policies(
        False, [ASKS, named(GOLD), mapped(GOLD, ANYTHING)], [named(SILVER)]
    ),
    "any policy": lambda: under_policies(True, [ASKS, named(GOLD)], [named(ANYTHING)]),
    "any policy in the CA": lambda: under_policies(True, [ASKS, named(ANYTHING)], [named(GOLD)]),
    "any policy inhibited": lambda: under_policies(
        False, [ASKS, NO_ANY, named(GOLD)], [named(ANYTHING)]
    ),
    "any policy inhibited, another named": lambda: under_policies(
        True, [ASKS, NO_ANY, named(GOLD)], [named(GOLD)]
    ),
    "any policy inhibited, kept by a roll-over": lambda: under_policies(
        True, [ASKS, NO_ANY, named(GOLD)], [named(GOLD)], rolls=True
    ),
    "any policy inhibited below a roll-over": lambda: under_policies(
        False, [ASKS, NO_ANY, named(GOLD)], [named(ANYTHING)], rolls=True
    ),
    "mapping inhibited": lambda: mapping_below(False, NO_MAPPING),
    "mapping not inhibited": lambda: mapping_below(True, ASKS),
    "critical policies that nobody asks for": lambda: under_policies(
        True, [(named(GOLD)[0], True)], [named(SILVER)]
    ),
    "host permitted": lambda: constrained(permitted(DNS("a.org")), True, DNS("x.a.org")),
    "host itself permitted": lambda: constrained(permitted(DNS("a.org")), True, DNS("a.org")),
    "host not permitted": lambda: constrained(permitted(DNS("a.org")), False, DNS("xa.org")),
    "host excluded": lambda: constrained(excluded(DNS("a.org")), False, DNS("b.a.org")),
    "host not excluded": lambda: constrained(excluded(DNS("a.org")), True, DNS("b.org")),
    "common name like a permitted host": lambda: called("x.a.org", True),
    "common name like another host": lambda: called("x.b.org", False),
    "common name like no host": lambda: called("Signer of a.org", True),
    "common name beside a host": lambda: called("x.b.org", True, DNS("x.a.org")),
    "no alternative names in them": lambda: at_leaf(False, extra=(raw("2.5.29.17", "3000"),)),
    "no key usage in it": lambda: at_leaf(
        False, usage=False, eku=(), extra=(raw("2.5.29.15", "03020700", critical=True),)
    ),
    "host in capitals": lambda: constrained(excluded(DNS("a.org")), False, DNS("B.A.ORG")),
    "other kinds of names": lambda: constrained(permitted(DNS("a.org")), True, MAIL("a@b.org")),
    "mailbox permitted": lambda: constrained(permitted(MAIL("a@b.org")), True, MAIL("a@b.org")),
    "mailbox not permitted": lambda: constrained(
        permitted(MAIL("a@b.org")), False, MAIL("c@b.org")
    ),
    "mail host permitted": lambda: constrained(permitted(MAIL("b.org")), True, MAIL("c@b.org")),
    "mail host below": lambda: constrained(permitted(MAIL("b.org")), False, MAIL("c@x.b.org")),
    "mail domain": lambda: constrained(permitted(MAIL(".b.org")), True, MAIL("c@x.b.org")),
    "URI permitted": lambda: constrained(permitted(URI(".a.org")), True, URI("http://x.a.org/")),
    "URI not permitted": lambda: constrained(
        permitted(URI(".a.org")), False, URI("http://a.com/.a.org")
    ),
    "address permitted": lambda: constrained(permitted(IP(NET)), True, IP(NET[7])),
    "address not permitted": lambda: constrained(
        permitted(IP(NET)), False, IP(ip_network("198.51.100.0/24")[7])
    ),
    "address excluded": lambda: constrained(excluded(IP(NET)), False, IP(NET[255])),
    "name permitted": lambda: constrained(permitted(DIRECTORY(LAB)), True),
    "name not permitted": lambda: constrained(permitted(DIRECTORY(name("x", "Elsewhere"))), False),
    "name excluded": lambda: constrained(excluded(DIRECTORY(LAB)), False),
}


def openssl_says(openssl: str, folder: Path, case: Case) -> tuple[bool, str]:
    """Return whether OpenSSL accepts a chain, and its words."""
    (folder / "root.pem").write_bytes(case.root.pem)
    (folder / "between.pem").write_bytes(b"".join(one.pem for one in case.between) or b"\n")
    (folder / "leaf.pem").write_bytes(case.leaf.pem)
    done = subprocess.run(
        [
            *(openssl, "verify", "-x509_strict", "-CAfile", folder / "root.pem"),
            *(("-untrusted", folder / "between.pem") if case.between else ()),
            *("-purpose", OPENSSL_PURPOSE[case.purpose], "-attime", str(int(NOW.timestamp()))),
            *("-policy_check", "-policy", "2.5.29.32.0", folder / "leaf.pem"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("title", CASES)
def test_the_verdict_is_openssls(openssl: str, tmp_path: Path, title: str) -> None:
    case = CASES[title]()
    verdict = validate_chain(
        case.leaf.der, [one.der for one in case.between], [case.root.der], NOW, case.purpose
    )
    accepted, words = openssl_says(openssl, tmp_path, case)
    assert (verdict.trusted, accepted) == (case.ours, case.openssl), (verdict.sentence, words)
    if not verdict.trusted:
        failing = [link for link in verdict.links if not link.ok]
        assert failing
        assert failing[0].rule.startswith(("RFC 5280 §", "RFC 3161 §", "SP 800-131A"))
