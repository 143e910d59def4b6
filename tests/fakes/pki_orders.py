"""Certificate requests and orders, for tests that issue."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.fakes.certificates import name, new_key
from tests.fakes.pki import PkiBench
from workbench.pki.clients import error_code

Asked = tuple[x509.ExtensionType, bool]


def make_request(key: Any = None, subject: x509.Name | None = None, *asked: Asked) -> bytes:
    """Return a PEM request by a key that lives in the test."""
    key = key or new_key("P-256")
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        name("Leaf") if subject is None else subject
    )
    for extension, critical in asked:
        builder = builder.add_extension(extension, critical)
    hashed = isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    made = builder.sign(key, hashes.SHA256() if hashed else None)
    return made.public_bytes(serialization.Encoding.PEM)


def order(
    bench: PkiBench, authority: str, request: bytes | None = None, template: str = "", **more: Any
) -> str:
    """Issue a certificate and return its ARN; `template` is a name with its kind."""
    if template:
        more["TemplateArn"] = f"arn:aws:acm-pca:::{template}/V1"
    more.setdefault("SigningAlgorithm", "SHA256WITHECDSA")
    more.setdefault("Validity", {"Type": "DAYS", "Value": 30})
    made = bench.pca.issue_certificate(
        CertificateAuthorityArn=authority, Csr=request or make_request(), **more
    )
    return str(made["CertificateArn"])


def fetch(bench: PkiBench, arn: str) -> x509.Certificate:
    """Return an issued certificate."""
    authority = arn.partition("/certificate/")[0]
    answer = bench.pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn)
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def refused(call: Callable[[], Any]) -> str:
    """Return the code of the AWS error that a call ends in."""
    with pytest.raises(ClientError) as caught:
        call()
    return error_code(caught.value)


def make_authority(bench: PkiBench, **more: Any) -> str:
    """Make an active root CA and return its ARN."""
    configuration = {
        "KeyAlgorithm": "EC_prime256v1",
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "Root", "Country": "DE"},
        **more.pop("CertificateAuthorityConfiguration", {}),
    }
    arn = bench.pca.create_certificate_authority(
        CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration=configuration, **more
    )["CertificateAuthorityArn"]
    csr = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    own = bench.pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr.encode(),
        SigningAlgorithm=configuration["SigningAlgorithm"],
        TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
        Validity={"Type": "DAYS", "Value": 3650},
    )["CertificateArn"]
    pem = bench.pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=own)["Certificate"]
    bench.pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=pem.encode()
    )
    return str(arn)
