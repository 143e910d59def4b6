"""What `test_kill_kms.py` runs and kills: random requests to a whole bench, each acknowledged.

Arguments: vault folder, keyring folder, folder of files, seed, first operation's number.
Acknowledgements are JSON lines on standard output, written once the client has answered.
"""

import base64
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.fakes.signers import KEY, sign
from workbench.assembly import Assembly
from workbench.base.errors import NotFound
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.jobs import FileState

SPECS = ("SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT", "ML_DSA_44", "ECC_NIST_P256", "HMAC_256")
USAGES = {"SYMMETRIC_DEFAULT": "ENCRYPT_DECRYPT", "HMAC_256": "GENERATE_VERIFY_MAC"}
OPERATIONS = (
    *("create", "create", "alias", "tag", "describe", "rotate", "rotate", "rewrap", "relock"),
    *("encrypt", "encrypt", "encrypt", "data_key", "disable", "schedule"),
    *("sign", "sign", "sign_many"),
)
MOST_ROTATIONS = 10
MANY = 12
"""Enough files for their signatures to be synced and named together."""


def plaintext(number: int) -> bytes:
    """Return what the operation of that number encrypts."""
    return f"the plaintext of operation {number}".encode()


def context(number: int) -> dict[str, str]:
    """Return the encryption context that goes with it."""
    return {"operation": str(number)}


class Worker:
    """Makes one request after another on an unlocked bench."""

    def __init__(self, bench: Bench, files: Path, choose: random.Random) -> None:
        self.bench = bench
        self.files = files
        self.choose = choose

    def do(self, operation: str, number: int) -> dict[str, Any]:
        """Carry out an operation; when it returns, it must survive anything."""
        done: dict[str, Any] = getattr(self, operation)(number) or {}
        return {"operation": operation, "number": number, **done}

    def hierarchy(self, _: int) -> dict[str, Any]:
        """Make the hierarchy, unless an earlier process did and died before it could say so."""
        if any(entry["AliasName"] == KEY for entry in self.bench.kms.list_aliases()["Aliases"]):
            try:
                chain_for_key(self.bench.kms, self.bench.shelf, KEY)
            except NotFound:
                self.bench.kms.delete_alias(AliasName=KEY)
            else:
                return {}
        made = self.bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
        return {"key": made.key_id}

    def create(self, number: int) -> dict[str, Any]:
        spec: Any = self.choose.choice(SPECS)
        usage: Any = USAGES.get(spec, "SIGN_VERIFY")
        made = self.bench.kms.create_key(
            KeySpec=spec,
            KeyUsage=usage,
            Description=f"operation {number}",
            Tags=[{"TagKey": "first", "TagValue": str(number)}],
        )
        return _request(made, made["KeyMetadata"]["KeyId"])

    def alias(self, number: int) -> dict[str, Any]:
        key = self._key()
        name = f"alias/n{number}"
        answer: Any = self.bench.kms.create_alias(AliasName=name, TargetKeyId=key)
        return {"alias": name, **_request(answer, key)}

    def tag(self, number: int) -> dict[str, Any]:
        key = self._key()
        tags: Any = [{"TagKey": f"tag {number}", "TagValue": str(number)}]
        return _request(self.bench.kms.tag_resource(KeyId=key, Tags=tags), key)

    def describe(self, number: int) -> dict[str, Any]:
        key = self._key()
        text = f"described by {number}"
        answer: Any = self.bench.kms.update_key_description(KeyId=key, Description=text)
        return _request(answer, key)

    def rotate(self, number: int) -> dict[str, Any]:
        key = self._symmetric()
        done = self.bench.kms.list_key_rotations(KeyId=key)["Rotations"]
        if len(done) >= MOST_ROTATIONS:
            return self.encrypt(number)
        answer = _request(self.bench.kms.rotate_key_on_demand(KeyId=key), key)
        self.bench.run_due()  # the next one is refused while this one is in progress
        return answer

    def encrypt(self, number: int) -> dict[str, Any]:
        answer = self.bench.kms.encrypt(
            KeyId=self._symmetric(), Plaintext=plaintext(number), EncryptionContext=context(number)
        )
        return {"blob": base64.b64encode(answer["CiphertextBlob"]).decode()}

    def data_key(self, number: int) -> dict[str, Any]:
        answer = self.bench.kms.generate_data_key(
            KeyId=self._symmetric(), KeySpec="AES_256", EncryptionContext=context(number)
        )
        return {
            "blob": base64.b64encode(answer["CiphertextBlob"]).decode(),
            "plain": base64.b64encode(answer["Plaintext"]).decode(),
        }

    def disable(self, _: int) -> dict[str, Any]:
        key = self._key(spared=True)
        return _request(self.bench.kms.disable_key(KeyId=key), key)

    def schedule(self, _: int) -> dict[str, Any]:
        key = self._key(spared=True)
        return _request(self.bench.kms.schedule_key_deletion(KeyId=key), key)

    def rewrap(self, _: int) -> dict[str, Any]:
        vault: Any = self.bench.vault
        vault.rotate_domain_key()
        return {}

    def relock(self, _: int) -> dict[str, Any]:
        self.bench.vault.lock()
        self.bench.vault.unlock_with_keyring()
        return {}

    def sign(self, number: int) -> dict[str, Any]:
        return self._sign([self._file(f"{number}.bin", number)])

    def sign_many(self, number: int) -> dict[str, Any]:
        folder = self.files / str(number)
        folder.mkdir(exist_ok=True)
        for n in range(MANY):
            self._file(f"{number}/{n}.bin", n)
        return self._sign([folder])

    def _file(self, name: str, number: int) -> Path:
        path = self.files / name
        path.write_bytes(b"content " * number)
        return path

    def _sign(self, paths: list[Path]) -> dict[str, Any]:
        files = sign(self.bench, paths)
        assert {file.state for file in files} == {FileState.DONE}, files
        return {"signed": [str(file.path) for file in files]}

    def _keys(self) -> Iterator[Any]:
        for page in self.bench.kms.get_paginator("list_keys").paginate(
            PaginationConfig={"PageSize": 50}
        ):
            for entry in page["Keys"]:
                metadata = self.bench.kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
                if metadata["KeyState"] == "Enabled":
                    yield metadata

    def _key(self, *, spared: bool = False) -> str:
        """Choose an enabled key; where `spared`, neither the signer's nor a CA's nor the last."""
        tagged = [
            one["KeyId"]
            for one in self._keys()
            if one["Description"].startswith(("operation", "described"))
        ]
        few = spared and len(tagged) < 5
        return self.choose.choice(tagged) if tagged and not few else self._made()

    def _symmetric(self) -> str:
        keys = [one["KeyId"] for one in self._keys() if one["KeySpec"] == "SYMMETRIC_DEFAULT"]
        return self.choose.choice(keys) if keys else self._made("SYMMETRIC_DEFAULT")

    def _made(self, spec: Any = "HMAC_256") -> str:
        usage: Any = USAGES[spec]
        made = self.bench.kms.create_key(KeySpec=spec, KeyUsage=usage, Description="operation")
        return made["KeyMetadata"]["KeyId"]


def _request(answer: Any, key: str) -> dict[str, Any]:
    return {"key": key, "request": answer["ResponseMetadata"]["RequestId"]}


def main() -> None:
    """Work until killed."""
    folder, keyring, files, seed, first = sys.argv[1:]
    assembly = Assembly(secrets=FolderStore(Path(keyring)), cost=QUICK)
    bench = assembly.open(Path(folder))
    bench.vault.unlock_with_keyring()
    choose = random.Random(seed)
    worker = Worker(bench, Path(files), choose)
    number = int(first)
    operation = "hierarchy"
    while True:
        done = worker.do(operation, number)
        os.write(1, json.dumps(done).encode() + b"\n")
        operation = choose.choice(OPERATIONS)
        number += 1


if __name__ == "__main__":
    main()
