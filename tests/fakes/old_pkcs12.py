"""PKCS#12 containers whose parts are under triple DES, as programs wrote them before PBES2.

Made by hand, as no library writes a private key inside such a part, or any number of rounds.
Source: RFC 7292 appendix B.
"""

import hashlib
import hmac
import os
from typing import Any

from asn1crypto import algos, cms, core, keys
from asn1crypto import pkcs12 as structure
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from tests.fakes.incoming import sequence

ROUNDS = 2048
_KEY, _IV, _MAC = 1, 2, 3
_BLOCK = 64


def derive(password: str, salt: bytes, rounds: int, purpose: int, size: int) -> bytes:
    """Return bytes of a password with SHA-1 (appendix B.2)."""
    text = password.encode("utf-16-be") + b"\0\0"
    block = b"".join((part * _BLOCK)[: -(-len(part) // _BLOCK) * _BLOCK] for part in (salt, text))
    made = b""
    while len(made) < size:
        digest = bytes([purpose]) * _BLOCK + block
        for _ in range(rounds):
            digest = hashlib.sha1(digest, usedforsecurity=False).digest()
        made += digest
        added = int.from_bytes((digest * 4)[:_BLOCK], "big") + 1
        block = b"".join(
            ((int.from_bytes(block[at : at + _BLOCK], "big") + added) % 2**512).to_bytes(64, "big")
            for at in range(0, len(block), _BLOCK)
        )
    return made[:size]


def sealed(plain: bytes, password: str, told: int = ROUNDS) -> tuple[Any, bytes]:
    """Return an algorithm identifier and the ciphertext; `told` is what the former says."""
    salt = os.urandom(8)
    key, iv = (derive(password, salt, ROUNDS, *one) for one in ((_KEY, 24), (_IV, 8)))
    padder = padding.PKCS7(64).padder()
    encryptor = Cipher(TripleDES(key), modes.CBC(iv)).encryptor()
    data = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    parameters = {"salt": salt, "iterations": told}
    name = "pkcs12_sha1_tripledes_3key"
    return algos.EncryptionAlgorithm({"algorithm": name, "parameters": parameters}), data


def key_bag(pkcs8: bytes, password: str, told: int = ROUNDS) -> bytes:
    """Return a bag with a private key under triple DES, which says `told` rounds."""
    algorithm, data = sealed(pkcs8, password, told)
    value = keys.EncryptedPrivateKeyInfo(
        {"encryption_algorithm": algorithm, "encrypted_data": data}
    )
    return _bag("1.2.840.113549.1.12.10.1.2", value.dump())


def certificate_bag(der: bytes) -> bytes:
    """Return a bag with a certificate."""
    value = structure.CertBag({"cert_id": "x509", "cert_value": core.ParsableOctetString(der)})
    return _bag("1.2.840.113549.1.12.10.1.3", value.dump())


def nested(*bags: bytes) -> bytes:
    """Return a bag of bags."""
    return _bag("1.2.840.113549.1.12.10.1.6", sequence(*bags))


def _bag(kind: str, value: bytes) -> bytes:
    tagged = b"\xa0" + sequence(value)[1:]  # the length is the same
    return sequence(core.ObjectIdentifier(kind).dump(), tagged)


def plain_part(*bags: bytes) -> bytes:
    """Return a part that is not encrypted."""
    content = core.OctetString(sequence(*bags))
    return bytes(cms.ContentInfo({"content_type": "data", "content": content}).dump())


def old_part(password: str, *bags: bytes) -> bytes:
    """Return a part under triple DES."""
    algorithm, data = sealed(sequence(*bags), password)
    info = {
        "content_type": "data",
        "content_encryption_algorithm": algorithm,
        "encrypted_content": data,
    }
    value = cms.EncryptedData({"version": "v0", "encrypted_content_info": info})
    return bytes(cms.ContentInfo({"content_type": "encrypted_data", "content": value}).dump())


def old_container(password: str, *parts: bytes) -> bytes:
    """Return a container of parts with its MAC."""
    whole, salt = sequence(*parts), os.urandom(8)
    mac = hmac.new(derive(password, salt, ROUNDS, _MAC, 20), whole, hashlib.sha1).digest()
    pfx = structure.Pfx(
        {
            "version": "v3",
            "auth_safe": {"content_type": "data", "content": core.OctetString(whole)},
            "mac_data": {
                "mac": {"digest_algorithm": {"algorithm": "sha1"}, "digest": mac},
                "mac_salt": salt,
                "iterations": ROUNDS,
            },
        }
    )
    return bytes(pfx.dump())
