"""Which Sign requests made a signature: their ids, by which the key service's log has them.

Owns noting ids while a file is signed, and their compact form: a hundred thousand are kept. Must
not know what is signed, or where a log is.
"""

import threading
from typing import Any, Final

_RAW: Final = 16


class Noting:
    """A boto3-shaped KMS client that notes the id of every Sign request. Thread-safe.

    A file is signed by one thread from `begin` to `taken`; each thread has notes of its own.

    Args:
        kms: carries out the requests.
    """

    def __init__(self, kms: Any) -> None:
        self._kms = kms
        self._notes = threading.local()

    def begin(self) -> None:
        """Forget what this thread noted before."""
        self._notes.ids = []

    def taken(self) -> str:
        """Return what this thread noted since `begin`, with blanks between."""
        return " ".join(self._notes.ids)

    def sign(self, **request: Any) -> dict[str, Any]:
        """Have the key sign, and note the request; raises as the client does."""
        answer: dict[str, Any] = self._kms.sign(**request)
        found = answer.get("ResponseMetadata", {}).get("RequestId", "")
        if found:
            self._notes.ids.append(found)
        return answer

    def __getattr__(self, name: str) -> Any:
        """Pass every other request on."""
        return getattr(self._kms, name)


def packed(ids: str) -> bytes | str:
    """Return ids in 16 bytes each where they are UUIDs, as the key service's are; else as given."""
    try:
        raw = bytes.fromhex(ids.replace("-", ""))
    except ValueError:
        return ids
    return raw if unpacked(raw) == ids else ids


def unpacked(kept: bytes | str) -> str:
    """Return what `packed` was given."""
    if isinstance(kept, str):
        return kept
    digits = kept.hex()
    found = []
    for start in range(0, len(digits), 2 * _RAW):
        one = digits[start : start + 2 * _RAW]
        found.append(f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}")
    return " ".join(found)
