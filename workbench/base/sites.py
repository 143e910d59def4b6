"""Where keys are looked for: in a Region of this vault, or in one of AWS as a profile.

Owns the names of such places and how they are written down. Holds no secret: of a profile only its
name, never what it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from workbench.base.errors import Refused

_LONGEST: Final = 2048
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_AMAZON: Final = (
    *(".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"),
    *(".c2s.ic.gov", ".sc2s.sgov.gov", ".csp.hci.ic.gov", ".cloud.adc-e.uk"),
)
"""How hosts of AWS's partitions end, as botocore's endpoint data has them."""


@dataclass(frozen=True, slots=True)
class Site:
    """A place that has keys.

    Attributes:
        region: its Region; empty for the vault's home Region.
        aws: whether requests leave this process, to AWS or to what stands in for it.
        profile: profile of the AWS shared configuration; empty for what boto3 finds by itself.
        endpoint: where requests go instead of AWS; empty for AWS.
    """

    region: str = ""
    aws: bool = False
    profile: str = ""
    endpoint: str = ""

    @property
    def host(self) -> str:
        """Return host and port of the endpoint; empty where requests go to AWS itself."""
        return urlsplit(self.endpoint).netloc.rpartition("@")[2] if self.endpoint else ""

    @property
    def text(self) -> str:
        """Return it in a line, such as `AWS · prod · eu-west-1`."""
        if not self.aws:
            return self.region
        first = self.host or "AWS"
        return " · ".join(part for part in (first, self.profile, self.region) if part)

    def elsewhere(self, region: str) -> "Site":
        """Return the same in another Region."""
        return Site(region, self.aws, self.profile, self.endpoint)

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values; what is empty is left out."""
        every = {"region": self.region, "profile": self.profile, "endpoint": self.endpoint}
        record: dict[str, Any] = {name: value for name, value in every.items() if value}
        return record | {"aws": True} if self.aws else record

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> "Site":
        """Return the site of `to_record`.

        Raises:
            Refused: it is none, or its endpoint may not be used.
        """
        texts = {name: record.get(name, "") for name in ("region", "profile", "endpoint")}
        aws = record.get("aws", False)
        known = set(record) <= {"aws", *texts} and isinstance(aws, bool)
        if not known or not all(map(_is_line, texts.values())):
            raise Refused("This is no place that has keys.", "Choose where to look again.")
        site = Site(texts["region"], aws, texts["profile"], texts["endpoint"])
        if not aws and (site.profile or site.endpoint):
            raise Refused("A Region of the vault has no profile.", "Choose where to look again.")
        check_endpoint(site.endpoint)
        return site


HOME: Final = Site()
"""The vault's home Region."""


def check_endpoint(url: str) -> None:
    """Check the address that requests are to go to; an empty one is AWS's own.

    Raises:
        Refused: it is no address, names somebody, or would send requests unprotected to another
            machine.
    """
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise Refused("This is no endpoint URL.", "Give one such as https://kms.example.com:8443.")
    if parts.username is not None or parts.password is not None:
        raise Refused(
            "An endpoint URL names no user and no password.", "Leave out what is before the @."
        )
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise Refused(
            "Requests to another machine need https: they carry plaintexts and data keys.",
            "Begin the endpoint URL with https://.",
        )


def is_amazon(url: str) -> bool:
    """Whether a URL leads to AWS itself: real money, real keys."""
    return (urlsplit(url).hostname or "").endswith(_AMAZON)


def _is_line(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and value.isprintable()
