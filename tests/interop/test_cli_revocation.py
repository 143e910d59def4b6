"""`workbench verify` with revocation lists at hand, and where they are demanded."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.fakes.certificates import DAY, NOW, Made
from tests.fakes.formats import Hierarchy, sign
from tests.fakes.shell import Shell
from workbench.cli.exits import Exit
from workbench.pki.parse import facts
from workbench.signing.formats.cms import Cms

CASES = {
    "nothing at hand": ((), (), Exit.OK),
    "nothing at hand, demanded": ((), ("--require-revocation",), Exit.INVALID),
    "one of two, demanded": (("sub",), ("--require-revocation",), Exit.INVALID),
    "both, demanded": (("sub", "root"), ("--require-revocation",), Exit.OK),
    "revoked": (("revoked",), (), Exit.INVALID),
}


def listed(issuer: Made, *serials: int) -> bytes:
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject, NOW - DAY / 2, NOW + DAY
    )
    for serial in serials:
        one = x509.RevokedCertificateBuilder(serial, NOW - DAY).build()
        builder = builder.add_revoked_certificate(one)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, lab = tmp_path_factory.mktemp("revocation"), Hierarchy()
    chain = lab.chain("P-256")
    (made / "file").write_bytes(b"content")
    (made / "file.p7s").write_bytes(sign(Cms(), "P-256", b"content", chain))
    (made / "root.pem").write_bytes(lab.root.pem)
    serial = facts(chain[0]).certificate.serial_number
    (made / "sub.crl").write_bytes(listed(lab.sub))
    (made / "root.crl").write_bytes(listed(lab.root))
    (made / "revoked.crl").write_bytes(listed(lab.sub, serial))
    return made


@pytest.mark.parametrize(("lists", "more", "code"), CASES.values(), ids=CASES)
def test_lists_decide(
    shell: Shell, folder: Path, lists: tuple[str, ...], more: tuple[str, ...], code: Exit
) -> None:
    given = [word for name in lists for word in ("--crl", folder / f"{name}.crl")]
    answer = shell.run(
        "verify", folder / "file", "--root", folder / "root.pem", "--at", NOW.isoformat(),
        *given, *more,
    )  # fmt: skip
    assert answer.code == code, answer.out + answer.err
    if code == Exit.INVALID:
        said = "revoked" if "revoked" in lists else "is not known"
        assert said in answer.out
