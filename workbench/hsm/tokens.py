"""Wrapped tokens: the only form in which keys leave the module.

Owns what a token binds and how it is sealed: AES-256-GCM, with everything that names the token as
associated data in an unambiguous encoding. Must not know where tokens are kept.
"""

from dataclasses import dataclass, field

from workbench.base.errors import IntegrityError
from workbench.crypto import aead, kdf
from workbench.crypto.encoding import pack, unpack

_SENSITIVE = 1
_EXTRACTABLE = 2


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """What a token belongs to; associated data of its seal.

    Attributes:
        key_id: the KMS key.
        material_id: 64 hexadecimal digits, one of the key's materials.
        spec: AWS key spec.
    """

    key_id: str
    material_id: str
    spec: str


@dataclass(frozen=True, slots=True)
class KeyToken:
    """Key material wrapped under a domain key.

    Attributes:
        binding: what it belongs to.
        domain_key_id: the domain key that wraps it.
        wrapped: nonce, ciphertext and tag.
    """

    binding: KeyBinding
    domain_key_id: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DomainKeyToken:
    """A domain key wrapped under a key derived from the vault key."""

    domain_key_id: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the module enforces about a key; sealed together with the material.

    Attributes:
        usage: AWS key usage.
        sensitive: the material is never shown in the clear.
        extractable: the material may leave under another wrapping key.
    """

    usage: str
    sensitive: bool = True
    extractable: bool = False


def wrap_key(
    binding: KeyBinding,
    attributes: Attributes,
    material: bytes,
    domain_key_id: str,
    domain_key: bytes,
) -> KeyToken:
    """Seal material and attributes under a domain key."""
    flags = _SENSITIVE * attributes.sensitive | _EXTRACTABLE * attributes.extractable
    plaintext = pack(attributes.usage.encode(), bytes([flags]), material)
    aad = _key_aad(binding, domain_key_id)
    return KeyToken(binding, domain_key_id, aead.seal(domain_key, plaintext, aad))


def unwrap_key(token: KeyToken, domain_key: bytes) -> tuple[Attributes, bytes]:
    """Return attributes and material.

    Raises:
        IntegrityError: the token, or any name it is bound to, was changed.
    """
    what = f"The token of key {token.binding.key_id}"
    aad = _key_aad(token.binding, token.domain_key_id)
    plaintext = aead.open_sealed(domain_key, token.wrapped, aad, what)
    usage, flags, material = unpack(plaintext, 3, what)
    sensitive, extractable = bool(flags[0] & _SENSITIVE), bool(flags[0] & _EXTRACTABLE)
    return Attributes(usage.decode(), sensitive, extractable), material


def _key_aad(binding: KeyBinding, domain_key_id: str) -> bytes:
    names = (binding.key_id, binding.material_id, binding.spec, domain_key_id)
    return pack(b"key token 1", *(name.encode() for name in names))


def wrap_domain_key(domain_key_id: str, domain_key: bytes, wrapping_key: bytes) -> DomainKeyToken:
    """Seal a domain key."""
    aad = pack(b"domain key 1", domain_key_id.encode())
    return DomainKeyToken(domain_key_id, aead.seal(wrapping_key, domain_key, aad))


def unwrap_domain_key(token: DomainKeyToken, wrapping_key: bytes) -> bytes:
    """Return the domain key.

    Raises:
        IntegrityError: the token was changed or belongs to another vault key.
    """
    aad = pack(b"domain key 1", token.domain_key_id.encode())
    what = f"The domain key {token.domain_key_id}"
    return aead.open_sealed(wrapping_key, token.wrapped, aad, what)


def seal_slot(vault_key: bytes, secret: bytes, context: bytes) -> bytes:
    """Seal the vault key under a secret, for a key slot."""
    key = kdf.derive(secret, b"key slot", context)
    return aead.seal(key, vault_key, pack(b"key slot 1", context))


def open_slot(token: bytes, secret: bytes, context: bytes) -> bytes:
    """Return the vault key of a key slot.

    Raises:
        IntegrityError: wrong secret, wrong context or changed token; they cannot be told apart.
    """
    key = kdf.derive(secret, b"key slot", context)
    vault_key = aead.open_sealed(key, token, pack(b"key slot 1", context), "The key slot")
    if len(vault_key) != aead.KEY_BYTES:
        raise IntegrityError("The key slot holds no vault key.", "Use another key slot.")
    return vault_key
