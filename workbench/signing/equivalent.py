"""The same check by other people's tools, as command lines that can be pasted."""

import os
import shlex
from pathlib import Path


def openssl_verify_command(file: Path, signature: Path, root: Path) -> str:
    """Return the OpenSSL (3.5 or newer for ML-DSA) command that verifies a detached signature.

    Args:
        file: the signed file.
        signature: its `.p7s`.
        root: PEM file with the trusted root.

    Returns:
        A line for a POSIX shell; names with undecodable bytes are given in `$'…'` form.
    """
    words = [
        "openssl", "cms", "-verify", "-inform", "DER", "-in", quoted(signature),
        "-content", quoted(file), "-CAfile", quoted(root), "-purpose", "codesign",
        "-binary", "-out", "/dev/null",
    ]  # fmt: skip
    return " ".join(words)


def quoted(path: Path) -> str:
    """Return a path as one shell word."""
    raw = os.fsencode(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return shlex.quote(text)
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in raw
    )
    return f"$'{escaped}'"
