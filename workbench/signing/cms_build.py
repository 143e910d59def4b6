"""Detached CMS SignedData, with everything that does not change encoded once per recipe.

Owns the layout of RFC 5652 §5 with the attributes contentType, signingTime, messageDigest (§11) and
CMSAlgorithmProtection (RFC 6211), and RFC 9882 for ML-DSA. Must not know keys, files or requests:
what is to be signed goes out as bytes, the signature comes in as bytes.
"""

from datetime import datetime
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workbench.signing import der
from workbench.signing.algorithms import Plan

DATA: Final = "1.2.840.113549.1.7.1"
SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
ALGORITHM_PROTECTION: Final = "1.2.840.113549.1.9.52"

_MOST_FRAMES: Final = 64
_VERSION_1: Final = der.tlv(der.INTEGER, b"\x01")


class Planned(Protocol):
    """What is fixed about the signatures of a recipe."""

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates in DER, the signer's own first."""

    @property
    def plan(self) -> Plan:
        """How the key signs."""


class CmsTemplate:
    """The signature of a recipe with holes for digest, time and signature value. Thread-safe."""

    def __init__(self, recipe: Planned) -> None:
        digest = recipe.plan.digest.identifier
        certificates = [x509.load_der_x509_certificate(item) for item in recipe.chain]
        inside = [
            item.public_bytes(Encoding.DER)
            for number, item in enumerate(certificates)
            if number == 0 or item.issuer != item.subject
        ]
        self._fixed_attributes = (
            attribute(CONTENT_TYPE, der.object_identifier(DATA)),
            attribute(ALGORITHM_PROTECTION, protection(digest, recipe.plan.identifier)),
        )
        self._digest_type = der.object_identifier(MESSAGE_DIGEST)
        self._time_type = der.object_identifier(SIGNING_TIME)
        # issuerAndSerialNumber makes SignerInfo version 1, and that SignedData version 1
        # (RFC 5652 §5.1, §5.3).
        self._signer_start = _VERSION_1 + signer_identifier(certificates[0]) + digest
        self._signer_end = recipe.plan.identifier
        self._data_start = b"".join(
            (
                _VERSION_1,
                der.set_of([digest]),
                der.tlv(der.SEQUENCE, der.object_identifier(DATA)),
                der.set_of(inside, tag=0xA0),
            )
        )
        self._type = der.object_identifier(SIGNED_DATA)
        self._frames: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    def attributes(self, digest: bytes, time: datetime) -> bytes:
        """Return the signed attributes as they are signed: a SET OF in DER (RFC 5652 §5.4).

        Args:
            digest: the file's digest.
            time: the signing time.
        """
        return der.set_of(
            (
                *self._fixed_attributes,
                der.tlv(der.SEQUENCE, self._time_type, der.tlv(der.SET, der.moment(time))),
                der.tlv(
                    der.SEQUENCE,
                    self._digest_type,
                    der.tlv(der.SET, der.tlv(der.OCTET_STRING, digest)),
                ),
            )
        )

    def finish(self, attributes: bytes, signature: bytes) -> bytes:
        """Return the whole ContentInfo.

        Args:
            attributes: what `attributes` returned.
            signature: the signature value over it.
        """
        sizes = (len(attributes), len(signature))
        frame = self._frames.get(sizes)
        if frame is None:
            frame = self._frame(*sizes)
            # Few pairs occur: two kinds of time, and ECDSA's few lengths.
            if len(self._frames) < _MOST_FRAMES:
                self._frames[sizes] = frame
        before, between = frame
        return b"".join((before, b"\xa0", attributes[1:], between, signature))

    def _frame(self, attributes: int, signature: int) -> tuple[bytes, bytes]:
        """Return what stands before the attributes and between them and the signature value.

        Args:
            attributes: length of the attributes with their tag, in bytes.
            signature: length of the signature value in bytes.
        """
        between = self._signer_end + der.tlv(der.OCTET_STRING, bytes(signature))
        signer = der.tlv(der.SEQUENCE, self._signer_start, bytes(attributes), between)
        data = der.tlv(der.SEQUENCE, self._data_start, der.tlv(der.SET, signer))
        whole = der.tlv(der.SEQUENCE, self._type, der.tlv(0xA0, data))
        before = whole[: len(whole) - len(between) - attributes]
        return before, between[: len(between) - signature]


def attribute(kind: str, value: bytes) -> bytes:
    """Return an attribute of one value (RFC 5652 §5.3)."""
    return der.tlv(der.SEQUENCE, der.object_identifier(kind), der.tlv(der.SET, value))


def protection(digest: bytes, signature: bytes) -> bytes:
    """Return both algorithm identifiers, the signature's as [1] (RFC 6211)."""
    return der.tlv(der.SEQUENCE, digest, b"\xa1" + signature[1:])


def signer_identifier(certificate: x509.Certificate) -> bytes:
    """Return a certificate's issuerAndSerialNumber (RFC 5652 §10.2.4)."""
    serial = certificate.serial_number
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
    number = der.tlv(der.INTEGER, octets)
    return der.tlv(der.SEQUENCE, certificate.issuer.public_bytes(), number)
