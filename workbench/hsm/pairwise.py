"""The pairwise consistency test of a new key pair (FIPS 140-3 IG 10.3.A).

Owns the test: what one half does, the other undoes. Must not know tokens or states.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from workbench.crypto import encryption, kem, keys, signatures
from workbench.crypto.table import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    KEY_AGREEMENT,
    KeySpec,
)

NAME: Final = "pairwise consistency"
"""The name under which a test may corrupt it."""

_MESSAGE: Final = b"pairwise consistency test"
_OTHER: Final = b"Pairwise consistency test"


def consistent(spec: KeySpec, usage: str, private: keys.PrivateKey, *, corrupt: bool) -> bool:
    """Return whether the private and the public half belong together.

    Args:
        spec: the pair's spec.
        usage: what the pair is for; it is tested in that use.
        private: the private half; the public half is read back from its SubjectPublicKeyInfo.
        corrupt: change one side of the comparison, so that the test must fail.
    """
    public = keys.public_from_der(keys.public_to_der(private.public_key()))
    expected = _OTHER if corrupt else _MESSAGE
    if usage == ENCRYPT_DECRYPT:
        assert isinstance(private, rsa.RSAPrivateKey)
        assert isinstance(public, rsa.RSAPublicKey)
        algorithm = spec.encryption[-1]
        ciphertext = encryption.encrypt(public, algorithm, _MESSAGE)
        return encryption.decrypt(private, algorithm, ciphertext) == expected
    if usage == KEY_AGREEMENT:
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        assert isinstance(public, ec.EllipticCurvePublicKey)
        peer = ec.generate_private_key(private.curve)
        there = peer.exchange(ec.ECDH(), public)
        back = private.exchange(ec.ECDH(), (private if corrupt else peer).public_key())
        return there == back
    if usage == ENCAPSULATE_DECAPSULATE:
        assert isinstance(private, keys.MLKEMPrivateKey)
        assert isinstance(public, keys.MLKEMPublicKey)
        shared, ciphertext = kem.encapsulate(public)
        return kem.decapsulate(private, ciphertext) == (b"" if corrupt else shared)
    algorithm = spec.signing[0]
    signature = signatures.signer(private, algorithm, signatures.RAW)(_MESSAGE)
    return signatures.verify(public, algorithm, expected, signatures.RAW, signature)
