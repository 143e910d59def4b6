"""What standards say about a profile: sample certificates are made from it and looked at.

A sample is signed by a CA that exists for it alone, over a key of each kind that is asked about.
Names and addresses that requests and CAs will bring are there, so that what is found is the
profile's own doing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from workbench.api.calls import Call, Operation, Operations
from workbench.pki.addresses import pointers_of
from workbench.pki.algorithms import OWN_KEY_SPEC_OF, signing_algorithms
from workbench.pki.check_shelf import verdict
from workbench.pki.issue import Content, MalformedRequest, Request, build
from workbench.pki.parse import Facts, facts
from workbench.pki.passthrough import Extra
from workbench.pki.precheck import Finding, Severity, by_standards
from workbench.pki.profile_shelf import profile_from
from workbench.pki.templates import TEMPLATES, Template
from workbench.pki.throwaway import throwaway_key

KEY_SPECS: Final = ("ML_DSA_65", "ECC_NIST_P256", "RSA_3072")
"""Kinds of keys that are asked about where a request names none."""

_ALGORITHM_OF: Final = {spec: algorithm for algorithm, spec in OWN_KEY_SPEC_OF.items()}
_ISSUER_SPEC: Final = "ECC_NIST_P256"
_POINTERS: Final = pointers_of("http://crl.example.com/sample.crl")
_MARGIN: Final = timedelta(days=1)


class ProfileCheck:
    """CheckProfile."""

    @staticmethod
    def operations() -> Operations:
        """Return what the door registers."""
        return {"CheckProfile": Operation(_check)}


def _check(request: dict[str, Any], call: Call) -> dict[str, Any]:
    profile = profile_from(request["Profile"])
    template, days = profile.template(), timedelta(days=profile.days)
    found: dict[Finding, list[str]] = {}
    sample = b""
    for spec in dict.fromkeys(request.get("KeySpecs", KEY_SPECS)):
        try:
            chain = tuple(_chain(template, spec, call.time, days))
        except (ValueError, MalformedRequest) as error:
            one = Finding(Severity.REFUSED, "InvalidArgsException", str(error))
            found.setdefault(one, []).append(spec)
            continue
        sample = sample or chain[0].der
        for one in by_standards(chain, call.time, lint=request.get("Lint", True), draft=False):
            found.setdefault(one, []).append(spec)
    answer = {"Verdict": verdict(found), "Findings": _entries(found)}
    return {**answer, "Sample": sample} if sample else answer


def _entries(found: Mapping[Finding, Sequence[str]]) -> list[dict[str, Any]]:
    order = list(Severity)
    return [
        {
            "Severity": str(one.severity),
            "Rule": one.rule,
            "Sentence": one.sentence,
            "KeySpecs": list(specs),
        }
        for one, specs in sorted(found.items(), key=lambda item: order.index(item[0].severity))
    ]


def _chain(template: Template, spec: str, now: datetime, days: timedelta) -> Iterator[Facts]:
    key = throwaway_key(spec)
    start = now.replace(microsecond=0)
    own = Content(template, Request(_subject("Sample"), key.public_key(), _names(template)))
    if template.self_signed:
        yield _signed(own, None, spec, (start, start + days))
        return
    root = Content(
        TEMPLATES["RootCACertificate"],
        Request(_subject("Issuer of the sample"), throwaway_key(_ISSUER_SPEC).public_key(), ()),
    )
    issuer = _signed(root, None, _ISSUER_SPEC, (start - _MARGIN, start + days + _MARGIN))
    yield _signed(replace(own, pointers=_POINTERS), issuer, _ISSUER_SPEC, (start, start + days))
    yield issuer


def _signed(
    content: Content, issuer: Facts | None, spec: str, validity: tuple[datetime, datetime]
) -> Facts:
    algorithm = signing_algorithms(_ALGORITHM_OF[spec])[0]
    return facts(build(content, issuer, throwaway_key(spec), algorithm, validity))


def _names(template: Template) -> tuple[Extra, ...]:
    if template.ca:
        return ()
    names = [x509.DNSName("sample.example"), x509.RFC822Name("sample@sample.example")]
    return ((ExtensionOID.SUBJECT_ALTERNATIVE_NAME, False, x509.SubjectAlternativeName(names)),)


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "UT"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
