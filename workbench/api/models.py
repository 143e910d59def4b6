"""Service models as botocore ships them, so that no table of shapes is written by hand."""

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
    document: dict[str, Any] = botocore.loaders.Loader().load_service_model(service, kind)
    return document
