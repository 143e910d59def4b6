"""Key agreement: ECDH (SP 800-56A r3 §5.7.1.2), the raw shared secret.

Owns the check of the peer's key. Must not know key derivation or tokens.
"""

from cryptography.hazmat.primitives.asymmetric import ec

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der


def agree(key: ec.EllipticCurvePrivateKey, peer_spki: bytes) -> bytes:
    """Return the x coordinate of the shared point, as long as the curve's field.

    Args:
        key: our private key.
        peer_spki: the other side's public key, SubjectPublicKeyInfo in DER.

    Raises:
        Refused: not a public key, not on its curve, or on another curve than ours.
    """
    peer = public_from_der(peer_spki)
    if not isinstance(peer, ec.EllipticCurvePublicKey) or peer.curve.name != key.curve.name:
        raise Refused(
            f"The peer's public key is not on the curve {key.curve.name}.",
            "Ask the peer for a public key on the same curve.",
        )
    return key.exchange(ec.ECDH(), peer)
