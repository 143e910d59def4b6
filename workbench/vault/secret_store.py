"""The operating system's keyring, as the one outside place that the vault trusts.

Owns the choice of acceptable keyring services. Must not know what the secrets are for. Only
services that keep secrets encrypted under the user's login are accepted: a plain-text or absent
one is refused, because a weaker default chosen in silence is worse than none.
"""

import binascii
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final, Protocol

from workbench.base.errors import EnvironmentFault

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "org.keyworkbench.KeyWorkbench"
_ACCEPTED: Final = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "Secret Service (libsecret)",
    "keyring.backends.kwallet": "KDE Wallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}
_NO_BACKEND: Final = "keyring.backends.fail"
_NO_KEYRING_STEP: Final = (
    "Use the recovery passphrase, or start a keyring service such as GNOME Keyring or KWallet."
)


class SecretStore(Protocol):
    """A place outside the vault that keeps small secrets by name."""

    def get(self, name: str) -> bytes | None:
        """Return the secret, or None when there is none. Raises `EnvironmentFault`."""

    def set(self, name: str, secret: bytes) -> None:
        """Store or replace the secret. Raises `EnvironmentFault`."""

    def delete(self, name: str) -> None:
        """Forget the secret; harmless when there is none. Raises `EnvironmentFault`."""

    def describe(self) -> str:
        """Return which store this is, in words for people."""


class KeyringStore:
    """Secrets in the desktop's keyring service.

    Args:
        backend: the keyring backend to use; the user's configured or best one when absent.

    Raises:
        EnvironmentFault: there is no keyring service, or it does not protect what it keeps.
    """

    def __init__(self, backend: "KeyringBackend | None" = None) -> None:
        self._backend, self._name = _accepted(backend or _configured())

    def get(self, name: str) -> bytes | None:
        """Return the secret, or None when there is none.

        Raises:
            EnvironmentFault: the service refused, or what it gave back is not what was stored.
        """
        try:
            text = self._backend.get_password(SERVICE, name)
        except Exception as error:
            raise self._fault("read a secret from", error) from error
        if text is None:
            return None
        try:
            return b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._fault("read a secret from", error) from error

    def set(self, name: str, secret: bytes) -> None:
        """Store or replace the secret.

        Raises:
            EnvironmentFault: the service refused.
        """
        try:
            self._backend.set_password(SERVICE, name, b64encode(secret).decode("ascii"))
        except Exception as error:
            raise self._fault("store a secret in", error) from error

    def delete(self, name: str) -> None:
        """Forget the secret; harmless when there is none.

        Raises:
            EnvironmentFault: the service refused.
        """
        try:
            if self._backend.get_password(SERVICE, name) is not None:
                self._backend.delete_password(SERVICE, name)
        except Exception as error:
            raise self._fault("delete a secret from", error) from error

    def describe(self) -> str:
        """Return which keyring service this is."""
        return self._name

    def _fault(self, doing: str, error: Exception) -> EnvironmentFault:
        # Backends raise the errors of their own libraries; the kind says enough and no secret.
        return EnvironmentFault(
            f"Could not {doing} the keyring ({self._name}): {type(error).__name__}.",
            "Unlock the keyring and try again, or use the recovery passphrase.",
        )


def _configured() -> "KeyringBackend":
    import keyring  # noqa: PLC0415 - 80 ms, and not every command opens a vault

    try:
        return keyring.get_keyring()
    except Exception as error:
        raise EnvironmentFault(
            f"The configured keyring could not be loaded: {type(error).__name__}.", _NO_KEYRING_STEP
        ) from error


def _accepted(backend: "KeyringBackend") -> "tuple[KeyringBackend, str]":
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - as above

    candidates = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    for candidate in candidates:
        name = _ACCEPTED.get(type(candidate).__module__)
        if name is not None:
            return candidate, name
    refused = {type(candidate).__module__ for candidate in candidates} - {_NO_BACKEND}
    if not refused:
        raise EnvironmentFault("No keyring service is running.", _NO_KEYRING_STEP)
    raise EnvironmentFault(
        f"The configured keyring ({', '.join(sorted(refused))}) is not one that protects its "
        "secrets.",
        _NO_KEYRING_STEP,
    )
