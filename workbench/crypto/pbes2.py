"""What PBES2 protects, opened: PBKDF2 and AES in CBC mode (RFC 8018 §6.2).

Owns no primitive, only how the scheme puts the library's together; for contents that the library
opens only where it also knows what is inside.
"""

from typing import Any, Final

from asn1crypto import algos
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from workbench.crypto.derivation_cost import check_algorithm

_DIGESTS: Final[dict[str, type[Any]]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def is_pbes2(algorithm: bytes) -> bool:
    """Whether an AlgorithmIdentifier is PBES2 with PBKDF2 and AES-CBC, so that it is opened here.

    Raises:
        ValueError: it cannot be read; asn1crypto may raise TypeError or KeyError.
    """
    scheme = algos.EncryptionAlgorithm.load(algorithm)
    if scheme["algorithm"].native != "pbes2" or scheme.encryption_cipher != "aes":
        return False
    return bool(scheme.kdf == "pbkdf2" and scheme.encryption_mode == "cbc")


def open_pbes2(algorithm: bytes, encrypted: bytes, password: str) -> bytes:
    """Decrypt; empty where it is not PBES2 with PBKDF2 and AES-CBC.

    Args:
        algorithm: the AlgorithmIdentifier in DER.
        encrypted: the ciphertext.
        password: the password.

    Raises:
        ValueError: it does not open, by a wrong password for example, or the identifier cannot be
            read; asn1crypto may raise TypeError or KeyError then.
        Refused: it asks for too much work.
    """
    check_algorithm(algorithm)
    if not is_pbes2(algorithm):
        return b""
    scheme = algos.EncryptionAlgorithm.load(algorithm)
    derivation = PBKDF2HMAC(
        _DIGESTS[scheme.kdf_hmac](), scheme.key_length, scheme.kdf_salt, scheme.kdf_iterations
    )
    key = derivation.derive(password.encode())
    opener = Cipher(algorithms.AES(key), modes.CBC(scheme.encryption_iv)).decryptor()
    padded = opener.update(encrypted) + opener.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return bytes(unpadder.update(padded) + unpadder.finalize())
