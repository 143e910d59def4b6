"""TLS between a socket and a connection, by pyOpenSSL over memory buffers.

Why not the standard library's ssl: it is built on the system's OpenSSL, whose 3.0 has no
X25519MLKEM768; the wheel of `cryptography` brings an OpenSSL that prefers it by default. TLS 1.2
stays open, as at AWS's own endpoints, for older SDKs; its suites are the forward-secret AEAD ones.
"""

import asyncio
from contextlib import suppress
from typing import Protocol, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from workbench.endpoint.ports import TlsIdentity

_CIPHERS_1_2 = b"ECDHE+AESGCM:ECDHE+CHACHA20"
_PIECE = 64 * 1024
_HANDSHAKE = 0x16
"""The content type of a TLS client's first record (RFC 8446 §5.1); no HTTP method begins so."""


class Inner(Protocol):
    """What speaks inside: `workbench.endpoint.connection.Connection`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""

    def eof_received(self) -> bool:
        """Take that the client has said all."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""

    def pause_writing(self) -> None:
        """Stop answering."""

    def resume_writing(self) -> None:
        """Answer again."""

    def speak_plainly(self) -> None:
        """Know that the client does not speak TLS."""


def server_context(identity: TlsIdentity) -> SSL.Context:
    """Return the settings of a server.

    Raises:
        ValueError: a certificate or the key cannot be read.
        OpenSSL.SSL.Error: they do not belong together.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(_CIPHERS_1_2)
    context.set_options(
        SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE
    )
    server, *issuers = x509.load_pem_x509_certificates(identity.chain)
    context.use_certificate(server)
    for issuer in issuers:
        context.add_extra_chain_cert(issuer)
    # The server's own key, made for this run; no key of the vault ever comes here.
    key = load_pem_private_key(identity.private_key, None)
    if not isinstance(key, EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError("The server's key must be EC, RSA or Ed25519")  # noqa: TRY004 - a value
    context.use_privatekey(key)  # compares it with the certificate
    context.set_alpn_select_callback(_choose_protocol)
    return context


def _choose_protocol(connection: SSL.Connection, offered: list[bytes]) -> bytes:
    del connection
    if b"http/1.1" in offered:
        return b"http/1.1"
    return cast("bytes", SSL.NO_OVERLAPPING_PROTOCOLS)


class TlsLayer(asyncio.Protocol):
    """Decrypts for an inner protocol, and encrypts what it writes.

    A client that does not speak TLS is let through as it is, and the inner protocol told so.

    Args:
        context: the server's settings.
        inner: the protocol that speaks inside.
    """

    def __init__(self, context: SSL.Context, inner: Inner) -> None:
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self._inner = inner
        self._transport: asyncio.Transport | None = None
        self._begun = False
        self._established = False
        self._clear = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the inner protocol's deadlines watch over the handshake too."""
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(_TlsTransport(self, self._transport))

    def data_received(self, data: bytes) -> None:
        """Take bytes off the wire."""
        if not self._begun:
            self._begun, self._clear = True, data[0] != _HANDSHAKE
            if self._clear:
                self._inner.speak_plainly()
        if self._clear:
            self._inner.data_received(data)
            return
        try:
            self._tls.bio_write(data)
            if not self._established:
                self._tls.do_handshake()
                self._established = True
            self._decrypt()
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            if not self._inner.eof_received():
                self.say_goodbye()
                self.close()
            return
        except SSL.Error:
            self.flush()  # the alert that says why
            self.close()
            return
        self.flush()

    def _decrypt(self) -> None:
        while True:  # until WantReadError
            self._inner.data_received(self._tls.recv(_PIECE))

    def eof_received(self) -> bool:
        """Pass it on."""
        return bool(self._inner.eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass it on."""
        self._transport = None
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._inner.resume_writing()

    # What the inner protocol's transport calls.

    def send(self, data: bytes) -> None:
        """Encrypt and write; before the handshake's end there is nothing to say."""
        if self._clear and self._transport is not None:
            self._transport.write(data)
        if not self._established:
            return
        try:
            self._tls.sendall(data)
        except SSL.Error:
            self.close()
        self.flush()

    def flush(self) -> None:
        """Write what TLS has ready."""
        with suppress(SSL.WantReadError):
            while self._transport is not None:
                self._transport.write(self._tls.bio_read(_PIECE))

    def say_goodbye(self) -> None:
        """Send close_notify (RFC 8446 §6.1)."""
        if self._established:
            with suppress(SSL.Error):
                self._tls.shutdown()
            self.flush()

    def close(self) -> None:
        """Close the socket after what is written."""
        if self._transport is not None:
            self._transport.close()


class _TlsTransport(asyncio.Transport):
    """What the inner protocol writes to."""

    def __init__(self, layer: TlsLayer, below: asyncio.Transport) -> None:
        super().__init__()
        self._layer = layer
        self._below = below

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._layer.send(bytes(data))

    def write_eof(self) -> None:
        self._layer.say_goodbye()
        self._below.write_eof()

    def close(self) -> None:
        self._layer.say_goodbye()
        self._below.close()

    def abort(self) -> None:
        self._below.abort()

    def pause_reading(self) -> None:
        self._below.pause_reading()

    def resume_reading(self) -> None:
        self._below.resume_reading()
