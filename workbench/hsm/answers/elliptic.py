"""Known answers for elliptic curves: ECDSA, ECDH and Ed25519."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workbench.crypto import agreement, keys, signatures
from workbench.hsm.answers.form import SelfTest


@dataclass(frozen=True, slots=True)
class _Ecdsa:
    """A curve with a private key and its signature of a message."""

    name: str
    curve: ec.EllipticCurve
    digest: hashes.HashAlgorithm
    algorithm: str
    private: int
    message: bytes
    signature: bytes
    deterministic: bool


# P-256, P-384, P-521: RFC 6979 §A.2.5-A.2.7, message "sample", as in cryptography-vectors,
# evppkey_ecdsa_rfc6979.txt. secp256k1: cryptography-vectors, ECDSA/SECP256K1/SigGen.txt, the first
# of [K-256,SHA-256], whose nonce is random.
_ECDSA: Final = (
    _Ecdsa(
        "P-256", ec.SECP256R1(), hashes.SHA256(), "ECDSA_SHA_256",
        0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721,
        b"sample",
        bytes.fromhex(
            "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        ),
        deterministic=True,
    ),
    _Ecdsa(
        "P-384", ec.SECP384R1(), hashes.SHA384(), "ECDSA_SHA_384",
        int(
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba"
            "9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5", 16,
        ),
        b"sample",
        bytes.fromhex(
            "306602310094edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
            "81a648152e44acf96e36dd1e80fabe4602310099ef4aeb15f178cea1fe40db2603138f130e"
            "740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"
        ),
        deterministic=True,
    ),
    _Ecdsa(
        "P-521", ec.SECP521R1(), hashes.SHA512(), "ECDSA_SHA_512",
        int(
            "0fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa8"
            "96eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538", 16,
        ),
        b"sample",
        bytes.fromhex(
            "308187024200c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f"
            "174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa024161"
            "7cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b"
            "5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"
        ),
        deterministic=True,
    ),
    _Ecdsa(
        "secp256k1", ec.SECP256K1(), hashes.SHA256(), "ECDSA_SHA_256",
        0x42202A98374F6DCA439C0AF88140E41F8ECED3062682EC7F9FC8AC9EA83C7CB2,
        bytes.fromhex(
            "5c868fedb8026979ebd26f1ba07c27eedf4ff6d10443505a96ecaf21ba8c4f0937b3cd23ff"
            "dc3dd429d4cd1905fb8dbcceeff1350020e18b58d2ba70887baa3a9b783ad30d3fbf210331"
            "cdd7df8d77defa398cdacdfc2e359c7ba4cae46bb74401deb417f8b912a1aa966aeeba9c39"
            "c7dd22479ae2b30719dca2f2206c5eb4b7"
        ),
        bytes.fromhex(
            "3045022100d89f9586070230bb03e625cca18c89bb3117cd472ff6ee2a50809f0e89039309"
            "022045972842e92e3a41abeea1089d812eb5343ca8f075ac9c66e13f3db287048638"
        ),
        deterministic=False,
    ),
)  # fmt: skip

# cryptography-vectors, KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax: [EC - SHA256] 2,
# [ED - SHA384] 0, [EE - SHA512] 1: our private value (dsIUT), the peer's (dsCAVS), and Z.
_ECDH: Final = (
    (
        "P-256", ec.SECP256R1(),
        "8087ab163864bfa81001c72f736b6d94e7612559ac4c847d06ba2171840684d6",
        "20aa736f4eca7e46a852831f08ebeb709154ba5e220a34adda0ec60982c792f6",
        "0cb890a0dcc277c3dde0f91b4322a32e6365d7ec85316185d3286b4977849410",
    ),
    (
        "P-384", ec.SECP384R1(),
        ("f865418473e5bf7d2e1bbcd9bd5a9270c003a9dd35e778133ca59fcab4bb64fe"
        "24d6800e7047bdd033abc8bfa8db35b5"),
        ("0e5c98ff2d2a3aab14ad0067b60dbe64e4f541ab5bed11c5a0c55ae1e60b51ff"
        "5faaf377837977d80cbfdc33c2ff542b"),
        ("a781430e6078a179df3f9ee27cd8fdc6188f161b6c4ccc4053ef6c6ca6fc2229"
        "46883a53c06db08f0a020023ced055aa"),
    ),
    (
        "P-521", ec.SECP521R1(),
        ("01a23de55fb7ad153e7e65d21ad10c77fdf2072b2a5aa116aaf1bc31a345420c"
        "1fe8eaccbbcdeb07b73ba2fa706c7498e3a4828f348b00af9df1551780e709a7754c"),
        ("013262b7f4f36de274b2c60e4a812866740e545186953f798ac07b5d74e4f0cc"
        "1123a9bfcbf77850e2d856246065c54a2437a2816a7d79d6180a9a6ba17f18df8b65"),
        ("01e8ff7a8c57b017f8b8266adab65fe2c417173566087e15c5fc972071cc560a"
        "c93908a806468bc44b8312a8a48464886ca0d767db938447387a348f3f56c6463796"),
    ),
)  # fmt: skip

# RFC 8032 §7.1, TEST 2.
_ED25519_SEED: Final = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
_ED25519_MESSAGE: Final = b"\x72"
_ED25519_SIGNATURE: Final = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
_ED25519: Final = "ED25519_SHA_512"


def _verify_ecdsa(case: _Ecdsa, signature: bytes) -> bool:
    public = ec.derive_private_key(case.private, case.curve).public_key()
    return signatures.verify(public, case.algorithm, case.message, signatures.RAW, signature)


def _sign_ecdsa(case: _Ecdsa, message: bytes) -> bool:
    """Compare the deterministic signature where there is one, and verify a randomised one."""
    private = ec.derive_private_key(case.private, case.curve)
    if case.deterministic:
        scheme = ec.ECDSA(case.digest, deterministic_signing=True)
        if private.sign(message, scheme) != case.signature:
            return False
    return _verify_ecdsa(case, signatures.signer(private, case.algorithm, signatures.RAW)(message))


def _agree(curve: ec.EllipticCurve, ours: int, expected: bytes, peer: bytes) -> bool:
    public = ec.derive_private_key(int.from_bytes(peer), curve).public_key()
    private = ec.derive_private_key(ours, curve)
    return agreement.agree(private, keys.public_to_der(public)) == expected


def _sign_ed25519(message: bytes) -> bool:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_ED25519_SEED))
    return signatures.signer(private, _ED25519, signatures.RAW)(message) == _ED25519_SIGNATURE


def _verify_ed25519(signature: bytes) -> bool:
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_ED25519_SEED)).public_key()
    return signatures.verify(public, _ED25519, _ED25519_MESSAGE, signatures.RAW, signature)


SELF_TESTS: Final = (
    *(
        SelfTest(
            f"ECDSA {case.name} verification", "FIPS 186-5 §6.4.2", case.signature,
            partial(_verify_ecdsa, case),
        )
        for case in _ECDSA
    ),
    *(
        SelfTest(
            f"ECDSA {case.name} signing", "FIPS 186-5 §6.4.1", case.message,
            partial(_sign_ecdsa, case),
        )
        for case in _ECDSA
    ),
    *(
        SelfTest(
            f"ECDH {name}", "SP 800-56Ar3 §5.7.1.2", bytes.fromhex(peer),
            partial(_agree, curve, int(ours, 16), bytes.fromhex(shared)),
        )
        for name, curve, ours, peer, shared in _ECDH
    ),
    SelfTest("Ed25519 signing", "RFC 8032 §5.1.6", _ED25519_MESSAGE, _sign_ed25519),
    SelfTest("Ed25519 verification", "RFC 8032 §5.1.7", _ED25519_SIGNATURE, _verify_ed25519),
)  # fmt: skip
"""In the order they run."""
