"""Known answers for digests, MACs, authenticated encryption and key derivation."""

import hmac
from collections.abc import Callable
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from workbench.crypto import aead, digests, kdf, mac
from workbench.hsm.answers.form import SelfTest

# FIPS 180-4's example "abc", as NIST publishes it beside the standard.
_ABC: Final = {
    "SHA-256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "SHA-384": "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
    "8086072ba1e7cc2358baeca134c825a7",
    "SHA-512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
}
# cryptography-vectors, SHAKE256VariableOut.rsp, the first of Outputlen 512.
_SHAKE_MESSAGE: Final = "dc886df3f69c49513de3627e9481db5871e8ee88eb9f99611541930a8bc885e0"
_SHAKE_OUTPUT: Final = (
    "00648afbc5e651649db1fd82936b00dbbc122fb4c877860d385c4950d56de7e0"
    "96d613d7a3f27ed8f26334b0ccc1407b41dccb23dfaa529818d1125cd5348092"
)
# RFC 4231 §4.2, test case 1.
_HMAC_KEY: Final = b"\x0b" * 20
_HMAC: Final = {
    "HMAC_SHA_224": "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
    "HMAC_SHA_256": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    "HMAC_SHA_384": "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
    "faea9ea9076ede7f4af152e8b2fa9cb6",
    "HMAC_SHA_512": "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
}
# cryptography-vectors, gcmEncryptExtIV256.rsp, IV 96, PT 408, AAD 160, tag 128, count 0.
_GCM_KEY: Final = bytes.fromhex("24501ad384e473963d476edcfe08205237acfd49b5b8f33857f8114e863fec7f")
_GCM_NONCE: Final = bytes.fromhex("9ff18563b978ec281b3f2794")
_GCM_AAD: Final = bytes.fromhex("adb5ec720ccf9898500028bf34afccbcaca126ef")
_GCM_PLAIN: Final = bytes.fromhex(
    "27f348f9cdc0c5bd5e66b1ccb63ad920ff2219d14e8d631b3872265cf117ee86"
    "757accb158bd9abb3868fdc0d0b074b5f01b2c"
)
_GCM_SEALED: Final = bytes.fromhex(
    "eb7cb754c824e8d96f7c6d9b76c7d26fb874ffbf1d65c6f64a698d839b0b0614"
    "5dae82057ad55994cf59ad7f67c0fa5e85fab8"
    "bc95c532fecc594c36d1550286a7a3f0"
)
# cryptography-vectors, nist-800-108-KBKDF-CTR.txt, HMAC_SHA256, BEFORE_FIXED, 32 bits, count 0.
_KBKDF_KEY: Final = "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0"
_KBKDF_FIXED: Final = bytes.fromhex(
    "01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b8"
    "64a145fab25e517b08f8683d0315bb2911d80a0e8aba17f3b413faac"
)
_KBKDF_OUTPUT: Final = bytes.fromhex("10621342bfb0fd40046c0e29f2cfdbf0")
# cryptography-vectors, argon2id.txt, count 2: RFC 9106 §5.3 without secret and associated data.
_ARGON2_OUTPUT: Final = bytes.fromhex(
    "03aab965c12001c9d7d0d2de33192c0494b684bb148196d73c1df1acaf6d0c2e"
)


def _digest(name: str, expected: str, message: bytes) -> bool:
    digest = digests.new_digest(name)
    digest.update(message)
    return digest.digest().hex() == expected


def _hmac(algorithm: str, expected: str, message: bytes) -> bool:
    tag = bytes.fromhex(expected)
    whole = mac.compute(_HMAC_KEY, algorithm, message) == tag
    return whole and mac.matches(_HMAC_KEY, algorithm, message, tag)


def _seal(plaintext: bytes) -> bool:
    return aead.seal_parts(_GCM_KEY, _GCM_NONCE, plaintext, _GCM_AAD) == _GCM_SEALED


def _open(sealed: bytes) -> bool:
    return aead.open_parts(_GCM_KEY, _GCM_NONCE, sealed, _GCM_AAD, "The answer") == _GCM_PLAIN


def _kbkdf(key: bytes) -> bool:
    """Compare NIST's vector, and the form used here with the formula of SP 800-108r1 §4.1."""
    derived = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=16,
        rlen=4,
        llen=None,
        location=CounterLocation.BeforeFixed,
        label=None,
        context=None,
        fixed=_KBKDF_FIXED,
    ).derive(key)
    fixed = b"\x00\x00\x00\x01label\x00context\x00\x00\x01\x00"
    formula = hmac.digest(key, fixed, "sha256")
    return derived == _KBKDF_OUTPUT and kdf.derive(key, b"label", b"context") == formula


def _argon2(passphrase: bytes) -> bool:
    cost = kdf.Argon2Cost(memory_kib=32, iterations=3, lanes=4)
    return kdf.stretch(passphrase.decode(), b"\x02" * 16, cost) == _ARGON2_OUTPUT


def _each(
    check: Callable[[str, str, bytes], bool], answers: dict[str, str], standard: str, data: bytes
) -> tuple[SelfTest, ...]:
    return tuple(
        SelfTest(name.replace("_", "-"), standard, data, partial(check, name, expected))
        for name, expected in answers.items()
    )


SELF_TESTS: Final = (
    *_each(_digest, _ABC, "FIPS 180-4", b"abc"),
    *_each(_digest, {"SHAKE256": _SHAKE_OUTPUT}, "FIPS 202 §6.2", bytes.fromhex(_SHAKE_MESSAGE)),
    *_each(_hmac, _HMAC, "FIPS 198-1", b"Hi There"),
    SelfTest("AES-256-GCM encryption", "SP 800-38D", _GCM_PLAIN, _seal),
    SelfTest("AES-256-GCM decryption", "SP 800-38D", _GCM_SEALED, _open),
    SelfTest("KBKDF", "SP 800-108r1 §4.1", bytes.fromhex(_KBKDF_KEY), _kbkdf),
    SelfTest("Argon2id", "RFC 9106", b"\x01" * 32, _argon2),
)
"""In the order they run."""
