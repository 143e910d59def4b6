"""Whom a Principal and a NotPrincipal name."""

from collections.abc import Mapping, Sequence

import pytest

from workbench.api.calls import Caller
from workbench.iam.policy.principals import BadPrincipal, Principals, Reach

HERE, THERE = "111122223333", "444455556666"
ROOT_ARN = f"arn:aws:iam::{HERE}:root"
ROLE = f"arn:aws:iam::{HERE}:role/app/Clerk"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/Clerk/Tuesday"
USER = f"arn:aws:iam::{HERE}:user/Alice"
SAML = f"arn:aws:iam::{HERE}:saml-provider/Office"
CANONICAL = "0123456789abcdef" * 4

root = Caller(ROOT_ARN, HERE)
user = Caller(USER, HERE, "IAMUser")
session = Caller(SESSION, HERE, "AssumedRole", principal=ROLE)
stranger = Caller(f"arn:aws:iam::{THERE}:user/Alice", THERE, "IAMUser")
service = Caller("sso.amazonaws.com", "", "AWSService")
signed_in = Caller(SESSION, HERE, "SAMLUser", principal=SAML)

Element = Mapping[str, Sequence[str]]


def reach(element: Element | None, who: Caller) -> Reach:
    return Principals(element, negated=False).reach(who)


@pytest.mark.parametrize(
    ("element", "who", "expected"),
    [
        (None, user, Reach.IDENTITY),
        (None, service, Reach.ITSELF),
        (None, signed_in, Reach.ITSELF),
        ({"AWS": ["*"]}, stranger, Reach.IDENTITY),
        ({"AWS": [HERE]}, root, Reach.ITSELF),
        ({"AWS": [ROOT_ARN]}, root, Reach.ITSELF),
        ({"AWS": [HERE]}, user, Reach.ACCOUNT),
        ({"AWS": [ROOT_ARN]}, session, Reach.ACCOUNT),
        ({"AWS": [ROOT_ARN]}, stranger, Reach.NONE),
        ({"AWS": [ROOT_ARN]}, service, Reach.NONE),
        ({"AWS": [THERE]}, stranger, Reach.ACCOUNT),
        ({"AWS": [USER]}, user, Reach.ITSELF),
        ({"AWS": [USER]}, root, Reach.NONE),
        ({"AWS": [USER]}, stranger, Reach.NONE),
        ({"AWS": [ROLE]}, session, Reach.IDENTITY),
        ({"AWS": [SESSION]}, session, Reach.ITSELF),
        ({"AWS": [SESSION + "x"]}, session, Reach.NONE),
        ({"AWS": [ROOT_ARN, ROLE]}, session, Reach.IDENTITY),
        ({"Service": ["SSO.amazonaws.com"]}, service, Reach.ITSELF),
        ({"Service": ["s3.amazonaws.com"]}, service, Reach.NONE),
        ({"Service": ["sso.amazonaws.com"]}, user, Reach.NONE),
        ({"Federated": [SAML]}, signed_in, Reach.ITSELF),
        ({"Federated": ["accounts.google.com"]}, signed_in, Reach.NONE),
        ({"AWS": [ROOT_ARN]}, signed_in, Reach.NONE),
        ({"CanonicalUser": [CANONICAL]}, Caller(USER, HERE, principal=CANONICAL), Reach.ITSELF),
        ({"CanonicalUser": [CANONICAL]}, user, Reach.NONE),
    ],
)
def test_principal(element: Element | None, who: Caller, expected: Reach) -> None:
    assert reach(element, who) is expected


@pytest.mark.parametrize(
    ("element", "who", "spared"),
    [
        ({"AWS": [ROOT_ARN, USER]}, user, True),
        ({"AWS": [HERE, USER]}, user, True),
        ({"AWS": [USER]}, user, False),
        ({"AWS": [ROOT_ARN]}, user, False),
        ({"AWS": [ROOT_ARN]}, root, True),
        ({"AWS": [ROOT_ARN, ROLE]}, session, False),
        ({"AWS": [ROOT_ARN, ROLE, SESSION]}, session, True),
        ({"AWS": [ROOT_ARN, USER]}, stranger, False),
        ({"AWS": [ROOT_ARN, USER]}, service, False),
        ({"Service": ["sso.amazonaws.com"]}, service, True),
        ({"Federated": [SAML]}, signed_in, True),
        (None, stranger, True),
    ],
)
def test_not_principal_spares_whoever_is_listed_whole(
    element: Element | None, who: Caller, *, spared: bool
) -> None:
    found = Principals(element, negated=True).reach(who)
    assert found is (Reach.NONE if spared else Reach.ITSELF)


@pytest.mark.parametrize(
    "arn",
    [
        f"{ROOT_ARN}\n",
        f"arn:aws:iam::{HERE}:user/",
        "arn:aws:iam:::user/Alice",
        f"arn:aws:kms:us-west-2:{HERE}:key/1",
        "１１１１２２２２３３３３",  # noqa: RUF001 - digits, but not those of an account
        "**",
        "",
    ],
)
def test_what_is_no_principal_is_refused(arn: str) -> None:
    with pytest.raises(BadPrincipal):
        Principals({"AWS": [arn]}, negated=False)
