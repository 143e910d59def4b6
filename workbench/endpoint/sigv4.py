"""AWS Signature Version 4, verified.

Sources: AWS IAM User Guide, "Create a signed AWS API request" and "Troubleshoot signed requests for
AWS APIs" (message texts). Allowed clock skew: KMS and the other JSON services 5 minutes, STS and
IAM 15, as their error texts say ("… - 5 min.", "… - 15 min."). A presigned STS request lives for
those 15 minutes whatever its X-Amz-Expires says, as at AWS.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from workbench.api.calls import Caller
from workbench.base.clock import Clock
from workbench.endpoint.messages import Request
from workbench.endpoint.ports import Backend, Credential
from workbench.endpoint.refusals import Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
_INVALID = "InvalidSignatureException"
_INCOMPLETE = "IncompleteSignatureException"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{1,16}){1,4}-[0-9]{1,2}|aws(?:-[a-z]{2,6})?-global")
_PRESIGNED = "X-Amz-"


class Party(NamedTuple):
    """Who a request comes from and which Region it is for."""

    region: str
    caller: Caller


class _Signature(NamedTuple):
    """What a request says of its signature; anything may be empty or wrong."""

    credential: str
    signed_headers: str
    signature: str
    date: str
    token: str
    presigned: bool

    @property
    def scope(self) -> list[str]:
        """Access key id, date, Region, service, terminator."""
        parts = self.credential.split("/")
        if len(parts) != 5:
            raise Refusal(
                _INCOMPLETE,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                f"keyid/date/region/service/term, got '{self.credential}'",
            )
        return parts


class Verifier:
    """Finds who signed a request.

    Args:
        backend: knows the access keys and Regions.
        clock: what dates are compared with.
        verify: False takes a signature's scope at its word: anybody is let in.
    """

    def __init__(self, backend: Backend, clock: Clock, *, verify: bool) -> None:
        self._backend = backend
        self._clock = clock
        self._verify = verify
        # Four HMACs a key and the setting up of a fifth: most of what a verification would cost.
        self._signers = lru_cache(maxsize=64)(_signer)

    def forget(self) -> None:
        """Drop derived signing keys, as when the vault is locked."""
        self._signers.cache_clear()

    def authenticate(self, request: Request, service: str, *, query_protocol: bool) -> Party:
        """Return whom a request comes from.

        Args:
            request: the request as received.
            service: the service it is for, as scopes name it.
            query_protocol: STS and IAM: presigned requests pass, 15 minutes of skew, any Region.

        Raises:
            Refusal: not signed, or not as it should be.
            Locked: the access keys cannot be read.
        """
        signature = _read(request, presigned=query_protocol)
        if self._verify:
            _complete(signature, request)
        key_id, date, region, scoped, term = signature.scope
        if term != TERMINATOR:
            raise Refusal(
                _INVALID,
                f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
                f"not '{term}'.",
            )
        self._check_region(region, any_served=query_protocol)
        if scoped != service:
            raise Refusal(_INVALID, f"Credential should be scoped to correct service: '{service}'.")
        credential = self._backend.credential(key_id)
        if credential is None:
            raise _unknown()
        if self._verify:
            moment, stamp = _moment(signature.date)
            self._check_date(moment, stamp, date, 15 if query_protocol else 5)
            self._check_token(signature, credential)
            signer = self._signers(credential.secret, date, region, service)
            _check_signature(request, signature, stamp, signer.copy())
        return Party(region, credential.caller)

    def _check_region(self, region: str, *, any_served: bool) -> None:
        served = None if any_served else self._backend.regions()
        known = _REGION.fullmatch(region) if served is None else region in served
        if not known:
            raise Refusal(
                _INVALID, f"Credential should be scoped to a valid region, not '{region}'."
            )

    def _check_date(self, moment: datetime, stamp: str, scope_date: str, minutes: int) -> None:
        if scope_date != stamp[:8]:
            raise Refusal(
                _INVALID,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                f"from HTTP: '{scope_date}' != '{stamp[:8]}', from '{stamp}'.",
            )
        now = self._clock.now()
        skew = timedelta(minutes=minutes)
        if moment < now - skew:
            raise Refusal(
                _INVALID,
                f"Signature expired: {stamp} is now earlier than {_basic(now - skew)} "
                f"({_basic(now)} - {minutes} min.)",
            )
        if moment > now + skew:
            raise Refusal(
                _INVALID,
                f"Signature not yet current: {stamp} is still later than {_basic(now + skew)} "
                f"({_basic(now)} + {minutes} min.)",
            )

    def _check_token(self, signature: _Signature, credential: Credential) -> None:
        given, wanted = signature.token.encode("latin-1"), credential.session_token.encode()
        if not hmac.compare_digest(given, wanted):
            raise _unknown()
        if credential.expires is not None and credential.expires <= self._clock.now():
            raise Refusal(
                "ExpiredTokenException", "The security token included in the request is expired"
            )


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """Derive a day's signing key: HMAC-SHA256 chained over date, Region, service, terminator."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _signer(secret: str, date: str, region: str, service: str) -> hmac.HMAC:
    return hmac.new(signing_key(secret, date, region, service), digestmod="sha256")


def canonical_query(query: str) -> str:
    """Return a query string sorted and coded as SigV4 asks, without its signature."""
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if part and name != "X-Amz-Signature":
            pairs.append((_recoded(name), _recoded(value)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _recoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="-_.~")


def _unknown() -> Refusal:
    return Refusal(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )


def _basic(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _read(request: Request, *, presigned: bool) -> _Signature:
    headers = request.headers
    authorization = headers.get("authorization")
    if authorization is not None:
        fields = _authorization(authorization)
        return _Signature(
            fields.get("Credential", ""),
            fields.get("SignedHeaders", ""),
            fields.get("Signature", ""),
            headers.get("x-amz-date") or headers.get("date", ""),
            headers.get("x-amz-security-token", ""),
            presigned=False,
        )
    given = _presigned_fields(request.query) if presigned and _PRESIGNED in request.query else {}
    if not given.get("Algorithm") and not given.get("Credential"):
        raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
    if given.get("Algorithm") != ALGORITHM:
        raise Refusal(_INCOMPLETE, f"X-Amz-Algorithm must be {ALGORITHM}.")
    return _Signature(
        given.get("Credential", ""),
        given.get("SignedHeaders", ""),
        given.get("Signature", ""),
        given.get("Date", ""),
        given.get("Security-Token", ""),
        presigned=True,
    )


def _authorization(value: str) -> dict[str, str]:
    scheme, _, rest = value.partition(" ")
    if scheme != ALGORITHM:
        raise Refusal(_INCOMPLETE, f"Authorization header must begin with {ALGORITHM}.")
    fields = {}
    for part in rest.split(","):
        name, _, text = part.strip().partition("=")
        if name in fields:
            raise Refusal(_INCOMPLETE, f"Authorization header gives '{name}' more than once.")
        fields[name] = text
    return fields


def _presigned_fields(query: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name.startswith(_PRESIGNED):
            fields[name.removeprefix(_PRESIGNED)] = unquote(value, "latin-1")
    return fields


def _complete(signature: _Signature, request: Request) -> None:
    """Refuse what lacks a part, and what leaves a header that matters unsigned."""
    place = "Query string" if signature.presigned else "Authorization header"
    wanted = (
        ("Credential", signature.credential),
        ("Signature", signature.signature),
        ("SignedHeaders", signature.signed_headers),
    )
    missing = [f"{place} requires '{name}' parameter." for name, value in wanted if not value]
    if not signature.date:
        missing.append(f"{place} requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise Refusal(_INCOMPLETE, " ".join(missing))
    signed = frozenset(signature.signed_headers.split(";"))
    if "host" not in signed:
        raise Refusal(
            _INVALID, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    headers = request.headers
    dated = signature.presigned or "x-amz-date" in headers or "date" in signed
    for name in headers:
        if name.startswith("x-amz-") and name not in signed:
            raise Refusal(_INVALID, f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
    if not dated:
        raise Refusal(_INVALID, "'Date' must be a 'SignedHeader' in the AWS Authorization.")


@lru_cache(maxsize=64)
def _moment(date: str) -> tuple[datetime, str]:
    """Return a date header's moment and its ISO 8601 basic form; clients repeat themselves."""
    match = _BASIC.fullmatch(date)
    try:
        if match:
            year, month, day, hour, minute, second = map(int, match.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC), date
        parsed = parsedate_to_datetime(date)
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
        return moment, _basic(moment)
    except (ValueError, OverflowError):
        text = f"Date must be in ISO-8601 'basic format'. Got '{date}'."
        raise Refusal(_INCOMPLETE, text) from None


def _check_signature(
    request: Request, signature: _Signature, stamp: str, signer: hmac.HMAC
) -> None:
    body_hash = hashlib.sha256(request.body).hexdigest()
    headers = request.headers
    lines = [
        request.method,
        request.path,
        canonical_query(request.query) if request.query else "",
    ]
    lines += [
        f"{name}:{' '.join(headers.get(name, '').split())}"
        for name in signature.signed_headers.split(";")
    ]
    lines += ["", signature.signed_headers, body_hash]
    digest = hashlib.sha256("\n".join(lines).encode("latin-1")).hexdigest()
    scope = signature.credential.partition("/")[2]
    signer.update(f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}".encode("latin-1"))
    if not hmac.compare_digest(signer.hexdigest().encode(), signature.signature.encode("latin-1")):
        raise Refusal(_INVALID, _MISMATCH)
