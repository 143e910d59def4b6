"""The checks of a signature as they are made, and the verdict that follows from them.

Owns the sentences that several formats share. Must not know any one format.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workbench.crypto.table import Family
from workbench.pki.validate import LinkVerdict, Purpose, validate_chain
from workbench.signing.formats.base import Broken, Content, Trust
from workbench.signing.verify import Check, Verdict


@dataclass(slots=True)
class Findings:
    """Checks as they are made, and what is known of the signer."""

    checks: list[Check] = field(default_factory=list)
    links: tuple[LinkVerdict, ...] = ()
    signer: str = ""
    algorithm: str = ""
    digest: str = ""
    signing_time: datetime | None = None
    file_hash: str = ""

    def ok(self, name: str, sentence: str, rule: str = "") -> None:
        """Note a check that passed."""
        self.checks.append(Check(name, "ok", sentence, rule))

    def failed(self, name: str, sentence: str, rule: str, next_step: str) -> None:
        """Note a check that failed."""
        self.checks.append(Check(name, "failed", sentence, rule, next_step))

    def unknown(self, name: str, sentence: str) -> None:
        """Note a check that could not be made because of an earlier one."""
        self.checks.append(Check(name, "unknown", sentence))

    def broken(self, name: str, error: Broken) -> None:
        """Note a broken rule."""
        self.failed(name, error.message, error.rule, error.next_step)

    @property
    def sound(self) -> bool:
        """Whether there are checks and every one passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def take(self, other: "Findings", prefix: str = "") -> None:
        """Add the checks of one of several signatures; all signers are shown."""
        self.checks += [replace(check, name=prefix + check.name) for check in other.checks]
        self.links = self.links or other.links
        self.signer = ", ".join(name for name in (self.signer, other.signer) if name)
        self.algorithm = ", ".join(name for name in (self.algorithm, other.algorithm) if name)
        self.digest = self.digest or other.digest
        self.file_hash = self.file_hash or other.file_hash
        self.signing_time = self.signing_time or other.signing_time

    def judge(self, name: str, yes: str, no: str, rule: str, next_step: str, *, good: bool) -> bool:
        """Note the sentence for yes or the one for no, and return which it was."""
        if good:
            self.ok(name, yes, rule)
        else:
            self.failed(name, no, rule, next_step)
        return good

    def verdict(self) -> Verdict:
        """Return the verdict: valid if there are checks and every one passed."""
        failed = next((check for check in self.checks if check.state == "failed"), None)
        valid = self.sound
        headline = f"Signed by {self.signer}." if valid else "The signature could not be checked."
        if failed is not None:
            headline = f"{failed.sentence} {failed.next_step}".strip()
        return Verdict(
            valid=valid,
            headline=headline,
            checks=tuple(self.checks),
            links=self.links,
            signer=self.signer,
            algorithm=self.algorithm,
            digest=self.digest,
            signing_time=self.signing_time,
            file_hash=self.file_hash,
        )


def check_signature(
    found: Findings, content: Content, rule: str, *, good: bool, what: str = "signature"
) -> None:
    """Note whether a signature value is over the content."""
    found.judge(
        "Signature",
        f"The {what} is over {content.name}.",
        f"The {what} is not over {content.name}: it was changed after signing, or the {what} "
        "was damaged or belongs to something else.",
        rule,
        "Get the original and its signature.",
        good=good,
    )


def content_missing(found: Findings, rule: str) -> Verdict:
    """Note that a detached signature needs its content, and return the verdict."""
    found.failed(
        "Content",
        "The signature is detached: the file it is over is needed too.",
        rule,
        "Drop that file.",
    )
    return found.verdict()


def check_required(found: Findings, families: Collection[Family], trust: Trust) -> None:
    """Check that every kind of key that must have signed has done so.

    Args:
        found: where the answer goes.
        families: kinds of key of which a signature passed all its checks.
        trust: says which are required.
    """
    if not trust.required:
        return
    missing = [str(family) for family in trust.required if family not in families]
    found.judge(
        "Required signatures",
        f"There are valid signatures by {' and '.join(trust.required)} keys.",
        f"A valid signature by a key of the kind {' and one of '.join(missing)} is required and "
        "missing; it may have been stripped.",
        "the verifier's policy",
        "Get the signature with all its signers.",
        good=not missing,
    )


def check_key(found: Findings, public_key: bytes, trust: Trust, shown: str) -> None:
    """Check that somebody vouches for the key that made a signature.

    Args:
        found: where the answer goes; its `signer` is set.
        public_key: SubjectPublicKeyInfo, DER.
        trust: whom to believe.
        shown: how to name the key where nobody vouches for it.
    """
    holder = trust.holder(public_key)
    found.signer = holder or shown
    found.judge(
        "Trusted key",
        f"The key belongs to {holder}.",
        f"The signature was made by {shown}, which is not among the trusted keys.",
        "",
        "Get the signer's public key from a source you trust, compare it, and add it.",
        good=holder is not None,
    )


def check_chain(
    found: Findings, leaf: bytes, bag: Sequence[bytes], trust: Trust, purpose: Purpose | None = None
) -> None:
    """Check that a signer's certificate chains to a trusted root; sets `found.links`.

    Args:
        found: where the answer goes.
        leaf: the signer's certificate, DER.
        bag: certificates that came with the signature, DER.
        trust: whom to believe.
        purpose: what the certificate must be meant for; the trust's when None.
    """
    known = (*bag, *trust.intermediates)
    chain = validate_chain(leaf, known, trust.roots, trust.moment, purpose or trust.purpose)
    found.links = chain.links
    rule = next((link.rule for link in chain.links if not link.ok), "")
    said = chain.sentence
    found.judge("Certificate chain", said, said, rule, "", good=chain.trusted)
