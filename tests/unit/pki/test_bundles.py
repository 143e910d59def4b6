"""Certificates on their way out, in every form."""

import pytest
from asn1crypto import pkcs12 as structure
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.fakes.certificates import Chain
from workbench.base.errors import Refused
from workbench.pki.bundles import Form, Named, bundle
from workbench.pki.incoming.reader import read_incoming

CHAIN = Chain("ML-DSA-44")
EVERY = [Named(one.der) for one in (CHAIN.leaf, CHAIN.sub, CHAIN.root)]
PASSWORD = "a password"


@pytest.mark.parametrize("form", [form for form in Form if not form.private])
def test_what_goes_out_comes_in_again(form: Form) -> None:
    chosen = EVERY[:1] if form is Form.DER else EVERY
    reading = read_incoming(bundle(chosen, form, PASSWORD if form.protected else ""))
    items = reading.sealed[0].open(PASSWORD) if form.protected else reading.items
    assert {one.der for one in items} == {one.der for one in chosen}
    assert all(one.good for one in items)


def test_the_order_is_kept_where_a_form_has_one() -> None:
    items = read_incoming(bundle(EVERY, Form.PEM)).items
    assert [one.name for one in items] == ["Signer", "Sub", "Root"]


def test_pkcs12_is_protected_as_rfc_9579_advises_and_holds_no_key() -> None:
    data = bundle([*EVERY, *EVERY[:1]], Form.PKCS12, PASSWORD)
    pfx = structure.Pfx.load(data)
    assert pfx["mac_data"]["mac"]["digest_algorithm"]["algorithm"].native == "sha256"
    (safe,) = pfx.authenticated_safe
    scheme = safe["content"]["encrypted_content_info"]["content_encryption_algorithm"]
    assert (scheme["algorithm"].native, scheme.kdf_hmac, scheme.encryption_cipher) == (
        "pbes2", "sha256", "aes",
    )  # fmt: skip
    assert scheme.kdf_iterations >= 600_000
    assert scheme.key_length == 32
    loaded = load_pkcs12(data, PASSWORD.encode())
    assert loaded.key is None
    names = [one.friendly_name for one in loaded.additional_certs]
    assert names == [b"Signer", b"Sub", b"Root", b"Signer (2)"]
    with pytest.raises(ValueError, match="password"):
        load_pkcs12(data, b"another one")


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Refused, match="one certificate only"):
        bundle(EVERY, Form.DER)
    with pytest.raises(Refused, match="no certificate"):
        bundle([], Form.PEM)
    for form in (Form.PKCS12, Form.TRUSTSTORE):
        with pytest.raises(Refused, match="too short"):
            bundle(EVERY, form, "12345")


def test_pkcs7_is_read_by_the_library() -> None:
    loaded = pkcs7.load_der_pkcs7_certificates(bundle(EVERY, Form.PKCS7))
    assert len(loaded) == 3
    for form in (Form.KEY_PKCS12, Form.KEY_PKCS8):
        with pytest.raises(Refused, match="not written from here"):
            bundle(EVERY[:1], form, "a long password")
