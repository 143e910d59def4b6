"""The process in which the library opens one PKCS#12 container whose inside cannot be looked into.

Started by `workbench.crypto.pkcs12_library`, which ends it when it takes too long. Standard input
holds one JSON object with `container` (base64), `password` and `seconds` of processor time that it
may take; the answer is one with `outcome` and `certificates`. Neither is kept anywhere.
"""

import base64
import json
import signal
import sys

from workbench.crypto.pkcs12_library import load

_TIMER = "setitimer"


def main() -> None:
    """Answer the one question."""
    asked = json.load(sys.stdin)
    if hasattr(signal, _TIMER):  # elsewhere the parent's patience is the only limit
        signal.setitimer(signal.ITIMER_PROF, float(asked["seconds"]))
    found = load(base64.b64decode(asked["container"]), str(asked["password"]))
    certificates = [(name, base64.b64encode(der).decode()) for name, der in found.certificates]
    json.dump({"outcome": found.outcome, "certificates": certificates}, sys.stdout)


if __name__ == "__main__":
    main()
