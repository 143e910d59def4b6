"""AWS Private CA's certificate templates as one frozen table, and the corrected ones beside them.

What a template says wins over what the caller passes in ApiPassthrough, and that over what the
CSR asks; who may pass anything at all is part of the template (`api`, `csr`). Where a template of
AWS breaks a standard there is one of ours that keeps it, under `profile/` instead of `template/`.

Sources: AWS Private CA User Guide, "Template definitions"; RFC 9881 §5 and RFC 8813 §3 for key
usages that ML-DSA and elliptic-curve keys must not have; ISO/IEC 18013-5 Annex B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
        name: AWS's name without version, or ours.
        ca: basicConstraints' cA.
        key_usage: names of asserted bits as `x509.KeyUsage` takes them; the extension is critical.
            Empty means that the template leaves it to what is passed through.
        path_length: basicConstraints' pathLenConstraint, or None.
        extended_key_usage: purposes in order; empty means that they are left to what is passed.
        extended_critical: whether extendedKeyUsage is critical.
        self_signed: whether it is for a root's own certificate.
        basic_critical: whether basicConstraints is critical.
        api: whether ApiPassthrough is heeded.
        csr: whether the CSR's extensions are heeded beyond the subject alternative name.
        own: whether it is ours and not AWS's.
        extras: further extensions: object identifier, critical, DER of the value.
        pointers: where the status of its certificates is asked for, as extensions like `extras`;
            None for what the issuing CA is set up to say.
        lists_itself: whether a root's own certificate names the root's revocation list.
    """

    name: str
    ca: bool
    key_usage: frozenset[str]
    path_length: int | None = None
    extended_key_usage: tuple[ObjectIdentifier, ...] = ()
    extended_critical: bool = False
    self_signed: bool = False
    basic_critical: bool = False
    api: bool = False
    csr: bool = False
    own: bool = False
    extras: tuple[tuple[str, bool, bytes], ...] = ()
    pointers: tuple[tuple[str, bool, bytes], ...] | None = None
    lists_itself: bool = False

    def arn(self, partition: str = "aws") -> str:
        """Return the template's ARN."""
        kind = "profile" if self.own else "template"
        return f"arn:{partition}:acm-pca:::{kind}/{self.name}/V1"


_CA_USAGE: Final = frozenset({"digital_signature", "key_cert_sign", "crl_sign"})
_SIGN: Final = frozenset({"digital_signature"})
_SIGN_AND_ENCIPHER: Final = frozenset({"digital_signature", "key_encipherment"})
_NOTHING: Final[frozenset[str]] = frozenset()
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
IACA: Final = "IacaRootCertificate"
"""Name of the template of roots for mobile driving licences (Annex B.1.2)."""

MDL_SIGNER: Final = ObjectIdentifier("1.0.18013.5.1.2")
"""Purpose of those who sign mobile driving licences (ISO/IEC 18013-5 Annex B.1.4)."""


_ROOT: Final = Template(
    "RootCACertificate", ca=True, key_usage=_CA_USAGE, self_signed=True, basic_critical=True
)
_BLANK_ROOT: Final = replace(_ROOT, name="BlankRootCACertificate", key_usage=_NOTHING)

_CODE: Final = Template(
    "CodeSigningCertificate",
    ca=False,
    key_usage=_SIGN,
    extended_key_usage=(ExtendedKeyUsageOID.CODE_SIGNING,),
    extended_critical=True,
)
_OCSP: Final = replace(
    _CODE,
    name="OCSPSigningCertificate",
    extended_key_usage=(ExtendedKeyUsageOID.OCSP_SIGNING,),
)
_END_ENTITIES: Final = tuple(
    Template(name, ca=False, key_usage=_SIGN_AND_ENCIPHER, extended_key_usage=purposes)
    for name, purposes in (
        ("EndEntityCertificate", (_SERVER, _CLIENT)),
        ("EndEntityClientAuthCertificate", (_CLIENT,)),
        ("EndEntityServerAuthCertificate", (_SERVER,)),
    )
)
_BLANK: Final = Template("BlankEndEntityCertificate", ca=False, key_usage=_NOTHING)


def _subordinates(name: str, usage: frozenset[str]) -> Iterator[Template]:
    for length in range(4):
        yield Template(
            f"{name}_PathLen{length}",
            ca=True,
            key_usage=usage,
            path_length=length,
            basic_critical=True,
        )


def _passing(base: Template) -> Iterator[Template]:
    yield replace(base, name=f"{base.name}_APIPassthrough", api=True)
    yield replace(base, name=f"{base.name}_CSRPassthrough", csr=True)
    yield replace(base, name=f"{base.name}_APICSRPassthrough", api=True, csr=True)


def _aws() -> Iterator[Template]:
    yield _ROOT
    yield replace(_ROOT, name="RootCACertificate_APIPassthrough", api=True)
    yield replace(_BLANK_ROOT, name="BlankRootCACertificate_APIPassthrough", api=True)
    for length in range(4):
        name = f"BlankRootCACertificate_PathLen{length}_APIPassthrough"
        yield replace(_BLANK_ROOT, name=name, path_length=length, api=True)
    for base in (
        *_subordinates("SubordinateCACertificate", _CA_USAGE), _CODE, _OCSP, *_END_ENTITIES
    ):  # fmt: skip
        yield base
        yield from _passing(base)
    critical = f"{_BLANK.name}_CriticalBasicConstraints"
    for base in (
        _BLANK,
        replace(_BLANK, name=critical, basic_critical=True),
        *_subordinates("BlankSubordinateCACertificate", _NOTHING),
    ):
        yield from _passing(base)


def _corrected() -> Iterator[Template]:
    for base in _standard():
        yield replace(base, api=True, csr=True, own=True)


def _standard() -> Iterator[Template]:
    for base in _END_ENTITIES:
        yield replace(base, name=f"{base.name}_SigningKey", key_usage=_SIGN)
    yield replace(
        _BLANK_ROOT,
        name=IACA,
        key_usage=frozenset({"key_cert_sign", "crl_sign"}),
        path_length=0,
        lists_itself=True,
    )
    yield replace(_CODE, name="MdlDocumentSignerCertificate", extended_key_usage=(MDL_SIGNER,))
    yield replace(
        _OCSP,
        name="OCSPResponderCertificate",
        extras=(("1.3.6.1.5.5.7.48.1.5", False, b"\x05\x00"),),
    )
    yield replace(
        _CODE,
        name="TimeStampingCertificate",
        extended_key_usage=(ExtendedKeyUsageOID.TIME_STAMPING,),
    )
    yield Template(
        "EmailProtectionCertificate_SigningKey",
        ca=False,
        key_usage=_SIGN,
        extended_key_usage=(ExtendedKeyUsageOID.EMAIL_PROTECTION,),
    )


TEMPLATES: Final = MappingProxyType({template.name: template for template in _aws()})
"""Every template of AWS by name."""

OWN_TEMPLATES: Final = MappingProxyType({template.name: template for template in _corrected()})
"""Ours, that keep the standards where AWS's do not, by name."""

_ARN: Final = re.compile(
    r"arn:(?P<partition>[\w-]+):acm-pca:::(?P<kind>template|profile)/(?P<name>[\w.-]{1,100})/V1"
)

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


def parse_arn(arn: str, partition: str = "") -> tuple[bool, str]:
    """Return whether a template ARN names one of ours, and the name.

    Args:
        arn: the ARN.
        partition: where a template of AWS must be, as the CA is; empty for anywhere. Ours are
            nowhere else than here.

    Raises:
        UnknownTemplate: it is no template ARN, or one of another partition.
    """
    match = _ARN.fullmatch(arn)
    if match is None:
        raise UnknownTemplate(f"{arn} is not a template ARN of the form .../template/NAME/V1.")
    own = match["kind"] == "profile"
    if partition and not own and match["partition"] != partition:
        raise UnknownTemplate(
            f"The template {arn} is of the partition {match['partition']}; the certificate "
            f"authority is in {partition}."
        )
    return own, match["name"]


def resolve(arn: str | None) -> Template:
    """Return the template an ARN names, or the default one for None.

    Profiles that the user keeps are not looked for; see `profiles`.

    Raises:
        UnknownTemplate: it is no template ARN, or that template is not offered.
    """
    if arn is None:
        return TEMPLATES[DEFAULT_TEMPLATE]
    own, name = parse_arn(arn)
    found = (OWN_TEMPLATES if own else TEMPLATES).get(name)
    if found is None:
        what = "profile" if own else "certificate template"
        raise UnknownTemplate(f"There is no {what} {name}.")
    return found


def key_usage(names: frozenset[str]) -> x509.KeyUsage:
    """Return the keyUsage extension with the named bits asserted."""
    return x509.KeyUsage(**{bit: bit in names for bit in KEY_USAGE_BITS})
