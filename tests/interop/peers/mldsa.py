"""A second ML-DSA: verifies signatures of keys of AWS KMS. One JSON request in, one answer out."""

import json
import sys

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65, ML_DSA_87

KINDS = {"ML_DSA_44": ML_DSA_44, "ML_DSA_65": ML_DSA_65, "ML_DSA_87": ML_DSA_87}


def main() -> None:
    """Verify each signature of the message."""
    answer = []
    for one in json.load(sys.stdin):
        public = load_der_public_key(bytes.fromhex(one["public"]))
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        kind = KINDS[one["spec"]]
        message, signature = (bytes.fromhex(one[name]) for name in ("message", "signature"))
        answer.append(bool(kind.verify(raw, message, signature)))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
