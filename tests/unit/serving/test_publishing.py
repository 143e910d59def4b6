"""What the endpoint publishes of Private CA, in every Region, and what is renewed in its time."""

import contextlib
import http.client
import json
import random
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.fakes.endpoints import PLACE, Site, make_site
from tests.fakes.http_client import RawClient, request_bytes
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, order
from tests.fakes.vaults import PASSPHRASE
from workbench.base.errors import EnvironmentFault
from workbench.pki.service import PkiService
from workbench.pki.store import AuthorityStore
from workbench.serving.server import Serving

ELSEWHERE = "eu-west-1"
STATUS = {
    "OcspConfiguration": {"Enabled": True},
    "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists", "ExpirationInDays": 4},
}
Status = ocsp.OCSPResponseStatus


@dataclass
class Published:
    """A vault whose endpoint serves, with clients in a Region."""

    site: Site
    serving: Serving
    region: str = PLACE.region

    def elsewhere(self) -> "Published":
        return replace(self, region=ELSEWHERE)

    @property
    def bench(self) -> PkiBench:
        """The Region's clients, as tests that issue want them."""
        site, engine = self.site, self.site.engine
        kms, pca, shelf = (engine.client(one, self.region) for one in ("kms", "acm-pca", "shelf"))
        service = engine.publications._service(self.region)
        place = PLACE.elsewhere(self.region)
        return PkiBench(kms, pca, shelf, site.vault, engine.journal, site.clock, place, service)

    @property
    def host(self) -> str:
        return self.serving.url.partition("://")[2]

    def get(
        self, path: str, body: bytes | None = None, header: tuple[str, str] = ("Accept", "*/*")
    ) -> tuple[int, str, bytes]:
        url = path if path.startswith("http:") else f"http://{self.host}{path}"
        request = urllib.request.Request(url, body, dict([header]))
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read()

    def ask(self, path: str, question: bytes) -> ocsp.OCSPResponse:
        kind = ("Content-Type", "application/ocsp-request")
        status, answered, body = self.get(path, question, kind)
        assert (status, answered) == (200, "application/ocsp-response")
        return ocsp.load_der_ocsp_response(body)


@pytest.fixture
def published(tmp_path: Path) -> Iterator[Published]:
    with make_site(tmp_path / "vault") as site:
        serving = Serving(site.engine, site.vault, PLACE, site.clock)
        serving.start()
        yield Published(site, serving)
        serving.stop()


def addresses(certificate: x509.Certificate) -> tuple[str, str]:
    """Return where a certificate says that its list and its OCSP responder are."""
    extensions = certificate.extensions
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    names = next(iter(points)).full_name
    assert names is not None
    return str(names[0].value), str(next(iter(access)).access_location.value)


def question(bench: PkiBench, certificate: x509.Certificate, root: str) -> bytes:
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    issuer = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())
    return builder.build().public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("region", [PLACE.region, ELSEWHERE])
def test_certificates_name_what_is_served(published: Published, region: str) -> None:
    there = replace(published, region=region)
    bench = there.bench
    root = make_authority(bench, RevocationConfiguration=STATUS)
    certificate = fetch(bench, order(bench, root))
    listed, asked = addresses(certificate)
    assert listed.startswith(f"http://{there.host}/crl/")
    status, kind, der = there.get(listed)
    assert (status, kind) == (200, "application/pkix-crl")
    assert x509.load_der_x509_crl(der).issuer == certificate.issuer
    for path in (asked, "/ocsp", "/"):
        answer = there.ask(path, question(bench, certificate, root))
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=root,
        CertificateSerial=f"{certificate.serial_number:x}",
        RevocationReason="SUPERSEDED",
    )
    listing = x509.load_der_x509_crl(there.get(listed)[2])
    assert listing.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None
    answer = there.ask(asked, question(bench, certificate, root))
    assert answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
    folder = published.site.vault.directory / "published" / "lists"
    file = folder / "crl" / listed.rpartition("/")[2]
    assert x509.load_der_x509_crl(file.read_bytes()) == listing


def test_head_is_answered_like_get_but_for_the_body(published: Published) -> None:
    bench = published.bench
    root = make_authority(bench, RevocationConfiguration=STATUS)
    certificate = fetch(bench, order(bench, root))
    listed = addresses(certificate)[0].removeprefix(f"http://{published.host}")
    connection = http.client.HTTPConnection(published.host, timeout=20)
    with contextlib.closing(connection):
        for path, expected in ((listed, 200), (listed.replace(".crl", "/99.crl"), 404)):
            seen = []
            for method in ("HEAD", "GET", "HEAD"):  # on one connection: nothing is left over
                connection.request(method, path)
                answer = connection.getresponse()
                assert answer.status == expected
                length = int(answer.headers["Content-Length"])
                assert len(answer.read()) == (length if method == "GET" else 0)
                seen.append((answer.headers["Content-Type"], length))
            assert len(set(seen)) == 1
            assert seen[0][1] > 0
        connection.request("HEAD", "/")
        refused = connection.getresponse()
        assert (refused.status, refused.read()) == (405, b""), "no operation is asked for so"


def test_what_is_no_question_is_told_so(published: Published) -> None:
    root = make_authority(published.bench, RevocationConfiguration=STATUS)
    name = root.rpartition("/")[2]
    for path in ("/", "/ocsp", f"/ocsp/{name}"):
        for body in (b"x", b"\x30\x03\x02\x01\x00", b"\x30" * 17_000):
            answer = published.ask(path, body)
            assert answer.response_status is Status.MALFORMED_REQUEST
    stranger = "11111111-2222-4333-8444-555555555555"
    for path in (f"/crl/{stranger}.crl", f"/ocsp/{stranger}", "/else", "/crl/%2e%2e/vault.db"):
        assert published.get(path)[0] == 404
    with pytest.raises(urllib.error.HTTPError, match="413"):
        urllib.request.urlopen(f"http://{published.host}/ocsp", b"x" * 1_100_000, timeout=20)


class FullDisk:
    """A KMS client while nothing can be stored."""

    def __init__(self, kms: Any) -> None:
        self.meta = kms.meta

    def create_key(self, **request: Any) -> Any:
        raise EnvironmentFault("The disk is full.", f"Free some space for {request['KeySpec']}.")


def test_a_full_disk_is_an_internal_error_of_the_responder(published: Published) -> None:
    bench, site = published.bench, published.site
    root = make_authority(bench, RevocationConfiguration=STATUS)
    asked = question(bench, fetch(bench, order(bench, root)), root)
    store = AuthorityStore(site.vault)
    authority = store.get(root)
    assert authority is not None
    store.save(replace(authority, responder_key="", responder_certificate=b""))
    service = PkiService(site.vault, FullDisk(bench.kms), site.engine.publishing)
    status, _, body = service.serving(site.clock).handle("POST", "/ocsp", asked)
    assert status == 200
    assert ocsp.load_der_ocsp_response(body).response_status is Status.INTERNAL_ERROR


def test_whatever_is_asked_is_answered(published: Published) -> None:
    """Bytes changed, left out, put in: an OCSP answer each time, and the connection stays."""
    bench = published.bench
    root = make_authority(bench, RevocationConfiguration=STATUS)
    good = question(bench, fetch(bench, order(bench, root)), root)
    dice = random.Random(7)
    kind = {"Content-Type": "application/ocsp-request"}
    with RawClient(published.serving.port) as client:
        for _ in range(400):
            changed = bytearray(good)
            for _ in range(dice.randint(1, 3)):
                at = dice.randrange(len(changed))
                changed[at : at + dice.randint(0, 2)] = dice.randbytes(dice.randint(0, 3))
            path = dice.choice(("/", "/ocsp", f"/ocsp/{root.rpartition('/')[2]}"))
            reply = client.ask(request_bytes(published.host, kind, bytes(changed), path=path))
            assert reply.status == 200
            ocsp.load_der_ocsp_response(reply.body)


def test_a_web_page_is_not_answered_and_a_name_of_the_ca_is(published: Published) -> None:
    bench = published.bench
    root = make_authority(bench, RevocationConfiguration=STATUS)
    path = f"/crl/{root.rpartition('/')[2]}.crl"
    assert published.get(path, header=("Host", "crl.example.com"))[0] == 200
    assert published.get(path, header=("Origin", "http://evil.example"))[0] == 403
    assert published.get(path, header=("Sec-Fetch-Mode", "cors"))[0] == 403


def test_a_locked_vault_says_try_later(published: Published) -> None:
    root = make_authority(published.bench, RevocationConfiguration=STATUS)
    name = root.rpartition("/")[2]
    published.site.vault.lock()
    assert published.get(f"/crl/{name}.crl")[0] == 503
    assert published.ask(f"/ocsp/{name}", b"").response_status is Status.TRY_LATER
    published.site.vault.unlock_with_passphrase(PASSPHRASE)
    assert published.get(f"/crl/{name}.crl")[0] == 200


def test_lists_are_renewed_in_every_region(published: Published) -> None:
    paths = []
    for there in (published, published.elsewhere()):
        root = make_authority(there.bench, RevocationConfiguration=STATUS)
        paths.append(f"/crl/{root.rpartition('/')[2]}.crl")
    site = published.site
    for _ in range(2):
        before = [x509.load_der_x509_crl(published.get(path)[2]) for path in paths]
        site.clock.travel(timedelta(days=1, hours=23))
        site.engine.run_due()
        assert [x509.load_der_x509_crl(published.get(path)[2]) for path in paths] == before
        site.clock.travel(timedelta(hours=2))
        assert site.engine.run_due() >= 2
        for path, former in zip(paths, before, strict=True):
            following = x509.load_der_x509_crl(published.get(path)[2])
            assert following.next_update_utc is not None
            assert following.next_update_utc > site.clock.now() + timedelta(days=3)
            assert number(following) == number(former) + 1


def test_what_cannot_be_done_now_holds_up_nothing_else(published: Published) -> None:
    engine, done = published.site.engine, []

    def fail() -> int:
        raise EnvironmentFault("The disk is full.", "Free some space.")

    def work() -> int:
        done.append(True)
        return 3

    engine.on_round(fail)
    engine.on_round(work)
    with pytest.raises(EnvironmentFault, match="disk is full"):
        engine.run_due()
    assert done == [True]
    published.site.vault.lock()
    assert engine.run_due() == 0
    assert done == [True]


def number(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


class Interrupted:
    """A KMS client beside which something happens while it signs."""

    def __init__(self, kms: Any, meanwhile: Any) -> None:
        self._kms = kms
        self._meanwhile = meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kms, name)

    def sign(self, **request: Any) -> Any:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self._kms.sign(**request)


def test_a_revocation_while_a_list_is_signed_is_not_lost(published: Published) -> None:
    bench, site = published.bench, published.site
    root = make_authority(bench, RevocationConfiguration=STATUS)
    serial = fetch(bench, order(bench, root)).serial_number

    def revoke() -> None:
        bench.pca.revoke_certificate(
            CertificateAuthorityArn=root,
            CertificateSerial=f"{serial:x}",
            RevocationReason="KEY_COMPROMISE",
        )

    slow = Interrupted(bench.kms, revoke)
    service = PkiService(site.vault, slow, site.engine.publishing)
    site.clock.travel(timedelta(days=2, hours=1))
    assert service.run_due(site.clock.now()) == 0
    served = x509.load_der_x509_crl(published.get(f"/crl/{root.rpartition('/')[2]}.crl")[2])
    assert served.get_revoked_certificate_by_serial_number(serial) is not None
    assert service.run_due(site.clock.now()) == 0


def test_the_address_is_that_of_the_port_last_chosen(published: Published) -> None:
    serving, site = published.serving, published.site
    port = serving.port
    assert published.host == f"127.0.0.1:{port}"
    serving.stop()
    serving.start(port)
    serving.stop()
    assert serving.port == port
    serving.start()
    assert serving.port != port
    serving.stop()
    other = Serving(site.engine, site.vault, PLACE, site.clock)
    assert other.port == port
    site.engine.publishing.host = "127.0.0.1:1"
    site.vault.lock()
    site.vault.unlock_with_passphrase(PASSPHRASE)
    assert other.port == port


def shown(url: str) -> int:
    """Return the serial number of the certificate that a server shows."""
    host, port = url.removeprefix("https://").split(":")
    pem = ssl.get_server_certificate((host, int(port)))
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


def test_the_endpoint_s_certificate_is_renewed_in_time(published: Published) -> None:
    serving, site = published.serving, published.site
    serving.stop()
    url = serving.start(tls=True)
    first = shown(url)
    site.clock.travel(timedelta(days=3, hours=23))
    site.engine.run_due()
    assert shown(url) == first
    site.clock.travel(timedelta(hours=2))
    site.engine.run_due()
    second = shown(url)
    assert second != first
    site.clock.travel(timedelta(days=5))
    site.vault.lock()
    site.engine.run_due()
    assert shown(url) == second
    site.vault.unlock_with_passphrase(PASSPHRASE)
    site.engine.run_due()
    assert shown(url) != second


def test_a_certificate_that_cannot_be_renewed_is_told(published: Published) -> None:
    serving, site = published.serving, published.site
    serving.stop()
    url = serving.start(tls=True)
    first, kms = shown(url), site.engine.client("kms")
    keys = [one["KeyId"] for one in kms.list_keys()["Keys"]]
    for key in keys:
        kms.disable_key(KeyId=key)
    site.clock.travel(timedelta(days=5))
    site.engine.run_due()
    assert "could not be renewed" in serving.status
    assert shown(url) == first
    for key in keys:
        kms.enable_key(KeyId=key)
    site.engine.run_due()
    assert "renewed" not in serving.status
    assert shown(url) != first


def test_beside_tls_lists_are_served_in_clear(published: Published) -> None:
    serving = published.serving
    root = make_authority(published.bench, RevocationConfiguration=STATUS)
    serving.stop()
    serving.start(tls=True)
    assert published.get(f"/crl/{root.rpartition('/')[2]}.crl")[0] == 200
    status, _, body = published.get("/", b"{}", ("X-Amz-Target", "TrentService.ListKeys"))
    assert (status, "https" in json.loads(body)["message"]) == (400, True)
