"""One file signed: hash, sign, write. What a job's workers do.

Owns the order: the output's name is checked before anything is signed, the file is hashed once,
and the signature appears under its name complete or not at all.
"""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from workbench.base.clock import Clock
from workbench.base.errors import Refused, WorkbenchError
from workbench.crypto.mldsa import compute_mu
from workbench.pki.names import common_name
from workbench.signing.algorithms import RAW_LIMIT
from workbench.signing.certificates import load
from workbench.signing.cms_build import CmsTemplate
from workbench.signing.cms_read import LARGEST_SIGNATURE, read_signature
from workbench.signing.cms_rules import Unacceptable
from workbench.signing.formats.base import FileContent
from workbench.signing.hashing import Progress, Stop, hash_file, read_whole
from workbench.signing.holds import NotYet
from workbench.signing.outputs import (
    Place,
    Staged,
    check_free,
    place_of,
    prepare_folder,
    publish,
    stage,
    taken,
)
from workbench.signing.public import signature_matches
from workbench.signing.recipe import Recipe
from workbench.signing.requests import Noting
from workbench.signing.work_formats import GeneralSigner

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


class FileState(StrEnum):
    """Where a file of a job stands."""

    WAITING = "waiting"
    HASHING = "hashing"
    SIGNING = "signing"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


Tell = Callable[[FileState], None]
"""Called at each step of a file."""


@dataclass(frozen=True, slots=True)
class Signed:
    """One finished signature.

    Attributes:
        output: where it was written.
        digest: hexadecimal content digest.
        size: bytes of content.
        requests: ids of the Sign requests, with blanks between; empty where none was made now.
    """

    output: Path
    digest: str
    size: int
    requests: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signature that is made and waits to be published.

    Attributes:
        signed: what is true once it is.
        staged: what to publish, or None where the signature file was there already.
    """

    signed: Signed
    staged: Staged | None


def output_path(recipe: Recipe, path: Path, relative: str = "") -> Path:
    """Return where a file's signature goes, beside it or in the recipe's folder."""
    return Path(recipe.output(str(path), relative))


def sign_message(kms: Any, recipe: Recipe, message: bytes) -> bytes:
    """Have the recipe's key sign: RAW up to 4,096 bytes, else µ or a digest, made here.

    Raises:
        Refused: the message is too long for a key that can only be given it whole.
        botocore ClientError: the key refused.
    """
    kind = "RAW"
    if len(message) > RAW_LIMIT:
        kind = recipe.plan.pre_hash
        if kind == "EXTERNAL_MU":
            message = compute_mu(recipe.public_key, message)
        elif kind == "DIGEST":
            digest = recipe.plan.digest.start()
            digest.update(message)
            message = digest.digest()
        else:
            raise Refused(
                f"{recipe.plan.name} keys sign at most {RAW_LIMIT} bytes at once.",
                "Choose a key of another kind.",
            )
    answer = kms.sign(
        KeyId=recipe.key_id,
        Message=message,
        MessageType=kind,
        SigningAlgorithm=recipe.plan.kms_algorithm,
    )
    return bytes(answer["Signature"])


class FileSigner:
    """Signs files by one recipe. Thread-safe.

    Args:
        kms: boto3-shaped KMS client.
        recipe: a checked recipe.
        clock: for the signing time.
        again: whether an earlier run may have signed some of the files without having noted it:
            then a signature that is there and is this recipe's over the file counts as done.
        good: raises `Refused` where the recipe's certificates are revoked meanwhile.

    Raises:
        Refused: the signer's certificate has expired.
    """

    def __init__(
        self,
        kms: Any,
        recipe: Recipe,
        clock: Clock,
        *,
        again: bool = False,
        good: Callable[[], None] = lambda: None,
    ) -> None:
        self._good = good
        self._kms = kms = Noting(kms)
        self._recipe = recipe
        self._clock = clock
        self._again = again
        self._template = CmsTemplate(recipe) if recipe.is_plain_cms else None
        self._general = None if recipe.is_plain_cms else GeneralSigner(kms, recipe, self._moment)
        self._folders: dict[str, Place | None] = {}
        self._chains = [[load(der) for der in chain] for chain in recipe.chains]
        every = itertools.chain.from_iterable(self._chains)
        self._since = max((one.not_valid_before_utc for one in every), default=_EARLIEST)
        self._until = min((one[0].not_valid_after_utc for one in self._chains), default=_LATEST)
        if clock.now() > self._until:
            self._moment()

    def sign(
        self, path: Path, tell: Tell, progress: Progress | None = None, stop: Stop | None = None
    ) -> Signed:
        """Sign one file; see `prepare` for the arguments and what is raised."""
        prepared = self.prepare(path, tell, progress=progress, stop=stop)
        if prepared.staged is not None:
            (failure,) = publish([prepared.staged])
            if failure is not None:
                raise failure
        return prepared.signed

    def prepare(
        self,
        path: Path,
        tell: Tell,
        *,
        relative: str = "",
        progress: Progress | None = None,
        stop: Stop | None = None,
    ) -> Prepared:
        """Hash and sign one file, and stage its signature.

        Args:
            path: the file.
            tell: called at each step.
            relative: for a file found in a folder, its path below what was dropped; it is then not
                followed if it has become a symbolic link.
            progress: called with the number of bytes read so far.
            stop: asked while hashing; after that the file is finished.

        Raises:
            EnvironmentFault: file or folder refused; nothing partial is left.
            Refused: not a regular file, or a certificate has expired or was revoked.
            Cancelled: `stop` said so.
            Locked: the vault was locked meanwhile.
            NotYet: by the clock a certificate is not valid yet.
            NotFound: who signs is not there any more.
            botocore ClientError: the key refused.
        """
        self._moment()
        self._kms.begin()
        recipe = self._recipe
        output = recipe.output(str(path), relative)
        there = self._check_free(output)
        place = place_of(output) if recipe.folder is None else None
        tell(FileState.HASHING)
        if self._template is None:
            content = FileContent(path, follow=not relative, progress=progress, stop=stop)
            return self._prepare_general(output, content, tell, place, there=there)
        start = recipe.plan.digest.start()
        hashed = hash_file(path, (start,), follow=not relative, progress=progress, stop=stop)
        digest = hashed.digests[0]
        if there:
            if self._is_ours(output, digest):
                return Prepared(Signed(Path(output), digest.hex(), hashed.size), None)
            self._require_replacing(output)
        tell(FileState.SIGNING)
        attributes = self._template.attributes(digest, self._moment())
        signature = sign_message(self._kms, recipe, attributes)
        tell(FileState.WRITING)
        whole = self._template.finish(attributes, signature)
        signed = Signed(Path(output), digest.hex(), hashed.size, self._kms.taken())
        return Prepared(signed, self._stage(output, whole, place))

    def _moment(self) -> datetime:
        """Return the time of a signature; raises where nobody would accept one made then."""
        now = self._clock.now()
        if self._since <= now <= self._until:
            self._good()
            return now
        for chain in self._chains:
            name, end = common_name(chain[0].subject), chain[0].not_valid_after_utc
            if now > end:
                raise Refused(
                    f"The certificate “{name}” expired on {end:%Y-%m-%d}; "
                    "nobody would accept the signature.",
                    "Have a new certificate issued to the key.",
                )
        every = itertools.chain.from_iterable(self._chains)
        last = max(every, key=lambda one: one.not_valid_before_utc)
        raise NotYet(
            f"The certificate “{common_name(last.subject)}” is not valid before "
            f"{self._since:%Y-%m-%d %H:%M} UTC, and the clock says {now:%Y-%m-%d %H:%M}.",
            "Set the computer's clock right, or wait until then: signing goes on by itself.",
            self._since,
        )

    def _prepare_general(
        self, output: str, content: FileContent, tell: Tell, place: Place | None, *, there: bool
    ) -> Prepared:
        """Have any other format than plain CMS sign, and stage what it returns."""
        general = self._general
        if general is None:
            raise AssertionError("there is a template or a general signer")
        if there:
            found = general.existing(output, content)
            if found is not None:
                return Prepared(Signed(Path(output), *found), None)
            self._require_replacing(output)
        whole, digest, size = general.make(content, lambda: tell(FileState.SIGNING))
        tell(FileState.WRITING)
        staged = self._stage(output, whole, place)
        return Prepared(Signed(Path(output), digest, size, self._kms.taken()), staged)

    def _stage(self, output: str, whole: bytes, place: Place | None) -> Staged:
        if self._recipe.folder is not None:
            place = self._prepare_folder(output)
        return stage(output, whole, replace=self._recipe.replace_existing, place=place)

    def _prepare_folder(self, output: str) -> Place | None:
        """Make the folder of an output once; if it goes away later, writing says so."""
        folder = os.path.split(output)[0]
        if folder not in self._folders:
            prepare_folder(output)
            self._folders[folder] = place_of(output)
        return self._folders[folder]

    def _check_free(self, output: str) -> bool:
        """Return whether something has the name that may turn out to be this signature."""
        # A signed copy cannot be told from one of an older file: where it may be replaced, it is.
        stale = self._recipe.replace_existing and self._recipe.form.traits.embeds
        if self._again and not stale:
            return os.path.lexists(output)
        check_free(output, replace=self._recipe.replace_existing)
        return False

    def _require_replacing(self, output: str) -> None:
        if not self._recipe.replace_existing:
            raise taken(output)

    def _is_ours(self, output: str, digest: bytes) -> bool:
        """Whether a signature file is a valid one of this recipe over this digest."""
        try:
            found = read_signature(read_whole(output, LARGEST_SIGNATURE) or b"")
            return any(
                one.message_digest == digest
                and one.certificate is not None
                and one.certificate.der == self._recipe.chain[0]
                and signature_matches(one.certificate.certificate.public_key(), one)
                for one in found.signers
            )
        except (Unacceptable, WorkbenchError):
            return False
