"""Policy documents as texts: indented, and places in one found again in another.

Knows the grammar by `workbench.iam.policy`; knows no Qt.
"""

import json
from typing import Any

from workbench.iam.policy.documents import (
    MalformedPolicy,
    PolicyDocument,
    PolicyKind,
    parse_policy,
)


def pretty_json(text: str) -> str:
    """Return JSON indented; what is no JSON comes back as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def read_policy(text: str, kind: PolicyKind) -> PolicyDocument | MalformedPolicy:
    """Return the document a text holds, or what is wrong with it."""
    try:
        return parse_policy(text, kind)
    except MalformedPolicy as error:
        return error


def policy_text(document: Any) -> str:
    """Return a policy of an IAM answer as indented text: boto3 gives objects, the wire texts."""
    if isinstance(document, str):
        return pretty_json(document)
    return json.dumps(document, indent=2, ensure_ascii=False)


def same_policy(first: str, second: str) -> bool:
    """Whether two texts say the same, whatever their white space."""
    return first == second or pretty_json(first) == pretty_json(second)


def statement_at(text: str, kind: PolicyKind, line: int, column: int) -> int | None:
    """Return which statement of a document stands at a place, counted from 0.

    Args:
        text: the document that the place is in.
        kind: where it hangs.
        line: from 1.
        column: from 1; AWS's simulator may name the character before.

    Returns:
        None where there is no statement, or the text is no policy.
    """
    document = read_policy(text, kind)
    if isinstance(document, MalformedPolicy):
        return None
    for statement in document.statements:
        begin = (statement.start.line, statement.start.column - 1)
        if begin <= (line, column) < tuple(statement.end):
            return statement.index
    return None
