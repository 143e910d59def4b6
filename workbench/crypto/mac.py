"""Message authentication codes: HMAC (FIPS 198-1) under AWS's algorithm names.

Owns the mapping from AWS names to hash functions. Must not know where keys come from.
"""

import hmac
from types import MappingProxyType
from typing import Final

from workbench.base.errors import Refused

MAC_ALGORITHMS: Final = MappingProxyType(
    {f"HMAC_SHA_{bits}": f"sha{bits}" for bits in (224, 256, 384, 512)}
)
"""hashlib's names by AWS's."""


def compute(key: bytes, algorithm: str, message: bytes) -> bytes:
    """Return the full-length HMAC of a message.

    Raises:
        Refused: the algorithm is not one of `HMAC_SHA_224`, `_256`, `_384`, `_512`.
    """
    digest = MAC_ALGORITHMS.get(algorithm)
    if digest is None:
        raise Refused(
            f"There is no MAC algorithm {algorithm!r}.",
            f"Choose one of {', '.join(MAC_ALGORITHMS)}.",
        )
    return hmac.digest(key, message, digest)


def matches(key: bytes, algorithm: str, message: bytes, tag: bytes) -> bool:
    """Return whether `tag` is the whole MAC of the message, in constant time.

    Raises:
        Refused: the algorithm is unknown.
    """
    return hmac.compare_digest(compute(key, algorithm, message), tag)
