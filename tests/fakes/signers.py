"""A bench with code-signing hierarchies, shared by the tests of signing and verifying."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.pki.parse import facts
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.jobs import FileView
from workbench.signing.recipe import Recipe, make_recipe

KEY = "alias/code-signing"
CLASSICAL = "alias/classical"


def signing_bench(folder: Path, clock: TravelClock | None = None) -> Bench:
    """Make a bench with an ML-DSA-65 and a P-256 hierarchy."""
    bench = make_bench(folder, clock)
    bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
    classical = HierarchyRequest(
        root_name="Classical Root",
        subordinate_name="Classical Subordinate",
        signer_name="Classical Signer",
        algorithm="EC_prime256v1",
        alias=CLASSICAL,
    )
    bench.create_hierarchy(classical, lambda text, share: None)
    return bench


def recipe(bench: Bench, key: str = KEY, **choices: Any) -> Recipe:
    """Return a recipe of a key's own chain."""
    return make_recipe(bench.kms, key, chain_for_key(bench.kms, bench.shelf, key), **choices)


def sign(bench: Bench, paths: Sequence[Path], key: str = KEY, **choices: Any) -> list[FileView]:
    """Sign and wait; returns every file of the job."""
    job = bench.jobs.submit(recipe(bench, key, **choices), paths)
    view = bench.jobs.wait(job, 60)
    return list(bench.jobs.files(job, 0, view.total))


def revoke(bench: Bench, key: str) -> None:
    """Have the vault's CA revoke the certificate of a key."""
    leaf, issuer = map(facts, chain_for_key(bench.kms, bench.shelf, key)[:2])
    entry = next(
        one
        for one in bench.shelf.list_certificates()["Certificates"]
        if bytes(one["Certificate"]) == leaf.der
    )
    assert issuer.ca
    bench.acm_pca.revoke_certificate(
        CertificateAuthorityArn=entry["CertificateArn"].partition("/certificate/")[0],
        CertificateSerial=f"{leaf.certificate.serial_number:x}",
        RevocationReason="KEY_COMPROMISE",
    )
