import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from workbench.api.calls import Call, Caller, Operation
from workbench.api.client import Client
from workbench.api.door import Door
from workbench.api.errors import AwsError
from workbench.api.events import Event
from workbench.api.models import aws_model
from workbench.base.clock import TravelClock
from workbench.base.errors import Locked
from workbench.base.identifiers import Place

PLACE = Place()
KEY = "12345678-1234-1234-1234-123456789012"


class Tape:
    """A recorder that keeps events and a transaction that can be watched."""

    def __init__(self) -> None:
        self.events: list[tuple[Event, bool]] = []
        self.committed = 0
        self.rolled_back = 0
        self.locked = False

    def record(self, event: Event, *, durable: bool) -> None:
        self.events.append((event, durable))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.rolled_back += 1
            raise
        self.committed += 1

    def gate(self) -> None:
        if self.locked:
            raise Locked("The vault is locked.", "Unlock it.")


def answer(request: dict[str, Any], call: Call) -> dict[str, Any]:
    call.note(PLACE.arn("kms", f"key/{request.get('KeyId', KEY)}"), keyMaterialId="ab")
    return {"CiphertextBlob": b"blob", "KeyId": request["KeyId"]}


def refuse(request: dict[str, Any], call: Call) -> dict[str, Any]:
    del request, call
    raise AwsError("DisabledException", "it is disabled.", "Enable it.")


def stumble(request: dict[str, Any], call: Call) -> dict[str, Any]:
    raise ZeroDivisionError(str(request) + str(call))


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def client(tape: Tape) -> Any:
    door = Door(PLACE, TravelClock(), tape, tape.transaction, tape.gate)
    door.register(
        aws_model("kms"),
        {
            "Encrypt": Operation(answer),
            "EnableKey": Operation(lambda r, c: {}, mutates=True, read_only=False),
            "DisableKey": Operation(refuse, mutates=True, read_only=False),
            "Decrypt": Operation(stumble),
        },
    )
    return Client(door, aws_model("kms"), Caller.owner(PLACE))


def test_events_are_cloudtrail_shaped_and_hold_no_secret(client: Any, tape: Tape) -> None:
    client.encrypt(KeyId=KEY, Plaintext=b"topsecret", EncryptionContext={"a": "b"})
    (event, durable) = tape.events[0]
    document = event.document()
    assert not durable
    assert document["eventVersion"] == "1.11"
    assert document["eventSource"] == "kms.amazonaws.com"
    assert document["eventName"] == "Encrypt"
    assert document["userIdentity"]["arn"] == "arn:aws:iam::111122223333:root"
    assert document["requestParameters"] == {"keyId": KEY, "encryptionContext": {"a": "b"}}
    assert document["additionalEventData"] == {"keyMaterialId": "ab"}
    assert document["resources"][0]["ARN"].endswith(KEY)
    assert document["resources"][0]["type"] == "AWS::KMS::Key"
    assert "topsecret" not in str(document)
    assert "blob" not in str(document)


def test_mutations_are_journalled_in_their_transaction(client: Any, tape: Tape) -> None:
    client.enable_key(KeyId=KEY)
    assert [(e.name, durable) for e, durable in tape.events] == [("EnableKey", True)]
    assert tape.committed == 1


def test_refusals_roll_back_and_are_journalled(client: Any, tape: Tape) -> None:
    with pytest.raises(client.exceptions.DisabledException) as refused:
        client.disable_key(KeyId=KEY)
    assert refused.value.response["Error"]["Message"] == "it is disabled."
    assert refused.value.next_step == "Enable it."
    assert tape.rolled_back == 1
    event, durable = tape.events[0]
    assert (event.error_code, durable) == ("DisabledException", False)
    assert refused.value.response["ResponseMetadata"]["RequestId"] == event.request_id != ""
    assert event.document()["errorMessage"] == "it is disabled."


def test_bugs_pass_through_and_are_journalled_without_details(client: Any, tape: Tape) -> None:
    with pytest.raises(ZeroDivisionError) as bug:
        client.decrypt(CiphertextBlob=b"topsecret")
    document = tape.events[0][0].document()
    assert vars(bug.value)["request_id"] == document["requestID"]
    assert document["errorCode"] == "InternalFailure"
    assert "topsecret" not in str(document)


def test_invalid_requests_reach_nothing(client: Any, tape: Tape) -> None:
    with pytest.raises(ParamValidationError):
        client.encrypt(KeyId=KEY)
    with pytest.raises(ClientError) as refused:
        client.encrypt(KeyId=KEY, Plaintext=b"x" * 5000)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert [e.error_code for e, _ in tape.events] == ["ValidationException"] * 2


def test_nothing_passes_while_locked(client: Any, tape: Tape) -> None:
    tape.locked = True
    with pytest.raises(Locked):
        client.enable_key(KeyId=KEY)
    assert tape.events == []


def test_operations_not_offered_say_so(client: Any) -> None:
    with pytest.raises(ClientError) as refused:
        client.create_grant(KeyId=KEY, GranteePrincipal="a", Operations=["Decrypt"])
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperationException"
    with pytest.raises(AttributeError):
        client.no_such_method()


def test_answers_carry_boto3_metadata(client: Any) -> None:
    metadata = client.encrypt(KeyId=KEY, Plaintext=b"x")["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert len(metadata["RequestId"]) == 36
    assert client.meta.region_name == "us-west-2"
    assert "root" in repr(client)
