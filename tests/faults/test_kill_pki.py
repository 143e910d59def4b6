"""SIGKILL while Private CA issues, revokes, writes lists and takes CAs' certificates.

What a client was answered is there afterwards; what is there is whole: a certificate with its
event, a CA with its key, a list that verifies.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.faults.killing import killed
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.pki.authority import serial_text
from workbench.pki.parse import facts, one_certificate
from workbench.pki.shelf import every_certificate

ROUNDS = 5
LEAST, MOST = 2, 14
ISSUING = (
    "IssueCertificate",
    "IssueCertificates",
    "RenewCertificate",
    "RekeyCertificate",
    "RenewCertificateAuthority",
)


class Remembered:
    """Everything acknowledged so far, compared with a reopened bench."""

    def __init__(self, bench: Bench, acknowledged: list[dict[str, Any]]) -> None:
        self.bench = bench
        self.pca: Any = bench.acm_pca
        self.all = acknowledged
        self.kept = {
            one["CertificateArn"]: one
            for one in every_certificate(bench.shelf, MaxResults=1000)
            if "CertificateArn" in one
        }
        answer = self.pca.list_certificate_authorities(MaxResults=1000)
        self.authorities = {one["Arn"]: one for one in answer["CertificateAuthorities"]}

    def said(self, what: str) -> set[str]:
        return {one for done in self.all for one in done.get(what, ())}

    def check(self) -> None:
        assert self.said("certificates") <= self.kept.keys()
        assert self.said("authorities") <= self.authorities.keys()
        self._check_journal()
        for arn, described in self.authorities.items():
            self._check_authority(arn, described["Status"])
        for key in self.said("keys"):
            metadata = self.bench.kms.describe_key(KeyId=key)["KeyMetadata"]
            assert metadata["KeyState"] == "Enabled"
        assert [found for found in self.bench.vault.health() if not found.passed] == []

    def _check_journal(self) -> None:
        journal: Any = self.bench.journal
        assert journal.verify().problems == ()
        told: set[str] = set()
        for name in ISSUING:
            for event in journal.lookup(event_name=name, limit=100_000):
                if "errorCode" not in event:
                    told |= {one["ARN"] for one in event.get("resources", ())}
        # A certificate and the event of its being issued are both there or both not.
        assert {one for one in told if "/certificate/" in one} == self.kept.keys()

    def _check_authority(self, arn: str, status: str) -> None:
        of_ca = {"CertificateAuthorityArn": arn}
        csr = x509.load_pem_x509_csr(
            self.pca.get_certificate_authority_csr(**of_ca)["Csr"].encode()
        )
        assert csr.is_signature_valid
        if status == "PENDING_CERTIFICATE":
            return
        own = self.pca.get_certificate_authority_certificate(**of_ca)["Certificate"].encode()
        certificate = facts(one_certificate(own)).certificate
        assert status == "ACTIVE"
        assert _spki(certificate) == _spki(csr)
        listed = self.bench.shelf.list_authority_certificates(**of_ca)["Certificates"]
        assert listed[0]["Role"] == "CURRENT"
        renewed = [done["current"][arn] for done in self.all if arn in done.get("current", ())]
        assert set(renewed) <= {one["Id"] for one in listed}
        self._check_list(arn, certificate)

    def _check_list(self, arn: str, issuer: x509.Certificate) -> None:
        of_ca = {"CertificateAuthorityArn": arn}
        answer = self.bench.shelf.get_revocation_list(**of_ca)
        crl = x509.load_der_x509_crl(answer["Document"])
        assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        revoked = {one["Serial"] for one in self._revocations(of_ca)}
        assert {serial_text(one.serial_number) for one in crl} == revoked
        for certificate in self.said("revoked"):
            if certificate.startswith(arn):
                known = facts(self.kept[certificate]["Certificate"]).certificate
                assert serial_text(known.serial_number) in revoked
        written = x509.load_der_x509_crl(Path(answer["RevocationList"]["File"]).read_bytes())
        assert written.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]

    def _revocations(self, of_ca: dict[str, str]) -> Iterator[dict[str, Any]]:
        answer = self.bench.shelf.list_revocations(**of_ca, MaxResults=1000)
        assert "NextToken" not in answer
        yield from answer["Revocations"]


def _spki(signed: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    return signed.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().randrange(2**32)


def test_nothing_of_private_ca_is_half_made(tmp_path: Path, seed: int) -> None:
    print("seed", seed)  # noqa: T201 - shown when the test fails
    choose = random.Random(seed)
    keyring, folder = tmp_path / "keyring", tmp_path / "vault"
    assembly = Assembly(secrets=FolderStore(keyring), cost=QUICK)
    bench, _ = assembly.create(folder, "correct horse battery staple")
    bench.close()
    acknowledged: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        arguments = ["-m", "tests.faults.kill_pki_child", str(folder), str(keyring)]
        arguments += [str(choose.randrange(2**32))]
        spin = choose.randrange(300_000)
        acknowledged += killed(arguments, choose.randrange(LEAST, MOST), spin)
        bench = assembly.open(folder)
        bench.vault.unlock_with_keyring()
        assert bench.vault.warnings == ()
        Remembered(bench, acknowledged).check()
        bench.close()
    assert len(acknowledged) >= ROUNDS * LEAST
