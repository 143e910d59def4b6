"""The terms on which AWS takes in key material: how it is wrapped, how long it stays.

Sources: AWS KMS API Reference, GetParametersForImport and ImportKeyMaterial; Developer Guide,
"Requirements for imported key material".
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import botocore.utils

from workbench.api.errors import AwsError
from workbench.crypto.table import Family
from workbench.kms.records import EXPIRES, EXPIRES_NOT, KeyRecord

LONGEST: Final = timedelta(days=365)
"""How far ahead an expiry date may lie."""

_GONE_SINCE_2023: Final = "RSAES_PKCS1_V1_5"
_CHINA_ONLY: Final = frozenset({"SM2", "SM2PKE"})
_SYMMETRIC_ONLY: Final = ("ImportType", "KeyMaterialDescription", "KeyMaterialId")


def refuse_wrapping(record: KeyRecord, algorithm: str, spec: str) -> None:
    """Refuse a wrapping that AWS does not offer for a key's material.

    Raises:
        AwsError: UnsupportedOperationException: RSAES_PKCS1_V1_5, which AWS ended on 10 October
            2023; SM2, which only its China Regions have; an RSA private key directly under RSA;
            a P-521 private key directly under RSA-2048, which is too short for it.
    """
    for name in (spec, algorithm):
        if name in _CHINA_ONLY:
            raise _unsupported(f"{name} is not supported in this Region", "Choose an RSA one.")
    if algorithm == _GONE_SINCE_2023:
        raise _unsupported(f"Wrapping algorithm {algorithm} is not supported.")
    if not algorithm.startswith("RSAES_OAEP"):
        return
    hybrid = "Choose an RSA_AES_KEY_WRAP algorithm."
    if record.key_spec.family is Family.RSA:
        raise _unsupported(
            f"Wrapping algorithm {algorithm} is not supported for key spec {record.spec}.", hybrid
        )
    if record.spec == "ECC_NIST_P521" and spec == "RSA_2048":
        raise _unsupported(
            f"Wrapping algorithm {algorithm} with wrapping key spec {spec} is not supported for "
            f"key spec {record.spec}.",
            hybrid,
        )


def refuse_members(record: KeyRecord, request: dict[str, Any]) -> None:
    """Refuse what only symmetric encryption keys have: several materials, told apart.

    Raises:
        AwsError: UnsupportedOperationException or ValidationException.
    """
    if record.key_spec.family is not Family.SYMMETRIC:
        for member in _SYMMETRIC_ONLY:
            if member in request:
                raise _unsupported(
                    f"{member} is not supported for key spec {record.spec}.",
                    "Leave it out: only symmetric encryption keys have several key materials.",
                )
    if "KeyMaterialId" in request and request.get("ImportType") == "NEW_KEY_MATERIAL":
        raise AwsError(
            "ValidationException",
            "KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL",
        )


def expiry(request: dict[str, Any], now: datetime) -> datetime | None:
    """Return when the material expires, or None.

    Args:
        request: of ImportKeyMaterial.
        now: time of the request, UTC.

    Raises:
        AwsError: ValidationException: a date that is missing, too many, past, or over 365 days
            away.
    """
    model, given = request.get("ExpirationModel", EXPIRES), request.get("ValidTo")
    if model == EXPIRES_NOT:
        if given is not None:
            raise _invalid(f"A validTo date must not be set if the ExpirationModel is {model}")
        return None
    if given is None:
        raise _invalid(f"A validTo date must be set if the ExpirationModel is {model}")
    moment = _moment(given)
    if moment <= now:
        raise _invalid("The validTo date must be in the future")
    if moment - now > LONGEST:
        raise _invalid(f"The validTo date must be within {LONGEST.days} days of the request")
    return moment


def _moment(value: datetime | float | str) -> datetime:
    """Return what boto3 understands as a point in time, in UTC."""
    try:
        moment: datetime = botocore.utils.parse_to_aware_datetime(value)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError, RuntimeError):
        raise _invalid("The validTo date is not a date") from None


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def _unsupported(message: str, next_step: str = "") -> AwsError:
    return AwsError("UnsupportedOperationException", message, next_step)
