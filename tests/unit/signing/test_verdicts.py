"""Every way a signature can be wrong has a sentence of its own."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509

from tests.fakes.signers import CLASSICAL, KEY, recipe, sign, signing_bench
from workbench.bench import Bench
from workbench.pki.validate import Purpose
from workbench.signing import der
from workbench.signing.chains import chain_for_key, trusted_roots
from workbench.signing.verify import Verdict
from workbench.signing.work import sign_message

ML_DSA_65 = "2.16.840.1.101.3.4.3.18"
SHA_256 = "2.16.840.1.101.3.4.2.1"
SHA_512 = "2.16.840.1.101.3.4.2.3"
SHAKE_256 = "2.16.840.1.101.3.4.2.12"
DATA = "1.2.840.113549.1.7.1"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = signing_bench(tmp_path_factory.mktemp("verdicts") / "vault")
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "program.bin"
    path.write_bytes(b"program" * 1000)
    return path


def verify(bench: Bench, file: Path, signature: Path | None = None, **choices: Any) -> Verdict:
    where = signature or Path(f"{file}.p7s")
    roots = choices.pop("roots", None)
    return bench.verifier.verify(
        file, where, trusted_roots(bench.shelf) if roots is None else roots, **choices
    )


def failing(verdict: Verdict) -> list[str]:
    assert not verdict.valid
    return [check.name for check in verdict.checks if check.state == "failed"]


def test_a_good_signature_says_who_signed(bench: Bench, file: Path) -> None:
    (signed,) = sign(bench, [file])
    verdict = verify(bench, file)
    assert verdict.valid
    assert [check.state for check in verdict.checks] == [*["ok"] * 4, "open"]
    assert verdict.signer == "CN=Code Signing"
    assert (verdict.algorithm, verdict.digest) == ("ML-DSA-65", "SHA-512")
    assert verdict.file_hash == signed.digest
    assert verdict.signing_time is not None
    assert abs(verdict.signing_time - bench.clock.now()) < timedelta(minutes=1)
    assert verdict.links[0].subject == "CN=Code Signing"
    assert len(verdict.links) == 3


def test_a_wrong_file(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    file.write_bytes(b"something else")
    verdict = verify(bench, file)
    assert failing(verdict) == ["File"]
    assert "is not the file that was signed" in verdict.headline


@pytest.mark.parametrize("key", [KEY, CLASSICAL])
def test_a_changed_byte_in_the_signature_value(bench: Bench, file: Path, key: str) -> None:
    sign(bench, [file], key)
    signature = Path(f"{file}.p7s")
    data = bytearray(signature.read_bytes())
    data[-1] ^= 1
    signature.write_bytes(data)
    verdict = verify(bench, file)
    assert failing(verdict) == ["Signature"]
    assert "damaged or forged" in verdict.headline


def test_no_changed_byte_goes_unnoticed(bench: Bench, file: Path) -> None:
    sign(bench, [file], CLASSICAL)
    signature = Path(f"{file}.p7s")
    data = signature.read_bytes()
    changed = file.parent / "changed.p7s"
    for position in range(0, len(data), 3):
        damaged = bytearray(data)
        damaged[position] ^= 0x04
        changed.write_bytes(damaged)
        assert not verify(bench, file, changed).valid, position


def test_a_missing_intermediate(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    signature = Path(f"{file}.p7s")
    info = cms.ContentInfo.load(signature.read_bytes())
    leaf = chain_for_key(bench.kms, bench.shelf, KEY)[0]
    bag = info["content"]["certificates"]
    kept = [choice for choice in bag if choice.chosen.dump() == leaf]
    info["content"]["certificates"] = cms.CertificateSet(kept)
    signature.write_bytes(info.dump(force=False))
    verdict = verify(bench, file)
    assert failing(verdict) == ["Certificate chain"]
    assert "Code Signing Subordinate" in verdict.headline
    chain = chain_for_key(bench.kms, bench.shelf, KEY)
    assert verify(bench, file, intermediates=[chain[1]]).valid


def test_an_expired_and_a_not_yet_valid_certificate(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    later = verify(bench, file, moment=bench.clock.now() + timedelta(days=400))
    assert failing(later) == ["Certificate chain"]
    assert "expired" in later.headline
    earlier = verify(bench, file, moment=bench.clock.now() - timedelta(days=2))
    assert failing(earlier) == ["Certificate chain"]
    assert "valid only from" in earlier.headline
    assert later.headline != earlier.headline


def test_a_certificate_for_another_purpose(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    verdict = verify(bench, file, purpose=Purpose.SERVER_AUTH)
    assert failing(verdict) == ["Certificate chain"]
    assert "is not for TLS server authentication" in verdict.headline


def test_an_untrusted_root(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    assert failing(verify(bench, file, roots=[])) == ["Certificate chain"]
    other = chain_for_key(bench.kms, bench.shelf, CLASSICAL)[-1]
    assert failing(verify(bench, file, roots=[other])) == ["Certificate chain"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"-----BEGIN CMS-----\nnonsense\n-----END CMS-----\n",
        b"\x30\x80\x00\x00",
        b"\x30\x03\x02\x01\x05",
        b"\x30\x84\xff\xff\xff\xff",
        bytes(10_000),
        b"\x30\x82\x01" * 1000,
    ],
)
def test_what_is_no_cms_at_all(bench: Bench, file: Path, content: bytes) -> None:
    signature = file.parent / "x.p7s"
    signature.write_bytes(content)
    verdict = verify(bench, file, signature)
    assert failing(verdict) == ["Signature file"]
    assert verdict.checks[0].rule


def test_trailing_bytes_are_refused(bench: Bench, file: Path) -> None:
    sign(bench, [file])
    signature = Path(f"{file}.p7s")
    signature.write_bytes(signature.read_bytes() + b"\0")
    assert failing(verify(bench, file)) == ["Signature file"]


def test_a_certificate_file_is_not_a_signature(bench: Bench, file: Path) -> None:
    signature = file.parent / "x.p7s"
    signature.write_bytes(chain_for_key(bench.kms, bench.shelf, KEY)[0])
    assert failing(verify(bench, file, signature)) == ["Signature file"]


def test_an_empty_file_is_signed_like_any_other(bench: Bench, file: Path) -> None:
    file.write_bytes(b"")
    sign(bench, [file])
    assert verify(bench, file).valid


# -- signatures built wrong on purpose, by the real key, so that only the rule can refuse them --


def identifier(oid: str, *, null: bool = False, tag: int = der.SEQUENCE) -> bytes:
    return der.tlv(tag, der.object_identifier(oid), b"\x05\x00" if null else b"")


def attribute(oid: str, *values: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, der.object_identifier(oid), der.tlv(der.SET, *values))


class Builder:
    """Assembles a CMS signature from parts that a test may spoil."""

    def __init__(self, bench: Bench, content: bytes) -> None:
        self.bench = bench
        self.recipe = recipe(bench)
        self.content = content
        self.digest_oid = SHA_512
        self.digest_null = False
        self.signature_null = False
        self.digests: list[bytes] | None = None
        self.protection: bytes | None = None
        self.order: Callable[[list[bytes]], list[bytes]] = sorted
        self.extra: list[bytes] = []
        self.sign_context_tag = False
        self.message_digest: bytes | None = None

    def digest(self) -> bytes:
        if self.digest_oid == SHAKE_256:
            return hashlib.shake_256(self.content).digest(64)
        kinds = {SHA_256: "sha256", SHA_512: "sha512"}
        return hashlib.new(kinds[self.digest_oid], self.content).digest()

    def build(self) -> bytes:
        digest_id = identifier(self.digest_oid, null=self.digest_null)
        signature_id = identifier(ML_DSA_65, null=self.signature_null)
        protection = self.protection or der.tlv(der.SEQUENCE, digest_id, b"\xa1" + signature_id[1:])
        message_digest = self.message_digest or self.digest()
        attributes = [
            attribute("1.2.840.113549.1.9.3", der.object_identifier(DATA)),
            attribute("1.2.840.113549.1.9.4", der.tlv(der.OCTET_STRING, message_digest)),
            attribute("1.2.840.113549.1.9.52", protection),
            *self.extra,
        ]
        body = b"".join(self.order(attributes))
        signed = der.tlv(0xA0 if self.sign_context_tag else der.SET, body)
        value = sign_message(self.bench.kms, self.recipe, signed)
        tbs = asn1_x509.Certificate.load(self.recipe.chain[0])["tbs_certificate"]
        sid = der.tlv(der.SEQUENCE, tbs["issuer"].dump(), tbs["serial_number"].dump())
        info = der.tlv(
            der.SEQUENCE, b"\x02\x01\x01", sid, digest_id, der.tlv(0xA0, body), signature_id,
            der.tlv(der.OCTET_STRING, value),
        )  # fmt: skip
        listed = [digest_id] if self.digests is None else self.digests
        data = der.tlv(
            der.SEQUENCE, b"\x02\x01\x01", der.tlv(der.SET, *listed),
            der.tlv(der.SEQUENCE, der.object_identifier(DATA)),
            der.tlv(0xA0, *self.recipe.chain[:2]), der.tlv(der.SET, info),
        )  # fmt: skip
        return der.tlv(
            der.SEQUENCE, der.object_identifier("1.2.840.113549.1.7.2"), der.tlv(0xA0, data)
        )


def weak_digest(builder: Builder) -> None:
    builder.digest_oid = SHA_256


def unsorted(builder: Builder) -> None:
    builder.order = lambda items: sorted(items, reverse=True)


def null_on_signature(builder: Builder) -> None:
    builder.signature_null = True


def null_on_digest(builder: Builder) -> None:
    builder.digest_null = True


def null_on_shake(builder: Builder) -> None:
    builder.digest_oid = SHAKE_256
    builder.digest_null = True


def short_shake(builder: Builder) -> None:
    builder.digest_oid = SHAKE_256
    builder.message_digest = hashlib.shake_256(builder.content).digest(32)


def other_protection(builder: Builder) -> None:
    builder.protection = der.tlv(
        der.SEQUENCE, identifier(SHAKE_256), b"\xa1" + identifier(ML_DSA_65)[1:]
    )


def no_digests(builder: Builder) -> None:
    builder.digests = []


def other_digests(builder: Builder) -> None:
    builder.digests = [identifier(SHAKE_256)]


def doubled(builder: Builder) -> None:
    builder.extra = [attribute("1.2.840.113549.1.9.3", der.object_identifier(DATA))]


def wrong_tag(builder: Builder) -> None:
    builder.sign_context_tag = True


SPOILT: list[tuple[Callable[[Builder], None], str, str]] = [
    (weak_digest, "SHA-256", "RFC 9882"),
    (unsorted, "order", "X.690"),
    (null_on_signature, "ML-DSA-65", "RFC 9882"),
    (null_on_shake, "SHAKE256", "RFC"),
    (short_shake, "64 bytes", "RFC 8702"),
    (other_protection, "changed", "RFC 6211"),
    (no_digests, "no digest algorithm", "RFC 5652"),
    (other_digests, "announces", "RFC 5652"),
    (doubled, "twice", "RFC 5652"),
]


def test_the_unspoilt_builder_is_accepted(bench: Bench, file: Path) -> None:
    signature = file.parent / "x.p7s"
    signature.write_bytes(Builder(bench, file.read_bytes()).build())
    assert verify(bench, file, signature).valid


def test_null_beside_sha_2_means_the_same(bench: Bench, file: Path) -> None:
    """Receivers take it (RFC 5754 §2), though signers with ML-DSA leave it out (RFC 9882 §3.3)."""
    builder = Builder(bench, file.read_bytes())
    null_on_digest(builder)
    signature = file.parent / "x.p7s"
    signature.write_bytes(builder.build())
    assert verify(bench, file, signature).valid


@pytest.mark.parametrize(("spoil", "words", "rule"), SPOILT)
def test_rules_refuse(
    bench: Bench, file: Path, spoil: Callable[[Builder], None], words: str, rule: str
) -> None:
    builder = Builder(bench, file.read_bytes())
    spoil(builder)
    signature = file.parent / "x.p7s"
    signature.write_bytes(builder.build())
    verdict = verify(bench, file, signature)
    assert failing(verdict) == ["Signature file"]
    assert words in verdict.headline
    assert rule in verdict.checks[0].rule


def test_signed_over_the_fields_tag_is_refused(bench: Bench, file: Path) -> None:
    builder = Builder(bench, file.read_bytes())
    wrong_tag(builder)
    signature = file.parent / "x.p7s"
    signature.write_bytes(builder.build())
    assert failing(verify(bench, file, signature)) == ["Signature"]


def test_our_own_encoding_is_asn1cryptos(bench: Bench, file: Path) -> None:
    """What is filled in by hand is byte for byte what the library would write."""
    sign(bench, [file])
    data = Path(f"{file}.p7s").read_bytes()
    info = cms.ContentInfo.load(data, strict=True)
    signer = info["content"]["signer_infos"][0]
    rebuilt = cms.SignerInfo(
        {
            "version": "v1",
            "sid": signer["sid"],
            "digest_algorithm": signer["digest_algorithm"],
            "signed_attrs": cms.CMSAttributes(
                [
                    cms.CMSAttribute.load(item.dump())
                    for item in reversed(list(signer["signed_attrs"]))
                ]
            ),
            "signature_algorithm": signer["signature_algorithm"],
            "signature": core.OctetString(signer["signature"].native),
        }
    )
    assert rebuilt.dump() == signer.dump()
    assert signer["signature_algorithm"].dump() == identifier(ML_DSA_65)
    assert signer["digest_algorithm"].dump() == identifier(SHA_512)
    assert isinstance(signer["digest_algorithm"], algos.DigestAlgorithm)
    names = [item["type"].native for item in signer["signed_attrs"]]
    assert set(names) == {
        "content_type",
        "signing_time",
        "message_digest",
        "cms_algorithm_protection",
    }
    inside = [choice.chosen.dump() for choice in info["content"]["certificates"]]
    chain = chain_for_key(bench.kms, bench.shelf, KEY)
    assert set(inside) == set(chain[:2])
