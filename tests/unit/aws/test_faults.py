"""Every failure below AWS's error codes becomes a sentence and a next step, and repeats nothing."""

import inspect
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError

from workbench.aws.faults import fault_of
from workbench.base.errors import EnvironmentFault
from workbench.base.sites import Site

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SITES = [
    Site("eu-west-1", aws=True, profile="prod"),
    Site("", aws=True),
    Site("eu-west-1", aws=True, endpoint="http://127.0.0.1:1"),
]
KINDS = [
    kind
    for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(kind, BotoCoreError)
]


def made(kind: Any) -> Any:
    """Return an exception whose every blank is filled with a secret."""
    error = kind.__new__(kind)
    Exception.__init__(error, SECRET)
    return error


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_is_said_without_what_it_carries(kind: Any) -> None:
    for site in SITES:
        fault = fault_of(made(kind), site)
        assert isinstance(fault, EnvironmentFault)
        assert SECRET not in str(fault)
        for text in (fault.message, fault.next_step):
            assert text[:1].isupper() or text.startswith("“")
            assert text.endswith(".")


@pytest.mark.parametrize(
    ("name", "message", "step"),
    [
        ("UnauthorizedSSOTokenError", "sign-in of the profile “prod” has expired",
         "aws sso login --profile prod"),
        ("SSOTokenLoadError", "has expired", "aws sso login"),
        ("TokenRetrievalError", "has expired", "aws sso login"),
        ("LoginRefreshRequired", "has expired", "aws login --profile prod"),
        ("NoCredentialsError", "has no credentials", "aws configure"),
        ("PartialCredentialsError", "half of an access key", "aws configure"),
        ("ProfileNotFound", "no profile “prod”", "Choose another"),
        ("ConnectTimeoutError", "did not answer in time", "VPN"),
        ("ReadTimeoutError", "did not answer in time", "VPN"),
        ("ProxyConnectionError", "proxy", "HTTPS_PROXY"),
        ("SSLError", "certificate", "AWS_CA_BUNDLE"),
        ("EndpointConnectionError", "AWS in eu-west-1 cannot be reached", "network"),
        ("NoRegionError", "No Region", "Choose a Region"),
    ],
)  # fmt: skip
def test_the_usual_ones_name_the_way_out(name: str, message: str, step: str) -> None:
    fault = fault_of(made(getattr(botocore.exceptions, name)), SITES[0])
    assert message in fault.message
    assert step in fault.next_step


def test_without_a_profile_none_is_named() -> None:
    fault = fault_of(made(botocore.exceptions.NoCredentialsError), SITES[1])
    assert fault.message == "The AWS configuration has no credentials."
    assert "--profile" not in fault.next_step
