"""PKCS#12 containers (RFC 7292): opened with a password, and made for certificates alone.

Owns the structure, its integrity and its protection; keys go on to `foreign`, and those that may
leave the module are `private_export`'s. Must not know files or requests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import cms
from asn1crypto import pkcs12 as structure
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    PKCS12Certificate,
    serialize_java_truststore,
    serialize_key_and_certificates,
)

from workbench.base.errors import Refused
from workbench.crypto.derivation_cost import Budget, check_algorithm, check_rounds
from workbench.crypto.foreign import ForeignKey, WrongPassword, read_private
from workbench.crypto.pbes2 import is_pbes2, open_pbes2
from workbench.crypto.pkcs12_library import Loaded, Outcome, load, load_apart

MOST_BAGS: Final = 10_000
_DEEPEST: Final = 8
ROUNDS: Final = 600_000
"""PBKDF2 rounds of what is written, as OWASP and NIST SP 800-132 advise for HMAC-SHA-256."""

_UNREADABLE: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    UnsupportedAlgorithm,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """What a container holds.

    Attributes:
        keys: private keys with the names given to them, which may be empty; or why one cannot be
            read.
        certificates: certificates in DER with their names.
        unread: whether a part could not be opened, although the password is the one.
    """

    keys: tuple[tuple[str, ForeignKey | Refused], ...]
    certificates: tuple[tuple[str, bytes], ...]
    unread: bool = False


def open_pkcs12(data: bytes, password: str) -> Opened:
    """Open a container after checking its integrity by the password.

    Raises:
        WrongPassword: the password is not the one, or the container was changed.
        Refused: it is damaged, takes too long to open or holds too much.
    """
    budget = Budget()
    try:
        safes = list(_safes(data, budget))
    except _UNREADABLE:
        raise _damaged() from None
    loaded = _load(data, password, safes, budget.spent)
    try:
        # Read late, so that damage deep inside shows only now.
        return _contents(safes, loaded, password)
    except _UNREADABLE:
        raise _damaged() from None


def _contents(safes: Sequence[Any], loaded: Loaded, password: str) -> Opened:
    bags = [bag for safe in safes for bag in _bags(safe, password)]
    if len(bags) > MOST_BAGS:
        raise Refused(f"The container holds more than {MOST_BAGS} entries.")
    certificates = [one for one in map(_certificate, bags) if one]
    if not certificates:
        certificates = list(loaded.certificates)
    found = [one for one in (_key(bag, password) for bag in bags) if one]
    # Without the library's help, parts under the schemes before PBES2 stay closed.
    beyond = loaded.outcome is Outcome.BEYOND
    unread = beyond and any(not list(_bags(safe, password)) for safe in safes)
    return Opened(tuple(found), tuple(certificates), unread)


def certificates_pkcs12(
    certificates: Sequence[tuple[str, x509.Certificate]], password: str, *, java: bool = False
) -> bytes:
    """Return a container of certificates only, PBES2 with AES-256 and HMAC-SHA-256 (RFC 9579 §8).

    Args:
        certificates: names and certificates.
        password: protects it; with an empty one it is neither encrypted nor authenticated.
        java: whether Java is to trust every certificate in it, as in a truststore.
    """
    named = [PKCS12Certificate(one, name.encode() or None) for name, one in certificates]
    protected = protection(password) if password else NoEncryption()
    if java:
        return serialize_java_truststore(named, protected)
    return serialize_key_and_certificates(None, None, None, named, protected)


def protection(password: str) -> KeySerializationEncryption:
    """Return how everything written is protected: PBES2, AES-256-CBC, HMAC-SHA-256, `ROUNDS`."""
    return (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )


def _safes(data: bytes, budget: Budget) -> Iterator[Any]:
    """Yield the parts of a container, having looked at what opening them costs together."""
    pfx = structure.Pfx.load(data, strict=True)
    mac = pfx["mac_data"]
    if mac.native is not None:
        budget.spend(check_rounds(mac["iterations"].native))
        budget.spend(check_algorithm(mac["mac"]["digest_algorithm"].dump()))  # RFC 9579 §4
    if pfx["auth_safe"]["content_type"].native != "data":
        raise Refused("The container is protected by a certificate, not by a password.")
    for safe in pfx.authenticated_safe:
        if safe["content_type"].native == "encrypted_data":
            algorithm = _content(safe)["content_encryption_algorithm"].dump()
            budget.spend(check_algorithm(algorithm))
        yield safe


def _load(data: bytes, password: str, safes: Sequence[Any], rounds: int) -> Loaded:
    """Let the library check the MAC and open what is not opened here.

    What opening the private keys costs is looked at before, where that can be seen.

    Raises:
        WrongPassword: the password is not the one.
        Refused: it takes too long.
    """
    budget, hidden = Budget(), False
    for safe in safes:
        try:
            plain = _plain(safe, password)
            _check_keys(plain or b"", budget)
        except _UNREADABLE:
            plain = None  # the library may read what is not read here
        hidden |= plain is None
    loaded = load_apart(data, password, rounds + budget.spent) if hidden else load(data, password)
    if loaded.outcome is Outcome.WRONG:
        raise WrongPassword
    return loaded


def _check_keys(plain: bytes, budget: Budget) -> None:
    for bag in _bags_in(plain):
        if bag["bag_id"].native == "pkcs8_shrouded_key_bag":
            algorithm = bag["bag_value"].untag()["encryption_algorithm"]
            budget.spend(check_algorithm(algorithm.dump()))


def _content(safe: Any) -> Any:
    content = safe["content"]
    if not isinstance(content, cms.EncryptedData):
        raise TypeError("encrypted data expected")
    return content["encrypted_content_info"]


def _plain(safe: Any, password: str) -> bytes | None:
    """Return the SafeContents of a part in DER; None if only the library opens it."""
    kind = safe["content_type"].native
    if kind == "data":
        return bytes(safe["content"].native)
    if kind != "encrypted_data":
        return b""
    info = _content(safe)
    algorithm = info["content_encryption_algorithm"].dump()
    if not is_pbes2(algorithm):
        return None
    return open_pbes2(algorithm, info["encrypted_content"].native, password)


def _bags(safe: Any, password: str) -> Iterator[Any]:
    return _bags_in(_plain(safe, password) or b"")


def _bags_in(plain: bytes) -> Iterator[Any]:
    if plain:
        yield from _flat(structure.SafeContents.load(plain))


def _flat(bags: Any, depth: int = 0) -> Iterator[Any]:
    """Yield bags, and those in bags of bags (RFC 7292 §4.2.6), which the library opens as well."""
    if depth > _DEEPEST:
        raise Refused("The container has bags in bags too deep to be meant.")
    for bag in bags:
        if bag["bag_id"].native == "safe_contents":
            yield from _flat(bag["bag_value"].untag(), depth + 1)
        else:
            yield bag


def _certificate(bag: Any) -> tuple[str, bytes] | None:
    if bag["bag_id"].native != "cert_bag":
        return None
    value = bag["bag_value"]
    if value["cert_id"].native != "x509":
        return None
    return _name(bag), bytes(value["cert_value"])


def _key(bag: Any, password: str) -> tuple[str, ForeignKey | Refused] | None:
    kind = bag["bag_id"].native
    if kind not in {"key_bag", "pkcs8_shrouded_key_bag"}:
        return None
    secret = password if kind == "pkcs8_shrouded_key_bag" else None
    try:
        return _name(bag), read_private(bag["bag_value"].untag().dump(), secret)
    except Refused as error:
        return _name(bag), error


def _name(bag: Any) -> str:
    attributes = bag["bag_attributes"]
    for attribute in attributes if attributes.native else ():
        if attribute["type"].native == "friendly_name":
            return str(attribute["values"].native[0])
    return ""


def _damaged() -> Refused:
    return Refused("The PKCS#12 container is damaged.", "Get it again from its source.")
