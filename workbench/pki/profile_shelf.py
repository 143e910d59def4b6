"""Operations on certificate profiles: AWS's templates, the built-in ones, and those the user keeps.

All three are given in one structure, so that a wizard can show and copy any of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.clients import ShelfClient
from workbench.pki.finder import Finder, after_token, page_token
from workbench.pki.names import readable
from workbench.pki.parse import Malformed, facts, one_certificate
from workbench.pki.profiles import Profile, UnfitProfile
from workbench.pki.store import Kept
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES, Template, UnknownTemplate

_PAGE: Final = 100
_MOST: Final = 1_000
"""Profiles a vault keeps."""

_DRAFT: Final = "draft"
_STARTS: Final = frozenset({"TemplateArn", "CertificateId", "Certificate", "Document", "Profile"})
"""What a profile may start from."""

_MEMBERS: Final[Mapping[str, str]] = {
    "Name": "name",
    "Description": "description",
    "CertificateAuthority": "ca",
    "PathLength": "path_length",
    "BasicConstraintsCritical": "basic_critical",
    "KeyUsage": "key_usage",
    "ExtendedKeyUsage": "extended_key_usage",
    "ExtendedKeyUsageCritical": "extended_critical",
    "SelfSigned": "self_signed",
    "PassesApi": "passes_api",
    "PassesCsr": "passes_csr",
    "ValidityDays": "days",
    "Revocation": "revocation",
    "CrlAddresses": "crl_addresses",
    "OcspAddresses": "ocsp_addresses",
    "IssuerAddresses": "issuer_addresses",
}


def every_profile(shelf: ShelfClient, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield every template and profile that ListProfiles gives, page after page."""
    answer = shelf.list_profiles(MaxResults=1000, **filters)
    yield from answer["Profiles"]
    while "NextToken" in answer:
        answer = shelf.list_profiles(MaxResults=1000, NextToken=answer["NextToken"], **filters)
        yield from answer["Profiles"]


class ProfileShelf:
    """Draft, create, update, rename, get, list, delete, export and import profiles."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._profiles = finder.profiles

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "DraftProfile": Operation(self._draft),
            "CreateProfile": Operation(self._create, mutates=True, read_only=False),
            "UpdateProfile": Operation(self._update, mutates=True, read_only=False),
            "RenameProfile": Operation(self._rename, mutates=True, read_only=False),
            "GetProfile": Operation(self._get),
            "ListProfileUses": Operation(self._uses),
            "ListProfiles": Operation(self._list),
            "DeleteProfile": Operation(self._delete, mutates=True, read_only=False),
            "ExportProfile": Operation(self._export),
            "ImportProfile": Operation(self._import, mutates=True, read_only=False),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = request["Name"]
        self._refuse_taken(name)
        profile = self._begin(name, request)
        profile = replace(profile, description=request.get("Description", profile.description))
        return self._keep(profile, call)

    def _draft(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Return the profile that would be kept; nothing is."""
        return {"Profile": profile_entry(self._begin(_DRAFT, request), "KEPT", call)}

    def _begin(self, name: str, request: dict[str, Any]) -> Profile:
        try:
            return self._started(name, request)
        except UnfitProfile as error:
            raise AwsError("InvalidRequestException", str(error)) from error

    def _started(self, name: str, request: dict[str, Any]) -> Profile:
        if len(_STARTS & request.keys()) > 1:
            raise UnfitProfile(
                "A profile starts from one thing: a template, a certificate, a document."
            )
        if "TemplateArn" in request:
            try:
                return Profile.from_template(name, self._finder.template(request["TemplateArn"]))
            except UnknownTemplate as error:
                raise UnfitProfile(str(error)) from error
        if "Certificate" in request:
            try:
                der = one_certificate(bytes(request["Certificate"]))
            except Malformed as error:
                raise AwsError("MalformedCertificateException", str(error)) from error
            return Profile.from_certificate(name, facts(der))
        if "CertificateId" in request:
            kept = self._finder.certificate(request["CertificateId"])
            return Profile.from_certificate(name, facts(kept.der))
        if "Document" in request:
            return Profile.from_json(request["Document"])
        if "Profile" in request:
            return profile_from({**request["Profile"], "Name": name})
        return Profile.from_values({"name": name})

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        given = request["Profile"]
        self._existing(given["Name"])
        return self._keep(profile_from(given), call)

    def _rename(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Give a profile another name, also where certificates note what they were made from."""
        before = self._existing(request["Name"])
        if request["NewName"] == before.name:
            return {"Profile": profile_entry(before, "KEPT", call)}
        self._refuse_taken(request["NewName"])
        try:
            profile = before.named(request["NewName"])
        except UnfitProfile as error:
            raise AwsError("InvalidRequestException", str(error)) from error
        self._profiles.save(profile)
        self._profiles.delete(before.name)
        self._finder.certificates.rename_template(_arn(before, call), _arn(profile, call))
        return {"Profile": profile_entry(profile, "KEPT", call)}

    def _uses(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Return how many certificates were made from a profile, and those last added."""
        arn = _arn(self._existing(request["Name"]), call)
        certificates = self._finder.certificates
        found = certificates.made_from(arn, request.get("MaxResults", _PAGE))
        return {
            "Count": certificates.count_made_from(arn),
            "Certificates": [_use(one) for one in found],
        }

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return {"Profile": profile_entry(self._existing(request["Name"]), "KEPT", call)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        kinds = {
            "AWS": [_shown(one) for one in TEMPLATES.values()],
            "BUILT_IN": [_shown(one) for one in OWN_TEMPLATES.values()],
            "KEPT": self._profiles.all(),
        }
        wanted = request.get("Kind")
        every = sorted(
            (
                profile_entry(one, kind, call)
                for kind, profiles in kinds.items()
                if wanted in {None, kind}
                for one in profiles
            ),
            key=_place,
        )
        after = after_token(request.get("NextToken"))
        left = [one for one in every if _place(one) > after]
        limit = request.get("MaxResults", _PAGE)
        answer: dict[str, Any] = {"Profiles": left[:limit]}
        if len(left) > limit:
            answer["NextToken"] = page_token(_place(left[limit - 1]))
        return answer

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        self._profiles.delete(self._existing(request["Name"]).name)
        return {}

    def _export(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        return {"Document": self._existing(request["Name"]).to_json()}

    def _import(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        try:
            profile = Profile.from_json(request["Document"])
            if "Name" in request:
                profile = profile.named(request["Name"])
        except UnfitProfile as error:
            raise AwsError("InvalidRequestException", str(error)) from error
        if not request.get("Replace", False):
            self._refuse_taken(profile.name)
        return self._keep(profile, call)

    def _keep(self, profile: Profile, call: Call) -> dict[str, Any]:
        if self._profiles.get(profile.name) is None and len(self._profiles.all()) >= _MOST:
            raise AwsError("InvalidRequestException", f"A vault keeps at most {_MOST} profiles.")
        self._profiles.save(profile)
        return {"Profile": profile_entry(profile, "KEPT", call)}

    def _existing(self, name: str) -> Profile:
        found = self._profiles.get(name)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Could not find profile: {name}")
        return found

    def _refuse_taken(self, name: str) -> None:
        if self._profiles.get(name) is not None:
            raise AwsError(
                "ResourceExistsException",
                f"There is a profile {name} already.",
                "Choose another name, or replace it.",
            )


def profile_from(given: Mapping[str, Any]) -> Profile:
    """Return the profile that the structure `Profile` of the service model describes.

    Raises:
        AwsError: InvalidRequestException: it says something impossible.
    """
    values = {own: given[member] for member, own in _MEMBERS.items() if member in given}
    values["extensions"] = [
        (one["ObjectIdentifier"], one.get("Critical", False), bytes(one["Value"]).hex())
        for one in given.get("Extensions", ())
    ]
    try:
        return Profile.from_values(values)
    except UnfitProfile as error:
        raise AwsError("InvalidRequestException", str(error)) from error


def profile_entry(profile: Profile, kind: str, call: Call) -> dict[str, Any]:
    """Return a profile as the structure `Profile` of the service model.

    Args:
        profile: the profile.
        kind: AWS, BUILT_IN or KEPT.
        call: the request, which knows the partition.
    """
    template = replace(profile.template(), own=kind != "AWS")
    entry: dict[str, Any] = {
        member: list(value) if isinstance(value, tuple) else value
        for member, own in _MEMBERS.items()
        if (value := getattr(profile, own)) is not None
    }
    entry["Extensions"] = [
        {"ObjectIdentifier": oid, "Critical": critical, "Value": bytes.fromhex(der)}
        for oid, critical, der in profile.extensions
    ]
    return {**entry, "Kind": kind, "Arn": template.arn(call.place.partition)}


def _arn(profile: Profile, call: Call) -> str:
    return profile.template().arn(call.place.partition)


def _use(kept: Kept) -> dict[str, Any]:
    certificate = facts(kept.der).certificate
    return {
        "CertificateId": kept.fingerprint,
        "Subject": readable(certificate.subject),
        "NotAfter": certificate.not_valid_after_utc,
    }


def _shown(template: Template) -> Profile:
    # A kept profile may not be called like it, so it is given its name afterwards.
    return replace(Profile.from_template("x", template), name=template.name)


def _place(entry: Mapping[str, Any]) -> str:
    return f"{entry['Kind']} {entry['Name']}"
