"""Certificate signing requests (RFC 2986) by keys in KMS."""

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from workbench.pki.clients import KmsClient
from workbench.pki.external import ExternalKey, default_digest, external_key


def make_csr(kms: KmsClient, key_id: str, subject: x509.Name) -> str:
    """Return a PEM request for an end-entity certificate, signed by the key itself.

    Like AWS's samples it asks for `CA:FALSE`; a certificate template decides in the end.

    Raises:
        Refused: the key cannot sign requests.
        botocore.exceptions.ClientError: KMS refused.
    """
    return sign_csr(external_key(kms, key_id), subject, ca=False)


def sign_csr(
    key: ExternalKey,
    subject: x509.Name,
    *,
    ca: bool,
    extensions: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> str:
    """Return a PEM request signed by `key`.

    Args:
        key: the key to certify.
        subject: whom the certificate is for.
        ca: whether it asks for a CA certificate.
        extensions: what else it asks for, and whether each is critical.
    """
    builder = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=ca)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    request = builder.sign(key, default_digest(key))
    return request.public_bytes(serialization.Encoding.PEM).decode()
