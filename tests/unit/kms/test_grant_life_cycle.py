"""Grants of one key as a state machine beside a model of who may do what."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.callers import client_of, make_people, user
from tests.fakes.engine import make_bench
from workbench.bench import Bench

PEOPLE = {name: user(name) for name in ("anna", "bob")}
PERSON = st.sampled_from(sorted(PEOPLE))
ANYBODY = st.sampled_from(("root", *sorted(PEOPLE)))
OPERATIONS = st.lists(
    st.sampled_from(("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "RetireGrant")),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)
PAIRS = {"a": "1"}, {"a": "1", "b": "2"}
CONTEXT = st.sampled_from(({}, *PAIRS, {"a": "2"}))
LIMIT = st.none() | st.tuples(st.sampled_from(("Equals", "Subset")), st.sampled_from(PAIRS))
NUMBER = st.integers(0, 5)
DENIED = "AccessDeniedException"


@dataclass(frozen=True)
class Terms:
    """What a grant permits, and to whom; two of the same name and terms are one grant."""

    grantee: str
    retiring: str | None
    operations: tuple[str, ...]
    limit: tuple[str, dict[str, str]] | None
    name: str

    def request(self) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "GranteePrincipal": PEOPLE[self.grantee].arn,
            "Operations": list(self.operations),
        }
        if self.retiring:
            wanted["RetiringPrincipal"] = PEOPLE[self.retiring].arn
        if self.limit:
            wanted["Constraints"] = {f"EncryptionContext{self.limit[0]}": self.limit[1]}
        if self.name:
            wanted["Name"] = self.name
        return wanted

    def fits(self, context: dict[str, str]) -> bool:
        if self.limit is None:
            return True
        kind, pairs = self.limit
        return context == pairs if kind == "Equals" else pairs.items() <= context.items()

    def permits(self, operation: str, context: dict[str, str]) -> bool:
        without_context = operation == "DescribeKey"
        return operation in self.operations and (without_context or self.fits(context))

    def may_hand_on(self, other: "Terms") -> bool:
        """Whether the grantee may make a grant of it: no operation more, no context more."""
        if "CreateGrant" not in self.operations:
            return False
        if not set(other.operations) <= set(self.operations):
            return False
        if self.limit is None:
            return True
        if other.limit is None:
            return False
        if self.limit[0] == "Equals":
            return other.limit == self.limit
        return self.limit[1].items() <= other.limit[1].items()


@dataclass
class Given:
    """A grant that there is."""

    id: str
    terms: Terms
    tokens: list[str] = field(default_factory=list)


class GrantLife(RuleBasedStateMachine):
    """One key that only its grants open to two users."""

    bench: ClassVar[Bench]
    """One for all examples, each of which has a key of its own."""

    @initialize()
    def begin(self) -> None:
        self.clients: dict[str, Any] = {"root": self.bench.kms}
        for name, caller in PEOPLE.items():
            self.clients[name] = client_of(self.bench, caller)
        self.key = self.bench.kms.create_key()["KeyMetadata"]["Arn"]
        self.blobs = [(context, self.seal(context)) for context in ({}, *PAIRS, {"a": "2"})]
        self.grants: list[Given] = []
        self.gone: list[Given] = []

    def seal(self, context: dict[str, str]) -> bytes:
        answer = self.bench.kms.encrypt(KeyId=self.key, Plaintext=b"x", EncryptionContext=context)
        return answer["CiphertextBlob"]

    def refused(self, who: str, name: str, **request: Any) -> str:
        try:
            self.answer = getattr(self.clients[who], name)(**request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def of(self, who: str) -> list[Terms]:
        return [one.terms for one in self.grants if one.terms.grantee == who]

    @rule(
        who=ANYBODY,
        grantee=PERSON,
        retiring=st.none() | PERSON,
        operations=OPERATIONS,
        limit=LIMIT,
        name=st.sampled_from(("", "daily")),
    )
    def create(
        self,
        who: str,
        grantee: str,
        retiring: str | None,
        operations: tuple[str, ...],
        limit: tuple[str, dict[str, str]] | None,
        name: str,
    ) -> None:
        self.give(who, Terms(grantee, retiring, operations, limit, name))

    @precondition(lambda self: self.grants)
    @rule(who=ANYBODY, number=NUMBER)
    def create_again(self, who: str, number: int) -> None:
        self.give(who, self.grants[number % len(self.grants)].terms)

    def give(self, who: str, terms: Terms) -> None:
        code = self.refused(who, "create_grant", KeyId=self.key, **terms.request())
        may = who == "root" or any(one.may_hand_on(terms) for one in self.of(who))
        assert code == ("" if may else DENIED)
        if not may:
            return
        identity, token = self.answer["GrantId"], self.answer["GrantToken"]
        same = [one for one in self.grants if one.terms == terms and terms.name]
        if same:
            assert identity == same[0].id
            assert token not in same[0].tokens
            same[0].tokens.append(token)
        else:
            assert identity not in {one.id for one in self.grants + self.gone}
            self.grants.append(Given(identity, terms, [token]))

    @rule(who=PERSON, operation=st.sampled_from(("Encrypt", "Decrypt")), context=CONTEXT)
    def use(self, who: str, operation: str, context: dict[str, str]) -> None:
        request = {"KeyId": self.key, "EncryptionContext": context}
        if operation == "Encrypt":
            code = self.refused(who, "encrypt", Plaintext=b"x", **request)
        else:
            (blob,) = [one for known, one in self.blobs if known == context]
            code = self.refused(who, "decrypt", CiphertextBlob=blob, **request)
        may = any(one.permits(operation, context) for one in self.of(who))
        assert code == ("" if may else DENIED)

    @rule(who=PERSON)
    def describe(self, who: str) -> None:
        code = self.refused(who, "describe_key", KeyId=self.key)
        may = any(one.permits("DescribeKey", {}) for one in self.of(who))
        assert code == ("" if may else DENIED)

    @precondition(lambda self: self.grants or self.gone)
    @rule(number=NUMBER)
    def show_a_token(self, number: int) -> None:
        """A token of a grant that is gone is refused even to the owner."""
        known = self.grants + self.gone
        one = known[number % len(known)]
        for token in one.tokens:
            code = self.refused(
                "root", "encrypt", KeyId=self.key, Plaintext=b"x", GrantTokens=[token]
            )
            assert code == ("InvalidGrantTokenException" if one in self.gone else "")

    @precondition(lambda self: self.grants)
    @rule(who=ANYBODY, number=NUMBER, by_token=st.booleans(), dry=st.booleans())
    def retire(self, who: str, number: int, *, by_token: bool, dry: bool) -> None:
        one = self.grants[number % len(self.grants)]
        named = {"KeyId": self.key, "GrantId": one.id}
        if by_token:
            named = {"GrantToken": one.tokens[-1]}
        code = self.refused(who, "retire_grant", **named, DryRun=dry)
        may = who in {"root", one.terms.retiring} or (
            who == one.terms.grantee and "RetireGrant" in one.terms.operations
        )
        done = "DryRunOperationException" if dry else ""
        assert code == (done if may else DENIED)
        if not code:
            self.end(one)

    @precondition(lambda self: self.grants)
    @rule(who=ANYBODY, number=NUMBER)
    def revoke(self, who: str, number: int) -> None:
        one = self.grants[number % len(self.grants)]
        code = self.refused(who, "revoke_grant", KeyId=self.key, GrantId=one.id)
        assert code == ("" if who == "root" else DENIED)
        if not code:
            self.end(one)

    def end(self, one: Given) -> None:
        self.grants.remove(one)
        self.gone.append(one)

    @precondition(lambda self: self.gone)
    @rule()
    def end_again(self) -> None:
        one = self.gone[-1]
        named = {"KeyId": self.key, "GrantId": one.id}
        assert self.refused("root", "revoke_grant", **named) == "NotFoundException"
        assert self.refused("root", "retire_grant", **named) == "NotFoundException"
        code = self.refused("root", "retire_grant", GrantToken=one.tokens[-1])
        assert code == "InvalidGrantTokenException"

    @invariant()
    def the_lists_are_as_the_model_says(self) -> None:
        if not hasattr(self, "key"):
            return
        kms = self.bench.kms
        listed = kms.list_grants(KeyId=self.key)["Grants"]
        assert {one["GrantId"] for one in listed} == {one.id for one in self.grants}
        for name, caller in PEOPLE.items():
            pages = kms.get_paginator("list_retirable_grants").paginate(
                RetiringPrincipal=caller.arn
            )
            found = [one for page in pages for one in page["Grants"] if one["KeyId"] == self.key]
            mine = {one.id for one in self.grants if one.terms.retiring == name}
            assert {one["GrantId"] for one in found} == mine


GrantLife.TestCase.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
TestGrantLife = GrantLife.TestCase


@pytest.fixture(scope="module", autouse=True)
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give all examples one bench."""
    GrantLife.bench = make_bench(tmp_path_factory.mktemp("grants") / "vault")
    make_people(GrantLife.bench, *PEOPLE.values())
    yield
    GrantLife.bench.close()
