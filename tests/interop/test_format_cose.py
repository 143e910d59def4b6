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


def request(tool: str, kind: str, do: str, **more: Any) -> dict[str, Any]:
    key = key_of(kind)
    pem = (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        if do == "sign"
        else key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return {"tool": tool, "do": do, "alg": ALGORITHMS[kind], "key": pem.decode(), **more}


def ask(peers: str, asked: list[dict[str, Any]]) -> list[Any]:
    """Ask everything of one process: it takes half a second to start."""
    done = subprocess.run(
        [peers, "-I", Path(__file__).with_name("peers") / "cose.py"],
        input=json.dumps(asked), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    answers: list[Any] = json.loads(done.stdout)
    return answers


def test_the_peers_accept_ours(peers: str) -> None:
    cases = [(tool, kind, detached, payload) for tool, kind in PAIRS for detached in (False, True)
             for payload in (DATA, b"other")]  # fmt: skip
    asked = [
        request(
            tool, kind, "verify", message=sign(CoseSign1(detached=detached), kind, DATA).hex(),
            payload=payload.hex(), detached=detached,
        )
        for tool, kind, detached, payload in cases
    ]  # fmt: skip
    for case, answer in zip(cases, ask(peers, asked), strict=True):
        assert (answer is True) is (case[-1] is DATA), (case, answer)


def test_we_accept_the_peers(peers: str) -> None:
    asked = [request(tool, kind, "sign", payload=DATA.hex()) for tool, kind in PAIRS]
    for (tool, kind), answer in zip(PAIRS, ask(peers, asked), strict=True):
        message = bytes.fromhex(answer)
        verdict = verify(CoseSign1(), message, DATA, trusting(kind))
        assert verdict.valid, (tool, kind, verdict.headline)
        assert not verify(CoseSign1(), message, b"other", trusting(kind)).valid
        wrong = message[:-1] + bytes((message[-1] ^ 1,))
        assert not verify(CoseSign1(), wrong, DATA, trusting(kind)).valid


def test_another_algorithm_in_the_header_is_refused_by_all(peers: str) -> None:
    tools = ("pycose", "cwt")
    made = ask(peers, [request(tool, "P-256", "sign", payload=DATA.hex()) for tool in tools])
    asked = []
    for tool, answer in zip(tools, made, strict=True):
        message = bytes.fromhex(answer)
        confused = message.replace(b"\xa1\x01\x26", b"\xa1\x01\x27", 1)  # EdDSA, not ES256
        assert confused != message
        assert not verify(CoseSign1(), confused, DATA, trusting("P-256", "Ed25519")).valid
        more = {"message": confused.hex(), "payload": DATA.hex(), "detached": False}
        asked.append(request(tool, "P-256", "verify", **more))
    assert all(answer is not True for answer in ask(peers, asked))
