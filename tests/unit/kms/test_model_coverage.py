"""AWS's own model of KMS against what is here: operations and members of answers.

Whatever the model has and this program has not is named below with its reason; a list that is
longer or shorter than the truth fails.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import make_kms_bench
from tests.fakes.kms_tour import Tour, members, present
from workbench.api.models import aws_model

MODEL = aws_model("kms")
OPERATIONS = list(MODEL.operation_names)

MISSING: frozenset[str] = frozenset()
"""Operations of the model that are not offered yet."""

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
