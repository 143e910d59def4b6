"""What a signer of a CMS signature may state, and the rule that each refusal follows.

Sources: RFC 5652 §5 and §11, RFC 5754, RFC 6211, RFC 8419, RFC 8702, RFC 9882.
"""

from typing import Any, Final

from workbench.signing import der
from workbench.signing.algorithms import (
    DIGEST_BY_OID,
    ECDSA_WITH,
    ED25519,
    ML_DSA,
    ML_DSA_DIGESTS,
    RSA,
    RSA_WITH,
    WEAK_DIGESTS,
    DigestAlgorithm,
)
from workbench.signing.cms_build import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
)

_NULL: Final = der.tlv(der.NULL)
_ABSENT: Final = {
    **dict.fromkeys(ML_DSA, "RFC 9882 §3.3"),
    **dict.fromkeys(ECDSA_WITH, "RFC 5754 §3.3"),
    ED25519: "RFC 8419 §2.2",
}
"""Signature algorithms without parameters, and where that is written."""


class Unacceptable(Exception):
    """A signature breaks a rule.

    Args:
        sentence: what is wrong and what to do.
        rule: standard and section.
    """

    def __init__(self, sentence: str, rule: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


def digest_of(info: Any) -> DigestAlgorithm:
    """Return the digest of a signer.

    Raises:
        Unacceptable: it is unknown or too weak.
    """
    oid = info["digest_algorithm"]["algorithm"].dotted
    known = DIGEST_BY_OID.get(oid)
    if known is not None:
        return known
    if oid in WEAK_DIGESTS:
        sentence = f"{WEAK_DIGESTS[oid]} is too weak: files can be made that share a digest."
    else:
        sentence = f"The content digest {oid} is not known here."
    raise Unacceptable(f"{sentence} Have the file signed again with SHA-512.", "RFC 5754 §2")


def parameters_of(identifier: Any) -> bytes:
    """Return the parameters of an AlgorithmIdentifier, DER, or nothing."""
    parts = der.children(der.read(identifier.dump(), "The algorithm"), "The algorithm")
    return b"".join(bytes(part.raw) for part in parts[1:])


def check_algorithms(digest: DigestAlgorithm, info: Any) -> None:
    """Refuse digests and parameters that do not go with the signature algorithm.

    Raises:
        Unacceptable: with the rule.
    """
    oid = info["signature_algorithm"]["algorithm"].dotted
    _check_digest_parameters(digest, parameters_of(info["digest_algorithm"]))
    parameters = parameters_of(info["signature_algorithm"])
    ml_dsa = ML_DSA.get(oid, ("", 0))[0]
    if parameters and oid in _ABSENT:
        raise Unacceptable(
            f"{ml_dsa or 'The signature algorithm'} is given with parameters; they must be absent. "
            "Have the file signed again by a program that follows the standard.",
            _ABSENT[oid],
        )
    if oid in RSA_WITH or oid == RSA:
        if parameters not in {b"", _NULL}:
            raise Unacceptable("RSA is given with parameters other than NULL.", "RFC 5754 §3.2")
        stated = RSA_WITH.get(oid, digest.name)
    else:
        stated = ECDSA_WITH.get(oid, digest.name)
    if stated != digest.name:
        raise Unacceptable(
            f"The signature is made with {stated}, but the content's digest is {digest.name}.",
            "RFC 5754 §3",
        )
    if ml_dsa:
        _check_ml_dsa(ml_dsa, digest)
    elif oid == ED25519 and digest.name != "SHA-512":
        raise Unacceptable(
            f"Ed25519 goes with SHA-512 in CMS, not with {digest.name}. Have the file signed again "
            "with SHA-512.",
            "RFC 8419 §2.3",
        )


def _check_digest_parameters(digest: DigestAlgorithm, parameters: bytes) -> None:
    if digest.name.startswith("SHAKE") and parameters:
        raise Unacceptable(
            f"{digest.name} is given with parameters; they must be absent.", "RFC 8702 §3.1"
        )
    # With SHA-2 NULL must be accepted (RFC 5754 §2). That signers with ML-DSA must leave it out
    # (RFC 9882 §3.3) does not change what it means, and pyHanko writes it.
    if parameters not in {b"", _NULL}:
        raise Unacceptable(
            f"The digest {digest.name} has parameters, which it must not have.", "RFC 5754 §2"
        )


def _check_ml_dsa(name: str, digest: DigestAlgorithm) -> None:
    if digest.name not in ML_DSA_DIGESTS[name]:
        allowed = " or ".join(ML_DSA_DIGESTS[name])
        raise Unacceptable(
            f"{digest.name} is weaker than {name}, so the signature is not accepted. Have the file "
            f"signed again with {allowed}.",
            "RFC 9882 §3.3",
        )


def one_value(attributes: dict[str, list[Any]], kind: str, name: str) -> Any:
    """Return the one value that an attribute must have.

    Raises:
        Unacceptable: the attribute is missing or has several.
    """
    values = attributes.get(kind)
    if values is None:
        raise Unacceptable(f"The signed attribute {name} is missing.", "RFC 5652 §11")
    if len(values) != 1:
        raise Unacceptable(
            f"The signed attribute {name} has {len(values)} values instead of one.",
            "RFC 5652 §11",
        )
    return values[0]


def check_attributes(
    attributes: dict[str, list[Any]], digest: DigestAlgorithm, info: Any, content_type: str = DATA
) -> None:
    """Refuse signed attributes that contradict the signer they belong to.

    Args:
        attributes: the signed attributes.
        digest: the signer's digest.
        info: the signer.
        content_type: what is signed; empty for a countersignature, which must not say.

    Raises:
        Unacceptable: with the rule.
    """
    if not content_type and CONTENT_TYPE in attributes:
        raise Unacceptable("A counter-signature states a content type.", "RFC 5652 §11.1")
    if content_type and one_value(attributes, CONTENT_TYPE, "contentType").dotted != content_type:
        raise Unacceptable(
            "The signed content type is not that of the signature.", "RFC 5652 §11.1"
        )
    stated = one_value(attributes, MESSAGE_DIGEST, "messageDigest").native
    if not isinstance(stated, bytes) or len(stated) != digest.size:
        raise Unacceptable(
            f"The signed digest has not the {digest.size} bytes of {digest.name}.",
            "RFC 8702 §3.1" if digest.name.startswith("SHAKE") else "RFC 5652 §11.2",
        )
    if ALGORITHM_PROTECTION not in attributes:
        return
    protection = one_value(attributes, ALGORITHM_PROTECTION, "CMSAlgorithmProtection")
    names = ("digest_algorithm", "signature_algorithm")
    if any(_stated(protection[name]) != _stated(info[name]) for name in names):
        raise Unacceptable(
            "The algorithms that were signed are not those the signature claims: someone changed "
            "them after signing.",
            "RFC 6211 §3",
        )


def _stated(identifier: Any) -> tuple[str, bytes]:
    """Return an algorithm and its parameters; NULL and nothing mean the same (RFC 6211 §3)."""
    parameters = parameters_of(identifier)
    return identifier["algorithm"].dotted, b"" if parameters == _NULL else parameters
