"""The CAs of AWS Private CA as a collection of certificates, to be shown and not to be changed.

Owns the reading of ListCertificateAuthorities and GetCertificateAuthorityCertificate in the form of
the workbench's own `shelf`, because AWS has no list of what it issued. Everything else is refused.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workbench.base.errors import Refused
from workbench.pki.names import readable
from workbench.pki.parse import Facts, Malformed, facts
from workbench.pki.shelf import public_key_hash

_AT_ONCE: Final = 8
_WITHOUT: Final = frozenset({"CREATING", "PENDING_CERTIFICATE", "DELETED"})
_SKIPPED: Final = frozenset(
    {"AccessDeniedException", "InvalidStateException", "ResourceNotFoundException"}
)


class AuthorityShelf:
    """Boto3-shaped like the `shelf` service; reads only.

    Args:
        acm_pca: gives a boto3 client of AWS Private CA.
    """

    def __init__(self, acm_pca: Callable[[], Any]) -> None:
        self._client = acm_pca

    def list_certificates(self, **request: Any) -> dict[str, Any]:
        """Return the certificates of every CA that may be listed, and of the CAs above them.

        Raises:
            botocore ClientError: CAs may not be listed at all.
        """
        client = self._client()
        pages = client.get_paginator("list_certificate_authorities").paginate()
        listed = [one for page in pages for one in page["CertificateAuthorities"]]
        wanted = [one for one in listed if one.get("Status") not in _WITHOUT]
        with ThreadPoolExecutor(_AT_ONCE, "authorities") as pool:
            answers = list(pool.map(lambda one: _certificates(client, one), wanted))
        found: dict[str, dict[str, Any]] = {}
        for entries in answers:
            for entry in entries:
                if entry["Source"] == "AUTHORITY" or entry["Id"] not in found:
                    found[entry["Id"]] = entry
        digest = request.get("PublicKeySha256")
        chosen = [one for one in found.values() if digest in {None, one["PublicKeySha256"]}]
        return {"Certificates": chosen}

    def list_documents(self, **_request: Any) -> dict[str, Any]:
        """Return nothing: AWS keeps revocation lists in a bucket."""
        return {"Documents": []}

    def __getattr__(self, name: str) -> Any:
        """Refuse what only a vault does."""
        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(**_request: Any) -> dict[str, Any]:
            raise Refused(
                "AWS Private CA keeps no collection of certificates.",
                "Turn to this vault for that.",
            )

        return refuse


def _certificates(client: Any, authority: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a CA's certificate and those above it; none where it may not be read."""
    arn = authority["Arn"]
    try:
        answer = client.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    except ClientError as error:
        if error.response["Error"].get("Code") not in _SKIPPED:
            raise
        return []
    own = [_entry(one, arn) for one in _read(answer.get("Certificate", ""))]
    return own[:1] + [_entry(one, "") for one in _read(answer.get("CertificateChain", ""))]


def _read(text: str) -> Iterator[Facts]:
    """Yield the certificates of a PEM text; what cannot be read is left out."""
    try:
        found = x509.load_pem_x509_certificates(text.encode()) if text else []
    except ValueError:
        return
    for one in found:
        try:
            yield facts(one.public_bytes(Encoding.DER))
        except Malformed:
            continue


def _entry(one: Facts, arn: str) -> dict[str, Any]:
    return {
        "Id": one.fingerprint,
        "Certificate": one.der,
        "Subject": readable(one.certificate.subject),
        "Source": "AUTHORITY" if arn else "IMPORTED",
        "Trusted": False,
        "PublicKeySha256": public_key_hash(one.spki),
        "CertificateAuthorityArn": arn,
    }
