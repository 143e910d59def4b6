"""Profiles through the door: every operation with its refusals."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import AuthorityInformationAccess, CRLDistributionPoints, KeyUsage

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
from workbench.pki.profiles import Profile, UnfitProfile
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES

CODE = "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"


def every(bench: PkiBench, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = bench.shelf.list_profiles(MaxResults=40, **filters, **token)
        found += answer["Profiles"]
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


def test_all_templates_are_listed_in_one_structure(fresh: PkiBench) -> None:
    fresh.shelf.create_profile(Name="mine", TemplateArn=CODE)
    found = every(fresh)
    assert len(found) == len(TEMPLATES) + len(OWN_TEMPLATES) + 1
    assert [one["Name"] for one in every(fresh, Kind="KEPT")] == ["mine"]
    by_arn = {one["Arn"]: one for one in found}
    assert by_arn[CODE]["KeyUsage"] == ["digital_signature"]
    assert "arn:aws:acm-pca:::profile/IacaRootCertificate/V1" in by_arn
    assert by_arn["arn:aws:acm-pca:::profile/mine/V1"]["Kind"] == "KEPT"


def test_from_a_template_edited_and_used(fresh: PkiBench) -> None:
    made = fresh.shelf.create_profile(Name="release", Description="For releases", TemplateArn=CODE)
    profile = made["Profile"]
    assert profile["Description"] == "For releases"
    profile |= {"ValidityDays": 90, "KeyUsage": ["digital_signature", "content_commitment"]}
    fresh.shelf.update_profile(Profile=profile)
    assert fresh.shelf.get_profile(Name="release")["Profile"]["ValidityDays"] == 90
    root = make_authority(fresh)
    issued = fetch(fresh, order(fresh, root, make_request(), "profile/release"))
    usage = issued.extensions.get_extension_for_class(KeyUsage).value
    assert (usage.content_commitment, usage.key_encipherment) == (True, False)


def test_from_a_certificate(fresh: PkiBench) -> None:
    root = make_authority(fresh)
    issued = fetch(fresh, order(fresh, root, make_request(), "template/CodeSigningCertificate"))
    pem = issued.public_bytes(Encoding.PEM)
    given = fresh.shelf.create_profile(Name="as-given", Certificate=pem)["Profile"]
    fingerprint = _fingerprint(issued)
    kept = fresh.shelf.create_profile(Name="as-kept", CertificateId=fingerprint)["Profile"]
    assert given["ExtendedKeyUsage"] == kept["ExtendedKeyUsage"] == ["1.3.6.1.5.5.7.3.3"]
    assert given["ExtendedKeyUsageCritical"] is True
    blank = fresh.shelf.create_profile(Name="blank")["Profile"]
    assert (blank["KeyUsage"], blank["CertificateAuthority"]) == ([], False)


def test_export_and_import(fresh: PkiBench) -> None:
    fresh.shelf.create_profile(Name="one", TemplateArn=CODE)
    text = fresh.shelf.export_profile(Name="one")["Document"]
    assert json.loads(text)["name"] == "one"
    assert refused(lambda: fresh.shelf.import_profile(Document=text)) == "ResourceExistsException"
    fresh.shelf.import_profile(Document=text, Replace=True)
    two = fresh.shelf.import_profile(Document=text, Name="two")["Profile"]
    assert (two["Name"], two["ExtendedKeyUsage"]) == ("two", ["1.3.6.1.5.5.7.3.3"])
    fresh.shelf.delete_profile(Name="one")
    assert refused(lambda: fresh.shelf.get_profile(Name="one")) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"Name": "IacaRootCertificate"}, "InvalidRequestException"),
        ({"Name": "n", "TemplateArn": CODE, "CertificateId": "0" * 64}, "InvalidRequestException"),
        ({"Name": "n", "TemplateArn": CODE.replace("Code", "No")}, "InvalidRequestException"),
        ({"Name": "n", "CertificateId": "0" * 64}, "ResourceNotFoundException"),
        ({"Name": "n", "Certificate": b"nothing"}, "MalformedCertificateException"),
        ({"Name": "../n"}, "ValidationException"),
    ],
)
def test_what_makes_no_profile(bench: PkiBench, request_: dict[str, Any], code: str) -> None:
    assert refused(lambda: bench.shelf.create_profile(**request_)) == code


@pytest.mark.parametrize(
    "document", ["", "{}", "[" * 5000, json.dumps({"format": "other", "name": "a"})]
)
def test_what_is_no_exported_profile(bench: PkiBench, document: str) -> None:
    wrong = refused(lambda: bench.shelf.import_profile(Document=document))
    assert wrong == "InvalidRequestException"


def test_names_and_contradictions(fresh: PkiBench) -> None:
    shelf = fresh.shelf
    shelf.create_profile(Name="mine")
    assert refused(lambda: shelf.create_profile(Name="mine")) == "ResourceExistsException"
    missing = {"Profile": {"Name": "other"}}
    assert refused(lambda: shelf.update_profile(**missing)) == "ResourceNotFoundException"
    wrong = {"Profile": {"Name": "mine", "PathLength": 1}}
    assert refused(lambda: shelf.update_profile(**wrong)) == "InvalidRequestException"
    assert refused(lambda: shelf.delete_profile(Name="other")) == "ResourceNotFoundException"
    assert refused(lambda: shelf.export_profile(Name="other")) == "ResourceNotFoundException"


def test_addresses_of_its_own_or_none_at_all(fresh: PkiBench) -> None:
    profile = fresh.shelf.create_profile(Name="mine", TemplateArn=CODE)["Profile"]
    assert profile["Revocation"] == "AUTHORITY"
    own = {
        "Revocation": "OWN",
        "CrlAddresses": ["http://crl.example/a.crl"],
        "OcspAddresses": ["http://ocsp.example"],
        "IssuerAddresses": ["http://ca.example/ca.cer"],
    }
    fresh.shelf.update_profile(Profile=profile | own)
    root = make_authority(
        fresh, RevocationConfiguration={"OcspConfiguration": {"Enabled": True}}
    )  # which would name its own responder
    made = fetch(fresh, order(fresh, root, make_request(), "profile/mine")).extensions
    point = made.get_extension_for_class(CRLDistributionPoints).value
    access = made.get_extension_for_class(AuthorityInformationAccess).value
    assert point[0].full_name[0].value == "http://crl.example/a.crl"
    assert [one.access_location.value for one in access] == [
        "http://ocsp.example",
        "http://ca.example/ca.cer",
    ]
    fresh.shelf.update_profile(Profile=profile | {"Revocation": "NONE"})
    made = fetch(fresh, order(fresh, root, make_request(), "profile/mine")).extensions
    assert not [e for e in made if isinstance(e.value, AuthorityInformationAccess)]
    document = fresh.shelf.export_profile(Name="mine")["Document"]
    again = fresh.shelf.import_profile(Document=document, Name="again")["Profile"]
    assert again["Revocation"] == "NONE"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Revocation": "OWN"},
        {"CrlAddresses": ["http://crl.example"]},
        {"Revocation": "OWN", "CrlAddresses": ["file:///etc/passwd"]},
        {"Revocation": "OWN", "OcspAddresses": ["http://ä.example"]},
        {"Revocation": "OWN", "IssuerAddresses": ["http://[x"]},
        {"Revocation": "OWN", "IssuerAddresses": ["http://a b"]},
    ],
)
def test_addresses_that_are_none(bench: PkiBench, wrong: dict[str, Any]) -> None:
    profile = {"Name": "x", **wrong}
    call = bench.shelf.check_profile
    assert refused(lambda: call(Profile=profile)) == "InvalidRequestException"


def test_a_profile_kept_before_there_were_addresses_is_read() -> None:
    old = json.loads(Profile("old").to_json())
    for name in ("revocation", "crl_addresses", "ocsp_addresses", "issuer_addresses"):
        del old[name]
    assert Profile.from_json(json.dumps(old)) == Profile("old")
    wrong = json.dumps(old | {"crl_addresses": [1]})
    with pytest.raises(UnfitProfile, match="as text"):
        Profile.from_json(wrong)


def test_uses_are_counted_and_follow_another_name(fresh: PkiBench) -> None:
    shelf = fresh.shelf
    shelf.create_profile(Name="mine", TemplateArn=CODE)
    shelf.create_profile(Name="other", TemplateArn=CODE)
    root = make_authority(fresh)
    made = [fetch(fresh, order(fresh, root, make_request(), "profile/mine")) for _ in range(3)]
    uses = shelf.list_profile_uses(Name="mine", MaxResults=2)
    assert (uses["Count"], len(uses["Certificates"])) == (3, 2)
    assert uses["Certificates"][0]["NotAfter"] == made[0].not_valid_after_utc
    assert shelf.list_profile_uses(Name="other")["Certificates"] == []
    assert refused(lambda: shelf.rename_profile(Name="mine", NewName="other")) == (
        "ResourceExistsException"
    )
    assert refused(lambda: shelf.rename_profile(Name="mine", NewName="IacaRootCertificate")) == (
        "InvalidRequestException"
    )
    assert shelf.rename_profile(Name="mine", NewName="mine")["Profile"]["Name"] == "mine"
    assert shelf.rename_profile(Name="mine", NewName="new")["Profile"]["Name"] == "new"
    assert shelf.list_profile_uses(Name="new")["Count"] == 3
    assert refused(lambda: shelf.list_profile_uses(Name="mine")) == "ResourceNotFoundException"


def test_a_draft_keeps_nothing(fresh: PkiBench) -> None:
    shelf = fresh.shelf
    draft = shelf.draft_profile(TemplateArn=CODE)["Profile"]
    assert draft["ExtendedKeyUsageCritical"] is True
    shelf.create_profile(Name="one", TemplateArn=CODE)
    text = shelf.export_profile(Name="one")["Document"]
    assert shelf.draft_profile(Document=text)["Profile"]["Name"] == "one"
    assert len(every(fresh, Kind="KEPT")) == 1
    assert refused(lambda: shelf.draft_profile(Document="{}")) == "InvalidRequestException"
    both = {"TemplateArn": CODE, "Document": text}
    assert refused(lambda: shelf.draft_profile(**both)) == "InvalidRequestException"


def test_created_with_everything_at_once(fresh: PkiBench) -> None:
    given = {"Name": "ignored", "KeyUsage": ["crl_sign"], "ValidityDays": 7}
    made = fresh.shelf.create_profile(Name="new", Profile=given)["Profile"]
    assert (made["Name"], made["KeyUsage"], made["ValidityDays"]) == ("new", ["crl_sign"], 7)
    wrong = {"Name": "other", "Profile": {"Name": "x", "KeyUsage": ["encipher_only"]}}
    assert refused(lambda: fresh.shelf.create_profile(**wrong)) == "InvalidRequestException"
    assert len(every(fresh, Kind="KEPT")) == 1


def _fingerprint(certificate: Any) -> str:
    return str(certificate.fingerprint(SHA256()).hex())
