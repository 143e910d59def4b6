"""Certificates on their way out: PEM, DER, PKCS#7, PKCS#12, a truststore for Java.

Public data only: containers with a private key are the module's, see `exportable_shelf`.
Sources: RFC 7468, RFC 5652 §5, RFC 7292 with RFC 9579's parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from workbench.base.errors import Refused
from workbench.crypto.pkcs12 import certificates_pkcs12
from workbench.pki.names import common_name
from workbench.pki.parse import pem

SHORTEST_PASSWORD: Final = 6
"""Characters; Java's keytool takes no shorter one."""


class Form(StrEnum):
    """In what form certificates are written."""

    PEM = "pem"
    DER = "der"
    PKCS7 = "pkcs7"
    PKCS12 = "pkcs12"
    TRUSTSTORE = "truststore"
    KEY_PKCS12 = "pkcs12-with-key"
    KEY_PKCS8 = "encrypted-pkcs8"

    @property
    def suffix(self) -> str:
        """The usual end of a file's name."""
        return _SUFFIXES[self]

    @property
    def protected(self) -> bool:
        """Whether a password protects it."""
        return self in {Form.PKCS12, Form.TRUSTSTORE} or self.private

    @property
    def private(self) -> bool:
        """Whether a private key is in it."""
        return self in {Form.KEY_PKCS12, Form.KEY_PKCS8}


_SUFFIXES: Final = {
    Form.PEM: ".pem",
    Form.DER: ".cer",
    Form.PKCS7: ".p7b",
    Form.PKCS12: ".p12",
    Form.TRUSTSTORE: ".p12",
    Form.KEY_PKCS12: ".p12",
    Form.KEY_PKCS8: ".pem",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A certificate and the name it gets in a container.

    Attributes:
        der: the certificate.
        name: its name there; the common name if empty.
    """

    der: bytes
    name: str = ""


def bundle(certificates: Sequence[Named], form: Form, password: str = "") -> bytes:
    """Return certificates in a form.

    Args:
        certificates: in the order to be written, a leaf before its issuers; only one for DER.
        form: how.
        password: for PKCS#12 and truststores.

    Raises:
        Refused: no certificates, several for DER, a password that is too short, or a form with a
            private key.
    """
    if not certificates:
        raise Refused("There is no certificate to export.", "Choose at least one.")
    if form.private:
        raise Refused("A private key is not written from here.", "Ask for it by its certificate.")
    if form is Form.PEM:
        return "".join(f"{pem(one.der)}\n" for one in certificates).encode()
    if form is Form.DER:
        if len(certificates) > 1:
            raise Refused("DER holds one certificate only.", "Choose PEM or PKCS#7 for several.")
        return certificates[0].der
    loaded = [x509.load_der_x509_certificate(one.der) for one in certificates]
    if form is Form.PKCS7:
        return pkcs7.serialize_certificates(loaded, Encoding.DER)
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(
            "The password is too short.", f"Take at least {SHORTEST_PASSWORD} characters."
        )
    names = _names(certificates, loaded)
    pairs = list(zip(names, loaded, strict=True))
    return certificates_pkcs12(pairs, password, java=form is Form.TRUSTSTORE)


def _names(certificates: Sequence[Named], loaded: Sequence[x509.Certificate]) -> list[str]:
    """Return names of which no two are alike: Java keeps one entry under each, case apart."""
    taken: set[str] = set()
    names: list[str] = []
    for one, certificate in zip(certificates, loaded, strict=True):
        base = one.name or common_name(certificate.subject) or "certificate"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base} ({number})"
        taken.add(name.lower())
        names.append(name)
    return names
