from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.fakes.identities import House
from tests.fakes.vaults import new_vault
from workbench.base.clock import TravelClock
from workbench.vault.vault import Vault


@pytest.fixture(scope="session")
def shared_vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    vault = new_vault(tmp_path_factory.mktemp("iam") / "vault")
    yield vault
    vault.close()


@pytest.fixture
def house(shared_vault: Vault) -> House:
    """An account with root alone."""
    with shared_vault.transaction() as transaction:
        for table in ("identities", "access_keys", "settings", "managed_policies"):
            transaction.execute(f"DELETE FROM {table}")
    return House(shared_vault, TravelClock(datetime(2026, 11, 23, 12, tzinfo=UTC)))
