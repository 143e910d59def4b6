"""Revocation lists of the vault's CAs: made, renewed on time, written to their folders.

Has no thread of its own: the assembly calls `run_due` as it calls the keys' worker.
Source: RFC 5280 §5; AWS Private CA User Guide, "Set up a CRL" (renewal at half of the validity).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from workbench.base.errors import Refused, WorkbenchError
from workbench.pki.authority import Authority, Status
from workbench.pki.clients import error_code
from workbench.pki.crls import build_crl
from workbench.pki.finder import Finder
from workbench.pki.parse import facts
from workbench.pki.publishing import (
    COMPLETE,
    PARTITIONS,
    crl_bucket,
    crl_configuration,
    crl_key,
)
from workbench.pki.revocations import Revocation, RevocationList

_DEFAULT_DAYS: Final = 7
_AT_ONCE: Final = 1_000
"""Up to how many revoked certificates a list is signed within the request that changes it."""

_RETRY: Final = timedelta(minutes=10)
_LIVING: Final = frozenset({Status.ACTIVE, Status.DISABLED})


class RevocationLists:
    """The lists of one Region's CAs."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def changed(self, authority: Authority, moment: datetime, part: int) -> None:
        """Bring the lists that a partition's certificates may name up to date.

        At once if they are short, else when `run_due` comes.

        A key that cannot sign now does not undo what was changed: `run_due` tries again.
        """
        if not _publishes(authority, moment):
            return
        store = self._finder.revocations
        for one in store.lists(authority.arn):
            if one.part in {COMPLETE, part}:
                store.put_list(authority.arn, replace(one, due=moment))
        if store.count(authority.arn) <= _AT_ONCE:
            self.set_up(authority, moment)

    def set_up(self, authority: Authority, moment: datetime, *, anew: bool = False) -> int:
        """Make the lists that a CA should have and that are missing or due.

        Args:
            authority: the CA.
            moment: now.
            anew: make those as well that are not due, as after a change of addresses.

        Returns:
            How many were made.
        """
        if not _publishes(authority, moment):
            return 0
        there = {one.part: one for one in self._finder.revocations.lists(authority.arn)}
        wanted = dict.fromkeys((COMPLETE, *there))
        if crl_configuration(authority).get("CrlType") == "PARTITIONED":
            wanted |= dict.fromkeys(range(1, PARTITIONS + 1))
        due = [part for part in wanted if anew or part not in there or there[part].due <= moment]
        return self._make(authority, due, moment) if due else 0

    def run_due(self, authorities: Iterable[Authority], moment: datetime) -> int:
        """Make what is missing or due for all of these; returns how many lists were made."""
        return sum(self.set_up(one, moment) for one in authorities)

    def _make(self, authority: Authority, parts: Iterable[int], moment: datetime) -> int:
        days = crl_configuration(authority).get("ExpirationInDays", _DEFAULT_DAYS)
        # Read before the entries: a revocation from here on changes them, which is then noticed.
        last = {one.part: one for one in self._finder.revocations.lists(authority.arn)}
        entries = self._entries(authority, moment, timedelta(days=days))
        made = 0
        for part in parts:
            mine = entries if part == COMPLETE else [one for one in entries if one.part == part]
            made += self._make_one(
                authority, part, last.get(part), mine, moment, timedelta(days=days)
            )
        return made

    def _entries(self, authority: Authority, now: datetime, after: timedelta) -> list[Revocation]:
        """Return what a list names: RFC 5280 §3.3 keeps entries for one list beyond expiry."""
        everything = self._finder.revocations.all(authority.arn)
        return [one for one in everything if one.expires + after >= now]

    def _make_one(
        self,
        authority: Authority,
        part: int,
        last: RevocationList | None,
        entries: list[Revocation],
        moment: datetime,
        validity: timedelta,
    ) -> bool:
        store = self._finder.revocations
        number = max(last.number if last else 0, self._published(authority, part, last)) + 1
        start = moment.replace(microsecond=0)
        address = self._finder.publishing.crl_url(authority, part) if part != COMPLETE else ""
        try:
            der = build_crl(
                facts(authority.certificate),
                self._finder.key(authority),
                authority.signing_algorithm,
                entries,
                number,
                (start, start + validity),
                address,
            )
        except (ClientError, Refused) as error:
            if last is not None:
                problem = f"The list could not be signed: {_reason(error)}"
                retried = replace(last, due=moment + _RETRY, problem=problem)
                store.replace_list(authority.arn, last, retried, lambda: "")
            return False
        made = RevocationList(
            part, der, number, start, start + validity, start + validity / 2, len(entries)
        )
        # Not kept if somebody else's is newer than what this one was made from.
        return store.replace_list(authority.arn, last, made, lambda: self._write(authority, made))

    def _published(self, authority: Authority, part: int, last: RevocationList | None) -> int:
        """Return the number of the list in its folder, or 0 if there is none of this CA's.

        It is ahead of the vault when the process ended between writing and keeping it, or when the
        vault was restored from a backup: a number must not be used twice (RFC 5280 §5.2.3).
        """
        data = self._finder.publishing.read(crl_bucket(authority), crl_key(authority, part))
        if last is not None and data == last.der:
            return last.number
        try:
            crl = x509.load_der_x509_crl(data)
            public = facts(authority.certificate).certificate.public_key()
            if not crl.is_signature_valid(public):  # type: ignore[arg-type]  # of any CA key
                return 0
            return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        except (ValueError, TypeError, UnsupportedAlgorithm, x509.ExtensionNotFound):
            return 0

    def _write(self, authority: Authority, made: RevocationList) -> str:
        """Write a list to its folder and return why that failed, or nothing."""
        try:
            self._finder.publishing.write(
                crl_bucket(authority), crl_key(authority, made.part), made.der
            )
        except WorkbenchError as error:
            return f"The list is served but could not be written to its folder: {error}"
        return ""


def _reason(error: Exception) -> str:
    return error_code(error) or str(error)


def _publishes(authority: Authority, moment: datetime) -> bool:
    return bool(crl_configuration(authority)) and authority.status(moment) in _LIVING
