"""A key that is trusted by itself in place of a root, and when it does not stand in for one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.fakes.certificates import CODE, DAY, NOW, make, new_key
from tests.fakes.formats import spki
from workbench.pki.parse import facts
from workbench.pki.purposes import Purpose
from workbench.pki.status import Evidence
from workbench.signing.formats.base import Trust, TrustedKey
from workbench.signing.formats.findings import Findings, check_chain

ROOT = make("Root", key=new_key("P-256"))
LEAF = make("Signer", ROOT, key=new_key("P-256"), ca=False, eku=(CODE,))
KEY = TrustedKey("Ann", spki(LEAF.key))
TRUST = Trust(NOW, (KEY,), purpose=Purpose.CODE_SIGNING)


def listed(*serials: int) -> bytes:
    builder = x509.CertificateRevocationListBuilder(
        ROOT.certificate.subject, NOW - DAY / 2, NOW + DAY
    )
    for serial in serials:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder(serial, NOW - DAY).build()
        )
    return builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.DER)


def judged(trust: Trust, leaf: Any = LEAF, within: Evidence | None = None) -> Findings:
    found = Findings()
    check_chain(found, leaf.der, (ROOT.der,), trust, within=within)
    return found


def names(found: Findings) -> list[tuple[str, str]]:
    return [(check.name, check.state) for check in found.checks]


def test_a_trusted_key_stands_in_for_the_root() -> None:
    found = judged(TRUST)
    assert names(found) == [("Trusted key", "ok")]
    assert found.links == ()
    assert not found.needs
    (check,) = found.checks
    assert "belongs to Ann" in check.sentence
    assert "CN=Signer" in check.sentence
    assert check.evidence.startswith("SHA-256 ")


def test_a_trusted_root_goes_before_it() -> None:
    found = judged(replace(TRUST, roots=(ROOT.der,)))
    assert ("Certificate chain", "ok") in names(found)
    assert "Trusted key" not in [name for name, _ in names(found)]


REFUSED: dict[str, Callable[[], Findings]] = {
    "no key": lambda: judged(replace(TRUST, keys=())),
    "another key": lambda: judged(
        replace(TRUST, keys=(TrustedKey("Bob", spki(new_key("P-256"))),))
    ),
    "the root's key": lambda: judged(replace(TRUST, keys=(TrustedKey("CA", spki(ROOT.key)),))),
    "not yet": lambda: judged(replace(TRUST, keys=(replace(KEY, starts=NOW + DAY),))),
    "no more": lambda: judged(replace(TRUST, keys=(replace(KEY, ends=NOW),))),
    "for ssh alone": lambda: judged(replace(TRUST, keys=(replace(KEY, namespaces=("git",)),))),
    "out of date": lambda: judged(replace(TRUST, moment=NOW + 400 * DAY)),
    "early": lambda: judged(replace(TRUST, moment=NOW - 9 * DAY)),
    "another purpose": lambda: judged(replace(TRUST, purpose=Purpose.EMAIL_PROTECTION)),
    "unclear": lambda: judged(replace(TRUST, evidence=Evidence(required=True))),
    "for TLS": lambda: judged(
        TRUST,
        make(
            "Server", ROOT, key=LEAF.key, ca=False, eku=(ExtendedKeyUsageOID.SERVER_AUTH,)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_a_key_does_not_stand_in(why: str) -> None:
    found = REFUSED[why]()
    assert ("Certificate chain", "failed") in names(found)
    assert not found.sound


def test_nor_against_a_revocation() -> None:
    revoked = Evidence((listed(LEAF.certificate.serial_number),))
    fine = Evidence((listed(1),))
    # Whose list it is can be said only where the root that signed it is believed.
    roots = replace(TRUST, roots=(ROOT.der,))
    assert judged(replace(roots, evidence=fine)).sound
    for found in (judged(replace(roots, evidence=revoked)), judged(roots, within=revoked)):
        assert not found.sound
        (check,) = found.checks
        assert "revoked" in check.sentence
    fingerprint = facts(LEAF.der).fingerprint
    recorded = Evidence(records={fingerprint: (NOW - DAY, "KEY_COMPROMISE")})
    assert not judged(replace(roots, evidence=recorded)).sound
    assert judged(replace(roots, evidence=Evidence(records={fingerprint: None}))).sound
