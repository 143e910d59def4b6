"""Decisions and how they are told: to a person in a sentence, to a client in AWS's words.

Must not know how a decision comes about.

Source: IAM User Guide, "Troubleshoot access denied error messages"; IAM API Reference,
`EvaluationResult` and `Statement`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple

from workbench.iam.policy.conditions import Check
from workbench.iam.policy.scanning import Position
from workbench.iam.policy.statements import PolicyKind, statement_label

SourceKind = Literal["user", "role", "session", "resource", "grant"]
Outcome = Literal["allowed", "explicitDeny", "implicitDeny"]


class Layer(Enum):
    """The sorts of policies AWS's messages tell apart."""

    IDENTITY = "identity-based"
    RESOURCE = "resource-based"
    SESSION = "session"


class Why(Enum):
    """What a decision rests on."""

    DENIED = "a statement denies"
    DIRECT = "the resource policy names the principal"
    DELEGATED = "the resource policy lets the account decide, and an identity policy allows"
    ACROSS = "the resource policy allows another account, and an identity policy allows"
    IDENTITY = "an identity policy allows, and no resource is concerned"
    ROOT = "the account's root needs no identity policy"
    GRANT = "a grant allows"
    NO_SAY = "the resource policy neither names the principal nor lets the account decide"
    NO_STATEMENT = "no statement of the resource policy allows"
    NO_IDENTITY = "no identity policy allows"
    NO_IDENTITY_ACROSS = "the resource policy allows another account, and no identity policy does"
    NO_SESSION = "no session policy allows"


@dataclass(frozen=True, slots=True)
class Matched:
    """A statement (or grant) that counted.

    Attributes:
        source_id: the policy's name, the key's ARN, or the grant's id.
        source_kind: what it hangs on.
        sid: its Sid, or empty.
        index: its place in the document, from 0.
        start: place of its first character.
        end: place just after its last character.
        effect: `Allow` or `Deny`.
        kind: the document's kind; None for a grant.
        holder: name of the user or role it hangs on, or empty.
    """

    source_id: str
    source_kind: SourceKind
    sid: str
    index: int
    start: Position
    end: Position
    effect: str
    kind: PolicyKind | None = None
    holder: str = ""

    @property
    def document(self) -> str:
        """The document as a person is told it."""
        match self.source_kind:
            case "grant":
                return f"grant {self.source_id}"
            case "resource":
                return "the trust policy" if self.kind is PolicyKind.TRUST else "the key policy"
            case "session":
                return "the session policy"
            case "user" | "role":
                return f"policy “{self.source_id}” of {self.source_kind} {self.holder}"

    @property
    def layer(self) -> Layer:
        """The sort of policy in AWS's messages."""
        if self.source_kind == "session":
            return Layer.SESSION
        return Layer.IDENTITY if self.source_kind in ("user", "role") else Layer.RESOURCE

    def __str__(self) -> str:
        """Return the statement and its document."""
        if self.source_kind == "grant":
            return self.document
        return f"statement {statement_label(self.sid, self.index)} of {self.document}"


class FailedCondition(NamedTuple):
    """A statement that fits the request but for one condition.

    Attributes:
        statement: which.
        operator: the condition's operator.
        key: its key.
        expected: the values it asks for.
        actual: the request's values; empty if it has none.
        equality: whether it asks for one of the expected values.
    """

    statement: Matched
    operator: str
    key: str
    expected: tuple[str, ...]
    actual: tuple[str, ...]
    equality: bool

    @classmethod
    def of(cls, statement: Matched, check: Check, actual: tuple[str, ...]) -> "FailedCondition":
        """Return what is to be told of a failed check."""
        return cls(statement, check.operator, check.key, check.expected, actual, check.equality)

    def sentence(self) -> str:
        """Return it as an English sentence."""
        would = "would deny" if self.statement.effect == "Deny" else "would allow"
        begin = f"{_capital(str(self.statement))} {would}, but"
        wanted = _listed(self.expected)
        if self.operator == "Null":
            return f"{begin} the request has {self.key if self.actual else f'no {self.key}'}."
        if not self.actual:
            return f"{begin} the request has no {self.key} ({self.operator} {wanted})."
        found = f"{begin} {self.key} is {_listed(self.actual, 'and')}"
        if self.equality:
            return f"{found}, not {wanted}."
        return f"{found}, and {self.operator} asks for {wanted}."


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed, and because of what.

    Attributes:
        allowed: the answer.
        outcome: in the words of AWS's policy simulator.
        why: what it rests on.
        matched: the statements that decided; none for an implicit denial.
        conditional: whether a condition, a variable or a grant had a say, so that another request
            of the same principal, action and resource may end otherwise.
        particular: whether a statement tells this resource from others, so that the same request
            for another resource under the same policies may end otherwise.
        lacking: the sort of policy that would have had to allow and did not, or None.
        found: for an implicit denial, statements that allow but are not enough.
        failed: statements that fit but for a condition.
        holder: name of the user or role whose policies were asked, or empty.
        holder_kind: `user`, `role` or empty.
        trust: whether the resource policy is a role's trust policy.
    """

    allowed: bool
    outcome: Outcome
    why: Why
    matched: tuple[Matched, ...] = ()
    conditional: bool = False
    particular: bool = False
    lacking: Layer | None = None
    found: tuple[Matched, ...] = ()
    failed: tuple[FailedCondition, ...] = ()
    holder: str = ""
    holder_kind: str = ""
    trust: bool = False

    @property
    def missing(self) -> str:
        """What was looked for and not found, such as `no identity-based policy allows`."""
        return f"no {self.lacking.value} policy allows" if self.lacking else ""

    @property
    def missing_condition_explanations(self) -> tuple[str, ...]:
        """A sentence for each statement that fits the request but for a condition."""
        return tuple(failure.sentence() for failure in self.failed)

    def sentence(self) -> str:
        """Return the decision as one English sentence for a person."""
        if self.why is Why.DENIED:
            return f"Denied by {_listed_plainly(self.matched[:1])}."
        if self.allowed:
            return f"Allowed: {self._allowing()}."
        return f"Not allowed: {self._refusing()}."

    def aws_reason(self, action: str, resource: str = "") -> str:
        """Return the end of AWS's AccessDenied message.

        Args:
            action: as in `kms:Encrypt`.
            resource: ARN of what it is asked for; AWS names it earlier in the message.
        """
        del resource
        if self.why is Why.DENIED:
            layer = self.matched[0].layer
            article = "an" if layer is Layer.IDENTITY else "a"
            return f"with an explicit deny in {article} {layer.value} policy"
        return f"because {self.missing} the {action} action" if self.lacking else ""

    def _allowing(self) -> str:
        match self.why:
            case Why.DELEGATED:
                policy, *others = self.matched
                return f"{policy} lets the account decide, and {_allows(others)}"
            case Why.ROOT:
                return "the account's root user needs no policy for it"
        return _allows(self.matched)

    def _refusing(self) -> str:
        policy = "the trust policy" if self.trust else "the key policy"
        own = f"no policy of {self.holder_kind} {self.holder}" if self.holder else "no policy"
        but = f"{_allows(self.found)}, but " if self.found else ""
        match self.why:
            case Why.NO_SAY:
                return f"{policy} gives the account no say, so identity policies do not count"
            case Why.NO_STATEMENT:
                return f"{but}no statement of {policy} {'does' if but else 'allows it'}"
            case Why.NO_SESSION:
                return f"{but}the session policy does not"
            case Why.NO_IDENTITY_ACROSS:
                return f"{but}{own} allows it, and another account's key needs both"
        if self.found:
            but = f"{_listed_plainly(self.found)} lets identity policies decide, but "
        return f"{but}{own} allows it"


def _allows(matched: Iterable[Matched]) -> str:
    found = list(matched)
    return f"{_listed_plainly(found)} {'allows' if len(found) == 1 else 'allow'} it"


def _listed_plainly(matched: Iterable[Matched]) -> str:
    return " and ".join(str(item) for item in matched)


def _listed(values: tuple[str, ...], word: str = "or") -> str:
    quoted = [f"“{value}”" for value in values]
    if len(quoted) < 2:
        return "".join(quoted) or "nothing"
    return f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
