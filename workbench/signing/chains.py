"""From a key to its certificate and chain, out of the certificate collection."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from workbench.base.errors import NotFound, Refused
from workbench.pki.crls import REASONS
from workbench.pki.document_shelf import evidence
from workbench.pki.names import common_name
from workbench.pki.parse import Facts, Malformed, facts
from workbench.pki.purposes import USAGE_FOR, Purpose, allows
from workbench.pki.rules import bits
from workbench.pki.shelf import every_certificate, public_key_hash
from workbench.pki.status import Evidence, Standing, status_of

_LONGEST = 10
_EVER: Final = datetime.max.replace(tzinfo=UTC)
"""Whoever signs is not helped by a revocation that comes later."""


def chain_for_key(
    kms: Any, shelf: Any, key_id: str, purpose: Purpose = Purpose.DOCUMENT_SIGNING
) -> tuple[bytes, ...]:
    """Find the certificate of a key, and what is between it and its root.

    Args:
        kms: boto3-shaped KMS client.
        shelf: client of the certificate collection.
        key_id: key id, ARN or alias.
        purpose: what the certificate should be meant for.

    Returns:
        DER certificates, the signer's first, up to and including the root where it is there. Of
        several certificates one that is not revoked and meant for the purpose is taken if there is
        one, and of those the one that is valid longest.

    Raises:
        NotFound: no certificate in the collection is for this key.
        botocore ClientError: the key cannot be asked for.
    """
    spki = bytes(kms.get_public_key(KeyId=key_id)["PublicKey"])
    entries = list(every_certificate(shelf))
    revoked = {bytes(entry["Certificate"]) for entry in entries if entry.get("RevokedAt")}
    known = list(_readable(entries))
    own = [one for one in known if one.spki == spki and not one.ca]
    if not own:
        raise NotFound(
            f"No certificate for the key {key_id} is in the vault.",
            "Issue one in the Certificates pane, or import it.",
        )

    def worth(one: Facts) -> tuple[bool, bool, datetime]:
        ends = one.certificate.not_valid_after_utc
        return one.der not in revoked, meant_for(one, purpose), ends

    chain = [max(own, key=worth)]
    while not chain[-1].self_issued and len(chain) < _LONGEST:
        issuer = next((one for one in known if _issued(one, chain[-1])), None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(one.der for one in chain)


def signing_chain(
    kms: Any, shelf: Any, key_id: str, purpose: Purpose = Purpose.DOCUMENT_SIGNING
) -> tuple[bytes, ...]:
    """Return the chain of a key to sign with; as `chain_for_key`, and refuse a revoked one.

    Raises:
        Refused: a certificate of the chain is revoked; with since when, why, and what to do.
    """
    chain = chain_for_key(kms, shelf, key_id, purpose)
    _refuse_revoked(chain, revocation_evidence(shelf))
    return chain


def refuse_revoked(shelf: Any, chains: Iterable[tuple[bytes, ...]]) -> None:
    """Refuse chains of which a certificate was revoked meanwhile; asks for these alone.

    Args:
        shelf: client of the certificate collection.
        chains: DER certificates each, the signer's own first.

    Raises:
        Refused: as `signing_chain`.
        botocore ClientError: the collection refused.
    """
    known = evidence(shelf)
    for chain in chains:
        hashes = dict.fromkeys(public_key_hash(facts(der).spki) for der in chain)
        entries = (
            one for value in hashes for one in every_certificate(shelf, PublicKeySha256=value)
        )
        _refuse_revoked(chain, replace(known, records=_records(entries)))


def _refuse_revoked(chain: Sequence[bytes], known: Evidence) -> None:
    for one, issuer in pairwise(map(facts, chain)):
        status = status_of(one, issuer, known, _EVER)
        if status.standing is Standing.REVOKED and status.since is not None:
            reason = f" ({status.reason})" if status.reason else ""
            raise Refused(
                f"The certificate “{common_name(one.certificate.subject)}” was revoked on "
                f"{status.since:%Y-%m-%d}{reason}, as the {status.source} says; nobody would "
                "accept what is signed with it.",
                "Issue a new certificate in the Certificates pane, for a new key if this one may "
                "be known to others.",
            )


def meant_for(one: Facts, purpose: Purpose) -> bool:
    """Return whether a signer's certificate is meant for a purpose."""
    named = None if one.purposes is None else frozenset(oid.dotted_string for oid in one.purposes)
    needed = USAGE_FOR[purpose]
    usage = one.usage is None or not needed or bool(needed & bits(one))
    return usage and allows(named, purpose)


def revocation_evidence(shelf: Any) -> Evidence:
    """Return all that the collection knows of revocation: lists, answers, its own CAs' records.

    Raises:
        botocore ClientError: the collection refused.
    """
    return replace(evidence(shelf), records=_records(every_certificate(shelf)))


def _records(entries: Iterable[dict[str, Any]]) -> dict[str, tuple[datetime, str] | None]:
    return {
        str(entry["Id"]).lower(): _record(entry) for entry in entries if entry.get("CertificateArn")
    }


def _record(entry: dict[str, Any]) -> tuple[datetime, str] | None:
    if not entry.get("RevokedAt"):
        return None
    reason = REASONS.get(str(entry.get("RevocationReason", "")))
    return entry["RevokedAt"], reason.value if reason else ""


def trusted_roots(shelf: Any) -> tuple[bytes, ...]:
    """Return the trusted roots of the collection, DER."""
    return tuple(
        bytes(entry["Certificate"]) for entry in every_certificate(shelf) if entry.get("Trusted")
    )


def shelf_certificates(shelf: Any) -> Iterator[Facts]:
    """Yield every readable certificate of the collection."""
    yield from _readable(every_certificate(shelf))


def _readable(entries: Iterable[dict[str, Any]]) -> Iterator[Facts]:
    for entry in entries:
        try:
            yield facts(bytes(entry["Certificate"]))
        except Malformed:
            continue


def _issued(issuer: Facts, subject: Facts) -> bool:
    named = issuer.subject == subject.issuer and issuer.fingerprint != subject.fingerprint
    return named and (subject.aki is None or issuer.ski is None or subject.aki == issuer.ski)
