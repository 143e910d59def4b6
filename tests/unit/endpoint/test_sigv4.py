"""Signatures: AWS's own example, botocore's, and everything that is almost one."""

import hashlib
from datetime import timedelta

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fakes.http_client import Key, as_request, signed_headers, signed_request, utc
from tests.fakes.wire import CALLER, KEY_ID, REGION, SECRET, FakeBackend
from workbench.base.clock import TravelClock
from workbench.endpoint.messages import Request
from workbench.endpoint.ports import Credential
from workbench.endpoint.refusals import Refusal
from workbench.endpoint.sigv4 import Verifier, canonical_query

# AWS General Reference, "Signature Version 4 signing process": the IAM ListUsers example.
EXAMPLE = "AKIDEXAMPLE"
EXAMPLE_REQUEST = Request(
    "GET",
    "/?Action=ListUsers&Version=2010-05-08",
    {
        "host": "iam.amazonaws.com",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-amz-date": "20150830T123600Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/"
        "aws4_request, SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    },
)


def backend() -> FakeBackend:
    found = FakeBackend()
    found.credentials[EXAMPLE] = Credential("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", CALLER)
    return found


def kms_request(key: Key | None = None) -> Request:
    return as_request(signed_request(8080, "ListKeys", {"Limit": 5}, key=key or Key()))


def refusal(
    request: Request,
    *,
    given: FakeBackend | None = None,
    clock: TravelClock | None = None,
    service: str = "kms",
    query: bool = False,
    verify: bool = True,
) -> Refusal:
    verifier = Verifier(given or backend(), clock or TravelClock(), verify=verify)
    with pytest.raises(Refusal) as caught:
        verifier.authenticate(request, service, query_protocol=query)
    return caught.value


def accepted(request: Request, *, given: FakeBackend | None = None) -> str:
    verifier = Verifier(given or backend(), TravelClock(), verify=True)
    party = verifier.authenticate(request, "kms", query_protocol=False)
    assert party.caller is CALLER
    return party.region


def test_the_published_example_verifies() -> None:
    verifier = Verifier(backend(), TravelClock(utc("2015-08-30T12:36:00")), verify=True)
    assert verifier.authenticate(EXAMPLE_REQUEST, "iam", query_protocol=True).region == "us-east-1"
    verifier.forget()
    assert verifier.authenticate(EXAMPLE_REQUEST, "iam", query_protocol=True).caller is CALLER


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (
            "2015-08-30T12:51:02",
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123602Z "
            "(20150830T125102Z - 15 min.)",
        ),
        (
            "2015-08-30T12:20:58",
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123558Z "
            "(20150830T122058Z + 15 min.)",
        ),
    ],
)
def test_query_services_allow_fifteen_minutes(moment: str, text: str) -> None:
    clock = TravelClock(utc(moment))
    found = refusal(EXAMPLE_REQUEST, clock=clock, service="iam", query=True)
    assert (found.code, found.message) == ("InvalidSignatureException", text)
    clock.travel(timedelta(seconds=-4 if "expired" in text else 4))
    verifier = Verifier(backend(), clock, verify=True)
    assert verifier.authenticate(EXAMPLE_REQUEST, "iam", query_protocol=True)


@pytest.mark.parametrize(("minutes", "word"), [(5.1, "- 5 min."), (-5.1, "+ 5 min.")])
def test_json_services_allow_five_minutes(minutes: float, word: str) -> None:
    request = kms_request()
    clock = TravelClock()
    clock.travel(timedelta(minutes=minutes))
    assert word in refusal(request, clock=clock).message
    clock.travel(timedelta(minutes=-minutes * 0.04))
    verifier = Verifier(backend(), clock, verify=True)
    assert verifier.authenticate(request, "kms", query_protocol=False).region == REGION


def test_what_botocore_signs_is_accepted_and_nothing_changed_in_it() -> None:
    assert accepted(kms_request()) == REGION
    mismatch = "The request signature we calculated does not match"
    for name, value in (
        ("x-amz-target", "TrentService.ScheduleKeyDeletion"),
        ("host", "127.0.0.1:81"),
        ("content-type", "application/x-amz-json-1.0"),
    ):
        request = kms_request()
        request.headers[name] = value
        found = refusal(request)
        assert found.code == "InvalidSignatureException"
        assert found.message.startswith(mismatch)
    request = kms_request()
    request.body += b" "
    assert refusal(request).message.startswith(mismatch)
    request = kms_request()
    request.query = "X=1"
    assert refusal(request).message.startswith(mismatch)
    request = kms_request()
    request.method = "GET"
    assert refusal(request).message.startswith(mismatch)
    assert refusal(kms_request(Key(secret="wrong"))).message.startswith(mismatch)


def test_a_signature_of_the_right_length_but_wrong_is_refused() -> None:
    request = kms_request()
    head, _, signature = request.headers["authorization"].rpartition("=")
    flipped = ("0" if signature[0] != "0" else "1") + signature[1:]
    for wrong in (flipped, signature.upper(), signature[:-1], signature + "0", "é" * 64):
        if wrong != signature:
            request.headers["authorization"] = f"{head}={wrong}"
            assert refusal(request).code == "InvalidSignatureException"


def test_an_unknown_key_and_a_wrong_token_are_unrecognized() -> None:
    found = refusal(kms_request(Key(key_id="AKIANOBODY")))
    assert found.code == "UnrecognizedClientException"
    assert found.message == "The security token included in the request is invalid."
    assert refusal(kms_request(Key(token="uninvited"))).code == "UnrecognizedClientException"
    given = backend()
    given.temporary("ASIATEMPORARY", "the-token", None)
    key = Key("ASIATEMPORARY", SECRET, "the-token")
    assert accepted(kms_request(key), given=given) == REGION
    assert refusal(kms_request(key._replace(token=None)), given=given).code == (
        "UnrecognizedClientException"
    )
    assert refusal(kms_request(key._replace(token="other")), given=given).code == (
        "UnrecognizedClientException"
    )


def test_a_temporary_credential_ends() -> None:
    given, clock = backend(), TravelClock()
    given.temporary("ASIATEMPORARY", "t", clock.now() + timedelta(minutes=1))
    request = kms_request(Key("ASIATEMPORARY", SECRET, "t"))
    assert accepted(request, given=given) == REGION
    clock.travel(timedelta(minutes=2))
    found = refusal(request, given=given, clock=clock)
    assert found.code == "ExpiredTokenException"
    assert found.message == "The security token included in the request is expired"


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        (f"/{REGION}/", "/eu-north-1/", "InvalidSignature", "scoped to a valid region"),
        (f"/{REGION}/", "/../../etc/", "IncompleteSignature", "exactly 5"),
        ("/kms/", "/sts/", "InvalidSignature", "scoped to correct service: 'kms'"),
        ("aws4_request", "aws3_request", "InvalidSignature", "valid terminator: 'aws4_request'"),
        (KEY_ID, f"{KEY_ID}/x", "IncompleteSignature", "exactly 5 slash-delimited"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", "IncompleteSignature", "AWS4-HMAC-SHA256"),
        ("Signature=", "Sig=", "IncompleteSignature", "requires 'Signature' parameter"),
        ("SignedHeaders=", "Headers=", "IncompleteSignature", "requires 'SignedHeaders'"),
        ("Credential=", "Cred=", "IncompleteSignature", "requires 'Credential' parameter"),
        (";host", "", "InvalidSignature", "'Host' or ':authority' must be a 'SignedHeader'"),
        (";x-amz-target", "", "InvalidSignature", "'x-amz-target' must be a 'SignedHeader'"),
        (";x-amz-date", "", "InvalidSignature", "'x-amz-date' must be a 'SignedHeader'"),
        (", Sig", ", Signature=0, Sig", "IncompleteSignature", "more than once"),
    ],
)
def test_what_the_authorization_header_lacks_is_said(
    old: str, new: str, code: str, text: str
) -> None:
    request = kms_request()
    assert old in request.headers["authorization"]
    request.headers["authorization"] = request.headers["authorization"].replace(old, new, 1)
    found = refusal(request)
    assert found.code == f"{code}Exception"
    assert text in found.message


def test_the_scope_must_be_of_the_day_of_the_date() -> None:
    request = kms_request()
    date = request.headers["x-amz-date"][:8]
    request.headers["authorization"] = request.headers["authorization"].replace(date, "20200101")
    assert refusal(request).message.startswith(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        f"'20200101' != '{date}'"
    )


@pytest.mark.parametrize("date", ["", "yesterday", "20261399T000000Z", "20261123T000000", "é" * 16])
def test_a_date_must_be_one(date: str) -> None:
    request = kms_request()
    request.headers["x-amz-date"] = date
    assert refusal(request).code == "IncompleteSignatureException"


def test_a_date_header_does_when_it_is_signed() -> None:
    clock = TravelClock()
    request = kms_request()
    del request.headers["x-amz-date"]
    request.headers["date"] = f"{clock.now():%a, %d %b %Y %H:%M:%S} GMT"
    assert "'Date' must be a 'SignedHeader'" in refusal(request).message
    made = AWSRequest("POST", "http://127.0.0.1/", data=b"{}", headers={"Date": "now"})
    botocore.auth.SigV4Auth(Credentials(KEY_ID, SECRET), "kms", REGION).add_auth(made)
    headers = {n.lower(): v for n, v in made.headers.items()}
    assert accepted(Request("POST", "/", {**headers, "host": "127.0.0.1"}, b"{}")) == REGION


def test_nothing_signed_is_a_missing_token() -> None:
    found = refusal(Request("POST", "/", {"host": "127.0.0.1"}))
    assert (found.code, found.message) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )
    for verify in (True, False):
        assert refusal(Request("POST", "/", {"host": "h"}), verify=verify).code == found.code


@pytest.mark.parametrize("declared", [b"{}", b"[]", None])
def test_a_declared_hash_must_be_that_of_the_body(declared: bytes | None) -> None:
    value = "UNSIGNED-PAYLOAD" if declared is None else hashlib.sha256(declared).hexdigest()
    headers = signed_headers("http://127.0.0.1/", b"{}", {"X-Amz-Content-SHA256": value})
    lowered = {name.lower(): text for name, text in headers.items()}
    assert "x-amz-content-sha256" in lowered["authorization"]
    request = Request("POST", "/", {**lowered, "host": "127.0.0.1"}, b"{}")
    if declared == b"{}":
        assert accepted(request) == REGION
    else:
        assert refusal(request).message.startswith("The request signature we calculated")


def presigned(url: str, seconds: int = 60) -> Request:
    made = AWSRequest("GET", url)
    signer = botocore.auth.SigV4QueryAuth(Credentials(KEY_ID, SECRET), "sts", REGION, seconds)
    signer.add_auth(made)
    return Request("GET", made.url.partition("127.0.0.1")[2], {"host": "127.0.0.1"})


STS = "http://127.0.0.1/?Action=GetCallerIdentity&Version=2011-06-15&Note=a%20b%2Bc"


def test_a_presigned_request_is_for_query_services_only_and_for_fifteen_minutes() -> None:
    request, clock = presigned(STS), TravelClock()
    verifier = Verifier(backend(), clock, verify=True)
    assert verifier.authenticate(request, "sts", query_protocol=True).region == REGION
    assert refusal(request, service="sts").code == "MissingAuthenticationTokenException"
    clock.travel(timedelta(minutes=14))
    assert verifier.authenticate(request, "sts", query_protocol=True).caller is CALLER
    clock.travel(timedelta(minutes=2))
    assert "- 15 min." in refusal(request, clock=clock, service="sts", query=True).message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GetCallerIdentity", "GetSessionToken"),
        ("Note=a", "Note=b"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("X-Amz-Expires=60", "X-Amz-Expires=61"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=none"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date"),
        ("X-Amz-Date=", "X-Amz-When="),
    ],
)
def test_nothing_of_a_presigned_request_can_be_changed(old: str, new: str) -> None:
    request = presigned(STS)
    assert old in request.query
    request.query = request.query.replace(old, new, 1)
    incomplete = "Algorithm" in old or "Date" in old
    expected = "IncompleteSignatureException" if incomplete else "InvalidSignatureException"
    assert refusal(request, service="sts", query=True).code == expected


def test_query_strings_are_sorted_and_coded() -> None:
    assert canonical_query("b=2&a=%2f&a=1&X-Amz-Signature=x&c&d=~%7e+") == (
        "a=%2F&a=1&b=2&c=&d=~~%2B"
    )


def test_without_verification_a_scope_is_taken_at_its_word() -> None:
    given = backend()
    verifier = Verifier(given, TravelClock(), verify=False)
    request = kms_request(Key(secret="anything"))
    assert verifier.authenticate(request, "kms", query_protocol=False).region == REGION
    given.served = None
    request = kms_request(Key(region="eu-central-1"))
    assert verifier.authenticate(request, "kms", query_protocol=False).region == "eu-central-1"
    for region in ("", "nowhere", "eu-central-1'--", "e" * 400, "EU-central-1"):
        assert refusal(kms_request(Key(region=region)), given=given, verify=False).code == (
            "InvalidSignatureException"
        )
    given.credentials.clear()
    assert refusal(request, given=given, verify=False).code == "UnrecognizedClientException"


def test_a_credential_does_not_show_its_secret() -> None:
    shown = repr(Credential("s3cret", CALLER, "t0ken"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
