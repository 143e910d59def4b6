"""CAs beyond AWS: with a key of the vault, renewed, given another key, cross-signed; their past.

Source: RFC 5280 §3.2 (self-issued and cross certificates); RFC 4210 §4.4 (a root's change of key:
the old key certified with the new one, and the new with the old, so that whoever trusts either
root can verify what the other signed).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.pki.algorithms import signing_algorithms
from workbench.pki.authorities import Authorities
from workbench.pki.authority import ROOT, Authority, Status, serial_text
from workbench.pki.authority_keys import AuthorityKey, chosen_key, new_key
from workbench.pki.check_shelf import enforce, entries, issued
from workbench.pki.finder import Finder, wrong_state
from workbench.pki.issue import read_request
from workbench.pki.issuing import Issuing
from workbench.pki.names import readable
from workbench.pki.orders import Order, checked
from workbench.pki.parse import Facts, Malformed, facts, one_certificate
from workbench.pki.paths import signed_by
from workbench.pki.precheck import Finding, Precheck
from workbench.pki.renewing import Changes, ending, order_after
from workbench.pki.store import Kept, Reused, Source
from workbench.pki.validity import HEAD_START

_PORTION: Final = 500


class AuthorityShelf:
    """The operations on CAs that AWS does not have."""

    def __init__(
        self, finder: Finder, authorities: Authorities, issuing: Issuing, precheck: Precheck
    ) -> None:
        self._finder = finder
        self._authorities = authorities
        self._issuing = issuing
        self._precheck = precheck

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "CreateCertificateAuthorityWithKey": _changing(self._create),
            "RenewCertificateAuthority": Prepared(self._renew, prepare=self._before_renewing),
            "RekeyCertificateAuthority": _changing(self._rekey),
            "CrossSignCertificateAuthority": Prepared(self._cross, prepare=self._before_crossing),
            "ListAuthorityCertificates": Operation(self._list),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        scope = "shelf:CreateCertificateAuthorityWithKey"
        try:
            known = self._finder.idempotency.recall(scope, request, call.time)
        except Reused as error:
            raise AwsError(
                "InvalidArgsException", "The idempotency token was used for another request."
            ) from error
        if known is not None:
            return known
        made = self._make(request, call)
        answer = {"CertificateAuthorityArn": made.arn, "KeyArn": made.key_arn}
        self._finder.idempotency.keep(scope, request, answer, call.time)
        return answer

    def _make(self, request: dict[str, Any], call: Call) -> Authority:
        """Make a CA with a chosen key or a new one."""
        configuration = dict(request["CertificateAuthorityConfiguration"])
        algorithm = configuration["KeyAlgorithm"]
        offered = signing_algorithms(algorithm)
        if not offered:
            raise AwsError("InvalidArgsException", f"The key algorithm {algorithm} is not offered.")
        configuration.setdefault("SigningAlgorithm", offered[0])
        complete = {**request, "CertificateAuthorityConfiguration": configuration}
        key = self._chosen(request, algorithm, call)
        return self._authorities.create(
            complete, call, lambda arn: key or new_key(self._finder.kms, algorithm, arn)
        )

    def _chosen(self, request: dict[str, Any], algorithm: str, call: Call) -> AuthorityKey | None:
        if "KeyId" not in request:
            return None
        shared = request.get("AllowSharedKey", False)
        key = chosen_key(self._finder, call, request["KeyId"], shared=shared)
        if key.algorithm != algorithm:
            raise AwsError(
                "InvalidArgsException",
                f"The key {key.arn} is of the algorithm {key.algorithm}, not {algorithm}.",
                "Choose the algorithm of the key.",
            )
        return key

    def _before_renewing(self, request: dict[str, Any], call: Call) -> tuple[Order, list[Finding]]:
        order = self._renewal(request, call)
        return order, self._look(order, request, call)

    def _renewal(self, request: dict[str, Any], call: Call) -> Order:
        authority = self._certified(request["CertificateAuthorityArn"], call)
        before = facts(authority.certificate)
        root = authority.kind == ROOT
        if root and "IssuerArn" in request:
            raise AwsError(
                "InvalidRequestException", "A root signs its own certificate.",
                "To have it certified by another CA, cross-sign it.",
            )  # fmt: skip
        issuer = authority if root else self._issuer(before, request.get("IssuerArn"), call)
        changes = Changes(
            public_key=None if before.spki == authority.spki else _key_of(authority),
            self_signed=root,
        )
        return checked(order_after(before, issuer, request, call.time, changes), call.time)

    def _renew(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        _, found = call.prepared
        enforce(found, request, call)
        # The CA may have changed since it was looked at.
        order = self._renewal(request, call)
        authority = self._certified(request["CertificateAuthorityArn"], call)
        former = facts(authority.certificate)
        made = self._issuing.carry_out(order, call)
        changed = self._install(authority, made, order, call)
        return {
            **issued(self._finder, made),
            "Findings": entries(found),
            "FormerId": former.fingerprint,
            "ChainsUpdated": self._follow(former, changed),
        }

    def _install(self, authority: Authority, made: Kept, order: Order, call: Call) -> Authority:
        issuer = order.authority
        above = () if order.template.self_signed else (issuer.certificate, *issuer.chain)
        return self._issuing.install(authority, facts(made.der), above, call)

    def _follow(self, former: Facts, renewed: Authority) -> list[str]:
        """Have the chains of the CAs below name the new certificate; returns their ARNs."""
        changed = []
        for other in self._finder.authorities.all():
            if former.der in other.chain:
                below = other.chain[: other.chain.index(former.der)]
                chain = (*below, renewed.certificate, *renewed.chain)
                self._finder.authorities.save(replace(other, chain=chain))
                changed.append(other.arn)
        return changed

    def _rekey(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        old = self._certified(request["CertificateAuthorityArn"], call)
        root = old.kind == ROOT
        linking = request.get("LinkCertificates", root and old.status(call.time) is Status.ACTIVE)
        if linking and not root:
            raise AwsError(
                "InvalidRequestException",
                "Only roots are linked: a subordinate CA's new key is certified by its issuer.",
            )
        new = self._make(self._successor(old, request), call)
        before = facts(old.certificate)
        issuer = new if root else self._issuer(before, None, call)
        changes = Changes(public_key=_key_of(new), self_signed=root)
        terms = {k: v for k, v in request.items() if k != "SigningAlgorithm"}
        order = checked(order_after(before, issuer, terms, call.time, changes), call.time)
        found = self._look(order, request, call)
        enforce(found, request, call)
        made = self._issuing.carry_out(order, call)
        new = self._install(new, made, order, call)
        return {
            "CertificateAuthorityArn": new.arn,
            **issued(self._finder, made),
            "Findings": entries(found),
            "Links": list(self._links(old, new, call)) if linking else [],
        }

    def _successor(self, old: Authority, request: dict[str, Any]) -> dict[str, Any]:
        """Return the request for a CA like another, but for its key."""
        algorithm = request.get("KeyAlgorithm", old.key_algorithm)
        signing = request.get("SigningAlgorithm")
        if signing is None and algorithm == old.key_algorithm:
            signing = old.signing_algorithm
        configuration = {"KeyAlgorithm": algorithm, "Subject": old.subject}
        if signing is not None:
            configuration["SigningAlgorithm"] = signing
        return {
            "CertificateAuthorityConfiguration": configuration,
            "CertificateAuthorityType": old.kind,
            "RevocationConfiguration": old.revocation,
            "UsageMode": old.usage_mode,
            "Tags": [{"Key": key, "Value": value} for key, value in old.tags],
            **{name: request[name] for name in ("KeyId", "AllowSharedKey") if name in request},
        }

    def _links(self, old: Authority, new: Authority, call: Call) -> Iterator[dict[str, Any]]:
        former, present = facts(old.certificate), facts(new.certificate)
        ends = [one.certificate.not_valid_after_utc for one in (former, present)]
        begins = call.time.replace(microsecond=0) - HEAD_START
        for kind, subject, issuer, start in (
            ("OLD_WITH_NEW", former, new, former.certificate.not_valid_before_utc),
            ("NEW_WITH_OLD", present, old, begins),
        ):
            order = order_after(subject, issuer, {}, call.time, Changes())
            made = self._issuing.carry_out(checked(ending(order, start, *ends), call.time), call)
            answer = issued(self._finder, made)
            answer.pop("CertificateChain", None)
            yield {"Kind": kind, **answer}

    def _before_crossing(self, request: dict[str, Any], call: Call) -> tuple[Order, list[Finding]]:
        order = self._crossing(request, call)
        return order, self._look(order, request, call)

    def _crossing(self, request: dict[str, Any], call: Call) -> Order:
        issuer = self._certified(request["IssuerArn"], call)
        subject = self._crossed(request, call)
        if not subject.ca:
            raise AwsError("InvalidRequestException", "Only a CA's certificate is cross-signed.")
        if subject.spki == issuer.spki:
            raise AwsError(
                "InvalidRequestException", "A CA does not cross-sign its own key.",
                "Renew the CA, or choose another one to sign.",
            )  # fmt: skip
        extras = tuple(
            (one["ObjectIdentifier"], one.get("Critical", False), bytes(one["Value"]))
            for one in request.get("Extensions", ())
        )
        changes = Changes(path_length=request.get("PathLength"), extras=extras)
        order = order_after(subject, issuer, request, call.time, changes)
        if "Validity" not in request:
            ends = [subject.certificate, facts(issuer.certificate).certificate]
            order = ending(order, order.validity[0], *(one.not_valid_after_utc for one in ends))
        return checked(order, call.time)

    def _crossed(self, request: dict[str, Any], call: Call) -> Facts:
        names = ("CertificateAuthorityArn", "CertificateId", "Certificate")
        given = [name for name in names if name in request]
        if len(given) != 1:
            raise AwsError(
                "InvalidRequestException", "Name one CA to be cross-signed, or its certificate."
            )
        value = request[given[0]]
        if given[0] == "CertificateAuthorityArn":
            return facts(self._certified(value, call).certificate)
        if given[0] == "CertificateId":
            return facts(self._finder.certificate(value).der)
        try:
            return facts(one_certificate(bytes(value)))
        except Malformed as error:
            raise AwsError("MalformedCertificateException", str(error)) from error

    def _cross(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        _, found = call.prepared
        enforce(found, request, call)
        made = self._issuing.carry_out(self._crossing(request, call), call)
        return {**issued(self._finder, made), "Findings": entries(found)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        found = [_entry(kept, authority) for kept in self._with_key(authority)]
        found.sort(key=_newest_last)
        return {"Certificates": found[::-1]}

    def _with_key(self, authority: Authority) -> Iterator[Kept]:
        key, after = hashlib.sha256(authority.spki).hexdigest(), ""
        while page := self._finder.certificates.page(after, _PORTION, key):
            yield from (kept for kept in page if facts(kept.der).ca)
            after = page[-1].fingerprint

    def _look(self, order: Order, request: dict[str, Any], call: Call) -> list[Finding]:
        return self._precheck.look_at(order, call.time, lint=request.get("Lint", True))[0]

    def _certified(self, arn: str, call: Call) -> Authority:
        """Return a CA that has a certificate and is not deleted."""
        authority = self._finder.authority(arn, call)
        if not authority.certificate or authority.status(call.time) is Status.DELETED:
            raise wrong_state(authority, call.time, "it has no certificate in use.")
        return authority

    def _issuer(self, before: Facts, arn: str | None, call: Call) -> Authority:
        if arn is not None:
            return self._certified(arn, call)
        for other in self._finder.authorities.all():
            here = other.region == call.place.region
            usable = here and other.certificate and other.status(call.time) is Status.ACTIVE
            if usable and signed_by(before, facts(other.certificate)):
                return self._finder.authority(other.arn, call)
        raise AwsError(
            "InvalidRequestException",
            "No active CA of this vault issued the certificate.",
            "Have the CA's CSR signed by its issuer and import the certificate, or name another "
            "issuer.",
        )


def _changing(handler: Any) -> Operation:
    return Operation(handler, mutates=True, read_only=False)


def _key_of(authority: Authority) -> Any:
    return read_request(authority.csr.encode()).public_key


def _entry(kept: Kept, authority: Authority) -> dict[str, Any]:
    known = facts(kept.der)
    certificate = known.certificate
    entry: dict[str, Any] = {
        "Id": kept.fingerprint,
        "Certificate": kept.der,
        "Role": _role(kept, known, authority),
        "Subject": readable(certificate.subject),
        "Issuer": readable(certificate.issuer),
        "Serial": serial_text(certificate.serial_number),
        "NotBefore": certificate.not_valid_before_utc,
        "NotAfter": certificate.not_valid_after_utc,
        "AddedAt": kept.added,
    }
    optional = {"CertificateArn": kept.arn, "TemplateArn": kept.template}
    return {**entry, **{name: value for name, value in optional.items() if value}}


def _role(kept: Kept, known: Facts, authority: Authority) -> str:
    if kept.der == authority.certificate:
        return "CURRENT"
    if kept.source is Source.AUTHORITY and kept.authority_arn == authority.arn:
        return "FORMER"
    own = authority.certificate and facts(authority.certificate)
    same = own and (known.issuer, known.aki) == (own.issuer, own.aki)
    return "SPARE" if same else "CROSS_SIGNED"


def _newest_last(entry: Mapping[str, Any]) -> tuple[bool, datetime, datetime]:
    return entry["Role"] == "CURRENT", entry["AddedAt"], entry["NotBefore"]
