import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from jwcrypto.jwk import JWK

from workbench.ui.panes.keys.public_forms import PublicForms, spaced

MAKERS: dict[str, Any] = {
    "RSA_2048": lambda: rsa.generate_private_key(65537, 2048),
    "ECC_NIST_P521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ECC_SECG_P256K1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey.generate,
    "ML_DSA_44": mldsa.MLDSA44PrivateKey.generate,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey.generate,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey.generate,
}


def forms_of(spec: str) -> tuple[PublicForms, Any]:
    public = MAKERS[spec]().public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicForms(der, spec), public


@pytest.mark.parametrize("spec", MAKERS)
def test_pem_is_what_cryptography_writes(spec: str) -> None:
    forms, public = forms_of(spec)
    written = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert forms.pem.encode() == written


@pytest.mark.parametrize("spec", MAKERS)
def test_jwk_and_thumbprint_are_what_jwcrypto_reads(spec: str) -> None:
    forms, _ = forms_of(spec)
    key = JWK.from_json(forms.jwk())
    assert key.thumbprint() == forms.thumbprint()
    assert not key.has_private
    assert "kid" not in json.loads(forms.jwk())


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_ml_dsa_is_an_akp_key_with_the_raw_public_key(spec: str) -> None:
    forms, public = forms_of(spec)
    document = json.loads(forms.jwk())
    assert (document["kty"], document["alg"]) == ("AKP", spec.replace("_", "-"))
    import base64

    raw = base64.urlsafe_b64decode(document["pub"] + "==")
    assert raw == public.public_bytes_raw()


def test_ml_kem_has_no_jwk() -> None:
    public = mlkem.MLKEM768PrivateKey.generate().public_key()
    der = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forms = PublicForms(der, "ML_KEM_768")
    assert not forms.has_jwk
    with pytest.raises(ValueError, match="ML_KEM_768"):
        forms.jwk()
    assert forms.pem.startswith("-----BEGIN PUBLIC KEY-----\n")


def test_fingerprints_are_of_the_whole_structure() -> None:
    forms, _ = forms_of("ECC_NIST_P521")
    assert forms.sha256 == hashlib.sha256(forms.der).hexdigest()
    assert spaced(forms.sha256).replace(":", "").lower() == forms.sha256
    assert len(spaced(forms.sha256)) == 95
