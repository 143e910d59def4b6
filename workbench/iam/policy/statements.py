"""What a policy document is once it is read: kinds, statements, and the error for a bad one.

Must not know how a document is read, nor requests or decisions.
"""

from dataclasses import dataclass
from enum import Enum

from workbench.base.errors import WorkbenchError
from workbench.iam.policy.conditions import Check
from workbench.iam.policy.matching import Actions, Context, Resources
from workbench.iam.policy.principals import Principals
from workbench.iam.policy.scanning import Position


class PolicyKind(Enum):
    """Where a document hangs, which decides its elements and its size.

    Attributes:
        RESOURCE: on a key: Principal and Resource are required.
        IDENTITY: on a user or role: no Principal.
        SESSION: passed to AssumeRole: no Principal.
        TRUST: on a role, saying who may assume it: Principal, no Resource.
    """

    RESOURCE = "key policy"
    IDENTITY = "identity policy"
    SESSION = "session policy"
    TRUST = "trust policy"

    @property
    def names_principals(self) -> bool:
        """Whether statements say of whom they speak."""
        return self in (PolicyKind.RESOURCE, PolicyKind.TRUST)


class MalformedPolicy(WorkbenchError):
    """A text is no policy document of its kind.

    Args:
        message: one sentence naming the statement and the element.
        statement: the statement's Sid, or its number from 1; empty for the document as a whole.
        element: the element, such as `Action`; empty for none in particular.
        position: where it stands.
    """

    def __init__(self, message: str, statement: str, element: str, position: Position) -> None:
        super().__init__(message, "Correct the policy and try again.")
        self.statement = statement
        self.element = element
        self.line, self.column = position


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement, compiled; the same only as itself.

    Attributes:
        sid: its Sid, or empty.
        index: its place among the document's statements, from 0.
        effect: `Allow` or `Deny`.
        start: place of its first character.
        end: place just after its last character.
        text: the statement as it stands in the document.
        actions: its Action or NotAction.
        principals: its Principal or NotPrincipal; None where the kind has none.
        resources: its Resource or NotResource; None where the kind has none.
        checks: its conditions, all of which must hold.
    """

    sid: str
    index: int
    effect: str
    start: Position
    end: Position
    text: str
    actions: Actions
    principals: Principals | None
    resources: Resources | None
    checks: tuple[Check, ...]

    @property
    def label(self) -> str:
        """Its Sid, or its number from 1, as a person is told it."""
        return statement_label(self.sid, self.index)

    def failing(self, context: Context) -> Check | None:
        """Return the first condition that does not hold, or None."""
        for check in self.checks:
            if not check.holds(context):
                return check
        return None


@dataclass(frozen=True, slots=True, eq=False)
class PolicyDocument:
    """A policy document; documents of the same text and kind are the same object.

    Attributes:
        kind: where it hangs.
        version: `2012-10-17` or `2008-10-17`.
        id: its Id, or empty.
        statements: in the document's order.
        text: the document as given.
    """

    kind: PolicyKind
    version: str
    id: str
    statements: tuple[Statement, ...]
    text: str


def statement_label(sid: str, index: int) -> str:
    """Return how a person is told a statement: `“Sid”`, or its number from 1."""
    return f"“{sid}”" if sid else str(index + 1)
