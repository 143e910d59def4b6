"""A module that is on, and sessions in it with a vault key and a domain key."""

import pytest

from workbench.hsm.module import Module
from workbench.hsm.officer import Officer
from workbench.hsm.user import User


@pytest.fixture
def module() -> Module:
    made = Module()
    made.power_on()
    return made


@pytest.fixture
def officer(module: Module) -> Officer:
    session = module.officer()
    session.create_vault_key()
    session.create_domain_key()
    return session


@pytest.fixture
def user(module: Module, officer: Officer) -> User:
    return module.user()
