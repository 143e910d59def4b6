"""Timestamps: an authority of the vault that issues them, and checking anybody's.

Owns requests, responses and tokens (RFC 3161 §2.4, RFC 5816) and the rules for an authority's
certificate (RFC 3161 §2.3). Must not know what is stamped: it sees a digest only.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from asn1crypto import tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from workbench.base.errors import Refused
from workbench.pki.names import readable
from workbench.pki.parse import UNREADABLE
from workbench.pki.purposes import Purpose
from workbench.signing import der
from workbench.signing.algorithms import DIGEST_BY_OID, DIGESTS
from workbench.signing.cms_read import SignerInfo, Unacceptable, check_der, read_signature
from workbench.signing.formats.base import (
    LARGEST_SIGNATURE,
    Broken,
    Content,
    Signing,
    Traits,
    Trust,
)
from workbench.signing.formats.findings import Findings, check_chain, content_missing
from workbench.signing.formats.signed_data import (
    cms_signer,
    names_certificate,
    names_certificate_by_sha1,
    signed_data,
    signer_info,
    valid_at,
    value_matches,
    with_certificate,
)
from workbench.signing.verdict import Verdict

TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
OWN_POLICY: Final = "2.25.112904127650981624317902246121372036419"
"""Policy of the vault's authority: its own word for the time, from the computer's clock."""

_STAMPED: Final = ("SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512")
_GRANTED: Final = ("granted", "granted_with_mods")
_SERIAL_BITS: Final = 159
_MOST_ACCURACY: Final = 86_400
_SPECS: Final = frozenset(
    {
        "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_NIST_EDWARDS25519", "RSA_2048",
        "RSA_3072", "RSA_4096", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
    }
)  # fmt: skip

Timestamper = Callable[[bytes], bytes]
"""Takes an encoded request and returns an encoded response, here or over a network."""


class _BadRequest(Exception):
    """A request that is answered with a failure (RFC 3161 §2.4.2).

    Args:
        failure: PKIFailureInfo's name.
        text: why, for people.
    """

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Stamp:
    """A timestamp taken apart; its signature is not checked yet.

    Attributes:
        signer: the authority.
        certificates: every certificate inside, DER.
        digest: name of the digest of what is stamped.
        imprint: that digest.
        moment: the time.
        policy: under which it was given.
        serial: its serial number.
        nonce: what the request had, or None.
        sealed: whether the signed digest is that of the content.
    """

    signer: SignerInfo
    certificates: tuple[bytes, ...] = field(repr=False)
    digest: str
    imprint: bytes
    moment: datetime
    policy: str
    serial: int
    nonce: int | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """The timestamp authority of the vault.

    Attributes:
        kms: boto3-shaped KMS client.
        signing: its key and chain; the moment in it is not used.
        now: tells the time; from `base.clock`.
        policy: the policy it stamps under.
        accuracy: in seconds, how far its clock may be off.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.

    Raises:
        Refused: the certificate was not issued for timestamping alone.
    """

    kms: Any = field(repr=False)
    signing: Signing
    now: Callable[[], datetime]
    policy: str = OWN_POLICY
    accuracy: int = 1
    pss: bool = False

    def __post_init__(self) -> None:
        """Check the certificate."""
        if not self.signing.chain or not is_authority(self.signing.chain[0]):
            raise Refused(
                "A timestamp authority's certificate must be for timestamping alone, marked "
                "critical (RFC 3161 §2.3).",
                "Issue a timestamping certificate to the key.",
            )
        if not 0 < self.accuracy <= _MOST_ACCURACY:
            raise Refused("The accuracy is between 1 and 86,400 seconds.", "Choose another.")

    def respond(self, request: bytes) -> bytes:
        """Answer an encoded TimeStampReq with an encoded TimeStampResp.

        A request that cannot be met is answered with the reason, not with an exception.

        Raises:
            Refused: the authority's certificate is not valid now.
            botocore ClientError: the key refused.
        """
        try:
            asked = _read_request(request, self.policy)
        except _BadRequest as error:
            status = {
                "status": "rejection",
                "status_string": [str(error)],
                "fail_info": {error.failure},
            }
            return der.tlv(der.SEQUENCE, tsp.PKIStatusInfo(status).dump())
        moment = self.now().astimezone(UTC).replace(microsecond=0)
        info = {
            "version": "v1",
            "policy": self.policy,
            "message_imprint": asked["message_imprint"],
            "serial_number": secrets.randbits(_SERIAL_BITS) | 1 << _SERIAL_BITS,
            "gen_time": moment,
            "accuracy": {"seconds": self.accuracy},
        }
        if asked["nonce"].native is not None:
            info["nonce"] = asked["nonce"].native
        token = self._token(tsp.TSTInfo(info).dump(), moment, certificates=asked["cert_req"].native)
        return der.tlv(der.SEQUENCE, tsp.PKIStatusInfo({"status": "granted"}).dump(), token)

    def _token(self, info: bytes, moment: datetime, *, certificates: bool) -> bytes:
        signer = cms_signer(replace(self.signing, moment=moment), pss=self.pss)
        digest = signer.plan.digest.start()
        digest.update(info)
        made, _ = signer_info(self.kms, signer, digest.digest(), content_type=TST_INFO)
        return signed_data(
            [signer], [made], content=info, content_type=TST_INFO, certificates=certificates
        )


@dataclass(frozen=True, slots=True)
class FileTimestamp:
    """Timestamps of files by the vault's authority.

    Attributes:
        digest: of the file.
        policy: the policy it is stamped under.
        accuracy: in seconds.

    Raises:
        Refused: the digest is another.
    """

    name: ClassVar[str] = "timestamp"
    title: ClassVar[str] = "Timestamp"
    suffix: ClassVar[str] = ".tsr"
    standard: ClassVar[str] = "RFC 3161"
    traits: ClassVar[Traits] = Traits(
        "needed",
        digests=lambda _spec: _STAMPED,
        purpose=Purpose.TIME_STAMPING,
        proves="time",
    )
    specs: ClassVar[frozenset[str]] = _SPECS
    peer_limits: ClassVar[str] = (
        "OpenSSL's ts command cannot check timestamps with ML-DSA or Ed25519; choose an authority "
        "with an ECDSA or RSA key for it."
    )

    digest: str = "SHA-512"
    policy: str = OWN_POLICY
    accuracy: int = 1

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.digest not in _STAMPED:
            raise Refused(
                f"Timestamps have no digest {self.digest!r}.", f"Choose {' or '.join(_STAMPED)}."
            )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return a TimeStampResp over the content's digest; raises as `Format.sign`."""
        authority = TimestampAuthority(
            kms, signing, lambda: signing.moment, self.policy, self.accuracy
        )
        (imprint,) = content.digests([DIGESTS[self.digest].start()])
        request, _ = make_request(self.digest, imprint)
        return authority.respond(request)

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like a response with a token, or like a token."""
        return der.object_identifier(TST_INFO) in head[:200]

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a response or a token; raises as `Format.verify`."""
        found = Findings()
        try:
            stamp = read_stamp(signature)
        except Broken as error:
            found.broken("Timestamp", error)
            return found.verdict()
        found.ok("Timestamp", "It is a well-formed timestamp.", "RFC 3161 §2.4.2")
        if content is None:
            return content_missing(found, "RFC 3161 §2.4.2")
        (imprint,) = content.digests([DIGESTS[stamp.digest].start()])
        found.file_hash = imprint.hex()
        check_stamp(found, stamp, imprint, content.name, trust)
        verdict = found.verdict()
        if not verdict.valid:
            return verdict
        headline = (
            f"{content.name} existed at {stamp.moment:%Y-%m-%d %H:%M:%S} UTC, as {found.signer} "
            "attests. It is a timestamp and no signature."
        )
        return replace(verdict, headline=headline)


def make_request(digest: str, imprint: bytes) -> tuple[bytes, int]:
    """Return an encoded request for a timestamp with certificates, and its nonce.

    Args:
        digest: name of the digest.
        imprint: the digest of what is to be stamped.
    """
    nonce = secrets.randbits(64) | 1 << 64
    asked = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": DIGESTS[digest].oid},
            "hashed_message": imprint,
        },
        "nonce": nonce,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(asked).dump()), nonce


def is_authority(certificate: bytes) -> bool:
    """Return whether a certificate is for timestamping alone, marked critical (RFC 3161 §2.3)."""
    try:
        loaded = x509.load_der_x509_certificate(certificate)
        usage = loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (*UNREADABLE, x509.ExtensionNotFound):
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def token_of(response: bytes) -> bytes:
    """Return the token in a response, encoded.

    Raises:
        Broken: the response is malformed or brings a refusal.
    """
    try:
        whole = der.read(response, "The timestamp")
        check_der(whole)
        parts = der.children(whole, "The timestamp")
        status = tsp.PKIStatusInfo.load(bytes(parts[0].raw) if parts else b"", strict=True)
        granted = status["status"].native in _GRANTED
        said = "; ".join(str(one) for one in status["status_string"].native or ())
        if granted and len(parts) == 2:
            return bytes(parts[1].raw)
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Broken("This is not a timestamp.", "RFC 3161 §2.4.2") from error
    shown = "".join(c for c in said[:200] if c.isprintable())
    raise Broken(
        f"The authority refused the timestamp{': ' if shown else ''}{shown}.",
        "RFC 3161 §2.4.2",
        "Ask again, or another authority.",
    )


def read_stamp(data: bytes) -> Stamp:
    """Take a response or a token apart, strictly.

    Raises:
        Broken: with the section that is broken.
    """
    if len(data) > LARGEST_SIGNATURE:
        raise Broken("This is too large for a timestamp.", "RFC 3161 §2.4.2")
    try:
        parts = der.children(der.read(data, "The timestamp"), "The timestamp")
        token = data if parts and parts[0].tag == der.OID else token_of(data)
        parsed = read_signature(token, TST_INFO)
        if len(parsed.signers) != 1 or parsed.content is None:
            raise Broken("A timestamp has one signer and its content inside.", "RFC 3161 §2.4.2")
        check_der(der.read(parsed.content, "The timestamp's content"))
        info = tsp.TSTInfo.load(parsed.content, strict=True)
        return _stamp(info, parsed.signers[0], parsed.certificates, parsed.content)
    except der.Malformed as error:
        raise Broken(error.sentence, error.rule) from error
    except Unacceptable as error:
        raise Broken(error.sentence, error.rule) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Broken("The timestamp's content is malformed.", "RFC 3161 §2.4.2") from error


def _stamp(info: Any, signer: SignerInfo, certificates: tuple[bytes, ...], content: bytes) -> Stamp:
    running = DIGESTS[signer.digest].start()
    running.update(content)
    algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].dotted
    digest = DIGEST_BY_OID.get(algorithm)
    imprint = info["message_imprint"]["hashed_message"].native
    if digest is None or digest.name not in _STAMPED or len(imprint) != digest.size:
        raise Broken("The timestamp is over a digest that is weak or unknown.", "RFC 3161 §2.4.2")
    if info["version"].native != "v1" or info["extensions"].native:
        raise Broken("The timestamp has a version or extension that is unknown.", "RFC 3161 §2.4.2")
    moment = info["gen_time"].native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise Broken("The timestamp's time is not in UTC.", "RFC 3161 §2.4.2")
    return Stamp(
        signer=signer,
        certificates=certificates,
        digest=digest.name,
        imprint=imprint,
        moment=moment.astimezone(UTC),
        policy=info["policy"].dotted,
        serial=int(info["serial_number"].native),
        nonce=info["nonce"].native,
        sealed=hmac.compare_digest(running.digest(), signer.message_digest),
    )


def check_stamp(
    found: Findings, stamp: Stamp, imprint: bytes, what: str, trust: Trust, prefix: str = ""
) -> bool:
    """Check a timestamp and the authority behind it.

    Args:
        found: where the answers go; its `signing_time` is set.
        stamp: the timestamp.
        imprint: the digest that it must be over, by `stamp.digest`.
        what: what is stamped, for people.
        trust: whom to believe; the purpose is always timestamping.
        prefix: put before the names of the checks.

    Returns:
        Whether all of it is in order.
    """
    single = Findings()
    shown = f"{stamp.moment:%Y-%m-%d %H:%M:%S} UTC"
    single.judge(
        "Stamped content",
        f"The timestamp says that {what} existed at {shown}.",
        f"The timestamp is not over {what}.",
        "RFC 3161 §2.4.2",
        "Get the timestamp that belongs to it.",
        good=hmac.compare_digest(imprint, stamp.imprint),
    )
    signer = with_certificate(stamp.signer, (*trust.intermediates, *trust.roots))
    try:
        named = names_certificate(signer)
        older = named is None
        good = value_matches(signer) and bool(names_certificate_by_sha1(signer) if older else named)
    except Broken as error:
        single.broken("Timestamp signature", error)
        found.merge(single, prefix)
        return False
    assert signer.certificate is not None
    name = readable(signer.certificate.certificate.subject)
    single.signer, single.signing_time = name, stamp.moment
    single.judge(
        "Timestamp signature",
        f"The timestamp was signed by {name}.",
        f"The timestamp was not signed by {name}, or does not name its certificate.",
        "RFC 3161 §2.4.2, RFC 5816 §2.2",
        "Do not rely on the timestamp.",
        good=good and stamp.sealed,
    )
    if older and good:
        single.ok(
            "Timestamp certificate",
            "The timestamp names its certificate by SHA-1, as all did before RFC 5816; it is not "
            "signed with it.",
            "RFC 3161 §2.4.2, RFC 2634 §5.4",
        )
    single.judge(
        "Timestamp authority",
        "The certificate was issued for timestamping alone.",
        "The certificate was not issued for timestamping alone.",
        "RFC 3161 §2.3",
        "Do not rely on the timestamp.",
        good=is_authority(signer.certificate.der),
    )
    single.judge(
        "Timestamp time",
        "The authority's certificate was valid then, and the time has come.",
        "The timestamp is from a time when the authority's certificate was not valid, or from "
        "the future.",
        "RFC 3161 §2.4.2",
        "Check the computer's clock; else do not rely on the timestamp.",
        good=valid_at(signer.certificate.der, stamp.moment) and stamp.moment <= trust.moment,
    )
    check_chain(single, signer.certificate.der, stamp.certificates, trust, Purpose.TIME_STAMPING)
    found.merge(single, prefix)
    return single.sound


def _read_request(data: bytes, policy: str) -> Any:
    """Read a request, or say why it cannot be met."""
    try:
        check_der(der.read(data, "The request"))
        asked = tsp.TimeStampReq.load(data, strict=True)
        imprint = asked["message_imprint"]
        digest = DIGEST_BY_OID.get(imprint["hash_algorithm"]["algorithm"].dotted)
        version, length = asked["version"].native, len(imprint["hashed_message"].native)
        wanted = asked["req_policy"].native and asked["req_policy"].dotted
        extended = asked["extensions"].native
        _decoded_now = asked["nonce"].native, asked["cert_req"].native
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _BadRequest("bad_data_format", "The request is malformed.") from error
    if digest is None or digest.name not in _STAMPED:
        raise _BadRequest("bad_alg", "The digest is weak or unknown.")
    if version != "v1" or length != digest.size:
        raise _BadRequest("bad_data_format", "The digest has the wrong length.")
    if wanted and wanted != policy:
        raise _BadRequest("unaccepted_policy", "There is no such policy here.")
    if extended:
        raise _BadRequest("unaccepted_extensions", "No extensions are known here.")
    return asked
