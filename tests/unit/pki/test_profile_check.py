"""What standards say about profiles, asked through the door."""

from typing import Any

import pytest
from cryptography import x509

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import refused

EC, RSA, PQ = "ECC_NIST_P256", "RSA_3072", "ML_DSA_65"


def check(bench: PkiBench, lint: bool = False, **profile: Any) -> dict[str, Any]:  # noqa: FBT001, FBT002
    answer: dict[str, Any] = bench.shelf.check_profile(Profile=profile, Lint=lint)
    return answer


def keys_of(answer: dict[str, Any], rule: str) -> list[str]:
    found = [one["KeySpecs"] for one in answer["Findings"] if one["Rule"] == rule]
    return [spec for specs in found for spec in specs]


def shown(bench: PkiBench, name: str) -> dict[str, Any]:
    found = bench.shelf.list_profiles(MaxResults=1000)["Profiles"]
    return next({**one, "Name": "x"} for one in found if one["Name"] == name)


def test_what_a_template_of_aws_breaks_is_said_with_the_keys_it_breaks_it_for(
    bench: PkiBench,
) -> None:
    answer = check(bench, **shown(bench, "EndEntityCertificate"))
    assert keys_of(answer, "RFC 9881 §5") == [PQ]
    assert keys_of(answer, "RFC 8813 §3") == [EC]
    assert answer["Verdict"] == "OVERRIDABLE"
    clean = check(bench, lint=True, **shown(bench, "EndEntityCertificate_SigningKey"))
    assert (clean["Verdict"], clean["Findings"]) == ("CLEAR", [])


def test_the_linter_looks_as_well(bench: PkiBench) -> None:
    answer = check(bench, lint=True, Name="x", KeyUsage=["key_cert_sign"])
    rules = {one["Rule"] for one in answer["Findings"]}
    assert any(rule.startswith("pkilint pkix.") for rule in rules)
    quiet = check(bench, Name="x", KeyUsage=["key_cert_sign"])
    assert not any(one["Rule"].startswith("pkilint") for one in quiet["Findings"])


@pytest.mark.parametrize(
    ("profile", "rule"),
    [
        ({"CertificateAuthority": True, "BasicConstraintsCritical": True}, "RFC 5280 §4.2.1.3"),
        ({"ExtendedKeyUsage": ["1.0.18013.5.1.2"]}, "ISO/IEC 18013-5 Annex B.1.4"),
        ({"Revocation": "NONE"}, "RFC 5280 §4.2.1.13"),
    ],
)
def test_findings(bench: PkiBench, profile: dict[str, Any], rule: str) -> None:
    assert keys_of(check(bench, Name="x", **profile), rule)


def test_the_sample_says_what_the_profile_says(bench: PkiBench) -> None:
    answer = check(bench, Name="x", ValidityDays=3, CertificateAuthority=True, PathLength=2)
    sample = x509.load_der_x509_certificate(answer["Sample"])
    basic = sample.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 2)
    assert (sample.not_valid_after_utc - sample.not_valid_before_utc).days == 3


def test_every_template_gives_a_sample(bench: PkiBench) -> None:
    for one in bench.shelf.list_profiles(MaxResults=1000)["Profiles"]:
        answer = bench.shelf.check_profile(Profile={**one, "Name": "x"}, Lint=False, KeySpecs=[PQ])
        assert answer["Sample"], one["Name"]


def test_what_cannot_be_is_refused(bench: PkiBench) -> None:
    assert refused(lambda: check(bench, Name="x", PathLength=1)) == "InvalidRequestException"
    unknown = bench.shelf.check_profile(Profile={"Name": "x"}, KeySpecs=["HMAC_256"])
    assert (unknown["Verdict"], "Sample" in unknown) == ("REFUSED", False)
