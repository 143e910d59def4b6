"""Renewing certificates and giving them another key, as operations.

For certificates that a CA of the vault issued; a CA's own certificate is `authority_shelf`'s.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple

from cryptography import x509

from workbench.api.calls import Call, Operation, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.pki.algorithms import key_summary
from workbench.pki.authority import Authority
from workbench.pki.check_shelf import enforce, entries, issued
from workbench.pki.csr import sign_csr
from workbench.pki.external import external_key
from workbench.pki.finder import Finder, key_in_use
from workbench.pki.issue import read_request
from workbench.pki.issuing import Issuing
from workbench.pki.orders import Order, checked
from workbench.pki.pairs import SPECS, WrappedPair, kept_pair, make_pair, pair_key, passed_on
from workbench.pki.parse import Facts, facts
from workbench.pki.precheck import Finding, Precheck, Severity
from workbench.pki.renewing import Changes, dropped_usages, order_after
from workbench.pki.revocations import Revocation
from workbench.pki.store import Kept, Source
from workbench.pki.templates import Template, UnknownTemplate

_KEY_LOST: Final = frozenset(
    {"KEY_COMPROMISE", "CERTIFICATE_AUTHORITY_COMPROMISE", "A_A_COMPROMISE"}
)

_NO_LONGER_EXPORTABLE: Final = Finding(
    Severity.NOTICE,
    "exportable keys",
    "The key before could be exported; the new one cannot, as it is made and kept by AWS KMS.",
)


class _NewKey(NamedTuple):
    """A key to be certified.

    Attributes:
        public: its public half.
        arn: of the KMS key it is, or nothing.
        pair: what is kept of it, if it can be exported.
    """

    public: Any
    arn: str = ""
    pair: WrappedPair | None = None


class RenewalShelf:
    """RenewCertificate and RekeyCertificate."""

    def __init__(self, finder: Finder, issuing: Issuing, precheck: Precheck) -> None:
        self._finder = finder
        self._issuing = issuing
        self._precheck = precheck

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "RenewCertificate": Prepared(self._renew, prepare=self._prepare),
            "RekeyCertificate": Operation(self._rekey, mutates=True, read_only=False),
        }

    def _prepare(self, request: dict[str, Any], call: Call) -> tuple[Order, list[Finding]]:
        kept, authority = self._issued(request, call)
        order = self._after(kept, authority, request, call, Changes())
        revoked = self._revoked(kept, authority)
        if revoked is not None and revoked.reason in _KEY_LOST:
            raise AwsError(
                "InvalidRequestException",
                f"The certificate was revoked for {revoked.reason}: its key must not be certified "
                "again.",
                "Re-key it.",
            )
        found, _ = self._precheck.look_at(order, call.time, lint=request.get("Lint", True))
        if revoked is not None:
            found.append(
                Finding(
                    Severity.WARNING,
                    "RFC 5280 §5.3.1",
                    f"The certificate before was revoked on {revoked.revoked:%Y-%m-%d} "
                    f"({revoked.reason}).",
                )
            )
        return order, found

    def _renew(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        order, found = call.prepared
        enforce(found, request, call)
        # The CA may have changed since it was looked at.
        self._issued(request, call)
        made = self._issuing.carry_out(order, call)
        return {**issued(self._finder, made), "Findings": entries(found)}

    def _rekey(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        kept, authority = self._issued(request, call)
        before = facts(kept.der)
        key = self._key(kept, request, call)
        order = self._after(kept, authority, request, call, Changes(public_key=key.public))
        found, _ = self._precheck.look_at(order, call.time, lint=request.get("Lint", True))
        lost = "" if "TemplateArn" in request else ", ".join(dropped_usages(before, order))
        if lost:
            found.append(
                Finding(
                    Severity.NOTICE,
                    "RFC 5280 §4.2.1.3",
                    f"The new key can only sign, so the key usage no longer has {lost}.",
                )
            )
        if kept.pair is not None and key.pair is None:
            found.append(_NO_LONGER_EXPORTABLE)
        enforce(found, request, call)
        made = self._issuing.carry_out(order, call)
        answer = {**issued(self._finder, made), "Findings": entries(found)}
        if key.pair is None:
            return {**answer, "KeyArn": key.arn}
        self._finder.certificates.save(replace(made, pair=key.pair))
        return {**answer, "ExportableKey": key.pair.summary}

    def _key(self, kept: Kept, request: dict[str, Any], call: Call) -> _NewKey:
        """Return a new key after it has signed a request: of the kind it had, exportable or not."""
        name = request.get("KeyId")
        certificate = facts(kept.der).certificate
        spec = request.get("KeySpec") or key_summary(certificate).spec
        if kept.pair is not None and name is None and spec in SPECS:
            return self._exportable(kept.pair, spec, certificate.subject, call)
        kms = self._finder.kms_as(call.caller)
        with key_in_use("make and use the new key"):
            if name is None:
                if not spec:
                    raise AwsError(
                        "InvalidRequestException", "KMS has no keys of the kind there was before.",
                        "Name a KeySpec, or a key.",
                    )  # fmt: skip
                made = kms.create_key(
                    KeySpec=spec,
                    KeyUsage="SIGN_VERIFY",
                    Description=f"Certified after {kept.arn}",
                )
                name = made["KeyMetadata"]["Arn"]
            key = external_key(kms, name)
            arn = str(kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"])
            csr = sign_csr(key, certificate.subject, ca=False)
        wanted = read_request(csr.encode())
        if wanted.spki == facts(kept.der).spki:
            raise AwsError(
                "InvalidRequestException", "The key is the one the certificate has already.",
                "Renew the certificate, or choose another key.",
            )  # fmt: skip
        return _NewKey(wanted.public_key, arn)

    def _exportable(
        self, before: WrappedPair, spec: str, subject: x509.Name, call: Call
    ) -> _NewKey:
        """Return a new pair under the KMS key of the one before."""
        kms = self._finder.kms_as(call.caller)
        pairs = self._finder.pairs_as(call.caller, before.region)
        with passed_on():
            pair = make_pair(kms, before.key_arn, spec)
            csr = sign_csr(pair_key(pairs, pair), subject, ca=False)
        kept = kept_pair(pair.members, call.time)
        call.note(kept.key_arn)
        return _NewKey(read_request(csr.encode()).public_key, pair=kept)

    def _issued(self, request: dict[str, Any], call: Call) -> tuple[Kept, Authority]:
        kept = self._finder.one(request)
        found = self._finder.issuer_of(kept)
        if found is None:
            raise AwsError(
                "InvalidRequestException",
                "No CA of this vault issued the certificate.",
                "Ask its issuer for a new one.",
            )
        if kept.source is Source.AUTHORITY:
            raise AwsError(
                "InvalidRequestException",
                f"It is the certificate of {kept.authority_arn}.",
                "Renew the CA: RenewCertificateAuthority.",
            )
        if kept.arn not in call.resources:
            call.note(kept.arn)
        return kept, self._finder.authority(found.arn, call)

    def _after(
        self,
        kept: Kept,
        authority: Authority,
        request: dict[str, Any],
        call: Call,
        changes: Changes,
    ) -> Order:
        before = facts(kept.der)
        template = self._template(before, request)
        order = order_after(
            before, authority, request, call.time, replace(changes, template=template)
        )
        noted = None if template else kept.template
        return checked(replace(order, template_arn=noted), call.time)

    def _template(self, before: Facts, request: dict[str, Any]) -> Template | None:
        if "TemplateArn" not in request:
            return None
        try:
            template = self._finder.template(request["TemplateArn"])
        except UnknownTemplate as error:
            raise AwsError("InvalidRequestException", str(error)) from error
        if template.self_signed or template.ca != before.ca:
            raise AwsError(
                "InvalidRequestException",
                f"The certificate is {'' if before.ca else 'not '}a CA's, and {template.name} "
                "makes others.",
                "Choose another template or profile.",
            )
        return template

    def _revoked(self, kept: Kept, authority: Authority) -> Revocation | None:
        serial = facts(kept.der).certificate.serial_number
        return self._finder.revocations.get(authority.arn, serial)
