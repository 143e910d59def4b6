"""A new CA: created, certified by itself or by another CA of the vault, and made to work.

Owns the order of these requests, and takes the CA away again when one of them fails.
"""

import base64
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from workbench.base.errors import WorkbenchError
from workbench.pki.algorithms import ED25519, OWN_KEY_SPEC_OF, signing_algorithms
from workbench.pki.alternative import contact_name
from workbench.pki.names import to_subject
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES

ROOT: Final = TEMPLATES["RootCACertificate"].arn()
IACA: Final = OWN_TEMPLATES["IacaRootCertificate"].arn()
BUCKET: Final = "revocation-lists"
"""Folder, named like an S3 bucket, that a CA's revocation lists are written to."""
LIST_DAYS: Final = 7
_SHORTEST_DELETION: Final = 7


@dataclass(frozen=True, slots=True)
class Wish:
    """What CA is wanted.

    Attributes:
        subject: ASN1Subject's members, and `names.EMAIL`; a common name among them.
        algorithm: AWS Private CA's KeyAlgorithm of a new key.
        days: validity of its certificate.
        issuer: ARN of the CA that certifies it; empty for a root, and with `outside`.
        template: ARN of the template of its certificate; not looked at with `outside`.
        key: alias of the key of the vault that it is to have; empty for a new one.
        lists: whether it publishes revocation lists.
        ocsp: whether it answers OCSP.
        trusted: whether a root is trusted at once.
        outside: whether a CA that is not of this vault certifies it.
        signing: AWS Private CA's SigningAlgorithm; empty for the usual one of its key.
        contact: e-mail address or URI in its issuerAltName; empty for none.
        host: name of the host that its certificates name for its revocation list; empty for
            this vault's own endpoint.
    """

    subject: Mapping[str, str]
    algorithm: str
    days: int
    issuer: str
    template: str
    key: str = ""
    lists: bool = True
    ocsp: bool = True
    trusted: bool = True
    outside: bool = False
    signing: str = ""
    contact: str = ""
    host: str = ""

    @property
    def name(self) -> str:
        """Its common name."""
        return self.subject.get("CommonName", "")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a CA's own certificate says.

    Attributes:
        template: ARN of its template.
        days: its validity.
        issuer: ARN of the CA that certifies it; empty for a root.
        trusted: whether a root is trusted at once.
        contact: e-mail address or URI in its issuerAltName; empty for none.
    """

    template: str
    days: int
    issuer: str = ""
    trusted: bool = True
    contact: str = ""


def below(levels: int) -> str:
    """Return the template ARN of a subordinate CA with so many levels of CAs below it, 0 to 3."""
    return TEMPLATES[f"SubordinateCACertificate_PathLen{levels}"].arn()


def algorithm_of(spec: str) -> str:
    """Return the KeyAlgorithm of a CA with a key of a KMS key spec; empty where there is none."""
    return next((name for name, one in OWN_KEY_SPEC_OF.items() if one == spec), "")


def revocation(*, lists: bool, ocsp: bool, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a RevocationConfiguration.

    Args:
        lists: whether revocation lists are published.
        ocsp: whether OCSP is answered.
        before: the configuration so far, whose names and days are kept.
    """
    known = before or {}
    crl: dict[str, Any] = {"Enabled": False}
    if lists:
        usual = {"ExpirationInDays": LIST_DAYS, "S3BucketName": BUCKET}
        crl = usual | dict(known.get("CrlConfiguration", {})) | {"Enabled": True}
    answers: dict[str, Any] = {"Enabled": False}
    if ocsp:
        answers = dict(known.get("OcspConfiguration", {})) | {"Enabled": True}
    return {"CrlConfiguration": crl, "OcspConfiguration": answers}


def found(acm_pca: Any, shelf: Any, wish: Wish) -> str:
    """Make a CA that can issue; returns the id of its certificate in the collection.

    Raises:
        botocore.exceptions.ClientError, WorkbenchError: a request was refused; the CA that was
            created for it is being deleted.
    """
    arn = _create(acm_pca, shelf, wish)
    terms = Terms(wish.template, wish.days, wish.issuer, wish.trusted, wish.contact)
    try:
        return certify(acm_pca, shelf, arn, terms)
    except (ClientError, WorkbenchError):
        with contextlib.suppress(ClientError, WorkbenchError):
            acm_pca.delete_certificate_authority(
                CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=_SHORTEST_DELETION
            )
        raise


def certify(acm_pca: Any, shelf: Any, arn: str, terms: Terms) -> str:
    """Have a CA that waits certified; returns the id of its certificate in the collection.

    Raises:
        botocore.exceptions.ClientError, WorkbenchError: a request was refused.
    """
    csr = acm_pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    answer = shelf.issue_certificate(
        CertificateAuthorityArn=terms.issuer or arn,
        Csr=csr.encode(),
        TemplateArn=terms.template,
        Validity={"Value": terms.days, "Type": "DAYS"},
        **_contact(terms.contact),
    )
    chain = answer.get("CertificateChain", "")
    above = {"CertificateChain": chain.encode()} if chain else {}
    acm_pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=answer["Certificate"].encode(), **above
    )
    if not terms.issuer:
        shelf.set_certificate_trust(Id=answer["Id"], Trusted=terms.trusted)
    return str(answer["Id"])


def _contact(text: str) -> dict[str, Any]:
    if not text:
        return {}
    value = base64.b64encode(x509.IssuerAlternativeName([contact_name(text)]).public_bytes())
    oid = ExtensionOID.ISSUER_ALTERNATIVE_NAME.dotted_string
    custom = [{"ObjectIdentifier": oid, "Value": value.decode()}]
    return {"ApiPassthrough": {"Extensions": {"CustomExtensions": custom}}}


def begin(acm_pca: Any, shelf: Any, wish: Wish) -> tuple[str, str]:
    """Make a CA that waits for a certificate from outside; returns its ARN and its request, PEM.

    Raises:
        botocore.exceptions.ClientError, WorkbenchError: a request was refused.
    """
    arn = _create(acm_pca, shelf, wish)
    return arn, str(acm_pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"])


def _create(acm_pca: Any, shelf: Any, wish: Wish) -> str:
    configuration = revocation(lists=wish.lists, ocsp=wish.ocsp)
    if wish.host and wish.lists:
        configuration["CrlConfiguration"]["CustomCname"] = wish.host
    request: dict[str, Any] = {
        "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": wish.algorithm,
            "SigningAlgorithm": wish.signing or signing_algorithms(wish.algorithm)[0],
            "Subject": to_subject(wish.subject),
        },
        "CertificateAuthorityType": "SUBORDINATE" if wish.issuer or wish.outside else "ROOT",
        "RevocationConfiguration": configuration,
    }
    if wish.key:
        made = shelf.create_certificate_authority_with_key(KeyId=wish.key, **request)
    elif wish.algorithm == ED25519:
        made = shelf.create_certificate_authority_with_key(**request)
    else:
        made = acm_pca.create_certificate_authority(**request)
    return str(made["CertificateAuthorityArn"])
