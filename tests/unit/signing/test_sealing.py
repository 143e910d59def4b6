"""Records of the signing history under a KMS key: who may read them, and for how long."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.base.errors import IntegrityError, Refused
from workbench.bench import Bench
from workbench.signing.sealing import CONTEXT_KEY, Denied, HistoryKey, Sealer, is_sealed

TEXT = '{"paths": ["/home/anna/secret plans.pdf"]}'


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock()


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    yield made
    made.close()


@pytest.fixture
def key(bench: Bench) -> str:
    return bench.kms.create_key()["KeyMetadata"]["KeyId"]


def sealer(bench: Bench, clock: TravelClock, key: str = "", reuse: int = 300) -> Sealer:
    made = Sealer(bench.kms, clock, "this vault")
    if key:
        made.choose(HistoryKey(key, reuse))
    return made


def asked(bench: Bench, name: str) -> int:
    found = bench.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}]
    )
    return len(found["Events"])


def test_without_a_key_nothing_is_sealed(bench: Bench, clock: TravelClock) -> None:
    plain = sealer(bench, clock)
    assert plain.seal(TEXT, "a") == TEXT
    assert plain.open(TEXT, "a") == TEXT
    assert not is_sealed(TEXT)


def test_what_is_sealed_is_not_readable_and_opens_again(
    bench: Bench, clock: TravelClock, key: str
) -> None:
    one = sealer(bench, clock, key)
    stored = one.seal(TEXT, "job 1")
    assert is_sealed(stored)
    assert "secret plans" not in stored
    assert one.open(stored, "job 1") == TEXT
    assert sealer(bench, clock).open(stored, "job 1") == TEXT
    assert TEXT not in repr(one._current)


def test_records_are_bound_to_their_place_and_history(
    bench: Bench, clock: TravelClock, key: str
) -> None:
    one = sealer(bench, clock, key)
    stored = one.seal(TEXT, "job 1")
    with pytest.raises(IntegrityError, match="does not open"):
        one.open(stored, "job 2")
    other = Sealer(bench.kms, clock, "another vault")
    with pytest.raises(Denied, match="InvalidCiphertext"):
        other.open(stored, "job 1")


@pytest.mark.parametrize("place", ["key", "data"])
def test_changed_records_do_not_open(
    bench: Bench, clock: TravelClock, key: str, place: str
) -> None:
    one = sealer(bench, clock, key)
    record = json.loads(one.seal(TEXT, "job 1"))
    record[place] = record[place][:-8] + ("AAAAAAA=" if record[place].endswith("=") else "AAAAAAAA")
    with pytest.raises((IntegrityError, Denied)):
        one.open(json.dumps(record), "job 1")
    record[place] = "not base64!"
    with pytest.raises((IntegrityError, Denied)):
        one.open(json.dumps(record), "job 1")
    with pytest.raises(IntegrityError, match="damaged"):
        one.open('{"sealed": 1, ', "job 1")


def test_a_data_key_is_used_again_until_its_time_is_over(
    bench: Bench, clock: TravelClock, key: str
) -> None:
    one = sealer(bench, clock, key, 60)
    first = one.seal(TEXT, "1")
    clock.travel(timedelta(seconds=59))
    second = one.seal(TEXT, "2")
    assert asked(bench, "GenerateDataKey") == 1
    assert json.loads(first)["key"] == json.loads(second)["key"]
    clock.travel(timedelta(seconds=2))
    third = one.seal(TEXT, "3")
    assert asked(bench, "GenerateDataKey") == 2
    for number, stored in enumerate((first, second, third), start=1):
        assert one.open(stored, str(number)) == TEXT
    assert asked(bench, "Decrypt") == 2
    clock.travel(timedelta(seconds=61))
    one.open(first, "1")
    assert asked(bench, "Decrypt") == 3


def test_forgotten_keys_are_asked_for_again(bench: Bench, clock: TravelClock, key: str) -> None:
    one = sealer(bench, clock, key)
    stored = one.seal(TEXT, "1")
    one.open(stored, "1")
    one.forget()
    one.open(stored, "1")
    assert asked(bench, "Decrypt") == 2


def test_who_may_not_decrypt_is_told_which_statement_decides(
    bench: Bench, clock: TravelClock, key: str
) -> None:
    iam = bench.client("iam", "")
    iam.create_user(UserName="anna")
    iam.put_user_policy(
        UserName="anna",
        PolicyName="signing",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
                    {
                        "Sid": "NoHistory",
                        "Effect": "Deny",
                        "Action": "kms:Decrypt",
                        "Resource": "*",
                        "Condition": {"Null": {f"kms:EncryptionContext:{CONTEXT_KEY}": "false"}},
                    },
                ],
            }
        ),
    )
    stored = sealer(bench, clock, key).seal(TEXT, "1")
    bench.act_as("arn:aws:iam::111122223333:user/anna")
    theirs = sealer(bench, clock)
    with pytest.raises(Denied, match="Access denied: kms:Decrypt") as caught:
        theirs.open(stored, "1")
    assert "NoHistory" in caught.value.next_step
    with pytest.raises(Denied):
        theirs.try_out(HistoryKey(key))
    bench.act_as("arn:aws:iam::111122223333:root")
    assert sealer(bench, clock).open(stored, "1") == TEXT


def test_a_key_that_is_disabled_or_cannot_seal_is_refused(
    bench: Bench, clock: TravelClock, key: str
) -> None:
    one = sealer(bench, clock, key)
    stored = one.seal(TEXT, "1")
    bench.kms.disable_key(KeyId=key)
    with pytest.raises(Denied, match="DisabledException"):
        sealer(bench, clock).open(stored, "1")
    with pytest.raises(Denied, match="DisabledException"):
        sealer(bench, clock, key).seal(TEXT, "2")
    pair = bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    with pytest.raises(Denied):
        one.try_out(HistoryKey(pair["KeyMetadata"]["KeyId"]))


@pytest.mark.parametrize("reuse", [0, 59, 901, -5])
def test_the_time_of_reuse_is_awss(reuse: int) -> None:
    with pytest.raises(Refused, match="60 to 900 seconds"):
        HistoryKey("key", reuse)
    assert HistoryKey("key", 60).reuse == 60
    assert HistoryKey("key", 900).reuse == 900
