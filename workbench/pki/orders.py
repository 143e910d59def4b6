"""What is to be issued: an IssueCertificate request understood, and what a CA refuses at once.

Owns the refusals that AWS Private CA makes itself; what a strict verifier would say beyond them is
`precheck`'s. Source: AWS Private CA API Reference, IssueCertificate; RFC 5280 §4.2.1.9.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from workbench.api.errors import AwsError
from workbench.pki import validity
from workbench.pki.algorithms import signing_algorithms
from workbench.pki.authority import IMPORTABLE, ROOT, SHORT_LIVED, Authority, Status
from workbench.pki.finder import Finder, wrong_state
from workbench.pki.issue import Content, MalformedRequest, read_request
from workbench.pki.parse import Facts, facts
from workbench.pki.passthrough import extensions_of, subject_of
from workbench.pki.templates import Template, UnknownTemplate

_SHORT_LIFE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Order:
    """A certificate to be issued.

    Attributes:
        authority: the CA asked.
        content: what goes into it.
        validity: first and last second.
        signing_algorithm: AWS's SigningAlgorithm.
        template_arn: what the collection notes as its template; None for the template's own ARN.
    """

    authority: Authority
    content: Content
    validity: tuple[datetime, datetime]
    signing_algorithm: str
    template_arn: str | None = None

    @property
    def template(self) -> Template:
        """What decides the certificate's content."""
        return self.content.template

    @property
    def issuer(self) -> Facts | None:
        """The issuer's certificate; None for a self-signed one."""
        return None if self.template.self_signed else facts(self.authority.certificate)


def understand(
    finder: Finder, authority: Authority, request: dict[str, Any], now: datetime
) -> Order:
    """Return what an IssueCertificate request asks of a CA; without SigningAlgorithm the CA's own.

    Raises:
        AwsError: it makes no sense, or the CA refuses it.
    """
    try:
        template = finder.template(request.get("TemplateArn"), authority.partition)
        wanted = read_request(bytes(request["Csr"]))
    except UnknownTemplate as error:
        raise AwsError("InvalidArgsException", str(error)) from error
    except MalformedRequest as error:
        raise AwsError("MalformedCSRException", str(error)) from error
    # AWS ignores ApiPassthrough with a template that does not pass it through.
    passed = request.get("ApiPassthrough", {}) if template.api else {}
    try:
        content = Content(template, wanted, subject_of(passed), tuple(extensions_of(passed)))
    except ValueError as error:
        raise AwsError("InvalidArgsException", f"ApiPassthrough: {error}") from error
    order = Order(
        authority,
        content,
        period(request, now),
        request.get("SigningAlgorithm") or authority.signing_algorithm,
    )
    return checked(order, now)


def period(request: dict[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """Return first and last second of what a request with a Validity asks for.

    Raises:
        AwsError: ValidationException: it is none.
    """
    try:
        return (
            validity.not_before(request.get("ValidityNotBefore"), now),
            validity.not_after(request["Validity"], now),
        )
    except ValueError as error:
        raise AwsError("ValidationException", str(error)) from error


def checked(order: Order, now: datetime) -> Order:
    """Return an order if its CA carries it out now.

    Raises:
        AwsError: InvalidStateException, InvalidArgsException or ValidationException.
    """
    _refuse_state(order, now)
    _refuse_algorithm(order)
    _refuse_beyond(order, order.issuer)
    return order


def _refuse_algorithm(order: Order) -> None:
    offered = signing_algorithms(order.authority.key_algorithm)
    if order.signing_algorithm not in offered:
        raise AwsError(
            "InvalidArgsException",
            f"The CA's {order.authority.key_algorithm} key cannot sign with "
            f"{order.signing_algorithm}; it signs with {', '.join(offered)}.",
        )


def _refuse_state(order: Order, now: datetime) -> None:
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


def _refuse_beyond(order: Order, issuer: Facts | None) -> None:
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
    _refuse_path_length(order, issuer)


def _refuse_path_length(order: Order, issuer: Facts) -> None:
    template = order.template
    allowed = issuer.basic.path_length if issuer.basic else None
    if not template.ca or allowed is None:
        return
    # What is self-issued does not count (RFC 5280 §6.1.4 (l)).
    most = allowed if order.content.name == issuer.certificate.subject else allowed - 1
    if template.path_length is None or template.path_length > most:
        raise AwsError(
            "ValidationException",
            f"The CA's path length is {allowed}, so a certificate from the template "
            f"{template.name} would not be valid below it.",
        )
