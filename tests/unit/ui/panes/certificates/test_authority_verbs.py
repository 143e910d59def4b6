"""What can be done with a CA in each state, and what depends on one."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fakes.certificates import NOW, name, new_key
from tests.fakes.pki import make_pki_bench
from tests.fakes.pki_orders import make_authority, make_request, order
from workbench.pki.authority import Status
from workbench.pki.roster import Held, read_roster
from workbench.ui.panes.certificates.authorities import verbs
from workbench.ui.panes.certificates.authorities.impact import Impact, impact_of
from workbench.ui.panes.certificates.finding_list import told_entries
from workbench.ui.panes.certificates.findings import checked, override
from workbench.ui.panes.certificates.records import read_collection

WHY = {
    "request": verbs.why_no_request,
    "install": verbs.why_not_installed,
    "switch": verbs.why_not_switched,
    "delete": verbs.why_not_deleted,
    "restore": verbs.why_not_restored,
    "report": verbs.why_not_reported,
}
POSSIBLE = {
    Status.PENDING_CERTIFICATE: {"request", "install", "delete"},
    Status.ACTIVE: {"request", "install", "switch", "delete", "report"},
    Status.DISABLED: {"request", "install", "switch", "delete", "report"},
    Status.EXPIRED: {"request", "install", "delete", "report"},
    Status.DELETED: {"restore"},
}


def held(status: Status, *, root: bool = False, algorithm: str = "ML_DSA_65") -> Held:
    return Held("arn:aws:acm-pca:x", "CA", algorithm, root, status, NOW)


@pytest.mark.parametrize("status", POSSIBLE)
def test_every_state_has_its_verbs_and_the_rest_says_why_not(status: Status) -> None:
    possible = {verb for verb, why in WHY.items() if not why(held(status))}
    assert possible == POSSIBLE[status]
    assert all(why(None) for why in WHY.values())


def test_a_root_takes_no_certificate_from_outside_once_it_has_one() -> None:
    assert verbs.why_not_installed(held(Status.ACTIVE, root=True))
    assert not verbs.why_not_installed(held(Status.PENDING_CERTIFICATE, root=True))


@pytest.mark.parametrize(
    ("algorithm", "words"),
    [("ML_DSA_65", "ML-DSA-65"), ("EC_prime256v1", "EC P-256"), ("RSA_2048", "RSA 2048"),
     ("ED25519", "Ed25519")],
)  # fmt: skip
def test_keys_are_called_what_people_call_them(algorithm: str, words: str) -> None:
    assert held(Status.ACTIVE, algorithm=algorithm).key == words


def test_what_depends_on_a_ca_is_counted_as_long_as_it_is_valid(tmp_path: Path) -> None:
    bench = make_pki_bench(tmp_path / "vault")
    revocation = {
        "CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"},
        "OcspConfiguration": {"Enabled": True},
    }
    root = make_authority(bench, RevocationConfiguration=revocation)
    below = make_request(new_key("P-256"), name("Below"))
    order(bench, root, below, "template/SubordinateCACertificate_PathLen0")
    short = order(bench, root, Validity={"Type": "DAYS", "Value": 2})
    order(bench, root, Validity={"Type": "DAYS", "Value": 20})
    bench.pca.revoke_certificate(
        CertificateAuthorityArn=root,
        CertificateSerial=order(bench, root).rpartition("/")[2],
        RevocationReason="SUPERSEDED",
    )

    def impact(jobs: Any = ()) -> Impact:
        services = SimpleNamespace(
            kms=bench.kms, acm_pca=bench.pca, shelf=bench.shelf,
            recipes=SimpleNamespace(all=list), jobs=SimpleNamespace(jobs=lambda: jobs),
        )  # fmt: skip
        now = bench.clock.now()
        known = read_collection(bench.shelf, now, bench.pca)
        return impact_of(services, read_roster(bench.pca)[root], known, now)

    first = impact()
    assert [one.name for one in first.authorities] == ["Below"]
    assert len(first.certificates) == 2, "neither the revoked one nor the CA's own"
    assert (first.lists, first.ocsp, first.jobs) == (1, True, ())
    bench.clock.travel(timedelta(days=3))
    assert not any(short in one.arns for one in impact().certificates)
    own = bench.pca.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    der = next(
        bytes(one["Certificate"])
        for one in bench.shelf.list_certificates()["Certificates"]
        if one["Source"] == "AUTHORITY"
    )
    assert own["Certificate"]
    recipe = SimpleNamespace(chain=(der,), others=(), stamper=None)
    jobs = [
        SimpleNamespace(id=state, title="x", created=NOW, state=state, recipe=recipe)
        for state in ("running", "done")
    ]
    assert impact(jobs).jobs == ("running",)
    bench.close()


class CheckFailed(Exception):
    """Shaped like botocore's."""

    def __init__(self, code: str, found: list[dict[str, Any]]) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}, "Findings": found}


def test_only_a_failed_check_is_answered_with_what_it_found() -> None:
    found = [{"Severity": "ERROR", "Rule": "RFC 1 §2", "Sentence": "It is wrong."}]

    def failing(code: str, told: list[dict[str, Any]]) -> Any:
        raise CheckFailed(code, told)

    assert checked(lambda: {"Id": "x"}) == ({"Id": "x"}, [])
    assert checked(lambda: failing("CheckFailedException", found)) == ({}, found)
    for code, told in (("ValidationException", found), ("CheckFailedException", [])):
        with pytest.raises(CheckFailed):
            checked(partial(failing, code, told))
    assert told_entries(found) == "Would be rejected: It is wrong. [RFC 1 §2]"
    assert override((), "why") == {}
    assert override(["RFC 1 §2"], "why") == {
        "OverriddenRules": ["RFC 1 §2"],
        "OverrideReason": "why",
    }
