"""Both protocols against botocore's own: whatever boto3 says is understood, and the other way."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import botocore.model
import botocore.parsers
import botocore.serialize
import pytest
from botocore.awsrequest import AWSRequest

from tests.fakes.shape_values import samples
from tests.fakes.wire import REQUEST_ID
from workbench.api import models
from workbench.endpoint import json_shapes, query_shapes
from workbench.endpoint.messages import Request
from workbench.endpoint.protocols import JSON_TARGETS, QUERY_VERSIONS, wire_of
from workbench.endpoint.refusals import Malformed

SERVICES = {
    **dict.fromkeys(JSON_TARGETS.values(), "json"),
    **dict.fromkeys(QUERY_VERSIONS.values(), "query"),
}


def operations(service: str) -> Iterator[botocore.model.OperationModel]:
    model = models.aws_model(service)
    for name in model.operation_names:
        yield model.operation_model(name)


def sent(
    operation: botocore.model.OperationModel, protocol: str, members: dict[str, Any]
) -> Request:
    """Return what boto3 sends for an operation."""
    serialiser = botocore.serialize.create_serializer(protocol, include_validation=False)
    made = serialiser.serialize_to_request(members, operation)
    request = AWSRequest(
        method=made["method"], url="http://127.0.0.1/", data=made["body"], headers=made["headers"]
    ).prepare()
    headers = {
        name.lower(): value if isinstance(value, str) else value.decode()
        for name, value in request.headers.items()
    }
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    return Request(made["method"], made["url_path"], headers, body)


@pytest.mark.parametrize("service", SERVICES)
def test_what_boto3_sends_is_understood(service: str) -> None:
    seen = 0
    for operation in operations(service):
        for members in samples(operation.input_shape, fraction=False):
            if SERVICES[service] == "query" and any(value == {} for value in members.values()):
                continue  # boto3 sends nothing at all for an empty structure
            request = sent(operation, SERVICES[service], members)
            found = wire_of(request).operation(request)
            assert (found.service, found.name) == (service, operation.name)
            assert found.parse(request) == members, operation.name
            seen += 1
    assert seen >= len(models.aws_model(service).operation_names)


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_answered_is_understood_by_boto3(service: str) -> None:
    protocol = SERVICES[service]
    parser = botocore.parsers.create_parser(protocol)
    for operation in operations(service):
        request = sent(operation, protocol, {})
        wired = wire_of(request).operation(request)
        for answer in samples(operation.output_shape, fraction=True):
            response = wired.success(answer, REQUEST_ID)
            raw = {
                "body": response.body,
                "headers": {"x-amzn-requestid": REQUEST_ID},
                "status_code": response.status,
            }
            parsed = parser.parse(raw, operation.output_shape)
            assert parsed.pop("ResponseMetadata")["RequestId"] == REQUEST_ID
            assert parsed == answer, operation.name


@pytest.mark.parametrize("service", SERVICES)
def test_models_ask_for_nothing_that_is_not_here(service: str) -> None:
    """Renamed or flattened members, and another target, version or protocol, would need code."""
    model = models.aws_model(service)
    assert SERVICES[service] in model.metadata["protocols"]
    assert model.signing_name == service
    if SERVICES[service] == "json":
        assert JSON_TARGETS[model.metadata["targetPrefix"]] == service
        assert model.metadata["jsonVersion"] == "1.1"
    else:
        assert QUERY_VERSIONS[model.api_version] == service
    for name in model.shape_names:
        shape = model.shape_for(name)
        inner = [*getattr(shape, "members", {}).values()]
        inner += [
            getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)
        ]
        for part in inner:
            assert not part.serialization, (name, part)
            assert part.type_name not in {"character", "bigdecimal"}


def test_json_ignores_what_the_model_does_not_know_and_null() -> None:
    parse = json_shapes.compile_parser(
        models.aws_model("kms").operation_model("Encrypt").input_shape
    )
    assert parse({"KeyId": "k", "Later": 1, "Plaintext": None}) == {"KeyId": "k"}


def test_json_serialiser_leaves_out_what_the_model_does_not_know() -> None:
    shape = models.aws_model("kms").operation_model("Encrypt").output_shape
    assert json_shapes.compile_serialiser(shape)(
        {"KeyId": "k", "Inner": 1, "CiphertextBlob": None}
    ) == {"KeyId": "k"}


@pytest.mark.parametrize(
    "value",
    ["YQ", "YQ=", "YQ==x", "Y Q==", "YQ==\n", "=YQ=", "ü", "\ud800", 7, True, ["YQ=="], {}],
)
def test_a_blob_must_be_base64(value: Any) -> None:
    with pytest.raises(Malformed):
        json_shapes.blob(value)
    assert json_shapes.blob("YQ==") == b"a"
    assert json_shapes.blob("") == b""


@pytest.mark.parametrize(
    "value", [1e400, -1e400, float("nan"), 1e15, 10**30, "2026-01-01", True, None]
)
def test_a_timestamp_must_be_a_number_of_seconds(value: Any) -> None:
    with pytest.raises(Malformed):
        json_shapes.timestamp(value)


def test_timestamps_keep_milliseconds() -> None:
    moment = datetime.fromisoformat("2026-11-23T12:00:00.123+00:00")
    assert json_shapes.epoch_seconds(moment) == 1795435200.123
    assert json_shapes.timestamp(1795435200.123) == moment


def test_a_recursive_shape_is_compiled() -> None:
    document = {
        "metadata": {},
        "operations": {},
        "shapes": {
            "Node": {
                "type": "structure",
                "members": {"In": {"shape": "Nodes"}, "B": {"shape": "B"}},
            },
            "Nodes": {"type": "list", "member": {"shape": "Node"}},
            "B": {"type": "blob"},
        },
    }
    shape = botocore.model.ServiceModel(document, "x").shape_for("Node")
    value = {"In": [{"B": b"1"}, {"In": [{"B": b"2"}]}]}
    tree = json_shapes.compile_serialiser(shape)(value)
    assert tree == {"In": [{"B": "MQ=="}, {"In": [{"B": "Mg=="}]}]}
    assert json_shapes.compile_parser(shape)(tree) == value
    xml = query_shapes.compile_serialiser(shape)(value)
    assert xml.count("<member>") == 3
    fields = {"In.member.1.B": "MQ==", "In.member.2.In.member.1.B": "Mg=="}
    assert query_shapes.compile_parser(shape)(query_shapes.tree(fields)) == value


@pytest.mark.parametrize(
    "form",
    [
        "DurationSeconds=x",
        "DurationSeconds=",
        "DurationSeconds=99999999999999999999",
        "DurationSeconds.1=5",
        "Tags=x",
        "Tags.1.Key=a",
        "Tags.member.x.Key=a",
        "Tags.member.1=a",
        "Tags.member.-1.Key=a",
        "Tags.member.1.Key.deep=a",
        "RoleArn=a&RoleArn=b",
        "RoleArn=%ff",
        "." * 60 + "=1",
        "&".join(f"a{n}=1" for n in range(5000)),
    ],
)
def test_a_form_that_does_not_fit_is_malformed(form: str) -> None:
    shape = models.aws_model("sts").operation_model("AssumeRole").input_shape
    parse = query_shapes.compile_parser(shape)
    with pytest.raises(Malformed):
        parse(query_shapes.tree(query_shapes.form(form)))


def test_entries_come_in_the_order_of_their_numbers() -> None:
    shape = models.aws_model("sts").operation_model("AssumeRole").input_shape
    fields = {f"PolicyArns.member.{n}.arn": str(n) for n in (10, 2, 1)}
    found = query_shapes.compile_parser(shape)(query_shapes.tree(fields))
    assert [item["arn"] for item in found["PolicyArns"]] == ["1", "2", "10"]


def test_what_xml_cannot_carry_is_replaced() -> None:
    assert query_shapes.xml_text("a\x00\x1f\ud800b") == "a\ufffd\ufffd\ufffdb"


@pytest.mark.parametrize(
    "text", ["2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00", "1795435200"]
)
def test_query_timestamps(text: str) -> None:
    document = {
        "metadata": {},
        "operations": {},
        "shapes": {
            "S": {"type": "structure", "members": {"T": {"shape": "T"}}},
            "T": {"type": "timestamp"},
        },
    }
    shape = botocore.model.ServiceModel(document, "x").shape_for("S")
    found = query_shapes.compile_parser(shape)(query_shapes.tree({"T": text}))
    assert found["T"].isoformat() == "2026-11-23T12:00:00+00:00"
    for wrong in ("yesterday", "-1", "9" * 13, "2026-11-23T25:00:00Z"):
        with pytest.raises(Malformed):
            query_shapes.compile_parser(shape)(query_shapes.tree({"T": wrong}))
