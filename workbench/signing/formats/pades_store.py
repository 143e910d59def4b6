"""What a PDF carries about revocation: its document security store.

Owns finding the lists and OCSP answers there. Nothing vouches for them but their own signatures,
which whoever uses them checks. Hostile files lead to no evidence rather than to an error.

Sources: ETSI EN 319 142-1 §5.4.2; ISO 32000-2 §12.8.4.3.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

from workbench.pki.status import Evidence

_MOST: Final = 64
_LARGEST: Final = 16 * 1024 * 1024


def stored_evidence(document: bytes) -> Evidence:
    """Return the revocation lists and OCSP answers in a PDF's document security store."""
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - 0.3 s, for PDFs only

    try:
        store = _at(PdfFileReader(io.BytesIO(document), strict=True).root, "/DSS", {})
        related = _at(store, "/VRI", {})
        places = [(store, "/CRLs", "/OCSPs")]
        places += [(related[name], "/CRL", "/OCSP") for name in list(related)[:_MOST]]
        lists = _streams(_at(one, crl, ()) for one, crl, _ocsp in places)
        answers = _streams(_at(one, ocsp, ()) for one, _crl, ocsp in places)
        return Evidence(lists, answers)
    except Exception:  # noqa: BLE001 - hostile files make the reader raise anything
        return Evidence()


def _at(holder: Any, name: str, otherwise: Any) -> Any:
    # `get` would not follow references.
    return holder[name] if name in holder else otherwise  # noqa: SIM401 - as said


def _streams(arrays: Iterator[Any]) -> tuple[bytes, ...]:
    found: dict[bytes, None] = {}
    for array in arrays:
        for stream in list(array)[:_MOST]:
            data = bytes(stream.get_object().data)
            if len(data) <= _LARGEST and len(found) < _MOST:
                found[data] = None
    return tuple(found)
