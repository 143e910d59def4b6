"""Root CA, subordinate CA and code-signing certificate in one go, through boto3-shaped clients.

Works in process and on AWS alike: AWS makes CSRs and certificates a moment after it was asked, so
what answers RequestInProgressException is asked again. Owns no state; what was made when a step
fails is named in the error.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.x509.oid import NameOID

from workbench.base.errors import Refused, WorkbenchError
from workbench.pki.algorithms import KEY_SPEC_OF, SIGNING_OF
from workbench.pki.clients import KmsClient, PcaClient, ShelfClient, error_code
from workbench.pki.csr import make_csr
from workbench.pki.parse import facts, one_certificate
from workbench.pki.templates import TEMPLATES

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""

_TRIES: Final = 120
_LONGEST_PAUSE: Final = 5.0


@dataclass(frozen=True, slots=True)
class HierarchyRequest:
    """What to make.

    Attributes:
        root_name: common name of the root CA.
        subordinate_name: common name of the subordinate CA.
        signer_name: common name of the code-signing certificate.
        organization: organization in all three names; empty for none.
        algorithm: AWS Private CA's KeyAlgorithm of all three keys.
        root_days: validity of the root.
        subordinate_days: validity of the subordinate CA, at most the root's.
        signer_days: validity of the code-signing certificate, at most the subordinate's.
        alias: alias of the signing key, beginning with `alias/`; empty for none.
    """

    root_name: str = "Code Signing Root"
    subordinate_name: str = "Code Signing Subordinate"
    signer_name: str = "Code Signing"
    organization: str = ""
    algorithm: str = "ML_DSA_65"
    root_days: int = 3650
    subordinate_days: int = 1825
    signer_days: int = 365
    alias: str = "alias/code-signing"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """What was made. PEMs end with a newline.

    Attributes:
        root_arn: ARN of the root CA.
        subordinate_arn: ARN of the subordinate CA.
        key_id: id of the KMS key that signs.
        key_arn: its ARN.
        certificate_arn: ARN of its certificate.
        root_pem: the root's certificate.
        subordinate_pem: the subordinate's certificate.
        certificate_pem: the code-signing certificate.
    """

    root_arn: str
    subordinate_arn: str
    key_id: str
    key_arn: str
    certificate_arn: str
    root_pem: str
    subordinate_pem: str
    certificate_pem: str

    @property
    def chain_pem(self) -> str:
        """Certificate, subordinate, root: the order in which each is signed by the next."""
        return self.certificate_pem + self.subordinate_pem + self.root_pem


class HierarchyIncomplete(WorkbenchError):
    """A step failed after others had made something.

    Args:
        made: what exists now, in words with ids.
        reason: why it stopped.
    """

    def __init__(self, made: tuple[str, ...], reason: str) -> None:
        super().__init__(
            f"The hierarchy is incomplete: {reason} Made so far: {'; '.join(made)}.",
            "Nothing is lost: finish it from what exists, or delete the CAs and the key and start "
            "again.",
        )
        self.made = made


def create_code_signing_hierarchy(
    kms: KmsClient,
    acm_pca: PcaClient,
    shelf: ShelfClient | None,
    request: HierarchyRequest,
    progress: Progress,
    sleep: Callable[[float], None] = time.sleep,
) -> Hierarchy:
    """Make root CA, subordinate CA, signing key and code-signing certificate.

    Args:
        kms: client that makes the signing key.
        acm_pca: client that makes the CAs and issues.
        shelf: the certificate collection to put the certificates into, root trusted; or None.
        request: names, algorithm and validities.
        progress: told each step.
        sleep: waits seconds between questions to a service that is still at work.

    Raises:
        Refused: the request cannot work; nothing was made.
        HierarchyIncomplete: a step failed after others had made something.
        botocore.exceptions.ClientError: the first step failed; nothing was made.
    """
    _refuse_unfit(kms, request)
    making = _Making(kms, acm_pca, request, progress, sleep)
    try:
        hierarchy = making.run()
        if shelf is not None:
            progress("Adding the certificates to the collection", 0.95)
            shelf.import_certificates(Data=hierarchy.chain_pem.encode(), TrustRoots=True)
    except (ClientError, WorkbenchError) as error:
        if not making.made:
            raise
        raise HierarchyIncomplete(tuple(making.made), _sentence(error)) from error
    progress("Done", 1.0)
    return hierarchy


def _refuse_unfit(kms: KmsClient, request: HierarchyRequest) -> None:
    if request.algorithm not in KEY_SPEC_OF:
        raise Refused(
            f"The algorithm {request.algorithm} is not offered for certificate authorities.",
            f"Choose one of {', '.join(KEY_SPEC_OF)}.",
        )
    if not request.root_days >= request.subordinate_days >= request.signer_days > 0:
        raise Refused(
            "A certificate cannot be valid for longer than its issuer's.",
            "Let the root be valid longest and the code-signing certificate shortest.",
        )
    names = (request.root_name, request.subordinate_name, request.signer_name)
    for name in names:
        if not 1 <= len(name) <= 64:
            raise Refused(
                f"The name “{name[:64]}” has {len(name)} characters.",
                "A common name has 1 to 64 characters (RFC 5280, upper bounds).",
            )
    if len(request.organization) > 64:
        raise Refused("The organization has more than 64 characters.", "Shorten it.")
    if len(set(names)) < 3:
        raise Refused(
            "Root, subordinate and certificate need different names.",
            "Certificates of one name are hard to tell apart, for programs as well.",
        )
    if request.alias and _exists(kms, request.alias):
        raise Refused(
            f"The alias {request.alias} is taken.", "Choose another alias for the signing key."
        )


def _exists(kms: KmsClient, alias: str) -> bool:
    try:
        kms.describe_key(KeyId=alias)
    except ClientError as error:
        if error_code(error) == "NotFoundException":
            return False
        raise
    return True


def _sentence(error: Exception) -> str:
    if isinstance(error, ClientError):
        problem = error.response.get("Error", {})
        return f"{error.operation_name} failed with {problem.get('Code')}: {problem.get('Message')}"
    return str(error)


class _Making:
    """The steps, and what they have made."""

    def __init__(
        self,
        kms: KmsClient,
        acm_pca: PcaClient,
        request: HierarchyRequest,
        progress: Progress,
        sleep: Callable[[float], None],
    ) -> None:
        self._kms = kms
        self._pca = acm_pca
        self._request = request
        self._progress = progress
        self._sleep = sleep
        self._signing = SIGNING_OF[request.algorithm][0]
        self.made: list[str] = []

    def run(self) -> Hierarchy:
        request = self._request
        self._progress("Creating the root CA", 0.0)
        root_arn = self._authority("ROOT", request.root_name, "root CA")
        self._progress("Signing the root's certificate", 0.15)
        root = self._certify(root_arn, root_arn, "RootCACertificate", request.root_days, "")
        root_pem = root[1]
        self._import(root_arn, root_pem, "")
        self._progress("Creating the subordinate CA", 0.3)
        sub_arn = self._authority("SUBORDINATE", request.subordinate_name, "subordinate CA")
        self._progress("Signing the subordinate's certificate", 0.45)
        within = root_pem if request.subordinate_days == request.root_days else ""
        sub = self._certify(
            root_arn,
            sub_arn,
            "SubordinateCACertificate_PathLen0",
            request.subordinate_days,
            within,
        )
        sub_pem = sub[1]
        self._import(sub_arn, sub_pem, root_pem)
        self._progress("Creating the signing key", 0.6)
        key_id, key_arn = self._key()
        self._progress("Signing the certificate request", 0.75)
        csr = make_csr(self._kms, key_id, self._name(request.signer_name))
        self._progress("Issuing the code-signing certificate", 0.85)
        within = sub_pem if request.signer_days == request.subordinate_days else ""
        arn, leaf_pem = self._issue(
            sub_arn, csr, "CodeSigningCertificate", request.signer_days, within
        )
        self.made.append(f"code-signing certificate {arn}")
        return Hierarchy(
            root_arn,
            sub_arn,
            key_id,
            key_arn,
            arn,
            f"{root_pem}\n",
            f"{sub_pem}\n",
            f"{leaf_pem}\n",
        )

    def _name(self, common_name: str) -> x509.Name:
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
        if self._request.organization:
            organization = self._request.organization
            attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        return x509.Name(attributes)

    def _authority(self, kind: str, common_name: str, words: str) -> str:
        subject = {"CommonName": common_name}
        if self._request.organization:
            subject["Organization"] = self._request.organization
        arn = str(
            self._pca.create_certificate_authority(
                CertificateAuthorityType=kind,
                CertificateAuthorityConfiguration={
                    "KeyAlgorithm": self._request.algorithm,
                    "SigningAlgorithm": self._signing,
                    "Subject": subject,
                },
            )["CertificateAuthorityArn"]
        )
        self.made.append(f"{words} {arn}")
        return arn

    def _certify(
        self, issuer: str, authority: str, template: str, days: int, within: str
    ) -> tuple[str, str]:
        csr = self._patiently(
            lambda: self._pca.get_certificate_authority_csr(CertificateAuthorityArn=authority)
        )["Csr"]
        return self._issue(issuer, str(csr), template, days, within)

    def _issue(
        self, issuer: str, csr: str, template: str, days: int, within: str
    ) -> tuple[str, str]:
        """Issue a certificate, ending with the issuer's certificate `within` if one is given."""
        validity = {"Type": "DAYS", "Value": days}
        if within:
            ends = facts(one_certificate(within.encode())).certificate.not_valid_after_utc
            validity = {"Type": "ABSOLUTE", "Value": int(ends.timestamp())}
        arn = str(
            self._pca.issue_certificate(
                CertificateAuthorityArn=issuer,
                Csr=csr.encode(),
                SigningAlgorithm=self._signing,
                TemplateArn=TEMPLATES[template].arn(issuer.split(":")[1]),
                Validity=validity,
            )["CertificateArn"]
        )
        answer = self._patiently(
            lambda: self._pca.get_certificate(CertificateAuthorityArn=issuer, CertificateArn=arn)
        )
        return arn, str(answer["Certificate"])

    def _import(self, authority: str, certificate: str, chain: str) -> None:
        above = {"CertificateChain": chain.encode()} if chain else {}
        self._pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=authority, Certificate=certificate.encode(), **above
        )

    def _key(self) -> tuple[str, str]:
        made = self._kms.create_key(
            KeySpec=KEY_SPEC_OF[self._request.algorithm],
            KeyUsage="SIGN_VERIFY",
            Description=f"Signs as {self._request.signer_name}",
        )["KeyMetadata"]
        self.made.append(f"signing key {made['KeyId']}")
        if self._request.alias:
            self._kms.create_alias(AliasName=self._request.alias, TargetKeyId=made["KeyId"])
        return str(made["KeyId"]), str(made["Arn"])

    def _patiently(self, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Ask again while the service says that it is still at work on it."""
        pause = 0.5
        for _ in range(_TRIES):
            try:
                return ask()
            except ClientError as error:
                if error_code(error) != "RequestInProgressException":
                    raise
            self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return ask()
