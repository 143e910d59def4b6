"""Who one is at a site, and whether keys can be seen there: asked before anything else is.

Owns the reading of an ARN as an identity. Knows boto3 by `clients` alone.
"""

from dataclasses import dataclass
from typing import Any, Final

from workbench.api.calls import Caller
from workbench.aws.clients import Cloud
from workbench.base.identifiers import Place
from workbench.base.sites import Site, is_amazon

_KINDS: Final = {"root": "Root", "user": "IAMUser", "assumed-role": "AssumedRole"}
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom requests are made as, and where they go.

    Attributes:
        caller: the identity.
        place: partition, account and Region.
        url: where KMS's requests go.
        real: whether that is AWS itself.
    """

    caller: Caller
    place: Place
    url: str
    real: bool


@dataclass(frozen=True, slots=True)
class Check:
    """What came of trying a connection.

    Attributes:
        standing: who and where.
        site: the same site with its Region named.
        keys: how many keys there are, up to a hundred.
        more: whether there are more.
        problem: why keys cannot be listed, in AWS's words; empty if they can.
    """

    standing: Standing
    site: Site
    keys: int = 0
    more: bool = False
    problem: str = ""


def stand(cloud: Cloud) -> Standing:
    """Ask who one is (sts:GetCallerIdentity).

    Raises:
        EnvironmentFault, Refused: it cannot be asked.
        botocore ClientError: the credentials are refused.
    """
    region = cloud.region
    told = cloud.client("sts", region).get_caller_identity()
    place = Place(told["Account"], region, told["Arn"].split(":")[1])
    url = cloud.client("kms", region).meta.endpoint_url
    return Standing(caller_of(told["Arn"], place), place, url, is_amazon(url))


def check(cloud: Cloud) -> Check:
    """Ask who one is, and list keys (kms:ListKeys); raises as `stand`."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - comes with boto3

    standing = stand(cloud)
    site = cloud.site.elsewhere(standing.place.region)
    try:
        answer: dict[str, Any] = cloud.client("kms", site.region).list_keys(Limit=_MOST)
    except ClientError as error:
        told = error.response["Error"]
        return Check(standing, site, problem=f"{told.get('Code')}: {told.get('Message')}")
    return Check(standing, site, len(answer.get("Keys", ())), bool(answer.get("Truncated")))


def caller_of(arn: str, place: Place) -> Caller:
    """Return the identity that an ARN of GetCallerIdentity names."""
    resource = arn.rpartition(":")[2]
    kind = _KINDS.get(resource.partition("/")[0], "FederatedUser")
    principal = ""
    if kind == "AssumedRole":
        # The role's path is not told; policies that name it in full do not match this.
        principal = place.iam(f"role/{resource.split('/')[1]}")
    return Caller(arn, place.account, kind, principal=principal)
