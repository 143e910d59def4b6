"""Operations on certificates: issuing them, fetching them, importing a CA's own.

Source: AWS Private CA API Reference; RFC 5280 §6 for what an imported certificate must pass.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.x509.oid import ExtensionOID

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.authority import IMPORTABLE, ROOT, Authority, Status
from workbench.pki.criticals import wrong_criticals
from workbench.pki.external import ExternalKey
from workbench.pki.finder import Finder, key_in_use, wrong_state
from workbench.pki.issue import MalformedRequest, build, new_serial
from workbench.pki.orders import Order, understand
from workbench.pki.parse import Facts, Malformed, facts, one_certificate, pem, read_certificates
from workbench.pki.store import Kept, Reused, Source
from workbench.pki.validate import Purpose, validate_chain

_LISTS: Final = ExtensionOID.CRL_DISTRIBUTION_POINTS


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
            "IssueCertificate": Operation(self.issue, mutates=True, read_only=False),
            "GetCertificate": Operation(self._get),
            "ImportCertificateAuthorityCertificate": Operation(
                self._import, mutates=True, read_only=False
            ),
            "GetCertificateAuthorityCertificate": Operation(self._get_own),
        }

    def issue(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Carry out an IssueCertificate request.

        Raises:
            AwsError: it was refused.
        """
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
        kept = self.carry_out(understand(self._finder, authority, request, call.time), call)
        answer = {"CertificateArn": kept.arn}
        self._finder.idempotency.keep(scope, request, answer, call.time)
        return answer

    def carry_out(self, order: Order, call: Call) -> Kept:
        """Sign what is ordered and keep it in the collection.

        Raises:
            AwsError: the key could not be used, or the extensions make no certificate.
        """
        return self.keep(order, self.sign(order), call)

    def sign(self, order: Order) -> Facts:
        """Return what is ordered, signed by its CA and not yet kept.

        Raises:
            AwsError: the key could not be used, or the extensions make no certificate.
        """
        return self._sign(order, self._finder.key(order.authority))

    def keep(self, order: Order, signed: Facts, call: Call) -> Kept:
        """Keep a signed certificate in the collection, as one that its CA issued."""
        authority = order.authority
        self._finder.issued.take(authority.arn)
        arn = certificate_arn(authority, signed.certificate.serial_number)
        template = order.template_arn
        kept = Kept(
            signed.der,
            Source.ISSUED,
            call.time,
            arn=arn,
            authority_arn=authority.arn,
            template=order.template.arn(call.place.partition) if template is None else template,
        )
        self._finder.certificates.save(kept, signed)
        call.note(arn)
        return kept

    def draft(self, order: Order, *, quick: bool = False) -> Facts:
        """Return what an order would issue, signed by a key that is thrown away.

        Args:
            order: what is ordered.
            quick: whether the signature may be of any kind, for those who do not look at it.

        Raises:
            AwsError: the extensions make no certificate.
        """
        key, algorithm = _throwaway("" if quick else order.signing_algorithm)
        return self._sign(replace(order, signing_algorithm=algorithm), key)

    def _sign(self, order: Order, key: ExternalKey) -> Facts:
        serial, issuer = new_serial(), order.issuer
        pointers = self._finder.pointers(order.authority, serial)
        if issuer is None:
            own = order.template.lists_itself
            pointers = tuple(one for one in pointers if own and one[0] == _LISTS)
        content = replace(order.content, pointers=pointers)
        try:
            with key_in_use("sign with the CA's key"):
                der = build(content, issuer, key, order.signing_algorithm, order.validity, serial)
            # Not `facts`: a thousand new ones would drive out what is asked for again and again.
            return Facts(der)
        except MalformedRequest as error:
            raise AwsError("MalformedCSRException", str(error)) from error
        except ValueError as error:
            raise AwsError(
                "InvalidArgsException", f"The extensions make no certificate: {error}"
            ) from error

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
        if self_signed(issued, authority) or not authority.certificate:
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
        for one in (certificate, *map(facts, chain)):
            wrong = wrong_criticals(one)
            if wrong:
                raise AwsError("MalformedCertificateException", wrong)
        self.install(authority, certificate, chain, call)
        return {}

    def install(
        self, authority: Authority, certificate: Facts, chain: tuple[bytes, ...], call: Call
    ) -> Authority:
        """Make a certificate the one a CA issues under; the one before stays in the collection.

        Raises:
            AwsError: MalformedCertificateException: it does not validate, or not as this CA's.
        """
        _refuse_unfit(authority, certificate, chain, call.time)
        status = authority.stored_status
        changed = replace(authority, certificate=certificate.der, chain=chain)
        if status is Status.PENDING_CERTIFICATE:
            changed = changed.with_status(Status.ACTIVE, call.time)
        self._finder.authorities.save(changed)
        self._keep(authority, certificate, chain, call.time)
        self._changed(changed, call.time)
        return changed

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
                template=before.template if before else "",
            )
        )
        for der in chain:
            if certificates.get(facts(der).fingerprint) is None:
                certificates.save(Kept(der, Source.IMPORTED, now))


def self_signed(kept: Kept, authority: Authority) -> bool:
    """Whether a certificate is the CA's own, signed by itself.

    A certificate of another key may bear the CA's name, as those that link an old key with a new
    one do (RFC 4210 §4.4).
    """
    known = facts(kept.der)
    return known.self_issued and known.spki == authority.spki


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
    return _quick_key(), "SHA256WITHECDSA"


@cache
def _quick_key() -> ExternalKey:
    return ec.generate_private_key(ec.SECP256R1())


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
