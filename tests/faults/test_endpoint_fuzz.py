"""Random and mutated requests at the endpoint: no 500, no hang, no change by what is refused."""

import base64
import json
import random
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import make_bench
from tests.fakes.http_client import RawClient, Reply, signed_request
from tests.fakes.shape_values import Maker
from tests.fakes.wire import EngineBackend
from workbench.api import models
from workbench.base.clock import SystemClock
from workbench.bench import Bench
from workbench.endpoint.server import EndpointServer

COUNTS = [2_000, pytest.param(50_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x" * 70_000,
    "\ud800",
    "\x00",
    [],
    {},
    [None],
    [[]],
    {"": 1},
)


class Target:
    """An endpoint over a real vault with something in it."""

    def __init__(self, bench: Bench, port: int) -> None:
        self.bench = bench
        self.port = port
        self.names = ["alias/fuzz", "alias/none", "policy", "default"]
        for settings in (
            {},
            {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
            {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
            {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
            {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
            {"Origin": "EXTERNAL"},
        ):
            made = bench.kms.create_key(**settings)["KeyMetadata"]  # type: ignore[arg-type]
            self.names += [made["KeyId"], made["Arn"]]
        bench.kms.create_alias(AliasName="alias/fuzz", TargetKeyId=self.names[4])
        blob = bench.kms.encrypt(KeyId=self.names[4], Plaintext=b"x")["CiphertextBlob"]
        self.blobs = [blob, blob[:-1] + b"\0", b"", b"\0" * 4096]

    def state(self) -> str:
        """What a refused request must not change."""
        kms = self.bench.kms
        keys = [kms.describe_key(KeyId=name)["KeyMetadata"] for name in self.names[4::2]]
        aliases = kms.list_aliases(Limit=100)["Aliases"]
        return str((keys, aliases, len(kms.list_keys(Limit=1000)["Keys"])))


class Hostile(Maker):
    """Mostly what a shape asks for, sometimes anything at all."""

    def __init__(self, seed: int, target: Target) -> None:
        super().__init__(seed, fraction=True, holes=True)
        self._target = target

    def value(self, shape: Any, depth: int = 0) -> Any:
        if depth and self._random.random() < 0.08:
            return self._random.choice(ODD)
        return super().value(shape, depth)

    def _simple(self, shape: Any) -> Any:
        choose = self._random
        if shape.type_name == "string" and shape.enum:  # RSA keys take seconds to make
            return choose.choice([v for v in shape.enum if not v.startswith("RSA_")] or ["x"])
        if shape.type_name == "string" and choose.random() < 0.7:
            return choose.choice(self._target.names)
        if shape.type_name == "blob" and choose.random() < 0.5:
            return choose.choice(self._target.blobs)
        return super()._simple(shape)


def encoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    assert isinstance(value, datetime)
    return value.timestamp()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    bench = make_bench(tmp_path)
    backend = EngineBackend(bench.kms._door)
    try:
        with EndpointServer(backend, SystemClock()) as server:
            yield Target(bench, int(server.url.rpartition(":")[2]))
    finally:
        bench.close()


@pytest.mark.parametrize("count", COUNTS)
def test_requests_that_know_the_shapes(target: Target, count: int) -> None:
    choose = random.Random(1)
    maker = Hostile(2, target)
    operations = [
        (service, name)
        for service in ("kms", "acm-pca")
        for name in models.aws_model(service).operation_names
    ]
    statuses: Counter[int] = Counter()
    client = RawClient(target.port)
    for number in range(count):
        service, name = choose.choice(operations)
        shape = models.aws_model(service).operation_model(name).input_shape
        members = maker.value(shape) if shape is not None else {}
        body = json.dumps(members, default=encoded).encode()
        before = target.state() if number % 50 == 0 else ""
        reply = client.ask(signed_request(target.port, name, body, service=service))
        statuses[reply.status] += 1
        assert reply.status in {200, 400}, (service, name, members, reply.body)
        if before and reply.status == 400:
            assert target.state() == before, (service, name, members)
    client.socket.close()
    assert statuses[200] > count // 200, statuses
    assert statuses[400] > count // 4, statuses


def mutated(choose: random.Random, raw: bytes) -> bytes:
    """Return a request with a few bytes changed, gone, doubled or new."""
    data = bytearray(raw)
    for _ in range(choose.choice((1, 1, 2, 5))):
        at, length = choose.randrange(len(data) + 1), choose.choice((1, 2, 8, 64))
        match choose.randrange(6):
            case 0:
                data[at : at + length] = choose.randbytes(length)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at:at] = choose.choice((b"\r\n", b"\r\n\r\n", b"\0", b": ", b"%", b"\xff"))
            case 4:
                data[at:at] = choose.choice(
                    (b"\r\nTransfer-Encoding: chunked", b"\r\nContent-Length: 5", b"\r\nOrigin: x")
                )
            case _:
                data[at:] = data[:at]
        if not data:
            return b"\0"
    return bytes(data)


def replies(client: RawClient) -> Iterator[Reply]:
    while reply := client.reply():
        yield reply


@pytest.mark.parametrize("count", COUNTS)
def test_requests_of_broken_bytes(target: Target, count: int) -> None:
    choose = random.Random(3)
    key = target.names[4]
    originals = [
        signed_request(target.port, "ScheduleKeyDeletion", {"KeyId": key}),
        signed_request(target.port, "DeleteAlias", {"AliasName": "alias/fuzz"}),
        signed_request(target.port, "CreateKey", {}),
    ]
    before = target.state()
    statuses: Counter[int] = Counter()
    for number in range(count):
        raw = mutated(choose, choose.choice(originals))
        with RawClient(target.port) as client:
            client.send(raw)
            client.socket.shutdown(socket.SHUT_WR)
            for reply in replies(client):
                statuses[reply.status] += 1
                assert reply.status < 500, raw
                if reply.status == 200:  # what was broken is covered by no signature
                    before = target.state()
        if number % 100 == 0:
            assert target.state() == before, raw
    assert statuses[400] > count // 4, statuses
    assert statuses[200] < count // 2, statuses
    assert target.state() == before
