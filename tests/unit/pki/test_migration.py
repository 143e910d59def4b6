"""What a quantum computer would break, how urgent that is, and the inventory of it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.fakes.certificates import CODE, DAY, NOW, Made, make, new_key
from tests.fakes.pki import PkiBench, make_pki_bench
from workbench.pki.cbom import as_cbom
from workbench.pki.migration import Kind, Row, Survey, Urgency, as_csv, read_survey

FAR = datetime(2045, 1, 1, tzinfo=UTC)


class Corpus:
    """Hierarchies of both kinds, mixed ones, and keys, in a real vault."""

    def __init__(self, bench: PkiBench) -> None:
        old, new = new_key("P-256"), new_key("ML-DSA-44")
        self.root = make("Old Root", key=old, end=FAR)
        self.sub = make("Old Sub", self.root, key=old, ca=True, end=NOW + 6 * 365 * DAY)
        self.leaf = make("Old Leaf", self.sub, key=old, ca=False, end=NOW + 90 * DAY, eku=(CODE,))
        self.new_leaf = make("New under old", self.sub, key=new, ca=False, end=FAR)
        self.new_root = make("New Root", key=new, end=FAR)
        self.safe = make("Safe", self.new_root, key=new, ca=False, end=FAR)
        self.gone = make("Gone", self.root, key=old, ca=False, end=NOW - DAY)
        every = (self.root, self.sub, self.leaf, self.new_leaf, self.new_root, self.safe, self.gone)
        data = b"".join(one.pem for one in every)
        bench.shelf.import_certificates(Data=data, TrustRoots=True)
        bench.hierarchy("alias/classical", "EC_prime256v1", root_name="Own Root",
                        subordinate_name="Own Sub", signer_name="Own Signer")  # fmt: skip
        kms = bench.kms
        self.rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        self.symmetric = kms.create_key(Description="=cmd()")
        self.kem = kms.create_key(KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
        self.survey: Survey = read_survey(kms, bench.shelf, NOW)
        self.rows = {row.name: row for row in self.survey.rows}

    def key(self, made: dict[str, Any]) -> Row:
        name = made["KeyMetadata"]["KeyId"]
        return next(row for row in self.survey.rows if row.id == name)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    bench = make_pki_bench(tmp_path_factory.mktemp("migration") / "vault")
    yield Corpus(bench)
    bench.close()


@pytest.mark.parametrize(
    ("name", "kind", "urgency", "dependants"),
    [
        ("Old Root", Kind.ROOT, Urgency.HIGH, 4),
        ("Old Sub", Kind.AUTHORITY, Urgency.MEDIUM, 2),
        ("Old Leaf", Kind.LEAF, Urgency.LOW, 0),
        ("New under old", Kind.LEAF, Urgency.MEDIUM, 0),
        ("New Root", Kind.ROOT, Urgency.NONE, 1),
        ("Safe", Kind.LEAF, Urgency.NONE, 0),
        ("Gone", Kind.LEAF, Urgency.LOW, 0),
    ],
)
def test_certificates_are_judged_by_their_whole_chain(
    corpus: Corpus, name: str, kind: Kind, urgency: Urgency, dependants: int
) -> None:
    row = corpus.rows[name]
    assert (row.kind, row.urgency, len(row.dependants)) == (kind, urgency, dependants), row
    assert row.vulnerable is (urgency is not Urgency.NONE)
    assert row.trusted


def test_what_is_trusted_ends_with_the_first_of_its_chain(corpus: Corpus) -> None:
    row = corpus.rows["New under old"]
    assert row.until == corpus.sub.certificate.not_valid_after_utc
    assert "“Old Sub” above it signs with EC P-256" in row.why
    assert row.signed_with == "EC P-256"
    assert "Old Sub" in row.step


def test_keys_are_judged_by_use_and_by_their_certificates(corpus: Corpus) -> None:
    rsa = corpus.key(corpus.rsa)
    assert (rsa.urgency, rsa.vulnerable) == (Urgency.NOW, True)
    assert "recorded now" in rsa.why
    for made in (corpus.symmetric, corpus.kem):
        assert corpus.key(made).urgency is Urgency.NONE
    signer = corpus.rows["classical"]
    assert (signer.kind, signer.spec, len(signer.dependants)) == (Kind.KEY, "ECC_NIST_P256", 1)
    assert "Key of Own Root" in corpus.rows, "a CA's key goes by the CA's name"
    leaf = corpus.rows["Own Signer"]
    assert signer.dependants == (leaf.id,)
    assert signer.until == leaf.until


def test_the_most_urgent_come_first(corpus: Corpus) -> None:
    urgencies = [row.urgency for row in corpus.survey.rows]
    assert urgencies == sorted(urgencies, reverse=True)
    assert corpus.survey.counts[Urgency.NOW] == 1


def test_keys_that_are_being_deleted_are_left_out(fresh: PkiBench) -> None:
    name = fresh.kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    disabled = fresh.kms.create_key()["KeyMetadata"]["KeyId"]
    fresh.kms.disable_key(KeyId=disabled)
    assert {row.id for row in read_survey(fresh.kms, fresh.shelf, NOW).rows} == {name, disabled}
    fresh.kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    assert {row.id for row in read_survey(fresh.kms, fresh.shelf, NOW).rows} == {disabled}


def test_csv_has_every_row_and_no_formula(corpus: Corpus) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(corpus.survey.rows))))
    assert len(rows) == len(corpus.survey.rows)
    names = {row["name"] for row in rows}
    assert "'=cmd()" in names
    assert "=cmd()" not in names
    assert {row["quantum-vulnerable"] for row in rows} == {"yes", "no"}


def test_the_cbom_is_valid_and_complete(corpus: Corpus) -> None:
    text = as_cbom(corpus.survey)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bom = json.loads(text)
    parts = {one["bom-ref"]: one for one in bom["components"]}
    assets = [one["cryptoProperties"]["assetType"] for one in parts.values()]
    assert set(assets) == {"algorithm", "certificate", "related-crypto-material"}
    certificates = [row for row in corpus.survey.rows if row.kind is not Kind.KEY]
    assert assets.count("certificate") == len(certificates)
    depends = {one["ref"]: set(one.get("dependsOn", ())) for one in bom["dependencies"]}
    leaf, sub = (f"certificate:{corpus.rows[name].id}" for name in ("Own Signer", "Own Sub"))
    key = f"key:{corpus.rows['classical'].id}"
    assert depends[leaf] == {sub, key, "algorithm:ECDSA with SHA-256"}
    assert depends[key] == {"algorithm:ECC_NIST_P256"}
    properties = parts[leaf]["cryptoProperties"]["certificateProperties"]
    assert properties["subjectPublicKeyRef"] == key
    assert properties["signatureAlgorithmRef"] in parts
    safe = parts["algorithm:ML-DSA-44"]["cryptoProperties"]["algorithmProperties"]
    assert safe["nistQuantumSecurityLevel"] == 2
    for one in parts.values():
        material = one["cryptoProperties"].get("relatedCryptoMaterialProperties", {})
        assert "value" not in material


def test_a_part_of_it_and_nothing_at_all(corpus: Corpus) -> None:
    leaf = corpus.rows["Old Leaf"]
    for survey, rows in ((corpus.survey, [leaf]), (Survey(NOW), [])):
        text = as_cbom(survey, rows)
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_an_issuer_that_is_missing(fresh: PkiBench) -> None:
    absent: Made = make("Absent", key=new_key("P-256"))
    lost = make("Lost", absent, key=new_key("ML-DSA-44"), ca=False)
    fresh.shelf.import_certificates(Data=lost.pem)
    (row,) = read_survey(fresh.kms, fresh.shelf, NOW).rows
    assert not row.trusted
    assert row.until == lost.certificate.not_valid_after_utc
