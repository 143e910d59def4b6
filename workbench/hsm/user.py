"""The user: making, importing and using keys by their tokens.

Owns the services of that role. Must not know AWS requests, policies, size limits or key states;
`workbench.kms` has decided those before it comes here.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from workbench.base.errors import Refused
from workbench.crypto import agreement, encryption, kem, keys, keywrap, mac, signatures
from workbench.crypto.encoding import pack
from workbench.crypto.keywrap import UnwrapError
from workbench.crypto.table import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    SIGN_VERIFY,
    Family,
    KeySpec,
)
from workbench.hsm.blob import blob_material_id
from workbench.hsm.data_pairs import Holder, PairServices, SealedPair
from workbench.hsm.handles import UNWRAP_MATERIAL, Handle
from workbench.hsm.loading import SYMMETRIC, seal, unseal
from workbench.hsm.states import Service
from workbench.hsm.tokens import Attributes, KeyBinding, KeyToken, unwrap_key, wrap_key

__all__ = [
    "Attributes",
    "Generated",
    "Holder",
    "KeyBinding",
    "KeyToken",
    "SealedPair",
    "UnwrapError",
    "User",
    "blob_material_id",
]

_MATERIAL_ID: Final = b"material id"
_REPRODUCIBLE: Final = b"material id that is the same in every module"


@dataclass(frozen=True, slots=True)
class Generated:
    """A new key.

    Attributes:
        token: its wrapped material.
        public_key: SubjectPublicKeyInfo in DER of a pair, else None.
    """

    token: KeyToken
    public_key: bytes | None


class User(PairServices):
    """A user session. Made by `Module.user`.

    Every method raises `Refused` in a state that does not allow its service or for a key whose
    usage is another, `Locked` when the session has ended or no domain key is loaded, and
    `IntegrityError` when a token was changed.
    """

    def generate(self, key_id: str, spec: str, usage: str) -> Generated:
        """Make a key and test a pair for consistency before it is given out.

        Args:
            key_id: the KMS key it is for.
            spec: AWS key spec.
            usage: AWS key usage.

        Raises:
            Refused: no such spec or usage, or the installed library cannot do it.
            IntegrityError: the pair failed its test; the module is in its error state.
        """
        self._admit(Service.GENERATE)
        known = _spec(spec, usage)
        if not known.asymmetric:
            return self._wrap(key_id, known, usage, secrets.token_bytes(known.bits // 8), None)
        return self._wrap_pair(key_id, known, usage, keys.generate(known))

    def import_material(
        self, key_id: str, spec: str, usage: str, material: bytes, *, reproducible: bool = False
    ) -> Generated:
        """Take in key material from outside.

        Args:
            key_id: the KMS key it is for.
            spec: AWS key spec.
            usage: AWS key usage.
            material: the raw key of a symmetric or HMAC key, else PKCS#8 in DER (ML-DSA and
                ML-KEM in seed form).
            reproducible: whether the material's id follows from key id and material alone, so
                that a throw-away vault opens ciphertexts of another with the same key. Whoever
                guesses such material can confirm the guess: not for keys that keep secrets.

        Raises:
            Refused: no such spec or usage, or material of another kind or length.
            IntegrityError: the pair failed its test; the module is in its error state.
        """
        self._admit(Service.IMPORT_MATERIAL)
        id_key = _REPRODUCIBLE if reproducible else None
        return self._take_in(key_id, _spec(spec, usage), usage, material, id_key)

    def generate_wrapping(self, key_id: str, wrapping_id: str, spec: str) -> Generated:
        """Make an RSA pair under which key material for one key may come in.

        Args:
            key_id: the KMS key the material is for.
            wrapping_id: the pair's own id; it takes the place of the material id.
            spec: `RSA_2048`, `RSA_3072` or `RSA_4096`.

        Raises:
            Refused: not an RSA spec.
            IntegrityError: the pair failed its test; the module is in its error state.
        """
        self._admit(Service.GENERATE_WRAPPING)
        known = _spec(spec, ENCRYPT_DECRYPT)
        if known.family is not Family.RSA:
            raise Refused(f"{spec} is not a wrapping key.", "Choose an RSA key spec.")
        private = keys.generate(known)
        self._test_pair(known, ENCRYPT_DECRYPT, private)
        token = wrap_key(
            KeyBinding(key_id, wrapping_id, spec),
            Attributes(UNWRAP_MATERIAL),
            keys.private_to_der(private),
            *self._core.domain_keys.wrapping(),
        )
        return Generated(token, keys.public_to_der(private.public_key()))

    def import_wrapped(
        self,
        key_id: str,
        spec: str,
        usage: str,
        wrapping: KeyToken,
        algorithm: str,
        encrypted: bytes,
    ) -> Generated:
        """Unwrap key material inside the module and take it in.

        Args:
            key_id: the KMS key it is for.
            spec: AWS key spec.
            usage: AWS key usage.
            wrapping: the pair that `generate_wrapping` made for this key.
            algorithm: AWS wrapping algorithm.
            encrypted: the wrapped material; see `import_material` for what it must be.

        Raises:
            UnwrapError: it does not unwrap; why is not told.
            Refused: no such spec, usage or algorithm, material of another kind or length, or
                `wrapping` is no wrapping key or another key's.
            IntegrityError: a token was changed, or the pair failed its test and the module is in
                its error state.
        """
        self._admit(Service.IMPORT_WRAPPED)
        known = _spec(spec, usage)
        # Used once: not worth a place among the loaded keys.
        opened = unwrap_key(wrapping, self._core.domain_keys.unwrapping(wrapping))
        handle = Handle(wrapping, *opened)
        handle.require(UNWRAP_MATERIAL, algorithm)
        if wrapping.binding.key_id != key_id:
            raise Refused(
                f"The wrapping key was not made for the key {key_id}.",
                "Get import parameters for this key.",
            )
        assert isinstance(handle.private, rsa.RSAPrivateKey)
        return self._take_in(
            key_id, known, usage, keywrap.unwrap(handle.private, algorithm, encrypted)
        )

    def sign(self, token: KeyToken, algorithm: str, message: bytes, message_type: str) -> bytes:
        """Return a signature in AWS KMS's form: DER for ECDSA (RFC 3279 §2.2.3), else raw.

        ML-DSA is hedged (FIPS 204 §3.4) and has an empty context.

        Args:
            token: a key for SIGN_VERIFY.
            algorithm: AWS signing algorithm.
            message: the message, its digest, or mu.
            message_type: `RAW`, `DIGEST` or `EXTERNAL_MU`.

        Raises:
            Refused: the key does not do that, or a digest or mu has the wrong length.
        """
        return self._load(token, Service.SIGN).signer(algorithm, message_type)(message)

    def verify(
        self,
        token_or_public: KeyToken | bytes,
        algorithm: str,
        message: bytes,
        message_type: str,
        signature: bytes,
    ) -> bool:
        """Return whether a signature is valid, under a key or a SubjectPublicKeyInfo.

        Raises:
            Refused: the key does not do that, or a digest or mu has the wrong length.
        """
        if isinstance(token_or_public, KeyToken):
            handle = self._use(token_or_public, Service.VERIFY, SIGN_VERIFY, algorithm)
            public = handle.public
        else:
            self._admit(Service.VERIFY)
            public = keys.public_from_der(token_or_public)
        return signatures.verify(public, algorithm, message, message_type, signature)

    def encrypt(self, token: KeyToken, plaintext: bytes, aad: bytes) -> bytes:
        """Return a ciphertext in the layout of `workbench.hsm.blob`.

        AES-256-GCM under a key made for this request alone: SP 800-108r1 counter mode over a
        random 16-byte nonce. The header with the material id is authenticated before `aad`.

        Args:
            token: a symmetric key.
            plaintext: what to encrypt.
            aad: the encoded encryption context.
        """
        return seal(self._use(token, Service.ENCRYPT, ENCRYPT_DECRYPT, SYMMETRIC), plaintext, aad)

    def decrypt(self, token: KeyToken, blob: bytes, aad: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            IntegrityError: malformed, changed, of another key, or with another context.
        """
        return unseal(self._use(token, Service.DECRYPT, ENCRYPT_DECRYPT, SYMMETRIC), blob, aad)

    def rsa_encrypt(self, token: KeyToken, algorithm: str, plaintext: bytes) -> bytes:
        """Return the RSAES-OAEP ciphertext.

        Raises:
            Refused: the plaintext is longer than key and algorithm allow.
        """
        handle = self._use(token, Service.RSA_ENCRYPT, ENCRYPT_DECRYPT, algorithm)
        _require_rsa(handle)
        assert isinstance(handle.public, rsa.RSAPublicKey)
        return encryption.encrypt(handle.public, algorithm, plaintext)

    def rsa_decrypt(self, token: KeyToken, algorithm: str, ciphertext: bytes) -> bytes:
        """Return the plaintext of an RSAES-OAEP ciphertext.

        Raises:
            IntegrityError: it does not decrypt under this key and algorithm.
        """
        handle = self._use(token, Service.RSA_DECRYPT, ENCRYPT_DECRYPT, algorithm)
        _require_rsa(handle)
        assert isinstance(handle.private, rsa.RSAPrivateKey)
        return encryption.decrypt(handle.private, algorithm, ciphertext)

    def mac(self, token: KeyToken, algorithm: str, message: bytes) -> bytes:
        """Return the HMAC of a message."""
        handle = self._use(token, Service.MAC, GENERATE_VERIFY_MAC, algorithm)
        return mac.compute(handle.secret, algorithm, message)

    def verify_mac(self, token: KeyToken, algorithm: str, message: bytes, tag: bytes) -> bool:
        """Return whether `tag` is the HMAC of the message, in constant time."""
        handle = self._use(token, Service.VERIFY_MAC, GENERATE_VERIFY_MAC, algorithm)
        return mac.matches(handle.secret, algorithm, message, tag)

    def agree(self, token: KeyToken, peer_public_spki: bytes) -> bytes:
        """Return the raw ECDH shared secret with a peer's public key.

        Raises:
            Refused: the peer's key is not a valid point on the same curve.
        """
        handle = self._use(token, Service.AGREE, KEY_AGREEMENT, "ECDH")
        assert isinstance(handle.private, ec.EllipticCurvePrivateKey)
        return agreement.agree(handle.private, peer_public_spki)

    def encapsulate(self, token: KeyToken) -> tuple[bytes, bytes]:
        """Return a fresh (shared secret, ciphertext) for the key."""
        handle = self._use(token, Service.ENCAPSULATE, ENCAPSULATE_DECAPSULATE, "ML_KEM")
        assert isinstance(handle.public, keys.MLKEMPublicKey)
        return kem.encapsulate(handle.public)

    def decapsulate(self, token: KeyToken, ciphertext: bytes) -> bytes:
        """Return the shared secret; a changed ciphertext gives another one (FIPS 203 §6.3).

        Raises:
            IntegrityError: the ciphertext has the wrong length.
        """
        handle = self._use(token, Service.DECAPSULATE, ENCAPSULATE_DECAPSULATE, "ML_KEM")
        assert isinstance(handle.private, keys.MLKEMPrivateKey)
        return kem.decapsulate(handle.private, ciphertext)

    def generate_random(self, size: int) -> bytes:
        """Return random bytes from the operating system.

        Raises:
            Refused: less than one byte.
        """
        self._admit(Service.GENERATE_RANDOM)
        if size < 1:
            raise Refused(f"{size} random bytes cannot be made.", "Ask for at least one.")
        return secrets.token_bytes(size)

    def _take_in(
        self,
        key_id: str,
        spec: KeySpec,
        usage: str,
        material: bytes,
        id_key: bytes | None = None,
    ) -> Generated:
        """Check material that came from outside and wrap it."""
        if spec.asymmetric:
            private = keys.private_from_der(material, spec)
            return self._wrap_pair(key_id, spec, usage, private, id_key)
        least, most = spec.bits // 8, spec.longest_import
        if not least <= len(material) <= most:
            needed = f"{least}" if least == most else f"{least} to {most}"
            raise Refused(
                f"The key material has {len(material)} bytes; {spec.name} needs {needed}.",
                "Give key material of the right length.",
            )
        return self._wrap(key_id, spec, usage, material, None, id_key)

    def _wrap_pair(
        self,
        key_id: str,
        spec: KeySpec,
        usage: str,
        private: keys.PrivateKey,
        id_key: bytes | None = None,
    ) -> Generated:
        self._test_pair(spec, usage, private)
        public = keys.public_to_der(private.public_key())
        return self._wrap(key_id, spec, usage, keys.private_to_der(private), public, id_key)

    def _wrap(
        self,
        key_id: str,
        spec: KeySpec,
        usage: str,
        material: bytes,
        public: bytes | None,
        id_key: bytes | None = None,
    ) -> Generated:
        id_key = id_key or self._core.derive(_MATERIAL_ID)
        material_id = hmac.new(id_key, pack(key_id.encode(), material), sha256).hexdigest()
        binding = KeyBinding(key_id, material_id, spec.name)
        wrapping = self._core.domain_keys.wrapping()
        return Generated(wrap_key(binding, Attributes(usage), material, *wrapping), public)


def _require_rsa(handle: Handle) -> None:
    if handle.spec.family is not Family.RSA:
        raise Refused(
            f"The key {handle.token.binding.key_id} is not an RSA key.",
            "Use the service for symmetric keys.",
        )


def _spec(name: str, usage: str) -> KeySpec:
    spec = keys.supported_spec(name)
    if usage not in spec.usages:
        raise Refused(
            f"A key of spec {name} cannot be made for {usage}.",
            f"Choose {' or '.join(spec.usages)}.",
        )
    return spec
