"""Loading keys by their tokens, and what every service does with one that is loaded.

Owns the cache's use, the test of new pairs, and symmetric encryption in the layout of
`workbench.hsm.blob`. Must not know which services there are for users.
"""

import secrets
from typing import Final

from workbench.base.errors import IntegrityError
from workbench.crypto import aead, kdf, keys
from workbench.crypto.table import KeySpec
from workbench.hsm import blob as layout
from workbench.hsm import pairwise
from workbench.hsm.core import Session
from workbench.hsm.handles import Handle
from workbench.hsm.states import ModuleState, Service
from workbench.hsm.tokens import KeyToken, unwrap_key

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_REQUEST_KEY: Final = b"symmetric encryption"


class Loading(Session):
    """A user session as far as it loads keys."""

    role = ModuleState.USER

    def _load(self, token: KeyToken, service: Service) -> Handle:
        """Return the handle of a token, from the cache or by unwrapping it."""
        self._admit(service)
        cache = self._core.handles
        handle = cache.get(token)
        if handle is None:
            generation = cache.generation
            domain_key = self._core.domain_keys.unwrapping(token)
            handle = Handle(token, *unwrap_key(token, domain_key))
            cache.put(handle, generation)
        return handle

    def _use(self, token: KeyToken, service: Service, usage: str, algorithm: str) -> Handle:
        """Load a key and check that it is for this use."""
        handle = self._load(token, service)
        handle.require(usage, algorithm)
        return handle

    def _test_pair(self, spec: KeySpec, usage: str, private: keys.PrivateKey) -> None:
        corrupt = self._core.corrupt == pairwise.NAME
        if not pairwise.consistent(spec, usage, private, corrupt=corrupt):
            self._core.latch(ModuleState.ERROR)
            raise IntegrityError(
                f"A new {spec.name} pair failed its consistency test; the module has stopped.",
                "Restart the program; if it happens again, run “workbench doctor”.",
            )


def seal(handle: Handle, plaintext: bytes, aad: bytes) -> bytes:
    """Return a ciphertext; see `User.encrypt`."""
    fresh = secrets.token_bytes(layout.NONCE_BYTES + aead.NONCE_BYTES)
    nonce, iv = fresh[: layout.NONCE_BYTES], fresh[layout.NONCE_BYTES :]
    key = kdf.derive(handle.secret, _REQUEST_KEY, nonce)
    head = layout.header(handle.token.binding.material_id, nonce)
    sealed = aead.seal_parts(key, iv, layout.INNER_PREFIX + plaintext, head + aad)
    return layout.join(head, iv, sealed)


def unseal(handle: Handle, blob: bytes, aad: bytes) -> bytes:
    """Return the plaintext of what `seal` made; see `User.decrypt`.

    Raises:
        IntegrityError: malformed, changed, of another key, or with another context.
    """
    parts = layout.split(blob)
    what = "The ciphertext"
    if parts.material_id != handle.token.binding.material_id:
        raise IntegrityError(
            f"{what} was made with other key material.", "Use the key it was made with."
        )
    key = kdf.derive(handle.secret, _REQUEST_KEY, parts.nonce)
    inner = aead.open_parts(key, parts.iv, parts.sealed, parts.header + aad, what)
    if not inner.startswith(layout.INNER_PREFIX):
        raise IntegrityError(f"{what} has another inner form.", "Use an undamaged copy.")
    return inner[len(layout.INNER_PREFIX) :]
