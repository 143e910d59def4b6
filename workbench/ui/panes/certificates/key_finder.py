"""Which KMS key belongs to a certificate, found by its public key.

Knows the KMS client; no Qt. Meant for workers. Every key is asked for its public key once.
"""

import hashlib
from threading import Lock
from typing import Any

from workbench.pki.clients import error_code
from workbench.ui.many import each

_NOT_ASYMMETRIC = {"UnsupportedOperationException", "InvalidKeyUsageException"}


class KeyFinder:
    """Remembers keys by the SHA-256 of their public keys, which never change.

    Args:
        kms: boto3-shaped client.
        parallel: how many keys are asked about at once.
    """

    def __init__(self, kms: Any, parallel: int = 1) -> None:
        self._kms = kms
        self._parallel = parallel
        self._known: dict[str, str] = {}
        self._asked: set[str] = set()
        self._lock = Lock()

    def find(self, spki_hash: str) -> str:
        """Return the id of the key with this public key, or empty.

        Args:
            spki_hash: SHA-256 of SubjectPublicKeyInfo, hexadecimal.

        Raises:
            botocore.exceptions.ClientError: KMS refused the list of keys.
        """
        with self._lock:
            if spki_hash not in self._known:
                self._learn(spki_hash)
            return self._known.get(spki_hash, "")

    def _learn(self, wanted: str) -> None:
        for page in self._kms.get_paginator("list_keys").paginate():
            names = [str(key["KeyId"]) for key in page.get("Keys", ())]
            unasked = [name for name in names if name not in self._asked]
            for _asked in each(self._ask, unasked, self._parallel):
                if wanted in self._known:
                    return

    def _ask(self, name: str) -> None:
        self._asked.add(name)
        try:
            answer = self._kms.get_public_key(KeyId=name)
        except Exception as error:
            # A key that is disabled or pending deletion may answer later: only a key that never
            # has a public half is not asked again.
            code = error_code(error)
            if not code:
                raise
            if code not in _NOT_ASYMMETRIC:
                self._asked.discard(name)
            return
        found = answer.get("PublicKey")
        if found:
            self._known[hashlib.sha256(bytes(found)).hexdigest()] = name
