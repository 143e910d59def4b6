"""AES-256-GCM, sealed form."""

import pytest

from workbench.base.errors import IntegrityError
from workbench.crypto import aead

KEY, AAD = b"k" * 32, b"context"


def test_open_undoes_seal() -> None:
    for size in (0, 1, 100):
        sealed = aead.seal(KEY, b"x" * size, AAD)
        assert len(sealed) == 12 + size + 16
        assert aead.open_sealed(KEY, sealed, AAD, "It") == b"x" * size


def test_nonces_differ() -> None:
    assert aead.seal(KEY, b"x", AAD)[:12] != aead.seal(KEY, b"x", AAD)[:12]


def test_another_key_or_context_does_not_open() -> None:
    sealed = aead.seal(KEY, b"x", AAD)
    for key, aad in ((b"l" * 32, AAD), (KEY, b"contexu"), (KEY, b"")):
        with pytest.raises(IntegrityError, match="It does not open"):
            aead.open_sealed(key, sealed, aad, "It")


def test_short_and_changed_bytes_do_not_open() -> None:
    sealed = aead.seal(KEY, b"x", AAD)
    for size in range(28):
        with pytest.raises(IntegrityError, match="too short"):
            aead.open_sealed(KEY, sealed[:size], AAD, "It")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(IntegrityError, match="does not open"):
            aead.open_sealed(KEY, bytes(changed), AAD, "It")
