"""A CA's life as a state machine beside a model of it, with a clock that moves."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.engine import make_bench
from tests.fakes.pki_orders import make_request
from workbench.base.clock import TravelClock

PENDING, ACTIVE, DISABLED = "PENDING_CERTIFICATE", "ACTIVE", "DISABLED"
EXPIRED, DELETED, GONE = "EXPIRED", "DELETED", ""
LIFE = timedelta(days=100)
LEAF_LIFE = timedelta(days=5)
WRONG_STATE = "InvalidStateException"


class StillClock(TravelClock):
    """Stands still between its steps, so that dates can be foretold."""

    def __init__(self) -> None:
        super().__init__()
        self._now = super().now().replace(microsecond=0)

    def now(self) -> datetime:
        return self._now

    def travel(self, step: timedelta) -> None:
        self._now += step


class AuthorityLife(RuleBasedStateMachine):
    """One root CA; `stored`, the dates and the certificates are what should be."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StillClock()
        self.bench = make_bench(Path(self.folder.name) / "vault", self.clock)
        self.pca: Any = self.bench.acm_pca
        self.shelf = self.bench.shelf
        self.arn = self.pca.create_certificate_authority(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": "Living"},
            },
        )["CertificateAuthorityArn"]
        self.csr = self.pca.get_certificate_authority_csr(CertificateAuthorityArn=self.arn)["Csr"]
        self.request = make_request()
        self.stored = PENDING
        self.before = PENDING
        self.ends: datetime | None = None
        self.until: datetime | None = None
        self.installed = 0
        self.leaves: list[str] = []
        self.revoked: set[str] = set()

    def teardown(self) -> None:
        if hasattr(self, "bench"):
            self.bench.close()
            self.folder.cleanup()

    @property
    def status(self) -> str:
        now = self.clock.now()
        if self.stored == DELETED and self.until is not None and self.until < now:
            return GONE
        if self.stored in {ACTIVE, DISABLED} and self.ends is not None and self.ends < now:
            return EXPIRED
        return self.stored

    def asked(self, call: Any, **request: Any) -> str:
        """Make a request about the CA and return the error's code, or nothing."""
        try:
            call(CertificateAuthorityArn=self.arn, **request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def expected(self, *states: str) -> str:
        """What a request is refused with, unless the CA is in one of some states."""
        if self.status == GONE:
            return "ResourceNotFoundException"
        return "" if self.status in states else WRONG_STATE

    @rule()
    def issue_and_import(self) -> None:
        refusal = self.expected(PENDING, ACTIVE, EXPIRED)
        order = {
            "Csr": self.csr.encode(),
            "SigningAlgorithm": "SHA256WITHECDSA",
            "TemplateArn": "arn:aws:acm-pca:::template/RootCACertificate/V1",
            "Validity": {"Type": "DAYS", "Value": LIFE.days},
        }
        if refusal:
            assert self.asked(self.pca.issue_certificate, **order) == refusal
            return
        of_ca = {"CertificateAuthorityArn": self.arn}
        arn = self.pca.issue_certificate(**of_ca, **order)["CertificateArn"]
        made = self.pca.get_certificate(**of_ca, CertificateArn=arn)["Certificate"]
        imported = self.pca.import_certificate_authority_certificate
        assert self.asked(imported, Certificate=made.encode()) == ""
        self._installed(LIFE)

    def _installed(self, life: timedelta) -> None:
        self.ends = self.clock.now() + life
        self.stored = ACTIVE if self.stored == PENDING else self.stored
        self.installed += 1

    @rule()
    def renew(self) -> None:
        renew = self.shelf.renew_certificate_authority
        terms = {"Validity": {"Type": "DAYS", "Value": LIFE.days}, "Lint": False}
        refusal = self.expected(ACTIVE, EXPIRED)
        assert self.asked(renew, **terms) == refusal
        if not refusal:
            self._installed(LIFE)

    @rule()
    def issue(self) -> None:
        order = {
            "Csr": self.request,
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Validity": {"Type": "DAYS", "Value": LEAF_LIFE.days},
        }
        refusal = self.expected(ACTIVE)
        if not refusal and self.ends is not None and self.clock.now() + LEAF_LIFE > self.ends:
            refusal = "ValidationException"
        if refusal:
            assert self.asked(self.pca.issue_certificate, **order) == refusal
            return
        made = self.pca.issue_certificate(CertificateAuthorityArn=self.arn, **order)
        self.leaves.append(made["CertificateArn"])

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        leaf = data.draw(st.sampled_from(self.leaves))
        refusal = self.expected(ACTIVE, DISABLED, EXPIRED)
        if not refusal and leaf in self.revoked:
            refusal = "RequestAlreadyProcessedException"
        order = {"CertificateSerial": leaf.rpartition("/")[2], "RevocationReason": "SUPERSEDED"}
        assert self.asked(self.pca.revoke_certificate, **order) == refusal
        if not refusal:
            self.revoked.add(leaf)

    @rule(status=st.sampled_from([ACTIVE, DISABLED]))
    def update(self, status: str) -> None:
        refusal = self.expected(ACTIVE, DISABLED)
        assert self.asked(self.pca.update_certificate_authority, Status=status) == refusal
        if not refusal:
            self.stored = status

    @rule(days=st.integers(7, 30))
    def delete(self, days: int) -> None:
        refusal = self.expected(PENDING, DISABLED, EXPIRED)
        delete = self.pca.delete_certificate_authority
        assert self.asked(delete, PermanentDeletionTimeInDays=days) == refusal
        if not refusal:
            self.before, self.stored = self.stored, DELETED
            self.until = self.clock.now() + timedelta(days=days)

    @rule()
    def restore(self) -> None:
        refusal = self.expected(DELETED)
        assert self.asked(self.pca.restore_certificate_authority) == refusal
        if not refusal:
            self.stored, self.until = self.before, None

    @rule(days=st.sampled_from([0, 2, 6, 40, 99]))
    def travel(self, days: int) -> None:
        # An hour more, so that no date is met to the second.
        self.clock.travel(timedelta(days=days, hours=1))
        self.bench.run_due()

    @invariant()
    def is_as_it_should_be(self) -> None:
        if not hasattr(self, "bench"):
            return
        of_ca = {"CertificateAuthorityArn": self.arn}
        if self.status == GONE:
            assert self.asked(self.pca.describe_certificate_authority) == self.expected()
            return
        described = self.pca.describe_certificate_authority(**of_ca)["CertificateAuthority"]
        assert described["Status"] == self.status
        assert described.get("NotAfter") == self.ends
        assert described.get("RestorableUntil") == self.until
        listed = self.shelf.list_authority_certificates(**of_ca)["Certificates"]
        roles = ["CURRENT", *["FORMER"] * (self.installed - 1)][: self.installed]
        assert [one["Role"] for one in listed] == roles
        revoked = self.shelf.list_revocations(**of_ca)["Revocations"]
        assert {one["CertificateArn"] for one in revoked} == self.revoked


TestAuthorityLife = AuthorityLife.TestCase
TestAuthorityLife.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
