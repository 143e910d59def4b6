"""Names from AWS's subjects, and for people."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from workbench.pki.names import (
    ATTRIBUTES,
    EMAIL,
    attribute,
    common_name,
    from_subject,
    member_of,
    readable,
    to_subject,
)


def test_attributes_come_in_the_order_aws_documents() -> None:
    subject = {member: ("DE" if member == "Country" else member[:3]) for member, _ in ATTRIBUTES}
    made = from_subject(dict(reversed(subject.items())))
    assert [attribute.oid for attribute in made] == [oid for _, oid in ATTRIBUTES]


def test_custom_attributes_stand_alone() -> None:
    custom = [{"ObjectIdentifier": "2.5.4.3", "Value": "Name"}]
    assert from_subject({"CustomAttributes": custom}).rfc4514_string() == "CN=Name"
    with pytest.raises(ValueError, match="combined"):
        from_subject({"CommonName": "x", "CustomAttributes": custom})


@pytest.mark.parametrize("subject", [{}, {"Country": "DEU"}, {"CommonName": ""}])
def test_subjects_that_name_nobody(subject: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"subject|Country|length"):
        from_subject(subject)


def test_for_people_the_common_name_comes_first() -> None:
    made = from_subject({"Country": "DE", "CommonName": "Sub, Inc", "Organization": "Lab"})
    assert readable(made) == "CN=Sub\\, Inc, O=Lab, C=DE"
    assert common_name(made) == "Sub, Inc"
    assert readable(x509.Name([])) == "(empty name)"
    nameless = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab")])
    assert common_name(nameless) == "O=Lab"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("Country", "é"),  # two bytes, and no letter of a PrintableString
        ("SerialNumber", "ä"),
        ("DistinguishedNameQualifier", "a_b"),
        ("Organization", "x" * 65),
        ("Initials", "ABCDEF"),
    ],
)
def test_values_that_do_not_fit_their_attribute(member: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{member}: "):
        from_subject({"CommonName": "x", member: value})


@pytest.mark.parametrize("value", ["a", "a@@b", "ä@b.example", "a b@c", "mailto:a@b"])
def test_what_is_no_e_mail_address(value: str) -> None:
    with pytest.raises(ValueError, match=r"name@example\.com"):
        attribute(EMAIL, value)


def test_an_e_mail_address_makes_everything_custom() -> None:
    plain = {"Country": "DE", "CommonName": "x"}
    assert to_subject(plain) == plain
    made = to_subject({**plain, EMAIL: "a@b.example"})
    assert set(made) == {"CustomAttributes"}
    assert member_of(made, "Country") == "DE"
    assert member_of(made, EMAIL) == "a@b.example"
    assert from_subject(made).rfc4514_string() == "1.2.840.113549.1.9.1=a@b.example,CN=x,C=DE"


def test_attributes_without_a_member_stand_under_their_identifiers() -> None:
    made = to_subject({"CommonName": "x", "1.2.3.4": "plant 7", "1.2.3.5": ""})
    assert set(made) == {"CustomAttributes"}
    assert from_subject(made).rfc4514_string() == "1.2.3.4=plant 7,CN=x"
