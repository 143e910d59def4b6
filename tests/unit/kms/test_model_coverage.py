"""AWS's own model of KMS against what is here: operations, errors, members of answers.

Whatever the model has and this program has not is named below with its reason; a list that is
longer or shorter than the truth fails.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

import workbench
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import make_kms_bench
from tests.fakes.kms_tour import Tour, members, present
from workbench.api.models import aws_model

MODEL = aws_model("kms")
OPERATIONS = list(MODEL.operation_names)

MISSING: frozenset[str] = frozenset()
"""Operations of the model that are not offered yet."""

NEVER_RAISED = {
    "DependencyTimeoutException": "nothing here depends on another service that could be slow",
    "KeyUnavailableException": "a key is either there or in a state that has its own exception",
}
"""Errors of the model that cannot happen here."""

NEVER_ANSWERED = {
    "*.CiphertextForRecipient": "Recipient is refused: there are no Nitro enclaves here",
    "ListKeyPolicies.NextMarker": "a key has one policy",
    "CreateKey.KeyMetadata.DeletionDate": "no key is made in a state of deletion",
    "CreateKey.KeyMetadata.PendingDeletionWindowInDays": "no key is made in a state of deletion",
    "CreateKey.KeyMetadata.ValidTo": "a new key has no imported material yet",
    "CreateKey.KeyMetadata.ExpirationModel": "a new key has no imported material yet",
    "CreateKey.KeyMetadata.MultiRegionConfiguration.ReplicaKeys.*": "a new key has no replicas",
    "ReplicateKey.ReplicaKeyMetadata.DeletionDate": "no key is made in a state of deletion",
    "ReplicateKey.ReplicaKeyMetadata.PendingDeletionWindowInDays": "as DeletionDate",
    "ReplicateKey.ReplicaKeyMetadata.ValidTo": "a new replica has no imported material yet",
    "ReplicateKey.ReplicaKeyMetadata.ExpirationModel": "as ValidTo",
    "ReplicateKey.ReplicaKeyMetadata.CurrentKeyMaterialId": "AWS leaves it out of a new replica",
    "ReplicateKey.ReplicaKeyMetadata.CustomKeyStoreId": "such keys are in one Region",
    "ReplicateKey.ReplicaKeyMetadata.CloudHsmClusterId": "such keys are in one Region",
    "ReplicateKey.ReplicaKeyMetadata.XksKeyConfiguration": "such keys are in one Region",
    "ReplicateKey.ReplicaKeyMetadata.XksKeyConfiguration.Id": "such keys are in one Region",
}
"""Members of answers that cannot occur here."""


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, set[str]]]:
    """By operation, the paths of all members that its answers had."""
    backend = FakeKeyStore()
    backends = {"AWS_CLOUDHSM": backend, "EXTERNAL_KEY_STORE": backend}
    bench = make_kms_bench(tmp_path_factory.mktemp("tour") / "vault", backends)
    tour = Tour(bench, backend)
    tour.go()
    yield {
        name: {path for answer in answers for path in present(answer, name)}
        for name, answers in tour.answers.items()
    }
    bench.close()


def sources(*floors: str) -> Iterator[Path]:
    for floor in floors:
        yield from (Path(workbench.__file__).parent / floor).rglob("*.py")


def test_every_operation_is_offered(tmp_path: Path) -> None:
    bench = make_kms_bench(tmp_path / "vault")
    registered = set(bench.service.operations())
    bench.close()
    assert set(OPERATIONS) - registered == MISSING
    assert registered <= set(OPERATIONS)
    assert len(OPERATIONS) == 56


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_visited(answered: dict[str, set[str]], name: str) -> None:
    assert (name in answered) != (name in MISSING)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_member_is_answered(answered: dict[str, set[str]], name: str) -> None:
    if name in MISSING:
        return
    shape = MODEL.operation_model(name).output_shape
    known = set() if shape is None else set(members(shape, name))
    lacking = known - answered[name]
    assert {path for path in lacking if not excused(path)} == set()
    maps = {"ListGrants", "ListRetirableGrants"}
    if name not in maps:
        assert answered[name] <= known


def excused(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in NEVER_ANSWERED)


def test_no_excuse_is_idle(answered: dict[str, set[str]]) -> None:
    every = set().union(*answered.values())
    known = {
        path
        for name in OPERATIONS
        if (shape := MODEL.operation_model(name).output_shape) is not None
        for path in members(shape, name)
    }
    for pattern in NEVER_ANSWERED:
        assert any(fnmatch(path, pattern) for path in known)
        assert not any(fnmatch(path, pattern) for path in every)


ERRORS = sorted(
    {
        shape.name
        for name in set(OPERATIONS) - MISSING
        for shape in MODEL.operation_model(name).error_shapes
    }
)


@pytest.fixture(scope="module")
def raised() -> set[str]:
    """Every name in the source that looks like an exception of AWS."""
    text = "".join(file.read_text("utf-8") for file in sources("kms", "api", "iam"))
    return set(re.findall(r'"(\w+Exception)"', text))


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_can_be_raised(raised: set[str], error: str) -> None:
    assert (error in raised) != (error in NEVER_RAISED)
