"""Reading policy documents: what is taken, what is refused, and what the refusal names."""

import json
from typing import Any

import pytest

from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.iam.policy.scanning import Position

ACCOUNT = "111122223333"
ALLOW = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
KEY_ALLOW = {**ALLOW, "Principal": {"AWS": ACCOUNT}}
TRUST_ALLOW = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}
OF_KIND: dict[PolicyKind, dict[str, Any]] = {
    PolicyKind.RESOURCE: KEY_ALLOW,
    PolicyKind.IDENTITY: ALLOW,
    PolicyKind.SESSION: ALLOW,
    PolicyKind.TRUST: TRUST_ALLOW,
}


def document(*statements: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)})


def refusal(text: str, kind: PolicyKind = PolicyKind.RESOURCE) -> MalformedPolicy:
    with pytest.raises(MalformedPolicy) as caught:
        parse_policy(text, kind)
    return caught.value


@pytest.mark.parametrize("kind", PolicyKind)
def test_every_kind_reads_its_own_plainest_document(kind: PolicyKind) -> None:
    policy = parse_policy(document(OF_KIND[kind], Id="first"), kind)
    assert (policy.kind, policy.version, policy.id) == (kind, "2012-10-17", "first")
    (statement,) = policy.statements
    assert (statement.sid, statement.index, statement.effect) == ("", 0, "Allow")
    assert (statement.principals is not None) == kind.names_principals
    assert (statement.resources is None) == (kind is PolicyKind.TRUST)


def test_the_same_text_is_read_once() -> None:
    text = document(KEY_ALLOW)
    again = "".join(list(text))
    assert parse_policy(text, PolicyKind.RESOURCE) is parse_policy(again, PolicyKind.RESOURCE)


def test_a_statement_need_not_be_in_a_list() -> None:
    policy = parse_policy(json.dumps({"Statement": ALLOW}), PolicyKind.IDENTITY)
    assert policy.version == "2008-10-17"
    assert len(policy.statements) == 1


def test_statements_know_where_they_stand() -> None:
    text = (
        '{"Version": "2012-10-17",\n'
        '  "Statement": [\n'
        '    {"Sid": "One", "Effect": "Allow", "Action": "*", "Resource": "*"},\r\n'
        '    {\n      "Effect": "Deny", "Action": "s3:*",\n      "Resource": "*"\n    }\n'
        "  ]\n}"
    )
    first, second = parse_policy(text, PolicyKind.IDENTITY).statements
    assert (first.start, first.end) == (Position(3, 5), Position(3, 70))
    assert (second.start, second.end) == (Position(4, 5), Position(7, 6))
    assert first.text == text.splitlines()[2].strip().rstrip(",")
    assert json.loads(second.text)["Effect"] == "Deny"
    assert (first.label, second.label) == ("“One”", "2")


@pytest.mark.parametrize(
    ("change", "element", "words"),
    [
        ({"Effect": "allow"}, "Effect", "“allow”"),
        ({"Effect": ["Allow"]}, "Effect", "no text"),
        ({"Effect": None}, "Effect", "no text"),
        ({"NotAction": "s3:*"}, "NotAction", "both Action and NotAction"),
        ({"NotResource": "*"}, "NotResource", "both Resource and NotResource"),
        ({"NotPrincipal": "*"}, "NotPrincipal", "both Principal and NotPrincipal"),
        ({"Action": []}, "Action", "empty"),
        ({"Action": 5}, "Action", "no text"),
        ({"Action": ["kms:Encrypt", True]}, "Action", "no text"),
        ({"Action": [["kms:Encrypt"]]}, "Action", "no text"),
        ({"Action": "Encrypt"}, "Action", "service:Action"),
        ({"Action": "*:Encrypt"}, "Action", "service:Action"),
        ({"Action": ""}, "Action", "service:Action"),
        ({"Action": "kms:${aws:username}"}, "Action", "service:Action"),
        ({"Resource": "key/1234"}, "Resource", "neither an ARN nor *"),
        ({"Resource": 1.5}, "Resource", "no text"),
        ({"Resource": "arn:aws:kms:${"}, "Resource", "no policy variable"),
        ({"Resources": "*"}, "Resources", "no element “Resources”"),
        ({"Sid": 7}, "Sid", "no text"),
        ({"Principal": {}}, "Principal", "by kind"),
        ({"Principal": "Alice"}, "Principal", "by kind"),
        ({"Principal": ["*"]}, "Principal", "by kind"),
        ({"Principal": {"AWS": []}}, "Principal", "empty"),
        ({"Principal": {"AWS": [5]}}, "Principal", "no text"),
        ({"Principal": {"IAM": ACCOUNT}}, "Principal", "no kind of principal “IAM”"),
        ({"Principal": {"AWS": "1234567890"}}, "Principal", "no principal of kind AWS"),
        ({"Principal": {"AWS": "arn:aws:iam::*:root"}}, "Principal", "kind AWS"),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}}, "Principal", "kind AWS"),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:group/Staff"}}, "Principal", "AWS"),
        ({"Principal": {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/R"}}, "Principal", "AWS"),
        ({"Principal": {"AWS": "AROAEXAMPLE"}}, "Principal", "kind AWS"),
        ({"Principal": {"Service": "*"}}, "Principal", "kind Service"),
        ({"Principal": {"Federated": "nobody"}}, "Principal", "kind Federated"),
        ({"Principal": {"CanonicalUser": "xyz"}}, "Principal", "kind CanonicalUser"),
        ({"Condition": []}, "Condition", "{operator: {key: value}}"),
        ({"Condition": {"StringEquals": "a"}}, "Condition", "{operator: {key: value}}"),
        ({"Condition": {"StringMatches": {"a:b": "c"}}}, "Condition", "“StringMatches”"),
        ({"Condition": {"AnyValue:StringLike": {"a:b": "c"}}}, "Condition", "“AnyValue:String"),
        ({"Condition": {"NullIfExists": {"a:b": "true"}}}, "Condition", "“NullIfExists”"),
        ({"Condition": {"StringEquals": {"plain": "c"}}}, "Condition", "no condition key"),
        ({"Condition": {"StringEquals": {"a:b": {"c": "d"}}}}, "Condition", "no text"),
        ({"Condition": {"StringEquals": {"a:b": None}}}, "Condition", "no text"),
        ({"Condition": {"StringEquals": {"a:b": "${open"}}}, "Condition", "no value for"),
        ({"Condition": {"NumericEquals": {"a:b": "seven"}}}, "Condition", "“seven”"),
        ({"Condition": {"DateLessThan": {"a:b": "yesterday"}}}, "Condition", "“yesterday”"),
        ({"Condition": {"DateLessThan": {"a:b": "2026-13-01"}}}, "Condition", "2026-13-01"),
        ({"Condition": {"Bool": {"a:b": "yes"}}}, "Condition", "“yes”"),
        ({"Condition": {"Null": {"a:b": "maybe"}}}, "Condition", "“maybe”"),
        ({"Condition": {"IpAddress": {"a:b": "10.0.0.0/99"}}}, "Condition", "10.0.0.0/99"),
        ({"Condition": {"BinaryEquals": {"a:b": "%"}}}, "Condition", "“%”"),
    ],
)
def test_a_bad_element_is_named(change: dict[str, Any], element: str, words: str) -> None:
    error = refusal(document(KEY_ALLOW, {**KEY_ALLOW, "Sid": "Bad one", **change}))
    assert error.element == element
    assert error.statement == ("2" if element == "Sid" else "“Bad one”")
    assert words in error.message
    assert "Statement" in error.message
    assert f"line {error.line}, column {error.column}" in error.message
    assert error.next_step


@pytest.mark.parametrize("missing", ["Effect", "Principal"])
def test_a_missing_element_is_named(missing: str) -> None:
    statement = {name: value for name, value in KEY_ALLOW.items() if name != missing}
    error = refusal(document(statement))
    assert error.element == missing
    assert (
        f"Statement 1 of the key policy is not valid (line 1, column 41): it has no {missing}."
        in (error.message)
    )


@pytest.mark.parametrize(
    ("kind", "change", "element"),
    [
        (PolicyKind.IDENTITY, {"Principal": "*"}, "Principal"),
        (PolicyKind.IDENTITY, {"NotPrincipal": "*"}, "NotPrincipal"),
        (PolicyKind.SESSION, {"Principal": "*"}, "Principal"),
        (PolicyKind.TRUST, {"Resource": "*"}, "Resource"),
        (PolicyKind.TRUST, {"NotResource": "*"}, "NotResource"),
        (PolicyKind.TRUST, {"NotPrincipal": "*"}, "NotPrincipal"),
        (PolicyKind.IDENTITY, {"Sid": "Two words"}, "Sid"),
    ],
)
def test_an_element_of_another_kind_is_refused(
    kind: PolicyKind, change: dict[str, Any], element: str
) -> None:
    assert refusal(document({**OF_KIND[kind], **change}), kind).element == element


def test_not_principal_goes_with_deny_only() -> None:
    spared = {**ALLOW, "NotPrincipal": {"AWS": ACCOUNT}}
    assert "Deny only" in refusal(document(spared)).message
    assert parse_policy(document({**spared, "Effect": "Deny"}), PolicyKind.RESOURCE).statements


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("null", "no JSON object"),
        ('"*"', "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "no Statement"),
        ('{"Statement": []}', "no statement"),
        ('{"Statement": "all"}', "a JSON object"),
        ('{"Statement": [1]}', "a JSON object"),
        ('{"Statement": [[]]}', "a JSON object"),
        ('{"Version": "2020-01-01", "Statement": []}', "2020-01-01"),
        ('{"Version": 2012, "Statement": []}', "no text"),
        ('{"Id": {}, "Statement": []}', "no text"),
        ('{"Statements": []}', "no element “Statements”"),
        ('{"Statement": [],}', "no JSON"),
        ('{"Statement": [NaN]}', "NaN"),
        ('{"Statement": []} {}', "no JSON"),
        ("\ufeff{}", "character"),
        ('{"Id": "\u20ac"}', "character"),
        ('{"Id": "\\ud800", "Statement": []}', "Unicode"),
        ('{"\\ud800": 1}', "no element"),
        ('{"Id": "a\nb"}', "no JSON"),
    ],
)
def test_what_is_no_document_is_refused(text: str, words: str) -> None:
    error = refusal(text)
    assert words in error.message
    assert "\ud800" not in error.message + error.statement + error.element


def test_broken_json_is_placed() -> None:
    error = refusal('{\n  "Version": "2012-10-17"\n  "Statement": []\n}')
    assert (error.line, error.column) == (3, 3)


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ('{"Statement": [], "Statement": []}', "Statement"),
        (document(KEY_ALLOW).replace('"Action"', '"Action": "a:b", "Action"'), "Action"),
        (document(KEY_ALLOW).replace('{"AWS"', '{"AWS": "*", "AWS"'), "Principal"),
    ],
)
def test_a_key_given_twice_is_refused(text: str, element: str) -> None:
    error = refusal(text)
    assert error.element == element
    assert "is given twice" in error.message


@pytest.mark.parametrize(
    "condition",
    [
        '{"Bool": {"a:b": "true"}, "Bool": {"a:b": "true"}}',
        '{"Bool": {"a:b": "true", "a:b": "false"}}',
    ],
)
def test_a_condition_given_twice_is_refused(condition: str) -> None:
    text = document({**KEY_ALLOW, "Condition": 0}).replace(
        '"Condition": 0', f'"Condition": {condition}'
    )
    assert "is given twice" in refusal(text).message


def test_two_statements_of_one_sid_are_refused() -> None:
    error = refusal(document({**KEY_ALLOW, "Sid": "Same"}, {**KEY_ALLOW, "Sid": "Same"}))
    assert (error.statement, error.element) == ("“Same”", "Sid")
    unnamed = document({**KEY_ALLOW, "Sid": ""}, {**KEY_ALLOW, "Sid": ""})
    assert len(parse_policy(unnamed, PolicyKind.RESOURCE).statements) == 2


@pytest.mark.parametrize(
    ("kind", "limit", "spaces_count"),
    [
        (PolicyKind.RESOURCE, 32_768, True),
        (PolicyKind.IDENTITY, 10_240, False),
        (PolicyKind.SESSION, 2_048, True),
        (PolicyKind.TRUST, 2_048, False),
    ],
)
def test_documents_have_a_largest_size(kind: PolicyKind, limit: int, *, spaces_count: bool) -> None:
    bare = json.dumps({"Id": "", "Statement": OF_KIND[kind]}, separators=(",", ":"))
    full = bare.replace('"Id":""', f'"Id":"{"x" * (limit - len(bare))}"')
    assert parse_policy(full, kind).id
    assert f"the most is {limit:,}" in refusal(full.replace('"Id":"', '"Id":"x'), kind).message
    if spaces_count:
        assert "the most is" in refusal(full + " ", kind).message
    else:
        assert parse_policy(full + " " * 1000, kind).id
        assert "longer than 131,072" in refusal(full + " " * 131_072, kind).message


def test_a_key_policy_is_measured_in_bytes() -> None:
    text = document(KEY_ALLOW, Id="é" * 17_000)
    assert len(text) > 32_768  # json.dumps writes \\u00e9
    wide = text.replace("\\u00e9", "é")
    assert len(wide) < 32_768
    assert "bytes" in refusal(wide).message


@pytest.mark.parametrize("bomb", ["[" * 30_000, '{"Statement":' * 2_500, '{"a":[' * 5_000])
def test_deep_nesting_is_refused(bomb: str) -> None:
    assert refusal(bomb).message


def test_deep_but_closed_nesting_is_refused() -> None:
    bomb = "[" * 15_000 + "]" * 15_000
    assert refusal(bomb).message
    assert refusal('{"Statement":[' + bomb + "]}").message


def test_numbers_and_booleans_may_be_condition_values_only() -> None:
    condition = {"NumericLessThan": {"kms:Days": 30}, "Bool": {"aws:SecureTransport": True}}
    policy = parse_policy(document({**ALLOW, "Condition": condition}), PolicyKind.IDENTITY)
    assert [c.expected for c in policy.statements[0].checks] == [("30",), ("true",)]
    huge = document({**ALLOW, "Condition": {"NumericLessThan": {"a:b": 0}}})
    error = refusal(huge.replace(": 0}", ": " + "9" * 5_000 + "}"), PolicyKind.IDENTITY)
    assert error.element == "Condition"


def test_an_empty_condition_is_one_that_holds() -> None:
    policy = parse_policy(document({**ALLOW, "Condition": {}}), PolicyKind.IDENTITY)
    assert policy.statements[0].failing({}) is None
