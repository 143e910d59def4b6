"""What every signature format offers, and what it is given.

Owns the protocol `Format`, the content to sign, whom to trust, and the collecting of checks into a
verdict. Must not know any one format.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Protocol, runtime_checkable

from workbench.base.errors import IntegrityError, Refused
from workbench.base.files import printable
from workbench.crypto.digests import Digest
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import Family
from workbench.pki.validate import Evidence, Purpose
from workbench.signing.hashing import Progress, Stop, hash_file, read_chunks, read_whole
from workbench.signing.verdict import Proof, Verdict

LARGEST_WHOLE: Final = 64 << 20
"""Most bytes of content that are held at once, where a format cannot take it in pieces."""

LARGEST_SIGNATURE: Final = 4 << 20
"""Most bytes that a signature without content is read to."""


class Broken(IntegrityError):
    """A signature breaks a rule of its format.

    Args:
        sentence: what is wrong.
        rule: standard and section.
        next_step: what to do.
    """

    def __init__(self, sentence: str, rule: str, next_step: str = "") -> None:
        super().__init__(sentence, next_step or "Get an undamaged copy of the signature.")
        self.rule = rule


class Content(Protocol):
    """What a signature is over, wherever it comes from."""

    @property
    def name(self) -> str:
        """Its name, safe to show."""

    def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
        """Read it once and return one digest for each that was begun."""

    def pieces(self) -> Iterator[bytes]:
        """Yield it in pieces, in constant memory."""

    def whole(self) -> bytes:
        """Return it whole; raises `Refused` over `LARGEST_WHOLE` bytes."""


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Content in memory.

    Attributes:
        data: the content.
        name: its name, for people.
    """

    data: bytes = field(repr=False)
    name: str = "the content"

    def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
        """Return one digest for each that was begun."""
        for digest in running:
            digest.update(self.data)
        return tuple(digest.digest() for digest in running)

    def pieces(self) -> Iterator[bytes]:
        """Yield the content."""
        yield self.data

    def whole(self) -> bytes:
        """Return the content."""
        return self.data


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file, read once by each call; raises what `workbench.signing.hashing` raises.

    Attributes:
        path: the file.
        follow: whether a symbolic link is followed.
        progress: told how many bytes were read so far.
        stop: asked between chunks.
    """

    path: Path
    follow: bool = True
    progress: Progress | None = None
    stop: Stop | None = None

    @property
    def name(self) -> str:
        """The file's name, quoted and escaped."""
        return printable(self.path.name)

    def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
        """Read the file once and return one digest for each that was begun."""
        done = hash_file(
            self.path, running, follow=self.follow, stop=self.stop, progress=self.progress
        )
        return done.digests

    def pieces(self) -> Iterator[bytes]:
        """Yield the file in chunks; a change while reading is an error at the end."""
        return read_chunks(self.path, follow=self.follow, stop=self.stop, progress=self.progress)

    def whole(self) -> bytes:
        """Return the file; raises `Refused` over `LARGEST_WHOLE` bytes."""
        data = read_whole(self.path, LARGEST_WHOLE, follow=self.follow)
        if data is None:
            raise Refused(
                f"{self.name} is larger than the {LARGEST_WHOLE >> 20} MiB that can be put inside "
                "a signature.",
                "Choose a detached signature.",
            )
        return data


@dataclass(frozen=True, slots=True)
class Signing:
    """With which key, as whom and when: what a recipe says about one signature.

    Attributes:
        key_id: the KMS key's id, ARN or alias.
        public_key: its public half (SubjectPublicKeyInfo, DER).
        moment: the signing time, timezone-aware; from `base.clock`.
        chain: certificates in DER, the signer's own first; empty where a format has none.
    """

    key_id: str
    public_key: bytes = field(repr=False)
    moment: datetime
    chain: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def spec(self) -> str:
        """The AWS key spec; raises `Refused` for a key AWS KMS has not."""
        return spec_of(public_from_der(self.public_key))


def signing_with(kms: Any, key_id: str, moment: datetime, chain: tuple[bytes, ...] = ()) -> Signing:
    """Ask the key service for the public key and return what to sign with.

    Raises:
        botocore ClientError: the key service refused.
    """
    public = bytes(kms.get_public_key(KeyId=key_id)["PublicKey"])
    return Signing(key_id, public, moment, chain)


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key that somebody vouches for.

    Attributes:
        name: whose it is, for people.
        public_key: SubjectPublicKeyInfo, DER.
        starts: from when on it is trusted; always when None.
        ends: until when.
        namespaces: patterns of what OpenSSH signatures it is trusted for; it then is for no other
            format. Empty where it is not restricted.
    """

    name: str
    public_key: bytes = field(repr=False)
    starts: datetime | None = None
    ends: datetime | None = None
    namespaces: tuple[str, ...] = ()

    def refusal(self, moment: datetime, namespace: str = "") -> str:
        """Return why it is not trusted, or nothing.

        Args:
            moment: when.
            namespace: what an OpenSSH signature is for; empty for other formats.
        """
        if self.starts is not None and moment < self.starts:
            return f"is trusted only from {self.starts:%Y-%m-%d %H:%M} UTC on"
        if self.ends is not None and moment >= self.ends:
            return f"was trusted only until {self.ends:%Y-%m-%d %H:%M} UTC"
        if self.namespaces and not _matches(namespace, self.namespaces):
            return f"is trusted only for the OpenSSH namespace {', '.join(self.namespaces)}"
        return ""


def _matches(text: str, patterns: Sequence[str]) -> bool:
    """Match OpenSSH's pattern list: `*`, `?`, and `!` before what is not meant (ssh_config(5))."""
    if any(_pattern(one[1:]).fullmatch(text) for one in patterns if one.startswith("!")):
        return False
    return any(_pattern(one).fullmatch(text) for one in patterns if not one.startswith("!"))


def _pattern(pattern: str) -> re.Pattern[str]:
    kinds = {"*": ".*", "?": "."}
    return re.compile("".join(kinds.get(one) or re.escape(one) for one in pattern), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Demand:
    """What signatures of one format must be for, which only the verifier can know.

    Attributes:
        form: the format's name; signatures in others are not asked.
        option: which of its `Traits.demands`.
        value: what it must be.
    """

    form: str
    option: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe, at which moment, and what is demanded beside that.

    Attributes:
        moment: when certificates and claims must be valid, timezone-aware.
        keys: trusted public keys, for formats without certificates.
        roots: trusted root certificates, DER.
        intermediates: further certificates that may link a chain, DER.
        purpose: what a signer's certificate must be meant for; None where the format has its usual.
        stamps: whether a timestamp alone is an answer, which says when a file existed and not that
            anybody signed it; authorities stamp whatever they are sent.
        required: kinds of key that must each have signed; a signature says nothing about others
            that were stripped from it, so a “both required” has to come from outside.
        evidence: revocation lists, OCSP answers and what the vault's own CAs recorded.
        at_signing_time: whether a signer's certificates are judged at the time the signer claims,
            where there is such a claim and no timestamp.
        demands: what signatures of a format must be for, once the format is found.
    """

    moment: datetime
    keys: tuple[TrustedKey, ...] = ()
    roots: tuple[bytes, ...] = field(default=(), repr=False)
    intermediates: tuple[bytes, ...] = field(default=(), repr=False)
    purpose: Purpose | None = Purpose.ANY
    stamps: bool = False
    required: tuple[Family, ...] = ()
    evidence: Evidence = field(default=Evidence(), repr=False)
    at_signing_time: bool = False
    demands: tuple[Demand, ...] = ()

    def usable(self) -> tuple[TrustedKey, ...]:
        """Return the keys that are trusted at the moment, for other formats than OpenSSH's."""
        return tuple(key for key in self.keys if not key.refusal(self.moment))

    def holder(self, public_key: bytes, namespace: str = "") -> tuple[str | None, str]:
        """Return who holds a public key, or None if nobody vouches for it now; and why not.

        Args:
            public_key: SubjectPublicKeyInfo, DER.
            namespace: what an OpenSSH signature is for; empty for other formats.
        """
        why = ""
        for key in self.keys:
            if not hmac.compare_digest(key.public_key, public_key):
                continue
            refused = key.refusal(self.moment, namespace)
            if not refused:
                return key.name, ""
            why = why or f"the key of {key.name}, which {refused}"
        return None, why


def _no_choice(_spec: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Traits:
    """What a format can do and what it needs, beside its own choices.

    Attributes:
        certificate: whether a signature in it needs the signer's certificate, puts it in where
            there is one, or has no place for it.
        most_signers: how many keys can sign together; more than one asks for `SeveralSigners`.
        stamps: whether it takes timestamps of signature values; it then has a field `timestamper`.
        embeds: whether what is written is the document itself, signed, and not a file beside it.
        encloses: whether a signature holds all that it is over in a form of its own, so that no
            file belongs beside it.
        digests: which digests of the content a key of a spec may be used with, the usual first;
            empty where there is nothing to choose.
        hashed: name of the digest it reads the content with, where that is always the same.
        purpose: what a signer's certificate is to be meant for, unless the verifier says.
        proves: whether it shows that somebody signed, or only at what time something was there.
        demands: which of its choices a verifier demands as well.
        takes: the only kind of content that it is over, for people; empty where it takes any.
        several_limits: a sentence to show before signing with several keys, where usual programs
            accept one signer only; else empty.
    """

    certificate: Literal["needed", "used", "none"] = "none"
    most_signers: int = 1
    stamps: bool = False
    embeds: bool = False
    encloses: bool = False
    digests: Callable[[str], tuple[str, ...]] = _no_choice
    hashed: str = ""
    purpose: Purpose = Purpose.DOCUMENT_SIGNING
    proves: Proof = "signature"
    demands: tuple[str, ...] = ()
    takes: str = ""
    several_limits: str = ""

    @property
    def alone(self) -> bool:
        """Whether a signature speaks of nothing outside it, so that no other file goes with it."""
        return self.embeds or self.encloses


class Format(Protocol):
    """A signature format with its choices, which are the fields of the implementing dataclass.

    Attributes:
        name: short and stable, for recipes.
        title: for people.
        suffix: what is added to the file's name.
        standard: where the format is defined.
        specs: AWS key specs that can sign in it.
        peer_limits: a sentence to show before signing with ML-DSA, where the usual programs for
            this format cannot check that yet; else empty.
        traits: what it can do and what it needs.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    suffix: ClassVar[str]
    standard: ClassVar[str]
    specs: ClassVar[frozenset[str]]
    peer_limits: ClassVar[str]
    traits: ClassVar[Traits]

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature file.

        Raises:
            Refused: the key or a choice does not go with the format.
            EnvironmentFault: the content cannot be read.
            botocore ClientError: the key refused.
        """

    def sniff(self, head: bytes) -> bool:
        """Whether something that begins with these bytes is in this format."""

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a signature; hostile bytes lead to a verdict, not to an exception.

        Raises:
            EnvironmentFault: the content cannot be read.
        """


@runtime_checkable
class SeveralSigners(Protocol):
    """A format in which several keys sign together."""

    def sign_all(self, kms: Any, signings: Sequence[Signing], content: Content, /) -> bytes:
        """Return one signature file by several keys; raises as `Format.sign`."""


@runtime_checkable
class Particular(Protocol):
    """A format with rules about keys that its traits cannot say."""

    def check(self, specs: Sequence[str], /) -> None:
        """Raise `Refused`, with the rule, if keys of these specs cannot sign with its choices."""


ALL_SPECS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ECC_NIST_P256": "P-256",
        "ECC_NIST_P384": "P-384",
        "ECC_NIST_P521": "P-521",
        "ECC_SECG_P256K1": "secp256k1",
        "ECC_NIST_EDWARDS25519": "Ed25519",
        "RSA_2048": "RSA 2048",
        "RSA_3072": "RSA 3072",
        "RSA_4096": "RSA 4096",
        "ML_DSA_44": "ML-DSA-44",
        "ML_DSA_65": "ML-DSA-65",
        "ML_DSA_87": "ML-DSA-87",
    }
)
"""Key specs that formats choose from, and their names for people."""


def require_spec(title: str, specs: frozenset[str], spec: str) -> None:
    """Refuse a key that cannot sign in a format.

    Raises:
        Refused: with the keys that can.
    """
    if spec in specs:
        return
    fitting = [name for key, name in ALL_SPECS.items() if key in specs]
    raise Refused(
        f"{title} has no signature algorithm for a key of spec {spec}.",
        f"Choose a key of one of these kinds: {', '.join(fitting)}.",
    )
