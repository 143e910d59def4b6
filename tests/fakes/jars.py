"""JARs to sign and ways to tamper with signed ones."""

import io
import zipfile
from collections.abc import Callable, Mapping

CLASS = b"\xca\xfe\xba\xbe\0\0\0\x3d"
LONG_NAME = "org/example/" + "a-very-long-package-name/" * 3 + "Größe.class"


def archive(entries: Mapping[str, bytes] | None = None, manifest: bytes = b"") -> bytes:
    """Return a JAR; without entries one with two classes and a directory."""
    out = io.BytesIO()
    if entries is None:
        entries = {"org/": b"", "org/Main.class": CLASS, LONG_NAME: CLASS + b"x" * 5000}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if manifest:
            made.writestr("META-INF/MANIFEST.MF", manifest)
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def contents(data: bytes) -> dict[str, bytes]:
    """Return an archive's files by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist() if not info.is_dir()}


def claiming(data: bytes, size: int) -> bytes:
    """Return an archive whose directory says that its first entry unpacks to so many bytes."""
    place = data.index(b"PK\x01\x02") + 24
    return data[:place] + size.to_bytes(4, "little") + data[place + 4 :]


def changed(data: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """Return an archive whose entries were changed."""
    entries = contents(data)
    change(entries)
    return archive(entries)
