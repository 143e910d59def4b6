"""Seed files: what they mean, and where they are wrong."""

import json
from typing import Any

import pytest
import yaml

from workbench.serving.seed import Seed, read_seed
from workbench.serving.seed_nodes import LARGEST, SeedRefused

KEY = "11111111-2222-3333-4444-555555555555"
MRK = "mrk-0123456789abcdef0123456789abcdef"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}],
}


def read(text: str) -> Seed:
    return read_seed(text.encode())


def refusal(text: str | bytes) -> list[str]:
    with pytest.raises(SeedRefused) as caught:
        read_seed(text if isinstance(text, bytes) else text.encode())
    assert str(caught.value.problems[0]) in str(caught.value)
    return [str(problem) for problem in caught.value.problems]


def test_nothing_asks_for_nothing() -> None:
    assert read("") == read("# only a comment\n") == Seed()


def test_values_are_read_as_they_are_written() -> None:
    seed = read(
        f"account: 012345678901\nkeys: [{{id: {KEY}, material: {{hex: 0011}}, tags: {{a: yes}}}}]"
    )
    assert seed.account == "012345678901"
    (key,) = seed.keys
    assert (key.plant.material, key.tags) == (b"\x00\x11", (("a", "yes"),))
    assert (key.plant.spec, key.plant.usage) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert key.enabled


@pytest.mark.parametrize(("written", "days"), [("true", 365), ("false", 0), ("90", 90)])
def test_rotation_is_days_or_a_year(written: str, days: int) -> None:
    assert read(f"keys: [{{id: {KEY}, rotation: {written}}}]").keys[0].rotation == days


def test_a_policy_may_be_yaml_or_json_text() -> None:
    nested = yaml.safe_dump({"users": [{"name": "a", "policies": {"p": POLICY}}]})
    quoted = yaml.safe_dump({"users": [{"name": "a", "policies": {"p": json.dumps(POLICY)}}]})
    for text in (nested, quoted):
        (policy,) = read(text).users[0].policies
        assert json.loads(policy.text) == POLICY
        assert policy.name == "p"


def test_secrets_are_in_no_repr() -> None:
    seed = read(
        f"keys: [{{id: {KEY}, material: {{base64: '{'QUJD' * 8}'}}}}]\n"
        "root: {access_keys: [{id: AKIAROOTEXAMPLE00001, secret: a-secret-for-tests-only-01}]}"
    )
    assert "a-secret" not in repr(seed)
    assert "ABCABC" not in repr(seed)


def test_every_problem_is_told_with_its_place() -> None:
    assert refusal(
        "acount: '1'\n"
        "keys:\n"
        f"  - id: {KEY}\n"
        "    spec: RSA_2048\n"
        f"  - id: {KEY}\n"
        "    enabled: 1\n"
        "    rotation: 89\n"
        "  - id: 7\n"
        "    replicas: [eu-west-1, eu-west-1]\n"
        "roles: {}\n"
    ) == [
        "line 1, column 1: the file has no field “acount”; did you mean account?",
        "line 4, column 11: a key of spec RSA_2048 needs a usage: SIGN_VERIFY or ENCRYPT_DECRYPT",
        "line 5, column 9: another key has this id",
        "line 6, column 14: enabled must be true or false",
        "line 7, column 15: rotation must be a whole number from 90 to 2560",
        "line 8, column 9: id must be a UUID in small letters, or mrk- and 32 hex digits",
        "line 9, column 15: each Region can have the key once",
        "line 9, column 15: only a multi-Region key, whose id begins with mrk-, has replicas",
        "line 10, column 8: roles must be a list",
    ]


GRANTEE = "arn:aws:iam::111122223333:role/app"


def granting(grant: str, key: str = KEY, more: str = "") -> str:
    return f"keys: [{{id: {key}{more}, grants: [{grant}]}}]"


def test_grants_are_asked_for_as_aws_has_them() -> None:
    wanted = "0" * 63 + "a"
    (key,) = read(
        granting(
            f"{{grantee: '{GRANTEE}', operations: [Decrypt, DescribeKey], name: app,"
            f" id: '{wanted}', retiring: s3.amazonaws.com,"
            " constraints: {subset: {tenant: 7}, source_arn: x}},"
            " {grantee: s3.amazonaws.com, operations: [Decrypt], region: us-west-2,"
            " constraints: {equals: {}}}",
            MRK,
            ", replicas: [us-west-2], region: eu-west-1",
        )
    ).keys
    first, second = key.grants
    assert first.request == {
        "GranteePrincipal": GRANTEE,
        "RetiringServicePrincipal": "s3.amazonaws.com",
        "Operations": ["Decrypt", "DescribeKey"],
        "Name": "app",
        "Constraints": {"EncryptionContextSubset": {"tenant": "7"}, "SourceArn": "x"},
    }
    assert (first.id, first.region) == (wanted, "")
    assert second.request["GranteeServicePrincipal"] == "s3.amazonaws.com"
    assert second.request["Constraints"] == {"EncryptionContextEquals": {}}
    assert (second.id, second.region) == ("", "us-west-2")


def test_what_is_wrong_with_grants_is_told_with_its_place() -> None:
    assert refusal(
        "keys:\n"
        f"  - id: {KEY}\n"
        "    grants:\n"
        "      - grantee: alice\n"
        "        operations: Decrypt\n"
        "        constraint: {}\n"
        "      - operations: []\n"
        f"        id: {'A' * 64}\n"
        f"      - grantee: {GRANTEE}\n"
        "        operations: [Decrypt]\n"
        "        region: us-east-1\n"
        "        constraints: {equal: {a: b}, subset: [a]}\n"
    ) == [
        "line 4, column 18: grantee must be the ARN of a principal, or a service such as"
        " s3.amazonaws.com",
        "line 5, column 21: operations must be a list",
        "line 6, column 9: a grant has no field “constraint”; did you mean constraints?",
        "line 7, column 9: a grant needs the field grantee",
        "line 7, column 21: operations must name at least one",
        "line 8, column 13: id must be 64 hexadecimal digits in small letters",
        f"line 11, column 17: region must be where the key is: {Seed().region}",
        "line 12, column 23: constraints has no field “equal”; did you mean equals?",
        "line 12, column 46: subset must be a mapping of names to values",
    ]


def test_two_grants_cannot_have_one_id() -> None:
    one = f"{{grantee: '{GRANTEE}', operations: [Decrypt], id: '{'1' * 64}'}}"
    (told,) = refusal(granting(f"{one}, {one}"))
    assert "another grant has this id" in told


WRONG: list[tuple[str, str]] = [
    ("a: [", "this is not YAML"),
    ("a: *b", "this is not YAML: found undefined alias"),
    ("---\n---\n", "this is not YAML"),
    ("- 1", "the file must be a mapping"),
    ("keys: !!python/object/apply:os.system [id]", ""),
    ("{[a]: 1}", "a name in the file must be text"),
    ("account: '1'\naccount: '2'", "line 2, column 1: the file has “account” twice"),
    ("account: null", "account must be text"),
    ("account: '12345678901²'", "account must be twelve digits"),
    ("region: mars-north-1", "region must be a Region of AWS KMS"),
    ("keys: [{}]", "a key needs the field id"),
    (f"keys: [{{id: {KEY}, spec: ML_KEM_512}}]", "spec must be one of"),
    (f"keys: [{{id: {KEY}, usage: SIGN_VERIFY}}]", "usage must be one of ENCRYPT_DECRYPT"),
    (f"keys: [{{id: {KEY}, origin: AWS_CLOUDHSM}}]", "origin must be one of"),
    (f"keys: [{{id: {KEY}, material: secret}}]", "material must be a mapping"),
    (f"keys: [{{id: {KEY}, material: {{hex: 0x}}}}]", "not readable as hexadecimal"),
    (f"keys: [{{id: {KEY}, material: {{base64: '*'}}}}]", "not readable as base64"),
    (f"keys: [{{id: {KEY}, material: {{pem: x}}}}]", "not readable as PEM"),
    (f"keys: [{{id: {KEY}, material: {{hex: '', pem: x}}}}]", "must be given once"),
    (f"keys: [{{id: {KEY}, policy: {{Version: x}}}}]", "policy is no policy"),
    (f"keys: [{{id: {KEY}, policy: 'no json'}}]", "policy is no policy"),
    (f"keys: [{{id: {MRK}, replicas: [us-west-2]}}]", "each Region can have the key once"),
    ("users: [{path: /}]", "a user needs the field name"),
    ("users: [{name: a, access_keys: [{id: A, secret: b}]}]", "id must be 16 to 128 capital"),
    ("roles: [{name: a}]", "a role needs the field trust"),
    ("policies: [{name: a}]", "a policy needs the field policy"),
    ("policies: [{name: a, policy: {Version: x}}]", "policy is no policy"),
    ("groups: [{path: /}]", "a group needs the field name"),
    ("users: [{name: a, groups: shop}]", "groups must be a list"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    assert any(sentence in problem for problem in refusal(text))


def test_a_secret_is_not_quoted_where_it_is_wrong() -> None:
    told = refusal("root: {access_keys: [{id: AKIAROOTEXAMPLE00001, secret: 'hush hush hush!!'}]}")
    assert "hush" not in "".join(told)
    told = refusal(f"keys: [{{id: {KEY}, material: {{hex: hush}}}}]")
    assert "hush" not in "".join(told)


def bomb() -> str:
    levels = [f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]" for n in range(9)]
    users = "users: [{name: a, policies: {p: {Statement: *a9}}}]"
    return "\n".join(["a: &a0 [x, x, x, x, x, x, x, x, x]", *levels, users])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bomb(), "stands for too many values"),
        (b"#" * (LARGEST + 1), "larger than"),
        ("users: " + "[" * 5000, "nested too deeply"),
        ("users: [{name: a, policies: {p: &loop {Statement: *loop}}}]", "nested too deeply"),
        (b"a: 1\nb: \xff", "line 2, column 1: the line is not UTF-8"),
        (b"a: 1\nb: \x01", "line 2, column 1: there is a control character"),
    ],
    ids=["bomb", "large", "deep", "loop", "not UTF-8", "control"],
)
def test_hostile_files_are_refused_quickly(data: Any, sentence: str) -> None:
    assert any(sentence in problem for problem in refusal(data))
