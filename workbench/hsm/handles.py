"""Handles: keys that are loaded, with their attributes, and the cache that keeps them.

Owns the loaded form of a key and the check of its usage. Must not know tokens' wrapping or states.
"""

import threading
from collections import OrderedDict
from typing import Final

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto.keys import PrivateKey, PublicKey, private_from_der
from workbench.crypto.keywrap import ALGORITHMS
from workbench.crypto.signatures import Signer, signer
from workbench.crypto.table import KEY_SPECS, SIGN_VERIFY, KeySpec
from workbench.hsm.tokens import Attributes, KeyToken

UNWRAP_MATERIAL: Final = "UNWRAP_MATERIAL"
"""The usage of wrapping keys; AWS has none of that name, so no KMS key can have it."""

CACHE_CAPACITY: Final = 4096
"""How many keys stay loaded; the least recently used goes first."""


class Handle:
    """One loaded key. Immutable, apart from the signing functions it prepares when first asked.

    Attributes:
        token: the token it was loaded from.
        spec: its key spec.
    """

    __slots__ = ("_attributes", "_material", "_private", "_public", "_signers", "spec", "token")

    def __init__(self, token: KeyToken, attributes: Attributes, material: bytes) -> None:
        self.token = token
        spec = KEY_SPECS.get(token.binding.spec)
        if spec is None:
            raise IntegrityError(
                f"The key {token.binding.key_id} is of the unknown spec {token.binding.spec!r}.",
                "Use a version of the program that knows it.",
            )
        self.spec: KeySpec = spec
        self._attributes = attributes
        self._material = b"" if spec.asymmetric else material
        self._private: PrivateKey | None = None
        self._public: PublicKey | None = None
        if spec.asymmetric:
            self._private = private_from_der(material, spec, authentic=True)
            self._public = self._private.public_key()
        self._signers: dict[tuple[str, str], Signer] = {}

    def __repr__(self) -> str:
        """Name the key, never the material."""
        return f"<Handle {self.token.binding.key_id} {self.spec.name}>"

    def require(self, usage: str, algorithm: str) -> None:
        """Check that the key was made for `usage` and offers `algorithm`.

        Raises:
            Refused: it was not.
        """
        binding = self.token.binding
        if self._attributes.usage != usage:
            raise Refused(
                f"The key {binding.key_id} is for {self._attributes.usage}, not for {usage}.",
                f"Choose a key whose usage is {usage}.",
            )
        offered = ALGORITHMS if usage == UNWRAP_MATERIAL else self.spec.algorithms(usage)
        if algorithm not in offered:
            raise Refused(
                f"The key {binding.key_id} of spec {binding.spec} does not offer {algorithm}.",
                f"Choose {' or '.join(offered)}.",
            )

    def signer(self, algorithm: str, message_type: str) -> Signer:
        """Return the signing function for an algorithm and message type.

        Raises:
            Refused: the key is not for signing, or not with that algorithm or message type.
        """
        prepared = self._signers.get((algorithm, message_type))
        if prepared is None:
            self.require(SIGN_VERIFY, algorithm)
            prepared = signer(self.private, algorithm, message_type)
            self._signers[algorithm, message_type] = prepared
        return prepared

    @property
    def secret(self) -> bytes:
        """The bytes of a symmetric or HMAC key."""
        return self._material

    @property
    def private(self) -> PrivateKey:
        """The private key of a pair."""
        assert self._private is not None
        return self._private

    @property
    def public(self) -> PublicKey:
        """The public key of a pair."""
        assert self._public is not None
        return self._public


class HandleCache:
    """Least-recently-used cache of handles by (key id, material id); thread-safe."""

    def __init__(self, capacity: int = CACHE_CAPACITY) -> None:
        self._capacity = capacity
        self._handles: OrderedDict[tuple[str, str], Handle] = OrderedDict()
        self._generation = 0
        self._lock = threading.Lock()

    @property
    def generation(self) -> int:
        """A number that changes with every `clear`."""
        return self._generation

    def __len__(self) -> int:
        """Return how many keys are loaded."""
        return len(self._handles)

    def get(self, token: KeyToken) -> Handle | None:
        """Return the handle that was loaded from exactly this token, or None.

        The whole token is compared, so that a forged token never profits from a loaded key.
        """
        name = (token.binding.key_id, token.binding.material_id)
        with self._lock:
            handle = self._handles.get(name)
            if handle is None:
                return None
            self._handles.move_to_end(name)
        loaded = handle.token
        return handle if loaded is token or loaded == token else None

    def put(self, handle: Handle, generation: int) -> None:
        """Keep a handle, unless the cache was cleared since `generation` was read."""
        binding = handle.token.binding
        with self._lock:
            if generation != self._generation:
                return
            self._handles[binding.key_id, binding.material_id] = handle
            self._handles.move_to_end((binding.key_id, binding.material_id))
            if len(self._handles) > self._capacity:
                self._handles.popitem(last=False)

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            self._generation += 1
            self._handles.clear()
