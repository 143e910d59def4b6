"""Which requests made a signature: noted, kept with the job, and found again in the journal."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.fakes.format_bench import PLAIN, STAMPER, format_bench
from tests.fakes.signers import CLASSICAL, KEY
from workbench.audit.journal import Journal
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.job import Entry, FileView
from workbench.signing.job_store import _entry
from workbench.signing.jobs import FileState
from workbench.signing.provenance import trace
from workbench.signing.requests import Noting, packed, unpacked
from workbench.signing.results import write_results
from workbench.vault.vault import Vault

PATIENCE = 30.0
ANNA = "arn:aws:iam::111122223333:user/anna"


@pytest.fixture(scope="module")
def clock() -> TravelClock:
    return TravelClock()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, clock: TravelClock) -> Iterator[Bench]:
    made = format_bench(tmp_path_factory.mktemp("provenance") / "vault", clock)
    yield made
    made.close()


def sign(bench: Bench, path: Path, choices: Choices) -> FileView:
    path.write_bytes(b"content")
    job = bench.jobs.submit(recipe_from(bench.kms, bench.shelf, choices), [path])
    bench.jobs.wait(job, PATIENCE)
    (file,) = bench.jobs.files(job)
    assert file.state is FileState.DONE, file.sentence
    return file


def key_id(bench: Bench, alias: str) -> str:
    return bench.kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]


@pytest.mark.parametrize(
    ("choices", "keys"),
    [
        (Choices(keys=(KeyChoice(KEY),)), [KEY]),
        (Choices(keys=(KeyChoice(PLAIN),), kind="sshsig"), [PLAIN]),
        (Choices(keys=(KeyChoice(CLASSICAL), KeyChoice(KEY)), kind="cades"), [CLASSICAL, KEY]),
        (
            Choices(keys=(KeyChoice(CLASSICAL),), kind="cades", stamper=STAMPER),
            [CLASSICAL, STAMPER],
        ),
    ],
    ids=["cms", "sshsig", "two signers", "timestamp"],
)
def test_every_request_of_a_signature_is_found_with_its_key_and_its_place(
    bench: Bench, tmp_path: Path, choices: Choices, keys: list[str]
) -> None:
    other = sign(bench, tmp_path / "other", choices)
    file = sign(bench, tmp_path / "file", choices)
    assert not set(other.requests) & set(file.requests)
    found = trace(bench.cloudtrail, bench.journal, file.requests, file.finished)
    assert [one.name for one in found] == ["Sign"] * len(keys)
    for one, alias in zip(found, keys, strict=True):
        (event,) = bench.cloudtrail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": one.request}]
        )["Events"]
        assert key_id(bench, alias) in [item["ResourceName"] for item in event["Resources"]]
        assert one.identity == bench.acting.caller.arn
        assert one.moment is not None
        assert file.finished is not None
        assert timedelta(0) <= file.finished - one.moment < timedelta(minutes=1)
        assert one.place is not None
        assert one.place.included
        assert one.place.index < one.place.size
    places = [one.place.index for one in found if one.place is not None]
    assert places == sorted(set(places)), "in the order in which they were made"


def test_they_are_kept_with_the_job_and_exported(bench: Bench, tmp_path: Path) -> None:
    file = sign(bench, tmp_path / "file", Choices(keys=(KeyChoice(KEY),)))
    job = bench.jobs.jobs()[0].id
    write_results(bench.jobs, job, tmp_path / "out.json")
    (line,) = json.loads((tmp_path / "out.json").read_text())["files"]
    assert line["requests"].split() == list(file.requests)
    vault = cast("Vault", bench.vault)
    bench.vault.lock()
    bench.vault.unlock_with_passphrase("correct horse battery staple")
    ((block,),) = vault.read("SELECT record FROM job_files WHERE job_id = ?", (job,))
    assert json.loads(block)[0][7].split() == list(file.requests)


def test_a_record_of_before_they_were_noted_is_read() -> None:
    entry = _entry("/x/file", 4, "", "done", "", "ab", 1.5)
    assert (entry.requests, entry.finished) == ("", 1.5)


def test_they_are_found_although_the_clock_was_set_meanwhile(
    bench: Bench, clock: TravelClock, tmp_path: Path
) -> None:
    file = sign(bench, tmp_path / "file", Choices(keys=(KeyChoice(PLAIN),), kind="sshsig"))
    clock.travel(timedelta(days=-3))
    sign(bench, tmp_path / "back", Choices(keys=(KeyChoice(PLAIN),), kind="sshsig"))
    clock.travel(timedelta(days=3))
    late = datetime.now(UTC) + timedelta(days=30)
    for moment in (file.finished, late, None):
        (found,) = trace(bench.cloudtrail, bench.journal, file.requests, moment)
        assert found.name == "Sign"
        assert found.place is not None


def test_what_is_not_there_and_what_may_not_be_seen_is_said(bench: Bench, tmp_path: Path) -> None:
    file = sign(bench, tmp_path / "file", Choices(keys=(KeyChoice(KEY),)))
    stranger = str(uuid.uuid4())
    (found,) = trace(bench.cloudtrail, bench.journal, [stranger], file.finished)
    assert (found.request, found.name, found.place) == (stranger, "", None)
    assert "no such event" in found.sentence
    bench.client("iam", "").create_user(UserName="anna")
    bench.act_as(ANNA)
    try:
        (found,) = trace(bench.cloudtrail, bench.journal, file.requests, file.finished)
    finally:
        bench.act_as("arn:aws:iam::111122223333:root")
    assert "AccessDenied" in found.sentence
    assert (found.name, found.identity, found.place) == ("", "", None)


def test_an_event_that_names_anothers_id_is_not_taken_for_it(bench: Bench, tmp_path: Path) -> None:
    file = sign(bench, tmp_path / "file", Choices(keys=(KeyChoice(KEY),)))
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    later = str(uuid.uuid4())
    for forged in (file.requests[0], later):
        bench.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"eventID": forged})
    (found,) = trace(bench.cloudtrail, bench.journal, file.requests, file.finished)
    assert found.name == "Sign"
    (found,) = trace(bench.cloudtrail, bench.journal, [later], None)
    assert found.place is None


def test_an_event_that_was_changed_fails_its_proof(bench: Bench, tmp_path: Path) -> None:
    file = sign(bench, tmp_path / "file", Choices(keys=(KeyChoice(KEY),)))
    journal, vault = cast("Journal", bench.journal), cast("Vault", bench.vault)
    place = journal.place(file.requests[0])
    assert place is not None
    assert place.included
    with vault.transaction() as transaction:
        transaction.execute(
            "UPDATE journal SET event = replace(event, ':root', ':user/bob') WHERE seq = ?",
            (place.index,),
        )
    changed = journal.place(file.requests[0])
    assert changed is not None
    assert not changed.included
    with vault.transaction() as transaction:
        transaction.execute(
            "UPDATE journal SET event = replace(event, ':user/bob', ':root') WHERE seq = ?",
            (place.index,),
        )


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"StartTime": datetime(2030, 1, 1, tzinfo=UTC), "EndTime": 0}, "InvalidTimeRange"),
        ({"StartTime": "yesterday"}, "InvalidTimeRange"),
        ({"StartTime": 1e300}, "InvalidTimeRange"),
    ],
)
def test_odd_times_are_refused(bench: Bench, more: dict[str, Any], code: str) -> None:
    wanted = [{"AttributeKey": "EventId", "AttributeValue": "x"}]
    with pytest.raises(ClientError, match=code):
        bench.cloudtrail.lookup_events(LookupAttributes=wanted, **more)


@pytest.mark.parametrize("value", ['x","a":"b', "%", "\\", "é", '"'])
def test_an_event_id_is_looked_up_alone_and_hostile_ones_find_nothing(
    bench: Bench, value: str
) -> None:
    name = {"AttributeKey": "EventName", "AttributeValue": "Sign"}
    wanted = {"AttributeKey": "EventId", "AttributeValue": value}
    assert bench.cloudtrail.lookup_events(LookupAttributes=[wanted])["Events"] == []
    with pytest.raises(ClientError, match="by itself"):
        bench.cloudtrail.lookup_events(LookupAttributes=[wanted, name])


@pytest.mark.parametrize(
    "ids",
    ["", str(uuid.uuid4()), f"{uuid.uuid4()} {uuid.uuid4()}", "not a uuid", "abcd",
     str(uuid.uuid4()).upper()],
    ids=["none", "one", "two", "words", "hexadecimal", "capitals"],
)  # fmt: skip
def test_ids_are_kept_exactly_and_small(ids: str) -> None:
    assert unpacked(packed(ids)) == ids
    entry = Entry("/x", 1, requests=ids)
    assert entry.requests == ids


def test_a_uuid_takes_sixteen_bytes() -> None:
    assert len(packed(str(uuid.uuid4()))) == 16


def test_a_client_without_ids_is_signed_with_all_the_same() -> None:
    class Bare:
        def sign(self, **request: Any) -> dict[str, Any]:
            return {"Signature": request["Message"]}

        def get_public_key(self, **_request: Any) -> str:
            return "public"

    noting = Noting(Bare())
    noting.begin()
    assert noting.sign(Message=b"m") == {"Signature": b"m"}
    assert noting.taken() == ""
    assert noting.get_public_key(KeyId="k") == "public"
