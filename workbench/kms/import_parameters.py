"""Import parameters: wrapping keys and the tokens that name them, in the vault for a day.

Owns the SQL of table `import_parameters` and the form of an import token: 16 bytes that name the
parameters and 32 random ones, of which only a hash is stored. Must not know what is imported.

Source: AWS KMS API Reference, GetParametersForImport.
"""

import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from workbench.hsm.user import KeyBinding, KeyToken
from workbench.vault.vault import Vault

LIFETIME: Final = timedelta(hours=24)
"""How long parameters may be used."""

_KEPT: Final = timedelta(days=7)  # so that a late client is told that it is late
_NAME_BYTES: Final = 16
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ImportParameters:
    """One wrapping key and what it may be used for.

    Attributes:
        wrapping: the private half, wrapped by the HSM; bound to the KMS key.
        algorithm: AWS wrapping algorithm.
        expires: until when it may be used, UTC.
        digest: SHA-256 of the import token, hexadecimal.
    """

    wrapping: KeyToken
    algorithm: str
    expires: datetime
    digest: str


def new_token() -> tuple[str, bytes]:
    """Return a new id, a UUID, and an import token that names it."""
    name = uuid.uuid4()
    return str(name), name.bytes + secrets.token_bytes(_SECRET_BYTES)


def digest(token: bytes) -> str:
    """Return what is stored of an import token."""
    return sha256(b"import token 1" + token).hexdigest()


class ParameterTable:
    """Reads and writes the import parameters of one Region's keys.

    Args:
        vault: where they are kept.
        region: AWS Region name.
    """

    def __init__(self, vault: Vault, region: str) -> None:
        self._vault = vault
        self._region = region

    def save(self, parameters: ImportParameters, now: datetime) -> None:
        """Keep new parameters, and drop those of the Region that expired long ago."""
        token = parameters.wrapping
        record = {
            "spec": token.binding.spec,
            "algorithm": parameters.algorithm,
            "digest": parameters.digest,
        }
        with self._vault.transaction() as transaction:
            transaction.execute(
                "DELETE FROM import_parameters WHERE region = ? AND expires < ?",
                (self._region, (now - _KEPT).isoformat()),
            )
            transaction.execute(
                "INSERT INTO import_parameters"
                "(region, key_id, id, expires, record, token, domain_key_id) "
                "VALUES(?, ?, ?, ?, ?, ?, ?)",
                (
                    self._region,
                    token.binding.key_id,
                    token.binding.material_id,
                    parameters.expires.isoformat(),
                    json.dumps(record, separators=(",", ":"), sort_keys=True),
                    token.wrapped,
                    token.domain_key_id,
                ),
            )

    def named(self, key_id: str, token: bytes) -> ImportParameters | None:
        """Return the parameters that an import token was given out with for a key, or None.

        Args:
            key_id: the KMS key; a token of another key or Region names nothing here.
            token: as the caller sent it.
        """
        if len(token) != _NAME_BYTES + _SECRET_BYTES:
            return None
        name = str(uuid.UUID(bytes=token[:_NAME_BYTES]))
        rows = self._vault.read(
            "SELECT expires, record, token, domain_key_id FROM import_parameters "
            "WHERE region = ? AND key_id = ? AND id = ?",
            (self._region, key_id, name),
        )
        if not rows:
            return None
        expires, text, wrapped, domain_key_id = rows[0]
        record = json.loads(text)
        if not hmac.compare_digest(record["digest"], digest(token)):
            return None
        wrapping = KeyToken(KeyBinding(key_id, name, record["spec"]), domain_key_id, wrapped)
        moment = datetime.fromisoformat(expires)
        return ImportParameters(wrapping, record["algorithm"], moment, record["digest"])
