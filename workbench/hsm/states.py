"""The state machine of the module, as in FIPS 140-3 (ISO/IEC 19790 §7.11.4): who may do what when.

Owns the table of states and services. Must not know how a service is done.

A module has a state and a session has a role. While the module is operational a service is judged
in the state of the session's role (OFFICER or USER), or in IDLE where it needs no session;
otherwise in the module's own state.

| State     | Meaning                          | Services                                          |
|-----------|----------------------------------|---------------------------------------------------|
| POWER_OFF | made, not tested                 | status, power on                                  |
| SELF_TEST | known answers are being compared | status                                            |
| IDLE      | operational, nobody logged in    | status, log in, lock                              |
| OFFICER   | operational, crypto officer      | status, log in, lock, zeroize, vault key, domain  |
|           |                                  | keys, derivation of secrets, re-wrapping          |
| USER      | operational, user                | status, log in, lock, making, importing and using |
|           |                                  | keys, making wrapping keys and importing what is  |
|           |                                  | wrapped under them, random bytes, using data key  |
|           |                                  | pairs and exporting them under a password         |
| ERROR     | a self-test failed (latched)     | status, zeroize                                   |
| ZEROIZED  | keys erased (latched)            | status                                            |

| From                | Event                                        | To        |
|---------------------|----------------------------------------------|-----------|
| POWER_OFF           | power on                                     | SELF_TEST |
| SELF_TEST           | every answer right                           | IDLE      |
| SELF_TEST           | any answer wrong                             | ERROR     |
| IDLE, OFFICER, USER | log in                                       | the role  |
| IDLE, OFFICER, USER | lock                                         | IDLE      |
| USER                | a new pair fails its pairwise test           | ERROR     |
| OFFICER, ERROR      | zeroize                                      | ZEROIZED  |

ERROR and ZEROIZED are left by making a new module, which is this program's power cycle.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from workbench.base.errors import Refused


class ModuleState(StrEnum):
    """Where the module, or a session in it, stands."""

    POWER_OFF = "power off"
    SELF_TEST = "self-test"
    IDLE = "idle"
    OFFICER = "crypto officer"
    USER = "user"
    ERROR = "error"
    ZEROIZED = "zeroized"


class Service(StrEnum):
    """Everything the module can be asked to do."""

    SHOW_STATUS = "show status"
    POWER_ON = "power on"
    LOG_IN = "log in"
    LOCK = "lock"
    ZEROIZE = "zeroize"
    CREATE_VAULT_KEY = "create vault key"
    SEAL_VAULT_KEY = "seal vault key"
    OPEN_VAULT_KEY = "open vault key"
    STRETCH = "derive secret"
    DATABASE_KEY = "database key"
    CREATE_DOMAIN_KEY = "create domain key"
    LOAD_DOMAIN_KEYS = "load domain keys"
    REWRAP = "re-wrap key"
    GENERATE = "generate key"
    IMPORT_MATERIAL = "import key material"
    GENERATE_WRAPPING = "generate wrapping key"
    IMPORT_WRAPPED = "import wrapped key material"
    SIGN = "sign"
    VERIFY = "verify"
    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    RSA_ENCRYPT = "RSA encrypt"
    RSA_DECRYPT = "RSA decrypt"
    MAC = "compute MAC"
    VERIFY_MAC = "verify MAC"
    AGREE = "agree on a secret"
    ENCAPSULATE = "encapsulate"
    DECAPSULATE = "decapsulate"
    GENERATE_RANDOM = "generate random bytes"
    DATA_KEY_PAIR = "generate data key pair"
    READ_PAIR = "read public key of data key pair"
    SIGN_WITH_PAIR = "sign with data key pair"
    EXPORT_PAIR = "export data key pair"


_OPERATIONAL: Final = frozenset({Service.SHOW_STATUS, Service.LOG_IN, Service.LOCK})
_OFFICER: Final = frozenset(
    {
        Service.ZEROIZE,
        Service.CREATE_VAULT_KEY,
        Service.SEAL_VAULT_KEY,
        Service.OPEN_VAULT_KEY,
        Service.STRETCH,
        Service.DATABASE_KEY,
        Service.CREATE_DOMAIN_KEY,
        Service.LOAD_DOMAIN_KEYS,
        Service.REWRAP,
    }
)
_USER: Final = frozenset(
    {
        Service.GENERATE,
        Service.IMPORT_MATERIAL,
        Service.GENERATE_WRAPPING,
        Service.IMPORT_WRAPPED,
        Service.SIGN,
        Service.VERIFY,
        Service.ENCRYPT,
        Service.DECRYPT,
        Service.RSA_ENCRYPT,
        Service.RSA_DECRYPT,
        Service.MAC,
        Service.VERIFY_MAC,
        Service.AGREE,
        Service.ENCAPSULATE,
        Service.DECAPSULATE,
        Service.GENERATE_RANDOM,
        Service.DATA_KEY_PAIR,
        Service.READ_PAIR,
        Service.SIGN_WITH_PAIR,
        Service.EXPORT_PAIR,
    }
)

ALLOWED: Final[Mapping[ModuleState, frozenset[Service]]] = MappingProxyType(
    {
        ModuleState.POWER_OFF: frozenset({Service.SHOW_STATUS, Service.POWER_ON}),
        ModuleState.SELF_TEST: frozenset({Service.SHOW_STATUS}),
        ModuleState.IDLE: _OPERATIONAL,
        ModuleState.OFFICER: _OPERATIONAL | _OFFICER,
        ModuleState.USER: _OPERATIONAL | _USER,
        ModuleState.ERROR: frozenset({Service.SHOW_STATUS, Service.ZEROIZE}),
        ModuleState.ZEROIZED: frozenset({Service.SHOW_STATUS}),
    }
)
"""The services each state allows; every other pair is refused."""

_NEXT_STEPS: Final = MappingProxyType(
    {
        ModuleState.POWER_OFF: "Power the module on first.",
        ModuleState.SELF_TEST: "Wait until the self-tests are done.",
        ModuleState.IDLE: "Unlock the vault first.",
        ModuleState.OFFICER: "Use a user session.",
        ModuleState.USER: "Use a crypto officer session.",
        ModuleState.ERROR: "Restart the program; if it happens again, run “workbench doctor”.",
        ModuleState.ZEROIZED: "Restore a backup into a new vault.",
    }
)


def require(state: ModuleState, service: Service) -> None:
    """Let an allowed pair pass.

    Raises:
        Refused: the state does not allow the service.
    """
    if service not in ALLOWED[state]:
        raise Refused(
            f"The service “{service}” is not available in the state “{state}”.",
            _NEXT_STEPS[state],
        )
