"""A working day with known secrets, after which they are looked for everywhere."""

import contextlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import importing
from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from tests.fakes.signers import KEY, recipe
from tests.faults import leaks
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.crypto.table import ENCRYPT_DECRYPT
from workbench.pki.quickstart import HierarchyRequest

PASSPHRASE = "a passphrase nobody may read"
SECRETS = {
    "passphrase": PASSPHRASE.encode(),
    "new passphrase": b"another passphrase nobody may read",
    "mistyped passphrase": b"the passphrase of another vault",
    "short passphrase": b"too%short",
    "plaintext": b"plaintext: the treasure is under the third oak",
    "long plaintext": b"a long plaintext about the fourth oak. " * 200,
    "message": b"message: attack at dawn from the north",
    "file content": b"content of a file that is nobody's business. " * 10,
    "imported key": bytes.fromhex("5ec2e7") * 10 + b"!!",
}


class Day:
    """What is done with a bench, and what is learnt of secrets and errors meanwhile."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.kms: Any = bench.kms
        self.vault: Any = bench.vault
        self.folder = folder
        self.secrets: dict[str, bytes] = dict(SECRETS)
        self.errors: dict[str, bytes] = {}

    def fails(self, name: str, action: Callable[..., object], *arguments: object) -> None:
        """Do what must fail, and keep everything the error says."""
        with pytest.raises(Exception) as caught:  # noqa: PT011 - any, as all are searched
            action(*arguments)
        self.errors[f"error {name}"] = leaks.told(caught.value)

    def work(self) -> None:
        """The day."""
        self._encrypt()
        self._data_keys()
        self._agree()
        self._sign()
        self._passphrases()
        self._import()
        self._insides()

    def key(self, spec: str, usage: str) -> str:
        made = self.kms.create_key(KeySpec=spec, KeyUsage=usage)
        return str(made["KeyMetadata"]["KeyId"])

    def _encrypt(self) -> None:
        key = self.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        rsa = self.key("RSA_2048", "ENCRYPT_DECRYPT")
        plain, long = SECRETS["plaintext"], SECRETS["long plaintext"]
        blob = self.kms.encrypt(KeyId=key, Plaintext=plain)["CiphertextBlob"]
        assert self.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plain
        self.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key)
        oaep = "RSAES_OAEP_SHA_256"
        sealed = self.kms.encrypt(KeyId=rsa, Plaintext=plain, EncryptionAlgorithm=oaep)
        self.kms.decrypt(
            KeyId=rsa, CiphertextBlob=sealed["CiphertextBlob"], EncryptionAlgorithm=oaep
        )
        encrypt, decrypt = self.kms.encrypt, self.kms.decrypt
        self.fails("too long", lambda: encrypt(KeyId=key, Plaintext=long))
        self.fails(
            "too long for RSA",
            lambda: encrypt(KeyId=rsa, Plaintext=plain * 5, EncryptionAlgorithm=oaep),
        )
        self.fails("text", lambda: encrypt(KeyId=key, Plaintext=plain.decode()))
        self.fails("a list", lambda: encrypt(KeyId=key, Plaintext=[plain.decode()]))
        self.fails("a number", lambda: encrypt(KeyId=key, Plaintext={plain.decode(): 1}))
        self.fails("no key", lambda: encrypt(KeyId="alias/nobody", Plaintext=plain))
        self.fails("dry run", lambda: encrypt(KeyId=key, Plaintext=plain, DryRun=True))
        self.fails("tampered", lambda: decrypt(CiphertextBlob=blob[:-1] + bytes((blob[-1] ^ 1,))))
        self.fails("context", lambda: decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"}))
        self.kms.rotate_key_on_demand(KeyId=key)
        self.bench.run_due()
        self.kms.disable_key(KeyId=key)
        self.fails("disabled", lambda: decrypt(CiphertextBlob=blob))

    def _data_keys(self) -> None:
        key = self.key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        made = self.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        self.secrets["data key"] = made["Plaintext"]
        self.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
        self.kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
        self.secrets["random bytes"] = self.kms.generate_random(NumberOfBytes=64)["Plaintext"]
        for spec in ("ECC_NIST_P256", "RSA_2048"):
            pair = self.kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
            self.secrets[f"data key pair {spec}"] = pair["PrivateKeyPlaintext"]

    def _agree(self) -> None:
        one, other = (self.key("ECC_NIST_P256", "KEY_AGREEMENT") for _ in range(2))
        public = self.kms.get_public_key(KeyId=other)["PublicKey"]
        agreed = self.kms.derive_shared_secret(
            KeyId=one, KeyAgreementAlgorithm="ECDH", PublicKey=public
        )
        self.secrets["ECDH secret"] = agreed["SharedSecret"]
        kem = self.key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
        algorithm = {"KeyId": kem, "EncapsulationAlgorithm": "ML_KEM"}
        sent = self.kms.encapsulate(**algorithm)
        self.secrets["ML-KEM secret"] = sent["SharedSecret"]
        blob = "SharedSecretCiphertextBlob"
        received = self.kms.decapsulate(**algorithm, **{blob: sent[blob]})
        assert received["SharedSecret"] == sent["SharedSecret"]

    def _sign(self) -> None:
        message = SECRETS["message"]
        mac = self.key("HMAC_256", "GENERATE_VERIFY_MAC")
        made = self.kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=message)
        self.kms.verify_mac(
            KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=message, Mac=made["Mac"]
        )
        arguments = {"KeyId": KEY, "SigningAlgorithm": "ML_DSA_SHAKE_256", "Message": message}
        signature = self.kms.sign(**arguments)["Signature"]
        self.kms.verify(**arguments, Signature=signature)
        wrong = signature[:-1] + bytes((signature[-1] ^ 1,))
        self.fails("verify", lambda: self.kms.verify(**arguments, Signature=wrong))
        self.fails("message", lambda: self.kms.sign(**{**arguments, "Message": message * 500}))
        file = self.folder / "file"
        file.write_bytes(SECRETS["file content"])
        job = self.bench.jobs.submit(recipe(self.bench), [file])
        assert self.bench.jobs.wait(job, 30).done == 1

    def _import(self) -> None:
        """Import a known key, use it so that it is loaded, and import what cannot be one."""
        module: Any = self.bench.module
        user, material = module.user(), SECRETS["imported key"]
        made = user.import_material("imported", "SYMMETRIC_DEFAULT", ENCRYPT_DECRYPT, material)
        sealed = user.encrypt(made.token, SECRETS["plaintext"], b"")
        assert user.decrypt(made.token, sealed, b"") == SECRETS["plaintext"]
        for spec in ("SYMMETRIC_DEFAULT", "ECC_NIST_P256", "ML_DSA_65"):
            usage = ENCRYPT_DECRYPT if spec == "SYMMETRIC_DEFAULT" else "SIGN_VERIFY"
            bad = material + b"?"
            self.fails(f"importing {spec}", user.import_material, "wrong", spec, usage, bad)
        key = importing.create(self.kms)
        good = importing.request(self.kms, key, material)
        for name, wrong in (
            ("length", importing.request(self.kms, key, material + b"?")),
            ("wrapping", {**good, "EncryptedKeyMaterial": material}),
            ("token", {**good, "ImportToken": material}),
        ):
            self.fails(f"import {name}", partial(self.kms.import_key_material, **wrong))
        self.kms.import_key_material(**good)
        self.kms.encrypt(KeyId=key, Plaintext=SECRETS["plaintext"])
        self.kms.delete_imported_key_material(KeyId=key)

    def _passphrases(self) -> None:
        new, short = SECRETS["new passphrase"].decode(), SECRETS["short passphrase"].decode()
        mistyped = SECRETS["mistyped passphrase"].decode()
        self.fails("short passphrase", lambda: self.vault.change_passphrase(short))
        self.vault.change_passphrase(new)
        self.vault.rotate_domain_key()
        self.vault.lock()
        for number, text in enumerate((mistyped, PASSPHRASE, short, f"{new}\udcff", f"{new}\0")):
            self.fails(f"unlock {number}", self.vault.unlock_with_passphrase, text)
        self.fails("locked", lambda: self.kms.generate_random(NumberOfBytes=8))
        self.vault.unlock_with_passphrase(new)

    def _insides(self) -> None:
        """Learn what the module and the keyring hold."""
        core = self.vault._module._core
        self.secrets["vault key"] = core.vault_key()
        self.secrets["database key"] = self.vault._module.officer().database_key()
        for number, key in enumerate(core.domain_keys.keys.values()):
            self.secrets[f"domain key {number}"] = key


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the one for temporary files meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def day(tmp_path: Path, temporary: Path) -> Iterator[Day]:
    store = MemoryStore()
    bench, _ = Assembly(secrets=store, cost=QUICK).create(tmp_path / "vault", PASSPHRASE)
    with contextlib.closing(bench):
        bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda text, share: None)
        (tmp_path / "files").mkdir()
        day = Day(bench, tmp_path / "files")
        day.secrets |= {f"keyring {n}": kept for n, kept in enumerate(store.kept.values())}
        yield day


def test_no_secret_is_anywhere_it_must_not_be(
    day: Day,
    tmp_path: Path,
    temporary: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    day.work()
    journal: Any = day.bench.journal
    assert journal.verify().problems == ()
    day.vault.backup(tmp_path / "backup")
    (day.folder / "file").unlink()
    printed = capfd.readouterr()
    folders = [tmp_path / "vault", day.folder, temporary]
    open_files = leaks.files(folders)
    places = {
        **day.errors,
        **leaks.tables(day.vault),
        **{f"{name} while open": content for name, content in open_files.items()},
        "log": repr([(r.getMessage(), r.args, r.exc_text) for r in caplog.records]).encode(),
        "journal": repr(journal.lookup(limit=100_000)).encode(),
        "output": (printed.out + printed.err).encode(),
        "objects": leaks.shown(day.bench),
        "backup": (tmp_path / "backup").read_bytes(),
    }
    day.bench.close()
    places |= leaks.files(folders)
    assert leaks.leaks(day.secrets, places) == []
    assert list(temporary.iterdir()) == []
    # The search went where something can be found.
    assert b"GenerateDataKeyPair" in places["journal"]
    assert b"ValidationException" in places["error too long"]
    assert b"<Module " in places["objects"]
    assert b"<Handle imported SYMMETRIC_DEFAULT>" in places["objects"]
    assert len([name for name in places if name.startswith("table ")]) > 8
    assert any(name.endswith("vault.db-wal while open") for name in places)


@pytest.mark.parametrize("name", SECRETS)
def test_the_search_finds_what_is_there(name: str, tmp_path: Path) -> None:
    secret = SECRETS[name]
    for form in leaks.forms(secret):
        place = {"here": b"before " + form + b" after"}
        assert leaks.leaks({name: secret}, place) == [f"{name} in here"]
    assert leaks.leaks({name: secret}, {"there": b"before after"}) == []
    (tmp_path / "file").write_bytes(b"x" + secret + b"y")
    assert leaks.leaks({name: secret}, leaks.files([tmp_path])) == [f"{name} in {tmp_path}/file"]
    assert leaks.leaks({name: secret}, {"error": leaks.told(ValueError(secret))})

    def tell() -> None:
        raise RuntimeError from KeyError(secret)

    with pytest.raises(RuntimeError) as caught:
        tell()
    assert leaks.leaks({name: secret}, {"cause": leaks.told(caught.value)})
