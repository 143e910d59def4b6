"""Signatures made to mislead or to exhaust: each is refused, quickly, and with its rule."""

import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding
from cryptography.hazmat.primitives.hashes import SHA256

from tests.fakes.certificates import CODE, DAY, NOW, Chain, Made, make, new_key
from tests.fakes.kms_client import FakeKms
from workbench.base.clock import TravelClock
from workbench.base.errors import EnvironmentFault, Refused
from workbench.signing import der
from workbench.signing.algorithms import (
    DIGESTS,
    ECDSA_WITH,
    ED25519,
    ML_DSA,
    RSA,
    RSA_PSS,
    RSA_WITH,
)
from workbench.signing.cms_build import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_TIME,
)
from workbench.signing.cms_read import LARGEST_SIGNATURE, read_signature
from workbench.signing.cms_rules import Unacceptable
from workbench.signing.recipe import make_recipe
from workbench.signing.verify import Verdict, Verifier
from workbench.signing.work import FileSigner

CONTENT = b"content"
NULL = der.tlv(der.NULL)
P_256 = next(oid for oid, digest in ECDSA_WITH.items() if digest == "SHA-256")
RSA_256 = next(oid for oid, digest in RSA_WITH.items() if digest == "SHA-256")
ML_DSA_65 = next(oid for oid, (name, _) in ML_DSA.items() if name == "ML-DSA-65")
SOON = 5.0
"""Seconds within which any input must be judged."""


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain("P-256")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    return path


def identifier(oid: str, parameters: bytes = b"", tag: int = der.SEQUENCE) -> bytes:
    return der.tlv(tag, der.object_identifier(oid), parameters)


def attribute(kind: str, *values: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, der.object_identifier(kind), der.tlv(der.SET, *values))


def sign(key: Any, message: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(SHA256()))
    if isinstance(key, ed25519.Ed25519PrivateKey | mldsa.MLDSA65PrivateKey):
        return key.sign(message)
    return bytes(key.sign(message, padding.PKCS1v15(), SHA256()))


class Forge:
    """Assembles a signature of any leaf from parts that a test spoils."""

    def __init__(self, chain: Chain, leaf: Made | None = None, algorithm: str = P_256) -> None:
        self.chain = chain
        self.leaf = leaf or chain.leaf
        self.digest = "SHA-256"
        self.digest_oid = ""
        self.digest_parameters = b""
        self.algorithm = identifier(algorithm)
        self.protected: bytes | None = None
        self.extra: list[bytes] = []
        self.content = b""
        self.copies = 1
        self.tag = der.SET
        self.value = b""

    def build(self) -> bytes:
        digest = DIGESTS[self.digest].start()
        digest.update(CONTENT)
        digest_id = identifier(self.digest_oid or DIGESTS[self.digest].oid, self.digest_parameters)
        protected = self.protected or self.algorithm
        attributes = sorted(
            [
                attribute(CONTENT_TYPE, der.object_identifier(DATA)),
                attribute(MESSAGE_DIGEST, der.tlv(der.OCTET_STRING, digest.digest())),
                attribute(
                    ALGORITHM_PROTECTION,
                    der.tlv(der.SEQUENCE, digest_id, b"\xa1" + protected[1:]),
                ),
                *self.extra,
            ]
        )
        body = b"".join(attributes)
        value = self.value or sign(self.leaf.key, der.tlv(self.tag, body))
        certificate = self.leaf.certificate
        serial = certificate.serial_number.to_bytes(21, "big").lstrip(b"\0")
        serial = b"\0" + serial if serial[0] & 0x80 else serial
        info = der.tlv(
            der.SEQUENCE, b"\x02\x01\x01",
            der.tlv(der.SEQUENCE, certificate.issuer.public_bytes(), der.tlv(2, serial)),
            digest_id, der.tlv(0xA0, body), self.algorithm, der.tlv(der.OCTET_STRING, value),
        )  # fmt: skip
        data = der.tlv(
            der.SEQUENCE, b"\x02\x01\x01", der.tlv(der.SET, digest_id),
            der.tlv(der.SEQUENCE, der.object_identifier(DATA), self.content),
            der.set_of([self.leaf.der, self.chain.sub.der], tag=0xA0),
            der.tlv(der.SET, *[info] * self.copies),
        )  # fmt: skip
        return der.tlv(der.SEQUENCE, der.object_identifier(SIGNED_DATA), der.tlv(0xA0, data))


def judge(chain: Chain, file: Path | None, signature: bytes | Path, **more: Any) -> Verdict:
    if isinstance(signature, bytes):
        assert file is not None
        path = file.with_name("x.p7s")
        path.write_bytes(signature)
        signature = path
    verifier = Verifier(TravelClock(NOW))
    return verifier.verify(file, signature, [chain.root.der], **more)


def refusal(data: bytes) -> Unacceptable:
    start = time.monotonic()
    with pytest.raises(Unacceptable) as caught:
        read_signature(data)
    assert time.monotonic() - start < SOON
    return caught.value


def test_the_forge_makes_good_signatures(chain: Chain, file: Path) -> None:
    verdict = judge(chain, file, Forge(chain).build())
    assert verdict.valid, verdict.headline


@pytest.mark.parametrize(
    ("kind", "algorithm", "digest"),
    [("RSA", RSA, "SHA-256"), ("RSA", RSA_256, "SHA-256"), ("Ed25519", ED25519, "SHA-512")],
)
def test_the_forge_makes_good_signatures_of_other_kinds(
    chain: Chain, file: Path, kind: str, algorithm: str, digest: str
) -> None:
    forge = other(chain, kind, algorithm)
    forge.digest = digest
    verdict = judge(chain, file, forge.build())
    assert verdict.valid, verdict.headline


def other(chain: Chain, kind: str, algorithm: str) -> Forge:
    leaf = make(kind, chain.sub, key=new_key(kind), ca=False, eku=(CODE,))
    return Forge(chain, leaf, algorithm)


@pytest.mark.parametrize(
    ("kind", "algorithm", "digest"),
    [("P-256", P_256, "SHA-256"), ("ML-DSA-65", ML_DSA_65, "SHA-512")],
)
def test_sha_2_may_have_null(
    chain: Chain, file: Path, kind: str, algorithm: str, digest: str
) -> None:
    forge = other(chain, kind, algorithm)
    forge.digest, forge.digest_parameters = digest, NULL
    verdict = judge(chain, file, forge.build())
    assert verdict.valid, verdict.headline
    forge.digest_parameters = der.tlv(der.INTEGER, b"\1")
    assert refusal(forge.build()).rule == "RFC 5754 §2"


def test_ecdsa_with_parameters_is_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.algorithm = identifier(P_256, NULL)
    assert refusal(forge.build()).rule == "RFC 5754 §3.3"


def test_ed25519_with_parameters_or_another_digest_is_refused(chain: Chain) -> None:
    forge = other(chain, "Ed25519", ED25519)
    assert refusal(forge.build()).rule == "RFC 8419 §2.3"
    forge.digest = "SHA-512"
    forge.algorithm = identifier(ED25519, NULL)
    assert refusal(forge.build()).rule == "RFC 8419 §2.2"


def test_rsa_with_other_parameters_is_refused(chain: Chain) -> None:
    forge = other(chain, "RSA", RSA_256)
    forge.algorithm = identifier(RSA_256, der.tlv(der.INTEGER, b"\1"))
    assert refusal(forge.build()).rule == "RFC 5754 §3.2"


def test_two_different_digests_are_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.digest = "SHA-384"
    assert "ECDSA" not in refusal(forge.build()).sentence
    assert refusal(forge.build()).rule == "RFC 5754 §3"


@pytest.mark.parametrize(
    ("oid", "words"),
    [
        ("1.2.840.113549.2.5", "MD5 is too weak"),
        ("1.3.14.3.2.26", "SHA-1 is too weak"),
        ("2.16.840.1.101.3.4.2.4", "SHA-224 is too weak"),
        ("1.2.3.4", r"1\.2\.3\.4 is not known"),
    ],
)
def test_weak_and_unknown_digests_are_refused(chain: Chain, oid: str, words: str) -> None:
    forge = Forge(chain)
    forge.digest_oid = oid
    found = refusal(forge.build())
    assert words.replace("\\", "") in found.sentence
    assert found.rule == "RFC 5754 §2"


def test_shake_with_parameters_is_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.digest = "SHAKE256"
    forge.digest_parameters = NULL
    assert refusal(forge.build()).rule == "RFC 8702 §3.1"


def test_parameters_are_protected_too(chain: Chain, file: Path) -> None:
    forge = other(chain, "RSA", RSA_256)
    forge.algorithm = identifier(RSA_256, NULL)
    forge.protected = identifier(RSA_256)
    assert judge(chain, file, forge.build()).valid
    forge.protected = identifier(RSA_256, der.tlv(der.INTEGER, b"\1"))
    assert refusal(forge.build()).rule == "RFC 6211 §3"


@pytest.mark.parametrize(
    "parameters",
    [b"", NULL, der.tlv(der.SEQUENCE), der.tlv(der.SEQUENCE, der.tlv(0xA2, b"\x02\x01\xff"))],
)
def test_pss_with_bad_parameters_is_refused(chain: Chain, file: Path, parameters: bytes) -> None:
    forge = other(chain, "RSA", RSA_PSS)
    forge.algorithm = identifier(RSA_PSS, parameters)
    verdict = judge(chain, file, forge.build())
    assert not verdict.valid
    assert "RFC 4055" in next(check.rule for check in verdict.checks if check.state == "failed")


def test_an_algorithm_of_another_kind_of_key_is_refused(chain: Chain, file: Path) -> None:
    for algorithm in (RSA_256, ED25519, "2.16.840.1.101.3.4.3.17"):
        forge = Forge(chain, algorithm=algorithm)
        forge.digest = "SHA-512" if algorithm == ED25519 else "SHA-256"
        verdict = judge(chain, file, forge.build())
        assert "but the certificate's key is of another kind" in verdict.headline


def test_a_short_rsa_key_is_refused(chain: Chain, file: Path) -> None:
    forge = other(chain, "RSA-1024", RSA_256)
    verdict = judge(chain, file, forge.build())
    assert "1024 bits" in verdict.headline


def test_the_wrong_tag_has_its_own_reason(chain: Chain, file: Path) -> None:
    forge = Forge(chain)
    forge.tag = 0xA0
    verdict = judge(chain, file, forge.build())
    assert "under the tag [0] instead of SET OF" in verdict.headline
    assert verdict.checks[2].rule == "RFC 5652 §5.4"


def test_an_attribute_of_two_values_is_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.extra = [attribute(SIGNING_TIME, der.moment(NOW), der.moment(NOW + DAY))]
    assert "2 values" in refusal(forge.build()).sentence


def test_an_attribute_without_values_is_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.extra = [attribute(SIGNING_TIME)]
    assert "0 values" in refusal(forge.build()).sentence


def test_an_empty_file_is_called_empty(chain: Chain, file: Path) -> None:
    file.write_bytes(b"")
    verdict = judge(chain, file, Forge(chain).build())
    assert verdict.headline == (
        "“file” is empty, and that is not what was signed. Get the original file."
    )


def test_every_signer_must_be_good(chain: Chain, file: Path) -> None:
    forge = Forge(chain)
    forge.copies = 2
    assert judge(chain, file, forge.build()).valid
    forge.value = bytes(71)
    verdict = judge(chain, file, forge.build())
    assert not verdict.valid
    assert verdict.checks[1].name.startswith("Signer 1")


def test_too_many_signers_are_refused(chain: Chain) -> None:
    forge = Forge(chain)
    forge.copies = 17
    assert "more than 16 signers" in refusal(forge.build()).sentence


def test_the_content_inside_is_what_counts_when_there_is_no_file(chain: Chain, file: Path) -> None:
    forge = Forge(chain)
    forge.content = der.tlv(0xA0, der.tlv(der.OCTET_STRING, CONTENT))
    file.with_name("x.p7s").write_bytes(forge.build())
    assert judge(chain, None, file.with_name("x.p7s")).valid
    forge.content = der.tlv(0xA0, der.tlv(der.OCTET_STRING, b"other"))
    file.with_name("x.p7s").write_bytes(forge.build())
    assert not judge(chain, None, file.with_name("x.p7s")).valid


def test_a_detached_signature_needs_its_file(chain: Chain, file: Path) -> None:
    file.with_name("x.p7s").write_bytes(Forge(chain).build())
    verdict = judge(chain, None, file.with_name("x.p7s"))
    assert "The signature is detached" in verdict.headline


def test_content_in_pieces_is_refused(chain: Chain) -> None:
    forge = Forge(chain)
    pieces = der.tlv(0x24, der.tlv(4, CONTENT[:3]), der.tlv(4, CONTENT[3:]))
    forge.content = der.tlv(0xA0, pieces)
    found = refusal(forge.build())
    assert "in pieces" in found.sentence
    assert found.rule == "X.690 §10.2"


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = der.tlv(der.SEQUENCE, data)
    return data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(nested(5000), id="deep"),
        pytest.param(
            der.tlv(0x30, *[der.tlv(0x30, *[der.tlv(0x30, NULL * 4000)] * 200)] * 20), id="bushy"
        ),
        pytest.param(der.tlv(der.SEQUENCE, NULL * 1_000_000), id="wide"),
        pytest.param(b"\x30\x84\x7f\xff\xff\xff" + bytes(100), id="cut off"),
        pytest.param(b"-----BEGIN CMS-----\n" + b"A" * 10_000_000, id="endless PEM"),
    ],
)
def test_what_would_exhaust_is_refused_quickly(data: bytes) -> None:
    assert refusal(data).rule


def test_a_huge_signature_is_not_read(chain: Chain, file: Path) -> None:
    huge = file.with_name("huge.p7s")
    with huge.open("wb") as stream:
        stream.truncate(LARGEST_SIGNATURE + 1)
    verdict = judge(chain, file, huge)
    assert "“huge.p7s” is larger than 64 MiB" in verdict.headline


def test_a_signature_that_is_a_pipe_does_not_block(chain: Chain, file: Path) -> None:
    os.mkfifo(file.with_name("pipe.p7s"))
    with pytest.raises(Refused, match="pipe"):
        judge(chain, file, file.with_name("pipe.p7s"))


def test_a_missing_signature_or_file_is_named(chain: Chain, file: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"gone\.p7s”: it is not there"):
        judge(chain, file, file.with_name("gone.p7s"))
    with pytest.raises(EnvironmentFault, match="gone”: it is not there"):
        judge(chain, file.with_name("gone"), Forge(chain).build())


# A damaged certificate may have a negative serial number, which the library only warns of.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_random_damage_is_always_judged(chain: Chain, file: Path) -> None:
    good = FileSigner(
        FakeKms(key=chain.leaf.key),
        make_recipe(FakeKms(key=chain.leaf.key), "key", (chain.leaf.der, chain.sub.der)),
        TravelClock(NOW),
    ).sign(file, lambda _state: None).output.read_bytes()  # fmt: skip
    assert judge(chain, file, good).valid
    chance = random.Random(9882)
    for _ in range(600):
        data = bytearray(good)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    del data[place : place + chance.randint(1, 30)]
                case _:
                    data[place:place] = chance.randbytes(chance.randint(1, 30))
        if bytes(data) != good:
            assert not judge(chain, file, bytes(data)).valid
