"""Post-quantum code signing with AWS Private CA and AWS KMS, by boto3 and two libraries alone.

The steps of AWS's Java sample: root, subordinate, KMS key, CSR, code-signing certificate, detached
CMS signature. What is there already is used again. One JSON request in, one answer out; files go to
the folder that the request names.
"""

import base64
import hashlib
import json
import re
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from asn1crypto import algos, cms, x509
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from cryptography.utils import Buffer
from cryptography.x509 import (
    BasicConstraints,
    CertificateSigningRequestBuilder,
    Name,
    NameAttribute,
)
from cryptography.x509.oid import NameOID

FAMILY = "ML_DSA_65"
SIGNING = "ML_DSA_SHAKE_256"
ML_DSA_65 = "2.16.840.1.101.3.4.3.18"
SHAKE256 = "2.16.840.1.101.3.4.2.12"
TEMPLATE = "arn:aws:acm-pca:::template/{}/V1"
ROOT, SUBORDINATE = "CodeSigningRoot-MLDSA65", "CodeSigningSubordinate-MLDSA65"
ALIAS = "alias/code-signing-mldsa65"

kms, pca = boto3.client("kms"), boto3.client("acm-pca")


class KmsKey(MLDSA65PrivateKey):
    """A private key that AWS KMS has, for cryptography's builder of requests."""

    def public_key(self) -> Any:
        """Return what KMS says."""
        return load_der_public_key(kms.get_public_key(KeyId=ALIAS)["PublicKey"])

    def sign(self, data: Buffer, context: Buffer | None = None) -> bytes:
        """Have KMS sign."""
        assert context is None
        return sign(bytes(data))

    def sign_mu(self, mu: Buffer) -> bytes:
        """Refuse: not needed."""
        raise NotImplementedError

    def private_bytes(self, *_: object) -> bytes:
        """Refuse: it stays where it is."""
        raise NotImplementedError

    def private_bytes_raw(self) -> bytes:
        """Refuse: it stays where it is."""
        raise NotImplementedError

    def __copy__(self) -> "KmsKey":
        """Return itself: there is nothing to copy."""
        return self

    def __deepcopy__(self, memo: object) -> "KmsKey":
        """Return itself: there is nothing to copy."""
        return self


def ders(text: str) -> list[bytes]:
    """Return the certificates of a PEM text."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", text, re.DOTALL)
    return [base64.b64decode(one) for one in found]


def authority(name: str, kind: str, issuer: str = "") -> str:
    """Return the ARN of the active CA with a name, made when there is none."""
    for page in pca.get_paginator("list_certificate_authorities").paginate():
        for one in page["CertificateAuthorities"]:
            configuration = one["CertificateAuthorityConfiguration"]
            if configuration["Subject"]["CommonName"] == name and one["Status"] == "ACTIVE":
                return str(one["Arn"])
    arn = pca.create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": FAMILY,
            "SigningAlgorithm": FAMILY,
            "Subject": {"CommonName": name},
        },
        CertificateAuthorityType=kind,
        IdempotencyToken=uuid.uuid4().hex,
    )["CertificateAuthorityArn"]
    pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=arn)
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    template = "SubordinateCACertificate_PathLen0" if issuer else "RootCACertificate"
    answer = issue(issuer or arn, csr, template, 3650 if not issuer else 1825)
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn,
        Certificate=answer["Certificate"],
        **({"CertificateChain": answer["CertificateChain"]} if issuer else {}),
    )
    return str(arn)


def issue(issuer: str, csr: str, template: str, days: int) -> dict[str, str]:
    """Return a certificate and its chain."""
    arn = pca.issue_certificate(
        IdempotencyToken=str(uuid.uuid4()),
        CertificateAuthorityArn=issuer,
        Csr=csr.encode(),
        SigningAlgorithm=FAMILY,
        TemplateArn=TEMPLATE.format(template),
        Validity={"Type": "DAYS", "Value": days},
    )["CertificateArn"]
    named = {"CertificateAuthorityArn": issuer, "CertificateArn": arn}
    pca.get_waiter("certificate_issued").wait(**named)
    answer: dict[str, str] = pca.get_certificate(**named)
    return answer


def signing_key() -> str:
    """Return the ARN of the key behind the alias, made when there is none."""
    try:
        return str(kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"])
    except kms.exceptions.NotFoundException:
        arn = kms.create_key(KeySpec=FAMILY, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=ALIAS, TargetKeyId=arn)
        return str(arn)


def sign(data: bytes) -> bytes:
    """Have KMS sign."""
    answer = kms.sign(KeyId=ALIAS, Message=data, MessageType="RAW", SigningAlgorithm=SIGNING)
    return bytes(answer["Signature"])


def request(name: str) -> str:
    """Return a request for a certificate of the key."""
    builder = CertificateSigningRequestBuilder().subject_name(
        Name([NameAttribute(NameOID.COMMON_NAME, name)])
    )
    builder = builder.add_extension(BasicConstraints(ca=False, path_length=None), critical=False)
    return builder.sign(KmsKey(), None).public_bytes(Encoding.PEM).decode()


def detached(data: bytes, signer: bytes, chain: list[bytes]) -> bytes:
    """Return a detached SignedData (RFC 5652 §5, RFC 9882)."""
    digest = algos.DigestAlgorithm({"algorithm": SHAKE256})
    algorithm = algos.SignedDigestAlgorithm({"algorithm": ML_DSA_65})
    protection = cms.CMSAlgorithmProtection(
        {"digest_algorithm": digest, "signature_algorithm": algorithm}
    )
    content = hashlib.shake_256(data).digest(64)
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute(
                {"type": "signing_time", "values": [cms.Time({"utc_time": datetime.now(UTC)})]}
            ),
            cms.CMSAttribute({"type": "cms_algorithm_protection", "values": [protection]}),
            cms.CMSAttribute({"type": "message_digest", "values": [content]}),
        ]
    )
    mine = x509.Certificate.load(signer)
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": mine.issuer, "serial_number": mine.serial_number}
                    )
                }
            ),
            "digest_algorithm": digest,
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": sign(attributes.dump()),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": [x509.Certificate.load(one) for one in (signer, *chain)],
            "signer_infos": [info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def main() -> None:
    """Go through the post."""
    asked = json.load(sys.stdin)
    folder, data = Path(asked["folder"]), Path(asked["data"]).read_bytes()
    root = authority(ROOT, "ROOT")
    subordinate = authority(SUBORDINATE, "SUBORDINATE", root)
    key = signing_key()
    csr = request("CodeSigningCertificate")
    (folder / "csr.pem").write_text(csr)
    answer = issue(subordinate, csr, "CodeSigningCertificate", 365)
    (folder / "code-signing-cert.pem").write_text(answer["Certificate"] + "\n")
    (signer,), chain = ders(answer["Certificate"]), ders(answer["CertificateChain"])
    signature = detached(data, signer, chain)
    (folder / "signature-MLDSA65.p7s").write_bytes(signature)
    own = pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)["Certificate"]
    (folder / "root-ca-MLDSA65.pem").write_text(own + "\n")
    sys.stdout.write(json.dumps({"root": root, "subordinate": subordinate, "key": key}))


if __name__ == "__main__":
    main()
