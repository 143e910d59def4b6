"""Service models as botocore ships them, so that no table of shapes is written by hand."""

from collections.abc import Iterable
from functools import cache
from typing import Any

import botocore.loaders
import botocore.model


@cache
def aws_model(service: str) -> botocore.model.ServiceModel:
    """Return botocore's model of an AWS service by its boto3 name, such as `acm-pca`."""
    return botocore.model.ServiceModel(_document(service, "service-2"), service)


def own_model(document: dict[str, Any], service: str) -> botocore.model.ServiceModel:
    """Return a model of one of the workbench's own services from a botocore-format document."""
    return botocore.model.ServiceModel(document, service)


def with_borrowed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a model of our own with the shapes of AWS's models that its `borrowed` names.

    Raises:
        KeyError: a model has no such shape.
    """
    shapes = dict(document["shapes"])
    for service, names in document["borrowed"].items():
        for name, shape in shapes_of(service, names).items():
            shapes.setdefault(name, shape)
    return {**document, "shapes": shapes}


def shapes_of(service: str, names: Iterable[str]) -> dict[str, Any]:
    """Return shapes of an AWS service's model, and those they consist of, for a model of our own.

    Args:
        service: its boto3 name.
        names: the shapes.

    Raises:
        KeyError: the model has no such shape.
    """
    every: dict[str, Any] = _document(service, "service-2")["shapes"]
    found: dict[str, Any] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        shape = found[name] = every[name]
        parts = [*shape.get("members", {}).values()]
        parts += [shape.get(part) for part in ("member", "key", "value")]
        wanted += [part["shape"] for part in parts if part]
    return found


@cache
def pagination(service: str) -> dict[str, Any]:
    """Return botocore's pagination settings of an AWS service by operation name.

    Empty for a service that botocore does not know.
    """
    try:
        return dict(_document(service, "paginators-1")["pagination"])
    except botocore.loaders.UnknownServiceError:
        return {}


def _document(service: str, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = _loader().load_service_model(service, kind)
    return document


@cache
def _loader() -> botocore.loaders.Loader:
    """One for all: each looks into the folder of every service once, and keeps what it read."""
    return botocore.loaders.Loader()
