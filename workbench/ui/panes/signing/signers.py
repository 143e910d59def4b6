"""Which keys can sign files now, and why the others cannot.

Owns the question, asked of any boto3-shaped KMS and of the certificate collection. Knows no Qt, so
it runs on a worker. What cannot change about a key is asked once only: every request leaves a line
in the journal.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from workbench.signing.algorithms import allowed_digests
from workbench.signing.chains import shelf_certificates

_ALIAS: Final = "alias/"
_READY: Final = "Enabled"


class WhyNot(StrEnum):
    """Why a key cannot sign files."""

    NOTHING = ""
    NO_CERTIFICATE = "no certificate"
    NO_SCHEME = "no scheme"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key as a person chooses it.

    Attributes:
        id: key id.
        arn: key ARN.
        name: its first alias without prefix, or its id.
        spec: AWS key spec.
        digests: what files may be hashed with, the usual one first.
        state: AWS key state.
        why_not: why it cannot sign files now; empty if it can.
    """

    id: str
    arn: str
    name: str
    spec: str
    digests: tuple[str, ...]
    state: str
    why_not: WhyNot

    @property
    def ready(self) -> bool:
        """Whether it can sign files now."""
        return self.why_not is WhyNot.NOTHING


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What cannot change about a key: spec, and its public key's SHA-256 if it signs."""

    spec: str = ""
    public: str = ""


class SignerBook:
    """Lists signing keys; one worker at a time.

    Args:
        kms: boto3-shaped KMS client.
        shelf: client of the certificate collection.
    """

    def __init__(self, kms: Any, shelf: Any) -> None:
        self._kms = kms
        self._shelf = shelf
        self._fixed: dict[str, _Fixed] = {}

    def read(self) -> tuple[Signer, ...]:
        """Return every signing key, those that can sign now first, then by name.

        Keys of certificate authorities are left out: they sign certificates only.

        Raises:
            botocore ClientError, Locked: the service cannot be asked.
        """
        leaves: set[str] = set()
        authorities: set[str] = set()
        for one in shelf_certificates(self._shelf):
            public = hashlib.sha256(one.spki).hexdigest()
            (authorities if one.ca else leaves).add(public)
        names = self._names()
        found = []
        for key_id, arn in self._keys():
            fixed = self._look(key_id)
            if not fixed.public or fixed.public in authorities:
                continue
            state = str(self._kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])
            digests = allowed_digests(fixed.spec)
            why = _why_not(digests, state, certified=fixed.public in leaves)
            name = names.get(key_id, key_id)
            found.append(Signer(key_id, arn, name, fixed.spec, digests, state, why))
        return tuple(sorted(found, key=lambda one: (not one.ready, one.name.casefold())))

    def _keys(self) -> Iterator[tuple[str, str]]:
        for page in self._kms.get_paginator("list_keys").paginate():
            for entry in page.get("Keys", ()):
                yield str(entry["KeyId"]), str(entry["KeyArn"])

    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for page in self._kms.get_paginator("list_aliases").paginate():
            for entry in page.get("Aliases", ()):
                alias = str(entry["AliasName"]).removeprefix(_ALIAS)
                names.setdefault(str(entry.get("TargetKeyId", "")), alias)
        return names

    def _look(self, key_id: str) -> _Fixed:
        if key_id not in self._fixed:
            about = self._kms.describe_key(KeyId=key_id)["KeyMetadata"]
            public = ""
            if about.get("KeyUsage") == "SIGN_VERIFY":
                if about.get("KeyState") == "PendingImport":
                    return _Fixed()
                spki = bytes(self._kms.get_public_key(KeyId=key_id)["PublicKey"])
                public = hashlib.sha256(spki).hexdigest()
            self._fixed[key_id] = _Fixed(str(about.get("KeySpec", "")), public)
        return self._fixed[key_id]


def _why_not(digests: tuple[str, ...], state: str, *, certified: bool) -> WhyNot:
    if not digests:
        return WhyNot.NO_SCHEME
    if state != _READY:
        return WhyNot.STATE
    return WhyNot.NOTHING if certified else WhyNot.NO_CERTIFICATE
