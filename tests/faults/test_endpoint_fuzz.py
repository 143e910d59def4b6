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
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from tests.fakes.engine import make_bench
from tests.fakes.http_client import (
    RawClient,
    Reply,
    request_bytes,
    signed_headers,
    signed_request,
)
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
TABLES = (
    "keys", "materials", "aliases", "grants", "import_parameters", "key_stores", "identities",
    "access_keys", "managed_policies", "authorities", "certificates", "revocations", "profiles",
    "documents",
)  # fmt: skip


class Target:
    """An endpoint over a real vault with something in it."""

    def __init__(self, bench: Bench, port: int) -> None:
        self.bench = bench
        self.vault: Any = bench.vault
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

    def settled(self) -> list[list[tuple[Any, ...]]]:
        """All that is stored, once what the last request left to the background is done."""
        self.bench.run_due()
        return self.stored()

    def stored(self) -> list[list[tuple[Any, ...]]]:
        """All that a refused request must not change: every table of a service."""
        return [self.vault.read(f"SELECT * FROM {table}") for table in TABLES]

    def told(self) -> str:
        """What KMS tells of it: nothing may differ from what is stored, nor be half done."""
        kms: Any = self.bench.kms
        keys = []
        for name in self.names[4::2]:
            found = kms.describe_key(KeyId=name)["KeyMetadata"]
            rest = [
                kms.get_key_policy(KeyId=name),
                kms.list_resource_tags(KeyId=name),
                kms.list_grants(KeyId=name),
            ]
            if found["KeySpec"] == "SYMMETRIC_DEFAULT":
                rest.append(kms.get_key_rotation_status(KeyId=name))
            for answer in rest:
                del answer["ResponseMetadata"]
            keys.append((found, rest))
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
    before, told = target.settled(), target.told()
    for number in range(count):
        service, name = choose.choice(operations)
        shape = models.aws_model(service).operation_model(name).input_shape
        members = maker.value(shape) if shape is not None else {}
        body = json.dumps(members, default=encoded).encode()
        reply = client.ask(signed_request(target.port, name, body, service=service))
        statuses[reply.status] += 1
        assert reply.status in {200, 400}, (service, name, members, reply.body)
        if reply.status == 200:
            before, told = target.settled(), target.told()
        assert target.stored() == before, (service, name, members)
        if number % 100 == 0:
            assert target.told() == told, (service, name, members)
    client.socket.close()
    assert statuses[200] > count // 200, statuses
    assert statuses[400] > count // 4, statuses


FORM = "application/x-www-form-urlencoded; charset=utf-8"


def fields(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield a value as fields of a form, as the AWS query protocol names them."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from fields(one, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for number, one in enumerate(value, start=1):
            yield from fields(one, f"{name}.member.{number}")
    elif isinstance(value, bytes | datetime):
        yield name, str(encoded(value))
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def form_request(port: int, service: str, members: dict[str, Any]) -> bytes:
    """Return a signed request of a query service."""
    pairs = [(name.encode("utf-8", "replace"), text.encode("utf-8", "replace"))
             for name, text in fields(members)]  # fmt: skip
    body, host = urlencode(pairs).encode(), f"127.0.0.1:{port}"
    headers = signed_headers(f"http://{host}/", body, {"Content-Type": FORM}, service=service)
    return request_bytes(host, headers, body)


@pytest.mark.parametrize("count", COUNTS)
def test_forms_that_know_the_shapes(target: Target, count: int) -> None:
    choose = random.Random(4)
    maker = Hostile(5, target)
    iam = target.bench.client("iam", "")
    own = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.create_user(UserName="fuzz")
    iam.put_user_policy(UserName="fuzz", PolicyName="own", PolicyDocument=own)
    target.names[4:] = ["fuzz", "fuzz2", "own", own, own.replace("Allow", "x"), "/", *target.names]
    operations = [
        (service, name)
        for service in ("iam", "sts")
        for name in models.aws_model(service).operation_names
        if iam._door.offers(service, name) or choose.random() < 0.1
    ]
    statuses: Counter[int] = Counter()
    client = RawClient(target.port)
    before = target.settled()
    for _ in range(count):
        service, name = choose.choice(operations)
        model = models.aws_model(service)
        shape = model.operation_model(name).input_shape
        members = maker.value(shape) if shape is not None else {}
        odd = {choose.choice(("Action", "Version", "a.b.c", "")): choose.choice(("x", "", "\x00"))}
        members = {"Action": name, "Version": model.api_version} | (members or {})
        if choose.random() < 0.05:
            members |= odd
        reply = client.ask(form_request(target.port, service, members))
        statuses[reply.status] += 1
        assert reply.status == 200 or 400 <= reply.status < 500, (name, members, reply.body)
        ET.fromstring(reply.body)
        if reply.status == 200:
            before = target.settled()
        assert target.stored() == before, (service, name, members)
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
    before, told = target.settled(), target.told()
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
                    before, told = target.settled(), target.told()
        assert target.stored() == before, raw
        if number % 100 == 0:
            assert target.told() == told, raw
    assert statuses[400] > count // 4, statuses
    assert statuses[200] < count // 2, statuses
    assert target.told() == told
