"""What the Certificates pane decides without a widget: places, plans, chains, files, bytes."""

import hashlib
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization

from tests.fakes.certificates import DAY, NOW, Made, make, new_key
from tests.fakes.shelf import FakeShelf, refused
from workbench.pki.bundles import Form
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.certificates.asn1 import elements
from workbench.ui.panes.certificates.custody import why_not_deleted, why_not_trusted
from workbench.ui.panes.certificates.drawing import draw
from workbench.ui.panes.certificates.key_finder import KeyFinder
from workbench.ui.panes.certificates.outline import Kin
from workbench.ui.panes.certificates.plan import Plan, fresh_name, suggestion
from workbench.ui.panes.certificates.records import Collection, read_collection
from workbench.ui.panes.certificates.sharing import Extent, file_name, offer


class Family:
    """Root, subordinate and any number of signers on one shelf."""

    def __init__(self, signers: int = 1) -> None:
        key = new_key("P-256")
        self.root = make("Root", key=new_key("P-256"))
        self.sub = make("Sub", self.root, key=new_key("P-256"), ca=True, path=0)
        self.signers = [make(f"Signer {n:03}", self.sub, key=key, ca=False) for n in range(signers)]
        self.shelf = FakeShelf(page=500)
        for made in (self.root, self.sub, *self.signers):
            self.shelf.put(made.der, trusted=made is self.root)

    @property
    def collection(self) -> Collection:
        return read_collection(self.shelf, NOW)


def name_of(made: Made) -> str:
    return hashlib.sha256(made.der).hexdigest()


def test_every_page_of_the_shelf_is_read() -> None:
    family = Family(signers=3)
    family.shelf._page = 2
    assert len(family.collection.records) == 5
    assert family.shelf.calls.count("ListCertificates") == 3


def test_a_lost_issuer_gets_a_placeholder_and_its_child_says_so() -> None:
    family = Family()
    del family.shelf.entries[name_of(family.sub)]
    collection = family.collection
    lost = collection.records[name_of(family.signers[0])]
    assert lost.state == "issuer missing"
    assert lost.issuer_id.startswith("missing:")
    assert collection.records[name_of(family.root)].state == "valid"
    cards = draw(Kin(collection)).by_id
    assert cards[lost.issuer_id].content.name == "Sub"
    assert cards[lost.issuer_id].content.record is None
    assert cards[lost.id].box.y > cards[lost.issuer_id].box.bottom


def test_an_expired_certificate_stays_expired_though_its_issuer_is_missing() -> None:
    root = make("Gone", key=new_key("P-256"))
    leaf = make("Old", root, key=new_key("P-256"), ca=False, start=NOW - 9 * DAY, end=NOW - DAY)
    shelf = FakeShelf()
    shelf.put(leaf.der)
    assert read_collection(shelf, NOW).records[name_of(leaf)].state == "expired"
    earlier = read_collection(shelf, NOW - 8 * DAY)
    assert earlier.records[name_of(leaf)].state == "issuer missing"


def test_find_knows_fingerprints_arns_and_names() -> None:
    family = Family()
    family.shelf.entries[name_of(family.sub)]["CertificateArn"] = "arn:x"
    collection = family.collection
    sub = collection.records[name_of(family.sub)]
    for target in (sub.id, sub.id.upper(), f"SHA256:{sub.id}", "Sub", "arn:x"):
        assert collection.find(target) == sub
    assert collection.find("nothing") is None


def test_a_sound_plan_has_no_complaint() -> None:
    plan = Plan(HierarchyRequest(), NOW)
    which = ("root", "subordinate", "signer")
    assert [plan.problem(one) for one in which] == ["", "", ""]
    assert plan.organization_problem() == plan.alias_problem() == ""


@pytest.mark.parametrize(
    ("change", "which", "words"),
    [
        ({"root_name": ""}, "root", "Give it a name"),
        ({"root_name": "x" * 65}, "root", "at most 64"),
        ({"signer_name": "Code Signing Root"}, "signer", "another name"),
        ({"subordinate_name": "Taken"}, "subordinate", "exists already"),
        ({"subordinate_days": 3651}, "subordinate", "longer than its root CA"),
        ({"signer_days": 1826}, "signer", "longer than its subordinate CA"),
        ({"root_days": 99_999 * 365}, "root", "after the year 9999"),
    ],
)
def test_an_unsound_plan_is_told_at_the_field(
    change: dict[str, Any], which: str, words: str
) -> None:
    plan = Plan(replace(HierarchyRequest(), **change), NOW, names={"Taken"})
    assert words in plan.problem(which)


@pytest.mark.parametrize("alias", ["alias/", "alias/aws/x", "alias/a b", f"alias/{'x' * 251}"])
def test_an_alias_that_kms_would_refuse_is_told(alias: str) -> None:
    assert Plan(HierarchyRequest(alias=alias), NOW).alias_problem()


def test_an_alias_in_use_is_told_and_not_suggested() -> None:
    used = {"alias/code-signing", "alias/code-signing-2"}
    assert Plan(HierarchyRequest(), NOW, aliases=used).alias_problem()
    proposed = suggestion({"Code Signing Root"}, used)
    assert proposed.alias == "alias/code-signing-3"
    assert proposed.root_name == "Code Signing Root 2"
    assert proposed.subordinate_name == "Code Signing Subordinate"
    assert fresh_name("a", set()) == "a"


def test_a_chain_is_exported_without_and_with_its_root() -> None:
    family = Family()
    collection = family.collection
    offered = offer(collection.records[name_of(family.signers[0])], collection)
    assert offered.complete
    blocks = {
        Extent.ONE: [family.signers[0]],
        Extent.CHAIN: [family.signers[0], family.sub],
        Extent.CHAIN_WITH_ROOT: [family.signers[0], family.sub, family.root],
        Extent.ANCHOR: [family.root],
    }
    trusted = (Extent.TRUSTED,) if offered.trusted else ()
    assert offered.extents == (*blocks, *trusted)
    for extent, made in blocks.items():
        assert offered.data(extent) == b"".join(one.pem for one in made)
    assert offered.data(Extent.ONE, Form.DER) == family.signers[0].der
    assert Form.DER not in offered.forms(Extent.CHAIN)


def test_an_incomplete_chain_offers_no_root() -> None:
    family = Family()
    del family.shelf.entries[name_of(family.root)]
    collection = family.collection
    offered = offer(collection.records[name_of(family.signers[0])], collection)
    assert not offered.complete
    assert Extent.ANCHOR not in offered.extents
    assert offered.data(Extent.CHAIN) == family.signers[0].pem + family.sub.pem


def test_a_hostile_name_makes_a_harmless_file_name() -> None:
    shelf = FakeShelf()
    evil = make("../../etc/\x00passwd\n.", key=new_key("P-256"))
    shelf.put(evil.der)
    (record,) = read_collection(shelf, NOW).records.values()
    named = file_name(record, ".pem")
    assert "/" not in named
    assert not named.startswith(".")
    assert named.isprintable()


def test_bytes_are_walked_without_a_gap() -> None:
    der = Family().root.der
    found = list(elements(der))
    assert found[0].tag == "SEQUENCE"
    assert found[0].header + found[0].length == len(der)
    for before, after in itertools.pairwise(found):
        inside = after.depth > before.depth
        start = before.offset + before.header + (0 if inside else before.length)
        assert after.offset >= start - (before.length if inside else 0)
        if not inside and after.depth == before.depth:
            assert after.offset == start
    assert any("basicConstraints" in one.value for one in found)
    assert any(one.inside for one in found)


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x82\xff\xff\x00", b"\xff" * 50])
def test_bytes_that_are_no_der_are_shown_as_bytes(data: bytes) -> None:
    found = list(elements(data))
    assert bool(found) is bool(data)


def test_deep_nesting_ends() -> None:
    data = b""
    for _ in range(200):
        data = b"\x30" + (bytes([len(data)]) if len(data) < 128 else b"\x82"
                          + len(data).to_bytes(2, "big")) + data  # fmt: skip
    assert max(one.depth for one in elements(data)) == 32


class FakeKeys:
    """Lists keys and gives public keys, counting the questions."""

    def __init__(self, keys: dict[str, bytes | str]) -> None:
        self.keys = keys
        self.asked: list[str] = []

    def get_paginator(self, _name: str) -> "FakeKeys":
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Keys": [{"KeyId": name}]} for name in self.keys]

    def get_public_key(self, KeyId: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(KeyId)
        found = self.keys[KeyId]
        if isinstance(found, str):
            raise refused("GetPublicKey", found, "no")
        return {"PublicKey": found}


def test_a_key_is_found_by_its_public_half_and_asked_once() -> None:
    public = new_key("P-256").public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    kms = FakeKeys({"sym": "UnsupportedOperationException", "off": "DisabledException",
                    "mine": public})  # fmt: skip
    finder = KeyFinder(kms)
    digest = hashlib.sha256(public).hexdigest()
    assert finder.find(digest) == "mine"
    assert finder.find(digest) == "mine"
    assert kms.asked == ["sym", "off", "mine"]
    assert finder.find("0" * 64) == ""
    assert kms.asked == ["sym", "off", "mine", "off"]


def test_a_refused_list_of_keys_is_not_hidden() -> None:
    class Broken(FakeKeys):
        def paginate(self) -> list[dict[str, Any]]:
            raise refused("ListKeys", "AccessDeniedException", "no")

    with pytest.raises(ClientError):
        KeyFinder(Broken({})).find("0" * 64)


def test_what_may_be_trusted_or_deleted() -> None:
    family = Family()
    family.shelf.entries[name_of(family.sub)]["Source"] = "ISSUED"
    records = family.collection.records
    root, sub = records[name_of(family.root)], records[name_of(family.sub)]
    assert why_not_trusted([root]) == why_not_deleted([root]) == ""
    assert "only a root" in why_not_trusted([sub])
    assert why_not_trusted([root, sub])
    assert "issued it" in why_not_deleted([root, sub])
    assert why_not_deleted([])
    leaf = records[name_of(family.signers[0])]
    assert why_not_deleted([leaf]) == ""
    assert why_not_trusted([replace(root, authority=False)])


def test_states_follow_the_moment() -> None:
    family = Family()
    name = name_of(family.root)
    states = {
        shift: read_collection(family.shelf, NOW + timedelta(days=shift)).records[name].state
        for shift in (-2, 0, 290, 301)
    }
    assert states == {-2: "not yet valid", 0: "valid", 290: "expiring", 301: "expired"}
