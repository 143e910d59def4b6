"""The posts' walks through Private CA, by AWS's own clients against the endpoint."""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.fakes.engine import make_bench
from tests.fakes.peers import Served, need_peers
from workbench.pki.external import external_key

REGION = "us-west-1"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    need_peers()
    bench = make_bench(tmp_path_factory.mktemp("served") / "vault")
    bench.serving.start()
    variables = {**bench.serving.variables(), "AWS_REGION": bench.place.region}
    yield Served(bench, variables)
    bench.close()


def told(openssl: str, folder: Path, *arguments: str) -> str:
    """Return what OpenSSL says, in one line, spaces as one."""
    done = subprocess.run(
        [openssl, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return " ".join((done.stdout + done.stderr).split())


def test_the_code_signing_post(served: Served, tmp_path: Path, openssl: str) -> None:
    """Root, subordinate, KMS key, CSR, code-signing certificate, detached CMS, verified."""
    data = tmp_path / "program.bin"
    data.write_bytes(bytes(range(256)) * 1000)
    asked = {"folder": str(tmp_path), "data": str(data)}
    made = served.peer("code_signing.py", asked)
    assert served.peer("code_signing.py", asked) == made  # what is there is used again
    csr = told(
        openssl, tmp_path, "req", "-in", "csr.pem", "-inform", "pem", "-text", "-noout", "-verify"
    )
    for words in (
        "Certificate request self-signature verify OK",
        "Version: 1 (0x0) Subject: CN=CodeSigningCertificate",
        "Public Key Algorithm: ML-DSA-65",
        "Requested Extensions: X509v3 Basic Constraints: CA:FALSE",
        "Signature Algorithm: ML-DSA-65",
    ):
        assert words in csr
    certificate = told(
        openssl,
        tmp_path,
        "x509",
        "-in",
        "code-signing-cert.pem",
        "-inform",
        "pem",
        "-text",
        "-noout",
    )
    for words in (
        "Issuer: CN=CodeSigningSubordinate-MLDSA65",
        "Subject: CN=CodeSigningCertificate",
        "X509v3 Key Usage: critical Digital Signature",
        "X509v3 Extended Key Usage: critical Code Signing",
        "X509v3 Basic Constraints: CA:FALSE",
    ):
        assert words in certificate
    signature = told(
        openssl,
        tmp_path,
        "cms",
        "-cmsout",
        "-in",
        "signature-MLDSA65.p7s",
        "-inform",
        "DER",
        "-print",
    )
    for words in (
        "contentType: pkcs7-signedData",
        "eContent: <ABSENT>",
        "algorithm: shake256 (2.16.840.1.101.3.4.2.12) parameter: <ABSENT>",
        "id-aa-CMSAlgorithmProtection",
        "signatureAlgorithm: algorithm: ML-DSA-65 (2.16.840.1.101.3.4.3.18) parameter: <ABSENT>",
    ):
        assert words in signature
    assert signature.count("d.certificate:") == 3
    verify = (
        "cms", "-verify", "-in", "signature-MLDSA65.p7s", "-content", "program.bin",
        "-CAfile", "root-ca-MLDSA65.pem", "-inform", "DER", "-purpose", "any",
        "-binary", "-out", "/dev/null",
    )  # fmt: skip
    assert told(openssl, tmp_path, *verify) == "CMS Verification successful"
    root = x509.load_pem_x509_certificate((tmp_path / "root-ca-MLDSA65.pem").read_bytes())
    trusted = [root.public_bytes(serialization.Encoding.DER)]
    p7s = tmp_path / "signature-MLDSA65.p7s"
    assert served.bench.verifier.verify(data, p7s, trusted).valid
    data.write_bytes(b"forged")
    assert "CMS Verification failure" in told(openssl, tmp_path, *verify)
    assert not served.bench.verifier.verify(data, p7s, trusted).valid


CA_CONFIG = """
{
  "KeyAlgorithm": "EC_prime256v1",
  "SigningAlgorithm": "SHA256WITHECDSA",
  "Subject": {
    "Country": "US",
    "CommonName": "mDL IACA Root"
  }
}
"""
REVOCATION_CONFIG = """
{
  "CrlConfiguration": {
    "CustomCname": "example.com",
    "Enabled": true,
    "S3BucketName": "crlmdlbucket",
    "ExpirationInDays": 5000
  }
}
"""
EXTENSION_SIGNER = """
{
     "Extensions": {
         "KeyUsage": {
             "DigitalSignature": true
         },
         "ExtendedKeyUsage": [
             {
                 "ExtendedKeyUsageObjectIdentifier": "1.0.18013.5.1.2"
             }
         ]
     }
}
"""
# The post has a comma too many in revocation_config.txt, spaces behind a backslash, and a dash that
# is no hyphen before certificate-authority-type; the rest is as it is printed.
STEPS_1_AND_2 = """
aws acm-pca create-certificate-authority \
    --region us-west-1 \
    --certificate-authority-configuration file://ca_config.txt \
    --revocation-configuration file://revocation_config.txt \
    --certificate-authority-type "ROOT" > created.json
sed -n 's/.*"CertificateAuthorityArn": "\\(.*\\)".*/\\1/p' created.json > ca
aws acm-pca get-certificate-authority-csr \
    --region us-west-1 \
    --output text \
    --certificate-authority-arn $(cat ca) > IACA.csr
"""
STEPS_3_TO_6 = """
aws acm-pca issue-certificate \
    --region us-west-1 \
    --certificate-authority-arn $(cat ca) \
    --template-arn "arn:aws:acm-pca:::template/BlankRootCACertificate_PathLen0_APIPassthrough/V1" \
    --signing-algorithm "SHA256WITHECDSA" \
    --csr fileb://IACA.csr \
    --validity Value=3285,Type="DAYS" \
    --api-passthrough file://extensions.txt > issued.json
sed -n 's/.*"CertificateArn": "\\(.*\\)".*/\\1/p' issued.json > certificate
aws acm-pca get-certificate \
    --region us-west-1 \
    --certificate-authority-arn $(cat ca) \
    --certificate-arn $(cat certificate) \
    --output text > IACA-Root-CA-Cert.pem
aws acm-pca import-certificate-authority-certificate \
    --region us-west-1 \
    --certificate-authority-arn $(cat ca) \
    --certificate fileb://IACA-Root-CA-Cert.pem
aws kms create-key \
    --region us-west-1 \
    --key-spec ECC_NIST_P256 \
    --key-usage SIGN_VERIFY
"""
# The CLI puts a tab between certificate and chain, which OpenSSL does not read: a new line for it.
STEPS_8_AND_9 = """
aws acm-pca issue-certificate \
    --region us-west-1 \
    --certificate-authority-arn $(cat ca) \
    --template-arn "arn:aws:acm-pca:::template/BlankEndEntityCertificate_APIPassthrough/V1" \
    --signing-algorithm "SHA256WITHECDSA" \
    --csr fileb://document-signing-kms.csr \
    --validity Value=1825,Type="DAYS" \
    --api-passthrough file://extensionSigner.txt > issued.json
sed -n 's/.*"CertificateArn": "\\(.*\\)".*/\\1/p' issued.json > certificate
aws acm-pca get-certificate \
    --region us-west-1 \
    --certificate-authority-arn $(cat ca) \
    --certificate-arn $(cat certificate) \
    --output text | tr '\\t' '\\n' > document_signing_cert.pem
"""
# sha256sum prints digits and a name, which AWS KMS refuses for a digest, and so does this one.
STEP_12 = """
printf mso > EncodedMSO
sha256sum < EncodedMSO > EncodedMSODigest
aws kms sign --region us-west-1 --key-id $(cat key) --message fileb://EncodedMSODigest \
    --message-type DIGEST --signing-algorithm ECDSA_SHA_256 2>&1 || true
openssl dgst -sha256 -binary < EncodedMSO > EncodedMSODigest
aws kms sign \
 --region us-west-1 \
 --key-id $(cat key) \
 --message fileb://EncodedMSODigest \
 --message-type DIGEST \
 --signing-algorithm ECDSA_SHA_256 \
 --output text \
 --query Signature | base64 --decode > signature
openssl x509 -in document_signing_cert.pem -noout -pubkey > signer.pub
openssl dgst -sha256 -verify signer.pub -signature signature EncodedMSO
"""


def extensions(authority: str) -> str:
    """Return extensions.txt with the CA's own address in the distribution point, as is told."""
    url = f"http://example.com/crl/{authority.rpartition('/')[2]}.crl"
    name = x509.UniformResourceIdentifier(url)
    points = x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)])
    value = base64.b64encode(points.public_bytes()).decode()
    own = [{"ObjectIdentifier": "2.5.29.31", "Value": value}]
    usage = {"KeyCertSign": True, "CRLSign": True}
    return json.dumps({"Extensions": {"KeyUsage": usage, "CustomExtensions": own}})


def document_signer_request(kms: Any, key: str) -> bytes:
    """Do what the post's utility does: a request whose key is in KMS."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.COMMON_NAME, "mDL Document Signer"),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    made = builder.sign(external_key(kms, key), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def test_the_mdl_post_s_command_lines(served: Served, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "ca_config.txt").write_text(CA_CONFIG)
    (tmp_path / "revocation_config.txt").write_text(REVOCATION_CONFIG)
    (tmp_path / "extensionSigner.txt").write_text(EXTENSION_SIGNER)
    served.run(tmp_path, openssl, STEPS_1_AND_2)
    authority = (tmp_path / "ca").read_text().strip()
    assert authority.startswith(f"arn:aws:acm-pca:{REGION}:")
    (tmp_path / "extensions.txt").write_text(extensions(authority))
    made = json.loads(served.run(tmp_path, openssl, STEPS_3_TO_6))["KeyMetadata"]
    assert made["SigningAlgorithms"] == ["ECDSA_SHA_256"]
    assert made["Arn"].startswith(f"arn:aws:kms:{REGION}:")
    (tmp_path / "key").write_text(made["KeyId"])
    request = document_signer_request(served.client("kms", REGION), made["Arn"])
    (tmp_path / "document-signing-kms.csr").write_bytes(request)
    served.run(tmp_path, openssl, STEPS_8_AND_9)
    signed = served.run(tmp_path, openssl, STEP_12)
    assert "ValidationException" in signed
    assert signed.endswith("Verified OK\n")

    root = told(openssl, tmp_path, "x509", "-in", "IACA-Root-CA-Cert.pem", "-text", "-noout")
    url = f"http://example.com/crl/{authority.rpartition('/')[2]}.crl"
    for words in (
        "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0",
        "X509v3 Key Usage: critical Certificate Sign, CRL Sign X509v3",
        f"X509v3 CRL Distribution Points: Full Name: URI:{url}",
    ):
        assert words in root
    signer = told(openssl, tmp_path, "x509", "-in", "document_signing_cert.pem", "-text", "-noout")
    assert re.search(r"X509v3 Key Usage: (critical )?Digital Signature X509v3", signer)
    assert re.search(r"X509v3 Extended Key Usage: (critical )?1\.0\.18013\.5\.1\.2 ", signer)
    assert f"URI:{url}" in signer
    # The list is where the certificates say, for whoever gives example.com this machine's address.
    where = f"{served.environment['AWS_ENDPOINT_URL']}/crl/{authority.rpartition('/')[2]}.crl"
    fetched = ("crl", "-in", where, "-inform", "DER", "-out", "list.pem")
    told(openssl, tmp_path, *fetched)
    checked = told(
        openssl, tmp_path, "verify", "-x509_strict", "-crl_check",
        "-CAfile", "IACA-Root-CA-Cert.pem", "-CRLfile", "list.pem", "document_signing_cert.pem",
    )  # fmt: skip
    assert checked == "document_signing_cert.pem: OK"
