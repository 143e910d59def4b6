"""One file signed in any format, by one key or several: for `work`, where it is not plain CMS.

Owns turning a recipe into signers and a timestamper. Must not know outputs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from workbench.base.errors import WorkbenchError
from workbench.crypto.digests import Digest
from workbench.pki.purposes import Purpose
from workbench.signing.formats.base import (
    LARGEST_WHOLE,
    FileContent,
    Signing,
    Trust,
    TrustedKey,
)
from workbench.signing.formats.registry import sign_with, with_timestamps
from workbench.signing.formats.timestamp import TimestampAuthority
from workbench.signing.hashing import hash_file, read_whole
from workbench.signing.recipe import Credential, Recipe

_NO_MOMENT: Final = datetime.min.replace(tzinfo=UTC)
"""For the timestamp authority, which asks for the time at each timestamp."""


@dataclass(slots=True)
class _Noted:
    """A file whose reading is noted: its first digest, and its size."""

    file: FileContent
    read: Callable[[], None]
    digest: bytes = b""
    size: int = 0

    @property
    def name(self) -> str:
        return self.file.name

    def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
        file = self.file
        done = hash_file(
            file.path, running, follow=file.follow, stop=file.stop, progress=file.progress
        )
        self.digest, self.size = done.digests[0], done.size
        self.read()
        return done.digests

    def pieces(self) -> Iterator[bytes]:
        size = 0
        for piece in self.file.pieces():
            size += len(piece)
            yield piece
        self.size = size
        self.read()

    def whole(self) -> bytes:
        data = self.file.whole()
        self.size = len(data)
        self.read()
        return data


class GeneralSigner:
    """Signs by one recipe. Thread-safe.

    Args:
        kms: boto3-shaped KMS client.
        recipe: a checked recipe.
        moment: returns the signing time.
    """

    def __init__(self, kms: Any, recipe: Recipe, moment: Callable[[], datetime]) -> None:
        self._kms = kms
        self._recipe = recipe
        self._moment = moment
        self._form = recipe.form
        if recipe.stamper is not None:
            signing = _signing(recipe.stamper, _NO_MOMENT)
            authority = TimestampAuthority(kms, signing, moment)
            self._form = with_timestamps(recipe.form, authority.respond)

    def make(self, content: FileContent, read: Callable[[], None]) -> tuple[bytes, str, int]:
        """Sign a file.

        Args:
            content: the file.
            read: called when it has been read.

        Returns:
            What to write, the hexadecimal digest of the file where one was made, its size.

        Raises:
            Refused, EnvironmentFault, Cancelled, Locked, botocore ClientError: as `FileSigner`.
        """
        noted = _Noted(content, read)
        signings = [_signing(one, self._moment()) for one in self._recipe.credentials]
        whole = sign_with(self._form, self._kms, signings, noted)
        return whole, noted.digest.hex(), noted.size

    def existing(self, output: str, content: FileContent) -> tuple[str, int] | None:
        """Return digest and size of a file if a valid signature of this recipe over it is there."""
        credentials = self._recipe.credentials
        roots = tuple(one.chain[-1] for one in credentials if one.chain)
        keys = tuple(TrustedKey(one.key_id, one.public_key) for one in credentials)
        trust = Trust(self._moment(), keys, roots, purpose=Purpose.ANY)
        noted = _Noted(content, lambda: None)
        embeds = self._form.traits.embeds
        try:
            data = read_whole(output, LARGEST_WHOLE)
            verdict = self._recipe.form.verify(data or b"", None if embeds else noted, trust)
        except WorkbenchError:
            return None
        signed = bool(verdict.checks) and all(
            # Whom a file's signer may be trusted by is another question than who signed it.
            check.passed or check.about_trust
            for check in verdict.checks
        )
        leaves = {part.links[0].der for part in verdict.parts if part.links}
        leaves |= {verdict.links[0].der} if verdict.links else set()
        ours = {one.chain[0] for one in credentials if one.chain}
        return (noted.digest.hex(), noted.size) if signed and leaves <= ours else None


def _signing(one: Credential, moment: datetime) -> Signing:
    return Signing(one.key_id, one.public_key, moment, one.chain)
