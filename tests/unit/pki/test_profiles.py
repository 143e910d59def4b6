"""Named profiles: made, kept, exported, imported, used."""

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from tests.fakes.certificates import CODE, make
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, order, refused
from workbench.pki.parse import facts
from workbench.pki.profiles import Profile, ProfileStore, UnfitProfile
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES

POLICY = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)])


@pytest.mark.parametrize("template", [*TEMPLATES.values(), *OWN_TEMPLATES.values()])
def test_a_profile_of_a_template_says_the_same(template: Any) -> None:
    profile = Profile.from_template("Mine", template)
    again = Profile.from_json(profile.to_json())
    assert again == profile
    made = again.template()
    for attribute in (
        "ca", "key_usage", "path_length", "extended_key_usage", "extended_critical",
        "self_signed", "basic_critical", "api", "csr", "extras",
    ):  # fmt: skip
        assert getattr(made, attribute) == getattr(template, attribute)
    assert made.arn() == "arn:aws:acm-pca:::profile/Mine/V1"


def test_a_profile_of_a_certificate_leaves_out_what_is_its_own() -> None:
    certificate = make("Signer", ca=False, eku=(CODE,), extra=((POLICY, False),))
    profile = Profile.from_certificate("Like-Signer", facts(certificate.der))
    assert profile.key_usage == ("digital_signature",)
    assert profile.extended_key_usage == (CODE.dotted_string,)
    assert profile.extended_critical
    assert [oid for oid, _, _ in profile.extensions] == ["2.5.29.32"]
    assert profile.days == 301
    assert not profile.ca


def test_a_kept_profile_issues(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    store = ProfileStore(fresh.vault)
    certificate = make("Signer", ca=False, eku=(Eku.TIME_STAMPING,), extra=((POLICY, True),))
    store.save(Profile.from_certificate("stamps", facts(certificate.der)))
    assert [one.name for one in store.all()] == ["stamps"]
    made = fetch(fresh, order(fresh, root, None, "profile/stamps"))
    assert made.extensions.get_extension_for_class(x509.CertificatePolicies).critical
    purposes = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert list(purposes.value) == [Eku.TIME_STAMPING]
    store.delete("stamps")
    code = refused(lambda: order(fresh, root, None, "profile/stamps"))
    assert code == "InvalidArgsException"


GOOD: dict[str, Any] = json.loads(Profile("Good").to_json())


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"surprise": 1},
        {"name": "../up"},
        {"name": ""},
        {"name": "IacaRootCertificate"},
        {"name": 3},
        {"ca": 1},
        {"days": True},
        {"days": 0},
        {"days": 40_000},
        {"path_length": 1},
        {"ca": True, "path_length": -1},
        {"self_signed": True},
        {"key_usage": ["everything"]},
        {"key_usage": [1]},
        {"key_usage": ["encipher_only"]},
        {"extended_key_usage": ["1.2.x"]},
        {"extended_key_usage": "1.2.3"},
        {"extensions": [["1.2.3", False, "zz"]]},
        {"extensions": [["1.2.3", False, ""]]},
        {"extensions": [["1.2.3", False, "0500"], ["1.2.3", True, "0500"]]},
        {"extensions": [["2.5.29.15", False, "0500"]]},
        {"extensions": [["1.2.3", "no", "0500"]]},
        {"extensions": [7]},
        {"extensions": [[f"1.2.{n}", False, "0500"] for n in range(101)]},
        {"description": "x" * 1001},
    ],
)
def test_profiles_that_cannot_be(change: dict[str, Any]) -> None:
    assert Profile.from_json(json.dumps(GOOD)) == Profile("Good")
    with pytest.raises(UnfitProfile):
        Profile.from_json(json.dumps({**GOOD, **change}))


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 5000, "x" * 70_000])
def test_files_that_are_no_profiles(text: str) -> None:
    with pytest.raises(UnfitProfile):
        Profile.from_json(text)


def test_a_profile_needs_a_name() -> None:
    with pytest.raises(UnfitProfile, match="name"):
        Profile.from_values({"ca": True})
