"""Many certificates of one CA in one request: signed on all cores, kept in one transaction.

A certificate that the check or the CA refuses spares the others; what is answered is kept, and if
the process ends before, nothing is. Each goes through the same checks as IssueCertificate's.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from workbench.api.calls import Call, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.pki.authority import Authority
from workbench.pki.check_shelf import enforce, entries
from workbench.pki.finder import Finder, wrong_state
from workbench.pki.issuing import Issuing
from workbench.pki.orders import Order, understand
from workbench.pki.parse import Facts, pem
from workbench.pki.precheck import Finding, Precheck

_THREADS: Final = min(8, os.cpu_count() or 1)
_SHARED: Final = ("SigningAlgorithm", "TemplateArn", "Validity", "ValidityNotBefore")


@dataclass(frozen=True, slots=True)
class _Signed:
    """A certificate that is signed and not yet kept."""

    order: Order
    signed: Facts
    found: list[Finding]


class BatchShelf:
    """IssueCertificates."""

    def __init__(self, finder: Finder, issuing: Issuing, precheck: Precheck) -> None:
        self._finder = finder
        self._issuing = issuing
        self._precheck = precheck

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {"IssueCertificates": Prepared(self._keep, prepare=self._sign)}

    def _sign(self, request: dict[str, Any], call: Call) -> list[_Signed | AwsError]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        shared: dict[str, Any] = {name: request[name] for name in _SHARED if name in request}

        def one(asked: dict[str, Any]) -> _Signed | AwsError:
            try:
                return self._sign_one(authority, {**shared, **asked}, request, call)
            except AwsError as error:
                return error

        return _on_all_cores(one, request["Requests"])

    def _sign_one(
        self, authority: Authority, asked: dict[str, Any], request: dict[str, Any], call: Call
    ) -> _Signed:
        if "Validity" not in asked:
            raise AwsError(
                "ValidationException", "Neither the request nor the entry has a Validity."
            )
        order = understand(self._finder, authority, asked, call.time)
        found: list[Finding] = []
        if request.get("Check", True):
            found, _ = self._precheck.look_at(
                order, call.time, lint=request.get("Lint", False), quick=True
            )
            enforce(found, request, call)
        return _Signed(order, self._issuing.sign(order), found)

    def _keep(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        signed: list[_Signed | AwsError] = call.prepared
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        for one in signed:
            if isinstance(one, _Signed) and not _same(one.order.authority, authority):
                raise wrong_state(authority, call.time, "it changed meanwhile: ask again.")
        return {"Results": [self._result(one, call) for one in signed]}

    def _result(self, one: _Signed | AwsError, call: Call) -> dict[str, Any]:
        if isinstance(one, AwsError):
            return {"ErrorCode": one.code, "ErrorMessage": one.message}
        try:
            kept = self._issuing.keep(one.order, one.signed, call)
        except AwsError as error:  # the CA's quota is used up
            return {"ErrorCode": error.code, "ErrorMessage": error.message}
        return {
            "CertificateArn": kept.arn,
            "Id": one.signed.fingerprint,
            "Certificate": pem(kept.der),
            "Findings": entries(one.found),
        }


def _same(before: Authority, now: Authority) -> bool:
    """Whether a CA is still in the state and has the certificate that it was asked in."""
    return (before.stored_status, before.certificate) == (now.stored_status, now.certificate)


def _on_all_cores(work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    if len(items) == 1 or _THREADS == 1:
        return [work(item) for item in items]
    # The first alone: what is made when first used is then there for all.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="issuing") as pool:
        return [work(items[0]), *pool.map(work, items[1:])]
