"""Revocation lists and their entries, read; lists made anew; and what a revocation would break.

AWS Private CA writes its lists to S3 and says nothing more of them. Revoking itself is AWS's
RevokeCertificate. Source: RFC 5280 §5.
"""

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.pki.authority import Authority, serial_text
from workbench.pki.check_shelf import entries
from workbench.pki.finder import Finder, after_token, page_token, wrong_state
from workbench.pki.issuing import certificate_arn, self_signed
from workbench.pki.lists import RevocationLists
from workbench.pki.names import common_name, readable
from workbench.pki.parse import Facts, facts
from workbench.pki.paths import matches, signed_by
from workbench.pki.precheck import Finding, Severity
from workbench.pki.publishing import (
    COMPLETE,
    crl_bucket,
    crl_configuration,
    crl_key,
    ocsp_enabled,
)
from workbench.pki.revocations import Revocation, RevocationList
from workbench.pki.store import Kept

_PAGE: Final = 100
_PORTION: Final = 500
_MOST_BELOW: Final = 10_000


class RevocationShelf:
    """List and get revocation lists, list revocations, preview a revocation, renew the lists."""

    def __init__(self, finder: Finder, lists: RevocationLists) -> None:
        self._finder = finder
        self._lists = lists

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "ListRevocationLists": Operation(self._list),
            "GetRevocationList": Operation(self._get),
            "RenewRevocationLists": Operation(self._renew, mutates=True, read_only=False),
            "ListRevocations": Operation(self._revocations),
            "PreviewRevocation": Operation(self._preview),
        }

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        configuration = crl_configuration(authority)
        return {
            "RevocationLists": self._entries(authority),
            "Enabled": bool(configuration),
            "Partitioned": configuration.get("CrlType") == "PARTITIONED",
            "Revoked": self._finder.revocations.count(authority.arn),
        }

    def _get(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        part = request.get("Part", COMPLETE)
        found = self._finder.revocations.list_of(authority.arn, part)
        if found is None:
            raise AwsError(
                "ResourceNotFoundException",
                f"There is no revocation list {part} of {authority.arn}.",
                "Enable revocation lists for the CA.",
            )
        return {"RevocationList": self._entry(authority, found), "Document": found.der}

    def _renew(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if not crl_configuration(authority):
            raise AwsError(
                "InvalidStateException",
                f"{authority.arn} has no revocation lists.",
                "Enable them with UpdateCertificateAuthority.",
            )
        if not self._lists.set_up(authority, call.time, anew=True):
            raise wrong_state(authority, call.time, "or its key cannot sign; no list was made.")
        return {"RevocationLists": self._entries(authority)}

    def _entries(self, authority: Authority) -> list[dict[str, Any]]:
        return [
            self._entry(authority, one) for one in self._finder.revocations.lists(authority.arn)
        ]

    def _entry(self, authority: Authority, one: RevocationList) -> dict[str, Any]:
        publishing = self._finder.publishing
        return {
            "Part": one.part,
            "Number": one.number,
            "IssuedAt": one.issued,
            "EndsAt": one.ends,
            "DueAt": one.due,
            "Entries": one.entries,
            "Size": len(one.der),
            "Address": publishing.crl_url(authority, one.part),
            "File": str(publishing.folder / crl_bucket(authority) / crl_key(authority, one.part)),
            "Problem": one.problem,
        }

    def _revocations(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        limit = request.get("MaxResults", _PAGE)
        after = after_token(request.get("NextToken"))
        found = self._finder.revocations.page(authority.arn, after, limit + 1)
        answer: dict[str, Any] = {
            "Revocations": [self._revocation(authority, one) for one in found[:limit]]
        }
        if len(found) > limit:
            answer["NextToken"] = page_token(found[limit - 1].position)
        return answer

    def _revocation(self, authority: Authority, one: Revocation) -> dict[str, Any]:
        arn = certificate_arn(authority, one.serial)
        entry: dict[str, Any] = {
            "Serial": serial_text(one.serial),
            "CertificateArn": arn,
            "RevokedAt": one.revoked,
            "Reason": one.reason,
            "ExpiresAt": one.expires,
            "Part": one.part,
        }
        kept = self._finder.certificates.by_arn(arn)
        if kept is not None:
            entry["CertificateId"] = kept.fingerprint
            entry["Subject"] = readable(facts(kept.der).certificate.subject)
        return entry

    def _preview(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        kept = self._finder.one(request)
        one = facts(kept.der)
        serial = one.certificate.serial_number
        answer: dict[str, Any] = {
            "Certificate": _affected(kept, 0, elsewhere=False),
            "CertificateSerial": serial_text(serial),
        }
        issuer = self._finder.issuer_of(kept)
        revoked = self._finder.revocations.get(issuer.arn, serial) if issuer else None
        if issuer and revoked:
            answer["Revoked"] = self._revocation(issuer, revoked)
        below = [_affected(*item) for item in self._below(one)] if one.ca else []
        found = [*self._objections(kept, issuer, revoked, call), *_consequences(one, below)]
        return {**answer, "Below": below, "Findings": entries(found)}

    def _objections(
        self, kept: Kept, issuer: Authority | None, revoked: Revocation | None, call: Call
    ) -> Iterator[Finding]:
        if issuer is None:
            yield Finding(
                Severity.REFUSED,
                "RFC 5280 §3.3",
                "No CA of this vault issued it: only its issuer can revoke it. To trust it no "
                "longer, delete it or end the trust in its root.",
            )
            return
        if self_signed(kept, issuer):
            yield Finding(
                Severity.REFUSED,
                "RFC 5280 §3.3",
                "A root's own certificate cannot be revoked: end the trust in it instead.",
            )
        if revoked:
            yield Finding(
                Severity.REFUSED,
                "RFC 5280 §5.3.1",
                f"It was revoked on {revoked.revoked:%Y-%m-%d %H:%M} UTC ({revoked.reason}).",
            )
        if not crl_configuration(issuer) and not ocsp_enabled(issuer):
            yield Finding(
                Severity.WARNING,
                "RFC 5280 §3.3",
                "Its CA publishes neither revocation lists nor OCSP answers, so nobody would learn "
                "of it: enable one of them for the CA.",
            )
        if facts(kept.der).certificate.not_valid_after_utc < call.time:
            yield Finding(
                Severity.NOTICE, "RFC 5280 §3.3", "It has expired, so that revoking it says little."
            )

    def _below(self, top: Facts) -> Iterator[tuple[Kept, int, bool]]:
        """Yield what a CA certificate carries, depth, and whether another one carries it too."""
        by_issuer: dict[bytes, list[Kept]] = defaultdict(list)
        twins: dict[tuple[bytes, bytes], int] = defaultdict(int)
        for kept in self._collection():
            known = facts(kept.der)
            twins[known.subject, known.spki] += known.ca
            if not known.self_issued:
                by_issuer[known.issuer].append(kept)
        seen = {top.fingerprint}
        waiting = deque([(top, 0, twins[top.subject, top.spki] > 1)])
        while waiting and len(seen) <= _MOST_BELOW:
            above, depth, elsewhere = waiting.popleft()
            for kept in by_issuer.get(above.subject, ()):
                child = facts(kept.der)
                if child.fingerprint in seen or not matches(child, above):
                    continue
                if not signed_by(child, above):
                    continue
                seen.add(child.fingerprint)
                other = elsewhere or (child.ca and twins[child.subject, child.spki] > 1)
                yield kept, depth + 1, elsewhere
                if child.ca:
                    waiting.append((child, depth + 1, other))

    def _collection(self) -> Iterator[Kept]:
        after = ""
        while page := self._finder.certificates.page(after, _PORTION):
            for kept in page:
                after = kept.fingerprint
                yield kept


def _consequences(one: Facts, below: list[dict[str, Any]]) -> Iterator[Finding]:
    lost = [entry for entry in below if not entry["Elsewhere"]]
    if lost:
        what = "1 certificate" if len(lost) == 1 else f"{len(lost)} certificates"
        yield Finding(
            Severity.WARNING,
            "RFC 5280 §6.1.3 (a)(3)",
            f"“{common_name(one.certificate.subject)}” is a CA: {what} below it would no longer be "
            "valid.",
        )
    if len(lost) < len(below):
        yield Finding(
            Severity.NOTICE,
            "RFC 5280 §6.1",
            f"{len(below) - len(lost)} below it stay valid by another certificate of the same CA.",
        )


def _affected(kept: Kept, depth: int, elsewhere: bool) -> dict[str, Any]:  # noqa: FBT001 - one of a tuple
    known = facts(kept.der)
    entry: dict[str, Any] = {
        "Id": kept.fingerprint,
        "Subject": readable(known.certificate.subject),
        "NotAfter": known.certificate.not_valid_after_utc,
        "Depth": depth,
        "Elsewhere": elsewhere,
    }
    optional = {"CertificateArn": kept.arn, "CertificateAuthorityArn": kept.authority_arn}
    return {**entry, **{name: value for name, value in optional.items() if value}}
