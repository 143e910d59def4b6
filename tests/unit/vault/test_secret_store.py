from collections.abc import Callable

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from workbench.base.errors import EnvironmentFault
from workbench.vault.secret_store import SERVICE, KeyringStore


class Backend(KeyringBackend):
    """A keyring in memory under the name of another."""

    priority = 1
    viable = False  # keyring knows every subclass, and would choose among them for other tests

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.kept[service, username]

    def _check(self) -> None:
        if self.broken:
            raise ConnectionError("a secret must not be told: hunter2")


class SecretServiceLike(Backend):
    __module__ = "keyring.backends.SecretService"


class PlaintextLike(Backend):
    __module__ = "keyrings.alt.file"


def test_secrets_are_kept_under_the_applications_name() -> None:
    backend = SecretServiceLike()
    store = KeyringStore(backend)
    assert store.describe() == "Secret Service"
    assert store.get("a") is None
    store.set("a", bytes(range(256)))
    store.set("b", b"")
    assert store.get("a") == bytes(range(256))
    assert store.get("b") == b""
    assert {service for service, _ in backend.kept} == {SERVICE}
    store.set("a", b"another")
    assert store.get("a") == b"another"
    store.delete("a")
    store.delete("a")
    assert store.get("a") is None


def chained(*backends: KeyringBackend) -> KeyringBackend:
    members = {"backends": backends, "viable": False}
    chain: Callable[[], KeyringBackend] = type("Chain", (ChainerBackend,), members)
    return chain()


@pytest.mark.parametrize("make", [FailKeyring, chained])
def test_no_service_is_said_with_the_next_step(make: Callable[[], KeyringBackend]) -> None:
    with pytest.raises(EnvironmentFault, match=r"No keyring service.*Use the recovery passphrase"):
        KeyringStore(make())


@pytest.mark.parametrize("make", [NullKeyring, PlaintextLike])
def test_one_that_does_not_protect_is_refused_by_name(make: Callable[[], KeyringBackend]) -> None:
    backend = make()
    for given in (backend, chained(backend)):
        with pytest.raises(EnvironmentFault, match=type(backend).__module__):
            KeyringStore(given)


def test_of_several_the_first_good_one_is_taken() -> None:
    good = SecretServiceLike()
    KeyringStore(chained(PlaintextLike(), good)).set("a", b"secret")
    assert len(good.kept) == 1


def test_the_configured_one_is_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", NullKeyring)
    with pytest.raises(EnvironmentFault, match=r"keyring\.backends\.null"):
        KeyringStore()

    def fail() -> KeyringBackend:
        raise ImportError("no such backend")

    monkeypatch.setattr("keyring.get_keyring", fail)
    with pytest.raises(EnvironmentFault, match="could not be loaded: ImportError"):
        KeyringStore()


def test_a_failing_service_is_an_environment_fault_without_secrets() -> None:
    backend = SecretServiceLike()
    store = KeyringStore(backend)
    backend.broken = True
    requests: list[Callable[[], object]] = [
        lambda: store.get("a"),
        lambda: store.set("a", b"x"),
        lambda: store.delete("a"),
    ]
    for request in requests:
        with pytest.raises(EnvironmentFault, match=r"Secret Service.*ConnectionError") as caught:
            request()
        assert "hunter2" not in str(caught.value)


def test_what_was_not_stored_by_us_is_not_believed() -> None:
    backend = SecretServiceLike()
    backend.kept[SERVICE, "a"] = "not base64!"
    with pytest.raises(EnvironmentFault, match="Could not read"):
        KeyringStore(backend).get("a")


def test_keyring_itself_never_chooses_the_ones_above() -> None:
    chained(SecretServiceLike(), PlaintextLike())
    chosen = {kind.__module__ for kind in KeyringBackend.get_viable_backends()}
    assert chosen.isdisjoint({PlaintextLike.__module__, __name__})
