"""The state table: what is allowed, and that everything else is refused by every real method."""

from collections.abc import Callable
from functools import partial

import pytest

from workbench.base.errors import IntegrityError, Locked, Refused
from workbench.hsm.core import Core
from workbench.hsm.module import Module
from workbench.hsm.officer import Argon2Cost, DomainKeyToken, Officer
from workbench.hsm.states import ALLOWED, ModuleState, Service, require
from workbench.hsm.user import KeyBinding, KeyToken, SealedPair, User

S = Service
STATUS = {S.SHOW_STATUS}
ANY_ROLE = STATUS | {S.LOG_IN, S.LOCK}
OFFICERS = {
    S.ZEROIZE, S.CREATE_VAULT_KEY, S.SEAL_VAULT_KEY, S.OPEN_VAULT_KEY, S.STRETCH, S.DATABASE_KEY,
    S.CREATE_DOMAIN_KEY, S.LOAD_DOMAIN_KEYS, S.REWRAP,
}  # fmt: skip
USERS = {
    S.GENERATE, S.IMPORT_MATERIAL, S.GENERATE_WRAPPING, S.IMPORT_WRAPPED, S.SIGN, S.VERIFY,
    S.ENCRYPT, S.DECRYPT, S.RSA_ENCRYPT, S.RSA_DECRYPT, S.MAC, S.VERIFY_MAC, S.AGREE,
    S.ENCAPSULATE, S.DECAPSULATE, S.GENERATE_RANDOM, S.DATA_KEY_PAIR, S.READ_PAIR,
    S.SIGN_WITH_PAIR, S.EXPORT_PAIR,
}  # fmt: skip
EXPECTED = {
    ModuleState.POWER_OFF: STATUS | {S.POWER_ON},
    ModuleState.SELF_TEST: STATUS,
    ModuleState.IDLE: ANY_ROLE,
    ModuleState.OFFICER: ANY_ROLE | OFFICERS,
    ModuleState.USER: ANY_ROLE | USERS,
    ModuleState.ERROR: STATUS | {S.ZEROIZE},
    ModuleState.ZEROIZED: STATUS,
}
PAIRS = [(state, service) for state in ModuleState for service in Service]
REFUSED = [pair for pair in PAIRS if pair[1] not in EXPECTED[pair[0]]]
ALLOWED_PAIRS = [pair for pair in PAIRS if pair[1] in EXPECTED[pair[0]]]

TOKEN = KeyToken(KeyBinding("key", "00" * 32, "RSA_2048"), "domain", b"")
PAIR = SealedPair(TOKEN, b"", b"", "ECC_NIST_P256")
COST = Argon2Cost(8, 1, 1)

OFFICER_CALLS: dict[Service, Callable[[Officer], object]] = {
    S.CREATE_VAULT_KEY: lambda o: o.create_vault_key(),
    S.SEAL_VAULT_KEY: lambda o: o.seal_vault_key(b"s" * 32, b""),
    S.OPEN_VAULT_KEY: lambda o: o.open_vault_key(b"", b"s" * 32, b""),
    S.STRETCH: lambda o: o.derive_secret("passphrase", b"s" * 16, COST),
    S.DATABASE_KEY: lambda o: o.database_key(),
    S.CREATE_DOMAIN_KEY: lambda o: o.create_domain_key(),
    S.LOAD_DOMAIN_KEYS: lambda o: o.load_domain_keys([DomainKeyToken("d", b"")]),
    S.REWRAP: lambda o: o.rewrap(TOKEN),
    S.ZEROIZE: lambda o: o.zeroize(),
}
USER_CALLS: dict[Service, Callable[[User], object]] = {
    S.GENERATE: lambda u: u.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC"),
    S.IMPORT_MATERIAL: lambda u: u.import_material("k", "HMAC_256", "GENERATE_VERIFY_MAC", b""),
    S.GENERATE_WRAPPING: lambda u: u.generate_wrapping("k", "w", "RSA_2048"),
    S.IMPORT_WRAPPED: lambda u: u.import_wrapped(
        "k", "HMAC_256", "GENERATE_VERIFY_MAC", TOKEN, "RSAES_OAEP_SHA_256", b""
    ),
    S.SIGN: lambda u: u.sign(TOKEN, "RSASSA_PSS_SHA_256", b"", "RAW"),
    S.VERIFY: lambda u: u.verify(TOKEN, "RSASSA_PSS_SHA_256", b"", "RAW", b""),
    S.ENCRYPT: lambda u: u.encrypt(TOKEN, b"", b""),
    S.DECRYPT: lambda u: u.decrypt(TOKEN, b"", b""),
    S.RSA_ENCRYPT: lambda u: u.rsa_encrypt(TOKEN, "RSAES_OAEP_SHA_256", b""),
    S.RSA_DECRYPT: lambda u: u.rsa_decrypt(TOKEN, "RSAES_OAEP_SHA_256", b""),
    S.MAC: lambda u: u.mac(TOKEN, "HMAC_SHA_256", b""),
    S.VERIFY_MAC: lambda u: u.verify_mac(TOKEN, "HMAC_SHA_256", b"", b""),
    S.AGREE: lambda u: u.agree(TOKEN, b""),
    S.ENCAPSULATE: lambda u: u.encapsulate(TOKEN),
    S.DECAPSULATE: lambda u: u.decapsulate(TOKEN, b""),
    S.GENERATE_RANDOM: lambda u: u.generate_random(1),
    S.DATA_KEY_PAIR: lambda u: u.data_key_pair("ECC_NIST_P256"),
    S.READ_PAIR: lambda u: u.pair_public_key(PAIR),
    S.SIGN_WITH_PAIR: lambda u: u.sign_with_pair(PAIR, "ECDSA_SHA_256", b"", "RAW"),
    S.EXPORT_PAIR: lambda u: u.export_pair(PAIR, "a long password"),
}
MODULE_CALLS: dict[Service, tuple[Callable[[Module], object], ...]] = {
    S.POWER_ON: (Module.power_on,),
    S.LOG_IN: (Module.officer, Module.user),
    S.LOCK: (Module.lock,),
    S.ZEROIZE: (Module.zeroize,),
}


def in_state(state: ModuleState) -> Module:
    """Return a module in that state; only the passing self-test has to be put there by hand."""
    if state is ModuleState.ERROR:
        broken = Module(corrupt="SHA-256")
        with pytest.raises(IntegrityError):
            broken.power_on()
        return broken
    module = Module()
    if state is ModuleState.SELF_TEST:
        module._core.state = state
    if state in {ModuleState.POWER_OFF, ModuleState.SELF_TEST}:
        return module
    module.power_on()
    if state is ModuleState.ZEROIZED:
        module.zeroize()
    if state is ModuleState.OFFICER:
        module.officer()
    if state is ModuleState.USER:
        module.user()
    return module


@pytest.fixture(scope="module")
def modules() -> dict[ModuleState, Module]:
    return {state: in_state(state) for state in ModuleState}


def calls(module: Module, state: ModuleState, service: Service) -> list[Callable[[], object]]:
    """Return every way to ask a module for a service in a state."""
    found: list[Callable[[], object]] = []
    if service in OFFICER_CALLS and state is not ModuleState.USER:
        found.append(lambda: OFFICER_CALLS[service](Officer(module._core)))
    if service in USER_CALLS and state is not ModuleState.OFFICER:
        found.append(lambda: USER_CALLS[service](User(module._core)))
    operational = state in {ModuleState.IDLE, ModuleState.OFFICER, ModuleState.USER}
    if service in MODULE_CALLS and not (operational and service is S.ZEROIZE):
        found += [partial(call, module) for call in MODULE_CALLS[service]]
    return found


@pytest.mark.parametrize(("state", "service"), ALLOWED_PAIRS)
def test_the_table_allows(state: ModuleState, service: Service) -> None:
    require(state, service)
    assert service in ALLOWED[state]


@pytest.mark.parametrize(("state", "service"), REFUSED)
def test_the_table_refuses_every_other_pair(state: ModuleState, service: Service) -> None:
    with pytest.raises(Refused, match=f"“{service}”.*“{state}”") as caught:
        require(state, service)
    assert caught.value.next_step


LATCHED = {
    ModuleState.POWER_OFF, ModuleState.SELF_TEST, ModuleState.ERROR, ModuleState.ZEROIZED,
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "service"), [pair for pair in REFUSED if pair[0] in LATCHED or pair[1] is S.POWER_ON]
)
def test_every_method_asks_the_table(
    modules: dict[ModuleState, Module], state: ModuleState, service: Service
) -> None:
    ways = calls(modules[state], state, service)
    assert ways
    for way in ways:
        with pytest.raises(Refused, match=f"“{service}” is not available in the state"):
            way()
    assert modules[state].state is state


@pytest.mark.parametrize("service", sorted(USERS))
def test_an_officer_session_is_no_user(
    modules: dict[ModuleState, Module], service: Service
) -> None:
    with pytest.raises(Refused, match=f"“{service}”.*“crypto officer”"):
        USER_CALLS[service](_Masked(modules[ModuleState.OFFICER]._core, ModuleState.OFFICER))


@pytest.mark.parametrize("service", sorted(OFFICERS))
def test_a_user_session_is_no_officer(modules: dict[ModuleState, Module], service: Service) -> None:
    session = Officer(modules[ModuleState.USER]._core)
    session.role = ModuleState.USER
    with pytest.raises(Refused, match=f"“{service}”.*“user”"):
        OFFICER_CALLS[service](session)


class _Masked(User):
    """The user's methods in a session of another role."""

    def __init__(self, core: Core, role: ModuleState) -> None:
        super().__init__(core)
        self.role = role


def test_states_follow_log_in_and_lock() -> None:
    module = Module()
    seen = [module.state]
    module.power_on()
    seen.append(module.state)
    module.officer()
    seen.append(module.state)
    module.user()
    seen.append(module.state)
    module.lock()
    seen.append(module.state)
    module.zeroize()
    seen.append(module.state)
    assert seen == [
        ModuleState.POWER_OFF, ModuleState.IDLE, ModuleState.OFFICER, ModuleState.USER,
        ModuleState.IDLE, ModuleState.ZEROIZED,
    ]  # fmt: skip


def test_the_error_state_can_only_be_zeroized() -> None:
    module = in_state(ModuleState.ERROR)
    module.zeroize()
    assert module.state is ModuleState.ZEROIZED
    with pytest.raises(Refused):
        module.zeroize()


def test_lock_ends_every_session(module: Module, officer: Officer, user: User) -> None:
    module.lock()
    with pytest.raises(Locked, match="locked"):
        user.generate_random(1)
    with pytest.raises(Locked, match="locked"):
        officer.database_key()
    assert module.state is ModuleState.IDLE


def test_lock_forgets_keys(module: Module, officer: Officer, user: User) -> None:
    token = user.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC").token
    user.mac(token, "HMAC_SHA_256", b"")
    buffer = module._core._vault_key
    assert buffer is not None
    assert len(module._core.handles) == 1
    module.lock()
    assert len(module._core.handles) == 0
    assert buffer == bytes(32)
    with pytest.raises(Locked):
        module.user().mac(token, "HMAC_SHA_256", b"")
    with pytest.raises(Locked):
        module.officer().database_key()


def test_zeroize_by_the_officer_is_final(module: Module, officer: Officer, user: User) -> None:
    officer.zeroize()
    assert module.state is ModuleState.ZEROIZED
    with pytest.raises(Refused, match="zeroized"):
        user.generate_random(1)
    with pytest.raises(Refused, match="zeroized"):
        module.officer()


def test_nothing_shows_a_secret(module: Module, officer: Officer, user: User) -> None:
    token = user.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC").token
    handle = user._load(token, Service.MAC)
    core = module._core
    secret = handle.secret
    domain_key = core.domain_keys.keys[core.domain_keys.active]
    shown = " ".join(map(repr, (module, officer, user, handle, core, core.domain_keys, token)))
    for hidden in (secret, domain_key, core.vault_key(), token.wrapped):
        assert hidden.hex() not in shown
        assert repr(hidden)[2:-1] not in shown
    assert "k HMAC_256" in shown
