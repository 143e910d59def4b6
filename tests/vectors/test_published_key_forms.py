"""ML-DSA keys in the forms of RFC 9881 §6, from NIST's seeds and expanded keys."""

import pytest
from asn1crypto import core
from cryptography_vectors import open_vector_file

from tests.fakes.incoming import ML_DSA_OIDS, sequence, wrap_private
from tests.vectors.published import sections
from workbench.base.errors import Refused
from workbench.crypto.foreign import read_private

CASES = [
    (name, case)
    for name in sorted(ML_DSA_OIDS)
    for case in sections(
        f"asymmetric/MLDSA/kat_{name.replace('-', '').replace('MLDSA', 'MLDSA_')}_det_pure.rsp"
    )[0].cases[:3]
]


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda value: str(value)[:10])
def test_every_form_of_a_published_key(name: str, case: dict[str, str]) -> None:
    seed, expanded, public = (bytes.fromhex(case[field]) for field in ("xi", "sk", "pk"))
    oid = ML_DSA_OIDS[name]
    both = sequence(core.OctetString(seed).dump(), core.OctetString(expanded).dump())
    for inner in (b"\x80\x20" + seed, both):
        key = read_private(wrap_private(oid, inner))
        assert key.spki.endswith(public)
        assert key.importable
    alone = read_private(wrap_private(oid, core.OctetString(expanded).dump()))
    assert alone.spki.endswith(public)
    assert "without its seed" in alone.why_not
    torn = sequence(core.OctetString(bytes(32)).dump(), core.OctetString(expanded).dump())
    with pytest.raises(Refused, match="torn"):
        read_private(wrap_private(oid, torn))


def test_a_published_file_without_its_seed() -> None:
    with open_vector_file("asymmetric/MLDSA/mldsa65_noseed_priv.der", "rb") as stream:
        key = read_private(stream.read())
    assert (key.name, key.importable) == ("ML-DSA-65", False)
