"""JSON Web Tokens: a JWS whose content is a set of claims, judged at a moment.

Owns the claims of RFC 7519 §4.1 and what RFC 8725 asks of readers. Must not know signatures; `jws`
does.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.signing.formats.base import Broken, Content, Signing, Traits, Trust
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.jose import SPECS, check_media_type, decode, rsa_256, strict_json
from workbench.signing.formats.jws import JsonWebSignature, check_jws
from workbench.signing.formats.jws_read import is_jws
from workbench.signing.verdict import Verdict

_LATEST: Final = 253402300799
_MOST_LEEWAY: Final = 600
_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
_TOKEN: Final = re.compile(rb"\s*e[A-Za-z0-9_-]+\.e[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\s*")


@dataclass(frozen=True, slots=True)
class JsonWebToken:
    """JSON Web Tokens.

    Attributes:
        issuer: the `iss` a token must have when verified; empty asks nothing.
        audience: who must be among its `aud` when verified; empty asks nothing, but then a token
            meant for somebody is refused only by that somebody.
        leeway: seconds by which clocks may differ.
        expiry_required: whether a token without `exp` is refused.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        typ: the header's media type.
        header: the protected header word for word, as JSON; empty has it made.

    Raises:
        Refused: the leeway is no sensible number.
    """

    name: ClassVar[str] = "jwt"
    title: ClassVar[str] = "JSON Web Token"
    suffix: ClassVar[str] = ".jwt"
    standard: ClassVar[str] = "RFC 7519"
    traits: ClassVar[Traits] = Traits(
        digests=rsa_256,
        demands=("issuer", "audience", "leeway", "expiry_required"),
        takes="a set of claims",
    )
    specs: ClassVar[frozenset[str]] = SPECS
    peer_limits: ClassVar[str] = (
        "Few JOSE programs know ML-DSA (RFC 9964) yet, and a token has one signature: ask who will "
        "read it, and choose an ECDSA key where they cannot."
    )

    issuer: str = ""
    audience: str = ""
    leeway: int = 0
    expiry_required: bool = True
    pss: bool = True
    typ: str = "JWT"
    header: str = ""

    def __post_init__(self) -> None:
        """Check the choices."""
        if not 0 <= self.leeway <= _MOST_LEEWAY:
            raise Refused(
                f"Clocks may differ by 0 to {_MOST_LEEWAY} seconds.", "Choose a smaller leeway."
            )
        check_media_type(self.typ, "RFC 7519 §5.1")

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return a token over claims, which are signed as they are written.

        Raises:
            Refused: the content is no set of claims, or a date in it is no number; and as
                `Format.sign`.
        """
        try:
            claims = strict_json(content.whole(), "The set of claims")
            for name in ("exp", "nbf", "iat"):
                _date(claims, name)
        except Broken as error:
            raise Refused(error.message, "Correct the claims.") from error
        form = JsonWebSignature(
            detached=False, pss=self.pss, typ=self.typ, header=self.header, certificates=False
        )
        return form.sign(kms, signing, content)

    def sniff(self, head: bytes) -> bool:
        """Whether it is a JWS in compact form whose header or content says it is a token."""
        if _TOKEN.fullmatch(head) is None or not is_jws(head):
            return False
        header, payload, _ = head.decode().strip().split(".")
        try:
            typ = strict_json(decode(header, "The header"), "The header").get("typ", "")
            claims = strict_json(decode(payload, "The claims"), "The claims")
        except Broken:
            return False
        return str(typ).upper().removeprefix("APPLICATION/").endswith("JWT") or bool(
            _CLAIMS & claims.keys()
        )

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check signature and claims; raises as `Format.verify`."""
        found = Findings()
        parsed = check_jws(found, signature, content, trust)
        if parsed is None:
            return found.verdict()
        one = parsed.signatures[0]
        found.judge(
            "Token",
            "It is in the compact form, its content encoded.",
            "A token must be in the compact form, its content inside and encoded.",
            "RFC 7519 §3, RFC 7797 §7",
            "Check it as a JSON Web Signature.",
            good=parsed.compact and one.encoded and parsed.payload is not None,
        )
        try:
            claims = strict_json(parsed.payload or b"", "The set of claims")
            self._check_times(found, claims, trust.moment)
            self._check_parties(found, claims)
        except Broken as error:
            found.broken("Claims", error)
        return found.verdict()

    def _check_times(self, found: Findings, claims: dict[str, Any], moment: datetime) -> None:
        now = moment.timestamp()
        ends, starts, made = (_date(claims, name) for name in ("exp", "nbf", "iat"))
        if ends is None:
            if self.expiry_required:
                found.failed(
                    "Expiry", "The token has no end, so it can never become invalid.",
                    "RFC 8725 §3.10", "Ask the issuer for a token with “exp”.",
                    demand="expiry_required",
                )  # fmt: skip
        else:
            found.judge(
                "Expiry",
                f"The token is valid until {_shown(ends)}.",
                f"The token expired at {_shown(ends)}.",
                "RFC 7519 §4.1.4",
                "Ask the issuer for a new one.",
                good=now < ends + self.leeway,
                demand="leeway",
            )
        if starts is not None:
            found.judge(
                "Beginning",
                f"The token is valid since {_shown(starts)}.",
                f"The token is not valid before {_shown(starts)}.",
                "RFC 7519 §4.1.5",
                "Wait until then, or check the computer's clock.",
                good=now >= starts - self.leeway,
                demand="leeway",
            )
        if made is not None:
            found.signing_time = datetime.fromtimestamp(made, UTC)
            found.judge(
                "Issued",
                f"The token was issued at {_shown(made)}.",
                f"The token claims to have been issued in the future, at {_shown(made)}.",
                "RFC 7519 §4.1.6",
                "Check the computer's clock.",
                good=now >= made - self.leeway,
                demand="leeway",
            )

    def _check_parties(self, found: Findings, claims: dict[str, Any]) -> None:
        if self.issuer:
            shown = printable(str(claims.get("iss")))
            found.judge(
                "Issuer",
                f"The token was issued by {shown}.",
                f"The token was issued by {shown}, not by {printable(self.issuer)}.",
                "RFC 7519 §4.1.1",
                "Ask the right issuer.",
                good=claims.get("iss") == self.issuer,
                demand="issuer",
            )
        if self.audience:
            meant = claims.get("aud")
            listed = meant if isinstance(meant, list) else [meant]
            found.judge(
                "Audience",
                f"The token is meant for {printable(self.audience)}.",
                f"The token is not meant for {printable(self.audience)}.",
                "RFC 7519 §4.1.3",
                "Ask the issuer for a token for this audience.",
                good=self.audience in listed,
                demand="audience",
            )


def _date(claims: dict[str, Any], name: str) -> float | None:
    """Return a NumericDate claim in seconds since 1970, or None (RFC 7519 §2)."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise Broken(
            f"The claim “{name}” is not a date in seconds.",
            f"RFC 7519 §{_SECTIONS[name]}", "Ask the issuer for a correct token.",
        )  # fmt: skip
    return value


_SECTIONS: Final = {"exp": "4.1.4", "nbf": "4.1.5", "iat": "4.1.6"}


def _shown(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
