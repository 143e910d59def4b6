"""A vault that signs in every format: keys of every kind, certified, and a timestamp authority."""

from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.fakes.engine import make_bench
from tests.fakes.signers import CLASSICAL, KEY
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.pki.csr import make_csr
from workbench.pki.parse import pem
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key

STAMPER = "alias/stamper"
EDWARDS = "alias/edwards"
RSA = "alias/rsa"
PLAIN = "alias/plain"


def format_bench(folder: Path, clock: TravelClock | None = None) -> Bench:
    """Make a bench with an ML-DSA-65 and a P-256 hierarchy, and further keys.

    The P-256 hierarchy certifies Ed25519 and RSA signers and a timestamp authority as well; `PLAIN`
    is a P-256 key without a certificate.
    """
    bench = make_bench(folder, clock)
    bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
    classical = bench.create_hierarchy(
        HierarchyRequest(
            root_name="Classical Root",
            subordinate_name="Classical Subordinate",
            signer_name="Classical Signer",
            algorithm="EC_prime256v1",
            alias=CLASSICAL,
        ),
        lambda text, share: None,
    )
    authority = classical.subordinate_arn
    _key(bench, PLAIN, "ECC_NIST_P256")
    for alias, spec, template in (
        (EDWARDS, "ECC_NIST_EDWARDS25519", "template/CodeSigningCertificate"),
        (RSA, "RSA_2048", "template/CodeSigningCertificate"),
    ):
        _certify(bench, _key(bench, alias, spec), authority, template)
    make_stamper(bench, authority)
    return bench


def make_stamper(bench: Bench, authority: str) -> str:
    """Make the key `STAMPER`, certified for timestamping by a CA with a P-256 key; returns its id.

    Args:
        bench: where.
        authority: the CA's ARN.
    """
    stamper = _key(bench, STAMPER, "ECC_NIST_P256")
    _certify(bench, stamper, authority, "profile/TimeStampingCertificate")
    return stamper


def _key(bench: Bench, alias: str, spec: Any) -> str:
    made = bench.kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")
    key = str(made["KeyMetadata"]["KeyId"])
    bench.kms.create_alias(AliasName=alias, TargetKeyId=key)
    return key


def _certify(bench: Bench, key: str, authority: str, template: str) -> None:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"{template.rpartition('/')[2]} {key[:4]}")]
    )
    csr = make_csr(bench.kms, key, name)
    arn = bench.acm_pca.issue_certificate(
        CertificateAuthorityArn=authority,
        Csr=csr.encode(),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn=f"arn:aws:acm-pca:::{template}/V1",
        Validity={"Value": 300, "Type": "DAYS"},
    )["CertificateArn"]
    made = bench.acm_pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn)
    bench.shelf.import_certificates(Data=made["Certificate"].encode(), TrustRoots=False)


def root_file(bench: Bench, key: str, target: Path) -> Path:
    """Write the root of a key's chain as PEM."""
    target.write_text(pem(chain_for_key(bench.kms, bench.shelf, key)[-1]) + "\n")
    return target
