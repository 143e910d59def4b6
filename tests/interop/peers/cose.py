"""Started with the Python of the peers' environment: pycose and cwt sign or verify messages.

Reads a JSON list of requests from standard input and writes one of answers.
"""

import json
import sys
from typing import Any

from cwt import COSE, COSEKey
from pycose import algorithms, headers
from pycose.keys import CoseKey
from pycose.messages import CoseMessage, Sign1Message

NAMES = {"ES256": "Es256", "ES384": "Es384", "ES512": "Es512", "EdDSA": "EdDSA", "PS256": "Ps256"}


def pycose_key(asked: dict[str, Any]) -> Any:
    """Return the key of a request as pycose has it."""
    if asked["do"] == "sign":
        return CoseKey.from_pem_private_key(asked["key"])
    return CoseKey.from_pem_public_key(asked["key"])


def by_pycose(asked: dict[str, Any]) -> Any:
    """Sign or verify with pycose."""
    payload = bytes.fromhex(asked["payload"])
    if asked["do"] == "sign":
        kind = getattr(algorithms, NAMES[asked["alg"]])
        made = Sign1Message(phdr={headers.Algorithm: kind}, payload=payload)
        made.key = pycose_key(asked)
        return made.encode().hex()
    message = CoseMessage.decode(bytes.fromhex(asked["message"]))
    message.key = pycose_key(asked)
    if message.payload is None:
        return message.verify_signature(detached_payload=payload)
    return message.verify_signature() and message.payload == payload


def by_cwt(asked: dict[str, Any]) -> Any:
    """Sign or verify with cwt."""
    payload = bytes.fromhex(asked["payload"])
    key = COSEKey.from_pem(asked["key"], alg=asked["alg"])
    if asked["do"] == "sign":
        made = COSE.new(alg_auto_inclusion=True).encode_and_sign(payload, key)
        assert isinstance(made, bytes)
        return made.hex()
    message = bytes.fromhex(asked["message"])
    if asked["detached"]:
        return COSE.new().decode(message, key, detached_payload=payload) == payload
    return COSE.new().decode(message, key) == payload


def answer(asked: dict[str, Any]) -> Any:
    """Answer one request; whatever a peer raises means no."""
    try:
        return {"pycose": by_pycose, "cwt": by_cwt}[asked["tool"]](asked)
    except Exception as error:  # noqa: BLE001 - as said
        return f"{type(error).__name__}: {error}"


def main() -> None:
    """Answer all requests."""
    json.dump([answer(asked) for asked in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
