"""Name constraints, kind by kind (RFC 5280 §4.2.1.10)."""

import ipaddress

import pytest
from cryptography import x509

from tests.fakes.certificates import make, name
from workbench.pki.constraints import violation
from workbench.pki.parse import Facts, facts

DNS, MAIL, URI = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier
NET = ipaddress.ip_network("10.0.0.0/8")


def with_names(*names: x509.GeneralName) -> Facts:
    alternative = x509.SubjectAlternativeName(names)
    return facts(make("Leaf", ca=False, extra=((alternative, False),)).der)


def address(text: str) -> x509.IPAddress:
    return x509.IPAddress(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("subtree", "inside", "outside"),
    [
        (DNS("example.org"), DNS("example.org"), DNS("badexample.org")),
        (DNS("example.org"), DNS("A.Example.ORG"), DNS("example.org.evil")),
        (DNS(".example.org"), DNS("a.example.org"), DNS("example.org")),
        (MAIL("host.example"), MAIL("a@HOST.example"), MAIL("a@b.host.example")),
        (MAIL(".host.example"), MAIL("a@b.host.example"), MAIL("a@host.example")),
        (MAIL("a@host.example"), MAIL("a@host.example"), MAIL("b@host.example")),
        (URI("host.example"), URI("http://host.example/x"), URI("http://x.host.example/")),
        (URI(".host.example"), URI("ldap://x.host.example:1/"), URI("http://host.example/")),
        (URI("host.example"), URI("http://host.example"), URI("urn:without-a-host")),
        (x509.IPAddress(NET), address("10.1.2.3"), address("11.1.2.3")),
        (x509.IPAddress(NET), address("10.255.255.255"), address("::ffff:10.0.0.1")),
        (
            x509.DirectoryName(x509.Name(list(name("x"))[:1])),
            x509.DirectoryName(name("anyone", "LAB ")),
            x509.DirectoryName(name("anyone", "Labs")),
        ),
    ],
)
def test_permitted_and_excluded(
    subtree: x509.GeneralName, inside: x509.GeneralName, outside: x509.GeneralName
) -> None:
    permitted = x509.NameConstraints([subtree], None)
    assert violation(permitted, with_names(inside)) == ""
    assert "not among what is permitted" in violation(permitted, with_names(outside))
    excluded = x509.NameConstraints(None, [subtree])
    if not isinstance(subtree, x509.DirectoryName):  # the subject itself is in the subtree
        assert "excluded" in violation(excluded, with_names(inside))
        assert violation(excluded, with_names(outside)) == ""


def test_the_subject_is_a_name_too() -> None:
    elsewhere = x509.DirectoryName(name("x", "Elsewhere"))
    leaf = facts(make("Leaf", ca=False).der)
    assert "O=Lab" in violation(x509.NameConstraints([elsewhere], None), leaf)
    assert violation(x509.NameConstraints(None, [elsewhere]), leaf) == ""


def test_a_kind_that_is_not_understood_is_violated() -> None:
    other = x509.RegisteredID(x509.ObjectIdentifier("1.2.3"))
    for constraints in (x509.NameConstraints([other], None), x509.NameConstraints(None, [other])):
        assert violation(constraints, with_names(other))
        assert violation(constraints, with_names(DNS("a.example"))) == ""


def test_names_without_end_are_not_compared() -> None:
    many = with_names(*(DNS(f"n{i}.example") for i in range(600)))
    constraints = x509.NameConstraints([DNS(f"c{i}.example") for i in range(200)], None)
    assert violation(constraints, many) == "too many names to compare"
