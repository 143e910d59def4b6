"""What the library makes of a PKCS#12 container: its MAC checked, its certificates.

The library derives the key of whatever it meets, for as many rounds as that names, and cannot be
interrupted. So what cannot be looked into before, the parts under schemes older than PBES2, it
opens in a process of its own that can be ended. Owns that process and no structure.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from workbench.base.errors import Refused
from workbench.crypto.derivation_cost import costly

CHILD: Final = ("-m", "workbench.crypto.pkcs12_child")
_PATIENCE: Final = 30.0
_START: Final = 0.5
_ROUNDS_A_SECOND: Final = 500_000
"""What a slow machine does; it bounds the time that what is known to be asked for may take."""


class Outcome(StrEnum):
    """What came of it."""

    OPEN = "open"
    WRONG = "wrong password"
    BEYOND = "beyond the library"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the library says of a container.

    Attributes:
        outcome: whether it opened; a key beyond the library keeps it from that.
        certificates: names and DER.
    """

    outcome: Outcome
    certificates: tuple[tuple[str, bytes], ...] = ()


def load(data: bytes, password: str) -> Loaded:
    """Let the library check the MAC and find certificates, for as long as it takes."""
    tries = [password.encode()] if password else [b"", None]
    for secret in tries:
        try:
            return Loaded(Outcome.OPEN, tuple(_certificates(load_pkcs12(data, secret))))
        except ValueError as error:
            if "password" not in str(error):
                return Loaded(Outcome.BEYOND)
        except (TypeError, UnsupportedAlgorithm):
            return Loaded(Outcome.BEYOND)
    return Loaded(Outcome.WRONG)


def load_apart(data: bytes, password: str, rounds: int) -> Loaded:
    """Do what `load` does in a process of its own.

    Args:
        data: the container.
        password: the password.
        rounds: what opening it is known to ask for; what asks for much more is given up.

    Raises:
        Refused: it asks for more, or the library fails.
    """
    question = {
        "container": base64.b64encode(data).decode(),
        "password": password,
        "seconds": _START + rounds / _ROUNDS_A_SECOND,
    }
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, with arguments of our own
            [sys.executable, *CHILD],
            input=json.dumps(question),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise costly() from None
    if done.returncode < 0:
        raise costly()
    if done.returncode:
        raise Refused("The container could not be opened.", "Get it again from its source.")
    answer = json.loads(done.stdout)
    found = tuple((str(name), base64.b64decode(der)) for name, der in answer["certificates"])
    return Loaded(Outcome(answer["outcome"]), found)


def _certificates(loaded: Any) -> Iterator[tuple[str, bytes]]:
    every = [loaded.cert, *loaded.additional_certs] if loaded.cert else loaded.additional_certs
    for one in every:
        name = (one.friendly_name or b"").decode("utf-8", "replace")
        yield name, one.certificate.public_bytes(Encoding.DER)
