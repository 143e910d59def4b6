"""What Private CA costs: issuing, revocation lists, validation, beside OpenSSL's command line.

Part of packaging/bench; see `benchmarks.py` for how pairs are made. OpenSSL's `x509 -req` is a
process for each certificate, so a sample of them is run and scaled; `verify` takes all at once.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.x509.oid import NameOID

from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.hsm.officer import Argon2Cost
from workbench.pki.parse import one_certificate
from workbench.pki.publishing import partition_of
from workbench.pki.revocations import Revocation, RevocationStore
from workbench.pki.validate import Purpose, validate_chain

ROOT = Path(__file__).resolve().parents[1]
LEAVES = 1_000
BATCH = 100
SAMPLE = 50
REVOKED = 100_000
TBS = 2_600
"""Bytes that are signed of a certificate with an ML-DSA-65 key."""

SIGNING = "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"
QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)

Work = Callable[[], object]


class Pair(NamedTuple):
    """Seconds that both took for the same."""

    ours: float
    peer: float


def seconds(work: Work) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def openssl(*arguments: str | Path) -> None:
    """Run the OpenSSL that the tests take as their peer."""
    fetched = ROOT / ".cache" / "openssl" / "bin" / "openssl"
    found = str(fetched) if fetched.exists() else "openssl"
    program = os.environ.get("KEY_WORKBENCH_OPENSSL", found)
    done = subprocess.run(
        [program, *map(str, arguments)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(
            f"{program} {arguments[0]} failed; it takes 3.5 or newer. {done.stderr[:500]}"
        )


@contextmanager
def authority(folder: Path) -> Iterator[tuple[Bench, str]]:
    """A vault with an ML-DSA-65 root that publishes lists; yields its ARN, too."""
    assembly = Assembly(clock=TravelClock(), secrets=MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(folder / "vault", "correct horse battery staple")
    pca: Any = bench.acm_pca
    arn = pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "ML_DSA_65",
            "SigningAlgorithm": "ML_DSA_65",
            "Subject": {"CommonName": "Root"},
        },
        RevocationConfiguration={"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}},
    )["CertificateAuthorityArn"]
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    made = bench.shelf.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr.encode(),
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 3650},
    )
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=made["Certificate"].encode()
    )
    try:
        yield bench, arn
    finally:
        bench.close()


def requests(count: int) -> list[bytes]:
    """Return PEM requests of ML-DSA-65 keys, each with a name of its own."""
    made = []
    for number in range(count):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"device-{number:05}")])
        names = x509.SubjectAlternativeName([x509.DNSName(f"device-{number:05}.example")])
        request = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(subject)
            .add_extension(names, critical=False)
            .sign(MLDSA65PrivateKey.generate(), None)
        )
        made.append(request.public_bytes(serialization.Encoding.PEM))
    return made


def issue(bench: Bench, arn: str, csrs: Sequence[bytes], *, check: bool) -> list[str]:
    """Issue a certificate for each request and return them, PEM."""
    made: list[str] = []
    for start in range(0, len(csrs), BATCH):
        answer = bench.shelf.issue_certificates(
            CertificateAuthorityArn=arn,
            TemplateArn=SIGNING,
            Validity={"Type": "DAYS", "Value": 30},
            Requests=[{"Csr": one} for one in csrs[start : start + BATCH]],
            Check=check,
        )
        made += [one["Certificate"] for one in answer["Results"]]
    return made


def issuing_figures(folder: Path, pairs: int) -> dict[str, list[Pair]]:
    """Return times of issuing, against bare signatures and against `openssl x509 -req`."""
    csrs, message = requests(LEAVES), os.urandom(TBS)
    key = MLDSA65PrivateKey.generate()

    def bare() -> None:
        for _ in csrs:
            key.sign(message)

    found: dict[str, list[Pair]] = {"bare": [], "checked": [], "openssl": []}
    with authority(folder) as (bench, arn):
        peer = _openssl_issuing(folder, csrs[:SAMPLE])
        bare()
        for _ in range(pairs):
            ours = seconds(lambda: issue(bench, arn, csrs, check=False))
            found["bare"].append(Pair(ours, seconds(bare)))
            found["openssl"].append(Pair(ours, seconds(peer) * LEAVES / SAMPLE))
            ours = seconds(lambda: issue(bench, arn, csrs, check=True))
            found["checked"].append(Pair(ours, seconds(bare)))
    return found


def _openssl_issuing(folder: Path, csrs: Sequence[bytes]) -> Work:
    key, root = folder / "peer.key", folder / "peer.pem"
    openssl("genpkey", "-algorithm", "ML-DSA-65", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Peer", "-days", "3650", "-out", root)
    files = []
    for number, csr in enumerate(csrs):
        files.append(folder / f"peer-{number}.csr")
        files[-1].write_bytes(csr)
    out = folder / "peer-leaf.pem"

    def work() -> None:
        for file in files:
            openssl(
                "x509", "-req", "-in", file, "-CA", root, "-CAkey", key, "-days", "30",
                "-copy_extensions", "copy", "-out", out,
            )  # fmt: skip

    return work


def crl_figures(folder: Path, pairs: int) -> list[Pair]:
    """Return times of a list of 100,000 revoked certificates, ours and `openssl ca -gencrl`'s."""
    with authority(folder) as (bench, arn):
        vault: Any = bench.vault
        store, now = RevocationStore(vault), bench.clock.now().replace(microsecond=0)
        serials = [int.from_bytes(os.urandom(16), "big") for _ in range(REVOKED)]
        with vault.transaction():  # one sync for many
            for serial in serials:
                store.add(
                    arn,
                    Revocation(
                        serial, now, "SUPERSEDED", now + timedelta(days=300), partition_of(serial)
                    ),
                )
        peer = _openssl_list(folder, serials)

        def ours() -> None:
            answer = bench.shelf.renew_revocation_lists(CertificateAuthorityArn=arn)
            if answer["RevocationLists"][0]["Entries"] != REVOKED:
                raise SystemExit("the list is not complete")

        ours()
        return [Pair(seconds(ours), seconds(peer)) for _ in range(pairs)]


def _openssl_list(folder: Path, serials: Sequence[int]) -> Work:
    home = folder / "ca"
    home.mkdir()
    lines = (
        f"R\t300101000000Z\t250101000000Z,superseded\t{serial:032X}\tunknown\t/CN=x\n"
        for serial in serials
    )
    (home / "index.txt").write_text("".join(lines), encoding="ascii")
    (home / "index.txt.attr").write_text("unique_subject = no\n", encoding="ascii")
    (home / "crlnumber").write_text("01\n", encoding="ascii")
    key, root, settings = home / "key.pem", home / "root.pem", home / "ca.cnf"
    settings.write_text(
        f"[ca]\ndefault_ca = d\n[d]\ndatabase = {home}/index.txt\ncrlnumber = {home}/crlnumber\n"
        f"certificate = {root}\nprivate_key = {key}\ndefault_md = null\ndefault_crl_days = 7\n"
        "crl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid\n",
        encoding="ascii",
    )
    openssl("genpkey", "-algorithm", "ML-DSA-65", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Peer", "-days", "3650", "-out", root)
    return lambda: openssl("ca", "-config", settings, "-gencrl", "-out", home / "list.pem")


def validation_figures(folder: Path, pairs: int) -> list[Pair]:
    """Return times of validating 1,000 chains, ours and `openssl verify`'s."""
    with authority(folder) as (bench, arn):
        leaves = issue(bench, arn, requests(LEAVES), check=False)
        pca: Any = bench.acm_pca
        root = pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)["Certificate"]
        now = bench.clock.now()
    anchor = one_certificate(root.encode())
    ders = [one_certificate(leaf.encode()) for leaf in leaves]
    trusted = folder / "root.pem"
    trusted.write_text(root, encoding="ascii")
    files = []
    for number, leaf in enumerate(leaves):
        files.append(folder / f"leaf-{number}.pem")
        files[-1].write_text(leaf, encoding="ascii")

    def ours() -> None:
        for der in ders:
            if not validate_chain(der, (), (anchor,), now, Purpose.SERVER_AUTH).trusted:
                raise SystemExit("a chain was not trusted")

    def peer() -> None:
        openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", trusted, *files)

    peer()
    return [Pair(seconds(ours), seconds(peer)) for _ in range(pairs)]
