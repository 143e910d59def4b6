"""What AWS KMS operations cost: in process with few and many keys, and over the wire beside moto.

Part of packaging/bench; see `benchmarks.py` for how pairs are made.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.hsm.officer import Argon2Cost

ROOT = Path(__file__).resolve().parents[1]
FEW, MANY = 10, 100_000
CALLS = 1500
WIRE_SECONDS = 2.0
REGION = "us-west-2"
QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
MESSAGE = b"m" * 1024

Work = Callable[[], object]


class Pace(NamedTuple):
    """Requests a second, of ours and of a peer's."""

    ours: float
    peer: float


def operations(kms: Any) -> dict[str, Work]:
    """Return the measured calls, over keys made for them."""
    data = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=data, Plaintext=b"x" * 32)["CiphertextBlob"]
    pairs = {
        name: kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        for name, spec in (
            ("p256", "ECC_NIST_P256"),
            ("rsa", "RSA_2048"),
            ("mldsa", "ML_DSA_65"),
        )
    }

    def sign(name: str, algorithm: str) -> Work:
        return lambda: kms.sign(KeyId=pairs[name], Message=MESSAGE, SigningAlgorithm=algorithm)

    return {
        "GenerateDataKey": lambda: kms.generate_data_key(KeyId=data, KeySpec="AES_256"),
        "Encrypt": lambda: kms.encrypt(KeyId=data, Plaintext=b"x" * 32),
        "Decrypt": lambda: kms.decrypt(CiphertextBlob=blob),
        "Sign P-256": sign("p256", "ECDSA_SHA_256"),
        "Sign RSA-2048": sign("rsa", "RSASSA_PSS_SHA_256"),
        "Sign ML-DSA-65": sign("mldsa", "ML_DSA_SHAKE_256"),
    }


def rate(work: Work, calls: int) -> float:
    """Return calls a second."""
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return calls / (time.perf_counter() - start)


def vault(folder: Path, keys: int) -> Bench:
    """A vault with so many keys beside those that are measured."""
    assembly = Assembly(secrets=MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(folder, "correct horse battery staple")
    store: Any = bench.vault
    made = 0
    while made < keys:
        with store.transaction():  # one sync for many
            for _ in range(min(2000, keys - made)):
                bench.kms.create_key()
                made += 1
    return bench


def keys_figures(folder: Path, pairs: int) -> Iterator[tuple[str, list[float], list[float]]]:
    """Yield per operation the costs with many keys over those with few, and the rates."""
    few, many = vault(folder / "few", FEW), vault(folder / "many", MANY - 10)
    try:
        small, large = operations(few.kms), operations(many.kms)
        for name in small:
            calls = CALLS if "Sign" not in name else CALLS // 3
            ratios, rates = [], []
            for work in (small[name], large[name]):
                rate(work, 100)
            for _ in range(pairs):
                one, other = rate(small[name], calls), rate(large[name], calls)
                ratios.append(one / other)
                rates.append(other)
            yield name, ratios, rates
    finally:
        few.close()
        many.close()


def signed(port: int, target: str, body: dict[str, Any]) -> bytes:
    """Return an AWS JSON request as bytes."""
    data = json.dumps(body).encode()
    headers = {
        "Host": f"127.0.0.1:{port}",
        "X-Amz-Target": f"TrentService.{target}",
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Length": str(len(data)),
    }
    request = AWSRequest("POST", f"http://127.0.0.1:{port}/", headers=headers, data=data)
    SigV4Auth(Credentials("AKIAIOSFODNN7EXAMPLE", "secret"), "kms", REGION).add_auth(request)
    lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


class Wire:
    """One sequential client; it keeps the connection for as long as the server does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the answer's body."""
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self._port))
        self._connection.sendall(request)
        head, _, body = b"", b"", b""
        while b"\r\n\r\n" not in head:
            head += self._receive()
        head, _, body = head.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += self._receive()
        if b"connection: close" in lower or lower.startswith(b"http/1.0"):
            self.close()
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(body.decode())
        return body

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _receive(self) -> bytes:
        assert self._connection is not None
        data = self._connection.recv(65536)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data


@contextmanager
def server(command: list[str], environment: dict[str, str], port: int) -> Iterator[dict[str, Any]]:
    """Run a server until the block ends; yields its pid and how long it took to answer."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - start > 30:
                    raise RuntimeError(f"{command[0]} did not start") from None
                time.sleep(0.005)
        yield {"pid": process.pid, "start": time.perf_counter() - start}
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory(pid: int) -> float:
    """Return a process's resident memory in MiB (Linux, /proc)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def endpoint_figures(pairs: int) -> dict[str, list[Pace]]:
    """Return paces of ours and moto's by operation, and start and memory of both."""
    ours, moto = free_port(), free_port()
    found: dict[str, list[Pace]] = {}
    home = tempfile.mkdtemp(prefix="key-workbench-moto-")
    with (
        server([sys.executable, "-m", "workbench", "serve", "--ephemeral", "--port", str(ours)],
               {"PYTHONPATH": str(ROOT)}, ours) as mine,
        server([str(ROOT / ".cache/peers/bin/moto_server"), "-H", "127.0.0.1", "-p", str(moto)],
               {"HOME": home}, moto) as theirs,
    ):  # fmt: skip
        found["start"] = [Pace(mine["start"], theirs["start"])]
        requests = {port: _requests(port) for port in (ours, moto)}
        for name in requests[moto]:
            found[name] = [
                Pace(*(_pace(port, requests[port][name]) for port in (ours, moto)))
                for _ in range(pairs)
            ]
        found["memory"] = [Pace(memory(mine["pid"]), memory(theirs["pid"]))]
    return found


def _requests(port: int) -> dict[str, bytes]:
    client = boto3.client(
        "kms", region_name=REGION, endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret",
    )  # fmt: skip
    data = client.create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    pair = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    sign = {"KeyId": pair["KeyId"], "Message": "bQ==", "SigningAlgorithm": "ECDSA_SHA_256"}
    blob = json.loads(
        Wire(port).ask(signed(port, "Encrypt", {"KeyId": data, "Plaintext": "eA=="}))
    )["CiphertextBlob"]
    return {
        "GenerateDataKey": signed(port, "GenerateDataKey", {"KeyId": data, "KeySpec": "AES_256"}),
        "Encrypt": signed(port, "Encrypt", {"KeyId": data, "Plaintext": "eA=="}),
        "Decrypt": signed(port, "Decrypt", {"KeyId": data, "CiphertextBlob": blob}),
        "Sign P-256": signed(port, "Sign", sign),
    }


def _pace(port: int, request: bytes) -> float:
    wire, count = Wire(port), 0
    wire.ask(request)
    start = time.perf_counter()
    while time.perf_counter() - start < WIRE_SECONDS:
        wire.ask(request)
        count += 1
    taken = time.perf_counter() - start
    wire.close()
    return count / taken
