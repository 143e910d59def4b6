"""pycose and cwt, in an environment of their own, and the workbench on each other's messages."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.fakes.formats import key_of, sign, trusting, verify
from workbench.signing.formats.cose import CoseSign1

DATA = b"content that is signed"
ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA",
              "RSA": "PS256"}  # fmt: skip
PAIRS = [(tool, kind) for tool in ("pycose", "cwt") for kind in ALGORITHMS]


@pytest.fixture(scope="module")
def peers() -> str:
    """Path of the Python that has the peers."""
    made = Path(__file__).resolve().parents[2] / ".cache" / "peers" / "bin" / "python"
    for python in (os.environ.get("KEY_WORKBENCH_PEERS", ""), str(made)):
        if python and Path(python).exists():
            return python
    reason = "needs pycose and cwt; packaging/test brings them"
    if os.environ.get("KEY_WORKBENCH_TESTS") == "full":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def ask(peers: str, tool: str, kind: str, do: str, **more: Any) -> Any:
    key = key_of(kind)
    pem = (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        if do == "sign"
        else key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    asked = {"tool": tool, "do": do, "alg": ALGORITHMS[kind], "key": pem.decode(), **more}
    done = subprocess.run(
        [peers, "-I", Path(__file__).with_name("peers") / "cose.py"],
        input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("detached", [False, True])
@pytest.mark.parametrize(("tool", "kind"), PAIRS)
def test_the_peers_accept_ours(peers: str, tool: str, kind: str, *, detached: bool) -> None:
    message = sign(CoseSign1(detached=detached), kind, DATA).hex()
    for payload, good in ((DATA, True), (b"other", False)):
        answer = ask(peers, tool, kind, "verify", message=message, payload=payload.hex(),
                     detached=detached)  # fmt: skip
        assert (answer is True) is good, answer


@pytest.mark.parametrize(("tool", "kind"), PAIRS)
def test_we_accept_the_peers(peers: str, tool: str, kind: str) -> None:
    answer = ask(peers, tool, kind, "sign", payload=DATA.hex())
    message = bytes.fromhex(answer)
    verdict = verify(CoseSign1(), message, DATA, trusting(kind))
    assert verdict.valid, verdict.headline
    assert not verify(CoseSign1(), message, b"other", trusting(kind)).valid
    wrong = message[:-1] + bytes((message[-1] ^ 1,))
    assert not verify(CoseSign1(), wrong, DATA, trusting(kind)).valid
