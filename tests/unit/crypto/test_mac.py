"""HMAC under AWS's names."""

import hashlib
import hmac

import pytest

from workbench.base.errors import Refused
from workbench.crypto import mac


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_as_the_standard_library(bits: int) -> None:
    expected = hmac.new(b"key", b"message", getattr(hashlib, f"sha{bits}")).digest()
    algorithm = f"HMAC_SHA_{bits}"
    assert mac.compute(b"key", algorithm, b"message") == expected
    assert mac.matches(b"key", algorithm, b"message", expected)
    for wrong in (expected[:-1], expected + b"\0", b""):
        assert not mac.matches(b"key", algorithm, b"message", wrong)
    assert not mac.matches(b"kez", algorithm, b"message", expected)


def test_other_algorithms_are_refused() -> None:
    for algorithm in ("HMAC_SHA_1", "HMAC_MD5", ""):
        with pytest.raises(Refused, match="no MAC algorithm"):
            mac.compute(b"key", algorithm, b"")
