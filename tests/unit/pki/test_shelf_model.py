"""The collection's service model: its parts fit together, and what it names is offered."""

import json
from importlib.resources import files
from typing import Any

import pytest

from tests.fakes.pki import PkiBench
from workbench.api.models import aws_model, own_model, shapes_of
from workbench.pki.authorising import OWN_ACTIONS
from workbench.pki.shelf import SERVICE, shelf_model


def parts() -> list[dict[str, Any]]:
    folder = files("workbench.pki")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith("_model.json"))
    return [json.loads(folder.joinpath(name).read_text("utf-8")) for name in names]


def test_no_part_says_what_another_says() -> None:
    for kind in ("operations", "shapes"):
        names = [name for part in parts() for name in part[kind]]
        assert sorted(names) == sorted(set(names))


def test_every_operation_is_offered_and_no_other(bench: PkiBench) -> None:
    assert bench.service.shelf_operations().keys() == shelf_model()["operations"].keys()


def test_every_shape_that_is_named_is_there() -> None:
    model = own_model(shelf_model(), SERVICE)
    for name in model.operation_names:
        operation = model.operation_model(name)
        assert operation.input_shape is not None
        assert all(shape.metadata.get("exception") for shape in operation.error_shapes)


def test_a_borrowed_shape_brings_what_it_consists_of() -> None:
    shapes = shapes_of("acm-pca", ["ApiPassthrough"])
    assert {"Extensions", "GeneralNameList", "CustomAttribute", "ASN1Subject"} <= shapes.keys()
    with pytest.raises(KeyError):
        shapes_of("acm-pca", ["NoSuchShape"])


def test_actions_that_allow_them_are_of_aws_and_of_the_collection() -> None:
    assert OWN_ACTIONS.keys() <= shelf_model()["operations"].keys()
    aws = set(aws_model("acm-pca").operation_names)
    assert {action for actions in OWN_ACTIONS.values() for action in actions} <= aws


def test_what_names_a_ca_is_asked_for_by_aws_actions() -> None:
    """An operation on a CA that the authoriser does not translate would be a way round it."""
    model = shelf_model()
    for name, operation in model["operations"].items():
        members = model["shapes"][operation["input"]["shape"]]["members"]
        if {"CertificateAuthorityArn", "IssuerArn"} & members.keys():
            assert name in OWN_ACTIONS
