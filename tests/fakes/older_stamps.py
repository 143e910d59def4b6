"""A timestamp authority as programs had them before RFC 3161, on a port of this machine."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.fakes.certificates import NOW, Made
from tests.fakes.formats import Hierarchy
from workbench.signing import der


@dataclass(frozen=True)
class OlderAuthority:
    """Counter-signs signature values, as Authenticode's first authorities do.

    Attributes:
        chain: its certificate and those above.
        moment: the time it states; None leaves it out.
        digest: by name, as asn1crypto has it.
    """

    chain: tuple[Made, ...]
    moment: datetime | None = NOW
    digest: str = "sha256"

    @staticmethod
    def of(lab: Hierarchy, **more: Any) -> "OlderAuthority":
        return OlderAuthority((lab.stamper, lab.sub), **more)

    def info(self, value: bytes) -> cms.SignerInfo:
        """Return the counter-signature over a signature value."""
        kinds = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}
        running = hashes.Hash(kinds[self.digest]())
        running.update(value)
        stated: list[dict[str, Any]] = [
            {"type": "content_type", "values": ["data"]},
            {"type": "message_digest", "values": [running.finalize()]},
        ]
        if self.moment is not None:
            time = cms.Time({"utc_time": self.moment})
            stated.append({"type": "signing_time", "values": [time]})
        attributes = cms.CMSAttributes([cms.CMSAttribute(one) for one in stated])
        leaf = x509.Certificate.load(self.chain[0].der)
        signed = self.chain[0].key.sign(attributes.dump(), ec.ECDSA(kinds[self.digest]()))
        named = {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": named}),
                "digest_algorithm": {"algorithm": self.digest},
                "signed_attrs": attributes,
                "signature_algorithm": {"algorithm": f"{self.digest}_ecdsa"},
                "signature": signed,
            }
        )

    def respond(self, value: bytes) -> bytes:
        """Return what is sent back for a signature value: SignedData over it."""
        made = cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": [{"algorithm": self.digest}],
                "encap_content_info": {"content_type": "data", "content": value},
                "certificates": [x509.Certificate.load(one.der) for one in self.chain],
                "signer_infos": [self.info(value)],
            }
        )
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": made}).dump())


@contextmanager
def served(authority: OlderAuthority) -> Iterator[str]:
    """Answer requests on a port of this machine; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = der.read(base64.b64decode(body), "The request")
            _kind, about = der.children(request, "The request")
            wrapped = der.children(about, "The request")[-1]
            value = bytes(der.children(wrapped, "The request")[0].content)
            answer = base64.b64encode(authority.respond(value))
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
