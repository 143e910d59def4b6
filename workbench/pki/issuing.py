"""Operations on certificates: issuing them, fetching them, importing a CA's own.

Source: AWS Private CA API Reference; RFC 5280 §6 for what an imported certificate must pass.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, mldsa

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki import validity
from workbench.pki.algorithms import SIGNING_OF
from workbench.pki.authority import IMPORTABLE, ROOT, SHORT_LIVED, Authority, Status
from workbench.pki.external import ExternalKey
from workbench.pki.finder import Finder, key_in_use, wrong_state
from workbench.pki.issue import Content, MalformedRequest, build, new_serial, read_request
from workbench.pki.parse import Facts, Malformed, facts, one_certificate, pem, read_certificates
from workbench.pki.passthrough import extensions_of, subject_of
from workbench.pki.store import Kept, Reused, Source
from workbench.pki.templates import Template, UnknownTemplate
from workbench.pki.validate import Purpose, validate_chain

_SHORT_LIFE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Order:
    """An IssueCertificate request, understood."""

    authority: Authority
    content: Content
    validity: tuple[datetime, datetime]
    signing_algorithm: str

    @property
    def template(self) -> Template:
        """What decides the certificate's content."""
        return self.content.template


@dataclass(frozen=True, slots=True)
class Draft:
    """What a request would issue.

    Attributes:
        template: what it is made from.
        authority: the CA asked.
        der: the certificate, but for its signature.
    """

    template: Template
    authority: Authority
    der: bytes


class Issuing:
    """IssueCertificate, GetCertificate, and the CA's own certificate in and out.

    Args:
        finder: the stores.
        changed: told of an authority whose certificate changed.
    """

    def __init__(self, finder: Finder, changed: Callable[[Authority, datetime], None]) -> None:
        self._finder = finder
        self._changed = changed

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "IssueCertificate": Operation(self._issue, mutates=True, read_only=False),
            "GetCertificate": Operation(self._get),
            "ImportCertificateAuthorityCertificate": Operation(
                self._import, mutates=True, read_only=False
            ),
            "GetCertificateAuthorityCertificate": Operation(self._get_own),
        }

    def _issue(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        scope = f"{authority.arn}:IssueCertificate"
        try:
            known = self._finder.idempotency.recall(scope, request, call.time)
        except Reused as error:
            raise AwsError(
                "InvalidArgsException", "The idempotency token was used for another request."
            ) from error
        if known is not None:
            return known
        order = self._understand(authority, request, call.time)
        issuer = None if order.template.self_signed else facts(authority.certificate)
        _refuse_beyond(order, issuer)
        der = self._sign(order, issuer, self._finder.key(authority))
        serial = facts(der).certificate.serial_number
        arn = certificate_arn(authority, serial)
        template = order.template.arn(call.place.partition)
        self._finder.certificates.save(
            Kept(
                der,
                Source.ISSUED,
                call.time,
                arn=arn,
                authority_arn=authority.arn,
                template=template,
            )
        )
        call.note(arn)
        answer = {"CertificateArn": arn}
        self._finder.idempotency.keep(scope, request, answer, call.time)
        return answer

    def _understand(self, authority: Authority, request: dict[str, Any], now: datetime) -> _Order:
        try:
            template = self._finder.template(request.get("TemplateArn"))
            wanted = read_request(bytes(request["Csr"]))
        except UnknownTemplate as error:
            raise AwsError("InvalidArgsException", str(error)) from error
        except MalformedRequest as error:
            raise AwsError("MalformedCSRException", str(error)) from error
        try:
            period = (
                validity.not_before(request.get("ValidityNotBefore"), now),
                validity.not_after(request["Validity"], now),
            )
        except ValueError as error:
            raise AwsError("ValidationException", str(error)) from error
        # AWS ignores ApiPassthrough with a template that does not pass it through.
        passed = request.get("ApiPassthrough", {}) if template.api else {}
        try:
            content = Content(template, wanted, subject_of(passed), tuple(extensions_of(passed)))
        except ValueError as error:
            raise AwsError("InvalidArgsException", f"ApiPassthrough: {error}") from error
        order = _Order(authority, content, period, request["SigningAlgorithm"])
        _refuse_state(order, now)
        _refuse_algorithm(order)
        return order

    def draft(self, request: dict[str, Any], call: Call) -> Draft:
        """Return what a request would issue, signed by a key that is thrown away.

        Raises:
            AwsError: the request would be refused.
        """
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        order = self._understand(authority, request, call.time)
        issuer = None if order.template.self_signed else facts(authority.certificate)
        _refuse_beyond(order, issuer)
        key, algorithm = _throwaway(order.signing_algorithm)
        der = self._sign(replace(order, signing_algorithm=algorithm), issuer, key)
        return Draft(order.template, authority, der)

    def _sign(self, order: _Order, issuer: Facts | None, key: ExternalKey) -> bytes:
        serial = new_serial()
        pointers = self._finder.pointers(order.authority, serial) if issuer else ()
        content = replace(order.content, pointers=pointers)
        try:
            with key_in_use("sign with the CA's key"):
                der = build(content, issuer, key, order.signing_algorithm, order.validity, serial)
            facts(der)
        except MalformedRequest as error:
            raise AwsError("MalformedCSRException", str(error)) from error
        except ValueError as error:
            raise AwsError(
                "InvalidArgsException", f"The extensions make no certificate: {error}"
            ) from error
        return der

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        arn = request["CertificateArn"]
        if not arn.startswith(f"{authority.arn}/certificate/"):
            raise AwsError("InvalidArnException", f"Invalid certificate ARN: {arn}")
        found = self._finder.certificates.by_arn(arn)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {arn}")
        call.note(arn)
        answer = {"Certificate": pem(found.der)}
        above = self._above(authority, found)
        if above:
            answer["CertificateChain"] = "\n".join(pem(der) for der in above)
        return answer

    def _above(self, authority: Authority, issued: Kept) -> tuple[bytes, ...]:
        """Return the chain above a certificate; a root's own certificate has none."""
        if facts(issued.der).self_issued or not authority.certificate:
            return ()
        return (authority.certificate, *authority.chain)

    def _get_own(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if not authority.certificate:
            raise wrong_state(authority, call.time, "import its certificate first.")
        answer = {"Certificate": pem(authority.certificate)}
        if authority.chain:
            answer["CertificateChain"] = "\n".join(pem(der) for der in authority.chain)
        return answer

    def _import(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if authority.status(call.time) not in IMPORTABLE:
            raise wrong_state(authority, call.time, "no certificate can be imported into it.")
        certificate = _own_certificate(authority, request["Certificate"])
        chain = _chain(request.get("CertificateChain", b""))
        _refuse_unfit(authority, certificate, chain, call.time)
        status = authority.stored_status
        changed = replace(authority, certificate=certificate.der, chain=chain)
        if status is Status.PENDING_CERTIFICATE:
            changed = changed.with_status(Status.ACTIVE, call.time)
        self._finder.authorities.save(changed)
        self._keep(authority, certificate, chain, call.time)
        self._changed(changed, call.time)
        return {}

    def _keep(
        self, authority: Authority, own: Facts, chain: tuple[bytes, ...], now: datetime
    ) -> None:
        certificates = self._finder.certificates
        before = certificates.get(own.fingerprint)
        certificates.save(
            Kept(
                own.der,
                Source.AUTHORITY,
                before.added if before else now,
                trusted=authority.kind == ROOT,
                arn=before.arn if before else "",
                authority_arn=authority.arn,
            )
        )
        for der in chain:
            if certificates.get(facts(der).fingerprint) is None:
                certificates.save(Kept(der, Source.IMPORTED, now))


def certificate_arn(authority: Authority, serial: int) -> str:
    """Return the ARN of the certificate that a CA issued under a serial number."""
    return f"{authority.arn}/certificate/{serial:032x}"


def _throwaway(algorithm: str) -> tuple[ExternalKey, str]:
    """Return a key for a draft and its algorithm: of the same size for ML-DSA, else a quick one."""
    if algorithm == "ML_DSA_44":
        return mldsa.MLDSA44PrivateKey.generate(), algorithm
    if algorithm == "ML_DSA_65":
        return mldsa.MLDSA65PrivateKey.generate(), algorithm
    if algorithm == "ML_DSA_87":
        return mldsa.MLDSA87PrivateKey.generate(), algorithm
    return ec.generate_private_key(ec.SECP256R1()), "SHA256WITHECDSA"


def _refuse_algorithm(order: _Order) -> None:
    offered = SIGNING_OF[order.authority.key_algorithm]
    if order.signing_algorithm not in offered:
        raise AwsError(
            "InvalidArgsException",
            f"The CA's {order.authority.key_algorithm} key cannot sign with "
            f"{order.signing_algorithm}; it signs with {', '.join(offered)}.",
        )


def _refuse_state(order: _Order, now: datetime) -> None:
    authority = order.authority
    status = authority.status(now)
    if not order.template.self_signed:
        if status is not Status.ACTIVE:
            raise wrong_state(authority, now, "only an active one issues certificates.")
        return
    if status not in IMPORTABLE - {Status.DISABLED}:
        raise wrong_state(authority, now, "its own certificate cannot be issued now.")
    if authority.kind != ROOT or order.content.request.spki != authority.spki:
        raise AwsError(
            "InvalidArgsException",
            f"The template {order.template.name} is for a root CA's own CSR; for another CA use "
            "a SubordinateCACertificate template.",
        )


def _refuse_beyond(order: _Order, issuer: Facts | None) -> None:
    start, end = order.validity
    if start >= end:
        raise AwsError("ValidationException", "The validity ends before it begins.")
    short = order.authority.usage_mode == SHORT_LIVED and not order.template.ca
    if short and end - start > _SHORT_LIFE + validity.HEAD_START:
        raise AwsError(
            "ValidationException",
            "A CA in the mode SHORT_LIVED_CERTIFICATE issues for at most 7 days.",
        )
    if issuer is None:
        return
    if end > issuer.certificate.not_valid_after_utc:
        raise AwsError(
            "ValidationException",
            "The certificate validity specified exceeds the certificate authority validity: it "
            f"would end {end:%Y-%m-%d %H:%M:%S} UTC, the CA's certificate ends "
            f"{issuer.certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC.",
        )
    _refuse_path_length(order.template, issuer)


def _refuse_path_length(template: Template, issuer: Facts) -> None:
    allowed = issuer.basic.path_length if issuer.basic else None
    if not template.ca or allowed is None:
        return
    if template.path_length is None or template.path_length >= allowed:
        raise AwsError(
            "ValidationException",
            f"The CA's path length is {allowed}, so a certificate from the template "
            f"{template.name} would not be valid below it.",
        )


def _own_certificate(authority: Authority, data: bytes) -> Facts:
    try:
        certificate = facts(one_certificate(bytes(data)))
    except Malformed as error:
        raise AwsError("MalformedCertificateException", str(error)) from error
    if certificate.spki != authority.spki:
        raise AwsError(
            "CertificateMismatchException",
            "The certificate's public key is not the one in the CA's CSR.",
        )
    if not certificate.ca:
        raise AwsError(
            "MalformedCertificateException",
            "The certificate is not a CA certificate: its basic constraints do not say CA.",
        )
    return certificate


def _chain(data: bytes) -> tuple[bytes, ...]:
    found = read_certificates(bytes(data)) if data else ()
    for item in found:
        if item.problem:
            raise AwsError("MalformedCertificateException", f"In the chain: {item.problem}")
    return tuple(item.der for item in found)


def _refuse_unfit(
    authority: Authority, certificate: Facts, chain: tuple[bytes, ...], now: datetime
) -> None:
    if authority.kind == ROOT:
        if not certificate.self_issued or chain:
            raise AwsError(
                "MalformedCertificateException",
                "A root CA's certificate is self-signed and comes without a chain.",
            )
        roots: tuple[bytes, ...] = (certificate.der,)
    else:
        if certificate.self_issued or not chain:
            raise AwsError(
                "MalformedCertificateException",
                "A subordinate CA's certificate comes with the chain of its issuers up to a root.",
            )
        roots = chain[-1:]
    verdict = validate_chain(certificate.der, chain, roots, now, Purpose.ANY)
    if not verdict.trusted:
        raise AwsError("MalformedCertificateException", verdict.sentence)
    if len(verdict.links) != len(chain) + 1 or any(
        link.der != der for link, der in zip(verdict.links[1:], chain, strict=True)
    ):
        raise AwsError(
            "MalformedCertificateException",
            "The chain is not in order: each certificate must be followed by its issuer's.",
        )
