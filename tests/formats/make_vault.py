"""Writes the fixture of a format version: `python -m tests.formats.make_vault FOLDER`.

Run once when a version of the formats is released; its output is kept unchanged from then on, and
`test_stored_vaults.py` opens it with every later version. What the test is to find is in
`expected.json` beside it; the vault was made for this and protects nothing.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import PASSPHRASE, QUICK, Happening, powered
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.crypto.table import ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC, SIGN_VERIFY
from workbench.vault.vault import Vault

KEYS = {
    "symmetric": ("SYMMETRIC_DEFAULT", ENCRYPT_DECRYPT),
    "hmac": ("HMAC_256", GENERATE_VERIFY_MAC),
    "ed25519": ("ECC_NIST_EDWARDS25519", SIGN_VERIFY),
    "mldsa": ("ML_DSA_44", SIGN_VERIFY),
}
INSERT = (
    "INSERT INTO materials (region, key_id, material_id, sequence, state, token, domain_key_id, "
    "public_key, record) VALUES ('us-west-2', ?, ?, 0, 'CURRENT', ?, ?, ?, ?)"
)


def main() -> None:
    """Write vault, backup and what is to be found in them."""
    target = Path(sys.argv[1])
    target.mkdir()
    store, module, clock = MemoryStore(), powered(), SystemClock()
    vault, _ = Vault.create(
        target / "vault", module, store, clock, passphrase=PASSPHRASE, cost=QUICK
    )
    user = module.user()
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('text', 'Schlüssel')")
        tokens = {}
        for key_id, (spec, usage) in KEYS.items():
            made = user.generate(key_id, spec, usage)
            tokens[key_id] = made.token
            binding, record = made.token.binding, json.dumps({"spec": spec})
            stored = (made.token.wrapped, made.token.domain_key_id, made.public_key, record)
            transaction.execute(INSERT, (key_id, binding.material_id, *stored))
    journal = Journal(vault, clock)
    for number in range(5):
        journal.record(Happening("Sign", ("arn",), {"number": number}), durable=False)
    head = journal.head()
    expected: dict[str, Any] = {
        "passphrase": PASSPHRASE,
        "vault_id": vault.key_slots.vault_id,
        "ciphertext": user.encrypt(tokens["symmetric"], b"text", b"aad").hex(),
        "mac": user.mac(tokens["hmac"], "HMAC_SHA_256", b"text").hex(),
        "journal": [head.size, head.root.hex()],
    }
    vault.rotate_domain_key()
    vault.backup(target / "backup")
    journal.close()
    vault.close()
    expected["keyring"] = {name: secret.hex() for name, secret in store.kept.items()}
    (target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", "utf-8")
    (target / "vault" / "vault.lock").unlink()


if __name__ == "__main__":
    main()
