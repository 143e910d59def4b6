"""Importing key material: which wrapping fits which key, the OpenSSL commands, and the calls.

Owns what is asked of GetParametersForImport and ImportKeyMaterial. The key material itself never
comes here: a person wraps it outside, and only the wrapped bytes are read. Knows no Qt.
"""

import base64
import binascii
import shlex
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from workbench.base.errors import Refused
from workbench.base.files import fault, printable
from workbench.ui.panes.keys.inventory import SYMMETRIC, KeyRow
from workbench.ui.panes.keys.materials import EXPIRES, EXPIRES_NOT
from workbench.ui.panes.keys.public_forms import PublicForms

OAEP_256: Final = "RSAES_OAEP_SHA_256"
OAEP_1: Final = "RSAES_OAEP_SHA_1"
WRAP_256: Final = "RSA_AES_KEY_WRAP_SHA_256"
WRAP_1: Final = "RSA_AES_KEY_WRAP_SHA_1"
WRAPPING_SPECS: Final = ("RSA_4096", "RSA_3072", "RSA_2048")
LARGEST: Final = 6144
"""Bytes of a token or of wrapped material, by ImportKeyMaterial's limits."""
LONGEST_LIFE: Final = timedelta(days=365)
LONGEST_DESCRIPTION: Final = 256
_BASE64: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n")
_IV: Final = "A65959A6"
"""RFC 5649's initial value, which OpenSSL wants spelled out."""
_HEXED: Final = "$(od -An -vtx1 aes-key.bin | tr -d ' \\n')"


def wrapping_algorithms(spec: str) -> tuple[str, ...]:
    """Return AWS's wrapping algorithms for keys of a spec, the usual one first."""
    if spec.startswith("RSA_"):
        return WRAP_256, WRAP_1
    if spec.startswith("ECC_"):
        return WRAP_256, WRAP_1, OAEP_256, OAEP_1
    if spec.startswith("ML_"):
        return WRAP_256, OAEP_256
    return OAEP_256, OAEP_1


def wrapping_specs(spec: str, algorithm: str) -> tuple[str, ...]:
    """Return the specs of wrapping keys that can carry such a key, the usual one first."""
    too_large = spec == "ECC_NIST_P521" and algorithm in {OAEP_256, OAEP_1}
    return WRAPPING_SPECS[:-1] if too_large else WRAPPING_SPECS


@dataclass(frozen=True, slots=True)
class Parameters:
    """What GetParametersForImport answered.

    Attributes:
        algorithm: how to wrap.
        public_key: the wrapping key, DER SubjectPublicKeyInfo.
        token: to be sent with what is wrapped.
        valid_to: until when both can be used.
    """

    algorithm: str
    public_key: bytes
    token: bytes
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What ImportKeyMaterial is asked.

    Attributes:
        wrapped: file with the wrapped key material.
        token: file with the import token, or the token itself.
        new: whether it is material the key never had; None lets KMS take the one it expects.
        material: id of the material that is imported again; empty if it is new or unknown.
        description: what to remember of it; only for symmetric encryption keys.
        valid_to: when it runs out; None for never.
    """

    wrapped: Path
    token: Path | bytes
    new: bool | None = None
    material: str = ""
    description: str = ""
    valid_to: datetime | None = None


def get_parameters(kms: Any, key: str, algorithm: str, wrapping_spec: str) -> Parameters:
    """Ask for a wrapping key and its token; for a worker.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    answer = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_spec
    )
    return Parameters(
        algorithm,
        bytes(answer["PublicKey"]),
        bytes(answer["ImportToken"]),
        answer["ParametersValidTo"],
    )


def import_material(kms: Any, row: KeyRow, request: ImportRequest) -> str:
    """Import what was wrapped; for a worker. Returns the material's id, if KMS tells it.

    Raises:
        EnvironmentFault: a file could not be read.
        Refused: a file cannot be what it is said to be.
        botocore.exceptions.ClientError: KMS refused.
    """
    token = request.token if isinstance(request.token, bytes) else read_import_file(request.token)
    asked: dict[str, Any] = {
        "KeyId": row.id,
        "ImportToken": token,
        "EncryptedKeyMaterial": read_import_file(request.wrapped),
        "ExpirationModel": EXPIRES if request.valid_to else EXPIRES_NOT,
    }
    if request.valid_to is not None:
        asked["ValidTo"] = request.valid_to
    if row.spec == SYMMETRIC:
        asked |= _for_symmetric(request)
    answer = kms.import_key_material(**asked)
    return str(answer.get("KeyMaterialId") or "")


def read_import_file(path: Path) -> bytes:
    """Return a token or wrapped material; Base64 text, as the AWS CLI prints it, is decoded.

    Raises:
        EnvironmentFault: it could not be read.
        Refused: it is empty or larger than KMS takes.
    """
    try:
        # One byte more than Base64 of the largest shows that it is too large.
        with path.open("rb") as stream:
            data = stream.read(LARGEST * 3 // 2 + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
    if data and _BASE64.issuperset(data):
        # If it is no Base64 after all, KMS will say what it thinks of it.
        with suppress(binascii.Error):
            data = base64.b64decode(b"".join(data.split()), validate=True)
    name = printable(path.name)
    if not data:
        raise Refused(f"{name} is empty.", "Choose the file that the wrapping wrote.")
    if len(data) > LARGEST:
        raise Refused(
            f"{name} is larger than the {LARGEST} bytes that KMS takes.",
            "Choose the wrapped key material or the import token, not another file.",
        )
    return data


def save_public_key(parameters: Parameters, path: Path) -> None:
    """Write the wrapping key: PEM if the file's name ends so, else DER.

    Raises:
        EnvironmentFault: it could not be written.
    """
    der = parameters.public_key
    save(PublicForms(der, "").pem.encode() if is_pem(path) else der, path)


def save(data: bytes, path: Path) -> None:
    """Write a file that anybody may read: a public key, a token.

    Raises:
        EnvironmentFault: it could not be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise fault(error, "write", path) from error


def is_pem(path: Path) -> bool:
    """Whether a file's name asks for PEM."""
    return path.suffix.lower() == ".pem"


def commands(spec: str, algorithm: str, public_key: Path, wrapped: Path) -> str:
    """Return the shell lines that wrap key material with OpenSSL 3 (RFC 8017, RFC 5649).

    Args:
        spec: of the key the material is for.
        algorithm: AWS wrapping algorithm.
        public_key: where the wrapping key was saved.
        wrapped: where the wrapped material is to go.
    """
    digest = "sha256" if algorithm.endswith("256") else "sha1"
    form = "PEM" if is_pem(public_key) else "DER"
    lines = _making(spec)
    plain = _plain_name(spec)
    if algorithm in {OAEP_256, OAEP_1}:
        lines.append(_encrypt(plain, wrapped, public_key, form, digest))
        return "\n".join(lines)
    wrap = f'openssl enc -id-aes256-wrap-pad -iv {_IV} \\\n  -K "{_HEXED}" \\\n'
    lines += [
        "openssl rand -out aes-key.bin 32",
        f"{wrap}  -in {plain} -out key.wrapped",
        _encrypt("aes-key.bin", Path("aes-key.wrapped"), public_key, form, digest),
        f"cat aes-key.wrapped key.wrapped > {_quoted(wrapped)}",
        "rm aes-key.bin aes-key.wrapped key.wrapped",
    ]
    return "\n".join(lines)


def _for_symmetric(request: ImportRequest) -> dict[str, str]:
    asked: dict[str, str] = {}
    if request.new is not None:
        asked["ImportType"] = "NEW_KEY_MATERIAL" if request.new else "EXISTING_KEY_MATERIAL"
    if request.material and not request.new:
        asked["KeyMaterialId"] = request.material
    if request.description:
        asked["KeyMaterialDescription"] = request.description
    return asked


def _making(spec: str) -> list[str]:
    if spec == SYMMETRIC:
        return ["openssl rand -out key-material.bin 32   # or the key you have"]
    if spec.startswith("HMAC_"):
        size = int(spec.removeprefix("HMAC_")) // 8
        return [f"openssl rand -out key-material.bin {size}   # or the key you have"]
    return ["openssl pkcs8 -topk8 -nocrypt -in private-key.pem -outform DER -out private-key.der"]


def _plain_name(spec: str) -> str:
    secret = spec == SYMMETRIC or spec.startswith("HMAC_")
    return "key-material.bin" if secret else "private-key.der"


def _encrypt(source: str, target: Path, public_key: Path, form: str, digest: str) -> str:
    return (
        f"openssl pkeyutl -encrypt -in {source} -out {_quoted(target)} \\\n"
        f"  -inkey {_quoted(public_key)} -pubin -keyform {form} \\\n"
        "  -pkeyopt rsa_padding_mode:oaep \\\n"
        f"  -pkeyopt rsa_oaep_md:{digest} -pkeyopt rsa_mgf1_md:{digest}"
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
