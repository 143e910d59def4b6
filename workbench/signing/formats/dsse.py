"""DSSE envelopes, and in-toto statements about files in them.

Owns the envelope and its pre-authentication encoding (DSSE 1.0, protocol and envelope) and the
statement (in-toto attestation, Statement v1). Must not know what predicates mean.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing.formats.base import (
    Broken,
    BytesContent,
    Content,
    Signing,
    Traits,
    Trust,
    TrustedKey,
    require_spec,
)
from workbench.signing.formats.findings import Findings, check_signature
from workbench.signing.formats.jose import compact_json, strict_json
from workbench.signing.formats.keys import matches, sign_message
from workbench.signing.verdict import Verdict

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
IN_TOTO: Final = "application/vnd.in-toto+json"
_LARGEST: Final = 96 << 20
_MOST: Final = 16
_MOST_SUBJECTS: Final = 100_000
_DSSE: Final = "DSSE envelope §2"
_PAE: Final = "DSSE protocol §2.2"
_STATEMENT: Final = "in-toto Statement v1"
_TYPE: Final = re.compile(r"[\x21-\x7e]{1,200}")
KMS_ALGORITHMS: Final = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
    "RSA_2048": "RSASSA_PSS_SHA_256",
    "RSA_3072": "RSASSA_PSS_SHA_256",
    "RSA_4096": "RSASSA_PSS_SHA_256",
    "ML_DSA_44": "ML_DSA_SHAKE_256",
    "ML_DSA_65": "ML_DSA_SHAKE_256",
    "ML_DSA_87": "ML_DSA_SHAKE_256",
}
"""What AWS calls the algorithm that a key of a spec signs with."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope taken apart.

    Attributes:
        payload: what is signed.
        kind: its media type.
        signatures: key id and signature value of each.
    """

    payload: bytes = field(repr=False)
    kind: str
    signatures: tuple[tuple[str, bytes], ...] = field(repr=False)

    @property
    def encoded(self) -> bytes:
        """The pre-authentication encoding, which is signed."""
        return pae(self.kind, self.payload)


@dataclass(frozen=True, slots=True)
class Dsse:
    """DSSE envelopes around a file.

    Attributes:
        payload_type: the file's media type, which is signed with it.
        tuf_digest: with ML-DSA keys, sign a digest as The Update Framework's library does, instead
            of the encoding itself as DSSE says; both are accepted back.

    Raises:
        Refused: the media type is none.
    """

    name: ClassVar[str] = "dsse"
    title: ClassVar[str] = "DSSE envelope"
    suffix: ClassVar[str] = ".dsse.json"
    standard: ClassVar[str] = "DSSE 1.0"
    traits: ClassVar[Traits] = Traits(most_signers=16)
    specs: ClassVar[frozenset[str]] = frozenset(KMS_ALGORITHMS)
    peer_limits: ClassVar[str] = (
        "DSSE programs with ML-DSA are few, and securesystemslib signs a digest with it that DSSE "
        "does not speak of; choose “tuf_digest” for that, or add a signature by an ECDSA key."
    )

    payload_type: str = "application/octet-stream"
    tuf_digest: bool = False

    def __post_init__(self) -> None:
        """Check the choices."""
        if _TYPE.fullmatch(self.payload_type) is None:
            raise Refused("A DSSE envelope needs a media type.", "Use application/octet-stream.")

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the envelope with the content inside; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signers: Sequence[Signing], content: Content) -> bytes:
        """Return an envelope with a signature by each of several keys."""
        return seal(kms, signers, content.whole(), self.payload_type, tuf_digest=self.tuf_digest)

    def sniff(self, head: bytes) -> bool:
        """Whether it is JSON with a payload and its type."""
        return head.lstrip(b" \t\r\n").startswith(b"{") and b'"payloadType"' in head

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check the envelope; raises as `Format.verify`."""
        found = Findings()
        envelope = check_envelope(found, signature, trust)
        if envelope is not None and content is not None:
            (digest,) = content.digests([hashlib.sha256()])
            found.file_hash, found.digest = digest.hex(), "SHA-256"
            found.judge(
                "Content",
                f"The content of the envelope is {content.name}.",
                f"The content of the envelope is not {content.name}.",
                _DSSE,
                "Get the file that was signed.",
                good=hmac.compare_digest(digest, hashlib.sha256(envelope.payload).digest()),
            )
        return found.verdict()


@dataclass(frozen=True, slots=True)
class InToto:
    """In-toto statements about one file, in a DSSE envelope.

    Attributes:
        predicate_type: URI that says what the predicate means.
        predicate: the predicate, a JSON object.
        subject: the file's name in the statement; empty takes the file's own.
        tuf_digest: as in `Dsse`.

    Raises:
        Refused: the predicate is no JSON object, or its type no URI.
    """

    name: ClassVar[str] = "in-toto"
    title: ClassVar[str] = "in-toto statement"
    suffix: ClassVar[str] = ".intoto.jsonl"
    standard: ClassVar[str] = _STATEMENT
    traits: ClassVar[Traits] = Traits(most_signers=16, hashed="SHA-256")
    specs: ClassVar[frozenset[str]] = frozenset(KMS_ALGORITHMS)
    peer_limits: ClassVar[str] = Dsse.peer_limits

    predicate_type: str = "https://in-toto.io/attestation/release/v0.1"
    predicate: str = "{}"
    subject: str = ""
    tuf_digest: bool = False

    def __post_init__(self) -> None:
        """Check the choices."""
        if not self.predicate_type.isprintable() or ":" not in self.predicate_type:
            raise Refused("A predicate type is a URI.", "Give the URI of the predicate's kind.")
        try:
            strict_json(self.predicate.encode("utf-8", "replace"), "The predicate")
        except Broken as error:
            raise Refused(error.message, "Give the predicate as a JSON object.") from error

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the envelope on one line; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signers: Sequence[Signing], content: Content) -> bytes:
        """Return an envelope with a signature by each of several keys."""
        digests = content.digests([hashlib.sha256(), hashlib.sha512()])
        named = zip(("sha256", "sha512"), digests, strict=True)
        statement = {
            "_type": STATEMENT_TYPE,
            "subject": [
                {
                    "name": self.subject or content.name.strip("“”"),
                    "digest": {name: digest.hex() for name, digest in named},
                }
            ],
            "predicateType": self.predicate_type,
            "predicate": strict_json(self.predicate.encode(), "The predicate"),
        }
        return seal(kms, signers, compact_json(statement), IN_TOTO, tuf_digest=self.tuf_digest)

    def sniff(self, head: bytes) -> bool:
        """Whether it is an envelope around a statement."""
        return Dsse().sniff(head) and f'"{IN_TOTO}"'.encode() in head

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check envelope and statement; raises as `Format.verify`."""
        found = Findings()
        envelope = check_envelope(found, signature, trust)
        if envelope is None:
            return found.verdict()
        try:
            subjects = read_statement(envelope)
        except Broken as error:
            found.broken("Statement", error)
            return found.verdict()
        found.ok("Statement", f"It is a statement about {len(subjects)} files.", _STATEMENT)
        if content is None:
            found.need("file", subjects[0][0])
            found.failed(
                "Subject",
                f"The statement is about {printable(subjects[0][0])}: that file is needed too.",
                _STATEMENT,
                "Drop that file.",
            )
            return found.verdict()
        _check_subject(found, subjects, content)
        return found.verdict()


def pae(kind: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding of a payload of a media type."""
    name = kind.encode()
    return b" ".join((b"DSSEv1", b"%d" % len(name), name, b"%d" % len(payload), payload))


def key_id(public_key: bytes) -> str:
    """Return the key id that the workbench gives a key: the SHA-256 digest of its encoding."""
    return hashlib.sha256(public_key).hexdigest()


def seal(
    kms: Any, signers: Sequence[Signing], payload: bytes, kind: str, *, tuf_digest: bool = False
) -> bytes:
    """Return an envelope around a payload, on one line.

    Raises:
        Refused: there is no signer, or a key that DSSE has no algorithm for.
        botocore ClientError: a key refused.
    """
    if not signers:
        raise Refused("An envelope needs a signer.", "Choose a key.")
    encoded = pae(kind, payload)
    signatures = []
    for signing in signers:
        spec = signing.spec
        require_spec(Dsse.title, Dsse.specs, spec)
        hashed = tuf_digest and KEY_SPECS[spec].family is Family.ML_DSA
        message = _tuf(encoded) if hashed else encoded
        value = sign_message(kms, signing, KMS_ALGORITHMS[spec], message)
        signatures.append(
            {"keyid": key_id(signing.public_key), "sig": base64.b64encode(value).decode()}
        )
    text = base64.b64encode(payload).decode()
    return compact_json({"payloadType": kind, "payload": text, "signatures": signatures}) + b"\n"


def check_envelope(found: Findings, data: bytes, trust: Trust) -> Envelope | None:
    """Check every signature of an envelope.

    Args:
        found: where the answers go.
        data: the envelope.
        trust: whom to believe.

    Returns:
        The envelope, or None where it is malformed.
    """
    try:
        envelope = read_envelope(data)
    except Broken as error:
        found.broken("Signature file", error)
        return None
    found.ok("Signature file", "It is a well-formed DSSE envelope.", _DSSE)
    inside = BytesContent(envelope.payload, "the content of the envelope")
    holders = []
    several = len(envelope.signatures) > 1
    for number, (_, value) in enumerate(envelope.signatures, start=1):
        holder = _holder(envelope, value, trust)
        single = Findings()
        check_signature(single, inside, _PAE, good=holder is not None)
        if holder is None and not trust.usable():
            found.need("key", "the signer's public key")
        if holder is not None:
            single.signer = holder.name
            single.ok("Trusted key", f"The key belongs to {holder.name}.")
            family = KEY_SPECS[spec_of(public_from_der(holder.public_key))].family
            single.algorithm = str(family)
            single.families.add(family)
            holders.append(holder.public_key)
        found.take(single, f"Signature {number}: " if several else "")
    if len(set(holders)) != len(holders):
        found.failed(
            "Signers", "Two of the signatures are by the same key.", _DSSE,
            "Get the envelope with a signature by each signer.",
        )  # fmt: skip
    return envelope


def _holder(envelope: Envelope, value: bytes, trust: Trust) -> TrustedKey | None:
    """Return the trusted key that made a signature; key ids are hints and prove nothing."""
    for key in trust.usable():
        try:
            spec = spec_of(public_from_der(key.public_key))
        except Refused:
            continue
        if spec not in KMS_ALGORITHMS:
            continue
        messages = [envelope.encoded]
        if KEY_SPECS[spec].family is Family.ML_DSA:
            messages.append(_tuf(envelope.encoded))
        if any(
            matches(key.public_key, KMS_ALGORITHMS[spec], message, value) for message in messages
        ):
            return key
    return None


def read_envelope(data: bytes) -> Envelope:
    """Take an envelope apart, strictly.

    Raises:
        Broken: with what is broken.
    """
    if len(data) > _LARGEST:
        raise Broken("This is too large for a DSSE envelope.", _DSSE)
    members = strict_json(data.strip(b" \t\r\n"), "The envelope")
    kind, listed = members.get("payloadType"), members.get("signatures")
    if not isinstance(kind, str) or _TYPE.fullmatch(kind) is None:
        raise Broken("The envelope does not say what is inside.", _DSSE)
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST:
        raise Broken(f"The envelope must have between 1 and {_MOST} signatures.", _DSSE)
    signatures = []
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("keyid", ""), str):
            raise Broken("A signature of the envelope is malformed.", _DSSE)
        signatures.append((one.get("keyid", ""), _decoded(one.get("sig"))))
    return Envelope(_decoded(members.get("payload")), kind, tuple(signatures))


def read_statement(envelope: Envelope) -> list[tuple[str, dict[str, str]]]:
    """Return name and digests of every subject of an in-toto statement.

    Raises:
        Broken: it is no statement.
    """
    if envelope.kind != IN_TOTO:
        raise Broken("The envelope holds no in-toto statement.", _STATEMENT)
    members = strict_json(envelope.payload, "The statement")
    subjects = members.get("subject")
    if (
        members.get("_type") != STATEMENT_TYPE
        or not isinstance(members.get("predicateType"), str)
        or not isinstance(members.get("predicate", {}), dict)
        or not isinstance(subjects, list)
        or not 0 < len(subjects) <= _MOST_SUBJECTS
    ):
        raise Broken("The statement lacks its type, subjects or predicate.", _STATEMENT)
    found = []
    for one in subjects:
        digests = one.get("digest") if isinstance(one, dict) else None
        if not isinstance(digests, dict) or not digests or not _texts(digests):
            raise Broken("A subject of the statement has no digest.", _STATEMENT)
        name = one.get("name", "")
        if not isinstance(name, str):
            raise Broken("A subject of the statement has a name that is none.", _STATEMENT)
        found.append((name, digests))
    return found


def _check_subject(
    found: Findings, subjects: list[tuple[str, dict[str, str]]], content: Content
) -> None:
    names = ("sha256", "sha384", "sha512")
    digests = content.digests([hashlib.new(name) for name in names])
    ours = {name: digest.hex() for name, digest in zip(names, digests, strict=True)}
    found.file_hash, found.digest = ours["sha256"], "SHA-256"
    # Every digest that both sides know must be the same, and there must be one.
    good = any(
        (known := [name for name in names if name in stated])
        and all(hmac.compare_digest(ours[name], stated[name].lower()) for name in known)
        for _, stated in subjects
        if all(text.isascii() for text in stated.values())
    )
    found.judge(
        "Subject",
        f"The statement is about {content.name}.",
        f"The statement is not about {content.name}: none of its subjects has that digest.",
        _STATEMENT,
        "Get the file that the statement is about.",
        good=good,
    )


def _texts(members: dict[str, Any]) -> bool:
    return all(isinstance(value, str) for value in members.values())


def _decoded(text: object) -> bytes:
    """Read base64, standard or URL-safe, as DSSE allows, but of one meaning."""
    if not isinstance(text, str):
        raise Broken("A part of the envelope is missing.", _DSSE)
    plain = text.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Broken("A part of the envelope is not base64.", _DSSE) from error
    if base64.b64encode(data).decode() != plain:
        raise Broken("A part of the envelope is base64 of a second meaning.", "RFC 4648 §3.5")
    return data


def _tuf(encoded: bytes) -> bytes:
    """Return what securesystemslib has ML-DSA sign: a prefix, a version and SHA-512."""
    return b"tuf\x01" + hashlib.sha512(encoded).digest()
