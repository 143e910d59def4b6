"""What depends on a CA: what it issued and is still valid, CAs below it, recipes and jobs, lists.

Reads records and boto3-shaped clients, on a worker. Knows no Qt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from workbench.pki.parse import facts
from workbench.pki.roster import Held
from workbench.pki.shelf import public_key_hash
from workbench.ui.panes.certificates.records import Collection, Record
from workbench.ui.panes.certificates.relations import jobs_with

_OVER: Final = frozenset({"done", "cancelled"})
"""States in which a job uses nothing any more."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What depends on a CA.

    Attributes:
        certificates: issued by it and still valid, but for CAs'.
        authorities: CAs that it certified and that are still valid.
        below: how many certificates further down are still valid.
        recipes: names of signing recipes with a key that it certified.
        jobs: signing jobs under way whose signatures carry its certificate.
        lists: how many revocation lists it publishes.
        lists_end: until when verifiers take the one that ends first, or None.
        ocsp: whether it answers OCSP.
    """

    certificates: tuple[Record, ...] = ()
    authorities: tuple[Record, ...] = ()
    below: int = 0
    recipes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    lists: int = 0
    lists_end: datetime | None = None
    ocsp: bool = False


def impact_of(bench: Any, held: Held, collection: Collection, now: datetime) -> Impact:
    """Return what depends on a CA.

    Args:
        bench: the clients.
        held: the CA.
        collection: the certificates.
        now: when.

    Raises:
        botocore.exceptions.ClientError: the service that knows the CA refused.
    """
    if not held.signed:
        return Impact()
    mark = f"{held.arn}/certificate/"
    valid = [one for one in collection.records.values() if _valid(one, now)]
    issued = [
        one
        for one in valid
        if any(arn.startswith(mark) for arn in one.arns) and not _own(one, held, collection)
    ]
    certificates = tuple(one for one in issued if not (one.authority or _responder(one)))
    authorities = tuple(one for one in issued if one.authority)
    lower = {name for one in authorities for name in collection.below(one.id)}
    below = lower.intersection(one.id for one in valid) - {one.id for one in issued}
    described = bench.acm_pca.describe_certificate_authority(CertificateAuthorityArn=held.arn)
    ocsp = described["CertificateAuthority"]["RevocationConfiguration"]["OcspConfiguration"]
    lists = bench.shelf.list_revocation_lists(CertificateAuthorityArn=held.arn)["RevocationLists"]
    own = [one for one in collection.records.values() if _own(one, held, collection)]
    return Impact(
        certificates,
        authorities,
        len(below),
        _recipes(bench, certificates),
        _jobs(bench, own),
        len(lists),
        min((one["EndsAt"] for one in lists), default=None),
        bool(ocsp["Enabled"]),
    )


def _own(one: Record, held: Held, collection: Collection) -> bool:
    found = collection.authority(one.id)
    return found is not None and found.arn == held.arn


def _responder(one: Record) -> bool:
    """Whether it is one of those that sign OCSP answers, which CAs make by themselves."""
    return facts(one.der).no_check


def _valid(one: Record, now: datetime) -> bool:
    return one.starts <= now <= one.ends and one.revoked is None


def _recipes(bench: Any, certificates: Sequence[Record]) -> tuple[str, ...]:
    """Return the names of the recipes with a key that one of these certificates certifies."""
    wanted = {one.spki_hash for one in certificates}
    if not wanted:
        return ()
    hashes: dict[str, str] = {}
    found = []
    for recipe in bench.recipes.all():
        keys = [*(one.id for one in recipe.keys), *filter(None, (recipe.stamper,))]
        for key in keys:
            if key not in hashes:
                hashes[key] = _hash(bench.kms, key)
        if any(hashes[key] in wanted for key in keys):
            found.append(recipe.name)
    return tuple(found)


def _hash(kms: Any, key: str) -> str:
    try:
        return public_key_hash(bytes(kms.get_public_key(KeyId=key)["PublicKey"]))
    except ClientError:  # it is gone, or disabled: nothing is signed with it now
        return ""


def _jobs(bench: Any, own: Sequence[Record]) -> tuple[str, ...]:
    waiting = [one for one in bench.jobs.jobs() if str(one.state) not in _OVER]
    return tuple({job.id: None for one in own for job in jobs_with(one.der, waiting)})
