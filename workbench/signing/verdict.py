"""What was found about a signature: checks with their rules, the parts it is made of, a verdict.

Owns the words of an answer and nothing of how it is reached; every format answers with these.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from workbench.crypto.table import Family
from workbench.pki.validate import LinkVerdict

CheckState = Literal["ok", "failed", "unknown", "open"]
PartKind = Literal["signature", "counter-signature", "timestamp"]
Proof = Literal["signature", "time"]
NeedKind = Literal["file", "signature", "root", "key"]

_TRUST_CHECKS: Final = frozenset({"Certificate chain", "Trusted key", "Timestamp time"})


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Attributes:
        name: the question in a word or two.
        state: `ok`, `failed`, `unknown` where an earlier failure keeps it from being asked, or
            `open` where nothing at hand answers it and the verdict does not wait for it.
        sentence: the answer.
        rule: standard and section, or empty.
        next_step: what to do, where the sentence does not say it; or empty.
        evidence: what the answer rests on: digests, fingerprints, serial numbers; or empty.
        demand: which demand of the verifier it answers: `purpose`, `required`, or one of the
            format's; or empty.
    """

    name: str
    state: CheckState
    sentence: str
    rule: str = ""
    next_step: str = ""
    evidence: str = ""
    demand: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer does not stand against the verdict."""
        return self.state in {"ok", "open"}

    @property
    def about_trust(self) -> bool:
        """Whether it asks by whom the signer may be trusted, not who signed what."""
        return self.name.rpartition(": ")[2] in _TRUST_CHECKS


@dataclass(frozen=True, slots=True)
class Need:
    """Something without which the question cannot be answered.

    Attributes:
        kind: what sort of thing.
        name: which one, for people.
    """

    kind: NeedKind
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """One signature, counter-signature or timestamp among several, with its own chain.

    Attributes:
        kind: which of the three.
        title: for people, such as `Signer 2`.
        checks: the questions about it, in order.
        links: its certificate chain, leaf first.
        signer: who made it.
        algorithm: signature algorithm, for people.
        moment: when it says it was made; only a timestamp's is vouched for.
        parts: counter-signatures and timestamps on it.
    """

    kind: PartKind
    title: str
    checks: tuple[Check, ...]
    links: tuple[LinkVerdict, ...] = ()
    signer: str = ""
    algorithm: str = ""
    moment: datetime | None = None
    parts: tuple["Part", ...] = ()

    @property
    def valid(self) -> bool:
        """Whether every check of it and of what is on it passed."""
        own = bool(self.checks) and all(check.passed for check in self.checks)
        return own and all(part.valid for part in self.parts)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Part"]]:
        """Yield it and everything on it, each with how deep it is."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)


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
        parts: the signatures one by one, where the format can hold several or has timestamps.
        needs: what is missing for an answer, by name.
        form: the format, for people; empty where none was recognised.
        kind: the format's short name; empty where none was recognised.
        families: kinds of key of which a signature over the content passed its checks.
        proves: whether it is about a signature, or about a timestamp alone.
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
    parts: tuple[Part, ...] = ()
    needs: tuple[Need, ...] = ()
    form: str = ""
    kind: str = ""
    families: frozenset[Family] = frozenset()
    proves: Proof = "signature"
