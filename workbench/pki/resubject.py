"""Another subject than a certificate request asks for, and attributes that have no field.

Owns how AWS Private CA is asked for them. Source: AWS Private CA API Reference, ApiPassthrough and
CustomAttribute; AWS Private CA User Guide, "Template order of operations".
"""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.x509.oid import NameOID, ObjectIdentifier

from workbench.base.errors import Refused
from workbench.pki.names import ATTRIBUTES, from_subject, to_subject
from workbench.pki.templates import TEMPLATES, parse_arn

LONGEST_VALUE: Final = 256
"""Characters of a custom attribute."""

_CSR: Final = "_CSRPassthrough"
_FIELDS: Final = frozenset(
    oid.dotted_string for oid in (*dict(ATTRIBUTES).values(), NameOID.EMAIL_ADDRESS)
)


def other_subject(template: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a request by which a certificate gets another subject.

    Args:
        template: ARN of what it is made from.
        values: of the subject, by ASN1Subject's members; see `names.to_subject`.

    Raises:
        Refused: the subject cannot be used.
    """
    subject = to_subject(values)
    try:
        from_subject(subject)
    except ValueError as error:
        raise Refused(f"The subject cannot be used: {error}.", "Correct it.") from error
    return {"TemplateArn": passing(template), "ApiPassthrough": {"Subject": subject}}


def passing(arn: str) -> str:
    """Return the ARN of the template that heeds ApiPassthrough and is otherwise the same.

    Profiles have no such twin; each says itself whether it heeds it.
    """
    own, name = parse_arn(arn)
    if own or TEMPLATES[name].api:
        return arn
    base = name.removesuffix(_CSR)
    twin = f"{base}_{'API' if base == name else 'APICSR'}Passthrough"
    return arn.replace(f"/{name}/", f"/{twin}/")


def custom_attributes(text: str) -> dict[str, str]:
    """Read attributes that people type, one a line: an object identifier, `=`, the value.

    Raises:
        Refused: a line is none, or is of an attribute that has a field of its own or came before.
    """
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        oid, _, value = (part.strip() for part in line.partition("="))
        _refuse_unfit(line, oid, value)
        if oid in found:
            raise Refused(f"The attribute {oid} stands there twice.", "Take one away.")
        found[oid] = value
    return found


def _refuse_unfit(line: str, oid: str, value: str) -> None:
    try:
        ObjectIdentifier(oid)
    except ValueError:
        raise Refused(
            f"“{line[:60]}” does not begin with an object identifier.",
            "Write it as 1.2.3.4=value, one a line.",
        ) from None
    if oid in _FIELDS:
        raise Refused(f"The attribute {oid} has a field of its own.", "Type it there.")
    if not 0 < len(value) <= LONGEST_VALUE:
        raise Refused(f"The value of {oid} has 1 to {LONGEST_VALUE} characters.", "Correct it.")
