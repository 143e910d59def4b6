"""AWS's own model of Private CA against what is here: operations, errors, members of answers.

Whatever the model has and this program has not is named below with its reason; a list that is
longer or shorter than the truth fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import botocore.model
import pytest
from botocore.exceptions import ParamValidationError

from tests.fakes.kms_tour import members, present
from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_tour import PkiTour
from tests.fakes.shape_values import Maker
from workbench.api.models import aws_model

MODEL = aws_model("acm-pca")
OPERATIONS = list(MODEL.operation_names)

NEVER_RAISED = {
    "*.ConcurrentModificationException": "requests that change something come one after the other",
    "*.LimitExceededException": "a vault has no quotas for authorities and certificates",
    "*.LockoutPreventedException": "the account's own access does not depend on the policy",
    "*.RequestInProgressException": "what is asked for is there when the answer comes",
}
"""Errors of the model that cannot happen here, by operation."""

ELSEWHERE = {
    "*.RequestFailedException": "tests/unit/pki/test_authorities.py, test_audit_report.py: no key",
    "CreateCertificateAuthority.InvalidPolicyException": "AWS's is about the policy of a bucket",
    "UpdateCertificateAuthority.InvalidPolicyException": "as with CreateCertificateAuthority",
    "DescribeCertificateAuthorityAuditReport.InvalidArgsException": "the model checks its id",
    "GetCertificate.InvalidStateException": "what a deleted authority issued can be read",
    "ImportCertificateAuthorityCertificate.InvalidRequestException": "what does not fit says why",
    "UntagCertificateAuthority.InvalidTagException": "what is not there can be removed",
}
"""Errors that the tour does not meet."""

NEVER_ANSWERED = {
    "*.FailureReason": "an authority is made or not made, nothing in between",
    "*.KeyStorageSecurityStandard": "the module is not validated to any",
    "*.EdiPartyName": "cryptography has no such name, so it is refused",
    "*.EdiPartyName.*": "cryptography has no such name, so it is refused",
}
"""Members of answers that cannot occur here."""


@dataclass(frozen=True)
class Toured:
    """What the tour met."""

    bench: PkiBench
    answers: dict[str, set[str]]
    refused: set[str]


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toured]:
    bench = make_pki_bench(tmp_path_factory.mktemp("tour") / "vault")
    tour = PkiTour(bench.pca)
    tour.go()
    answers = {
        name: {path for answer in answers for path in present(answer, name)}
        for name, answers in tour.answers.items()
    }
    yield Toured(
        bench, answers, {f"{name}.{code}" for name, codes in tour.refused.items() for code in codes}
    )
    bench.close()


def test_every_operation_is_offered(toured: Toured) -> None:
    assert set(toured.bench.service.operations()) == set(OPERATIONS)
    assert len(OPERATIONS) == 23


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_visited(toured: Toured, name: str) -> None:
    assert name in toured.answers


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_member_is_answered(toured: Toured, name: str) -> None:
    shape = MODEL.operation_model(name).output_shape
    known = set() if shape is None else set(members(shape, name))
    lacking = {path for path in known - toured.answers[name] if not matched(path, NEVER_ANSWERED)}
    assert lacking == set()
    assert toured.answers[name] <= known


def errors() -> Iterator[str]:
    for name in OPERATIONS:
        for shape in MODEL.operation_model(name).error_shapes:
            yield f"{name}.{shape.name}"


@pytest.mark.parametrize("error", list(errors()))
def test_every_error_is_met(toured: Toured, error: str) -> None:
    excused = matched(error, NEVER_RAISED) or matched(error, ELSEWHERE)
    assert (error in toured.refused) != excused


def required() -> Iterator[tuple[str, str]]:
    for name in OPERATIONS:
        shape = MODEL.operation_model(name).input_shape
        yield from ((name, member) for member in shape.required_members)


@pytest.mark.parametrize(("name", "member"), list(required()))
def test_every_required_member_is_required(toured: Toured, name: str, member: str) -> None:
    shape = MODEL.operation_model(name).input_shape
    assert isinstance(shape, botocore.model.StructureShape)
    request: dict[str, Any] = Maker(1, fraction=False, holes=False).value(shape)
    del request[member]
    method = {v: k for k, v in toured.bench.pca.meta.method_to_api_mapping.items()}[name]
    with pytest.raises(ParamValidationError, match=f'"{member}"'):
        getattr(toured.bench.pca, method)(**request)


def matched(path: str, patterns: dict[str, str]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def test_no_excuse_is_idle(toured: Toured) -> None:
    every = set().union(*toured.answers.values())
    known = {
        path
        for name in OPERATIONS
        if (shape := MODEL.operation_model(name).output_shape) is not None
        for path in members(shape, name)
    }
    for pattern in NEVER_ANSWERED:
        assert any(fnmatch(path, pattern) for path in known)
        assert not any(fnmatch(path, pattern) for path in every)
    for pattern in (*NEVER_RAISED, *ELSEWHERE):
        assert any(fnmatch(error, pattern) for error in errors())


def test_errors_that_never_come_are_not_in_the_source() -> None:
    text = "".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    for pattern in ("ConcurrentModificationException", "LockoutPreventedException"):
        assert f'"{pattern}"' not in text


SOURCE = Path(__file__).resolve().parents[3] / "workbench" / "pki"
