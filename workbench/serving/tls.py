"""The endpoint's certificate: from a CA of the vault that may certify this machine alone.

The CA lives as any other in the vault: made and used through the AWS Private CA client, its key in
the HSM. The server's own key is made in this process's memory and never written anywhere.

Name constraints (RFC 5280 §4.2.1.10) hold the CA to the loopback names, so that whoever trusts it
for the endpoint trusts it for nothing else.
"""

import base64
import contextlib
import ipaddress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.api.models import aws_model
from workbench.base.clock import Clock
from workbench.base.files import write_atomically
from workbench.base.identifiers import Place
from workbench.endpoint.ports import TlsIdentity
from workbench.engine import Engine
from workbench.pki.parse import one_certificate, pem
from workbench.pki.store import AuthorityStore
from workbench.pki.templates import TEMPLATES
from workbench.vault.vault import Vault

ALIAS: Final = "alias/key-workbench-endpoint-ca"
CA_FILE: Final = "endpoint-ca.pem"
SERVER_DAYS: Final = 7
RENEW_BEFORE: Final = timedelta(days=3)
"""So long before its end a certificate is replaced: a vault may be locked over a weekend."""

_CA_DAYS: Final = 3650
_SETTING: Final = "endpoint_ca"
_SIGNING: Final = "SHA256WITHECDSA"
_ADDRESSES: Final = ("127.0.0.1", "::1")
_NAME: Final = "localhost"


class EndpointCertificate:
    """What an endpoint shows, made anew before it ends.

    Args:
        authority: issues it.
        ca_file: where the CA's certificate is written, for `AWS_CA_BUNDLE`.
        clock: the time.
    """

    def __init__(self, authority: "EndpointAuthority", ca_file: Path, clock: Clock) -> None:
        self._authority = authority
        self._ca_file = ca_file
        self._clock = clock
        self.ends: datetime | None = None

    def obtain(self) -> TlsIdentity:
        """Return a new certificate and key; raises as `EndpointAuthority.identity`."""
        made = self._authority.identity(self._ca_file)
        self.ends = x509.load_pem_x509_certificate(made.chain).not_valid_after_utc
        return made

    def renewed(self) -> TlsIdentity | None:
        """Return a new one if the last one ends soon, else None; raises as `obtain`."""
        due = self.ends is None or self.ends - self._clock.now() < RENEW_BEFORE
        return self.obtain() if due else None


class EndpointAuthority:
    """The vault's CA for its endpoint, made when first needed.

    Args:
        engine: the services.
        vault: remembers which CA it is.
        place: account and Region.
        clock: the time.
    """

    def __init__(self, engine: Engine, vault: Vault, place: Place, clock: Clock) -> None:
        owner = Caller.owner(place)
        self._kms: Any = Client(engine.door(), aws_model("kms"), owner)
        self._pca: Any = Client(engine.door(), aws_model("acm-pca"), owner)
        self._vault = vault
        self._clock = clock
        self._partition = place.partition

    def identity(self, ca_file: Path) -> TlsIdentity:
        """Return a certificate for this machine's loopback, valid for 7 days, and its key.

        Args:
            ca_file: where the CA's certificate is written, for `AWS_CA_BUNDLE`.

        Raises:
            ClientError: the CA or its key refused, as when someone has disabled it.
            EnvironmentFault: the file could not be written.
            Locked: the vault is locked.
        """
        arn = self._existing() or self._create()
        key = ec.generate_private_key(ec.SECP256R1())
        server = self._issue(arn, _request(key), "EndEntityServerAuthCertificate", SERVER_DAYS)
        authority = self._own_certificate(arn)
        write_atomically(ca_file, authority, replace=True, mode=0o644)
        # The root is not sent: the client has it, or has no reason to trust it.
        return TlsIdentity(
            server, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )

    def _own_certificate(self, arn: str) -> bytes:
        answer = self._pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
        return f"{answer['Certificate'].strip()}\n".encode()

    def _existing(self) -> str:
        """Return the ARN of the CA made before, or nothing if it is of no use any more."""
        rows = self._vault.read("SELECT value FROM settings WHERE name = ?", (_SETTING,))
        arn = str(rows[0][0]) if rows else ""
        if not arn:
            return ""
        try:
            answer = self._pca.describe_certificate_authority(CertificateAuthorityArn=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return ""
        found = answer["CertificateAuthority"]
        left = found["NotAfter"] - self._clock.now() if "NotAfter" in found else None
        usable = found["Status"] == "ACTIVE" and left is not None and left.days > SERVER_DAYS
        return arn if usable else ""

    def _create(self) -> str:
        arn = str(
            self._pca.create_certificate_authority(
                CertificateAuthorityType="ROOT",
                CertificateAuthorityConfiguration={
                    "KeyAlgorithm": "EC_prime256v1",
                    "SigningAlgorithm": _SIGNING,
                    "Subject": {"CommonName": "Key Workbench endpoint CA"},
                },
                UsageMode="SHORT_LIVED_CERTIFICATE",
            )["CertificateAuthorityArn"]
        )
        csr = self._pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
        template = "BlankRootCACertificate_PathLen0_APIPassthrough"
        certificate = self._issue(arn, csr.encode(), template, _CA_DAYS, _constraints())
        self._pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=certificate
        )
        self._name_key(arn)
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)", (_SETTING, arn)
            )
        return arn

    def _name_key(self, arn: str) -> None:
        """Put the alias on the CA's key, so that people see in their list what it is."""
        authority = AuthorityStore(self._vault).get(arn)
        assert authority is not None
        try:
            self._kms.create_alias(AliasName=ALIAS, TargetKeyId=authority.key_arn)
        except self._kms.exceptions.AlreadyExistsException:
            # A CA before this one had it; or a person did, whose key is left alone.
            with contextlib.suppress(ClientError):
                self._kms.update_alias(AliasName=ALIAS, TargetKeyId=authority.key_arn)

    def _issue(
        self, arn: str, csr: bytes, template: str, days: int, passed: dict[str, Any] | None = None
    ) -> bytes:
        more = {"ApiPassthrough": passed} if passed else {}
        issued = self._pca.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=csr,
            SigningAlgorithm=_SIGNING,
            TemplateArn=TEMPLATES[template].arn(self._partition),
            Validity={"Type": "DAYS", "Value": days},
            **more,
        )["CertificateArn"]
        answer = self._pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
        return pem(one_certificate(answer["Certificate"].encode())).encode()


def _request(key: ec.EllipticCurvePrivateKey) -> bytes:
    addresses = [x509.IPAddress(ipaddress.ip_address(text)) for text in _ADDRESSES]
    names = x509.SubjectAlternativeName([x509.DNSName(_NAME), *addresses])
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    )
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM)


def _constraints() -> dict[str, Any]:
    """Return ApiPassthrough for a CA of the loopback names."""
    networks = [x509.IPAddress(ipaddress.ip_network(text)) for text in _ADDRESSES]
    names = x509.NameConstraints([x509.DNSName(_NAME), *networks], None)
    return {
        "Extensions": {
            "KeyUsage": {"KeyCertSign": True, "CRLSign": True, "DigitalSignature": True},
            "CustomExtensions": [
                {
                    "ObjectIdentifier": names.oid.dotted_string,
                    "Value": base64.b64encode(names.public_bytes()).decode("ascii"),
                    "Critical": True,
                }
            ],
        }
    }
