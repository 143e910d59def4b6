"""What a person writes into a profile, there and back."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from workbench.base.errors import Refused
from workbench.pki.profile_words import Written, addresses, extensions_of, identifiers, written


def policies(*ones: x509.PolicyInformation) -> dict[str, Any]:
    value = x509.CertificatePolicies(ones).public_bytes()
    return {"ObjectIdentifier": "2.5.29.32", "Critical": True, "Value": value}


def test_there_and_back() -> None:
    text = Written(
        "1.2.3.4 https://cps.example/a https://cps.example/b\n1.2.3.5",
        policies_critical=True,
        further="1.3.6.1.5.5.7.1.24 critical 3003020105\n1.2.9 0500",
    )
    made = extensions_of(text)
    assert [one["Critical"] for one in made] == [True, True, False]
    assert written(made) == text
    assert extensions_of(Written()) == []


def test_what_lines_cannot_say_stays_as_it_is() -> None:
    notice = x509.UserNotice(None, "Read this")
    one = policies(x509.PolicyInformation(ObjectIdentifier("1.2.3"), [notice]))
    kept = written([one])
    assert (kept.policies, kept.further.split()[:2]) == ("", ["2.5.29.32", "critical"])
    assert extensions_of(kept) == [one]
    for broken in (b"\x30\x03\x02\x01\x05", b"\x05\x00", b"\x30\x80", b"\xff" * 40):
        assert written([{"ObjectIdentifier": "2.5.29.32", "Value": broken}]).policies == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (Written("1.2.3\nhello"), "Line 2: “hello” is no object identifier"),
        (Written("1.2.3 ftp://x"), "Line 1: “ftp://x” is no address"),
        (Written(further="1.2.3"), "Line 1: an extension is"),
        (Written(further="\n1.2.3 critical 0"), "Line 2: an extension is"),
        (Written(further="x 0500"), "Line 1: “x” is no object identifier"),
    ],
)
def test_lines_that_make_no_sense(text: Written, says: str) -> None:
    with pytest.raises(Refused, match=says):
        extensions_of(text)


def test_lists_in_a_line() -> None:
    assert identifiers("1.2.3, 1.2.4 1.2.3") == ["1.2.3", "1.2.4"]
    assert addresses("http://a http://b http://a") == ["http://a", "http://b"]
    with pytest.raises(Refused, match="no object identifier"):
        identifiers("1.2.3 \x07x")
    with pytest.raises(Refused, match="no address"):
        addresses("a.example")
