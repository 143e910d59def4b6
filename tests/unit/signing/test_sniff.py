"""What dropped things are, by their content, and what goes with what."""

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from tests.fakes.certificates import Chain, name
from tests.fakes.incoming import answer, revocation_list
from tests.fakes.kms_client import FakeKms
from workbench.signing.cms_build import CmsTemplate
from workbench.signing.recipe import make_recipe
from workbench.signing.sniff import Kind, arrange, describe, sniff

CHAIN = Chain("P-256")
KEY = ec.generate_private_key(ec.SECP256R1())


def signature() -> bytes:
    recipe = make_recipe(FakeKms(key=CHAIN.leaf.key), "key", (CHAIN.leaf.der, CHAIN.sub.der))
    return CmsTemplate(recipe).finish(b"\x31\x00", b"signature")


def armoured(label: str, body: str = "MAA=") -> bytes:
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n".encode()


def request(encoding: Encoding) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name("x"))
    return builder.sign(KEY, hashes.SHA256()).public_bytes(encoding)


def private(key: Any, form: PrivateFormat, encoding: Encoding = Encoding.DER) -> bytes:
    encoded: bytes = key.private_bytes(encoding, form, NoEncryption())
    return encoded


CONTENTS: list[tuple[str, bytes, Kind]] = [
    ("cms", signature(), Kind.CMS),
    ("cms pem", armoured("CMS"), Kind.CMS),
    ("pkcs7 pem", armoured("PKCS7"), Kind.CMS),
    ("certificate", CHAIN.leaf.der, Kind.CERTIFICATE),
    ("certificate pem", CHAIN.leaf.pem, Kind.CERTIFICATE),
    ("after comments", b"# the root\n\nsubject=/CN=x\n" + CHAIN.leaf.pem, Kind.CERTIFICATE),
    ("windows lines", CHAIN.leaf.pem.replace(b"\n", b"\r\n"), Kind.CERTIFICATE),
    ("request", request(Encoding.DER), Kind.CSR),
    ("request pem", request(Encoding.PEM), Kind.CSR),
    ("pkcs8", private(KEY, PrivateFormat.PKCS8), Kind.PRIVATE_KEY),
    (
        "pkcs8 ml-dsa",
        private(mldsa.MLDSA65PrivateKey.generate(), PrivateFormat.PKCS8),
        Kind.PRIVATE_KEY,
    ),
    (
        "pkcs1",
        private(rsa.generate_private_key(65537, 2048), PrivateFormat.TraditionalOpenSSL),
        Kind.PRIVATE_KEY,
    ),
    ("sec1", private(KEY, PrivateFormat.TraditionalOpenSSL), Kind.PRIVATE_KEY),
    ("key pem", private(KEY, PrivateFormat.PKCS8, Encoding.PEM), Kind.PRIVATE_KEY),
    ("openssh key", private(KEY, PrivateFormat.OpenSSH, Encoding.PEM), Kind.PRIVATE_KEY),
    (
        "encrypted key",
        KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
        Kind.PRIVATE_KEY,
    ),
    (
        "pkcs12",
        pkcs12.serialize_key_and_certificates(b"x", KEY, None, None, BestAvailableEncryption(b"x")),
        Kind.PRIVATE_KEY,
    ),
    ("crl", revocation_list(CHAIN.sub), Kind.STATUS),
    ("ocsp", answer(CHAIN.leaf, CHAIN.sub), Kind.STATUS),
    ("crl pem", armoured("X509 CRL"), Kind.STATUS),
    ("quoted pem", b"To import it:\n" + CHAIN.leaf.pem, Kind.FILE),
    ("quoted key", b"KEY = '''\n" + armoured("PRIVATE KEY") + b"'''\n", Kind.FILE),
    ("other pem", armoured("OTHER"), Kind.FILE),
    ("pdf", b"%PDF-1.7\n", Kind.FILE),
    ("pe", b"MZ\x90\0", Kind.FILE),
    ("elf", b"\x7fELF\2\1\1", Kind.FILE),
    ("text", b"0 is a number\n", Kind.FILE),
    ("sequence only", b"0\x80", Kind.FILE),
    ("one byte", b"0", Kind.FILE),
    ("empty", b"", Kind.FILE),
]


@pytest.mark.parametrize(
    ("content", "kind"), [pytest.param(*one[1:], id=one[0]) for one in CONTENTS]
)
def test_content_tells_what_it_is_and_the_name_does_not(
    tmp_path: Path, content: bytes, kind: Kind
) -> None:
    for suffix in ("", ".p7s", ".pem", ".bin"):
        path = tmp_path / f"thing{suffix}"
        path.write_bytes(content)
        found = sniff(path)
        assert (found.kind, found.size) == (kind, len(content))


@pytest.mark.parametrize(
    ("content", "title"),
    [(b"%PDF-1.7", "PDF document"), (b"MZ", "Windows program (PE)"), (b"", "Empty file")],
)
def test_files_have_titles(tmp_path: Path, content: bytes, title: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert sniff(path).title == title


def test_what_the_collection_takes_in(tmp_path: Path) -> None:
    path, database = tmp_path / "key.pem", tmp_path / "a.xdb"
    path.write_bytes(private(KEY, PrivateFormat.PKCS8, Encoding.PEM))
    database.write_bytes(b"SQLite format 3\x00" + bytes(100))
    assert describe(sniff(path)) == "“key.pem”: Private key"
    whole = arrange([path, database])
    assert whole.certificates == (path, database)
    assert [thing.path for thing in whole.files] == [database], "a key is never signed"


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert sniff(tmp_path).kind is Kind.FOLDER
    assert sniff(tmp_path / "pipe").kind is Kind.MISSING
    assert sniff(tmp_path / "gone").title == "Cannot be read: No such file or directory"


def put(folder: Path, **contents: bytes) -> list[Path]:
    paths = [folder / name.replace("_", ".") for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    return paths


def test_pairs_are_found_in_any_order(tmp_path: Path) -> None:
    paths = put(tmp_path, a=b"a", b=b"b", a_p7s=signature(), b_p7s=signature(), c=b"c")
    expected = {(paths[0], paths[2]), (paths[1], paths[3])}
    for order in itertools.permutations(paths):
        found = arrange(order)
        assert set(found.pairs) == expected
        assert [thing.path for thing in found.files] == [paths[4]]
        assert found.signatures == ()


def test_one_file_and_one_signature_belong_together_whatever_they_are_called(
    tmp_path: Path,
) -> None:
    file, other = put(tmp_path, program=b"x", release_sig=signature())
    assert arrange([other, file]).pairs == ((file, other),)


def test_a_signature_without_its_file_is_left_over(tmp_path: Path) -> None:
    paths = put(tmp_path, a=b"a", b=b"b", x_p7s=signature())
    found = arrange(paths)
    assert found.pairs == ()
    assert found.signatures == (paths[2],)


def test_certificates_and_folders_are_told_apart(tmp_path: Path) -> None:
    (certificate,) = put(tmp_path, root_pem=CHAIN.root.pem)
    found = arrange([certificate, tmp_path])
    assert found.certificates == (certificate,)
    assert [thing.kind for thing in found.files] == [Kind.FOLDER]
