"""AWS Private CA's certificate templates as one frozen table.

What a template says wins over what the caller passes in ApiPassthrough, and that over what the
CSR asks. The base templates here take subject and subject alternative name from the CSR, derive
the subject key identifier from the public key (RFC 5280 §4.2.1.2, method 1) and take the
authority key identifier from the CA's subject key identifier.

Source: AWS Private CA User Guide, "Template definitions".
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

DEFAULT_TEMPLATE: Final = "EndEntityCertificate"
"""What AWS uses when IssueCertificate names no template."""


@dataclass(frozen=True, slots=True)
class Template:
    """One template.

    Attributes:
        name: AWS's name without version.
        ca: basicConstraints' cA, whose extension is critical when true, as AWS documents.
        path_length: basicConstraints' pathLenConstraint, or None.
        key_usage: names of asserted bits as `x509.KeyUsage` takes them; the extension is critical.
        extended_key_usage: purposes in order; empty means no such extension.
        extended_critical: whether extendedKeyUsage is critical.
        self_signed: whether it is for a root's own certificate.
    """

    name: str
    ca: bool
    key_usage: frozenset[str]
    path_length: int | None = None
    extended_key_usage: tuple[ObjectIdentifier, ...] = ()
    extended_critical: bool = False
    self_signed: bool = False

    def arn(self, partition: str = "aws") -> str:
        """Return the template's ARN."""
        return f"arn:{partition}:acm-pca:::template/{self.name}/V1"


_CA_USAGE: Final = frozenset({"digital_signature", "key_cert_sign", "crl_sign"})
_SIGN: Final = frozenset({"digital_signature"})
_SIGN_AND_ENCIPHER: Final = frozenset({"digital_signature", "key_encipherment"})
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH

_ALL: Final = (
    Template("RootCACertificate", ca=True, key_usage=_CA_USAGE, self_signed=True),
    *(
        Template(
            f"SubordinateCACertificate_PathLen{n}", ca=True, key_usage=_CA_USAGE, path_length=n
        )
        for n in range(4)
    ),
    Template(
        "CodeSigningCertificate",
        ca=False,
        key_usage=_SIGN,
        extended_key_usage=(ExtendedKeyUsageOID.CODE_SIGNING,),
        extended_critical=True,
    ),
    Template(
        "OCSPSigningCertificate",
        ca=False,
        key_usage=_SIGN,
        extended_key_usage=(ExtendedKeyUsageOID.OCSP_SIGNING,),
        extended_critical=True,
    ),
    Template(
        "EndEntityCertificate",
        ca=False,
        key_usage=_SIGN_AND_ENCIPHER,
        extended_key_usage=(_SERVER, _CLIENT),
    ),
    Template(
        "EndEntityClientAuthCertificate",
        ca=False,
        key_usage=_SIGN_AND_ENCIPHER,
        extended_key_usage=(_CLIENT,),
    ),
    Template(
        "EndEntityServerAuthCertificate",
        ca=False,
        key_usage=_SIGN_AND_ENCIPHER,
        extended_key_usage=(_SERVER,),
    ),
)

TEMPLATES: Final = MappingProxyType({template.name: template for template in _ALL})
"""Every offered template by AWS name."""

_ARN: Final = re.compile(r"arn:[\w-]+:acm-pca:::template/(?P<name>\w+)/V1")
_PASSTHROUGH: Final = re.compile(r"\w+_(APIPassthrough|CSRPassthrough|APICSRPassthrough)")

KEY_USAGE_BITS: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
"""Names of the keyUsage bits in order (RFC 5280 §4.2.1.3)."""

ENCIPHERING_BITS: Final = frozenset(
    {"key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"}
)
"""Bits that RFC 9881 §5 forbids with an ML-DSA key."""


class UnknownTemplate(ValueError):
    """A template ARN that names nothing offered; the text is a sentence for the caller."""


def resolve(arn: str | None) -> Template:
    """Return the template an ARN names, or the default one for None.

    Raises:
        UnknownTemplate: it is no template ARN, or that template is not offered.
    """
    if arn is None:
        return TEMPLATES[DEFAULT_TEMPLATE]
    match = _ARN.fullmatch(arn)
    if match is None:
        raise UnknownTemplate(f"{arn} is not a template ARN of the form .../template/NAME/V1.")
    name = match["name"]
    if name in TEMPLATES:
        return TEMPLATES[name]
    if _PASSTHROUGH.fullmatch(name):
        raise UnknownTemplate(f"The passthrough template {name} is not supported yet.")
    raise UnknownTemplate(f"There is no certificate template {name}.")


def key_usage(names: frozenset[str]) -> x509.KeyUsage:
    """Return the keyUsage extension with the named bits asserted."""
    return x509.KeyUsage(**{bit: bit in names for bit in KEY_USAGE_BITS})
