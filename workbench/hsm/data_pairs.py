"""Data key pairs: made for use outside, and used inside by their ciphertexts.

Owns the services on them. A pair that was made sealed is in the clear in here only: it signs, and
leaves under a password. Must not know AWS requests, policies or certificates' contents.
"""

from dataclasses import dataclass

from workbench.base.errors import Refused
from workbench.crypto import keys, private_export, signatures
from workbench.crypto.table import ENCRYPT_DECRYPT
from workbench.hsm.loading import SYMMETRIC, Loading, seal, unseal
from workbench.hsm.states import Service
from workbench.hsm.tokens import KeyToken


@dataclass(frozen=True, slots=True)
class SealedPair:
    """The private half of a data key pair, encrypted under a symmetric key.

    Attributes:
        token: the symmetric key.
        blob: the ciphertext of the PKCS#8.
        aad: the encoded encryption context.
        spec: AWS key spec of the pair.
    """

    token: KeyToken
    blob: bytes
    aad: bytes
    spec: str


@dataclass(frozen=True, slots=True)
class Holder:
    """What goes with a private key into a PKCS#12 container.

    Attributes:
        certificate: of its public half, DER.
        chain: names and certificates (DER) above it.
        name: the friendly name of key and certificate.
    """

    certificate: bytes
    chain: tuple[tuple[str, bytes], ...] = ()
    name: str = ""


class PairServices(Loading):
    """A user session as far as it knows data key pairs; errors as `User`'s."""

    def data_key_pair(self, spec: str) -> tuple[bytes, bytes]:
        """Return a new pair for use outside: (private PKCS#8, public SubjectPublicKeyInfo) in DER.

        Raises:
            Refused: not the spec of a pair.
            IntegrityError: the pair failed its test; the module is in its error state.
        """
        self._admit(Service.DATA_KEY_PAIR)
        private = self._new_pair(spec)
        return keys.private_to_der(private), keys.public_to_der(private.public_key())

    def sealed_data_key_pair(self, token: KeyToken, spec: str, aad: bytes) -> tuple[bytes, bytes]:
        """Return a new pair whose private half leaves the module as a ciphertext only.

        Args:
            token: a symmetric key.
            spec: AWS key spec of the pair.
            aad: the encoded encryption context.

        Returns:
            The ciphertext of the private half's PKCS#8, and the SubjectPublicKeyInfo in DER.

        Raises:
            Refused: not the spec of a pair.
            IntegrityError: the pair failed its test; the module is in its error state.
        """
        handle = self._use(token, Service.DATA_KEY_PAIR, ENCRYPT_DECRYPT, SYMMETRIC)
        private = self._new_pair(spec)
        sealed = seal(handle, keys.private_to_der(private), aad)
        return sealed, keys.public_to_der(private.public_key())

    def pair_public_key(self, pair: SealedPair) -> bytes:
        """Return the public half of a data key pair, SubjectPublicKeyInfo in DER.

        Raises:
            IntegrityError: as `decrypt`.
            Refused: what was encrypted is no private key of the spec.
        """
        return keys.public_to_der(self._pair(pair, Service.READ_PAIR).public_key())

    def sign_with_pair(
        self, pair: SealedPair, algorithm: str, message: bytes, message_type: str
    ) -> bytes:
        """Return a signature by the private half of a data key pair, as `sign` does.

        Raises:
            IntegrityError: as `decrypt`.
            Refused: as `sign`, or what was encrypted is no private key of the spec.
        """
        private = self._pair(pair, Service.SIGN_WITH_PAIR)
        return signatures.signer(private, algorithm, message_type)(message)

    def export_pair(self, pair: SealedPair, password: str, holder: Holder | None = None) -> bytes:
        """Return the private half of a data key pair under a password.

        Args:
            pair: the pair.
            password: protects it.
            holder: certificates that go with it into a PKCS#12 container in DER; None for the key
                alone as encrypted PKCS#8 in PEM.

        Raises:
            IntegrityError: as `decrypt`.
            Refused: no password, a certificate of another key, or what was encrypted is no private
                key of the spec, or of a kind that has no place in PKCS#12.
        """
        private = self._pair(pair, Service.EXPORT_PAIR)
        if holder is None:
            return private_export.key_pkcs8(private, password)
        return private_export.key_pkcs12(
            private, holder.certificate, holder.chain, holder.name, password
        )

    def _pair(self, pair: SealedPair, service: Service) -> keys.PrivateKey:
        """Unwrap the private half of a data key pair; it is not kept."""
        handle = self._use(pair.token, service, ENCRYPT_DECRYPT, SYMMETRIC)
        spec = keys.supported_spec(pair.spec)
        # Anybody who may encrypt could have written it: RSA's costly checks are not left out.
        return keys.private_from_der(unseal(handle, pair.blob, pair.aad), spec)

    def _new_pair(self, spec: str) -> keys.PrivateKey:
        known = keys.supported_spec(spec)
        if not known.asymmetric:
            raise Refused(f"{spec} is not a key pair.", "Choose the spec of a key pair.")
        private = keys.generate(known)
        self._test_pair(known, known.usages[0], private)
        return private
