"""Grants as the window knows them: read by pages, told in words, asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.callers import ACCOUNT, service, session, user
from workbench.api.calls import Caller
from workbench.base.identifiers import Place
from workbench.ui.policies.grants import (
    Grant,
    Terms,
    constraint_words,
    ending_of,
    operation_words,
    read_grants,
    retires_by_itself,
    sentence_of,
)

ANNA = f"arn:aws:iam::{ACCOUNT}:user/anna"
KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1"


class Pages:
    """A KMS with many grants on its only key."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[dict[str, Any]] = []

    def list_grants(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        start = int(request.get("Marker", 0))
        end = min(start + request["Limit"], self.count)
        entries = [
            {
                "GrantId": f"{n:064x}",
                "KeyId": KEY,
                "GranteePrincipal": ANNA,
                "Operations": ["Decrypt"],
                "CreationDate": datetime(2026, 1, 1, tzinfo=UTC),
            }
            for n in range(start, end)
        ]
        more = end < self.count
        return {"Grants": entries, "Truncated": more} | ({"NextMarker": str(end)} if more else {})


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (100, 1), (101, 2), (500, 5)])
def test_pages_are_put_together(count: int, requests: int) -> None:
    kms = Pages(count)
    page = read_grants(kms, KEY)
    assert (len(page.grants), page.marker, len(kms.asked)) == (count, "", requests)
    assert len({one.id for one in page.grants}) == count


def test_very_many_grants_are_read_in_parts() -> None:
    kms = Pages(1203)
    page = read_grants(kms, KEY)
    assert (len(page.grants), page.marker) == (500, "500")
    second = read_grants(kms, KEY, page.marker)
    third = read_grants(kms, KEY, second.marker)
    assert (len(third.grants), third.marker) == (203, "")
    assert {one.id for one in (*page.grants, *second.grants, *third.grants)} == {
        f"{n:064x}" for n in range(1203)
    }


SENTENCES = [
    (Terms(ANNA, ("Decrypt",)), "The user anna may Decrypt with this key."),
    (
        Terms(ANNA, ("Encrypt", "Decrypt"), equals=(("table", "orders"), ("tenant", "a"))),
        "The user anna may Encrypt and Decrypt with this key if the encryption context is exactly"
        " table=orders and tenant=a.",
    ),
    (
        Terms("s3.amazonaws.com", ("Decrypt",), source_arn="arn:aws:s3:eu-west-1:1:x"),
        "The AWS service s3.amazonaws.com may Decrypt with this key if it acts for"
        " arn:aws:s3:eu-west-1:1:x.",
    ),
    (
        Terms("arn:aws:iam::999988887777:role/path/app", ("Sign",), retiring=ANNA),
        "The role app of account 999988887777 may Sign with this key. The user anna may retire the"
        " grant.",
    ),
    (
        Terms(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1", ("Sign",), subset=()),
        "The session i-1 of the role app may Sign with this key.",
    ),
    (
        Terms(ANNA, ("Decrypt",), equals=()),
        "The user anna may Decrypt with this key if the encryption context is empty.",
    ),
]


@pytest.mark.parametrize(("terms", "sentence"), SENTENCES, ids=range(len(SENTENCES)))
def test_a_grant_is_told_in_a_sentence(terms: Terms, sentence: str) -> None:
    assert sentence_of(terms, ACCOUNT) == sentence


def test_what_ends_is_told() -> None:
    told = ending_of(Terms(ANNA, ("Encrypt", "Decrypt")), ACCOUNT)
    assert told.startswith("The user anna may no longer Encrypt and Decrypt with this key")


def test_cells_are_short() -> None:
    assert operation_words(("A", "B", "C")) == "A, B, C"
    assert operation_words(("A", "B", "C", "D")) == "A, B, 2 more"
    assert constraint_words(Terms(ANNA, (), equals=(("a", "b"),))) == "exactly a=b"
    assert constraint_words(Terms(ANNA, ())) == ""


def test_terms_are_asked_for_as_aws_has_them() -> None:
    terms = Terms(
        "s3.amazonaws.com", ("Decrypt",), ANNA, "n", (("a", "b"),), (("c", "d"),), "arn:x"
    )
    assert terms.request() == {
        "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringPrincipal": ANNA,
        "Operations": ["Decrypt"],
        "Name": "n",
        "Constraints": {
            "EncryptionContextEquals": {"a": "b"},
            "EncryptionContextSubset": {"c": "d"},
            "SourceArn": "arn:x",
        },
    }
    china = Terms("s3.amazonaws.com.cn", ("Sign",)).request()
    assert china["GranteeServicePrincipal"] == "s3.amazonaws.com.cn"
    assert Terms(ANNA, ("Sign",)).request() == {"GranteePrincipal": ANNA, "Operations": ["Sign"]}


def grant(**more: Any) -> Grant:
    return Grant("0" * 64, KEY, Terms(**{"grantee": ANNA, "operations": ("Decrypt",)} | more))


def test_who_may_retire_without_a_policy() -> None:
    root = Caller.owner(Place())
    anna, bob, app = user("anna"), user("bob"), session("app")
    assert retires_by_itself(grant(), root, ACCOUNT)
    assert not retires_by_itself(grant(), root, "999988887777")
    assert not retires_by_itself(grant(), anna, ACCOUNT)
    assert retires_by_itself(grant(operations=("RetireGrant",)), anna, ACCOUNT)
    assert not retires_by_itself(grant(operations=("RetireGrant",)), bob, ACCOUNT)
    assert retires_by_itself(grant(retiring=bob.arn), bob, ACCOUNT)
    assert retires_by_itself(grant(retiring=app.identity), app, ACCOUNT)
    assert retires_by_itself(grant(retiring=app.arn), app, ACCOUNT)
    assert not retires_by_itself(grant(retiring=bob.arn), service("s3"), ACCOUNT)
