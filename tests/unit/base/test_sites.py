"""Places that have keys: how they are written down, and which addresses requests may go to."""

from typing import Any

import pytest

from workbench.base.errors import Refused
from workbench.base.sites import HOME, Site, check_endpoint, is_amazon

EVERY = [
    HOME,
    Site("eu-west-1"),
    Site("eu-west-1", aws=True),
    Site("eu-west-1", aws=True, profile="prod"),
    Site("eu-west-1", aws=True, profile="prod", endpoint="http://127.0.0.1:8099"),
]


@pytest.mark.parametrize("site", EVERY)
def test_what_is_written_down_is_read_again(site: Site) -> None:
    assert Site.from_record(site.to_record()) == site


@pytest.mark.parametrize(
    ("site", "text"),
    list(zip(
        EVERY,
        ["", "eu-west-1", "AWS · eu-west-1", "AWS · prod · eu-west-1",
         "127.0.0.1:8099 · prod · eu-west-1"],
        strict=True,
    )),
)  # fmt: skip
def test_it_is_said_in_a_line(site: Site, text: str) -> None:
    assert site.text == text


@pytest.mark.parametrize(
    "record",
    [
        {"aws": "yes"},
        {"aws": True, "region": 1},
        {"region": "eu-west-1", "profile": "prod"},
        {"endpoint": "http://127.0.0.1:1"},
        {"aws": True, "secret": "x"},
        {"aws": True, "region": "eu\nwest"},
        {"aws": True, "profile": "p" * 5000},
        {"aws": True, "endpoint": "http://kms.example.com"},
        {"aws": True, "endpoint": "ftp://127.0.0.1"},
    ],
)
def test_what_is_no_place_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Site.from_record(record)


@pytest.mark.parametrize(
    "url",
    ["", "https://kms.example.com:8443", "http://localhost:4566", "http://127.0.0.1:1",
     "http://[::1]:8080/"],
)  # fmt: skip
def test_requests_may_go_to_tls_and_to_this_machine(url: str) -> None:
    check_endpoint(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://kms.example.com", "need https"),
        ("http://127.0.0.1.example.com", "need https"),
        ("http://localhost.example.com", "need https"),
        ("kms.example.com", "no endpoint URL"),
        ("https://", "no endpoint URL"),
        ("https://host:port", "no endpoint URL"),
        ("https://[", "no endpoint URL"),
        ("file:///etc/passwd", "no endpoint URL"),
        ("https://anna:secret@kms.example.com", "no user and no password"),
        ("https://kms.example.com/?x=1", "no endpoint URL"),
    ],
)
def test_other_addresses_are_refused_and_say_why(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        check_endpoint(url)
    assert caught.value.next_step
    assert "secret" not in str(caught.value)


def test_a_name_in_the_endpoint_is_not_shown() -> None:
    assert Site("r", aws=True, endpoint="https://anna:pw@host:1").host == "host:1"


@pytest.mark.parametrize(
    ("url", "real"),
    [
        ("https://kms.eu-west-1.amazonaws.com", True),
        ("https://kms.cn-north-1.amazonaws.com.cn", True),
        ("https://kms.eu-west-1.api.aws", True),
        ("https://kms.amazonaws.com.example.com", False),
        ("https://notamazonaws.com", False),
        ("http://127.0.0.1:1", False),
    ],
)
def test_aws_itself_is_told_from_what_stands_in_for_it(url: str, real: bool) -> None:  # noqa: FBT001
    assert is_amazon(url) is real
