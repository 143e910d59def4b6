"""One request's way, without sockets: AWS's errors and answers as they go out."""

import json
import logging
from typing import Any, NoReturn

import pytest

from tests.fakes.http_client import Key, as_request, request_bytes, signed_headers, signed_request
from tests.fakes.wire import CALLER, REGION, REQUEST_ID, Answer, FakeBackend
from workbench.api.errors import AwsError
from workbench.api.validation import WrongType
from workbench.base.clock import TravelClock
from workbench.base.errors import Locked
from workbench.endpoint.dispatch import Dispatcher
from workbench.endpoint.messages import Renderer, Request, Response
from workbench.endpoint.ports import Beside
from workbench.endpoint.protocols import JSON_WIRE
from workbench.endpoint.throttle import Throttle

STS_VERSION = "Version=2011-06-15"


def raising(error: Exception) -> Answer:
    def answer(request: dict[str, Any]) -> NoReturn:
        raise error

    return answer


def kms(operation: str, members: dict[str, Any] | bytes = b"{}") -> Request:
    return as_request(signed_request(8080, operation, members))


def query(form: str, *, service: str = "sts", secret: str = Key().secret) -> Request:
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = form.encode()
    signed = signed_headers(
        "http://127.0.0.1/", body, headers, service=service, key=Key(secret=secret)
    )
    return as_request(request_bytes("127.0.0.1", signed, body))


def answered(dispatcher: Dispatcher, request: Request) -> Response:
    outcome = dispatcher(request)
    return outcome if isinstance(outcome, Response) else outcome()


def ask(request: Request, error: Exception | None = None, **answers: Answer) -> Response:
    """Return the answer of a backend that fails with `error`, or answers by operation."""
    backend = FakeBackend()
    for operation in ("ListKeys", "Encrypt", "GetCallerIdentity", "GetUser"):
        for service in ("kms", "sts", "iam"):
            backend.answers[(service, operation)] = (
                raising(error) if error else answers.get(operation, lambda _: {})
            )
    return answered(Dispatcher(backend, TravelClock()), request)


def test_an_answer_carries_the_request_id() -> None:
    response = ask(kms("ListKeys"), ListKeys=lambda _: {"Keys": [], "Truncated": False})
    assert response.status == 200
    assert response.request_id == REQUEST_ID
    assert json.loads(response.body) == {"Keys": [], "Truncated": False}
    rendered = Renderer(TravelClock()).render(response, keep_alive=True)
    assert f"x-amzn-RequestId: {REQUEST_ID}\r\n".encode() in rendered
    assert b"Cache-Control: no-store\r\n" in rendered
    assert b" GMT\r\n" in rendered
    assert b"Connection: close" not in rendered
    assert b"Connection: close\r\n\r\n" in Renderer(TravelClock()).render(
        response, keep_alive=False
    )


@pytest.mark.parametrize("kind", [AwsError, RuntimeError])
def test_a_refusal_carries_the_request_id_that_the_journal_has(kind: type[Exception]) -> None:
    error = kind("NotFoundException")
    vars(error)["request_id"] = REQUEST_ID
    assert ask(kms("ListKeys"), error).request_id == REQUEST_ID
    response = ask(query(f"Action=GetCallerIdentity&{STS_VERSION}"), error)
    assert f"<RequestId>{REQUEST_ID}</RequestId>".encode() in response.body
    assert ask(kms("ListKeys"), kind("NotFoundException")).request_id not in {"", REQUEST_ID}


def test_an_operation_without_answer_sends_nothing() -> None:
    backend = FakeBackend({("kms", "EnableKey"): lambda _: {}})
    response = answered(Dispatcher(backend, TravelClock()), kms("EnableKey"))
    assert (response.status, response.body) == (200, b"")


@pytest.mark.parametrize(
    ("error", "status", "document"),
    [
        (AwsError("DisabledException", "x is disabled."), 400, {"message": "x is disabled."}),
        (AwsError("KMSInvalidSignatureException"), 400, {}),
        (AwsError("AccessDeniedException", "no"), 400, {"Message": "no"}),
        (AwsError("KMSInternalException", "m"), 500, {"message": "m"}),
    ],
)
def test_errors_have_awss_shape(error: AwsError, status: int, document: dict[str, str]) -> None:
    response = ask(kms("ListKeys"), error)
    assert response.status == status
    assert json.loads(response.body) == {"__type": error.code, **document}
    assert len(response.request_id) == 36


def test_what_to_do_next_is_never_sent() -> None:
    response = ask(kms("ListKeys"), AwsError("NotFoundException", "m", "Open the Keys pane."))
    assert b"pane" not in response.body


def test_a_locked_vault_is_a_service_that_is_not_available() -> None:
    response = ask(kms("ListKeys"), Locked("The vault is locked.", "Unlock it."))
    assert response.status == 503
    assert json.loads(response.body) == {
        "__type": "ServiceUnavailableException",
        "message": "The vault is locked. Unlock it.",
    }
    response = ask(query(f"Action=GetCallerIdentity&{STS_VERSION}"), Locked("Locked."))
    assert response.status == 503
    assert b"<Type>Receiver</Type><Code>ServiceUnavailable</Code>" in response.body


def test_a_locked_vault_cannot_say_whose_a_key_is() -> None:
    class LockedBackend(FakeBackend):
        def credential(self, access_key_id: str) -> NoReturn:
            del access_key_id
            raise Locked("The vault is locked.")

    response = answered(Dispatcher(LockedBackend(), TravelClock()), kms("ListKeys"))
    assert response.status == 503


def test_a_bug_says_nothing_of_what_it_handled(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = ask(kms("ListKeys"), RuntimeError("s3cret"))
    assert response.status == 500
    assert json.loads(response.body)["__type"] == "InternalFailure"
    assert b"s3cret" not in response.body
    assert "RuntimeError" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_wrong_type_is_a_serialization_exception() -> None:
    response = ask(kms("ListKeys"), WrongType("keyId"))
    assert (response.status, json.loads(response.body)["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"KeyId": NaN}',
        b'{"KeyId": -Infinity}',
        b'{"Plaintext": "!"}',
        b'{"Plaintext": 5}',
        b"\xff",
        b"\xef\xbb\xbf{}",
        '{"KeyId": "é"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"KeyId":' * 5_000,
        b'{"KeyId": 1' + b"0" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_request_is_a_serialization_exception(body: bytes) -> None:
    response = ask(kms("Encrypt", body))
    assert (response.status, json.loads(response.body)["__type"]) == (400, "SerializationException")


def test_an_empty_body_is_an_empty_request() -> None:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {}})
    assert answered(Dispatcher(backend, TravelClock()), kms("ListKeys", b"")).status == 200
    assert backend.calls == [("kms", "ListKeys", REGION, {}, CALLER)]


@pytest.mark.parametrize("target", ["TrentService.Nothing", "Nobody.ListKeys", "ListKeys", "", "."])
def test_an_unknown_target_is_an_unknown_operation(target: str) -> None:
    request = kms("ListKeys")
    request.headers["x-amz-target"] = target
    response = ask(request)
    assert response.status == 400
    assert json.loads(response.body) == {"__type": "UnknownOperationException"}


def test_both_prefixes_of_cloudtrail_are_known() -> None:
    for prefix in ("CloudTrail_20131101", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"):
        headers = {"x-amz-target": f"{prefix}.LookupEvents"}
        found = JSON_WIRE.operation(Request("POST", "/", headers))
        assert (found.service, found.name) == ("cloudtrail", "LookupEvents")


def test_json_is_posted() -> None:
    request = kms("ListKeys")
    assert ask(request).status == 200
    request.method = "GET"
    assert json.loads(ask(request).body)["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (f"Action=Nothing&{STS_VERSION}", "InvalidAction"),
        ("Action=GetCallerIdentity&Version=1999-01-01", "InvalidAction"),
        ("", "InvalidAction"),
        (f"Action=GetCallerIdentity&Action=GetCallerIdentity&{STS_VERSION}", "MalformedInput"),
        (f"Action=GetCallerIdentity&{STS_VERSION}&A=%ff", "MalformedInput"),
        (f"Action=AssumeRole&{STS_VERSION}&DurationSeconds=x", "MalformedInput"),
    ],
)
def test_query_errors_are_xml(form: str, code: str) -> None:
    response = ask(query(form))
    assert response.status == 400
    assert response.content_type == "text/xml"
    assert f"<Code>{code}</Code>".encode() in response.body
    assert f"<RequestId>{response.request_id}</RequestId>".encode() in response.body


@pytest.mark.parametrize(
    ("service", "error", "status", "code"),
    [
        ("sts", AwsError("AccessDeniedException", "a<b"), 403, "AccessDenied"),
        ("sts", AwsError("MalformedPolicyDocumentException", "m"), 400, "MalformedPolicyDocument"),
        ("iam", AwsError("NoSuchEntityException", "m"), 404, "NoSuchEntity"),
        ("iam", AwsError("NoSuchEntity", "m"), 404, "NoSuchEntity"),
        ("iam", AwsError("ValidationException", "m"), 400, "ValidationError"),
        (
            "iam",
            AwsError("AccountNotManagementOrDelegatedAdministratorException", "m"),
            400,
            "AccountNotManagementOrDelegatedAdministratorException",
        ),
    ],
)
def test_query_services_have_names_of_their_own(
    service: str, error: AwsError, status: int, code: str
) -> None:
    form = {
        "sts": f"Action=GetCallerIdentity&{STS_VERSION}",
        "iam": "Action=GetUser&Version=2010-05-08",
    }[service]
    response = ask(query(form, service=service), error)
    assert response.status == status
    assert f"<Code>{code}</Code>".encode() in response.body
    assert b"<Message>a&lt;b</Message>" in response.body or error.message == "m"


def test_a_wrong_secret_at_sts_has_stss_name() -> None:
    response = ask(query(f"Action=GetCallerIdentity&{STS_VERSION}", secret="wrong"))
    assert response.status == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in response.body


def test_no_field_may_be_in_query_string_and_body() -> None:
    request = query(f"Action=GetCallerIdentity&{STS_VERSION}")
    request.query = "Action=AssumeRole"
    assert b"MalformedInput" in ask(request).body


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("host", "127.0.0.1:99", 200),
        ("host", "localhost", 200),
        ("host", "LOCALHOST:80", 200),
        ("host", "[::1]:80", 200),
        ("host", "evil.example", 403),
        ("host", "127.0.0.1.evil.example", 403),
        ("host", "localhost.evil.example:80", 403),
        ("host", "127.0.0.1:80@evil.example", 403),
        ("host", "", 403),
        ("origin", "http://127.0.0.1", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "same-origin", 403),
        ("sec-fetch-mode", "no-cors", 403),
    ],
)
def test_browsers_and_foreign_hosts_are_refused(header: str, value: str, status: int) -> None:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {}})
    dispatcher = Dispatcher(backend, TravelClock(), verify_signatures=False)
    request = kms("ListKeys")
    request.headers[header] = value
    response = answered(dispatcher, request)
    assert (response.status, len(backend.calls)) == (status, int(status == 200))


def test_a_request_without_host_is_bad() -> None:
    request = kms("ListKeys")
    del request.headers["host"]
    assert ask(request).status == 400


def test_routes_are_guarded_too_and_their_bugs_are_hidden() -> None:
    def reset(method: str, body: bytes) -> tuple[int, dict[str, Any]]:
        return 200, {"method": method, "size": len(body)}

    def broken(method: str, body: bytes) -> NoReturn:
        raise RuntimeError("s3cret")

    routes = {"/_workbench/reset": reset, "/broken": broken}
    dispatcher = Dispatcher(FakeBackend(), TravelClock(), beside=Beside(routes))
    request = Request("POST", "/_workbench/reset?x", {"host": "127.0.0.1"}, b"abc")
    assert json.loads(answered(dispatcher, request).body) == {"method": "POST", "size": 3}
    request.headers["origin"] = "http://evil.example"
    assert answered(dispatcher, request).status == 403
    bad = answered(dispatcher, Request("GET", "/broken", {"host": "127.0.0.1"}))
    assert bad.status == 500
    assert b"s3cret" not in bad.body
    for path in ("/else", "//", "/_workbench"):
        assert answered(dispatcher, Request("GET", path, {"host": "127.0.0.1"})).status == 404


def test_a_rate_is_kept_and_time_gives_it_back() -> None:
    clock = TravelClock()
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {}, ("kms", "Encrypt"): lambda _: {}})
    dispatcher = Dispatcher(backend, clock, rates={("kms", "ListKeys"): 2})
    codes = [answered(dispatcher, kms("ListKeys")).status for _ in range(4)]
    assert codes[:2] == [200, 200]
    assert codes[3] == 400
    refused = json.loads(answered(dispatcher, kms("ListKeys")).body)
    assert refused["__type"] == "ThrottlingException"
    assert refused["message"].startswith("You have exceeded the rate at which you may call KMS.")
    assert answered(dispatcher, kms("Encrypt")).status == 200
    dispatcher.throttle.set_rates({})
    assert answered(dispatcher, kms("ListKeys")).status == 200


class StillClock(TravelClock):
    """Time that passes only when told."""

    time = 100.0

    def monotonic(self) -> float:
        return self.time


def test_a_bucket_fills_at_its_rate() -> None:
    clock = StillClock()
    throttle = Throttle(clock, {("kms", "Sign"): 0.5, ("kms", "Verify"): 3})
    assert [throttle.admits("kms", "Sign") for _ in range(2)] == [True, False]
    assert [throttle.admits("kms", "Verify") for _ in range(4)] == [True, True, True, False]
    clock.time += 1
    assert not throttle.admits("kms", "Sign")
    clock.time += 1
    assert throttle.admits("kms", "Sign")
    clock.time -= 50  # a clock that travels back gives nothing
    assert not throttle.admits("kms", "Verify")
    clock.time += 1
    assert [throttle.admits("kms", "Verify") for _ in range(4)] == [True, True, True, False]
    with pytest.raises(ValueError, match="above zero"):
        throttle.set_rates({("kms", "Sign"): 0})
    assert throttle.admits("kms", "ListKeys")


@pytest.mark.parametrize(
    ("said", "passed"), [("aws-cli/2.31", "aws-cli/2.31"), (None, ""), ("x" * 5000, "x" * 512)]
)
def test_the_user_agent_goes_with_the_request(said: str | None, passed: str) -> None:
    backend = FakeBackend({("kms", "ListKeys"): lambda _: {}})
    request = kms("ListKeys")
    if said is not None:
        request.headers["user-agent"] = said
    assert answered(Dispatcher(backend, TravelClock()), request).status == 200
    assert backend.agents == [passed]
