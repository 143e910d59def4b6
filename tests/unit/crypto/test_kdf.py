"""Key derivation from keys and from passphrases."""

import hmac
import subprocess
import sys

import pytest

from workbench.base.errors import Refused
from workbench.crypto import kdf
from workbench.crypto.kdf import Argon2Cost

CHEAP = Argon2Cost(8, 1, 1)


def test_the_formula_of_the_standard() -> None:
    fixed = b"\0\0\0\1" + b"label" + b"\0" + b"context" + b"\0\0\1\0"
    assert kdf.derive(b"k" * 32, b"label", b"context") == hmac.digest(b"k" * 32, fixed, "sha256")


def test_label_context_and_key_matter() -> None:
    keys = {
        kdf.derive(key, label, context)
        for key in (b"k" * 32, b"l" * 32)
        for label in (b"a", b"b")
        for context in (b"", b"c")
    }
    assert len(keys) == 8


def test_a_label_cannot_run_into_the_context() -> None:
    with pytest.raises(ValueError, match="zero byte"):
        kdf.derive(b"k" * 32, b"a\0b", b"")


@pytest.mark.parametrize(
    ("memory", "iterations", "lanes"),
    [(8, 1, 1), (64, 1, 8), (262144, 3, 4), (4 * 1024 * 1024, 64, 64)],
)
def test_costs_in_range(memory: int, iterations: int, lanes: int) -> None:
    assert Argon2Cost(memory, iterations, lanes).memory_kib == memory


@pytest.mark.parametrize(
    ("memory", "iterations", "lanes"),
    [
        (7, 1, 1), (63, 1, 8), (4 * 1024 * 1024 + 1, 1, 1), (8, 0, 1), (8, 65, 1), (8, 1, 0),
        (1024, 1, 65), (-8, 1, -1),
    ],
)  # fmt: skip
def test_costs_out_of_range_are_refused(memory: int, iterations: int, lanes: int) -> None:
    with pytest.raises(Refused, match="out of range"):
        Argon2Cost(memory, iterations, lanes)


def test_the_default_cost_is_256_mib() -> None:
    assert Argon2Cost() == Argon2Cost(memory_kib=262144, iterations=3, lanes=4)


def test_the_same_passphrase_typed_elsewhere() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert kdf.stretch(composed, b"s" * 16, CHEAP) == kdf.stretch(decomposed, b"s" * 16, CHEAP)
    assert kdf.stretch("cafe", b"s" * 16, CHEAP) != kdf.stretch(composed, b"s" * 16, CHEAP)


def test_cost_changes_the_result() -> None:
    costs = (CHEAP, Argon2Cost(16, 1, 1), Argon2Cost(8, 2, 1), Argon2Cost(16, 1, 2))
    assert len({kdf.stretch("p", b"s" * 16, cost) for cost in costs}) == 4


def test_bad_passphrases_and_salts_are_refused() -> None:
    with pytest.raises(Refused, match="empty"):
        kdf.stretch("", b"s" * 16, CHEAP)
    with pytest.raises(Refused, match="15 bytes"):
        kdf.stretch("p", b"s" * 15, CHEAP)
    with pytest.raises(Refused, match="not valid text"):
        kdf.stretch("p\ud800", b"s" * 16, CHEAP)


SCARCE = """
import resource
from workbench.base.errors import EnvironmentFault
from workbench.crypto import kdf
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
try:
    kdf.stretch("passphrase", b"s" * 16, kdf.Argon2Cost(4 << 20, 1, 1))
except EnvironmentFault as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no address-space limit to set")
def test_scarce_memory_is_said() -> None:
    ran = subprocess.run([sys.executable, "-c", SCARCE], capture_output=True, text=True, check=True)
    assert "needs 4096 MiB of free memory" in ran.stdout
    assert "Close other programs" in ran.stdout
