"""One unambiguous way to put several byte strings into one.

Owns the length-prefixed form used for associated data, KDF contexts and MAC inputs: no two
different lists of fields have the same encoding. Must not know what the fields mean.
"""

from workbench.base.errors import IntegrityError

_LENGTH_BYTES = 4


def pack(*fields: bytes) -> bytes:
    """Return each field after its length as four bytes, big-endian."""
    return b"".join(len(field).to_bytes(_LENGTH_BYTES) + field for field in fields)


def unpack(data: bytes, count: int, what: str) -> tuple[bytes, ...]:
    """Return the `count` fields that `pack` put into `data`.

    Raises:
        IntegrityError: a length points past the end, or bytes are left over.
    """
    fields = []
    position = 0
    for _ in range(count):
        start = position + _LENGTH_BYTES
        end = start + int.from_bytes(data[position:start])
        if len(data) < start or len(data) < end:
            raise IntegrityError(f"{what} is cut short.", "Use an undamaged copy.")
        fields.append(data[start:end])
        position = end
    if position != len(data):
        raise IntegrityError(f"{what} has bytes after its end.", "Use an undamaged copy.")
    return tuple(fields)
