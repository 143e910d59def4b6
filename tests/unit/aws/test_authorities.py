"""CAs of Private CA as a collection: the ones that may be seen, and nothing can be changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import make_bench
from workbench.aws.authorities import AuthorityShelf
from workbench.base.errors import Refused
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.certificates.records import read_collection


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault")
    made.create_hierarchy(HierarchyRequest(algorithm="ML_DSA_44"), lambda *_: None)
    yield made
    made.close()


def test_the_hierarchy_of_the_cas_is_shown(bench: Bench) -> None:
    shelf = AuthorityShelf(lambda: bench.acm_pca)
    own = [one for one in bench.shelf.list_certificates()["Certificates"]
           if one["Source"] == "AUTHORITY"]  # fmt: skip
    listed = shelf.list_certificates()["Certificates"]
    assert {one["Id"] for one in listed} == {one["Id"] for one in own}
    fields = ("Certificate", "Subject", "PublicKeySha256", "CertificateAuthorityArn")
    for one in own:
        (same,) = [other for other in listed if other["Id"] == one["Id"]]
        assert [same[name] for name in fields] == [one[name] for name in fields]
    records = read_collection(shelf, bench.clock.now()).records.values()
    root, below = sorted(records, key=lambda one: not one.root)
    assert below.issuer_id == root.id
    one = own[0]
    found = shelf.list_certificates(PublicKeySha256=one["PublicKeySha256"], MaxResults=1000)
    assert [entry["Id"] for entry in found["Certificates"]] == [one["Id"]]


def test_a_ca_that_has_no_certificate_yet_is_left_out(bench: Bench) -> None:
    shelf = AuthorityShelf(lambda: bench.acm_pca)
    before = len(shelf.list_certificates()["Certificates"])
    bench.acm_pca.create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "Pending"},
        },
        CertificateAuthorityType="ROOT",
    )
    assert len(shelf.list_certificates()["Certificates"]) == before


def test_nothing_can_be_changed(bench: Bench) -> None:
    shelf: Any = AuthorityShelf(lambda: bench.acm_pca)
    assert shelf.list_documents() == {"Documents": []}
    for name in ("import_certificates", "delete_certificate", "set_certificate_trust"):
        with pytest.raises(Refused, match="no collection"):
            getattr(shelf, name)(Id="x")
