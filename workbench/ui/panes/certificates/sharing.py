"""Certificates on their way out: which of a chain, in which encoding, under which file name.

Public data only; of private keys just whether there is a form for them. Knows no Qt and no service.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workbench.pki.bundles import Form, Named, bundle
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
    TRUSTED = "trusted-roots"


CHAINS: Final = {
    Extent.ONE: "NONE",
    Extent.CHAIN: "WITHOUT_ROOT",
    Extent.CHAIN_WITH_ROOT: "WITH_ROOT",
}
"""How much of the chain goes with a private key, in the collection's words."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be exported from one certificate.

    Attributes:
        record: the certificate.
        chain: itself and its issuers upwards as far as they are here.
        complete: whether the chain ends at a root.
        trusted: every trusted root of the collection.
    """

    record: Record
    chain: tuple[Record, ...]
    complete: bool
    trusted: tuple[Record, ...] = ()

    @property
    def extents(self) -> tuple[Extent, ...]:
        """What there is to choose from."""
        if len(self.chain) == 1:
            own: tuple[Extent, ...] = (Extent.ANCHOR,) if self.complete else (Extent.ONE,)
        elif self.complete:
            own = (Extent.ONE, Extent.CHAIN, Extent.CHAIN_WITH_ROOT, Extent.ANCHOR)
        else:
            own = (Extent.ONE, Extent.CHAIN)
        return (*own, Extent.TRUSTED) if self.trusted else own

    def records(self, extent: Extent) -> tuple[Record, ...]:
        """Return the certificates of an extent, leaf first."""
        if extent is Extent.ONE:
            return self.chain[:1]
        if extent is Extent.ANCHOR:
            return self.chain[-1:]
        if extent is Extent.TRUSTED:
            return self.trusted
        whole = extent is Extent.CHAIN_WITH_ROOT or not self.complete
        return self.chain if whole or len(self.chain) == 1 else self.chain[:-1]

    def forms(self, extent: Extent) -> tuple[Form, ...]:
        """Return the forms that an extent can be written in."""
        single = len(self.records(extent)) == 1
        return tuple(
            form
            for form in Form
            if (single or form is not Form.DER)
            and (not form.private or self._with_key(extent, form))
        )

    def _with_key(self, extent: Extent, form: Form) -> bool:
        """Whether the private key can be in a form of an extent."""
        if not self.record.wrapping or extent not in CHAINS:
            return False
        return form is Form.KEY_PKCS12 or extent is Extent.ONE

    def data(self, extent: Extent, form: Form = Form.PEM, password: str = "") -> bytes:
        """Return what is written.

        Raises:
            Refused: the password is too short.
        """
        named = [Named(record.der, record.name) for record in self.records(extent)]
        return bundle(named, form, password)

    def file_name(self, extent: Extent, form: Form = Form.PEM) -> str:
        """Return a name to suggest."""
        if extent is Extent.TRUSTED:
            return f"trusted-roots{form.suffix}"
        if form.private:
            return file_name(self.record, f"-key{form.suffix}")
        if extent in {Extent.ONE, Extent.ANCHOR}:
            return file_name(self.records(extent)[0], form.suffix)
        return file_name(self.record, f"-chain{form.suffix}")


def offer(record: Record, collection: Collection) -> Offer:
    """Return what can be exported from a certificate of a collection."""
    chain = [record]
    while chain[-1].issuer_id in collection.records and len(chain) <= len(collection.records):
        chain.append(collection.records[chain[-1].issuer_id])
    trusted = tuple(one for one in collection.records.values() if one.trusted)
    return Offer(record, tuple(chain), complete=chain[-1].root, trusted=trusted)


def pem_text(records: Sequence[Record]) -> str:
    """Return certificates as PEM, one after the other, ending with a newline."""
    return "".join(f"{pem(record.der)}\n" for record in records)


def file_name(record: Record, ending: str) -> str:
    """Return a file name made of a certificate's name: letters, digits, `.`, `-` and `_` only."""
    return plain_name(record.name, record.id) + ending


def plain_name(name: str, other: str) -> str:
    """Return a harmless file name without its ending; made of `other` where nothing is left."""
    return _UNFIT.sub("-", name).strip("-.")[:_LONGEST] or other[:16]
