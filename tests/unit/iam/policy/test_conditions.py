"""Every operator, with and without its key, with set operators and IfExists."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from workbench.iam.policy.conditions import OPERATORS, BadCondition, Check, check_operator

ROLE = "arn:aws:iam::111122223333:role/Clerk"


def holds(name: str, wanted: str | list[str], **context: Any) -> bool:
    values = [wanted] if isinstance(wanted, str) else wanted
    return Check(name, "K", values, variables=True).holds(context)


MATCHES = [
    ("StringEquals", "ab", "ab", "AB"),
    ("StringEquals", "a*", "a*", "ab"),
    ("StringEqualsIgnoreCase", "aB", "Ab", "b"),
    ("StringLike", "a*c?", "abbcd", "abbc"),
    ("NumericEquals", "7", "7.0", "8"),
    ("NumericLessThan", "7", "-1e3", "7"),
    ("NumericLessThanEquals", "7", "7", "7.0001"),
    ("NumericGreaterThan", "7", "7.5", "7"),
    ("NumericGreaterThanEquals", "7", "7", "6"),
    ("NumericEquals", "7", "7", "seven"),
    ("NumericEquals", "7", "7", "NaN"),
    ("DateEquals", "2026-01-01T00:00:00Z", "1767225600", "1767225601"),
    ("DateEquals", "2026-01-01", "2026-01-01T01:00:00+01:00", "2026-01-01T01:00:00"),
    ("DateEquals", "2026-01", "2026-01-01", "2026-02-01"),
    ("DateLessThan", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.499Z", "1767225600.5"),
    ("DateLessThanEquals", "1767225600", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"),
    ("DateGreaterThan", "2026-01-01", "9999-12-31T23:59:59Z", "0001-01-01"),
    ("DateGreaterThanEquals", "2026-01-01", "2026-01-01", "never"),
    ("Bool", "true", "TRUE", "false"),
    ("Bool", "False", "false", "no"),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "QmluYXJ6"),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "%%%"),
    ("IpAddress", "192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
    ("IpAddress", "192.0.2.7", "192.0.2.7", "192.0.2.8"),
    ("IpAddress", "2001:db8::/32", "2001:db8:ffff::1", "192.0.2.1"),
    ("IpAddress", "0.0.0.0/0", "10.0.0.1", "home"),
    ("ArnEquals", "arn:aws:iam::*:role/Cl*", ROLE, "arn:aws:iam::111122223333:user/Clerk"),
    ("ArnLike", "arn:aws:iam::111122223333:role/?lerk", ROLE, "Clerk"),
]
NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


@pytest.mark.parametrize(("name", "wanted", "yes", "no"), MATCHES)
def test_operators(name: str, wanted: str, yes: str, no: str) -> None:
    assert holds(name, wanted, k=yes)
    assert not holds(name, wanted, k=no)
    assert holds(name, [no[:0] or wanted, wanted], k=yes)
    assert not holds(name, wanted)
    assert holds(f"{name}IfExists", wanted)
    assert not holds(f"{name}IfExists", wanted, k=no)
    if name in NEGATED:
        other = NEGATED[name]
        assert not holds(other, wanted, k=yes)
        assert holds(other, wanted, k=no)
        assert holds(other, wanted)
        assert holds(f"{other}IfExists", wanted)


def test_every_operator_was_tried() -> None:
    tried = {name for name, *_ in MATCHES}
    assert tried | set(NEGATED.values()) | {"Null"} == OPERATORS


def test_null_asks_whether_the_key_is_there() -> None:
    assert holds("Null", "true")
    assert holds("Null", "true", k=())
    assert not holds("Null", "true", k="")
    assert holds("Null", "false", k="x")
    assert not holds("Null", "false")
    assert holds("Null", ["true", "false"])


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("StringEquals", ("a", "z"), True),
        ("StringEquals", ("y", "z"), False),
        ("StringNotEquals", ("a", "z"), False),
        ("StringNotEquals", ("y", "z"), True),
        ("ForAnyValue:StringEquals", ("a", "z"), True),
        ("ForAnyValue:StringEquals", ("y", "z"), False),
        ("ForAnyValue:StringEquals", (), False),
        ("ForAnyValue:StringEquals", None, False),
        ("ForAnyValue:StringEquals", ("",), False),
        ("ForAnyValue:StringEqualsIfExists", None, True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("ForAnyValue:StringNotEquals", ("a", "z"), True),
        ("ForAnyValue:StringNotEquals", None, False),
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "z"), False),
        ("ForAllValues:StringEquals", ("a", ""), False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAllValues:StringEquals", ("",), True),
        ("ForAllValues:StringEquals", None, True),
        ("ForAllValues:StringNotEquals", ("y", "z"), True),
        ("ForAllValues:StringNotEquals", ("a", "z"), False),
    ],
)
def test_several_values(name: str, values: tuple[str, ...] | None, *, expected: bool) -> None:
    context = {} if values is None else {"k": values}
    assert holds(name, ["a", "b"], **context) is expected


def test_no_values_match_nothing() -> None:
    assert not holds("StringEquals", [], k="a")
    assert holds("StringNotEquals", [], k="a")


@pytest.mark.parametrize(
    "name", ["StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnLike", "Bool"]
)
def test_variables_stand_for_the_request_s_values(name: str) -> None:
    value = {"ArnLike": ROLE, "Bool": "true"}.get(name, "red")
    assert holds(name, "${v}", k=value, v=value)
    assert not holds(name, "${v}", k=value, v=value + "x")
    assert not holds(name, "${v}", k=value)
    assert holds(name, ["${v}", value], k=value)
    assert holds(name, f"${{v, '{value}'}}", k=value)


def test_a_wildcard_in_a_variable_s_value_is_no_wildcard() -> None:
    assert not holds("StringLike", "${v}", k="red", v="*")
    assert holds("StringLike", "${v}", k="*", v="*")


@pytest.mark.parametrize(
    "name", ["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotLike"]
)
def test_a_negated_variable_without_a_value_fits_nothing(name: str) -> None:
    value = ROLE if name == "ArnNotLike" else "red"
    assert holds(name, "${v}", k=value, v="blue")
    assert not holds(name, "${v}", k=value)
    assert holds(name, "${v}")
    assert not holds(f"ForAllValues:{name}", "${v}", k=(value,))


def test_case_is_ignored_in_variables_and_defaults_too() -> None:
    assert holds("StringEqualsIgnoreCase", "${v}", k="STRASSE", v="straße")
    assert holds("StringEqualsIgnoreCase", "${v, 'Red'}", k="rED")


def test_an_old_version_takes_variables_as_they_stand() -> None:
    check = Check("StringEquals", "k", ["${v}"], variables=False)
    assert check.holds({"k": "${v}", "v": "x"})
    assert not check.holds({"k": "x", "v": "x"})


def test_keys_are_found_without_case_and_computed_once_asked_for() -> None:
    asked: list[str] = []

    class Lazy(Mapping[str, str | tuple[str, ...]]):
        def __getitem__(self, key: str) -> str:
            asked.append(key)
            if key != "kms:viaservice":
                raise KeyError(key)
            return "s3.amazonaws.com"

        def __iter__(self) -> Iterator[str]:
            return iter(())

        def __len__(self) -> int:
            return 0

    check = Check("StringLike", "kms:ViaService", ["s3.*"], variables=True)
    assert check.holds(Lazy())
    assert not Check("Bool", "kms:Other", ["true"], variables=True).holds(Lazy())
    assert asked == ["kms:viaservice", "kms:other"]


@pytest.mark.parametrize(
    "name",
    ["", "Equals", "stringequals", "BoolNot", "NullIfExists", "ForAll:Bool", ":Bool", "IfExists"],
)
def test_unknown_operators_are_refused(name: str) -> None:
    with pytest.raises(BadCondition):
        check_operator(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NumericEquals", "1e9999"),
        ("NumericEquals", "Infinity"),
        ("NumericEquals", "${v}"),
        ("NumericEquals", ""),
        ("DateEquals", "2026-W01-1"),
        ("DateEquals", "2026-01-01T25:00:00Z"),
        ("DateEquals", "${aws:CurrentTime}"),
        ("IpAddress", "example.org"),
        ("BinaryEquals", "a"),
        ("Bool", "1"),
        ("Null", "${v}"),
    ],
)
def test_values_not_of_the_operator_s_type_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadCondition, match=name):
        Check(name, "k", [value], variables=True)
