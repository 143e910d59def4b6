"""Remembered connections: what is damaged counts as absent."""

from typing import Any

import pytest

from workbench.base.sites import Site
from workbench.ui.places.connections import Connection, name_problem, read_connections

GOOD = {"name": "prod", "site": {"region": "eu-west-1", "aws": True, "profile": "prod"}}


def test_what_was_remembered_is_read_by_name() -> None:
    other = {"name": "Beta", "site": {"region": "us-east-1", "aws": True}}
    assert read_connections([GOOD, other]) == (
        Connection("Beta", Site("us-east-1", aws=True)),
        Connection("prod", Site("eu-west-1", aws=True, profile="prod")),
    )


@pytest.mark.parametrize(
    "stored",
    [
        None, {}, "x", [1], [None], [{}], [{"name": "x"}], [{"name": "x", "site": []}],
        [GOOD | {"name": ""}], [GOOD | {"name": "a" * 61}], [GOOD | {"name": 1}],
        [GOOD | {"name": "a\nb"}], [GOOD | {"site": {"region": "eu-west-1"}}],
        [GOOD | {"site": {"aws": True, "endpoint": "http://kms.example.com"}}],
        [GOOD | {"site": {"aws": True, "password": "x"}}],
    ],
)  # fmt: skip
def test_damage_counts_as_absent(stored: Any) -> None:
    assert read_connections(stored) == ()


def test_one_name_is_one_connection_and_there_are_not_too_many() -> None:
    assert len(read_connections([GOOD, GOOD])) == 1
    assert len(read_connections([GOOD | {"name": str(n)} for n in range(300)])) == 100
    assert not name_problem("prod")
    assert name_problem("  ")
