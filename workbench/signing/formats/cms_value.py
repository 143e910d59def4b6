"""Whether a CMS signature value is its signer's, in sentences.

Owns what signatures and counter-signatures share. Must not know what they are over.
"""

import dataclasses
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm

from workbench.pki.names import readable
from workbench.signing.cms_read import SignerInfo, Unacceptable
from workbench.signing.formats.findings import Findings, fingerprint_line
from workbench.signing.public import signature_matches

VALUE: Final = "RFC 5652 §5.6"


def check_value(found: Findings, signer: SignerInfo) -> None:
    """Check that a signature value was made by the key in its signer's certificate.

    Args:
        found: where the answer goes; its `algorithm` is set already.
        signer: the signer, or counter-signer.
    """
    certificate = signer.certificate
    if certificate is None:
        found.failed(
            "Signature",
            f"The signer's certificate ({signer.named}) is not inside the signature, so it cannot "
            "be checked.",
            "RFC 5652 §5.3",
            "Ask the signer to include it, or give it along.",
        )
        return
    name = readable(certificate.certificate.subject)
    try:
        key = certificate.certificate.public_key()
        matches = signature_matches(key, signer)
        under_wrong_tag = not matches and signature_matches(
            key, dataclasses.replace(signer, signed=signer.as_received)
        )
    except Unacceptable as error:
        found.failed("Signature", error.sentence, error.rule, "")
        return
    except (ValueError, UnsupportedAlgorithm):
        found.failed(
            "Signature",
            f"The public key in the certificate of {name} cannot be read or is of an unknown kind.",
            "RFC 5280 §4.1.2.7",
            "Get an undamaged copy of the signature.",
        )
        return
    if under_wrong_tag:
        found.failed(
            "Signature",
            f"The key in the certificate of {name} signed the attributes under the tag [0] instead "
            "of SET OF; the program that made the signature is faulty.",
            "RFC 5652 §5.4",
            "Have the file signed again by another.",
        )
        return
    found.judge(
        "Signature",
        f"The signature was made by the key in the certificate of {name}.",
        f"The signature was not made by the key in the certificate of {name}: the signature was "
        "damaged or forged.",
        VALUE,
        "Get an undamaged copy.",
        good=matches,
        evidence=f"{found.algorithm}; certificate {fingerprint_line(certificate.der)}",
    )
