"""Is this file signed by whom, and can that be trusted: a verdict with reasons. Needs no vault.

Owns finding out what was given: the format by its content, which of two files is the signature, and
what is missing, by name. Decides whether a file and a signature may go together at all: a format
that has not looked at the file has said nothing about it, whatever else it found. Must not know
the rules of any format.
"""

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from workbench.base.clock import Clock
from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.digests import Digest
from workbench.pki.purposes import Purpose
from workbench.signing.cms_read import LARGEST_SIGNATURE
from workbench.signing.formats.base import FileContent, Format, Trust, TrustedKey
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.raw import RawSignature
from workbench.signing.formats.registry import detect, make_format, signed_name
from workbench.signing.hashing import Progress, read_whole
from workbench.signing.verdict import Check, CheckState, Need, Part, Verdict

__all__ = ["Check", "CheckState", "Need", "Part", "Progress", "Verdict", "Verifier"]

_LONGEST_RAW: Final = 8192


class Verifier:
    """Verifies signatures; holds no secrets and needs no vault.

    Args:
        clock: the moment certificates must be valid at, unless another is asked for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def verify(
        self,
        file: Path | None,
        signature: Path,
        roots: Sequence[bytes],
        intermediates: Sequence[bytes] = (),
        *,
        moment: datetime | None = None,
        purpose: Purpose | None = None,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Verdict:
        """Verify a file against its signature, by certificates.

        Args:
            file: the signed file; None where the content is inside the signature.
            signature: the signature file.
            roots: trusted root certificates, DER.
            intermediates: further certificates that may link the chain, DER.
            moment: when the certificates must be valid; now when None.
            purpose: what the signer's certificate must be meant for; None takes what is usual for
                the format.
            progress: told how many bytes of the file were read so far.
            stop: when set, reading ends with `Cancelled`.

        Raises:
            EnvironmentFault: a file cannot be read.
            Cancelled: `stop` was set.
        """
        trust = self.trust(roots=roots, intermediates=intermediates, moment=moment)
        trust = dataclasses.replace(trust, purpose=purpose)
        return self.check(file, signature, trust, progress=progress, stop=stop)

    def trust(
        self,
        *,
        roots: Sequence[bytes] = (),
        intermediates: Sequence[bytes] = (),
        keys: Sequence[TrustedKey] = (),
        moment: datetime | None = None,
    ) -> Trust:
        """Return whom to believe, for a format's usual purpose, now or at another moment."""
        return Trust(
            moment or self._clock.now(), tuple(keys), tuple(roots), tuple(intermediates), None
        )

    def check(
        self,
        file: Path | None,
        signature: Path,
        trust: Trust,
        *,
        expected: Format | None = None,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Verdict:
        """Verify a file against its signature in any format.

        Args:
            file: the signed file; None where the content is inside the signature.
            signature: the signature file.
            trust: whom to believe, at which moment.
            expected: the format with what is demanded of it, such as a namespace or audience; None
                finds the format by the content.
            progress: told how many bytes of the file were read so far.
            stop: when set, reading ends with `Cancelled`.

        Raises:
            EnvironmentFault: a file cannot be read.
            Refused: not a regular file.
            Cancelled: `stop` was set.
        """
        data = read_whole(signature, LARGEST_SIGNATURE)
        if data is None:
            return _too_large(signature)
        form = expected or detect(data) or _unmarked(data, trust)
        if form is None:
            return _unknown(file, signature)
        try:
            form = expected or _demanding(form, trust)
        except Refused as error:
            return _no_demand(form, error)
        asked = _asked(form, trust, expected)
        if trust.purpose is None:
            trust = dataclasses.replace(trust, purpose=form.traits.purpose)
        content = None
        if file is not None:
            stopped = None if stop is None else stop.is_set
            content = _Noted(FileContent(file, progress=progress, stop=stopped))
        verdict = form.verify(data, content, trust)
        if file is not None and content is not None and not content.read:
            verdict = _apart(verdict, form, file, signature, data)
        if not asked:
            verdict = _no_signature(verdict, form, signature)
        verdict = require(verdict, trust)
        needs = tuple(_named(need, signature) for need in verdict.needs)
        return dataclasses.replace(
            verdict,
            needs=needs,
            form=verdict.form or form.title,
            kind=form.name,
            proves=form.traits.proves,
        )


def _demanding(form: Format, trust: Trust) -> Format:
    """Return the format that was found with what is demanded of it; raises `Refused`."""
    wanted = {one.option: one.value for one in trust.demands if one.form == form.name}
    return make_format(form.name, wanted) if wanted else form


def _no_demand(form: Format, error: Refused) -> Verdict:
    """Return the verdict where what is demanded is nothing that the format can have."""
    check = Check(
        "Demand", "failed", error.message, form.standard, error.next_step,
        demand=next(iter(form.traits.demands), ""),
    )  # fmt: skip
    headline = f"{error.message} {error.next_step}".strip()
    return Verdict(valid=False, headline=headline, checks=(check,), form=form.title, kind=form.name)


def _asked(form: Format, trust: Trust, expected: Format | None) -> bool:
    """Whether what a format proves is what was asked for; a signature always is."""
    if form.traits.proves == "signature" or trust.stamps or expected is not None:
        return True
    return trust.purpose is form.traits.purpose


def _no_signature(verdict: Verdict, form: Format, signature: Path) -> Verdict:
    """Return the verdict on a timestamp where a signature was asked for."""
    sentence = (
        f"{printable(signature.name)} is a timestamp and no signature: it shows at what time the "
        "file existed, and nobody signed it."
    )
    step = "Get the signature; or say that a timestamp is what you want to verify."
    check = Check("Kind of proof", "failed", sentence, form.standard, step)
    return dataclasses.replace(
        verdict, valid=False, headline=f"{sentence} {step}", checks=(check, *verdict.checks)
    )


def require(verdict: Verdict, trust: Trust) -> Verdict:
    """Return a verdict that also says whether every kind of key that must have signed has done so.

    Asked here for all formats: one that does not say whose key signed meets no demand.

    Args:
        verdict: what the format found.
        trust: says which kinds are required.
    """
    if not trust.required:
        return verdict
    missing = [str(family) for family in trust.required if family not in verdict.families]
    name, rule = "Required signatures", "the verifier's policy"
    if not missing:
        sentence = f"There are valid signatures by {' and '.join(trust.required)} keys."
        check = Check(name, "ok", sentence, rule, demand="required")
        return dataclasses.replace(verdict, checks=(*verdict.checks, check))
    sentence = (
        f"A valid signature by a key of the kind {' and one of '.join(missing)} is required and "
        "missing; it may have been stripped."
    )
    step = "Get the signature with all its signers."
    return dataclasses.replace(
        verdict,
        valid=False,
        headline=f"{sentence} {step}" if verdict.valid else verdict.headline,
        checks=(*verdict.checks, Check(name, "failed", sentence, rule, step, demand="required")),
    )


class _Noted:
    """A file, and whether anybody has read it."""

    def __init__(self, content: FileContent) -> None:
        self._content = content
        self.read = False

    @property
    def name(self) -> str:
        return self._content.name

    def digests(self, running: Sequence[Digest]) -> tuple[bytes, ...]:
        self.read = True
        return self._content.digests(running)

    def pieces(self) -> Iterator[bytes]:
        self.read = True
        return self._content.pieces()

    def whole(self) -> bytes:
        self.read = True
        return self._content.whole()


def _apart(verdict: Verdict, form: Format, file: Path, signature: Path, data: bytes) -> Verdict:
    """Return the verdict on a file that the format has not looked at.

    Only the signed document itself may stand in the file's place.
    """
    if not verdict.valid and not form.traits.alone:
        return verdict
    shown, over = printable(file.name), printable(signature.name)
    if read_whole(file, LARGEST_SIGNATURE) == data:
        check = Check("File", "ok", f"{shown} is the signed document itself.", form.standard)
        return dataclasses.replace(verdict, checks=(check, *verdict.checks))
    sentence = (
        f"The signature in {over} is over what is inside {over}. It says nothing about {shown}."
    )
    step = f"Verify {over} alone, or get the signature of {shown}."
    check = Check("File", "failed", sentence, form.standard, step)
    return dataclasses.replace(
        verdict, valid=False, headline=f"{sentence} {step}", checks=(check, *verdict.checks)
    )


def _unmarked(data: bytes, trust: Trust) -> Format | None:
    """Return the format for content that no format recognises.

    A short one is a raw signature where public keys are trusted; else it was to be CMS, whose
    reader says best what is wrong.
    """
    if trust.keys and 0 < len(data) <= _LONGEST_RAW:
        return RawSignature()
    return Cms() if trust.roots else None


def _named(need: Need, signature: Path) -> Need:
    if need.kind != "file" or need.name:
        return need
    shown = printable(signature.name)
    return Need("file", signed_name(signature.name) or f"the file that {shown} is over")


def _too_large(signature: Path) -> Verdict:
    sentence = (
        f"{printable(signature.name)} is larger than {LARGEST_SIGNATURE >> 20} MiB and cannot be a "
        "detached signature. Choose the .p7s file."
    )
    check = Check("Signature file", "failed", sentence, "RFC 5652 §3")
    need = Need("signature", f"the signature of {printable(signature.name)}")
    return Verdict(valid=False, headline=sentence, checks=(check,), needs=(need,))


def _unknown(file: Path | None, signature: Path) -> Verdict:
    sentence = f"{printable(signature.name)} is in none of the signature formats known here."
    step = "Choose the signature file that belongs to the file."
    needs = [Need("signature", f"the signature of {printable((file or signature).name)}")]
    if file is not None:
        needs.append(Need("key", "the signer's public key, if this is a raw signature"))
    return Verdict(
        valid=False,
        headline=f"{sentence} {step}",
        checks=(Check("Signature file", "failed", sentence, "the formats known here", step),),
        needs=tuple(needs),
    )
