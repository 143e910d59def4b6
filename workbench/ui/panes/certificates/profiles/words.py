"""Profiles in words: what their members are called, and what one comes to in a line.

Knows the structure `Profile` of the shelf; knows no widget.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from workbench.pki.purposes import PURPOSE_WORDS
from workbench.ui.widgets.texts import local_date, number

END_ENTITY, SUBORDINATE, ROOT = range(3)
OWN, BUILT_IN, AWS = "KEPT", "BUILT_IN", "AWS"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def usages() -> tuple[tuple[str, str], ...]:
    """Return name and words of every key usage, in the order of RFC 5280 §4.2.1.3."""
    return (
        ("digital_signature", _tr("Digital signature")),
        ("content_commitment", _tr("Content commitment (non-repudiation)")),
        ("key_encipherment", _tr("Key encipherment")),
        ("data_encipherment", _tr("Data encipherment")),
        ("key_agreement", _tr("Key agreement")),
        ("key_cert_sign", _tr("Signing certificates")),
        ("crl_sign", _tr("Signing revocation lists")),
        ("encipher_only", _tr("Key agreement: encipher only")),
        ("decipher_only", _tr("Key agreement: decipher only")),
    )


def purposes() -> Sequence[tuple[str, str]]:
    """Return object identifier and words of purposes that are offered by name."""
    return [(oid, words[:1].upper() + words[1:]) for oid, words in PURPOSE_WORDS.items()]


def kind_of(profile: Mapping[str, Any]) -> int:
    """Return what a profile makes."""
    if profile.get("SelfSigned"):
        return ROOT
    return SUBORDINATE if profile.get("CertificateAuthority") else END_ENTITY


def kind_words(kind: int) -> str:
    """Return what a kind is called."""
    return (
        _tr("Person, server, device or signer"), _tr("Subordinate CA"), _tr("Root CA"),
    )[kind]  # fmt: skip


def origin_words(profile: Mapping[str, Any]) -> str:
    """Return whose a profile is."""
    return {OWN: _tr("Own"), BUILT_IN: _tr("Built in"), AWS: _tr("AWS template")}[profile["Kind"]]


def summary(profile: Mapping[str, Any]) -> str:
    """Return in a line, with a capital, what certificates of a profile are for."""
    named = dict(usages())
    words = [PURPOSE_WORDS.get(oid, oid) for oid in profile.get("ExtendedKeyUsage", ())]
    words = words or [named[one].lower() for one in profile.get("KeyUsage", ())]
    told = ", ".join(words) or _tr("left to the request")
    kind = kind_of(profile)
    return told[:1].upper() + told[1:] if kind == END_ENTITY else f"{kind_words(kind)}: {told}"


def passing_words(profile: Mapping[str, Any]) -> str:
    """Return what a profile lets requests add."""
    names = [
        words
        for member, words in (("PassesApi", _tr("the issuing")), ("PassesCsr", _tr("the request")))
        if profile.get(member)
    ]
    return ", ".join(names) or _tr("nothing")


def uses_words(uses: Mapping[str, Any]) -> str:
    """Return which certificates were made from a profile, as `ListProfileUses` answered."""
    shown = [
        _tr("{name}, until {date}").format(name=one["Subject"], date=local_date(one["NotAfter"]))
        for one in uses["Certificates"]
    ]
    more = uses["Count"] - len(shown)
    if more:
        shown.append(_tr("and {n} more").format(n=number(more)))
    words = _tr("Certificates made from it, which stay valid and can be renewed: {names}")
    return words.format(names="; ".join(shown))
