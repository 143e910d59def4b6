"""Certificates on their way out: which of a chain, in which encoding, under which file name.

Public data only. Knows no Qt and no service.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workbench.pki.parse import pem
from workbench.ui.panes.certificates.records import Collection, Record

PEM_TYPE: Final = "application/x-pem-file"
_UNFIT: Final = re.compile(r"[^\w.-]+")
_LONGEST: Final = 60


class Extent(StrEnum):
    """What is exported."""

    ONE = "certificate"
    CHAIN = "chain"
    CHAIN_WITH_ROOT = "chain-with-root"
    ANCHOR = "root"


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be exported from one certificate.

    Attributes:
        record: the certificate.
        chain: itself and its issuers upwards as far as they are here.
        complete: whether the chain ends at a root.
    """

    record: Record
    chain: tuple[Record, ...]
    complete: bool

    @property
    def extents(self) -> tuple[Extent, ...]:
        """What there is to choose from."""
        if len(self.chain) == 1:
            return (Extent.ANCHOR,) if self.complete else (Extent.ONE,)
        if not self.complete:
            return (Extent.ONE, Extent.CHAIN)
        return (Extent.ONE, Extent.CHAIN, Extent.CHAIN_WITH_ROOT, Extent.ANCHOR)

    def records(self, extent: Extent) -> tuple[Record, ...]:
        """Return the certificates of an extent, leaf first."""
        if extent is Extent.ONE:
            return self.chain[:1]
        if extent is Extent.ANCHOR:
            return self.chain[-1:]
        whole = extent is Extent.CHAIN_WITH_ROOT or not self.complete
        return self.chain if whole or len(self.chain) == 1 else self.chain[:-1]

    def data(self, extent: Extent, *, der: bool = False) -> bytes:
        """Return what is written; DER is for one certificate only."""
        chosen = self.records(extent)
        return chosen[0].der if der and len(chosen) == 1 else pem_text(chosen).encode()

    def file_name(self, extent: Extent, *, der: bool = False) -> str:
        """Return a name to suggest."""
        if extent in {Extent.ONE, Extent.ANCHOR}:
            return file_name(self.records(extent)[0], ".cer" if der else ".pem")
        return file_name(self.record, "-chain.pem")


def offer(record: Record, collection: Collection) -> Offer:
    """Return what can be exported from a certificate of a collection."""
    chain = [record]
    while chain[-1].issuer_id in collection.records and len(chain) <= len(collection.records):
        chain.append(collection.records[chain[-1].issuer_id])
    return Offer(record, tuple(chain), complete=chain[-1].root)


def pem_text(records: Sequence[Record]) -> str:
    """Return certificates as PEM, one after the other, ending with a newline."""
    return "".join(f"{pem(record.der)}\n" for record in records)


def file_name(record: Record, ending: str) -> str:
    """Return a file name made of a certificate's name: letters, digits, `.`, `-` and `_` only."""
    stem = _UNFIT.sub("-", record.name).strip("-.")[:_LONGEST]
    return f"{stem or record.id[:16]}{ending}"
