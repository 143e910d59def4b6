"""What signing and verifying files costs, beside bare cryptography, OpenSSL and pyHanko.

Part of packaging/bench; see `benchmarks.py` for how pairs are made. OpenSSL is a process for each
file, so a sample of them is run and scaled.
"""

import asyncio
import hashlib
import io
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks_pki import openssl
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.x509.oid import NameOID
from figures import PAIRS, Figure, figure, ratios

from tests.fakes.pdfs import document
from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.hsm.officer import Argon2Cost
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.recipe import Recipe, make_recipe

SIGNATURES = 600
MIB = 1 << 20
GIB = 1 << 30
FILES = 10_000
FILE_BYTES = 4096
DOCUMENTS = 1_000
SAMPLE = 50
CORES = os.cpu_count() or 1
ALIAS = "alias/bench"
QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery staple"


@contextmanager
def bench_in(folder: Path, algorithm: str = "ML_DSA_65") -> Iterator[Bench]:
    """A fresh vault with a code-signing hierarchy."""
    assembly = Assembly(secrets=MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(folder / "vault", PASSPHRASE)
    try:
        request = HierarchyRequest(alias=ALIAS, algorithm=algorithm)
        bench.create_hierarchy(request, lambda text, share: None)  # noqa: ARG005 - a protocol
        yield bench
    finally:
        bench.close()


def signing_recipe(bench: Bench, folder: Path | None = None) -> Recipe:
    """The recipe of the bench's hierarchy for plain CMS."""
    chain = chain_for_key(bench.kms, bench.shelf, ALIAS)
    return make_recipe(bench.kms, ALIAS, chain, replace_existing=True, folder=folder)


def other_recipe(bench: Bench, kind: str, folder: Path | None = None, **options: bool) -> Recipe:
    """The recipe of another format."""
    choices = Choices(
        keys=(KeyChoice(ALIAS),),
        kind=kind,
        options=tuple(sorted(options.items())),
        folder=str(folder or ""),
        replace=True,
    )
    return recipe_from(bench.kms, bench.shelf, choices)


def sign_all(bench: Bench, recipe: Recipe, paths: Sequence[Path], count: int) -> None:
    """Sign as one job and make sure that every file was."""
    view = bench.jobs.wait(bench.jobs.submit(recipe, list(paths)))
    if view.done != count:
        raise SystemExit(f"only {view.done} of {count} files were signed")


def on_all_cores(work: Callable[[], object], times: int) -> None:
    """Do something so many times, on as many threads as there are processors."""

    def part(_: int) -> None:
        for _number in range(times // CORES):
            work()

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(part, range(CORES)))


def small_files(folder: Path, count: int = FILES) -> Path:
    """Return a folder of random files of 4 KiB."""
    many = folder / "many"
    many.mkdir()
    for number in range(count):
        (many / f"{number:05}").write_bytes(os.urandom(FILE_BYTES))
    return many


def big_file(folder: Path) -> Path:
    """Return a random file of 1 GiB."""
    big = folder / "big"
    with big.open("wb") as stream:
        for _ in range(GIB // MIB):
            stream.write(os.urandom(MIB))
    return big


def documents(folder: Path, count: int = DOCUMENTS) -> Path:
    """Return a folder of PDFs of two pages."""
    many = folder / "documents"
    many.mkdir()
    for number in range(count):
        (many / f"{number:04}.pdf").write_bytes(document(f"Invoice {number}", "Terms"))
    return many


def sign_1kib(folder: Path) -> list[Figure]:
    """In-process Sign of 1 KiB against the bare library."""
    message = os.urandom(1024)
    bare_key = MLDSA65PrivateKey.generate()
    with bench_in(folder) as bench:
        key = bench.kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]

        def bare() -> None:
            for _ in range(SIGNATURES):
                bare_key.sign(message)

        def ours() -> None:
            for _ in range(SIGNATURES):
                bench.kms.sign(KeyId=key, Message=message, SigningAlgorithm="ML_DSA_SHAKE_256")

        values = ratios(bare, ours, 2 * PAIRS)
    what = "ML-DSA-65 Sign of 1 KiB through the door, against bare cryptography in a loop"
    return [figure("sign-1kib", what, values, "", 0.95, at_least=True)]


def file_1gib(folder: Path) -> list[Figure]:
    """Signing one 1 GiB file against bare SHA-512 of it, and the memory it takes."""
    return _one_large(folder, "file-1gib", "SHA-512", "Signing a 1 GiB file", signing_recipe)


def jws_1gib(folder: Path) -> list[Figure]:
    """The same as a detached JWS, whose key signs µ: SHAKE256 of everything (FIPS 204 §6.2).

    RFC 7515 has the content signed in base64url, which is a third more to hash than the peer
    does; RFC 7797 has it signed as it is.
    """
    words = "Signing a 1 GiB file as a detached JWS"
    other = folder / "base64url"
    other.mkdir()
    return [
        *_one_large(folder, "jws-1gib", "SHAKE256", words, detached_jws),
        *_one_large(
            other, "jws-1gib-b64", "SHAKE256", f"{words} in base64url", encoded_detached_jws
        ),
    ]


def detached_jws(bench: Bench) -> Recipe:
    """The recipe of a JWS beside its file, which is signed as it is (RFC 7797)."""
    return other_recipe(bench, "jws", detached=True, unencoded=True)


def encoded_detached_jws(bench: Bench) -> Recipe:
    """The recipe of a JWS beside its file, which is signed in base64url (RFC 7515 appendix F)."""
    return other_recipe(bench, "jws", detached=True)


def _one_large(
    folder: Path, name: str, digest: str, what: str, recipe: Callable[[Bench], Recipe]
) -> list[Figure]:
    big = big_file(folder)

    def bare() -> None:
        # file_digest takes no digests of any length: both are read by the piece.
        running: Any = hashlib.sha512() if digest == "SHA-512" else hashlib.shake_256()
        with big.open("rb") as stream:
            while block := stream.read(MIB):
                running.update(block)

    with bench_in(folder) as bench:
        values = ratios(bare, lambda: sign_all(bench, recipe(bench), [big], 1), 5)
    script = Path(__file__).with_name("benchmarks.py")
    child = [sys.executable, str(script), "--child", name, str(folder)]
    done = subprocess.run(child, check=True, capture_output=True, text=True)
    return [
        figure(name, f"{what}, against bare {digest} of it", values, "", 0.9, at_least=True),
        figure(f"{name}-memory", "Peak memory of a process that signs it", [float(done.stdout)],
               "MiB", 150, at_least=False),
    ]  # fmt: skip


def child_memory(folder: Path, recipe: Callable[[Bench], Recipe]) -> None:
    """Sign the big file in a process of its own and print the peak memory in MiB."""
    other = folder / "memory"
    other.mkdir()
    with bench_in(other) as bench:
        sign_all(bench, recipe(bench), [folder / "big"], 1)
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def files_10000(folder: Path) -> list[Figure]:
    """Many small files against bare signatures on all cores, and against OpenSSL."""
    many = small_files(folder)
    bare_key, message = MLDSA65PrivateKey.generate(), os.urandom(64)
    key, certificate = _openssl_signer(folder)
    sample = sorted(many.iterdir())[:SAMPLE]

    def peer() -> None:
        for path in sample:
            openssl("cms", "-sign", "-md", "sha512", "-binary", "-outform", "DER", "-in", path,
                    "-signer", certificate, "-inkey", key, "-out", folder / "peer.p7s")  # fmt: skip

    with bench_in(folder) as bench:
        folders = (folder / f"out-{number}" for number in range(100))

        def ours() -> None:
            # A fresh folder each time: what one repetition left is cleaned up after the run.
            out = next(folders)
            out.mkdir()
            sign_all(bench, signing_recipe(bench, out), [many], FILES)

        values = ratios(lambda: on_all_cores(lambda: bare_key.sign(message), FILES), ours, 5)
        beside = [one * FILES / SAMPLE for one in ratios(peer, ours, 3)]
    what = f"Signing {FILES:,} files of 4 KiB"
    return [
        figure("files-10000", f"{what}, against bare ML-DSA-65 signatures on all cores", values,
               "", 0.8, at_least=True),
        figure("files-openssl", f"{what}, against a loop of `openssl cms -sign` (a sample, scaled)",
               beside, "", 1, at_least=True),
    ]  # fmt: skip


def _openssl_signer(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "signer.key", folder / "signer.pem"
    openssl("genpkey", "-algorithm", "ML-DSA-65", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Peer", "-days", "30", "-out",
            certificate)  # fmt: skip
    return key, certificate


def verify_10000(folder: Path) -> list[Figure]:
    """Verifying many signatures with their chains, against bare ones and OpenSSL."""
    from workbench.ui.panes.signing.verify_work import (  # noqa: PLC0415 - Qt-free
        Terms,
        read_trust,
        verify_all,
    )

    many, out = small_files(folder), folder / "out"
    out.mkdir()
    bare_key, message = MLDSA65PrivateKey.generate(), os.urandom(64)
    public, signature = bare_key.public_key(), bare_key.sign(message)
    with bench_in(folder) as bench:
        sign_all(bench, signing_recipe(bench, out), [many], FILES)
        pairs = [(path, out / many.name / f"{path.name}.p7s") for path in sorted(many.iterdir())]
        trust = read_trust(bench.shelf)
        root = folder / "root.pem"
        root.write_bytes(x509.load_der_x509_certificate(trust.roots[0]).public_bytes(_PEM))

        def ours() -> None:
            good: list[bool] = []
            verify_all(
                bench.verifier, pairs, trust, Terms(), threading.Event(),
                lambda found: good.extend(one.verdict.valid for one in found), lambda *_: None,
            )  # fmt: skip
            if good.count(True) != FILES:
                raise SystemExit("not every signature was valid")

        def bare() -> None:
            for _ in range(FILES):
                public.verify(signature, message)

        def peer() -> None:
            for path, signed in pairs[:SAMPLE]:
                openssl("cms", "-verify", "-inform", "DER", "-in", signed, "-content", path,
                        "-CAfile", root, "-purpose", "codesign", "-binary", "-out",
                        os.devnull)  # fmt: skip

        values = ratios(bare, ours, 3)
        beside = [one * FILES / SAMPLE for one in ratios(peer, ours, 2)]
    what = f"Verifying {FILES:,} CMS signatures with chains of three"
    return [
        figure("verify-10000", f"{what}, against one bare ML-DSA-65 verification each", values, "",
               0.25, at_least=True),
        figure("verify-openssl", f"{what}, against a loop of `openssl cms -verify` (a sample, "
               "scaled)", beside, "", 1, at_least=True),
    ]  # fmt: skip


_PEM = serialization.Encoding.PEM


def pdfs_1000(folder: Path) -> list[Figure]:
    """Many PDFs signed by P-256, against pyHanko with a key in memory."""
    many = documents(folder)
    contents = [path.read_bytes() for path in sorted(many.iterdir())]
    sign = _pyhanko()
    with bench_in(folder, "EC_prime256v1") as bench:
        folders = (folder / f"out-{number}" for number in range(100))

        def ours() -> None:
            out = next(folders)
            out.mkdir()
            sign_all(bench, other_recipe(bench, "pades", out), [many], DOCUMENTS)

        values = ratios(lambda: [sign(one) for one in contents], ours, 3)
    what = f"Signing {DOCUMENTS:,} PDFs as PAdES-B with P-256, against pyHanko's own signer"
    return [figure("pdfs-1000", what, values, "", 0.8, at_least=True)]


def _pyhanko() -> Callable[[bytes], object]:
    """Return what signs a PDF by pyHanko alone, with a key of its own."""
    from asn1crypto import keys  # noqa: PLC0415 - peers of one benchmark
    from asn1crypto import x509 as asn1_x509  # noqa: PLC0415
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Peer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(_DER)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    settings = signers.PdfSignatureMetadata(
        field_name="Signature", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )

    def sign(data: bytes) -> object:
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        return asyncio.run(signers.PdfSigner(settings, signer).async_sign_pdf(writer))

    return sign


_DER = serialization.Encoding.DER
