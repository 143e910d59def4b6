"""Keys, signing inputs and damaging of bytes for the tests of signature formats."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.fakes.certificates import CODE, DAY, NOW, Made, make, new_key
from tests.fakes.kms_client import FakeKms
from workbench.pki.purposes import Purpose
from workbench.signing import der
from workbench.signing.formats.base import (
    BytesContent,
    Format,
    Signing,
    Trust,
    TrustedKey,
    signing_with,
)
from workbench.signing.formats.timestamp import TimestampAuthority
from workbench.signing.verify import Verdict, require

_MAKERS: dict[str, Callable[[], Any]] = {
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate,
}
ALL_KINDS = [kind for kind in _MAKERS if kind != "secp256k1"]


@cache
def key_of(kind: str) -> Any:
    """Return the one key of a kind that all tests share."""
    return _MAKERS[kind]()


def kms_for(kind: str) -> FakeKms:
    """Return a key service that holds the kind's key as `key`."""
    return FakeKms(key=key_of(kind))


def signing_for(kind: str, chain: tuple[bytes, ...] = ()) -> Signing:
    """Return what signs with the kind's key."""
    return signing_with(kms_for(kind), "key", NOW, chain)


def spki(key: Any) -> bytes:
    """Return a private key's SubjectPublicKeyInfo."""
    der: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der


def trusting(*kinds: str) -> Trust:
    """Return trust in the keys of some kinds."""
    return Trust(NOW, tuple(TrustedKey(f"Ann's {kind}", spki(key_of(kind))) for kind in kinds))


def sign(form: Format, kind: str, data: bytes, chain: tuple[bytes, ...] = ()) -> bytes:
    """Sign bytes with the kind's key."""
    return form.sign(kms_for(kind), signing_for(kind, chain), BytesContent(data))


def verify(form: Format, signature: bytes, data: bytes | None, trust: Trust) -> Verdict:
    """Check a signature over bytes, demands of the verifier included."""
    found = form.verify(signature, None if data is None else BytesContent(data), trust)
    return require(found, trust)


def flipped(data: bytes, places: Iterable[int] | None = None) -> Iterator[bytes]:
    """Yield copies with one bit of one byte changed, at every place or at those named."""
    for place in range(len(data)) if places is None else places:
        copy = bytearray(data)
        copy[place] ^= 1 << (place % 7)
        yield bytes(copy)


def cut(data: bytes, step: int = 1) -> Iterator[bytes]:
    """Yield beginnings of some bytes, the whole not among them."""
    for size in range(0, len(data), step):
        yield data[:size]


def refused_everywhere(form: Format, damaged: Iterable[bytes], data: bytes, trust: Trust) -> int:
    """Assert that every damaged signature leads to a verdict that is not valid; return how many."""
    count = 0
    for one in damaged:
        verdict = verify(form, one, data, trust)
        assert not verdict.valid, one
        assert verdict.headline
        assert all(check.rule or check.name == "Trusted key" or check.state != "failed"
                   for check in verdict.checks)  # fmt: skip
        count += 1
    return count


class Hierarchy:
    """A root, a subordinate, code signers of some kinds and a timestamp authority below it.

    Args:
        stamper: kind of the authority's key.
        ca: kind of the keys of the CAs.
    """

    def __init__(self, stamper: str = "P-256", ca: str = "P-256") -> None:
        self.root = make("Root", key=new_key(ca))
        self.sub = make("Sub", self.root, key=new_key(ca), ca=True)
        self.stamper = make(
            "Stamper", self.sub, key=key_of(stamper), ca=False, end=NOW + 900 * DAY,
            eku=(ExtendedKeyUsageOID.TIME_STAMPING,),
        )  # fmt: skip
        self._stamper = stamper
        self.trust = Trust(NOW, roots=(self.root.der,), purpose=Purpose.CODE_SIGNING)

    def leaf(self, kind: str) -> Made:
        """Return a code signer with the kind's key."""
        return make(f"Signer {kind}", self.sub, key=key_of(kind), ca=False, eku=(CODE,))

    def chain(self, kind: str) -> tuple[bytes, ...]:
        """Return a code signer's chain, made anew."""
        return self.leaf(kind).der, self.sub.der, self.root.der

    def stamping(self) -> Signing:
        """Return what the authority signs with."""
        return signing_for(self._stamper, (self.stamper.der, self.sub.der, self.root.der))

    def authority(self) -> TimestampAuthority:
        """Return the timestamp authority, its clock at the fixed date of the tests."""
        return TimestampAuthority(kms_for(self._stamper), self.stamping(), lambda: NOW)


def with_signers(
    signature: bytes, change: Callable[[list[list[bytes]]], list[list[bytes]]]
) -> bytes:
    """Return a CMS signature with its SignerInfos, as lists of their parts, changed."""

    def parts(raw: bytes) -> list[bytes]:
        return [bytes(one.raw) for one in der.children(der.read(raw, "It"), "It")]

    kind, wrapped = parts(signature)
    *rest, infos = parts(parts(wrapped)[0])
    changed = [
        der.tlv(der.SEQUENCE, *one) for one in change([parts(info) for info in parts(infos)])
    ]
    data = der.tlv(der.SEQUENCE, *rest, der.set_of(changed))
    return der.tlv(der.SEQUENCE, kind, der.tlv(0xA0, data))
