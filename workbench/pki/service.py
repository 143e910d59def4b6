"""AWS Private CA as one thing the assembly can put behind the door."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from workbench.api.calls import Call, Caller, Operations
from workbench.base.clock import Clock
from workbench.iam.unique_ids import AsWritten
from workbench.pki.audit_report import AuditReports
from workbench.pki.authorities import Authorities
from workbench.pki.authority import Authority
from workbench.pki.authority_shelf import AuthorityShelf
from workbench.pki.batch_shelf import BatchShelf
from workbench.pki.check_shelf import CheckShelf
from workbench.pki.clients import KmsClient, PairsClient
from workbench.pki.document_shelf import DocumentShelf
from workbench.pki.exportable_shelf import ExportableShelf
from workbench.pki.finder import Finder
from workbench.pki.issuing import Issuing
from workbench.pki.limits import Limits
from workbench.pki.lists import RevocationLists
from workbench.pki.ocsp import Responder
from workbench.pki.permissions import Permissions
from workbench.pki.precheck import Finding, Precheck
from workbench.pki.profile_check import ProfileCheck
from workbench.pki.profile_shelf import ProfileShelf
from workbench.pki.publishing import Publishing
from workbench.pki.renewal_shelf import RenewalShelf
from workbench.pki.revocation_shelf import RevocationShelf
from workbench.pki.revoking import Revoking
from workbench.pki.serving import Serving
from workbench.pki.shelf import Shelf
from workbench.vault.vault import Vault


class PkiService:
    """The `acm-pca` and `shelf` services over one vault.

    Args:
        vault: where authorities and certificates are kept.
        kms: boto3-shaped KMS client; authorities' keys are made and used through it. Its Region
            is the one whose authorities this service cares for.
        publishing: where lists and reports go; by default to a folder in the vault's.
        kms_as: returns a KMS client that acts as a caller, so that whoever has a key of the vault
            used needs the right to use it; without it the service's own client is taken.
        limits: quotas; AWS's own when None.
        ids: the principals that policies of CAs name; as written, without identities.
        pairs_as: returns a client of data key pairs in a Region that acts as a caller.
        delay: how long a new CA is in CREATING.
    """

    def __init__(
        self,
        vault: Vault,
        kms: KmsClient,
        publishing: Publishing | None = None,
        kms_as: Callable[[Caller], KmsClient] | None = None,
        limits: Limits | None = None,
        ids: AsWritten | None = None,
        pairs_as: Callable[[Caller, str], PairsClient] | None = None,
        delay: timedelta = timedelta(),
    ) -> None:
        where = publishing or Publishing(vault.directory / "published")
        self._finder = Finder(vault, kms, where, kms_as or (lambda _: kms), limits, pairs_as)
        self._lists = RevocationLists(self._finder)
        self._responder = Responder(self._finder)
        after = self._status_services
        issuing = Issuing(self._finder, after)
        self._precheck = Precheck(self._finder, issuing)
        authorities = Authorities(self._finder, after, delay)
        self._reports = AuditReports(self._finder)
        self._parts = (
            authorities,
            issuing,
            Permissions(self._finder, ids or AsWritten()),
            Revoking(self._finder, self._lists),
            self._reports,
        )
        self._collection = (
            Shelf(self._finder),
            DocumentShelf(vault, self._finder),
            ProfileShelf(self._finder),
            ProfileCheck(),
            CheckShelf(self._finder, issuing, self._precheck),
            BatchShelf(self._finder, issuing, self._precheck),
            RevocationShelf(self._finder, self._lists),
            RenewalShelf(self._finder, issuing, self._precheck),
            AuthorityShelf(self._finder, authorities, issuing, self._precheck),
            ExportableShelf(self._finder),
        )

    def operations(self) -> Operations:
        """Return the operations of botocore's `acm-pca` model: all of them."""
        return {name: op for part in self._parts for name, op in part.operations().items()}

    def shelf_operations(self) -> Operations:
        """Return the operations of the workbench's own `shelf` model."""
        found = {name: op for part in self._collection for name, op in part.operations().items()}
        return {**found, **self._reports.shelf_operations()}

    def precheck(self, request: dict[str, Any], call: Call) -> list[Finding]:
        """Return what there is to say about an IssueCertificate request before it is made."""
        return self._precheck.check(request, call)

    def run_due(self, moment: datetime) -> int:
        """Renew lists and responders' certificates that are due; returns how many were made.

        Raises:
            Locked: the vault is locked.
        """
        authorities = self._here()
        made = self._responder.run_due(authorities, moment)
        return made + self._lists.run_due(authorities, moment)

    def respond(self, request: bytes, moment: datetime) -> bytes:
        """Answer an OCSP question (RFC 6960, DER in, DER out) about any CA of the Region.

        Raises:
            Locked: the vault is locked.
        """
        return self._responder.respond(request, self._here(), moment)

    def serving(self, clock: Clock) -> Serving:
        """Return what answers HTTP requests for lists and OCSP."""
        return Serving(self._finder, self._responder, self._here, clock)

    def _here(self) -> list[Authority]:
        region = self._finder.kms.meta.region_name
        return [one for one in self._finder.authorities.all() if one.region == region]

    def _status_services(self, authority: Authority, moment: datetime) -> None:
        """Give a CA whose certificate or configuration changed its lists and its responder."""
        self._responder.run_due([authority], moment)
        self._lists.set_up(authority, moment, anew=True)
