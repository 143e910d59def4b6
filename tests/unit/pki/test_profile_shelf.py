"""Profiles through the door: every operation with its refusals."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import KeyUsage

from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request, order, refused
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


def _fingerprint(certificate: Any) -> str:
    return str(certificate.fingerprint(SHA256()).hex())
