"""Where lists and reports go, and under which addresses certificates say they can be asked for.

AWS Private CA writes to S3. Here a bucket is a folder: the object `KEY` of the bucket `BUCKET` is
the file `FOLDER/BUCKET/KEY`. Certificates name the CA's custom CNAME; without one the host that
this vault serves from, where AWS would name the bucket's host.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.base.files import fault, write_atomically
from workbench.pki.authority import Authority

DEFAULT_HOST: Final = "127.0.0.1:8099"
"""RFC 5280 §4.2.1.6 wants a fully qualified name or an address, so it is not `localhost`."""

PARTITIONS: Final = 16
"""Partitions of a partitioned CRL; a certificate's is its serial number modulo this, plus one."""

COMPLETE: Final = 0
"""The part that lists every certificate."""

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_DEFAULT_BUCKET: Final = "crl"
_READABLE: Final = 0o644


@dataclass(slots=True)
class Publishing:
    """Where this vault publishes.

    Attributes:
        folder: the folder that stands for S3; a folder in it for each bucket.
        host: host name and port that serves lists and answers, put into certificates of CAs
            without a custom CNAME. It changes with the endpoint's address.
    """

    folder: Path
    host: str = DEFAULT_HOST

    def write(self, bucket: str, key: str, data: bytes) -> Path:
        """Write an object and return its file.

        Raises:
            ValueError: the bucket's name is none that S3 allows.
            EnvironmentFault: the file system refused.
        """
        if not is_bucket(bucket):
            raise ValueError(f"{bucket} is not a bucket name")
        path = self.folder / bucket / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise fault(error, "make the folder", path.parent) from error
        write_atomically(path, data, replace=True, mode=_READABLE)
        return path

    def read(self, bucket: str, key: str) -> bytes:
        """Return an object as it was written, or nothing if it is not there or cannot be read."""
        if not is_bucket(bucket):
            return b""
        try:
            return (self.folder / bucket / key).read_bytes()
        except OSError:
            return b""

    def crl_url(self, authority: Authority, part: int) -> str:
        """Return the address of one part of a CA's revocation list."""
        host = crl_configuration(authority).get("CustomCname") or self.host
        return f"http://{host}/{crl_key(authority, part)}"

    def ocsp_url(self, authority: Authority) -> str:
        """Return the address to ask about a CA's certificates by OCSP.

        A custom CNAME stands alone, as with AWS; the responder finds the CA by the question.
        """
        custom = authority.revocation.get("OcspConfiguration", {}).get("OcspCustomCname")
        return f"http://{custom}" if custom else f"http://{self.host}/ocsp/{authority.id}"


def is_bucket(name: str) -> bool:
    """Whether S3 allows a bucket of this name, which then is a safe folder name as well."""
    return _BUCKET.fullmatch(name) is not None and ".." not in name


def crl_configuration(authority: Authority) -> dict[str, Any]:
    """Return a CA's CrlConfiguration; empty when CRLs are not enabled."""
    configuration: dict[str, Any] = authority.revocation.get("CrlConfiguration", {})
    return configuration if configuration.get("Enabled") else {}


def names_lists(authority: Authority) -> bool:
    """Whether certificates that a CA issues say where its revocation list is."""
    crl = crl_configuration(authority)
    named = crl.get("CrlDistributionPointExtensionConfiguration", {})
    return bool(crl) and not named.get("OmitExtension")


def ocsp_enabled(authority: Authority) -> bool:
    """Whether a CA's certificates can be asked about by OCSP."""
    return bool(authority.revocation.get("OcspConfiguration", {}).get("Enabled"))


def crl_bucket(authority: Authority) -> str:
    """Return the bucket a CA's lists are written to."""
    return str(crl_configuration(authority).get("S3BucketName", _DEFAULT_BUCKET))


def crl_key(authority: Authority, part: int) -> str:
    """Return the S3 key of a list: `crl/ID.crl`, of a partition `crl/ID/N.crl`, or below a path."""
    path = crl_configuration(authority).get("CustomPath", "crl").strip("/")
    name = authority.id if part == COMPLETE else f"{authority.id}/{part}"
    return f"{path}/{name}.crl" if path else f"{name}.crl"


def part_of(authority: Authority, serial: int) -> int:
    """Return which part of its CA's list a new certificate names."""
    partitioned = crl_configuration(authority).get("CrlType") == "PARTITIONED"
    return partition_of(serial) if partitioned else COMPLETE


def partition_of(serial: int) -> int:
    """Return the partition a serial number belongs to, whether or not its CA has partitions."""
    return serial % PARTITIONS + 1
