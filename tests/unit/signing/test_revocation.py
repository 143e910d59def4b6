"""What is known of revocation reaches the verdict, and keeps people from signing in vain."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, crl
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.fakes.certificates import DAY, NOW
from tests.fakes.formats import Hierarchy, sign
from tests.fakes.signers import CLASSICAL, revoke, signing_bench
from workbench.base.clock import TravelClock
from workbench.base.errors import Locked, Refused
from workbench.bench import Bench
from workbench.pki.csr import make_csr
from workbench.pki.parse import facts
from workbench.pki.purposes import Purpose
from workbench.pki.status import Evidence
from workbench.signing.chains import chain_for_key, signing_chain
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.formats.base import Trust
from workbench.signing.formats.registry import FORMATS
from workbench.signing.standing import StillGood
from workbench.signing.trust import revocation_documents
from workbench.signing.verify import Verdict, Verifier
from workbench.ui.panes.signing.verify_work import read_trust

DATA = b"content" * 50
CMS = FORMATS["cms"]


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def listed(lab: Hierarchy, issuer: Any, *serials: int, revoked: datetime = NOW - DAY) -> bytes:
    """Return a list of a CA of the lab that names certificates."""
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject, NOW - DAY / 2, NOW + DAY
    )
    for serial in serials:
        one = x509.RevokedCertificateBuilder(serial, revoked)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(one.add_extension(reason, critical=False).build())
    assert lab.root.der
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


class Signed:
    """A signed file."""

    def __init__(self, lab: Hierarchy, folder: Path, form: str = "cms") -> None:
        self.chain = lab.chain("P-256")
        self.serial = facts(self.chain[0]).certificate.serial_number
        self.file, self.signature = folder / "file", folder / "file.p7s"
        self.file.write_bytes(DATA)
        self.signature.write_bytes(sign(FORMATS[form], "P-256", DATA, self.chain))

    def judged(self, lab: Hierarchy, evidence: Evidence, **more: Any) -> Verdict:
        trust = replace(Trust(NOW, roots=(lab.root.der,), purpose=None), evidence=evidence, **more)
        return Verifier(TravelClock(NOW)).check(self.file, self.signature, trust)


def states(verdict: Verdict) -> list[str]:
    return [check.state for check in verdict.checks if check.name == "Revocation"]


@pytest.mark.parametrize("form", ["cms", "jws", "cose-sign1"])
def test_lists_decide(lab: Hierarchy, tmp_path: Path, form: str) -> None:
    made = Signed(lab, tmp_path, form)
    unknown = made.judged(lab, Evidence())
    assert unknown.valid
    assert states(unknown) == ["open"]
    assert "is not known" in unknown.headline
    clear = Evidence((listed(lab, lab.sub), listed(lab, lab.root)))
    good = made.judged(lab, clear)
    assert good.valid
    assert states(good) == ["ok"]
    assert "not known" not in good.headline
    bad = made.judged(lab, Evidence((listed(lab, lab.sub, made.serial),)))
    assert not bad.valid
    assert "revoked" in bad.headline
    assert "keyCompromise" in bad.headline
    above = listed(lab, lab.root, lab.sub.certificate.serial_number)
    assert not made.judged(lab, Evidence((above,))).valid


def test_a_claimed_time_does_not_go_before_a_revocation(lab: Hierarchy, tmp_path: Path) -> None:
    made = Signed(lab, tmp_path)
    bad = Evidence((listed(lab, lab.sub, made.serial, revoked=NOW + DAY / 4),))
    later = {"moment": NOW + DAY / 2, "at_signing_time": True}
    verdict = made.judged(lab, bad, **later)
    assert "Moment" in [check.name for check in verdict.checks]
    assert not verdict.valid
    assert "revoked" in verdict.headline
    assert made.judged(lab, bad).valid


def test_lists_inside_the_signature_count(lab: Hierarchy, tmp_path: Path) -> None:
    made = Signed(lab, tmp_path)
    for serials, valid in (((made.serial,), False), ((), True)):
        info = cms.ContentInfo.load(sign(CMS, "P-256", DATA, made.chain))
        inside = [
            cms.RevocationInfoChoice(name="crl", value=crl.CertificateList.load(der))
            for der in (listed(lab, lab.sub, *serials), listed(lab, lab.root))
        ]
        info["content"]["crls"] = cms.RevocationInfoChoices(inside)
        made.signature.write_bytes(info.dump(force=True))
        verdict = made.judged(lab, Evidence())
        assert verdict.valid is valid, verdict.headline
        assert "revoked" in verdict.headline or states(verdict) == ["ok"]


def test_lists_are_read_from_files(lab: Hierarchy, tmp_path: Path) -> None:
    der = listed(lab, lab.sub)
    pem = x509.load_der_x509_crl(der).public_bytes(Encoding.PEM)
    file = tmp_path / "lists"
    for data, count in ((der, 1), (pem, 1), (pem + pem, 2)):
        file.write_bytes(data)
        assert revocation_documents(file).lists == (der,) * count
    for data in (b"", b"nothing", b"-----BEGIN X509 CRL-----\n", lab.root.der):
        file.write_bytes(data)
        with pytest.raises(Refused, match="no revocation list"):
            revocation_documents(file)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = signing_bench(tmp_path / "vault")
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["cms", "cades"])
def test_a_running_job_stops_when_its_certificate_is_revoked(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    clock: Any = bench.clock
    before, long, after, last = (tmp_path / name for name in ("a", "b", "c", "d"))
    for path in (before, after, last):
        path.write_bytes(DATA)
    with long.open("wb") as stream:
        stream.truncate(1 << 40)
    bench.jobs.limit(1)
    plan = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(CLASSICAL),), kind=kind))
    job = bench.jobs.submit(plan, [before, long, after, last])
    reading = threading.Event()

    def look() -> None:
        if bench.jobs.files(job)[1].bytes_done:
            reading.set()

    undo = bench.jobs.subscribe(look)
    assert reading.wait(20)
    undo()
    revoke(bench, CLASSICAL)
    clock.travel(timedelta(seconds=3))
    bench.jobs.cancel(job, 1)
    view = bench.jobs.wait(job, 20)
    assert (view.done, view.cancelled, view.failed) == (1, 1, 2)
    for file in bench.jobs.files(job)[2:]:
        assert "was revoked on" in file.sentence
        assert "Issue a new certificate" in file.sentence
    assert not Path(plan.output(str(after))).exists()
    bench.jobs.retry(job)
    assert bench.jobs.wait(job, 20).done == 1, "it is asked anew, and still so"


def test_what_is_asked_now_and_then() -> None:
    clock, asked = TravelClock(NOW), []
    answers: list[Exception | None] = [Locked("x", "y"), None, None, Refused("revoked", "renew")]

    def ask() -> None:
        asked.append(1)
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    good = StillGood(ask, clock)
    with pytest.raises(Locked):
        good.require()
    for count in (2, 2, 3):
        good.require()
        assert len(asked) == count
        clock.travel(timedelta(seconds=1.5))
    clock.travel(timedelta(seconds=3))
    for _ in range(2):
        with pytest.raises(Refused, match="revoked") as refused:
            good.require()
        assert refused.value.next_step == "renew"
    assert len(asked) == 4

    def denied() -> None:
        asked.append(1)
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListCertificates")

    blind = StillGood(denied, clock)
    for _ in range(3):
        blind.require()
        clock.travel(timedelta(seconds=10))
    assert len(asked) == 5, "who may not look is not asked again"

    failures = iter([ClientError({"Error": {"Code": "ThrottlingException"}}, "ListCertificates")])

    def busy() -> None:
        for error in failures:
            raise error
        raise Refused("It was revoked.", "renew")

    passing = StillGood(busy, clock)
    passing.require()
    clock.travel(timedelta(seconds=10))
    with pytest.raises(Refused, match="revoked"):
        passing.require()


def test_what_the_vaults_own_ca_revoked(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(DATA)
    recipe = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(CLASSICAL),)))
    bench.jobs.wait(bench.jobs.submit(recipe, [file]), 20)
    signature = tmp_path / "file.p7s"

    def judged() -> Verdict:
        known = read_trust(bench.shelf)
        trust = replace(bench.verifier.trust(roots=known.roots), evidence=known.evidence)
        return bench.verifier.check(file, signature, trust)

    before = judged()
    assert before.valid, before.headline
    assert states(before) == ["ok"]
    assert "record of its CA" in before.checks[-1].sentence
    revoke(bench, CLASSICAL)
    after = judged()
    assert not after.valid
    assert "revoked" in after.headline
    with pytest.raises(Refused, match=r"revoked on .*keyCompromise") as refused:
        recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(CLASSICAL),)))
    assert "new certificate" in refused.value.next_step
    with pytest.raises(Refused):
        signing_chain(bench.kms, bench.shelf, CLASSICAL)


def test_a_key_signs_with_the_certificate_meant_for_it(bench: Bench, tmp_path: Path) -> None:
    before = chain_for_key(bench.kms, bench.shelf, CLASSICAL)[0]
    issuer = next(
        one
        for one in bench.shelf.list_certificates()["Certificates"]
        if bytes(one["Certificate"]) == before
    )["CertificateArn"].partition("/certificate/")[0]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    arn = bench.acm_pca.issue_certificate(
        CertificateAuthorityArn=issuer,
        Csr=make_csr(bench.kms, CLASSICAL, name).encode(),
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn="arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1",
        Validity={"Value": 4, "Type": "YEARS"},
    )["CertificateArn"]
    made = bench.acm_pca.get_certificate(CertificateAuthorityArn=issuer, CertificateArn=arn)
    later = x509.load_pem_x509_certificate(made["Certificate"].encode())
    assert later.not_valid_after_utc > facts(before).certificate.not_valid_after_utc
    assert chain_for_key(bench.kms, bench.shelf, CLASSICAL)[0] == before
    server = chain_for_key(bench.kms, bench.shelf, CLASSICAL, Purpose.SERVER_AUTH)[0]
    assert facts(server).certificate == later
    recipe = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(CLASSICAL),), kind="jar"))
    assert recipe.chain[0] == before
