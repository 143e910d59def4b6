"""TLS: what is agreed on, with the newest client and with an older one."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

from tests.fakes.http_client import RawClient, request_bytes, signed_headers
from tests.fakes.wire import KEY_ID, REGION, SECRET, FakeBackend
from workbench.base.clock import SystemClock
from workbench.base.errors import Refused
from workbench.endpoint.ports import Beside, Bounds, TlsIdentity
from workbench.endpoint.server import EndpointServer

BIG = "x" * 300_000


def self_signed() -> TlsIdentity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return TlsIdentity(certificate.public_bytes(serialization.Encoding.PEM), private)


@pytest.fixture(scope="module")
def identity() -> TlsIdentity:
    return self_signed()


@pytest.fixture
def port(identity: TlsIdentity) -> Iterator[int]:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {"NextMarker": BIG}})
    bounds = Bounds(head_seconds=0.5)
    with EndpointServer(backend, SystemClock(), tls=identity, bounds=bounds) as server:
        assert server.url.startswith("https://")
        yield int(server.url.rpartition(":")[2])


def listing(port: int) -> bytes:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "TrentService.ListKeys",
    }
    signed = signed_headers(f"https://127.0.0.1:{port}/", b"{}", headers)
    return request_bytes(f"127.0.0.1:{port}", signed, b"{}")


def client_context(identity: TlsIdentity) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=identity.chain.decode())


class TlsClient(RawClient):
    """A raw client inside the standard library's TLS."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_requests_pass_through(port: int, identity: TlsIdentity, version: ssl.TLSVersion) -> None:
    context = client_context(identity)
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["http/1.1"])
    with TlsClient(port, context) as client:
        for _ in range(3):
            reply = client.ask(listing(port))
            assert (reply.status, reply.document) == (200, {"NextMarker": BIG})
        client.send(b"rubbish\r\n\r\n")
        last = client.reply()
        assert last is not None
        assert last.status == 400
        assert client.closed()
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == "http/1.1"


def test_boto3_trusts_the_bundle_it_is_given(
    port: int, identity: TlsIdentity, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(identity.chain)
    settings: dict[str, Any] = {
        "endpoint_url": f"https://127.0.0.1:{port}",
        "region_name": REGION,
        "aws_access_key_id": KEY_ID,
        "aws_secret_access_key": SECRET,
        "config": Config(retries={"total_max_attempts": 1}),
    }
    assert boto3.client("kms", verify=str(bundle), **settings).list_keys()["NextMarker"] == BIG
    with pytest.raises(SSLError):
        boto3.client("kms", **settings).list_keys()


def test_a_post_quantum_key_exchange_is_preferred(port: int) -> None:
    connection = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), socket.socket())
    connection.connect(("127.0.0.1", port))
    connection.do_handshake()
    assert connection.get_protocol_version_name() == "TLSv1.3"
    assert connection.get_group_name() == "X25519MLKEM768"
    connection.shutdown()
    connection.close()


def test_who_offers_no_known_protocol_gets_the_only_one_there_is(
    port: int, identity: TlsIdentity
) -> None:
    context = client_context(identity)
    context.set_alpn_protocols(["h2"])
    with TlsClient(port, context) as client:
        assert client.ask(listing(port)).status == 200
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() is None


def test_plain_http_is_told_to_speak_tls(port: int) -> None:
    for request in (
        request_bytes(f"127.0.0.1:{port}", {}, b"", path="/nothing"),
        listing(port),
    ):
        with RawClient(port) as client:
            reply = client.ask(request)
            assert reply.status == 400
            assert "https" in reply.document["message"]
            assert client.closed()


def test_who_says_nothing_in_clear_is_cut_off(port: int) -> None:
    with RawClient(port) as client:
        client.send(b"POST /")
        assert client.ask(b"").status == 408


def test_what_anybody_may_ask_for_comes_in_clear_and_inside_tls(identity: TlsIdentity) -> None:
    def public(method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        return 200, "application/pkix-crl", f"{method} {path} {len(body)}".encode()

    beside = Beside(public=public)
    with EndpointServer(FakeBackend(), SystemClock(), tls=identity, beside=beside) as server:
        port = int(server.address.rpartition(":")[2])
        asked = request_bytes("crl.example", {}, b"", method="GET", path="/crl/x.crl")
        with RawClient(port) as plain, TlsClient(port, client_context(identity)) as inside:
            for client in (plain, inside):
                reply = client.ask(asked)
                assert (reply.status, reply.body) == (200, b"GET /crl/x.crl 0")
            assert plain.ask(listing(port)).status == 400


def test_a_new_certificate_is_shown_to_whoever_connects_next(identity: TlsIdentity) -> None:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {}})
    with EndpointServer(backend, SystemClock(), tls=identity) as server:
        port = int(server.address.rpartition(":")[2])
        with TlsClient(port, client_context(identity)) as former:
            following = self_signed()
            server.renew(following)
            assert former.ask(listing(port)).status == 200
        with TlsClient(port, client_context(following)) as client:
            assert client.ask(listing(port)).status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            TlsClient(port, client_context(identity))
    with EndpointServer(backend, SystemClock()) as plain, pytest.raises(Refused):
        plain.renew(identity)


def test_a_key_that_tls_cannot_use_is_refused(identity: TlsIdentity) -> None:
    private = X25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server = EndpointServer(FakeBackend(), SystemClock(), tls=TlsIdentity(identity.chain, private))
    with pytest.raises(ValueError, match="EC, RSA or Ed25519"):
        server.start()


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x01"])
def test_who_does_not_finish_the_handshake_is_cut_off(port: int, start: bytes) -> None:
    with RawClient(port) as client:
        client.send(start)
        assert client.closed()


def test_who_does_not_read_is_cut_off(identity: TlsIdentity) -> None:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {"NextMarker": BIG}})
    bounds = Bounds(write_seconds=0.2, head_seconds=1.0)
    with EndpointServer(backend, SystemClock(), tls=identity, bounds=bounds) as server:
        port = int(server.url.rpartition(":")[2])
        with TlsClient(port, client_context(identity)) as deaf, RawClient(port) as witness:
            deaf.send(listing(port) * 100)
            assert witness.reply() is None  # itself closed for silence, but later
            assert len(backend.calls) < 100


def test_a_clients_goodbye_is_heard(port: int, identity: TlsIdentity) -> None:
    with TlsClient(port, client_context(identity)) as client:
        assert client.ask(listing(port)).status == 200
        assert isinstance(client.socket, ssl.SSLSocket)
        plain = client.socket.unwrap()
        plain.close()


def test_a_key_of_another_certificate_is_refused(identity: TlsIdentity) -> None:
    server = EndpointServer(
        FakeBackend(),
        SystemClock(),
        tls=TlsIdentity(identity.chain, self_signed().private_key),
    )
    with pytest.raises(SSL.Error):
        server.start()
    assert not server.running
    assert "PRIVATE" not in repr(identity)
