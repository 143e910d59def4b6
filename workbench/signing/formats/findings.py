"""The checks of a signature as they are made, and the verdict that follows from them.

Owns the sentences that several formats share. Must not know any one format.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der
from workbench.crypto.table import Family
from workbench.pki.names import readable
from workbench.pki.parse import Facts, Malformed, facts
from workbench.pki.paths import Ending, Path
from workbench.pki.rules import PURPOSE_RULE, broken
from workbench.pki.status import Standing
from workbench.pki.validate import Evidence, LinkVerdict, Purpose, validate_chain
from workbench.signing.formats.base import Broken, Content, Trust
from workbench.signing.formats.keys import family_of
from workbench.signing.verdict import Check, Need, NeedKind, Part, PartKind, Verdict

_REVOCATION: Final = "RFC 5280 §6.3"
_STRICTEST: Final = Purpose.CODE_SIGNING
"""What is asked of a certificate where neither the verifier nor a format says."""


@dataclass(slots=True)
class Findings:
    """Checks as they are made, and what is known of the signer.

    Attributes:
        families: kinds of key that signed the content; whoever adds one has checked its signature.
    """

    checks: list[Check] = field(default_factory=list)
    links: tuple[LinkVerdict, ...] = ()
    signer: str = ""
    algorithm: str = ""
    digest: str = ""
    signing_time: datetime | None = None
    file_hash: str = ""
    parts: list[Part] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    families: set[Family] = field(default_factory=set)

    def ok(self, name: str, sentence: str, rule: str = "", evidence: str = "") -> None:
        """Note a check that passed."""
        self.checks.append(Check(name, "ok", sentence, rule, evidence=evidence))

    def need(self, kind: NeedKind, name: str) -> None:
        """Note that something is missing, once."""
        if Need(kind, name) not in self.needs:
            self.needs.append(Need(kind, name))

    def failed(
        self, name: str, sentence: str, rule: str, next_step: str, *, demand: str = ""
    ) -> None:
        """Note a check that failed."""
        self.checks.append(Check(name, "failed", sentence, rule, next_step, demand=demand))

    def unknown(self, name: str, sentence: str) -> None:
        """Note a check that could not be made because of an earlier one."""
        self.checks.append(Check(name, "unknown", sentence))

    def broken(self, name: str, error: Broken) -> None:
        """Note a broken rule."""
        self.failed(name, error.message, error.rule, error.next_step.strip())

    def open(self, name: str, sentence: str, rule: str) -> None:
        """Note a question that nothing at hand answers."""
        self.checks.append(Check(name, "open", sentence, rule))

    @property
    def sound(self) -> bool:
        """Whether there are checks and every one passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    def part(self, kind: PartKind, title: str) -> Part:
        """Return what is known so far as one part of a whole."""
        return Part(
            kind, title, tuple(self.checks), self.links, self.signer, self.algorithm,
            self.signing_time, tuple(self.parts),
        )  # fmt: skip

    def stand_on(self, other: "Findings", kind: PartKind, title: str) -> None:
        """Add a timestamp or counter-signature on what is being checked, with its own chain."""
        self.parts.append(other.part(kind, title))
        for one in other.needs:
            self.need(one.kind, one.name)

    @property
    def all_sound(self) -> bool:
        """Whether it and everything on it passed."""
        return self.sound and all(part.valid for part in self.parts)

    def take(self, other: "Findings", prefix: str = "") -> None:
        """Add the checks of one of several signatures; all signers are shown."""
        if other.all_sound:
            self.families |= other.families
        self.merge(other, prefix)
        self.parts.append(other.part("signature", prefix.rstrip(": ") or "Signature"))

    def merge(self, other: "Findings", prefix: str = "") -> None:
        """Add checks that belong to the same signature, and what is known of its signer."""
        self.checks += [replace(check, name=prefix + check.name) for check in other.checks]
        for part in other.parts:
            for depth, one in part.walk():
                shown = one.title if depth == 0 else f"{part.title}, {one.title}"
                self.checks += [
                    replace(check, name=f"{prefix}{shown}: {check.name}") for check in one.checks
                ]
        for need in other.needs:
            self.need(need.kind, need.name)
        self.links = self.links or other.links
        self.signer = ", ".join(name for name in (self.signer, other.signer) if name)
        self.algorithm = ", ".join(name for name in (self.algorithm, other.algorithm) if name)
        self.digest = self.digest or other.digest
        self.file_hash = self.file_hash or other.file_hash
        self.signing_time = self.signing_time or other.signing_time

    def judge(
        self, name: str, yes: str, no: str, rule: str, next_step: str, *, good: bool,
        evidence: str = "", demand: str = "",
    ) -> bool:  # fmt: skip
        """Note the sentence for yes or the one for no, and return which it was."""
        if good:
            self.checks.append(Check(name, "ok", yes, rule, evidence=evidence, demand=demand))
        else:
            self.checks.append(Check(name, "failed", no, rule, next_step, evidence, demand))
        return good

    def verdict(self, form: str = "") -> Verdict:
        """Return the verdict: valid if there are checks and every one passed.

        Args:
            form: the format, for people.
        """
        failed = next((check for check in self.checks if check.state == "failed"), None)
        valid = self.sound
        chained = "; the chain is trusted" if self.links else ""
        if any(check.state == "open" for check in self.checks):
            chained += ", whether it is revoked is not known"
        headline = "The signature could not be checked."
        if valid:
            headline = f"Signed by {self.signer}{chained}."
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
            parts=tuple(self.parts),
            needs=tuple(self.needs),
            form=form,
            families=frozenset(self.families),
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
    found.need("file", "")
    found.failed(
        "Content",
        "The signature is detached: the file it is over is needed too.",
        rule,
        "Drop that file.",
    )
    return found.verdict()


def check_key(
    found: Findings, public_key: bytes, trust: Trust, shown: str, namespace: str = ""
) -> None:
    """Check that somebody vouches for the key that made a signature.

    Args:
        found: where the answer goes; its `signer` is set.
        public_key: SubjectPublicKeyInfo, DER.
        trust: whom to believe.
        shown: how to name the key where nobody vouches for it.
        namespace: what an OpenSSH signature is for; empty for other formats.
    """
    holder, why = trust.holder(public_key, namespace)
    found.signer = holder or shown
    if holder is None:
        found.need("key", shown)
    if holder is not None:
        found.families.add(family_of(public_key))
    found.judge(
        "Trusted key",
        f"The key belongs to {holder}.",
        f"The signature was made by {why}."
        if why
        else f"The signature was made by {shown}, which is not among the trusted keys.",
        "the verifier's trust",
        "Get the signer's public key from a source you trust, compare it, and add it.",
        good=holder is not None,
        evidence=fingerprint_line(public_key),
    )


def fingerprint_line(data: bytes) -> str:
    """Return the SHA-256 of a certificate or key, as evidence."""
    return f"SHA-256 {hashlib.sha256(data).hexdigest()}"


def read_signer(found: Findings, leaf: bytes, rule: str) -> Facts | None:
    """Return a signer's certificate taken apart, and note whose it is; None where it is malformed.

    Args:
        found: where the answer goes; its `signer` is set.
        leaf: the certificate as it came with the signature, DER if the sender is honest.
        rule: where it is written that it has its place there.
    """
    try:
        known = facts(leaf)
        public_from_der(known.spki)
    except (Malformed, Refused):
        found.failed(
            "Signature",
            "The signer's certificate cannot be read, or its key is of an unknown kind.",
            rule,
            "Get an undamaged copy of the signature.",
        )
        return None
    found.signer = readable(known.certificate.subject)
    return known


def check_chain(
    found: Findings,
    leaf: bytes,
    bag: Sequence[bytes],
    trust: Trust,
    purpose: Purpose | None = None,
    within: Evidence | None = None,
) -> None:
    """Check that a signer's certificate chains to a trusted root; sets `found.links`.

    Where it does not, a public key that the verifier trusts by itself stands in for the root, but
    not against a revocation, nor for a certificate that is out of date or meant for another thing.

    Args:
        found: where the answer goes.
        leaf: the signer's certificate, DER.
        bag: certificates that came with the signature, DER.
        trust: whom to believe.
        purpose: what the certificate must be meant for; the trust's when None.
        within: lists and OCSP answers that came with the signature.
    """
    known = (*bag, *trust.intermediates)
    wanted = purpose or trust.purpose or _STRICTEST
    evidence = trust.evidence
    if within is not None:
        lists = (*evidence.lists, *within.lists)
        answers = (*evidence.answers, *within.answers)
        evidence = replace(evidence, lists=lists, answers=answers)
    chain = validate_chain(leaf, known, trust.roots, trust.moment, wanted, evidence)
    if not chain.trusted and _by_key(found, leaf, trust, wanted, chain.links):
        return
    found.links = chain.links
    rule = next((link.rule for link in chain.links if not link.ok), "") or "RFC 5280 §6.1"
    last = chain.links[-1]
    if not chain.trusted and not last.ok and last.der not in trust.roots:
        # The chain ends at a root nobody trusts here, or below a certificate that is missing.
        found.need("root", last.subject if last.subject == last.issuer else last.issuer)
    said = chain.sentence
    shown = "; ".join(f"{link.subject}: {fingerprint_line(link.der)}" for link in chain.links)
    found.judge(
        "Certificate chain", said, said, rule, "", good=chain.trusted, evidence=shown,
        demand="purpose" if rule == PURPOSE_RULE else "",
    )  # fmt: skip
    if chain.trusted:
        _tell_revocation(found, chain.links)


def _by_key(
    found: Findings, leaf: bytes, trust: Trust, purpose: Purpose, links: Sequence[LinkVerdict]
) -> bool:
    """Note that the signer's key is trusted by itself; returns False where it is not."""
    try:
        signer = facts(leaf)
    except Malformed:
        return False
    holder, _ = trust.holder(signer.spki)
    revoked = any(
        link.status is not None and link.status.standing is Standing.REVOKED for link in links
    )
    unclear = trust.evidence.required and any(
        link.status is not None and link.status.standing is Standing.UNKNOWN for link in links
    )
    alone = Path((signer,), (True,), Ending.ANCHORED)
    if holder is None or revoked or unclear or next(broken(alone, 0, trust.moment, purpose), None):
        return False
    name = readable(signer.certificate.subject)
    found.ok(
        "Trusted key",
        f"The key in the certificate of {name} belongs to {holder}.",
        "the verifier's trust",
        fingerprint_line(signer.spki),
    )
    return True


def _tell_revocation(found: Findings, links: Sequence[LinkVerdict]) -> None:
    """Say whether it is known that nothing in a trusted chain is revoked."""
    asked = [(link.subject, link.status) for link in links if link.status is not None]
    unknown = [(name, status) for name, status in asked if status.standing is Standing.UNKNOWN]
    if unknown:
        name, status = unknown[0]
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        sentence = f"Whether {name}{more} is revoked is not known: {status.why}."
        found.open("Revocation", sentence, _REVOCATION)
    elif asked:
        sources = ", ".join(dict.fromkeys(status.source for _, status in asked))
        sentence = f"Nothing in the chain is revoked, according to: {sources}."
        found.ok("Revocation", sentence, _REVOCATION)
