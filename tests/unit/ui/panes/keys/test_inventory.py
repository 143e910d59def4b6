import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.ui.panes.keys.expiries import with_expiries
from workbench.ui.panes.keys.inventory import Inventory, KeyRow
from workbench.ui.panes.keys.materials import (
    AUTOMATIC,
    CURRENT,
    ON_DEMAND,
    Material,
    only_material,
    order_materials,
)
from workbench.ui.panes.keys.regions import Regions, regions_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock(NOON)


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    yield made
    made.close()


class Refusal(Exception):
    """Shaped like botocore's ClientError."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": f"{code} said so"}}


class Pages:
    """A KMS of many keys that answers in small pages, slowly by its own clock."""

    def __init__(self, count: int, size: int = 3) -> None:
        self.keys = [f"key-{number:05}" for number in range(count)]
        self.size = size
        self.time = 0.0
        self.trouble: dict[str, str] = {}

    def _page(self, items: list[Any], request: dict[str, Any], member: str) -> dict[str, Any]:
        start = int(request.get("Marker", "0"))
        end = start + min(self.size, request["Limit"])
        answer: dict[str, Any] = {member: items[start:end], "Truncated": end < len(items)}
        if end < len(items):
            answer["NextMarker"] = str(end)
        return answer

    def list_keys(self, **request: Any) -> dict[str, Any]:
        keys = [{"KeyId": key, "KeyArn": f"arn:{key}"} for key in self.keys]
        return self._page(keys, request, "Keys")

    def list_aliases(self, **request: Any) -> dict[str, Any]:
        aliases: list[dict[str, str]] = [
            {"AliasName": f"alias/{key}", "TargetKeyId": key} for key in self.keys[::2]
        ]
        aliases.append({"AliasName": "alias/aws/s3"})  # AWS lists those of services without a key
        return self._page(aliases, request, "Aliases")

    def describe_key(self, **request: Any) -> dict[str, Any]:
        key = request["KeyId"]
        self.time += 0.01
        if key in self.trouble:
            raise Refusal(self.trouble[key])
        meta = {"KeyId": key, "Arn": f"arn:{key}", "KeySpec": "RSA_2048", "KeyState": "Enabled"}
        return {"KeyMetadata": {**meta, "CreationDate": NOON}}

    def list_resource_tags(self, **request: Any) -> dict[str, Any]:
        if self.trouble.get("tags"):
            raise Refusal(self.trouble["tags"])
        return {"Tags": [{"TagKey": "team", "TagValue": request["KeyId"]}], "Truncated": False}


def read(kms: Any, parallel: int = 1) -> list[KeyRow]:
    return Inventory(kms, lambda: 0.0, parallel).load(lambda _rows: None)


def test_a_rotated_key_is_read_with_every_material(bench: Bench, clock: TravelClock) -> None:
    key = bench.kms.create_key(Description="Orders", Tags=[{"TagKey": "team", "TagValue": "x"}])[
        "KeyMetadata"
    ]["KeyId"]
    for name in ("zeta", "alpha"):
        bench.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    clock.travel(timedelta(days=10))
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    clock.travel(timedelta(days=81))
    bench.run_due()
    (row,) = read(bench.kms)
    assert (row.id, row.names, row.title) == (key, ("alpha", "zeta"), "alpha")
    assert (row.spec, row.usage) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert (row.description, row.tags) == ("Orders", (("team", "x"),))
    assert [one.kind for one in row.materials] == ["", ON_DEMAND, AUTOMATIC]
    assert [one.state for one in row.materials] == ["NON_CURRENT", "NON_CURRENT", CURRENT]
    assert row.materials[0].end == row.materials[1].start
    assert row.materials[-1].end is None
    assert row.material_since == row.materials[-1].start
    assert row.rotations_left == 24
    assert row.rotation_days == 90
    assert row.next_rotation is not None
    assert row.next_rotation > clock.now()


def test_a_pair_has_one_material_and_does_not_rotate(bench: Bench) -> None:
    made = bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    (row,) = read(bench.kms)
    assert not row.rotates
    assert [one.start for one in row.materials] == [made["CreationDate"]]
    assert (row.next_rotation, row.rotation_days) == (None, 0)
    assert row.algorithms == ("ECDSA_SHA_256",)


def test_some_keys_are_read_again_and_the_gone_are_none(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/one", TargetKeyId=key)
    bench.kms.disable_key(KeyId=key)
    gone = "00000000-0000-4000-8000-000000000000"
    found = Inventory(bench.kms, lambda: 0.0).read([key, gone])
    row = found[key]
    assert row is not None
    assert (row.names, row.state) == (("one",), "Disabled")
    assert found[gone] is None


@pytest.mark.parametrize("parallel", [1, 4])
def test_every_page_is_read_named_keys_first(parallel: int) -> None:
    rows = read(Pages(11), parallel)
    assert len(rows) == 11
    named = [row.id for row in rows if row.names]
    assert named == [f"key-{number:05}" for number in range(0, 11, 2)]
    assert [row.id for row in rows[: len(named)]] == named
    assert rows[0].tags == (("team", rows[0].id),)


def test_first_rows_come_early_then_at_growing_intervals() -> None:
    kms = Pages(2000, size=1000)
    shown: list[int] = []
    Inventory(kms, lambda: kms.time).load(lambda rows: shown.append(len(rows)))
    assert 0 < shown[0] <= 10, "within a tenth of a second of the first answer"
    assert len(shown) <= 9
    steps = [later - earlier for earlier, later in pairwise(shown)]
    assert steps == sorted(steps)


def test_reading_stops_when_it_is_told_to() -> None:
    asked = iter([False, False, True])
    rows = Inventory(Pages(50), lambda: 0.0).load(lambda _rows: None, lambda: next(asked))
    assert len(rows) == 2


def test_a_key_that_may_not_be_described_is_shown_with_the_reason() -> None:
    kms = Pages(3)
    kms.trouble = {"key-00001": "AccessDeniedException", "key-00002": "NotFoundException"}
    rows = {row.id: row for row in read(kms)}
    assert set(rows) == {"key-00000", "key-00001"}, "one was deleted meanwhile"
    assert rows["key-00001"].problem == "AccessDeniedException said so"
    assert rows["key-00001"].spec == ""


def test_tags_that_may_not_be_read_do_not_hide_the_key() -> None:
    kms = Pages(1)
    kms.trouble = {"tags": "AccessDeniedException"}
    assert read(kms)[0].tags == ()


@pytest.mark.parametrize("place", ["key-00001", "tags"])
def test_other_failures_end_the_reading(place: str) -> None:
    kms = Pages(3)
    kms.trouble = {place: "ThrottlingException"}
    with pytest.raises(Refusal, match="ThrottlingException"):
        read(kms)


def test_materials_are_ordered_whatever_the_order_of_the_entries() -> None:
    day = timedelta(days=1)
    entries: list[dict[str, Any]] = [
        {"KeyMaterialId": "c", "KeyMaterialState": CURRENT, "RotationDate": NOON + 9 * day,
         "RotationType": ON_DEMAND},
        {"KeyMaterialId": "d", "KeyMaterialState": "PENDING_ROTATION"},
        {"KeyMaterialId": "a", "KeyMaterialState": "NON_CURRENT"},
        {"KeyMaterialId": "b", "KeyMaterialState": "NON_CURRENT", "RotationDate": NOON,
         "RotationType": AUTOMATIC},
    ]  # fmt: skip
    made = order_materials(entries, NOON)
    assert [one.id for one in made] == ["a", "b", "c", "d"]
    assert [one.start for one in made] == [NOON, NOON, NOON + 9 * day, None]
    assert [one.end for one in made] == [NOON, NOON + 9 * day, None, None]


def test_what_is_told_of_imported_material_is_kept() -> None:
    ends = NOON + timedelta(days=30)
    entries: list[dict[str, Any]] = [
        {"KeyMaterialId": "a", "KeyMaterialState": "NON_CURRENT", "ImportState": "PENDING_IMPORT",
         "KeyMaterialDescription": "Q1", "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"},
        {"KeyMaterialId": "b", "KeyMaterialState": CURRENT, "ImportState": "IMPORTED",
         "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": ends, "RotationType": ON_DEMAND,
         "RotationDate": NOON + timedelta(days=1)},
        {"KeyMaterialId": "c", "ImportState": "IMPORTED",
         "KeyMaterialState": "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"},
    ]  # fmt: skip
    first, second, third = order_materials(entries, NOON)
    assert (first.description, first.present, first.expires) == ("Q1", False, None)
    assert (second.present, second.expires) == (True, ends)
    assert third.start is None
    assert third.condition(NOON) == "elsewhere"


def test_a_key_that_lists_no_material_has_one_by_its_metadata() -> None:
    meta = {"Origin": "EXTERNAL", "KeyState": "PendingImport", "CreationDate": NOON}
    assert only_material(meta).condition(NOON) == "missing"
    kept = only_material({**meta, "KeyState": "Enabled", "ValidTo": NOON + timedelta(days=1)})
    assert kept.condition(NOON) == "current"
    assert kept.condition(NOON + timedelta(days=1)) == "expired"
    own = only_material({"Origin": "AWS_KMS", "KeyState": "Enabled", "CreationDate": NOON})
    assert not own.imported


def test_related_keys_are_read_from_the_metadata() -> None:
    arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1"
    assert regions_of({"Arn": arn, "MultiRegion": False}) is None
    alone = regions_of({"Arn": arn, "MultiRegion": True})
    assert alone == Regions(True, "eu-west-1", arn)
    other = arn.replace("eu-west-1", "us-east-1")
    told = {
        "MultiRegionKeyType": "REPLICA",
        "PrimaryKey": {"Arn": other, "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": arn, "Region": "eu-west-1"}],
    }
    found = regions_of({"Arn": arn, "MultiRegion": True, "MultiRegionConfiguration": told})
    assert found == Regions(False, "us-east-1", other, (("eu-west-1", arn),))
    assert found is not None
    assert found.taken == {"us-east-1", "eu-west-1"}


class Trail:
    """Events by name, the newest first, a page each."""

    def __init__(self, **events: list[tuple[str, int]]) -> None:
        self.events = events
        self.asked = 0
        self.refusal = ""

    def lookup_events(self, **request: Any) -> dict[str, Any]:
        self.asked += 1
        if self.refusal:
            raise Refusal(self.refusal)
        (attribute,) = request["LookupAttributes"]
        assert attribute["AttributeKey"] == "EventName"
        told = self.events.get(attribute["AttributeValue"], [])
        page = int(request.get("NextToken", 0))
        answer: dict[str, Any] = {"Events": [self._item(*one) for one in told[page : page + 1]]}
        return answer | ({"NextToken": str(page + 1)} if page + 1 < len(told) else {})

    def _item(self, material: str, day: int) -> dict[str, Any]:
        document = json.dumps({"additionalEventData": {"keyMaterialId": material}})
        time = NOON + timedelta(days=day)
        return {"EventTime": time, "CloudTrailEvent": document,
                "Resources": [{"ResourceName": f"arn:{material}"}]}  # fmt: skip


def lacking(*names: str) -> KeyRow:
    materials = tuple(
        Material(name, "NON_CURRENT", NOON, import_state="PENDING_IMPORT") for name in names
    )
    return KeyRow("k", "arn:k", materials=materials)


def test_material_that_ran_out_is_told_from_material_that_was_deleted() -> None:
    trail = Trail(
        DeleteExpiredKeyMaterial=[("back", 9), ("gone", 5), ("gone", 2), ("later", 1)],
        DeleteImportedKeyMaterial=[("later", 3), ("back", 1)],
    )
    (row,) = with_expiries(trail, [lacking("gone", "later", "back", "other")])
    day = timedelta(days=1)
    assert [one.expires for one in row.materials] == [NOON + 5 * day, None, NOON + 9 * day, None]
    now = NOON + 10 * day
    conditions = [one.condition(now) for one in row.materials]
    assert conditions == ["expired", "missing", "expired", "missing"]


def test_the_material_of_a_key_that_names_none_is_found_by_the_key() -> None:
    row = KeyRow("k", "arn:k", materials=lacking("").materials)
    (found,) = with_expiries(Trail(DeleteExpiredKeyMaterial=[("k", 4)]), [row])
    assert found.materials[0].expires == NOON + timedelta(days=4)


def test_the_trail_is_asked_only_about_what_is_missing() -> None:
    trail = Trail()
    whole = KeyRow("k", "arn", materials=(Material("m", CURRENT, NOON, import_state="IMPORTED"),))
    assert with_expiries(trail, [whole]) == [whole]
    assert trail.asked == 0
    lost = lacking("a")
    assert with_expiries(trail, [lost]) == [lost]
    assert trail.asked == 1


def test_a_trail_that_may_not_be_read_leaves_the_rows() -> None:
    trail = Trail()
    trail.refusal = "AccessDeniedException"
    assert with_expiries(trail, [lacking("a")]) == [lacking("a")]
    trail.refusal = "ThrottlingException"
    with pytest.raises(Refusal, match="Throttling"):
        with_expiries(trail, [lacking("a")])
