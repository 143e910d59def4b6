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

from workbench.pki.purposes import Purpose
from workbench.signing.algorithms import allowed_digests
from workbench.signing.chains import shelf_certificates
from workbench.signing.formats.base import Format
from workbench.signing.formats.timestamp import is_authority
from workbench.ui.errors import is_denied
from workbench.ui.many import each

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
        why_not: why it cannot make plain CMS signatures now; empty if it can.
        aliases: every alias of it.
        certified: whether the collection has a certificate for it.
        stamps: whether that is a timestamp authority's.
    """

    id: str
    arn: str
    name: str
    spec: str
    digests: tuple[str, ...]
    state: str
    why_not: WhyNot
    aliases: tuple[str, ...] = ()
    certified: bool = True
    stamps: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can make plain CMS signatures now."""
        return self.why_not is WhyNot.NOTHING

    def why_not_in(self, form: Format) -> WhyNot:
        """Return why it cannot sign in a format now; nothing if it can."""
        if self.spec not in form.specs:
            return WhyNot.NO_SCHEME
        if self.state != _READY:
            return WhyNot.STATE
        stamping = form.traits.purpose is Purpose.TIME_STAMPING
        needed = form.traits.certificate == "needed"
        if needed and (not self.certified or self.stamps is not stamping):
            return WhyNot.NO_CERTIFICATE
        return WhyNot.NOTHING

    def is_called(self, key: str) -> bool:
        """Whether a recipe's key is this one, by id, ARN or alias."""
        return key in {self.id, self.arn, *self.aliases}


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
        parallel: how many keys are asked about at once.
    """

    def __init__(self, kms: Any, shelf: Any, parallel: int = 1) -> None:
        self._kms = kms
        self._shelf = shelf
        self._parallel = parallel
        self._fixed: dict[str, _Fixed] = {}

    def read(self) -> tuple[Signer, ...]:
        """Return every signing key, those that can sign now first, then by name.

        Keys of certificate authorities are left out, they sign certificates only; and keys that
        whoever asks may not look at.

        Raises:
            botocore ClientError, Locked: the service cannot be asked.
        """
        leaves: set[str] = set()
        authorities: set[str] = set()
        stampers: set[str] = set()
        for one in shelf_certificates(self._shelf):
            public = hashlib.sha256(one.spki).hexdigest()
            (authorities if one.ca else leaves).add(public)
            if is_authority(one.der):
                stampers.add(public)
        names, keys = self._names(), list(self._keys())
        found = []
        asked = each(lambda key: self._ask(key[0]), keys, self._parallel)
        for (key_id, arn), (fixed, state) in zip(keys, asked, strict=True):
            if not fixed.public or fixed.public in authorities:
                continue
            digests = allowed_digests(fixed.spec)
            why = _why_not(digests, state, certified=fixed.public in leaves)
            aliases = tuple(names.get(key_id, ()))
            name = aliases[0].removeprefix(_ALIAS) if aliases else key_id
            found.append(
                Signer(
                    key_id, arn, name, fixed.spec, digests, state, why, aliases,
                    fixed.public in leaves, fixed.public in stampers,
                )
            )  # fmt: skip
        return tuple(sorted(found, key=lambda one: (not one.ready, one.name.casefold())))

    def _ask(self, key_id: str) -> tuple[_Fixed, str]:
        """Return what is fixed about a key, and its state where it can sign."""
        try:
            fixed = self._look(key_id)
            if not fixed.public:
                return fixed, ""
            return fixed, str(self._kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])
        except Exception as error:
            if not is_denied(error):
                raise
            return _Fixed(), ""

    def _keys(self) -> Iterator[tuple[str, str]]:
        for page in self._kms.get_paginator("list_keys").paginate():
            for entry in page.get("Keys", ()):
                yield str(entry["KeyId"]), str(entry["KeyArn"])

    def _names(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for page in self._kms.get_paginator("list_aliases").paginate():
            for entry in page.get("Aliases", ()):
                target = str(entry.get("TargetKeyId", ""))
                names.setdefault(target, []).append(str(entry["AliasName"]))
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
