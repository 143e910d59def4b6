"""Counter-signatures: signatures over a signature's value, each with a chain of its own.

Owns their questions and sentences, and those to the timestamps that Windows programs had before
RFC 3161, which are counter-signatures whose signing time counts. Must not know what was signed.

Sources: RFC 5652 §11.4; Windows Authenticode Portable Executable Signature Format (Microsoft,
2008).
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from workbench.pki.names import readable
from workbench.pki.parse import Malformed, facts
from workbench.pki.purposes import Purpose
from workbench.signing.algorithms import DIGESTS
from workbench.signing.cms_frame import COUNTERSIGNATURE, attributes_of
from workbench.signing.cms_read import SignerInfo, Unacceptable, read_countersignature
from workbench.signing.formats.base import Trust
from workbench.signing.formats.cms_value import check_value
from workbench.signing.formats.findings import Findings, check_chain
from workbench.signing.formats.pe import AUTHENTICODE
from workbench.signing.formats.signed_data import valid_at
from workbench.signing.public import NAMES
from workbench.signing.verdict import PartKind

_MOST_COUNTERSIGNATURES: Final = 8


def check_countersignatures(
    found: Findings,
    signer: SignerInfo,
    known: Sequence[bytes],
    trust: Trust,
    *,
    older_stamps: bool = False,
) -> list[datetime]:
    """Check every counter-signature on a signature; each stands on it with its own chain.

    Args:
        found: where the answers go.
        signer: whose signature.
        known: certificates among which those of the counter-signers are looked for, DER.
        trust: whom to believe.
        older_stamps: whether they are timestamps of before RFC 3161, as Windows programs have.

    Returns:
        The times of the timestamps that are in order.
    """
    values = [
        value
        for name, values in attributes_of(signer.unsigned)
        if name == COUNTERSIGNATURE
        for value in values
    ]
    if len(values) > _MOST_COUNTERSIGNATURES:
        found.failed(
            "Counter-signatures",
            f"The signature has more than {_MOST_COUNTERSIGNATURES} counter-signatures.",
            "RFC 5652 §11.4",
            "Get the signature without them.",
        )
        return []
    readable_ones = []
    for certificate in known:
        try:
            readable_ones.append(facts(certificate))
        except Malformed:
            continue
    kind: PartKind = "timestamp" if older_stamps else "counter-signature"
    purpose = Purpose.TIME_STAMPING if older_stamps else Purpose.ANY
    word = kind.capitalize()
    moments: list[datetime] = []
    for number, value in enumerate(values, start=1):
        single = Findings()
        try:
            counter = read_countersignature(value, readable_ones, typed=older_stamps)
        except Unacceptable as error:
            single.failed(word, error.sentence, error.rule, "")
        else:
            _check_countersigner(single, counter, signer, known, trust, purpose)
            if older_stamps:
                moments += _check_moment(single, counter, trust)
        title = f"{word} {number}" if len(values) > 1 else word
        found.stand_on(single, kind, title)
    return moments


def _check_countersigner(
    found: Findings,
    counter: SignerInfo,
    signer: SignerInfo,
    known: Sequence[bytes],
    trust: Trust,
    purpose: Purpose,
) -> None:
    found.algorithm = NAMES.get(counter.signature_oid, counter.signature_oid)
    found.digest, found.signing_time = counter.digest, counter.signing_time
    found.signer = counter.named
    if counter.certificate is not None:
        found.signer = readable(counter.certificate.certificate.subject)
    running = DIGESTS[counter.digest].start()
    running.update(signer.signature)
    found.judge(
        "Counter-signed value",
        "It is over the value of this signature.",
        "It is over another signature than this.",
        "RFC 5652 §11.4",
        "Get an undamaged copy of the signature.",
        good=hmac.compare_digest(running.digest(), counter.message_digest),
    )
    check_value(found, counter)
    if counter.certificate is None:
        found.unknown("Certificate chain", "There is no certificate to begin with.")
        return
    check_chain(found, counter.certificate.der, known, trust, purpose)


def _check_moment(found: Findings, counter: SignerInfo, trust: Trust) -> list[datetime]:
    """Check the time of a timestamp of before RFC 3161; returns it if all of it is in order."""
    found.ok(
        "Kind of timestamp",
        "It is a counter-signature, as programs had them before RFC 3161; the time is its signer's "
        "word.",
        AUTHENTICODE,
    )
    moment, certificate = counter.signing_time, counter.certificate
    if moment is None:
        found.failed(
            "Timestamp time",
            "The counter-signature does not say when it was made.",
            AUTHENTICODE,
            "Do not rely on the timestamp.",
        )
        return []
    found.judge(
        "Timestamp time",
        f"The program was signed by {moment:%Y-%m-%d %H:%M:%S} UTC; the authority's certificate "
        "was valid then.",
        "The timestamp is from a time when the authority's certificate was not valid, or from "
        "the future.",
        AUTHENTICODE,
        "Check the computer's clock; else do not rely on the timestamp.",
        good=certificate is not None
        and valid_at(certificate.der, moment)
        and moment <= trust.moment,
    )
    return [moment] if found.sound else []
