"""One file signed: hash, sign, write. What a job's workers do.

Owns the order: the output's name is checked before anything is signed, the file is hashed once,
and the signature appears under its name complete or not at all.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from workbench.base.clock import Clock
from workbench.base.errors import Refused
from workbench.crypto.mldsa import compute_mu
from workbench.signing.cms_build import CmsTemplate
from workbench.signing.hashing import hash_file
from workbench.signing.outputs import check_free, signature_path, write_signature
from workbench.signing.recipe import Recipe

RAW_LIMIT = 4096
"""AWS KMS takes messages up to this many bytes as RAW."""


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


@dataclass(frozen=True, slots=True)
class Signed:
    """One finished signature.

    Attributes:
        output: where it was written.
        digest: hexadecimal content digest.
        size: bytes of content.
    """

    output: Path
    digest: str
    size: int


def output_path(recipe: Recipe, path: Path) -> Path:
    """Return where a file's signature goes: `NAME.p7s`, beside it or in the recipe's folder."""
    return Path(signature_path(str(path), recipe.folder))


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
    """

    def __init__(self, kms: Any, recipe: Recipe, clock: Clock) -> None:
        self._kms = kms
        self._recipe = recipe
        self._clock = clock
        self._template = CmsTemplate(recipe)

    def sign(
        self,
        path: Path,
        tell: Callable[[FileState], None],
        progress: Callable[[int], None] | None = None,
        stop: threading.Event | None = None,
    ) -> Signed:
        """Sign one file.

        Args:
            path: the file.
            tell: called at each step.
            progress: called with the number of bytes read so far.
            stop: when set, hashing ends with `Cancelled`; after that the file is finished.

        Raises:
            EnvironmentFault: file or folder refused; nothing partial is left.
            Cancelled: `stop` was set.
            Locked: the vault was locked meanwhile.
            botocore ClientError: the key refused.
        """
        recipe = self._recipe
        output = output_path(recipe, path)
        check_free(str(output), replace=recipe.replace_existing)
        tell(FileState.HASHING)
        hashed = hash_file(
            path,
            (recipe.plan.digest.start(),),
            progress=progress,
            stop=None if stop is None else stop.is_set,
        )
        digest = hashed.digests[0]
        tell(FileState.SIGNING)
        attributes = self._template.attributes(digest, self._clock.now())
        signature = sign_message(self._kms, recipe, attributes)
        tell(FileState.WRITING)
        whole = self._template.finish(attributes, signature)
        write_signature(str(output), whole, replace=recipe.replace_existing)
        return Signed(output, digest.hex(), hashed.size)
