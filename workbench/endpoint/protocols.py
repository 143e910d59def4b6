"""The two protocols: which operation a request names, its members, and answers as bytes.

Must not know who carries a request out, nor how it was signed.
"""

import json
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

import botocore.model

from workbench.api import models
from workbench.endpoint import json_shapes, query_shapes
from workbench.endpoint.messages import JSON, XML, Request, Response
from workbench.endpoint.query_shapes import xml_text
from workbench.endpoint.refusals import JSON_STATUS, QUERY_NAMES, Malformed, QueryName, Refusal

JSON_TARGETS = {
    "TrentService": "kms",
    "ACMPrivateCA": "acm-pca",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
    "CloudTrail_20131101": "cloudtrail",
}
"""Service by the prefix of X-Amz-Target; SDKs made from Smithy models send the shorter one."""

QUERY_VERSIONS = {"2011-06-15": "sts", "2010-05-08": "iam"}
"""Service by the Version of a query request."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Operation(Protocol):
    """One operation as a protocol speaks it."""

    service: str
    name: str

    def parse(self, request: Request) -> dict[str, Any]:
        """Return the request's members; raise `Malformed` for what cannot be read."""

    def success(self, answer: dict[str, Any], request_id: str) -> Response:
        """Return the HTTP answer to a request that was carried out."""


class Wire(Protocol):
    """One protocol."""

    query_protocol: bool

    def operation(self, request: Request) -> Operation:
        """Return the operation a request names; raise `Refusal` for an unknown one."""

    def failure(self, service: str, code: str, message: str, request_id: str) -> Response:
        """Return the HTTP answer to a request that was refused or failed."""


def wire_of(request: Request) -> "JsonWire | QueryWire":
    """Return the protocol a request speaks: query unless it names a JSON target."""
    if "x-amz-target" in request.headers:
        return JSON_WIRE
    content = request.headers.get("content-type", "")
    if content.startswith("application/x-www-form-urlencoded") or "Action=" in request.query:
        return QUERY_WIRE
    return JSON_WIRE


class _JsonOperation:
    def __init__(self, service: str, model: botocore.model.OperationModel) -> None:
        self.service = service
        self.name: str = model.name
        self._parse = json_shapes.compile_parser(model.input_shape)
        self._serialise = json_shapes.compile_serialiser(model.output_shape)
        self._has_answer = model.output_shape is not None

    def parse(self, request: Request) -> dict[str, Any]:
        if not request.body:
            return {}
        try:
            tree = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
            members: dict[str, Any] = self._parse(tree)
        except (ValueError, RecursionError):
            raise Malformed("The body is not valid JSON") from None
        return members

    def success(self, answer: dict[str, Any], request_id: str) -> Response:
        body = _encode(self._serialise(answer)).encode("ascii") if self._has_answer else b""
        return Response(200, body, JSON, request_id)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


class JsonWire:
    """AWS JSON 1.1."""

    query_protocol = False

    def __init__(self) -> None:
        self._operations: dict[str, _JsonOperation] = {}

    def operation(self, request: Request) -> Operation:
        """Return the operation that X-Amz-Target names."""
        target = request.headers.get("x-amz-target", "")
        found = self._operations.get(target)
        if found is None:
            prefix, _, name = target.rpartition(".")
            service = JSON_TARGETS.get(prefix)
            if service is None or request.method != "POST":
                raise Refusal("UnknownOperationException")
            found = self._operations[target] = _JsonOperation(service, _model(service, name))
        elif request.method != "POST":
            raise Refusal("UnknownOperationException")
        return found

    def failure(self, service: str, code: str, message: str, request_id: str) -> Response:
        """Return `{"__type": code, "message": …}`; AccessDeniedException has a capital Message."""
        del service
        document = {"__type": code}
        if message:
            document["Message" if code == "AccessDeniedException" else "message"] = message
        status = JSON_STATUS.get(code, 400)
        return Response(status, _encode(document).encode("ascii"), JSON, request_id)


class _QueryOperation:
    def __init__(self, service: str, model: botocore.model.OperationModel) -> None:
        self.service = service
        self.name: str = model.name
        self._parse = query_shapes.compile_parser(model.input_shape)
        self._serialise = query_shapes.compile_serialiser(model.output_shape)
        namespace = model.service_model.metadata["xmlNamespace"]
        result = f"{model.name}Result" if model.output_shape is not None else ""
        self._head = f'<{model.name}Response xmlns="{namespace}">' + (
            f"<{result}>" if result else ""
        )
        self._tail = (f"</{result}>" if result else "") + "<ResponseMetadata><RequestId>"

    def parse(self, request: Request) -> dict[str, Any]:
        fields = _form(request)
        members: dict[str, Any] = self._parse(query_shapes.tree(fields))
        return members

    def success(self, answer: dict[str, Any], request_id: str) -> Response:
        text = (
            f"{self._head}{self._serialise(answer)}{self._tail}{request_id}"
            f"</RequestId></ResponseMetadata></{self.name}Response>"
        )
        return Response(200, text.encode(), XML, request_id)


class QueryWire:
    """AWS query: a form in, XML out."""

    query_protocol = True

    def __init__(self) -> None:
        self._operations: dict[tuple[str, str], _QueryOperation] = {}
        self._names: dict[str, dict[str, QueryName]] = {}

    def operation(self, request: Request) -> Operation:
        """Return the operation that Version and Action name."""
        fields = _form(request)
        name, version = fields.get("Action", ""), fields.get("Version", "")
        found = self._operations.get((version, name))
        if found is None:
            service = QUERY_VERSIONS.get(version, "")
            try:
                model = _model(service, name)
            except Refusal as refusal:
                refusal.message = f"Could not find operation {name} for version {version}"
                raise
            found = self._operations[(version, name)] = _QueryOperation(service, model)
        return found

    def failure(self, service: str, code: str, message: str, request_id: str) -> Response:
        """Return an ErrorResponse with the code and status that the service's model gives."""
        name = self._errors(service).get(code) or QUERY_NAMES.get(code) or QueryName(code, 400)
        fault = "Sender" if name.status < 500 else "Receiver"
        said = f"<Message>{xml_text(message)}</Message>" if message else ""
        space = models.aws_model(service).metadata["xmlNamespace"] if service else ""
        text = (
            (f'<ErrorResponse xmlns="{space}">' if space else "<ErrorResponse>")
            + f"<Error><Type>{fault}</Type><Code>{xml_text(name.code)}</Code>{said}</Error>"
            + f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Response(name.status, text.encode(), XML, request_id)

    def _errors(self, service: str) -> dict[str, QueryName]:
        if service and service not in self._names:
            names: dict[str, QueryName] = {}
            for shape in models.aws_model(service).error_shapes:
                error = shape.metadata.get("error", {})
                name = QueryName(error.get("code", shape.name), error.get("httpStatusCode", 400))
                names[shape.name] = names[name.code] = name
            self._names[service] = names
        return self._names.get(service, {})


def _form(request: Request) -> dict[str, str]:
    """Return the fields of query string and body; no name may be in both."""
    fields = query_shapes.form(request.query) if request.query else {}
    if request.body:
        try:
            text = request.body.decode("ascii")
        except UnicodeDecodeError:
            raise Malformed("The form cannot be read") from None
        more = query_shapes.form(text)
        if fields.keys() & more.keys():
            raise Malformed("A field of the form is given more than once")
        fields |= more
    return fields


def _model(service: str, name: str) -> botocore.model.OperationModel:
    if not service or name not in models.aws_model(service).operation_names:
        raise Refusal("UnknownOperationException")
    return models.aws_model(service).operation_model(name)


JSON_WIRE = JsonWire()
QUERY_WIRE = QueryWire()

Dispatch = Callable[[Request], "Response | Callable[[], Response]"]
"""What a connection does with a request: answers at once, or says what to do on a worker."""
