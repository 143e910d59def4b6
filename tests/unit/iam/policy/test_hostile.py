"""Texts that mean harm: only MalformedPolicy comes out, and quickly."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.iam.policy.conditions import Check
from workbench.iam.policy.documents import MalformedPolicy, PolicyDocument, PolicyKind, parse_policy
from workbench.iam.policy.matching import BadPattern, Pattern, read_parts
from workbench.iam.policy.principals import BadPrincipal, Principals

VALID = (
    '{"Version": "2012-10-17", "Id": "x", "Statement": [{"Sid": "a", "Effect": "Allow", '
    '"Principal": {"AWS": ["111122223333"], "Service": "s3.amazonaws.com"}, '
    '"Action": ["kms:*", "kms:Encrypt"], "Resource": "arn:aws:kms:*:${aws:username}:key/?", '
    '"Condition": {"ForAllValues:StringLike": {"kms:ViaService": ["a", "b*"]}, '
    '"NumericLessThan": {"a:b": 7}, "Null": {"c:d": true}}}]}'
)
WORDS = [
    *("Version", "Id", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource"),
    *("Principal", "NotPrincipal", "Condition", "AWS", "Service", "Allow", "Deny", "*"),
    *("StringEquals", "DateLessThan", "IpAddress", "BinaryEquals", "ArnLike", "Null", "${", "}"),
    *("2012-10-17", "kms:Encrypt", "arn:aws:kms:*", "a:b", "${aws:username, 'x'}", "\ud800", "\0"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS)
NODES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


def taken_or_refused(text: str, kind: PolicyKind) -> None:
    found: PolicyDocument | MalformedPolicy
    try:
        found = parse_policy(text, kind)
    except MalformedPolicy as error:
        found = error
    if isinstance(found, MalformedPolicy):
        assert (found.line, found.column) >= (1, 1)
        assert found.message.encode()
    else:
        assert found.statements


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(PolicyKind), st.integers(0, len(VALID)), st.text(max_size=4), st.integers(0, 9)
)
def test_a_document_with_a_piece_replaced(kind: PolicyKind, at: int, new: str, drop: int) -> None:
    taken_or_refused(VALID[:at] + new + VALID[at + drop :], kind)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PolicyKind), NODES)
def test_json_of_the_right_words_in_the_wrong_places(kind: PolicyKind, node: Any) -> None:
    taken_or_refused(json.dumps(node), kind)
    taken_or_refused(json.dumps({"Statement": node}), kind)
    taken_or_refused(json.dumps({"Statement": [{**json.loads(VALID), "Condition": node}]}), kind)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PolicyKind), st.sampled_from(sorted(json.loads(VALID)["Statement"][0])), NODES
)
def test_one_element_holds_anything(kind: PolicyKind, element: str, node: Any) -> None:
    statement = {**json.loads(VALID)["Statement"][0], element: node}
    taken_or_refused(json.dumps({"Version": "2012-10-17", "Statement": statement}), kind)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PolicyKind), st.text(max_size=40))
def test_any_text(kind: PolicyKind, text: str) -> None:
    taken_or_refused(text, kind)


def test_the_document_that_is_mutilated_is_valid_to_begin_with() -> None:
    assert len(parse_policy(VALID, PolicyKind.RESOURCE).statements) == 1


@pytest.mark.parametrize(
    "pattern", ["a*" * 200 + "b", "*a" * 500 + "b", "*" * 3000 + "b", "?*" * 300 + "b", "*a?" * 300]
)
def test_a_hostile_pattern_is_matched_quickly(pattern: str) -> None:
    compiled = Pattern(read_parts(pattern, wildcards=True, variables=True))
    begin = time.process_time()
    assert not compiled.matches("a" * 3000 + "c", {}) or pattern.endswith("?")
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "text", ["${" + " " * 30_000, "${a" * 10_000, "${a,'" * 6_000, "${a ," * 6_000]
)
def test_hostile_variables_are_read_quickly(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(BadPattern):
        read_parts(text, wildcards=True, variables=True)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "text", ["a." * 15_000, "a-" * 15_000, "arn:aws:iam::111122223333:role/" * 900]
)
def test_hostile_principals_are_refused_quickly(text: str) -> None:
    begin = time.process_time()
    for kind in ("AWS", "Service", "Federated", "CanonicalUser"):
        with pytest.raises(BadPrincipal):
            Principals({kind: [text]}, negated=False)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "0000-01"]
)
def test_dates_at_the_edge_of_time(date: str) -> None:
    value = json.dumps({"DateLessThan": {"aws:CurrentTime": date}})
    taken_or_refused(VALID.replace('"Null": {"c:d": true}', value[1:-1]), PolicyKind.RESOURCE)
    check = Check("DateLessThan", "k", ["2026-01-01"], variables=True)
    assert check.holds({"k": date}) == date.startswith("0001")
