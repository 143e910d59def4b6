"""Another subject than a request asks for, and attributes that have no field."""

import pytest

from workbench.base.errors import Refused
from workbench.pki.resubject import custom_attributes, other_subject, passing
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES, resolve


def test_every_template_has_a_twin_that_takes_a_subject_and_is_the_same_else() -> None:
    for template in (*TEMPLATES.values(), *OWN_TEMPLATES.values()):
        twin = resolve(passing(template.arn("aws-cn")))
        assert twin.api
        assert (twin.csr, twin.own) == (template.csr, template.own)
        assert (twin.ca, twin.path_length, twin.key_usage, twin.extended_key_usage) == (
            template.ca, template.path_length, template.key_usage, template.extended_key_usage
        )  # fmt: skip


def test_a_subject_is_passed_as_aws_takes_it() -> None:
    arn = TEMPLATES["CodeSigningCertificate"].arn()
    made = other_subject(arn, {"CommonName": "Plant", "1.2.3.4": "7"})
    assert made["TemplateArn"].endswith("/CodeSigningCertificate_APIPassthrough/V1")
    assert set(made["ApiPassthrough"]["Subject"]) == {"CustomAttributes"}
    with pytest.raises(Refused, match="two letters"):
        other_subject(arn, {"CommonName": "Plant", "Country": "Germany"})


def test_attributes_are_read_a_line_each() -> None:
    assert custom_attributes("") == {}
    typed = "1.2.3.4 = a=b\n\n 2.5.4.97=VATDE-1 \n"
    assert custom_attributes(typed) == {"1.2.3.4": "a=b", "2.5.4.97": "VATDE-1"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("plant=7", "object identifier"),
        ("1.2.3.4", "1 to 256"),
        (f"1.2.3.4={'x' * 257}", "1 to 256"),
        ("2.5.4.3=Name", "field of its own"),
        ("1.2.840.113549.1.9.1=a@b.example", "field of its own"),
        ("1.2.3.4=a\n1.2.3.4=b", "twice"),
    ],
    ids=["no identifier", "no value", "too long", "common name", "e-mail", "twice"],
)
def test_what_is_no_attribute_is_refused_with_its_reason(typed: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        custom_attributes(typed)
