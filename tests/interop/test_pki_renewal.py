"""Renewed, re-keyed, re-issued and cross-signed certificates, seen by the OpenSSL command line."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import make_request

ALGORITHMS = ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "EC_prime256v1", "RSA_2048", "ED25519")
SAN = (x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)
LISTS = {
    "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"},
    "OcspConfiguration": {"Enabled": True},
}
SIGNING = "arn:aws:acm-pca:::profile/EndEntityCertificate_SigningKey/V1"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("renewal") / "vault")
    yield made
    made.close()


class Peer:
    """OpenSSL over files of a folder."""

    def __init__(self, openssl: str, folder: Path) -> None:
        self._openssl = openssl
        self._folder = folder
        self._files = 0

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        done = subprocess.run(
            [self._openssl, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    def file(self, *pems: str) -> Path:
        self._files += 1
        path = self._folder / f"{self._files}.pem"
        path.write_text("\n".join(pems) + "\n")
        return path

    def verifies(self, leaf: str, root: str, *between: str) -> bool:
        more = ("-untrusted", self.file(*between)) if between else ()
        code, said = self.run(
            "verify", "-x509_strict", "-check_ss_sig", "-CAfile", self.file(root), *more,
            self.file(leaf),
        )  # fmt: skip
        assert (code == 0) == said.strip().endswith("OK"), said
        return code == 0


@pytest.fixture
def peer(openssl: str, tmp_path: Path) -> Peer:
    return Peer(openssl, tmp_path)


def make_root(bench: PkiBench, algorithm: str, common_name: str) -> str:
    arn = bench.shelf.create_certificate_authority_with_key(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": algorithm,
            "Subject": {"CommonName": common_name, "Country": "DE"},
        },
        RevocationConfiguration=LISTS,
    )["CertificateAuthorityArn"]
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    made = issue(bench, arn, csr.encode(), "template/RootCACertificate", 3650)
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=made["Certificate"].encode()
    )
    return str(arn)


def issue(
    bench: PkiBench, arn: str, csr: bytes, template: str = "", days: int = 30
) -> dict[str, Any]:
    answer: dict[str, Any] = bench.shelf.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr,
        TemplateArn=f"arn:aws:acm-pca:::{template}/V1" if template else SIGNING,
        Validity={"Type": "DAYS", "Value": days},
        Lint=False,
    )
    return answer


def own(bench: PkiBench, arn: str) -> str:
    answer = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    return str(answer["Certificate"])


def leaf_of(bench: PkiBench, root: str) -> dict[str, Any]:
    return issue(bench, root, make_request(new_key("P-256"), name("Leaf"), SAN))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_everything_made_after_another_verifies(
    bench: PkiBench, peer: Peer, algorithm: str
) -> None:
    root = make_root(bench, algorithm, f"Root {algorithm}")
    leaf, before = leaf_of(bench, root), own(bench, root)
    assert peer.verifies(leaf["Certificate"], before)
    renewed = bench.shelf.renew_certificate(CertificateArn=leaf["CertificateArn"], Lint=False)
    rekeyed = bench.shelf.rekey_certificate(
        CertificateArn=leaf["CertificateArn"], KeySpec="ML_DSA_44", Lint=False
    )
    for made in (renewed, rekeyed):
        assert peer.verifies(made["Certificate"], before)
    bench.shelf.renew_certificate_authority(CertificateAuthorityArn=root, Lint=False)
    after = own(bench, root)
    assert after != before
    for made in (leaf, renewed, rekeyed):
        assert peer.verifies(made["Certificate"], after)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_request_of_a_chosen_key_verifies(bench: PkiBench, peer: Peer, algorithm: str) -> None:
    root = make_root(bench, algorithm, f"Request {algorithm}")
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=root)["Csr"]
    code, said = peer.run("req", "-in", peer.file(csr), "-verify", "-noout")
    assert (code, "verify OK" in said) == (0, True)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_lists_of_every_algorithm_verify(bench: PkiBench, peer: Peer, algorithm: str) -> None:
    root = make_root(bench, algorithm, f"List {algorithm}")
    document = bench.shelf.get_revocation_list(CertificateAuthorityArn=root)["Document"]
    pem = x509.load_der_x509_crl(document).public_bytes(serialization.Encoding.PEM)
    code, said = peer.run(
        "crl", "-in", peer.file(pem.decode()), "-CAfile", peer.file(own(bench, root)), "-noout"
    )
    assert (code, "verify OK" in said) == (0, True)


def test_a_roots_new_key_is_reached_from_the_old_and_back(bench: PkiBench, peer: Peer) -> None:
    old = make_root(bench, "EC_prime256v1", "Changing")
    below_old = leaf_of(bench, old)["Certificate"]
    answer = bench.shelf.rekey_certificate_authority(
        CertificateAuthorityArn=old, KeyAlgorithm="ML_DSA_65", Lint=False
    )
    new = answer["CertificateAuthorityArn"]
    below_new = leaf_of(bench, new)["Certificate"]
    links = {one["Kind"]: one["Certificate"] for one in answer["Links"]}
    assert not peer.verifies(below_new, own(bench, old))
    assert peer.verifies(below_new, own(bench, old), links["NEW_WITH_OLD"])
    assert not peer.verifies(below_old, own(bench, new))
    assert peer.verifies(below_old, own(bench, new), links["OLD_WITH_NEW"])


def test_a_cross_signed_ca_is_reached_from_both_roots(bench: PkiBench, peer: Peer) -> None:
    one, other = (make_root(bench, "ML_DSA_65", f"Bridge {n}") for n in (1, 2))
    leaf = leaf_of(bench, one)["Certificate"]
    cross = bench.shelf.cross_sign_certificate_authority(
        IssuerArn=other, CertificateAuthorityArn=one, PathLength=0, Lint=False
    )["Certificate"]
    assert peer.verifies(leaf, own(bench, one))
    assert not peer.verifies(leaf, own(bench, other))
    assert peer.verifies(leaf, own(bench, other), cross)


def test_constraints_of_a_cross_certificate_bind(bench: PkiBench, peer: Peer) -> None:
    one, other = (make_root(bench, "ML_DSA_44", f"Bound {n}") for n in (1, 2))
    leaf = leaf_of(bench, one)["Certificate"]
    for suffix, accepted in (("example", True), ("test", False)):
        names = x509.NameConstraints([x509.DNSName(suffix)], None)
        cross = bench.shelf.cross_sign_certificate_authority(
            IssuerArn=other,
            CertificateAuthorityArn=one,
            Extensions=[
                {
                    "ObjectIdentifier": names.oid.dotted_string,
                    "Critical": True,
                    "Value": names.public_bytes(),
                }
            ],
            Lint=False,
        )["Certificate"]
        assert peer.verifies(leaf, own(bench, other), cross) is accepted
