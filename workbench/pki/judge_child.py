"""The process in which pyhanko-certvalidator runs: one question a line, one answer a line.

Started by `workbench.pki.judge_process`, which kills it when it does not answer in time. A
question is a JSON object with `path` (certificates in base64, leaf first, the last one trusted),
`moment` (seconds since 1970) and `purpose`; an answer has `reason`, empty when the path is
accepted. Whatever the library raises means no.
"""

import asyncio
import base64
import json
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from workbench.pki.names import visible
from workbench.pki.purposes import PURPOSE_OIDS, STRICT, Purpose, standing_for


def reason(path: list[bytes], moment: datetime, purpose: Purpose) -> str:
    """Return why the library refuses a path, or an empty text when it accepts it."""
    try:
        _validate(path, moment, purpose)
    except Exception as error:  # noqa: BLE001 - a validator may raise anything on hostile input
        return f"{type(error).__name__}: {visible(str(error), 200)}"
    return ""


def _validate(path: list[bytes], moment: datetime, purpose: Purpose) -> None:
    leaf, *above = [x509.Certificate.load(der, strict=True) for der in path]
    root = above[-1] if above else leaf
    context = ValidationContext(
        trust_roots=[root],
        other_certs=above[:-1],
        moment=moment,
        allow_fetching=False,
        revocation_mode="soft-fail",
        time_tolerance=timedelta(0),
    )
    validator = CertificateValidator(leaf, validation_context=context)
    if purpose is Purpose.ANY:
        asyncio.run(validator.async_validate_path())
        return
    usage: Callable[..., Coroutine[Any, Any, object]] = validator.async_validate_usage
    asyncio.run(
        usage(
            key_usage=set(),
            extended_key_usage={_wanted(leaf, purpose)},
            extended_optional=purpose not in STRICT,
        )
    )


def _wanted(leaf: x509.Certificate, purpose: Purpose) -> str:
    """Return, in the library's words, what the leaf must name: of several that do, one it has."""
    named = leaf.extended_key_usage_value
    have = set() if named is None else {one.dotted for one in named}
    usual = PURPOSE_OIDS[purpose].dotted_string
    chosen = min(standing_for(purpose) & have, default=usual)
    return str(x509.KeyPurposeId(usual if usual in have else chosen).native)


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answer questions until there are no more."""
    for line in questions:
        asked = json.loads(line)
        refused = reason(
            [base64.b64decode(one) for one in asked["path"]],
            datetime.fromtimestamp(asked["moment"], UTC),
            Purpose(asked["purpose"]),
        )
        answers.write(json.dumps({"reason": refused}) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
