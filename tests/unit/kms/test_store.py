"""The cache of keys: what was read before a change is never kept after it."""

from collections.abc import Callable
from pathlib import Path

from tests.fakes.vaults import new_vault
from workbench.base.clock import SystemClock
from workbench.kms.records import DISABLED, ENABLED, KeyRecord
from workbench.kms.store import KeyStore

ID = "11111111-1111-1111-1111-111111111111"


def record(state: str) -> KeyRecord:
    return KeyRecord(
        id=ID, spec="HMAC_256", usage="GENERATE_VERIFY_MAC", created=SystemClock().now(),
        state=state, policy="{}", current_material="0" * 64,
    )  # fmt: skip


class Meddled(str):
    """A key id that lets something happen when it is used as the key of a cache."""

    __slots__ = ("meddle",)
    meddle: Callable[[], None]

    def __hash__(self) -> int:
        self.meddle()
        return str.__hash__(self)


def test_a_change_between_reading_and_keeping_is_not_overlooked(tmp_path: Path) -> None:
    vault = new_vault(tmp_path / "vault")
    store = KeyStore(vault, "us-west-2")
    store.save_key(record(ENABLED))
    uses = 0

    def disable_at_last() -> None:
        nonlocal uses
        uses += 1
        if uses == 2:  # the first use looks it up, the second keeps what was read
            store.save_key(record(DISABLED))

    meddled = Meddled(ID)
    meddled.meddle = disable_at_last
    before = store.key(meddled)
    assert (uses, before and before.state) == (2, ENABLED)
    after = store.key(ID)
    assert after is not None
    assert after.state == DISABLED
    again = store.key(ID)
    assert again is after
    vault.close()
