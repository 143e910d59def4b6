"""The code-signing hierarchy in one go, and what it says when it stops half-way."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.pki import PkiBench
from workbench.base.errors import Refused
from workbench.pki.algorithms import key_summary
from workbench.pki.parse import facts, one_certificate
from workbench.pki.quickstart import (
    HierarchyIncomplete,
    HierarchyRequest,
    create_code_signing_hierarchy,
)
from workbench.pki.validate import Purpose, validate_chain


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [("ML_DSA_65", "ML-DSA-65"), ("EC_prime256v1", "EC P-256"), ("RSA_2048", "RSA 2048")],
)
def test_a_hierarchy_is_trusted_at_once(bench: PkiBench, algorithm: str, name: str) -> None:
    steps: list[tuple[str, float]] = []
    request = HierarchyRequest(alias=f"alias/{algorithm}", algorithm=algorithm, organization="Lab")
    made = create_code_signing_hierarchy(
        bench.kms, bench.pca, bench.shelf, request, lambda what, share: steps.append((what, share))
    )
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert bench.kms.describe_key(KeyId=request.alias)["KeyMetadata"]["Arn"] == made.key_arn
    leaf, sub, root = (
        one_certificate(pem.encode())
        for pem in (made.certificate_pem, made.subordinate_pem, made.root_pem)
    )
    from_shelf = {
        item["Id"]: item for item in bench.shelf.list_certificates(MaxResults=1000)["Certificates"]
    }
    assert from_shelf[facts(root).fingerprint]["Trusted"] is True
    assert from_shelf[facts(sub).fingerprint]["Trusted"] is False
    assert from_shelf[facts(leaf).fingerprint]["CertificateArn"] == made.certificate_arn
    verdict = validate_chain(leaf, [sub], [root], bench.clock.now(), Purpose.CODE_SIGNING)
    assert verdict.trusted, verdict.sentence
    assert verdict.links[0].subject == "CN=Code Signing, O=Lab"
    public = bench.kms.get_public_key(KeyId=request.alias)["PublicKey"]
    assert facts(leaf).spki == public
    assert {key_summary(facts(der).certificate).name for der in (leaf, sub, root)} == {name}


def test_equal_validities_end_together(bench: PkiBench) -> None:
    made = bench.hierarchy(
        "alias/equal", "EC_prime256v1", root_days=30, subordinate_days=30, signer_days=30
    )
    ends = {
        facts(one_certificate(pem.encode())).certificate.not_valid_after_utc
        for pem in (made.root_pem, made.subordinate_pem, made.certificate_pem)
    }
    assert len(ends) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"algorithm": "ED25519"},
        {"subordinate_days": 4000},
        {"signer_days": 0},
        {"root_name": ""},
        {"root_name": "x" * 65},
        {"root_name": "Code Signing"},
        {"organization": "x" * 65},
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(
    bench: PkiBench, bad: dict[str, Any]
) -> None:
    before = len(bench.pca.list_certificate_authorities()["CertificateAuthorities"])
    with pytest.raises(Refused) as caught:
        create_code_signing_hierarchy(
            bench.kms,
            bench.pca,
            None,
            HierarchyRequest(alias="alias/none", **bad),
            lambda _w, _s: None,
        )
    assert caught.value.next_step
    assert len(bench.pca.list_certificate_authorities()["CertificateAuthorities"]) == before


def test_a_taken_alias_is_refused_before_anything_is_made(bench: PkiBench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/taken", TargetKeyId=key)
    with pytest.raises(Refused, match="taken"):
        bench.hierarchy("alias/taken")


class Slow:
    """A Private CA that is still at work the first times it is asked, as AWS's is."""

    def __init__(self, pca: Any, fails: str = "") -> None:
        self._pca = pca
        self._fails = fails
        self._asked: dict[str, int] = {}

    def __getattr__(self, method: str) -> Any:
        real = getattr(self._pca, method)

        def call(**parameters: Any) -> Any:
            self._asked[method] = self._asked.get(method, 0) + 1
            if method == self._fails:
                raise ClientError(
                    {"Error": {"Code": "LimitExceededException", "Message": "no more"}}, method
                )
            if method.startswith("get_") and self._asked[method] % 3:
                raise ClientError(
                    {"Error": {"Code": "RequestInProgressException", "Message": "wait"}}, method
                )
            return real(**parameters)

        return call


def test_it_waits_for_a_service_that_is_still_at_work(bench: PkiBench) -> None:
    pauses: list[float] = []
    made = create_code_signing_hierarchy(
        bench.kms,
        Slow(bench.pca),
        None,
        HierarchyRequest(alias="alias/slow", algorithm="EC_prime256v1"),
        lambda _w, _s: None,
        pauses.append,
    )
    assert made.certificate_pem.startswith("-----BEGIN CERTIFICATE-----")
    assert pauses == [0.5, 1.0] * 5


def test_a_failure_half_way_names_what_was_made(bench: PkiBench) -> None:
    with pytest.raises(HierarchyIncomplete) as caught:
        create_code_signing_hierarchy(
            bench.kms,
            Slow(bench.pca, fails="issue_certificate"),
            None,
            HierarchyRequest(alias="alias/half", algorithm="EC_prime256v1"),
            lambda _w, _s: None,
            lambda _seconds: None,
        )
    assert len(caught.value.made) == 1
    assert caught.value.made[0].startswith("root CA arn:aws:acm-pca:")
    assert "LimitExceededException" in caught.value.message
    assert "delete" in caught.value.next_step


def test_a_failure_of_the_first_step_is_passed_on(bench: PkiBench) -> None:
    with pytest.raises(ClientError, match="LimitExceeded"):
        create_code_signing_hierarchy(
            bench.kms,
            Slow(bench.pca, fails="create_certificate_authority"),
            None,
            HierarchyRequest(alias="alias/first", algorithm="EC_prime256v1"),
            lambda _w, _s: None,
        )
