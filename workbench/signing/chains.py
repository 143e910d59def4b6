"""From a key to its certificate and chain, out of the certificate collection."""

from collections.abc import Iterator
from typing import Any

from workbench.base.errors import NotFound
from workbench.pki.parse import Facts, Malformed, facts

_LONGEST = 10


def chain_for_key(kms: Any, shelf: Any, key_id: str) -> tuple[bytes, ...]:
    """Find the certificate of a key, and what is between it and its root.

    Args:
        kms: boto3-shaped KMS client.
        shelf: client of the certificate collection.
        key_id: key id, ARN or alias.

    Returns:
        DER certificates, the signer's first, up to and including the root where it is there. Of
        several certificates the one that is valid longest is taken.

    Raises:
        NotFound: no certificate in the collection is for this key.
        botocore ClientError: the key cannot be asked for.
    """
    spki = bytes(kms.get_public_key(KeyId=key_id)["PublicKey"])
    known = list(shelf_certificates(shelf))
    own = [one for one in known if one.spki == spki and not one.ca]
    if not own:
        raise NotFound(
            f"No certificate for the key {key_id} is in the vault.",
            "Issue one in the Certificates pane, or import it.",
        )
    chain = [max(own, key=lambda one: one.certificate.not_valid_after_utc)]
    while not chain[-1].self_issued and len(chain) < _LONGEST:
        issuer = next((one for one in known if _issued(one, chain[-1])), None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(one.der for one in chain)


def trusted_roots(shelf: Any) -> tuple[bytes, ...]:
    """Return the trusted roots of the collection, DER."""
    return tuple(bytes(entry["Certificate"]) for entry in _entries(shelf) if entry.get("Trusted"))


def shelf_certificates(shelf: Any) -> Iterator[Facts]:
    """Yield every readable certificate of the collection."""
    for entry in _entries(shelf):
        try:
            yield facts(bytes(entry["Certificate"]))
        except Malformed:
            continue


def _entries(shelf: Any) -> Iterator[dict[str, Any]]:
    request: dict[str, Any] = {}
    while True:
        answer = shelf.list_certificates(**request)
        yield from answer["Certificates"]
        if not answer.get("NextToken"):
            return
        request = {"NextToken": answer["NextToken"]}


def _issued(issuer: Facts, subject: Facts) -> bool:
    named = issuer.subject == subject.issuer and issuer.fingerprint != subject.fingerprint
    return named and (subject.aki is None or issuer.ski is None or subject.aki == issuer.ski)
