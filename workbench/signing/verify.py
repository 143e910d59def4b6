"""Is this file signed by whom, and can that be trusted: a verdict with reasons.

Owns the order of the questions: is it a signature, over this file, by this certificate, that chains
to a trusted root and is meant for this. Each has a sentence of its own. Needs no vault.
"""

import contextlib
import dataclasses
import hmac
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm

from workbench.base.clock import Clock
from workbench.base.files import printable
from workbench.pki.names import readable
from workbench.pki.parse import Malformed, facts
from workbench.pki.validate import LinkVerdict, Purpose, validate_chain
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_read import (
    LARGEST_SIGNATURE,
    Signature,
    SignerInfo,
    read_signature,
)
from workbench.signing.cms_rules import Unacceptable
from workbench.signing.hashing import hash_file, read_whole
from workbench.signing.public import NAMES, signature_matches

CheckState = Literal["ok", "failed", "unknown"]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Attributes:
        name: the question in a word or two.
        state: `ok`, `failed`, or `unknown` where an earlier failure keeps it from being asked.
        sentence: the answer.
        rule: standard and section, or empty.
        next_step: what to do, where the sentence does not say it; or empty.
    """

    name: str
    state: CheckState
    sentence: str
    rule: str = ""
    next_step: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is the one that was hoped for."""
        return self.state == "ok"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        valid: whether every check is ok.
        headline: the verdict in one sentence: of the first failed check if there is one.
        checks: every question, in order.
        links: the chain, leaf first, each with its verdict.
        signer: the signer's subject, or how the signature names the signer.
        algorithm: signature algorithm, for people.
        digest: content digest.
        signing_time: as the signer claims it; nobody else vouches for it.
        file_hash: hexadecimal digest of the file.
    """

    valid: bool
    headline: str
    checks: tuple[Check, ...]
    links: tuple[LinkVerdict, ...] = ()
    signer: str = ""
    algorithm: str = ""
    digest: str = ""
    signing_time: datetime | None = None
    file_hash: str = ""


@dataclass(slots=True)
class _Findings:
    """What one signer's checks came to."""

    checks: list[Check] = field(default_factory=list)
    links: tuple[LinkVerdict, ...] = ()

    def ok(self, name: str, sentence: str) -> None:
        self.checks.append(Check(name, "ok", sentence))

    def failed(self, name: str, sentence: str, rule: str = "") -> None:
        self.checks.append(Check(name, "failed", sentence, rule))


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
        purpose: Purpose = Purpose.CODE_SIGNING,
        progress: Progress | None = None,
        stop: threading.Event | None = None,
    ) -> Verdict:
        """Verify a file against its signature.

        Args:
            file: the signed file; None where the content is inside the signature.
            signature: the `.p7s`, DER or PEM.
            roots: trusted root certificates, DER.
            intermediates: further certificates that may link the chain, DER.
            moment: when the certificates must be valid; now when None.
            purpose: what the signer's certificate must be meant for.
            progress: told how many bytes of the file were read so far.
            stop: when set, reading ends with `Cancelled`.

        Raises:
            EnvironmentFault: a file cannot be read.
            Cancelled: `stop` was set.
        """
        try:
            parsed = read_signature(_read_bounded(signature))
        except Unacceptable as error:
            check = Check("Signature file", "failed", error.sentence, error.rule)
            return Verdict(valid=False, headline=error.sentence, checks=(check,))
        digests = _content_digests(file, parsed, progress, stop)
        known = (*parsed.certificates, *intermediates)
        when = moment or self._clock.now()
        verdicts = [
            _judge(
                _with_certificate(signer, (*known, *roots)),
                digests[signer.digest],
                file,
                known,
                roots,
                when,
                purpose,
            )
            for signer in parsed.signers
        ]
        return _combined(verdicts)


def _read_bounded(path: Path) -> bytes:
    data = read_whole(path, LARGEST_SIGNATURE)
    if data is None:
        raise Unacceptable(
            f"{printable(path.name)} is larger than {LARGEST_SIGNATURE >> 20} MiB and cannot be a "
            "detached signature. Choose the .p7s file.",
            "RFC 5652 §3",
        )
    return data


def _with_certificate(signer: SignerInfo, known: Sequence[bytes]) -> SignerInfo:
    """Look for the signer's certificate among all that are known, where the signature has none."""
    if signer.certificate is not None:
        return signer
    readable_ones = []
    for certificate in known:
        with contextlib.suppress(Malformed):
            readable_ones.append(facts(certificate))
    return dataclasses.replace(signer, certificate=signer.name.find(readable_ones))


def _content_digests(
    file: Path | None,
    parsed: Signature,
    progress: Progress | None,
    stop: threading.Event | None,
) -> dict[str, bytes]:
    names = [signer.digest for signer in parsed.signers]
    running = {name: DIGESTS[name].start() for name in names}
    if file is not None:
        reading = hash_file(
            file,
            tuple(running.values()),
            progress=progress,
            stop=None if stop is None else stop.is_set,
        )
        return dict(zip(running, reading.digests, strict=True))
    if parsed.content is None:
        return dict.fromkeys(names, b"")
    for digest in running.values():
        digest.update(parsed.content)
    return {name: digest.digest() for name, digest in running.items()}


def _judge(
    signer: SignerInfo,
    file_digest: bytes,
    file: Path | None,
    known: Sequence[bytes],
    roots: Sequence[bytes],
    moment: datetime,
    purpose: Purpose,
) -> Verdict:
    found = _Findings()
    found.ok("Signature file", "It is a well-formed CMS signature (RFC 5652).")
    _check_file(found, signer, file_digest, file)
    _check_value(found, signer)
    _check_chain(found, signer, known, roots, moment, purpose)
    failed = next((check for check in found.checks if check.state == "failed"), None)
    certificate = signer.certificate
    name = readable(certificate.certificate.subject) if certificate else signer.named
    return Verdict(
        valid=failed is None and all(check.state == "ok" for check in found.checks),
        headline=failed.sentence if failed else f"Signed by {name}; the chain is trusted.",
        checks=tuple(found.checks),
        links=found.links,
        signer=name,
        algorithm=NAMES.get(signer.signature_oid, signer.signature_oid),
        digest=signer.digest,
        signing_time=signer.signing_time,
        file_hash=file_digest.hex(),
    )


def _check_file(
    found: _Findings, signer: SignerInfo, file_digest: bytes, file: Path | None
) -> None:
    shown = printable(file.name) if file is not None else "the content inside the signature"
    if not file_digest:
        found.failed(
            "File",
            "The signature is detached: the file it is over is needed too. Drop that file.",
            "RFC 5652 §5.2",
        )
    elif hmac.compare_digest(file_digest, signer.message_digest):
        found.ok("File", f"The {signer.digest} digest of {shown} is the one that was signed.")
    elif _is_of_nothing(signer.digest, file_digest):
        found.failed(
            "File",
            f"{shown} is empty, and that is not what was signed. Get the original file.",
            "RFC 5652 §5.6",
        )
    else:
        found.failed(
            "File",
            f"{shown} is not the file that was signed: its {signer.digest} digest differs. It was "
            "changed after signing, or this signature belongs to another file. Get the original "
            "file.",
            "RFC 5652 §5.6",
        )


def _is_of_nothing(name: str, digest: bytes) -> bool:
    return DIGESTS[name].start().digest() == digest


def _check_value(found: _Findings, signer: SignerInfo) -> None:
    certificate = signer.certificate
    if certificate is None:
        found.failed(
            "Signature",
            f"The signer's certificate ({signer.named}) is not inside the signature, so it cannot "
            "be checked. Ask the signer to include it, or give it along.",
            "RFC 5652 §5.3",
        )
        return
    name = readable(certificate.certificate.subject)
    try:
        key = certificate.certificate.public_key()
        matches = signature_matches(key, signer)
        under_wrong_tag = not matches and signature_matches(
            key, dataclasses.replace(signer, signed=signer.as_received)
        )
    except Unacceptable as error:
        found.failed("Signature", error.sentence, error.rule)
        return
    except (ValueError, UnsupportedAlgorithm):
        found.failed(
            "Signature",
            f"The public key in the certificate of {name} cannot be read or is of an unknown "
            "kind. Get an undamaged copy of the signature.",
            "RFC 5280 §4.1.2.7",
        )
        return
    if under_wrong_tag:
        found.failed(
            "Signature",
            f"The key in the certificate of {name} signed the attributes under the tag [0] instead "
            "of SET OF; the program that made the signature is faulty. Have the file signed again "
            "by another.",
            "RFC 5652 §5.4",
        )
    elif matches:
        found.ok("Signature", f"The signature was made by the key in the certificate of {name}.")
    else:
        found.failed(
            "Signature",
            f"The signature was not made by the key in the certificate of {name}: the signature "
            "was damaged or forged. Get an undamaged copy.",
            "RFC 5652 §5.6",
        )


def _check_chain(
    found: _Findings,
    signer: SignerInfo,
    known: Sequence[bytes],
    roots: Sequence[bytes],
    moment: datetime,
    purpose: Purpose,
) -> None:
    if signer.certificate is None:
        found.checks.append(
            Check("Certificate chain", "unknown", "There is no certificate to begin with.")
        )
        return
    chain = validate_chain(signer.certificate.der, known, roots, moment, purpose)
    found.links = chain.links
    if chain.trusted:
        found.ok("Certificate chain", chain.sentence)
        return
    rule = next((link.rule for link in chain.links if not link.ok), "")
    found.failed("Certificate chain", chain.sentence, rule)


def _combined(verdicts: Sequence[Verdict]) -> Verdict:
    """Return one verdict: of several signers every one must be valid."""
    shown = next((verdict for verdict in verdicts if not verdict.valid), verdicts[0])
    if len(verdicts) == 1:
        return shown
    checks = tuple(
        dataclasses.replace(check, name=f"Signer {number}: {check.name}")
        for number, verdict in enumerate(verdicts, start=1)
        for check in verdict.checks
    )
    return Verdict(
        valid=shown.valid,
        headline=shown.headline,
        checks=checks,
        links=shown.links,
        signer=shown.signer,
        algorithm=shown.algorithm,
        digest=shown.digest,
        signing_time=shown.signing_time,
        file_hash=shown.file_hash,
    )
