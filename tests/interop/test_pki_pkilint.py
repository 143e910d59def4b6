"""What the CA issues, seen by pkilint, which knows RFC 5280 and RFC 9881."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.pki import make_pki_bench
from workbench.pki.csr import make_csr
from workbench.pki.names import from_subject

pytest.importorskip("pkilint", reason="pkilint is not installed")


def findings(path: Path) -> list[str]:
    done = subprocess.run(
        [
            sys.executable, "-m", "pkilint.bin.lint_pkix_cert", "lint",
            "-s", "WARNING", "-f", "JSON", str(path),
        ],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    report = json.loads(done.stdout)
    return [
        found["code"] for result in report["results"] for found in result["finding_descriptions"]
    ]


@pytest.mark.parametrize(
    ("algorithm", "spec", "expected"),
    [
        # And on ML-DSA keys, against RFC 9881 §5.
        ("ML_DSA_65", "ML_DSA_65", ["pkix.key_usage_value_prohibited_for_mldsa"]),
        # AWS's template puts keyEncipherment on elliptic-curve keys, against RFC 8813 §3.
        ("EC_prime256v1", "ECC_NIST_P256", ["pkix.key_usage_value_prohibited_for_ec"]),
    ],
)
def test_issued_certificates_have_no_findings(
    tmp_path: Path, algorithm: str, spec: str, expected: list[str]
) -> None:
    bench = make_pki_bench(tmp_path / "vault")
    made = bench.hierarchy("alias/linted", algorithm)
    key = bench.kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    issued = bench.pca.issue_certificate(
        CertificateAuthorityArn=made.subordinate_arn,
        Csr=make_csr(bench.kms, key, from_subject({"CommonName": "Server"})).encode(),
        SigningAlgorithm="ML_DSA_65" if spec == "ML_DSA_65" else "SHA256WITHECDSA",
        Validity={"Type": "DAYS", "Value": 30},
    )["CertificateArn"]
    served = bench.pca.get_certificate(
        CertificateAuthorityArn=made.subordinate_arn, CertificateArn=issued
    )["Certificate"]
    bench.close()
    path = tmp_path / "certificate.pem"
    for pem in (made.root_pem, made.subordinate_pem, made.certificate_pem):
        path.write_text(pem)
        assert findings(path) == []
    path.write_text(f"{served}\n")
    assert findings(path) == expected
