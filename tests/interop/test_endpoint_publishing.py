"""Lists and OCSP answers on the endpoint, found by what certificates say, asked for by OpenSSL."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.fakes.certificates import make
from tests.fakes.engine import make_bench
from tests.fakes.pki_orders import make_request

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Authority:
    """A CA made over the endpoint, with a good and a revoked certificate as files."""

    arn: str
    folder: Path
    address: str

    def path(self, name: str) -> str:
        return str(self.folder / f"{name}.pem")

    def serial(self, name: str) -> int:
        return x509.load_pem_x509_certificate(Path(self.path(name)).read_bytes()).serial_number


def made_by(pca: Any, folder: Path, algorithm: str, signing: str, **crl: str) -> Authority:
    arn = pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": algorithm,
            "SigningAlgorithm": signing,
            "Subject": {"CommonName": f"Root {algorithm}"},
        },
        RevocationConfiguration={
            "OcspConfiguration": {"Enabled": True},
            "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists", **crl},
        },
    )["CertificateAuthorityArn"]

    def issue(name: str, csr: bytes, template: str, days: int) -> None:
        issued = pca.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=csr,
            SigningAlgorithm=signing,
            TemplateArn=f"arn:aws:acm-pca:::template/{template}/V1",
            Validity={"Type": "DAYS", "Value": days},
        )["CertificateArn"]
        answer = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
        (folder / f"{name}.pem").write_text(f"{answer['Certificate']}\n")

    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
    issue("root", csr, "RootCACertificate", 365)
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=(folder / "root.pem").read_bytes()
    )
    for name in ("good", "bad"):
        issue(name, make_request(), "EndEntityCertificate", 100)
    made = Authority(arn, folder, pca.meta.endpoint_url.partition("://")[2])
    pca.revoke_certificate(
        CertificateAuthorityArn=arn,
        CertificateSerial=f"{made.serial('bad'):x}",
        RevocationReason="CESSATION_OF_OPERATION",
    )
    return made


def client(environment: dict[str, str]) -> Any:
    return boto3.client(
        "acm-pca",
        region_name=environment["AWS_DEFAULT_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        verify=environment.get("AWS_CA_BUNDLE"),
    )


@pytest.fixture(scope="module", params=["plain", "tls"])
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    bench = make_bench(tmp_path_factory.mktemp("served") / "vault")
    bench.serving.start(tls=request.param == "tls")
    yield bench.serving.variables()
    bench.close()


def run(openssl: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [openssl, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def check_status(openssl: str, made: Authority) -> None:
    """Ask where the certificates say: lists, and OCSP with a nonce; good, revoked and unknown."""
    verify = (
        "verify", "-x509_strict", "-crl_check", "-crl_download", "-CAfile", made.path("root")
    )  # fmt: skip
    assert run(openssl, *verify, made.path("good")) == (0, f"{made.path('good')}: OK\n")
    code, said = run(openssl, *verify, made.path("bad"))
    assert code != 0
    assert "certificate revoked" in said
    _, url = run(openssl, "x509", "-in", made.path("good"), "-noout", "-ocsp_uri")
    assert url.startswith(f"http://{made.address}/ocsp/")
    issuer = x509.load_pem_x509_certificate(Path(made.path("root")).read_bytes()).subject
    stranger = make("Stranger", issuer_name=issuer).certificate
    (made.folder / "unknown.pem").write_bytes(stranger.public_bytes(serialization.Encoding.PEM))
    base = ("ocsp", "-issuer", made.path("root"), "-CAfile", made.path("root"), "-nonce")
    for name, status in (("good", "good"), ("bad", "revoked"), ("unknown", "unknown")):
        code, said = run(
            openssl, *base, "-cert", made.path(name), "-url", url.strip(), "-resp_text"
        )
        assert code == 0, said
        assert "Response verify OK" in said
        assert "WARNING" not in said  # no nonce, or another than was asked with
        assert f"{made.path(name)}: {status}" in said
        assert "OCSP Nonce" in said
        assert "Subject: CN=OCSP responder" in said


@pytest.mark.parametrize(
    ("algorithm", "signing"),
    [
        ("ML_DSA_65", "ML_DSA_65"),
        ("EC_prime256v1", "SHA256WITHECDSA"),
        ("RSA_2048", "SHA256WITHRSA"),
    ],
)
def test_openssl_finds_out_what_is_revoked(
    openssl: str, environment: dict[str, str], tmp_path: Path, algorithm: str, signing: str
) -> None:
    check_status(openssl, made_by(client(environment), tmp_path, algorithm, signing))


def test_openssl_finds_a_certificate_s_part_of_the_list(
    openssl: str, environment: dict[str, str], tmp_path: Path
) -> None:
    pca = client(environment)
    made = made_by(pca, tmp_path, "ML_DSA_44", "ML_DSA_44", CrlType="PARTITIONED")
    check_status(openssl, made)


@pytest.mark.parametrize("options", [(), ("--tls",)], ids=["plain", "tls"])
def test_a_throw_away_endpoint_publishes_too(
    openssl: str, tmp_path: Path, options: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--ephemeral", "--json", *options],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        pca = client(ready["environment"])
        check_status(openssl, made_by(pca, tmp_path, "EC_prime256v1", "SHA256WITHECDSA"))
    finally:
        process.terminate()
        process.communicate(timeout=30)
