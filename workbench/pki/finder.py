"""From what a request names to the authority meant, with AWS's errors on the way."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

from workbench.api.calls import Call, Caller
from workbench.api.errors import AwsError
from workbench.base.errors import Refused
from workbench.pki.authority import Authority
from workbench.pki.clients import KmsClient, PairsClient, error_code
from workbench.pki.external import ExternalKey, known_external_key
from workbench.pki.limits import Counter, Limits
from workbench.pki.names import readable
from workbench.pki.parse import Facts, facts
from workbench.pki.passthrough import Extra
from workbench.pki.profiles import ProfileStore
from workbench.pki.publishing import Publishing, names_lists, ocsp_enabled, part_of
from workbench.pki.revocations import RevocationStore
from workbench.pki.store import AuthorityStore, CertificateStore, Idempotency, Kept
from workbench.pki.templates import OWN_TEMPLATES, Template, parse_arn, resolve
from workbench.vault.vault import Vault

_RESOURCE: Final = re.compile(r"certificate-authority/[0-9a-f-]{36}")
_MOST_OF_A_NAME: Final = 64
_CREATE_WINDOW: Final = timedelta(minutes=5)


class Finder:
    """The stores of this floor, and how requests find things in them.

    Args:
        vault: where everything is kept.
        kms: boto3-shaped KMS client that signs for the authorities.
        publishing: where lists and reports go.
        kms_as: returns a KMS client that acts as a caller, for keys that callers choose.
        limits: quotas; AWS's own when None.
        pairs_as: returns a client of data key pairs in a Region that acts as a caller; without it
            there are no keys that can be exported.
    """

    def __init__(
        self,
        vault: Vault,
        kms: KmsClient,
        publishing: Publishing,
        kms_as: Callable[[Caller], KmsClient],
        limits: Limits | None = None,
        pairs_as: Callable[[Caller, str], PairsClient] | None = None,
    ) -> None:
        self.kms_as = kms_as
        self.pairs_as = pairs_as or _no_pairs
        self.publishing = publishing
        self.revocations = RevocationStore(vault)
        self.profiles = ProfileStore(vault)
        self.authorities = AuthorityStore(vault)
        self.certificates = CertificateStore(vault)
        self.idempotency = Idempotency(vault, _CREATE_WINDOW)
        self.kms = kms
        self.limits = limits or Limits()
        self.issued = Counter(
            self.limits.certificates_per_authority, "issued", self.certificates.count_issued_by
        )
        self.revoked = Counter(self.limits.revoked_per_authority, "revoked", self.revocations.count)

    def authority(self, arn: str, call: Call) -> Authority:
        """Return the authority an ARN names, noting it for the journal.

        Raises:
            AwsError: InvalidArnException or ResourceNotFoundException.
        """
        prefix = call.place.arn("acm-pca", "")
        if not arn.startswith(prefix) or not _RESOURCE.fullmatch(arn[len(prefix) :]):
            raise AwsError("InvalidArnException", f"Invalid certificate authority ARN: {arn}")
        if arn not in call.resources:
            call.note(arn)
        found = self.authorities.get(arn)
        if found is None or found.gone(call.time):
            raise AwsError(
                "ResourceNotFoundException", f"Could not find certificate authority: {arn}"
            )
        return found

    def certificate(self, name: str) -> Kept:
        """Return the certificate of the collection with an id, with or without `SHA256:`.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        kept = self.certificates.get(name.removeprefix("SHA256:").lower())
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {name}")
        return kept

    def one(self, request: Mapping[str, Any]) -> Kept:
        """Return the certificate that a request names by CertificateId or CertificateArn.

        Raises:
            AwsError: InvalidRequestException or ResourceNotFoundException.
        """
        name, arn = request.get("CertificateId"), request.get("CertificateArn")
        if (name is None) == (arn is None):
            raise AwsError("InvalidRequestException", "Name one certificate, by its id or its ARN.")
        if name is not None:
            return self.certificate(name)
        kept = self.certificates.by_arn(arn) if arn else None
        if kept is None:
            raise AwsError("ResourceNotFoundException", f"Could not find certificate: {arn}")
        return kept

    def issuer_of(self, kept: Kept) -> Authority | None:
        """Return the CA of the vault that issued a certificate, or None."""
        return self.authorities.get(kept.arn.partition("/certificate/")[0]) if kept.arn else None

    def named(self, name: x509.Name) -> Iterator[Facts]:
        """Yield the certificates of the collection that bear a name, a few at most."""
        wanted = name.public_bytes()
        for kept in self.certificates.by_subject(readable(name), _MOST_OF_A_NAME):
            known = facts(kept.der)
            if known.subject == wanted:
                yield known

    def template(self, arn: str | None, partition: str = "") -> Template:
        """Return the template an ARN names: AWS's, ours, or a profile the user keeps.

        Args:
            arn: the ARN; the default template for None.
            partition: that of the CA that is asked; empty without one.

        Raises:
            UnknownTemplate: it names nothing, or a template of another partition.
        """
        own, name = parse_arn(arn, partition) if arn else (False, "")
        kept = self.profiles.get(name) if own and name not in OWN_TEMPLATES else None
        return kept.template() if kept is not None else resolve(arn)

    def pointers(self, authority: Authority, serial: int) -> tuple[Extra, ...]:
        """Return the extensions that say where a certificate's status can be asked for.

        Source: RFC 5280 §4.2.1.13 and §4.2.2.1.
        """
        made: list[Extra] = []
        if names_lists(authority):
            url = self.publishing.crl_url(authority, part_of(authority, serial))
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
            value = x509.CRLDistributionPoints([point])
            made.append((ExtensionOID.CRL_DISTRIBUTION_POINTS, False, value))
        if ocsp_enabled(authority):
            address = x509.UniformResourceIdentifier(self.publishing.ocsp_url(authority))
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, address)
            oid = ExtensionOID.AUTHORITY_INFORMATION_ACCESS
            made.append((oid, False, x509.AuthorityInformationAccess([access])))
        return tuple(made)

    def key(self, authority: Authority) -> ExternalKey:
        """Return the authority's signing key, which is elsewhere."""
        return known_external_key(self.kms, authority.key_arn, authority.spki)


def _no_pairs(caller: Caller, region: str) -> PairsClient:
    del caller, region
    raise AwsError("UnsupportedOperationException", "Keys cannot be exported here.")


def wrong_state(authority: Authority, moment: datetime, needed: str) -> AwsError:
    """Return AWS's InvalidStateException, which says what the state is and what it must be."""
    return AwsError(
        "InvalidStateException",
        f"The certificate authority {authority.arn} is {authority.status(moment)}; {needed}",
    )


@contextmanager
def key_in_use(what: str) -> Iterator[None]:
    """Turn what KMS answers into RequestFailedException while a CA's key is used.

    Raises:
        AwsError: KMS refused.
    """
    try:
        yield
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", "")
        raise AwsError(
            "RequestFailedException", f"Could not {what}: KMS said {error_code(error)}. {reason}"
        ) from error
    except Refused as error:
        raise AwsError("RequestFailedException", f"Could not {what}: {error}") from error


def page_token(last: str) -> str:
    """Return an opaque NextToken that continues after `last`."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def after_token(token: str | None) -> str:
    """Return what a NextToken continues after; empty without a token.

    Raises:
        AwsError: InvalidNextTokenException.
    """
    if token is None:
        return ""
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise AwsError("InvalidNextTokenException", "The NextToken is not one of ours.") from error
