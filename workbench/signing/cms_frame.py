"""The frame of CMS SignedData: which values may stand where, and nothing else (RFC 5652 §5).

Owns tags and places, down to every attribute. A reader that looks for what it wants passes over
what it does not expect; what is not signed could then be changed without a trace, so everything is
looked at here first. Must not know what the values mean.
"""

from collections.abc import Sequence
from typing import Final

from workbench.signing import der

_EXPLICIT: Final = 0xA0
_SIGNED_ATTRIBUTES: Final = 0xA0
_UNSIGNED_ATTRIBUTES: Final = 0xA1
_KEY_IDENTIFIER: Final = 0x80
_CHOICES: Final = frozenset({der.SEQUENCE, 0xA0, 0xA1, 0xA2, 0xA3})
COUNTERSIGNATURE: Final = "1.2.840.113549.1.9.6"


class _Parts:
    """The parts of a value, taken one after the other."""

    def __init__(self, element: der.Element, what: str, rule: str) -> None:
        self._waiting = der.children(element, what)
        self._what = what
        self._rule = rule

    def take(self, *tags: int) -> der.Element:
        """Return the next part, which must have one of the tags."""
        if not self._waiting or self._waiting[0].tag not in tags:
            raise self._wrong()
        return self._waiting.pop(0)

    def may(self, tag: int) -> der.Element | None:
        """Return the next part if it has the tag."""
        found = self._waiting and self._waiting[0].tag == tag
        return self._waiting.pop(0) if found else None

    def rest(self) -> Sequence[der.Element]:
        """Return everything left."""
        found, self._waiting = self._waiting, []
        return found

    def end(self) -> None:
        """Refuse anything left."""
        if self._waiting:
            raise self._wrong()

    def _wrong(self) -> der.Malformed:
        return der.Malformed(
            f"{self._what} has a value where none or another belongs; it was damaged or changed. "
            "Get an undamaged copy.",
            self._rule,
        )


def check_signed_data(whole: der.Element) -> None:
    """Refuse SignedData in which anything stands that does not belong there.

    Args:
        whole: the ContentInfo, DER throughout.

    Raises:
        workbench.signing.der.Malformed: with the section.
    """
    info = _Parts(whole, "The signature", "RFC 5652 §3")
    info.take(der.OID)
    wrapped = _Parts(info.take(_EXPLICIT), "The signature", "RFC 5652 §3")
    info.end()
    data = _Parts(wrapped.take(der.SEQUENCE), "The signature", "RFC 5652 §5.1")
    wrapped.end()
    data.take(der.INTEGER)
    for algorithm in der.children(data.take(der.SET), "The list of digests"):
        _check_algorithm(algorithm)
    _check_content(data.take(der.SEQUENCE))
    certificates = data.may(0xA0)
    if certificates is not None:
        for one in _Parts(certificates, "The bag of certificates", "RFC 5652 §10.2.3").rest():
            if one.tag not in _CHOICES:
                raise der.Malformed(
                    "The bag of certificates holds something else.", "RFC 5652 §10.2.2"
                )
    data.may(0xA1)
    signers = data.take(der.SET)
    data.end()
    for signer in der.children(signers, "The list of signers"):
        check_signer(signer)


def check_signer(signer: der.Element) -> None:
    """Refuse a SignerInfo in which anything stands that does not belong there (RFC 5652 §5.3).

    Raises:
        workbench.signing.der.Malformed: with the section.
    """
    rule = "RFC 5652 §5.3"
    parts = _Parts(der.expect(signer, der.SEQUENCE, "A signer", rule), "A signer", rule)
    parts.take(der.INTEGER)
    name = parts.take(der.SEQUENCE, _KEY_IDENTIFIER)
    if name.tag == der.SEQUENCE:
        issuer = _Parts(name, "The signer's name", "RFC 5652 §10.2.4")
        issuer.take(der.SEQUENCE)
        issuer.take(der.INTEGER)
        issuer.end()
    _check_algorithm(parts.take(der.SEQUENCE))
    signed = parts.may(_SIGNED_ATTRIBUTES)
    _check_algorithm(parts.take(der.SEQUENCE))
    parts.take(der.OCTET_STRING)
    unsigned = parts.may(_UNSIGNED_ATTRIBUTES)
    parts.end()
    for attributes in (signed, unsigned):
        if attributes is not None:
            _check_attributes(attributes)


def attributes_of(attributes: bytes) -> list[tuple[str, list[bytes]]]:
    """Return type and encoded values of every attribute in a set, in the order they have.

    Args:
        attributes: a set of attributes under any tag, or nothing.

    Raises:
        workbench.signing.der.Malformed: an attribute is not a type with values.
    """
    if not attributes:
        return []
    found = []
    for one in der.children(der.read(attributes, "The attributes"), "The attributes"):
        kind, values = _attribute(one)
        found.append((kind, [bytes(value.raw) for value in values]))
    return found


def _check_attributes(attributes: der.Element) -> None:
    kinds = [_attribute(one)[0] for one in der.children(attributes, "The attributes")]
    if not kinds:
        raise der.Malformed("A set of attributes is empty.", "RFC 5652 §5.3")
    # Only countersignatures may be there several times (RFC 5652 §11.4).
    alone = [kind for kind in kinds if kind != COUNTERSIGNATURE]
    twice = next((kind for kind in alone if alone.count(kind) > 1), None)
    if twice is not None:
        raise der.Malformed(f"The attribute {twice} is there twice.", "RFC 5652 §5.3")


def _attribute(element: der.Element) -> tuple[str, list[der.Element]]:
    rule = "RFC 5652 §5.3"
    parts = _Parts(der.expect(element, der.SEQUENCE, "An attribute", rule), "An attribute", rule)
    kind = der.dotted(parts.take(der.OID), "An attribute's type")
    values = der.children(parts.take(der.SET), "An attribute")
    parts.end()
    return kind, values


def _check_algorithm(element: der.Element) -> None:
    rule = "RFC 5652 §10.1.1"
    parts = _Parts(der.expect(element, der.SEQUENCE, "An algorithm", rule), "An algorithm", rule)
    parts.take(der.OID)
    if len(parts.rest()) > 1:
        raise der.Malformed("An algorithm has more than its parameters.", rule)


def _check_content(element: der.Element) -> None:
    parts = _Parts(element, "The content", "RFC 5652 §5.2")
    parts.take(der.OID)
    inside = parts.may(_EXPLICIT)
    parts.end()
    if inside is not None:
        content = _Parts(inside, "The content", "RFC 5652 §5.2")
        # Other kinds of content than octet strings are for who asks for them to check.
        content.take(der.OCTET_STRING, der.SEQUENCE)
        content.end()
