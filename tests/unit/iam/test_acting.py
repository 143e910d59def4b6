"""Whom the window acts as, while identities change and the vault locks and unlocks."""

import pytest

from tests.fakes.identities import ROOT, House
from tests.fakes.vaults import PASSPHRASE
from workbench.base.errors import Locked, NotFound, Refused
from workbench.base.identifiers import Place
from workbench.iam.acting import ActingAs

ORGANIZATION = "o-exampleorgid"


@pytest.fixture
def identity(house: House) -> ActingAs:
    return ActingAs(house.iam, Place())


def test_it_turns_to_a_user_a_role_and_back(house: House, identity: ActingAs) -> None:
    anna = house.user("anna").arn
    role = house.role("Signer", {"AWS": anna})
    assert identity.acting.caller.kind == "Root"
    for arn, kind in ((anna, "IAMUser"), (role, "AssumedRole"), (ROOT, "Root")):
        identity.turn_to(arn)
        assert (identity.acting.caller.kind, identity.acting.caller.identity) == (kind, arn)


def test_nobody_is_refused_and_nothing_changes(house: House, identity: ActingAs) -> None:
    anna = house.user("anna").arn
    identity.turn_to(anna)
    with pytest.raises(NotFound, match="bob"):
        identity.turn_to(anna.replace("anna", "bob"))
    assert identity.acting.caller.arn == anna


def test_tags_and_organization_are_the_new_ones_at_once(house: House, identity: ActingAs) -> None:
    identity.turn_to(house.user("anna").arn)
    house.root.tag_user(UserName="anna", Tags=[{"Key": "team", "Value": "shop"}])
    assert identity.acting.caller.tags == (("team", "shop"),)
    identity.turn_to(ROOT)
    identity.set_organization(ORGANIZATION)
    assert identity.acting.caller.organization == ORGANIZATION
    assert identity.organization() == ORGANIZATION
    identity.set_organization("")
    assert identity.acting.caller.organization == ""


def test_whoever_is_deleted_is_root_again(house: House, identity: ActingAs) -> None:
    identity.turn_to(house.user("anna").arn)
    house.user("bob")
    house.root.delete_user(UserName="bob")
    assert identity.acting.caller.arn.endswith("user/anna")
    house.root.delete_user(UserName="anna")
    assert identity.acting.caller.arn == ROOT


def test_a_change_that_is_rolled_back_changes_nobody(house: House, identity: ActingAs) -> None:
    identity.turn_to(house.user("anna").arn)

    def delete_in_vain() -> None:
        with house.vault.transaction():
            house.iam.store.delete_identity(identity.acting.caller.arn)
            raise Locked("as if")

    with pytest.raises(Locked, match="as if"):
        delete_in_vain()
    assert identity.acting.caller.arn.endswith("user/anna")


def test_it_survives_locking_and_is_read_again(house: House, identity: ActingAs) -> None:
    anna = house.user("anna").arn
    identity.turn_to(anna)
    house.vault.lock()
    assert identity.acting.caller.arn == anna
    with pytest.raises(Locked):
        identity.turn_to(anna)
    house.vault.unlock_with_passphrase(PASSPHRASE)
    assert identity.acting.caller.arn == anna


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (f"{ORGANIZATION}/r-ab12", f"{ORGANIZATION}/r-ab12/"),
        (f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/", f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"),
        (ORGANIZATION, ""),
    ],
)
def test_where_in_its_organization_the_account_is(
    house: House, identity: ActingAs, given: str, path: str
) -> None:
    within = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/r-ab12/*"}}
    anna = house.user("anna", {"Action": "iam:GetUser", "Condition": within})
    identity.set_organization(given)
    assert identity.organization() == (path or ORGANIZATION)
    assert identity.acting.caller.organization == ORGANIZATION
    iam = house.client("iam", anna)
    if path:
        iam.get_user(UserName="anna")
        return
    with pytest.raises(iam.exceptions.ClientError, match="not authorized"):
        iam.get_user(UserName="anna")


@pytest.mark.parametrize(
    "wrong",
    [
        "example",
        "o-UPPERCASE1234",
        "o-short",
        f"{ORGANIZATION}/",
        f"{ORGANIZATION}/ou-ab12-11111111",
        f"{ORGANIZATION}/r-ab12/ou-ab12",
        f"{ORGANIZATION}/r-ab12" + "/ou-ab12-11111111" * 6,
    ],
)
def test_what_is_no_organization_is_refused(identity: ActingAs, wrong: str) -> None:
    with pytest.raises(Refused, match="organization"):
        identity.set_organization(wrong)
    assert identity.organization() == ""


def test_only_root_names_the_organization(house: House, identity: ActingAs) -> None:
    identity.turn_to(house.user("anna", {"Action": "*"}).arn)
    with pytest.raises(Refused, match="Only root"):
        identity.set_organization(ORGANIZATION)
    identity.turn_to(ROOT)
    assert identity.organization() == ""
