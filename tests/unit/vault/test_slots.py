import json
from pathlib import Path
from typing import Any

import pytest

from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.hsm.officer import Argon2Cost
from workbench.vault import slots
from workbench.vault.slots import KeyringSlot, PassphraseSlot, Slots

COST = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE_SLOT = PassphraseSlot(
    "2026-11-23T20:00:00+00:00",
    generated=True,
    cost=COST,
    salt=bytes(16),
    milliseconds=7,
    token=b"token p",
)
KEYRING_SLOT = KeyringSlot("00ff", "2026-11-23T20:00:00+00:00", b"token k")
BOTH = Slots("2c1b", PASSPHRASE_SLOT, KEYRING_SLOT)


@pytest.mark.parametrize("content", [BOTH, BOTH.without_keyring()])
def test_what_is_saved_is_loaded(content: Slots, tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    content.save(path)
    assert slots.load(path) == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_every_flipped_byte_and_every_truncation_is_told(tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    good = BOTH.encode()
    for place in range(len(good)):
        for changed in (
            good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :],
            good[:place] + bytes([good[place] ^ 0x80]) + good[place + 1 :],
            good[:place],
        ):
            path.write_bytes(changed)
            with pytest.raises(IntegrityError, match=r"slots\.json” are damaged"):
                slots.load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        b" " * 100_000,
        b'{"format": "key-workbench-slots", "sha256": 7}',
    ],
)
def test_what_is_no_slots_file_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    path.write_bytes(content)
    with pytest.raises(IntegrityError):
        slots.load(path)


def forged(**changes: Any) -> bytes:
    """A file with another content and the checksum that fits it."""
    body = json.loads(BOTH.encode())
    del body["sha256"]
    for name, value in changes.items():
        where, *path = name.split("__")
        target = body["slots"][-1] if where == "passphrase" else body
        for step in path[:-1]:
            target = target[step]
        target[path[-1] if path else where] = value
    body["sha256"] = slots._checksum(body)
    return json.dumps(body, indent=1).encode() + b"\n"


def test_a_fitting_checksum_alone_is_accepted_only_within_bounds() -> None:
    assert slots.decode(forged()) == BOTH
    changes: list[dict[str, Any]] = [
        {"passphrase__argon2id__memory_kib": 2**40},
        {"passphrase__argon2id__memory_kib": 64.0},
        {"passphrase__argon2id__memory_kib": True},
        {"passphrase__argon2id__iterations": 0},
        {"passphrase__argon2id__lanes": 10**9},
        {"passphrase__argon2id__milliseconds": -1},
        {"passphrase__argon2id__milliseconds": 0.5},
        {"passphrase__argon2id__salt": ""},
        {"passphrase__argon2id__salt": "AAAAAAAAAAAAAAAAAAAAAA==\n"},
        {"passphrase__generated": 1},
        {"passphrase__more": "members"},
        {"passphrase__kind": "keyring"},
        {"vault_id": 7},
        {"slots": []},
        {"version": 0},
        {"version": True},
        {"format": "another"},
        {"more": "members"},
    ]
    for change in changes:
        with pytest.raises((ValueError, KeyError, TypeError)):
            slots.decode(forged(**change))


def test_a_newer_version_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "slots.json"
    path.write_bytes(forged(version=2))
    with pytest.raises(Refused, match=r"newer version.*Update Key Workbench"):
        slots.load(path)


def test_a_missing_file_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"slots\.json” are missing\. Restore"):
        slots.load(tmp_path / "slots.json")
    with pytest.raises(EnvironmentFault, match="folder"):
        slots.load(tmp_path)


def test_a_token_is_bound_to_everything_else_that_its_slot_says() -> None:
    contexts = {
        slots.slot_context(vault, slot)
        for vault in ("2c1b", "2c1c")
        for slot in (
            PASSPHRASE_SLOT,
            KEYRING_SLOT,
            KeyringSlot("00fe", KEYRING_SLOT.created),
            PassphraseSlot(PASSPHRASE_SLOT.created, False, COST, bytes(16), 7),
            PassphraseSlot(PASSPHRASE_SLOT.created, True, COST, bytes(15) + b"\1", 7),
            PassphraseSlot("2026", True, COST, bytes(16), 7),
            PassphraseSlot(PASSPHRASE_SLOT.created, True, COST, bytes(16), 8),
            PassphraseSlot(
                PASSPHRASE_SLOT.created,
                generated=True,
                cost=Argon2Cost(memory_kib=64, iterations=2, lanes=1),
                salt=bytes(16),
                milliseconds=7,
            ),
        )
    }
    assert len(contexts) == 16


def test_people_see_kinds_and_costs_and_no_secret() -> None:
    first, second = BOTH.infos()
    assert (first.kind, second.kind) == ("keyring", "passphrase")
    assert second.parameters == (
        "generated; Argon2id, 0.0625 MiB, 1 passes, 1 lanes, measured 7 ms"
    )
    assert "token" not in repr(BOTH.infos())
