"""What a certificate is joined with beside its issuer: its CA's other certificates, its jobs.

Reads records and the signing queue's views; knows no Qt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.ui.panes.certificates.records import Collection, Record


@dataclass(frozen=True, slots=True)
class Job:
    """A signing job that puts a certificate into its signatures.

    Attributes:
        id: the job's.
        title: what it is about.
        created: when it was submitted, UTC.
        signs: whether the certificate's own key signs in it, rather than one below it.
    """

    id: str
    title: str
    created: datetime
    signs: bool


def same_ca(record: Record, collection: Collection) -> list[Record]:
    """Return the other certificates of the collection with the same subject and key."""
    found = [
        one
        for one in collection.records.values()
        if one.spki_hash == record.spki_hash
        and one.subject == record.subject
        and one.id != record.id
    ]
    return sorted(found, key=lambda one: (one.starts, one.id))


def same_key(record: Record, collection: Collection) -> list[Record]:
    """Return the certificates that certify the same key under another name."""
    found = [
        one
        for one in collection.records.values()
        if one.spki_hash == record.spki_hash and one.subject != record.subject
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def jobs_with(der: bytes, jobs: Iterable[Any]) -> list[Job]:
    """Return the jobs whose signatures carry a certificate, the newest first.

    Args:
        der: the certificate.
        jobs: views of jobs, as the queue gives them.
    """
    found = []
    for job in jobs:
        recipe = job.recipe
        stamper = (recipe.stamper,) if recipe.stamper is not None else ()
        chains = [recipe.chain, *(one.chain for one in (*recipe.others, *stamper))]
        if any(der in chain for chain in chains):
            signs = any(chain[:1] == (der,) for chain in map(tuple, chains))
            found.append(Job(job.id, job.title, job.created, signs))
    return sorted(found, key=lambda job: job.created, reverse=True)
