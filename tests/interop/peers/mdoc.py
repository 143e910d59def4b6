"""Mobile documents issued and read by pycose and cwt, run by the peers' Python.

What ISO/IEC 18013-5 asks of an issuer and a reader, on cbor2 and one of two COSE libraries, none of
it ours. Reads a JSON list of requests from standard input and writes one of answers.
"""

import hashlib
import itertools
import json
import sys
from datetime import datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSE, COSEKey
from pycose import algorithms, headers
from pycose.keys import CoseKey
from pycose.messages import Sign1Message

NAMES = {"ES256": "Es256", "ES384": "Es384", "ES512": "Es512", "EdDSA": "EdDSA"}
HASHES = {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
SIGNER = x509.ObjectIdentifier("1.0.18013.5.1.2")
X5CHAIN = 33


class Refused(Exception):
    """A reader does not accept a document."""


def issue(asked: dict[str, Any]) -> str:
    """Return IssuerSigned over data elements, signed by pycose or cwt."""
    start = datetime.fromisoformat(asked["moment"])
    digest, digests, items = HASHES[asked["digest"]], {}, []
    for number, (name, value) in enumerate(asked["elements"].items()):
        element = {
            "digestID": number, "random": bytes([number]) * 16,
            "elementIdentifier": name, "elementValue": value,
        }  # fmt: skip
        items.append(cbor2.CBORTag(24, cbor2.dumps(element)))
        digests[number] = digest(cbor2.dumps(items[-1])).digest()
    holder = CoseKey.from_pem_public_key(asked["holder"])
    security = {
        "version": "1.0",
        "digestAlgorithm": asked["digest"],
        "valueDigests": {asked["space"]: digests},
        "deviceKeyInfo": {"deviceKey": {1: 2, -1: 1, -2: holder.x, -3: holder.y}},
        "docType": asked["document"],
        "validityInfo": {
            "signed": start, "validFrom": start,
            "validUntil": start + timedelta(days=asked["days"]),
        },
    }  # fmt: skip
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(security)))
    chain = [bytes.fromhex(one) for one in asked["chain"]]
    shown = chain[0] if len(chain) == 1 else chain
    if asked["tool"] == "cwt":
        key = COSEKey.from_pem(asked["key"], alg=asked["alg"])
        made = COSE.new(alg_auto_inclusion=True).encode_and_sign(
            payload, key, unprotected={X5CHAIN: shown}
        )
        message = cbor2.loads(made).value
    else:
        kind = getattr(algorithms, NAMES[asked["alg"]])
        sealed = Sign1Message(
            phdr={headers.Algorithm: kind}, uhdr={headers.X5chain: shown}, payload=payload
        )
        sealed.key = CoseKey.from_pem_private_key(asked["key"])
        message = cbor2.loads(sealed.encode(tag=False))
    return cbor2.dumps({"nameSpaces": {asked["space"]: items}, "issuerAuth": message}).hex()


def read(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the data elements of IssuerSigned, after a reader's checks."""
    whole = cbor2.loads(bytes.fromhex(asked["document"]))
    message = list(whole["issuerAuth"])
    given = message[1][X5CHAIN]
    chain = [x509.load_der_x509_certificate(one) for one in ([given] if isinstance(given, bytes)
                                                             else given)]  # fmt: skip
    root = x509.load_der_x509_certificate(bytes.fromhex(asked["root"]))
    check_chain([*chain, root], datetime.fromisoformat(asked["moment"]))
    payload = checked_payload(asked["tool"], message, chain[0], asked["alg"])
    security = cbor2.loads(cbor2.loads(payload).value)
    info = security["validityInfo"]
    if not info["validFrom"] <= datetime.fromisoformat(asked["moment"]) <= info["validUntil"]:
        raise Refused("the document is not valid then")
    digest, found = HASHES[security["digestAlgorithm"]], {}
    for space, items in whole["nameSpaces"].items():
        for item in items:
            element = cbor2.loads(item.value)
            stated = security["valueDigests"][space][element["digestID"]]
            if digest(cbor2.dumps(item)).digest() != stated:
                raise Refused(f"{element['elementIdentifier']} is not what was signed")
            found[element["elementIdentifier"]] = str(element["elementValue"])
    return found


def check_chain(chain: list[x509.Certificate], moment: datetime) -> None:
    """Refuse a chain that does not reach its last certificate, or not for mobile documents."""
    for one, issuer in itertools.pairwise(chain):
        one.verify_directly_issued_by(issuer)
    usage = chain[0].extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if SIGNER not in usage.value:
        raise Refused("the signer is not for mobile documents")
    if not all(one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in chain):
        raise Refused("a certificate is not valid then")


def checked_payload(tool: str, message: list[Any], leaf: x509.Certificate, alg: str) -> bytes:
    """Return what a COSE_Sign1 message is over, its signature checked with the leaf's key."""
    pem = leaf.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    if tool == "cwt":
        encoded = cbor2.dumps(cbor2.CBORTag(18, message))
        return bytes(COSE.new().decode(encoded, COSEKey.from_pem(pem, alg=alg)))
    sealed = Sign1Message.from_cose_obj(message, allow_unknown_attributes=True)
    sealed.key = CoseKey.from_pem_public_key(pem)
    if not sealed.verify_signature():
        raise Refused("the signature does not match")
    return bytes(sealed.payload)


def answer(asked: dict[str, Any]) -> Any:
    """Answer one request; whatever a peer raises means no."""
    try:
        return {"issue": issue, "read": read}[asked["do"]](asked)
    except Exception as error:  # noqa: BLE001 - as said
        return f"no: {type(error).__name__}: {error}"


def main() -> None:
    """Answer all requests."""
    json.dump([answer(asked) for asked in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
