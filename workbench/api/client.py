"""The in-process client: boto3's method names, parameters, responses and exceptions over the door.

What is written against `boto3.client("kms")` runs against this unchanged, paginators included.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import botocore.errorfactory
import botocore.exceptions
import botocore.model
import botocore.validate
from botocore import xform_name

from workbench.api import models
from workbench.api.calls import Acting, Actor, Caller
from workbench.api.cleaning import secret_values
from workbench.api.door import Door
from workbench.api.errors import AwsError
from workbench.api.validation import WrongType


class Paginator(Protocol):
    """boto3's paginator."""

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield page after page."""


class Meta:
    """boto3's `client.meta`, as far as programs read it."""

    def __init__(self, model: botocore.model.ServiceModel, region: str) -> None:
        self.service_model = model
        self.region_name = region
        self.endpoint_url = "in process"
        self.method_to_api_mapping = {xform_name(n): n for n in model.operation_names}


class Client:
    """One service as one caller sees it.

    Args:
        door: the door to call through.
        model: the service's botocore model.
        caller: whom requests act as; an `Actor` is asked at each.
    """

    def __init__(
        self, door: Door, model: botocore.model.ServiceModel, caller: Caller | Actor
    ) -> None:
        self._door = door
        self._model = model
        self._acting: Actor = Acting(caller) if isinstance(caller, Caller) else caller
        self.meta = Meta(model, door.place.region)
        factory = botocore.errorfactory.ClientExceptionsFactory()
        self.exceptions = factory.create_client_exceptions(model)

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        """Make the method of an operation when it is first used."""
        mapping = self.__dict__["meta"].method_to_api_mapping if "meta" in self.__dict__ else {}
        name = mapping.get(method)
        if name is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {method!r}")

        def call(**parameters: Any) -> dict[str, Any]:
            return self._call(name, parameters)

        call.__name__ = method
        self.__dict__[method] = call
        return call

    def __repr__(self) -> str:
        """Say which service this is a client of, and for whom."""
        return f"<Client of {self._model.service_name} as {self._acting.caller.arn}>"

    def can_paginate(self, method: str) -> bool:
        """Whether an operation's answers come in pages."""
        name = self.meta.method_to_api_mapping.get(method, "")
        return name in models.pagination(self._model.service_name)

    def get_paginator(self, method: str) -> Paginator:
        """Return botocore's paginator of an operation.

        Raises:
            OperationNotPageableError: its answers do not come in pages.
        """
        if not self.can_paginate(method):
            raise botocore.exceptions.OperationNotPageableError(operation_name=method)
        from botocore.paginate import Paginator as Pages  # noqa: PLC0415 - 20 ms, rarely used

        name = self.meta.method_to_api_mapping[method]
        settings = models.pagination(self._model.service_name)[name]
        pages: Paginator = Pages(
            getattr(self, method), dict(settings), self._model.operation_model(name)
        )
        return pages

    def _call(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if None in parameters.values():
            self._refuse_as_boto3(name, parameters)
        try:
            answer, request_id = self._door.call(
                self._model.service_name, name, parameters, self._acting.caller
            )
        except WrongType as error:
            self._refuse_as_boto3(name, parameters)
            raise botocore.exceptions.ParamValidationError(
                report=f"Invalid value for parameter {error}"
            ) from None
        except AwsError as error:
            if error.code == "ValidationException":
                self._refuse_as_boto3(name, parameters)
            raise self._exception(error, name) from error
        if self._model.service_name == "iam":
            _decode_policies(answer, self._model.operation_model(name))
        answer["ResponseMetadata"] = {
            "RequestId": request_id,
            "HTTPStatusCode": 200,
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        }
        return answer

    def _refuse_as_boto3(self, name: str, parameters: dict[str, Any]) -> None:
        """Raise what boto3 raises before sending: missing, unknown and ill-typed parameters."""
        shape = self._model.operation_model(name).input_shape
        if shape is None:
            return
        report = botocore.validate.ParamValidator().validate(parameters, shape)
        if report.has_errors():
            text = report.generate_report()
            for secret in secret_values(shape, parameters):
                text = text.replace(f"value: {secret}", "value: …")
            raise botocore.exceptions.ParamValidationError(report=text)

    def _exception(self, error: AwsError, name: str) -> Exception:
        kind = self.exceptions.from_code(error.code)
        answer = {
            "Error": {"Code": error.code, "Message": error.message},
            "ResponseMetadata": {
                "RequestId": error.request_id,
                "HTTPStatusCode": 400,
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
            "message": error.message,
            **error.details,
        }
        made: Exception = kind(answer, name)
        if error.next_step:
            made.next_step = error.next_step  # type: ignore[attr-defined]
        return made


def _decode_policies(answer: dict[str, Any], model: botocore.model.OperationModel) -> None:
    """Make objects of the percent-encoded policies in IAM's answers, as boto3 does."""
    from botocore.handlers import json_decode_policies  # noqa: PLC0415 - slow, for IAM alone

    json_decode_policies(answer, model)
