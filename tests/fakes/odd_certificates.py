"""Odd and hostile certificates, each by what is odd about it.

One corpus for every place that certificates pass: reader, facts, validation, check, and the pane.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from asn1crypto import x509 as structure
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ObjectIdentifier

from tests.fakes.certificates import CODE, DAY, NOW, Made, make, new_key

ENDLESS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""What RFC 5280 §4.1.2.5 writes for no end at all."""
ANCIENT = datetime(1950, 1, 1, tzinfo=UTC)
"""The earliest beginning that cryptography's builder writes."""


def raw(oid: str, value: str, *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    """Return an extension by its identifier and its value in hexadecimal."""
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), bytes.fromhex(value)), critical


UNKNOWN_FEATURE = raw("1.3.6.1.5.5.7.1.24", "3003020121")
"""A TLS feature (RFC 7633) with a number that no standard knows."""

EXTENSIONS = {
    "policyMappings of one policy": raw("2.5.29.33", "300a3008300006042a030405"),
    "policyMappings of numbers": raw("2.5.29.33", "30053003020101"),
    "directory attributes that are numbers": raw("2.5.29.9", "3003020101"),
    "application policies of nothing": raw("1.3.6.1.4.1.311.21.10", "300430020500"),
    "logotype of nothing": raw("1.3.6.1.5.5.7.1.12", "3000"),
    "qualified statements of nothing": raw("1.3.6.1.5.5.7.1.3", "300430020500"),
    "S/MIME capabilities of nothing": raw("1.2.840.113549.1.9.15", "300430020500"),
    "Netscape type of the wrong type": raw("2.16.840.1.113730.1.1", "0c00"),
    "an extension that is no ASN.1": raw("1.2.3.4", "ffffffff"),
    "an empty extension": raw("1.2.3.5", ""),
    "names that are none": raw("2.5.29.17", "3000"),
    "a key usage of nothing": raw("2.5.29.15", "03020700", critical=True),
}
"""Extensions whose values are not what their names promise."""

UNREADABLE = {
    "an unknown TLS feature": UNKNOWN_FEATURE,
    "basic constraints of the wrong type": raw("2.5.29.19", "0c00", critical=True),
    "names of the wrong type": raw("2.5.29.17", "0101ff"),
    "distribution points of the wrong type": raw("2.5.29.31", "30030c0161"),
}
"""Extensions that cannot be read, so that the certificate cannot be either."""


def odd_certificates(now: datetime = NOW) -> dict[str, Made]:
    """Return a root, and below it certificates that are odd but can be read."""
    start, end = now - DAY, now + 300 * DAY
    root = make("Odd Root", key=new_key("P-256"), start=start, end=ENDLESS)
    made = {
        "a root without an end": root,
        "a certificate from 1950 on": leaf("Ancient", root, start=ANCIENT, end=end),
        "one that ends before it begins": leaf("Backward", root, start=end, end=end),
        "eighty names": leaf("Names", root, start=start, end=end, extra=(_names(80),)),
        "a key on an unusual curve": make(
            "Curve", root, key=ec.generate_private_key(ec.BrainpoolP256R1()), ca=False,
            start=start, end=end,
        ),
    }  # fmt: skip
    for what, extension in EXTENSIONS.items():
        usage = extension[0].oid.dotted_string != "2.5.29.15"
        made[what] = leaf(what, root, start=start, end=end, extra=(extension,), usage=usage)
    return made


def odd_bytes(now: datetime = NOW) -> Iterator[tuple[str, bytes]]:
    """Yield everything odd, also what cannot be read."""
    made = odd_certificates(now)
    yield from ((what, one.der) for what, one in made.items())
    root = made["a root without an end"]
    good = leaf("Good", root)
    yield "a key on a curve that there is none of", unknown_curve(good, root)
    for what, extension in UNREADABLE.items():
        basic = extension[0].oid.dotted_string != "2.5.29.19"
        yield what, leaf(what, root, extra=(extension,), basic=basic).der
    yield "half a certificate", good.der[: len(good.der) // 2]
    yield "version nine", good.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x08", 1)
    yield "a certificate of nested sequences", _nested(200)
    yield "nothing but an outer length", b"\x30\x84\x7f\xff\xff\xff"


def leaf(
    name: str,
    root: Made,
    *,
    start: datetime = NOW - DAY,
    end: datetime = NOW + 300 * DAY,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    usage: bool = True,
    basic: bool = True,
) -> Made:
    """Make a code-signing certificate below a root."""
    return make(
        name, root, key=new_key("P-256"), ca=False, eku=(CODE,), start=start, end=end,
        extra=extra, usage=usage, basic=basic,
    )  # fmt: skip


def unknown_curve(one: Made, root: Made) -> bytes:
    """Return a certificate of a P-256 key with another curve, one that there is none of; signed."""
    known = bytes.fromhex("2a8648ce3d030107")
    signed = one.certificate.tbs_certificate_bytes.replace(known, known[:-1] + b"\x0f")
    made = structure.Certificate.load(one.der)
    made["tbs_certificate"] = structure.TbsCertificate.load(signed)
    made["signature_value"] = root.key.sign(signed, ec.ECDSA(hashes.SHA256()))
    return bytes(made.dump(force=True))


def _names(count: int) -> tuple[x509.ExtensionType, bool]:
    names = [x509.DNSName(f"host{number}.example") for number in range(count)]
    return x509.SubjectAlternativeName(names), False


def _nested(depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        size = len(body)
        head = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
        body = b"\x30" + head + body
    return body
