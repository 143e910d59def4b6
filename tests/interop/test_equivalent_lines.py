"""Command lines for signatures over more than the file: a plain shell and OpenSSL take them."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.fakes.certificates import CODE, NOW, make, new_key
from tests.fakes.formats import flipped, key_of, kms_for, sign, signing_for, spki
from workbench.pki.purposes import PURPOSE_OIDS, Purpose
from workbench.signing.equivalent import Given, public_pem, purpose_of, verify_lines
from workbench.signing.formats.base import BytesContent, Format
from workbench.signing.formats.cbor import byte_string_head, write_cbor
from workbench.signing.formats.cms import Cms
from workbench.signing.formats.cose import CoseSign1
from workbench.signing.formats.dsse import Dsse, InToto
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.jwt import JsonWebToken
from workbench.signing.recipe import Recipe

CLAIMS = json.dumps({"sub": "ann", "exp": 4102444800, "text": "é" * 3000}).encode()
SHORT = CLAIMS[:-17_000] + b'"}'  # what Ed25519 keys in AWS KMS take
KINDS = ("P-256", "P-384", "P-521", "secp256k1", "RSA", "Ed25519", "ML-DSA-44", "ML-DSA-65",
         "ML-DSA-87")  # fmt: skip
FEW = ("P-256", "ML-DSA-65")
FORMS: dict[str, tuple[Format, tuple[str, ...]]] = {
    "jws": (JsonWebSignature(), KINDS),
    "jws attached": (JsonWebSignature(detached=False), FEW),
    "jws unencoded": (JsonWebSignature(unencoded=True), FEW),
    "jws flattened": (JsonWebSignature(form="flattened", detached=False), FEW),
    "jws pkcs1": (JsonWebSignature(pss=False, digest="SHA-384"), ("RSA",)),
    "jwt": (JsonWebToken(), FEW),
    "cose": (CoseSign1(), ("P-256", "P-521", "Ed25519", "ML-DSA-87")),
    "cose attached": (CoseSign1(detached=False, tagged=False, pss=False), (*FEW, "RSA")),
    "cose more": (CoseSign1(content_type="text/plain", external="00ff"), FEW),
    "dsse": (Dsse(payload_type="text/x+'it'"), ("P-256", "RSA", "Ed25519", "ML-DSA-65")),
    "dsse tuf": (Dsse(tuf_digest=True), FEW),
    "in-toto": (InToto(subject="it"), FEW),
}
CASES = [(name, kind) for name, (_, kinds) in FORMS.items() for kind in kinds]


class Desk:
    """A folder with a file, its signature and the public keys, and a shell."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder = folder
        self.path = f"{Path(openssl).parent}:{os.environ['PATH']}"
        self.file, self.signature = folder / "it's 1", folder / "it's 1.sig"
        self.keys = folder / "public.pem"

    def given(self, kinds: tuple[str, ...]) -> Given:
        first, *others = (spki(key_of(kind)) for kind in kinds)
        self.keys.write_text("".join(public_pem(one) for one in (first, *others)))
        return Given(
            self.file, self.signature, "key", first, public_file=self.keys,
            size=self.file.stat().st_size, others=tuple(others),
        )  # fmt: skip

    def accepts(self, line: str) -> bool:
        done = subprocess.run(
            ["sh", "-euc", line], capture_output=True, cwd=self.folder, timeout=60, check=False,
            env={**os.environ, "PATH": self.path},
        )  # fmt: skip
        self.said = done.stdout + done.stderr
        return done.returncode == 0


@pytest.fixture
def desk(tmp_path: Path, openssl: str) -> Desk:
    return Desk(tmp_path, openssl)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_openssl_takes_it(desk: Desk, name: str, kind: str) -> None:
    form = FORMS[name][0]
    data = SHORT if kind == "Ed25519" else CLAIMS
    desk.file.write_bytes(data)
    root = make("Root", key=new_key("P-256"))
    leaf = make("Signer", root, key=key_of(kind), ca=False, eku=(CODE,))
    desk.signature.write_bytes(sign(form, kind, data, (leaf.der, root.der)))
    given = desk.given((kind,))
    (line,) = verify_lines(form, given)
    assert desk.accepts(line.text), desk.said
    desk.file.write_bytes(data.replace(b"ann", b"bob"))
    assert not desk.accepts(line.text)


def test_nothing_else_is_taken(desk: Desk) -> None:
    """A byte of the header or of the value, and another key of the same kind."""
    desk.file.write_bytes(CLAIMS)
    stranger = public_pem(spki(new_key("P-256")))
    for name, (form, kinds) in FORMS.items():
        if "P-256" not in kinds:
            continue
        good = sign(form, "P-256", CLAIMS)
        desk.signature.write_bytes(good)
        (line,) = verify_lines(form, desk.given(("P-256",)))
        assert desk.accepts(line.text), (name, desk.said)
        value = good.rindex(b'"sig') + 30 if b'"sig' in good else len(good) - 20
        header = good.index(b'"protected') + 20 if b'"protected' in good else 4
        header = good.index(b'"payloadType') + 18 if b'"payloadType' in good else header
        for wrong in flipped(good, [header, value]):
            desk.signature.write_bytes(wrong)
            assert not desk.accepts(line.text), name
        desk.signature.write_bytes(good)
        desk.keys.write_text(stranger)
        assert not desk.accepts(line.text), name


MAKERS: dict[str, Callable[[], Any]] = {
    "jws": lambda: JsonWebSignature(form="general"),
    "dsse": Dsse,
    "in-toto": InToto,
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_signer_has_a_line(desk: Desk, name: str) -> None:
    form = MAKERS[name]()
    kinds = ("P-256", "ML-DSA-65")
    desk.file.write_bytes(CLAIMS)

    class Both:
        def sign(self, **words: Any) -> Any:
            return kms_for(words["KeyId"]).sign(**{**words, "KeyId": "key"})

    signers = [replace(signing_for(kind), key_id=kind) for kind in kinds]
    good = form.sign_all(Both(), signers, BytesContent(CLAIMS))
    desk.signature.write_bytes(good)
    lines = verify_lines(form, desk.given(kinds))
    assert [desk.accepts(line.text) for line in lines] == [True, True], desk.said
    swapped = verify_lines(form, desk.given(kinds[::-1]))
    assert [desk.accepts(line.text) for line in swapped] == [False, False]
    desk.given(kinds)
    place = good.rindex(b'"sig') + 200  # within the second one's value
    desk.signature.write_bytes(next(flipped(good, [place])))
    assert [desk.accepts(line.text) for line in lines] == [True, False]


PURPOSES: dict[str, tuple[tuple[Any, ...], Purpose]] = {
    "code": ((CODE,), Purpose.CODE_SIGNING),
    "e-mail": ((ExtendedKeyUsageOID.EMAIL_PROTECTION,), Purpose.EMAIL_PROTECTION),
    "none": ((), Purpose.EMAIL_PROTECTION),
    "both": ((CODE, ExtendedKeyUsageOID.EMAIL_PROTECTION), Purpose.CODE_SIGNING),
    "documents": ((PURPOSE_OIDS[Purpose.DOCUMENT_SIGNING],), Purpose.ANY),
}


@pytest.mark.parametrize("name", PURPOSES)
@pytest.mark.parametrize("detached", [True, False])
def test_openssl_is_asked_for_the_purpose_of_the_certificate(
    desk: Desk, name: str, *, detached: bool
) -> None:
    eku, purpose = PURPOSES[name]
    root = make("Root", key=new_key("P-256"))
    leaf = make("Signer", root, key=key_of("P-256"), ca=False, eku=eku)
    recipe = Recipe("key", spki(key_of("P-256")), (leaf.der, root.der))
    assert purpose_of(recipe) is purpose
    desk.file.write_bytes(CLAIMS)
    desk.signature.write_bytes(sign(Cms(detached=detached), "P-256", CLAIMS, recipe.chain))
    (desk.folder / "root.pem").write_bytes(root.pem)
    given = replace(desk.given(("P-256",)), root=desk.folder / "root.pem", purpose=purpose)

    def line(about: Given) -> str:
        (one,) = verify_lines(Cms(detached=detached), about)
        return one.text.replace(" -binary", f" -attime {int(NOW.timestamp())} -binary")

    assert desk.accepts(line(given)), desk.said
    if purpose is not Purpose.CODE_SIGNING:
        assert not desk.accepts(line(replace(given, purpose=Purpose.CODE_SIGNING)))
    desk.file.write_bytes(CLAIMS + b" ")
    assert not desk.accepts(line(given))


def test_heads_are_those_of_the_library() -> None:
    for size in (0, 1, 23, 24, 255, 256, 65535, 65536):
        assert byte_string_head(size) == write_cbor(bytes(size))[: -size or None]
    assert byte_string_head(1 << 32).hex() == "5b0000000100000000"
