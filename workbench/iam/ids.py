"""Unique ids and access keys in AWS's forms.

Owns how ids and secrets are made; must not know where they are kept. Source: IAM User Guide, "IAM
identifiers", and STS API Reference, GetAccessKeyInfo, which tells an account by a key id alone:
the account's number lies in the first 48 bits of what follows the prefix, from the second bit on.
"""

import base64
import re
import secrets
from typing import Final

USER: Final = "AIDA"
ROLE: Final = "AROA"
GROUP: Final = "AGPA"
POLICY: Final = "ANPA"
PREFIXES: Final = (USER, ROLE)
"""Of the unique ids that policies name principals by."""

LONG_TERM: Final = "AKIA"
TEMPORARY: Final = "ASIA"

_KEY_ID: Final = re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}")
_ACCOUNT_BITS: Final = 40
_RANDOM_BITS: Final = 39
_SECRET_BYTES: Final = 30
_TOKEN_BYTES: Final = 264


def new_unique_id(prefix: str) -> str:
    """Return `prefix` and 17 random base32 characters, as `AIDA…` of a user."""
    return prefix + base64.b32encode(secrets.token_bytes(11))[:17].decode()


def new_access_key_id(prefix: str, account: str) -> str:
    """Return `prefix` and 16 base32 characters that carry the account's twelve digits."""
    number = (1 << _ACCOUNT_BITS | int(account)) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return prefix + base64.b32encode(number.to_bytes(10, "big")).decode()


def account_of(access_key_id: str) -> str:
    """Return the account an access key id was made for; empty if it has not the form of one."""
    if not _KEY_ID.fullmatch(access_key_id):
        return ""
    number = int.from_bytes(base64.b32decode(access_key_id[4:]), "big")
    account = number >> _RANDOM_BITS & ((1 << _ACCOUNT_BITS) - 1)
    return f"{account:012d}" if account < 10**12 else ""


def new_secret() -> str:
    """Return a secret access key: 240 random bits in 40 characters."""
    return base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def new_session_token(at_least: int = 0) -> str:
    """Return a random session token of 352 characters, or of `at_least` if that is more."""
    size = max(_TOKEN_BYTES, -(-at_least // 4) * 3)
    return base64.b64encode(secrets.token_bytes(size)).decode()
