"""What a PDF carries for checking its signatures later: its document security store.

Owns finding the certificates, revocation lists and OCSP answers there. Nothing vouches for them but
their own signatures, which whoever uses them checks. What cannot be read is left aside, entry by
entry: hostile files lead to less evidence rather than to an error.

Sources: ETSI EN 319 142-1 §5.4.2; ISO 32000-2 §12.8.4.3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.pki.parse import Malformed, facts
from workbench.pki.status import Evidence

_MOST: Final = 64
_LARGEST: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """What a document security store holds.

    Attributes:
        certificates: DER; each can be read.
        evidence: revocation lists and OCSP answers, as they are.
    """

    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    evidence: Evidence = field(default=Evidence(), repr=False)


def stored_in(reader: Any) -> Stored:
    """Return what the document security store of a PDF holds; nothing where there is none.

    Args:
        reader: pyHanko's reader of the PDF.
    """
    store = _at(reader.root, "/DSS")
    related = _at(store, "/VRI")
    places = [(store, ("/Certs", "/CRLs", "/OCSPs"))]
    places += [(_at(related, name), ("/Cert", "/CRL", "/OCSP")) for name in _names(related)]
    certificates, lists, answers = (
        _streams([_at(one, names[kind]) for one, names in places]) for kind in range(3)
    )
    return Stored(tuple(filter(_is_certificate, certificates)), Evidence(lists, answers))


def _at(holder: Any, name: str) -> Any:
    """Return a member of a dictionary, its references followed; None where that cannot be done."""
    try:
        return holder[name] if name in holder else None  # noqa: SIM401 - `get` follows none
    except Exception:  # noqa: BLE001 - hostile files make the reader raise anything
        return None


def _names(holder: Any) -> list[Any]:
    return list(holder)[:_MOST] if isinstance(holder, dict) else []


def _streams(arrays: Sequence[Any]) -> tuple[bytes, ...]:
    """Return the contents of the streams in some arrays, each once."""
    found: dict[bytes, None] = {}
    for data in _readable(arrays):
        if len(data) <= _LARGEST and len(found) < _MOST:
            found[data] = None
    return tuple(found)


def _readable(arrays: Sequence[Any]) -> Iterator[bytes]:
    for array in arrays:
        for place in range(min(len(array), _MOST) if isinstance(array, list) else 0):
            try:
                yield bytes(array[place].data)
            except Exception:  # noqa: BLE001, S112 - as above; the next entry may be readable
                continue


def _is_certificate(data: bytes) -> bool:
    try:
        facts(data)
    except Malformed:
        return False
    return True
