"""The check before issuing as operations, and issuing that heeds it.

AWS Private CA's own IssueCertificate issues what its templates say. This one refuses what a strict
verifier would reject, unless the caller names the rules to be overridden: then it is issued, and
the journal keeps which rules and why.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.pki.finder import Finder
from workbench.pki.issuing import Issuing, self_signed
from workbench.pki.orders import understand
from workbench.pki.pairs import kept_pair, passed_on, region_of
from workbench.pki.parse import Facts, Malformed, facts, one_certificate, pem
from workbench.pki.paths import DEEPEST, matches, signed_by
from workbench.pki.precheck import Finding, Precheck, Severity
from workbench.pki.store import Kept

OWN_MEMBERS: Final = frozenset({"Lint", "OverriddenRules", "OverrideReason", "ExportableKey"})
"""Members of a request that AWS's IssueCertificate does not have."""


class CheckShelf:
    """PreviewIssue, IssueCertificate and CheckCertificate."""

    def __init__(self, finder: Finder, issuing: Issuing, precheck: Precheck) -> None:
        self._finder = finder
        self._issuing = issuing
        self._precheck = precheck

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "PreviewIssue": Operation(self._preview),
            "IssueCertificate": Prepared(self._issue, prepare=self._look),
            "CheckCertificate": Operation(self._check),
        }

    def _preview(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found, draft = self._precheck.look(request, call, lint=request.get("Lint", True))
        answer = {"Verdict": verdict(found), "Findings": entries(found)}
        return {**answer, "Draft": draft} if draft else answer

    def _look(self, request: dict[str, Any], call: Call) -> list[Finding]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        order = understand(self._finder, authority, request, call.time)
        self._refuse_foreign_pair(request, order.content.request.spki, call)
        return self._precheck.look_at(order, call.time, lint=request.get("Lint", True))[0]

    def _refuse_foreign_pair(self, request: dict[str, Any], spki: bytes, call: Call) -> None:
        """Refuse to keep a ciphertext beside a certificate of another key."""
        if "ExportableKey" not in request:
            return
        given = request["ExportableKey"]
        pairs = self._finder.pairs_as(call.caller, region_of(given["KeyId"]))
        with passed_on():
            public = bytes(pairs.get_data_key_pair_public_key(**given)["PublicKey"])
        if public != spki:
            raise AwsError(
                "InvalidRequestException",
                "The ExportableKey is not the key of the certificate request.",
                "Sign the request with the pair that is given.",
            )

    def _issue(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        found: list[Finding] = call.prepared
        enforce(found, request, call)
        plain = {name: value for name, value in request.items() if name not in OWN_MEMBERS}
        arn = self._issuing.issue(plain, call)["CertificateArn"]
        kept = self._finder.certificates.by_arn(arn)
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {arn}")
        if "ExportableKey" in request:
            pair = kept_pair(request["ExportableKey"], call.time)
            self._finder.certificates.save(replace(kept, pair=pair))
            call.note(pair.key_arn)
        return {**issued(self._finder, kept), "Findings": entries(found)}

    def _check(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        given = [name for name in ("CertificateId", "Certificate") if name in request]
        if len(given) != 1:
            raise AwsError(
                "InvalidRequestException", "Name a certificate of the collection, or give one."
            )
        if "CertificateId" in request:
            one = facts(self._finder.certificate(request["CertificateId"]).der)
        else:
            try:
                one = facts(one_certificate(bytes(request["Certificate"])))
            except Malformed as error:
                raise AwsError("MalformedCertificateException", str(error)) from error
        chain = chain_above(self._finder, one)
        found = self._precheck.look_back(chain, call.time, lint=request.get("Lint", True))
        return {"Verdict": verdict(found), "Findings": entries(found)}


def chain_above(finder: Finder, one: Facts) -> tuple[Facts, ...]:
    """Return a certificate and those above it, as far as the collection has them."""
    chain = [one]
    while len(chain) < DEEPEST and not signed_by(chain[-1], chain[-1]):
        above = _issuer(finder, chain[-1])
        if above is None:
            break
        chain.append(above)
    return tuple(chain)


def _issuer(finder: Finder, child: Facts) -> Facts | None:
    candidates = finder.named(child.certificate.issuer)
    return next((up for up in candidates if matches(child, up) and signed_by(child, up)), None)


def verdict(found: Iterable[Finding]) -> str:
    """Return in one word what a check comes to."""
    severities = {one.severity for one in found}
    if Severity.REFUSED in severities:
        return "REFUSED"
    return "OVERRIDABLE" if Severity.ERROR in severities else "CLEAR"


def entries(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as the service model has them."""
    return [
        {
            "Severity": str(one.severity),
            "Rule": one.rule,
            "Sentence": one.sentence,
            "Overridable": one.overridable,
        }
        for one in found
    ]


def enforce(found: Iterable[Finding], request: dict[str, Any], call: Call) -> None:
    """Refuse what strict verifiers would reject, unless its rules are overridden by name.

    An override is noted for the journal, with the reason that was given.

    Raises:
        AwsError: CheckFailedException, with every finding as its member Findings.
    """
    found = list(found)
    errors = [one for one in found if one.severity is Severity.ERROR]
    accepted = frozenset(request.get("OverriddenRules", ()))
    left = [one for one in errors if one.rule not in accepted]
    if left:
        told = " ".join(f"[{one.rule}] {one.sentence}" for one in left)
        raise AwsError(
            "CheckFailedException",
            f"A strict verifier would reject the certificate: {told}",
            "Correct the request, or name these rules in OverriddenRules to issue nevertheless.",
            {"Findings": entries(found)},
        )
    used = sorted({one.rule for one in errors})
    if used:
        call.note(overriddenRules="; ".join(used), overrideReason=request.get("OverrideReason", ""))


def issued(finder: Finder, kept: Kept) -> dict[str, Any]:
    """Return what operations that issue answer about a certificate and the chain above it."""
    answer = {"CertificateArn": kept.arn, "Id": kept.fingerprint, "Certificate": pem(kept.der)}
    authority = finder.issuer_of(kept)
    if authority is None or not authority.certificate or self_signed(kept, authority):
        return answer
    above = (authority.certificate, *authority.chain)
    return {**answer, "CertificateChain": "\n".join(pem(der) for der in above)}
