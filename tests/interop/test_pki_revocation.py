"""Lists and OCSP answers, seen by the OpenSSL command line, from files and over HTTP."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import fetch, make_authority, order
from workbench.pki.lint import lint_crl
from workbench.pki.revocations import RevocationStore
from workbench.pki.serving import Serving

ALGORITHMS = (
    ("ML_DSA_44", "ML_DSA_44"),
    ("ML_DSA_87", "ML_DSA_87"),
    ("EC_prime256v1", "SHA256WITHECDSA"),
    ("EC_secp384r1", "SHA384WITHECDSA"),
    ("RSA_2048", "SHA256WITHRSA"),
    ("RSA_2048", "SHA512WITHRSA_PSS"),
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("revocation") / "vault")
    yield made
    made.close()


def run(openssl: str, *arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [openssl, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def served(serving: Serving) -> Iterator[str]:
    """Serve on a port of this machine; yields host and port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, content = serving.handle(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = _answer  # noqa: N815 - its name there
        do_POST = _answer  # noqa: N815 - its name there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Case:
    """A CA with a good and a revoked certificate, as files."""

    def __init__(
        self, bench: PkiBench, folder: Path, algorithm: tuple[str, str], **crl: str
    ) -> None:
        signing = {"SigningAlgorithm": algorithm[1]}
        self.arn = make_authority(
            bench,
            CertificateAuthorityConfiguration={"KeyAlgorithm": algorithm[0], **signing},
            RevocationConfiguration={
                "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists", **crl},
                "OcspConfiguration": {"Enabled": True},
            },
        )
        self.bench = bench
        self.folder = folder
        answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=self.arn)
        self.root = folder / "root.pem"
        self.root.write_text(f"{answer['Certificate']}\n")
        self.good = self._leaf("good", signing)
        self.bad = self._leaf("bad", signing)
        bench.pca.revoke_certificate(
            CertificateAuthorityArn=self.arn,
            CertificateSerial=f"{self._certificate(self.bad).serial_number:x}",
            RevocationReason="CESSATION_OF_OPERATION",
        )

    def _leaf(self, name: str, signing: dict[str, str]) -> Path:
        template = "profile/EndEntityCertificate_SigningKey"
        made = fetch(self.bench, order(self.bench, self.arn, None, template, **signing))
        path = self.folder / f"{name}.pem"
        path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return path

    @staticmethod
    def _certificate(path: Path) -> x509.Certificate:
        return x509.load_pem_x509_certificate(path.read_bytes())

    def list_of(self, path: Path | None) -> Path:
        """Write the list that a certificate names, or the complete one, as PEM."""
        from workbench.pki.publishing import partition_of

        part = 0 if path is None else partition_of(self._certificate(path).serial_number)
        made = RevocationStore(self.bench.vault).list_of(self.arn, part)
        assert made is not None
        crl = x509.load_der_x509_crl(made.der)
        target = self.folder / f"list-{part}.pem"
        target.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
        return target


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids="-".join)
def test_openssl_takes_the_list(
    openssl: str, bench: PkiBench, tmp_path: Path, algorithm: tuple[str, str]
) -> None:
    case = Case(bench, tmp_path, algorithm)
    crl = case.list_of(None)
    code, said = run(openssl, "crl", "-in", crl, "-verify", "-CAfile", case.root, "-noout")
    assert (code, "verify OK" in said) == (0, True)
    base = ("verify", "-x509_strict", "-crl_check", "-CAfile", case.root, "-CRLfile", crl)
    assert run(openssl, *base, case.good) == (0, f"{case.good}: OK\n")
    code, said = run(openssl, *base, case.bad)
    assert code != 0
    assert "certificate revoked" in said
    made = RevocationStore(bench.vault).list_of(case.arn, 0)
    assert made is not None
    findings = [f.code for f in lint_crl(made.der) if f.severity in {"ERROR", "FATAL", "WARNING"}]
    assert findings == []


def test_openssl_takes_a_partition_for_its_own_certificates_only(
    openssl: str, bench: PkiBench, tmp_path: Path
) -> None:
    case = Case(bench, tmp_path, ("ML_DSA_65", "ML_DSA_65"), CrlType="PARTITIONED")
    base = ("verify", "-x509_strict", "-crl_check", "-CAfile", case.root, "-CRLfile")
    assert "revoked" in run(openssl, *base, case.list_of(case.bad), case.bad)[1]
    assert run(openssl, *base, case.list_of(case.good), case.good)[0] == 0
    if case.list_of(case.good) != case.list_of(case.bad):
        code, said = run(openssl, *base, case.list_of(case.good), case.bad)
        assert code != 0
        assert "revoked" not in said


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids="-".join)
def test_openssl_takes_ocsp_answers_from_a_file(
    openssl: str, bench: PkiBench, tmp_path: Path, algorithm: tuple[str, str]
) -> None:
    case = Case(bench, tmp_path, algorithm)
    for path, status in ((case.good, "good"), (case.bad, "revoked")):
        request, answer = tmp_path / "request.der", tmp_path / "answer.der"
        ask = ("-no_nonce", "-issuer", case.root, "-cert", path)
        assert run(openssl, "ocsp", *ask, "-reqout", request)[0] == 0
        answer.write_bytes(bench.service.respond(request.read_bytes(), bench.clock.now()))
        code, said = run(openssl, "ocsp", *ask, "-respin", answer, "-CAfile", case.root)
        assert code == 0, said
        assert "Response verify OK" in said
        assert f"{path}: {status}" in said


def test_openssl_asks_over_http(openssl: str, bench: PkiBench, tmp_path: Path) -> None:
    case = Case(bench, tmp_path, ("ML_DSA_65", "ML_DSA_65"))
    name = case.arn.rpartition("/")[2]
    with served(bench.service.serving(bench.clock)) as host:
        for path, status in ((case.good, "good"), (case.bad, "revoked")):
            code, said = run(
                openssl, "ocsp", "-issuer", case.root, "-cert", path, "-nonce",
                "-CAfile", case.root, "-url", f"http://{host}/ocsp/{name}",
            )  # fmt: skip
            assert code == 0, said
            assert "Response verify OK" in said
            assert "WARNING" not in said
            assert f"{path}: {status}" in said
        code, said = run(openssl, "crl", "-in", f"http://{host}/crl/{name}.crl", "-noout", "-text")
        assert code == 0, said
        assert "Cessation Of Operation" in said
