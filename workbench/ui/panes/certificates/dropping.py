"""Certificate requests and certificates dropped on the drawn hierarchy: what counts as one.

Judges by content. Reads small files only, as a drop is answered at once. Knows no service.
"""

import base64
import binascii
import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData

from workbench.pki.documents import read_request
from workbench.pki.installing import pem_in
from workbench.pki.parse import Malformed

_LARGEST: Final = 64 * 1024
_MOST_FILES: Final = 8
_ARMOUR: Final = re.compile(
    rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)"
    rb"-----END (?:NEW )?CERTIFICATE REQUEST-----"
)
_LINE: Final = 64


def request_in(mime: QMimeData) -> str:
    """Return the certificate request that is dragged, as PEM; empty if there is none.

    A single file or text that holds a request (RFC 2986; RFC 7468 §7) counts, whatever its name.
    """
    if mime.hasUrls():
        urls = mime.urls()
        if len(urls) != 1 or not urls[0].isLocalFile():
            return ""
        return _request(_read(Path(urls[0].toLocalFile())))
    return _request(mime.text().encode("utf-8", "replace")) if mime.hasText() else ""


def certificates_in(mime: QMimeData) -> bytes:
    """Return the certificates that are dragged, as PEM; empty if something else is among it.

    A few files or text that hold certificates count (PEM, DER or PKCS#7), whatever their names.
    """
    if mime.hasUrls():
        urls = mime.urls()
        if len(urls) > _MOST_FILES or not all(url.isLocalFile() for url in urls):
            return b""
        data = [_read(Path(url.toLocalFile())) for url in urls]
    else:
        data = [mime.text().encode("utf-8", "replace")] if mime.hasText() else []
    try:
        return "".join(map(pem_in, data)).encode()
    except Malformed:
        return b""


def request_in_file(path: Path) -> str:
    """Return the certificate request in a file, as PEM; empty if there is none."""
    return _request(_read(path))


def _read(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return b""
        return path.read_bytes()
    except OSError:
        return b""


def _request(data: bytes) -> str:
    if not data or len(data) > _LARGEST:
        return ""
    armoured = _ARMOUR.search(data)
    try:
        der = base64.b64decode(b"".join(armoured[1].split()), validate=True) if armoured else data
        found = read_request(der)
    except (Malformed, binascii.Error):
        return ""
    body = base64.b64encode(found.der).decode("ascii")
    lines = [body[start : start + _LINE] for start in range(0, len(body), _LINE)]
    mark = "CERTIFICATE REQUEST-----"
    return "\n".join([f"-----BEGIN {mark}", *lines, f"-----END {mark}", ""])
