"""Wildcards, policy variables, actions and resources."""

import pytest

from workbench.iam.policy.matching import (
    Actions,
    ArnPattern,
    BadPattern,
    Context,
    Pattern,
    Resources,
    Variable,
    Wild,
    read_parts,
)

ALICE: Context = {
    "aws:username": "Alice",
    "aws:principaltag/team": ("red",),
    "aws:tagkeys": ("a", "b"),
    "aws:star": "*",
}


def pattern(text: str, *, wildcards: bool = True, variables: bool = True) -> Pattern:
    return Pattern(read_parts(text, wildcards=wildcards, variables=variables))


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "a\nb", True),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxcyyb", False),
        ("a*a", "a", False),
        ("*ab*ab*", "abab", True),
        ("*ab*ab*", "aba", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("?*?", "a", False),
        ("?*?", "ab", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("a|b", "a", False),
        ("a\\*", "a\\x", True),
        ("Abc", "abc", False),
    ],
)
def test_wildcards(text: str, value: str, *, expected: bool) -> None:
    assert pattern(text).matches(value, {}) is expected


def test_without_wildcards_a_star_is_a_star() -> None:
    assert pattern("a*", wildcards=False).matches("a*", {})
    assert not pattern("a*", wildcards=False).matches("ab", {})


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("home/${aws:username}/*", "home/Alice/x", True),
        ("home/${aws:username}/*", "home/Bob/x", False),
        ("${AWS:UserName}", "Alice", True),
        ("${aws:PrincipalTag/team}", "red", True),
        ("${aws:PrincipalTag/cost center, 'none'}", "none", True),
        ("${aws:PrincipalTag/team, 'none'}", "none", False),
        ("${aws:PrincipalTag/team, 'none'}", "red", True),
        ("${missing, ''}", "", True),
        ("${missing}", "", False),
        ("${missing}", "${missing}", False),
        ("${aws:TagKeys}", "a", False),
        ("${*}", "*", True),
        ("${*}", "a", False),
        ("a${?}${$}", "a?$", True),
        ("${aws:star}", "*", True),
        ("${aws:star}", "a", False),
        ("$ {aws:username}", "$ {aws:username}", True),
    ],
)
def test_variables(text: str, value: str, *, expected: bool) -> None:
    assert pattern(text).matches(value, ALICE) is expected


def test_an_old_version_has_no_variables() -> None:
    old = pattern("${aws:username}", variables=False)
    assert old.matches("${aws:username}", ALICE)
    assert not old.matches("Alice", ALICE)
    assert pattern("a${*}", variables=False).matches("a${xyz}", {})


@pytest.mark.parametrize("text", ["${", "a${b", "${}", "${a,b}", "${a, 'b}", "${{a}}"])
def test_an_open_variable_is_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        read_parts(text, wildcards=True, variables=True)


def test_parts_are_joined() -> None:
    read = read_parts("a***b${*}c${x, 'd'}", wildcards=True, variables=True)
    assert read == ("a", Wild.ANY, "b*c", Variable("x", "d"))


def test_only_what_has_a_value_is_resolvable() -> None:
    assert pattern("${aws:username}${missing, 'd'}").resolvable(ALICE)
    assert not pattern("${aws:username}${missing}").resolvable(ALICE)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/a:b", True),
        ("arn:*:iam::111122223333:*", "arn:aws-cn:iam::111122223333:user/x", True),
        ("arn:aws:*:role/x", "arn:aws:iam::111122223333:role/x", False),
        ("arn:aws:iam::1111*:root", "arn:aws:iam::1111:x:root", False),
        ("*", "arn:aws:iam::111122223333:root", True),
        ("*", "no arn", False),
        ("arn:aws:s3:::${aws:username}", "arn:aws:s3:::Alice", True),
        ("arn:aws:s3:::${missing, 'a:b'}", "arn:aws:s3:::a:b", True),
        ("arn:aws:s3:::${missing}", "arn:aws:s3:::", False),
    ],
)
def test_arns_are_compared_field_by_field(text: str, value: str, *, expected: bool) -> None:
    arn = ArnPattern(read_parts(text, wildcards=True, variables=True))
    assert arn.matches(value, ALICE) is expected


def test_a_colon_in_a_value_does_not_shift_the_fields() -> None:
    arn = ArnPattern(read_parts("arn:aws:${x}:::y", wildcards=True, variables=True))
    assert not arn.matches("arn:aws:a:b::y", {"x": "a:b"})
    assert arn.matches("arn:aws:a:::y", {"x": "a"})


def test_actions_ignore_case() -> None:
    actions = Actions(["KMS:Encrypt", "kms:GenerateDataKey*", "s3:?et"], negated=False)
    for action in ("kms:encrypt", "kms:generatedatakey", "kms:generatedatakeypair", "s3:get"):
        assert actions.matches(action)
        assert not Actions(["KMS:Encrypt", "kms:GenerateDataKey*", "s3:?et"], negated=True).matches(
            action
        )
    for action in ("kms:encryptx", "kms:decrypt", "s3:put", "xkms:encrypt"):
        assert not actions.matches(action)
    assert Actions(["*"], negated=False).matches("anything:atall")


KEY = "arn:aws:kms:us-west-2:111122223333:key/1234"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", True),
        (KEY, True),
        (KEY[:-1], False),
        ("arn:aws:kms:*:111122223333:key/*", True),
        ("arn:aws:kms:*", True),
        ("arn:aws:kms", True),
        ("arn:aws:s3", False),
        ("arn:aws:kms:us-west-2", True),
        ("arn:aws:kms:us-east-1", False),
        ("arn:aws:KMS:*:111122223333:key/*", False),
        ("arn:aws:kms:us-west-2:111122223333:key/${kms:id}", True),
        ("arn:aws:kms:us-west-2:111122223333:key/${kms:other}", False),
    ],
)
def test_resources(text: str, *, expected: bool) -> None:
    resources = Resources([text], negated=False, variables=True)
    assert resources.matches(KEY, {"kms:id": "1234"}) is expected
    assert resources.variable is ("$" in text)


def test_not_resource_covers_the_rest() -> None:
    rest = Resources([KEY], negated=True, variables=True)
    assert not rest.matches(KEY, {})
    assert rest.matches(KEY + "5", {})
    assert rest.matches("*", {})
    unknown = Resources(["arn:aws:s3:::${missing}"], negated=True, variables=True)
    assert not unknown.matches(KEY, {})
    assert unknown.matches(KEY, {"missing": "x"})


def test_only_a_star_covers_no_resource_in_particular() -> None:
    assert Resources(["*"], negated=False, variables=True).matches("*", {})
    assert not Resources(["arn:aws:kms:*"], negated=False, variables=True).matches("*", {})
