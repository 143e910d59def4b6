"""Lists far beyond what KMS signs as a message: by digest or representative, read by OpenSSL."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import make_authority
from workbench.pki.publishing import partition_of
from workbench.pki.revocations import Revocation, RevocationStore

LISTS = {"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("large") / "vault")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("key", "signing", "entries", "message_type"),
    [
        ("ML_DSA_65", "ML_DSA_65", 100_000, "EXTERNAL_MU"),
        ("EC_prime256v1", "SHA256WITHECDSA", 5_000, "DIGEST"),
        ("RSA_2048", "SHA384WITHRSA_PSS", 5_000, "DIGEST"),
    ],
)
def test_a_list_of_many(
    openssl: str,
    bench: PkiBench,
    tmp_path: Path,
    key: str,
    signing: str,
    entries: int,
    message_type: str,
) -> None:
    root = make_authority(
        bench,
        CertificateAuthorityConfiguration={"KeyAlgorithm": key, "SigningAlgorithm": signing},
        RevocationConfiguration=LISTS,
    )
    store, now = RevocationStore(bench.vault), bench.clock.now().replace(microsecond=0)
    end = now + timedelta(days=300)
    with bench.vault.transaction():
        for serial in range(1, entries + 1):
            store.add(root, Revocation(serial, now, "SUPERSEDED", end, partition_of(serial)))
    (made,) = bench.shelf.renew_revocation_lists(CertificateAuthorityArn=root)["RevocationLists"]
    assert (made["Entries"], made["Problem"]) == (entries, "")
    (event,) = bench.journal.lookup(event_name="Sign", limit=1)
    assert event["requestParameters"]["messageType"] == message_type
    document = bench.shelf.get_revocation_list(CertificateAuthorityArn=root)["Document"]
    crl = x509.load_der_x509_crl(document)
    assert len(crl) == entries
    listed, issuer = tmp_path / "list.pem", tmp_path / "root.pem"
    listed.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    issuer.write_text(
        bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)["Certificate"]
    )
    done = subprocess.run(
        [openssl, "crl", "-in", listed, "-CAfile", issuer, "-noout"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "verify OK" in done.stdout + done.stderr) == (0, True)
