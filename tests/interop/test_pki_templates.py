"""Every template with every algorithm, seen by the OpenSSL command line and by pkilint."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa

from tests.fakes.certificates import new_key
from tests.fakes.pki import PkiBench, make_pki_bench
from tests.fakes.pki_orders import make_request
from workbench.pki.algorithms import ED25519
from workbench.pki.lint import available, lint_certificate
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES, Template, key_usage

ALGORITHMS = (
    ("RSA_2048", "SHA256WITHRSA"),
    ("RSA_2048", "SHA384WITHRSA_PSS"),
    ("RSA_3072", "SHA384WITHRSA"),
    ("RSA_4096", "SHA512WITHRSA"),
    ("EC_prime256v1", "SHA256WITHECDSA"),
    ("EC_secp384r1", "SHA384WITHECDSA"),
    ("EC_secp521r1", "SHA512WITHECDSA"),
    ("ML_DSA_44", "ML_DSA_44"),
    ("ML_DSA_65", "ML_DSA_65"),
    ("ML_DSA_87", "ML_DSA_87"),
    (ED25519, ED25519),
)
OWN: Final = ED25519
"""What AWS has no CAs of, so that they are asked for by the workbench's own operations."""

EVERY = (*TEMPLATES.values(), *OWN_TEMPLATES.values())

BIT = "pkix.key_usage_value_prohibited_for_"
"""What pkilint calls an enciphering bit on a key that only signs."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("templates") / "vault")
    yield made
    made.close()


@pytest.fixture(scope="module")
def rsa_key() -> Any:
    return rsa.generate_private_key(65537, 2048)


def create(bench: PkiBench, kind: str, algorithm: tuple[str, str], name: str) -> str:
    shelf, pca = bench.shelf, bench.pca
    own = algorithm[1] == OWN
    make = shelf.create_certificate_authority_with_key if own else pca.create_certificate_authority
    made = make(
        CertificateAuthorityType=kind,
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": algorithm[0],
            "SigningAlgorithm": algorithm[1],
            "Subject": {"Country": "DE", "Organization": "Lab", "CommonName": name},
        },
    )
    return str(made["CertificateAuthorityArn"])


def csr_of(bench: PkiBench, arn: str) -> bytes:
    answer = bench.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)
    return str(answer["Csr"]).encode()


def pem_of(bench: PkiBench, arn: str) -> bytes:
    authority = arn.partition("/certificate/")[0]
    answer = bench.pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn)
    return f"{answer['Certificate']}\n".encode()


_MAKERS: dict[str, Callable[[], Any]] = {
    "EC_prime256v1": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EC_secp384r1": lambda: ec.generate_private_key(ec.SECP384R1()),
    "EC_secp521r1": lambda: ec.generate_private_key(ec.SECP521R1()),
    ED25519: lambda: new_key("Ed25519"),
    "ML_DSA_44": mldsa.MLDSA44PrivateKey.generate,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey.generate,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey.generate,
}


def leaf_key(algorithm: str, rsa_key: Any) -> Any:
    if algorithm.startswith("RSA"):
        return rsa_key
    return _MAKERS[algorithm]()


def passed(template: Template) -> dict[str, Any]:
    """What a blank template must be given, so that the certificate is one for something."""
    if template.key_usage or not template.api:
        return {}
    usage = {"KeyCertSign": True, "CRLSign": True} if template.ca else {"DigitalSignature": True}
    return {"ApiPassthrough": {"Extensions": {"KeyUsage": usage}}}


def asked(template: Template) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    names = x509.SubjectAlternativeName([x509.DNSName("leaf.example")])
    usage = {"key_cert_sign", "crl_sign"} if template.ca else {"digital_signature"}
    return ((names, False), (key_usage(frozenset(usage)), True))


class Issued:
    """A root, and a certificate of every template below it."""

    def __init__(self, bench: PkiBench, algorithm: tuple[str, str], key: Any) -> None:
        self.root_arn = create(bench, "ROOT", algorithm, f"Root {' '.join(algorithm)}")
        self._bench = bench
        self._signing = algorithm[1]
        own = csr_of(bench, self.root_arn)
        self.roots = {
            one.name: self._issue(own, one, {"Type": "YEARS", "Value": 9})
            for one in EVERY
            if one.self_signed
        }
        bench.pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=self.root_arn, Certificate=self.roots["RootCACertificate"]
        )
        self.others = {
            one.name: self._issue(
                make_request(key, None, *asked(one)), one, {"Type": "DAYS", "Value": 30}
            )
            for one in EVERY
            if not one.self_signed
        }

    def _issue(self, csr: bytes, template: Template, validity: dict[str, Any]) -> bytes:
        asked = {
            "CertificateAuthorityArn": self.root_arn,
            "TemplateArn": template.arn(),
            "Validity": validity,
        }
        if self._signing != OWN:
            made = self._bench.pca.issue_certificate(
                **asked, Csr=csr, SigningAlgorithm=self._signing, **passed(template)
            )
            return pem_of(self._bench, made["CertificateArn"])
        one = {"Csr": csr, **passed(template)}
        (found,) = self._bench.shelf.issue_certificates(**asked, Requests=[one], Check=False)[
            "Results"
        ]
        return f"{found['Certificate']}\n".encode()


def der_of(pem: bytes) -> bytes:
    certificate = x509.load_pem_x509_certificate(pem)
    return certificate.public_bytes(serialization.Encoding.DER)


def verify(openssl: str, root: Path, *paths: Path) -> str:
    done = subprocess.run(
        [openssl, "verify", "-x509_strict", "-CAfile", root, *paths],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout + done.stderr


def written(folder: Path, pems: dict[str, bytes]) -> list[Path]:
    paths = [folder / f"{name}.pem" for name in pems]
    for path, pem in zip(paths, pems.values(), strict=True):
        path.write_bytes(pem)
    return paths


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids="-".join)
def test_openssl_and_pkilint_accept_every_template(
    openssl: str, bench: PkiBench, tmp_path: Path, algorithm: tuple[str, str], rsa_key: Any
) -> None:
    made = Issued(bench, algorithm, leaf_key(algorithm[0], rsa_key))
    assert len(made.roots) + len(made.others) == len(EVERY)
    for path in written(tmp_path, made.roots):
        assert verify(openssl, path, path) == f"{path}: OK\n"
    root = tmp_path / "RootCACertificate.pem"
    paths = written(tmp_path, made.others)
    said = verify(openssl, root, *paths)
    assert said == "".join(f"{path}: OK\n" for path in paths)
    # The same subject and key identifiers, and another key: the signature must not verify.
    foreign = Issued(bench, ("EC_prime256v1", "SHA256WITHECDSA"), new_key("P-256"))
    (strange,) = written(tmp_path, {"strange": foreign.others["CodeSigningCertificate"]})
    assert "OK" not in verify(openssl, root, strange)
    if available():
        seen = {name: codes(pem) for name, pem in {**made.roots, **made.others}.items()}
        assert {name: found for name, found in seen.items() if found} == expected(algorithm[0])


def codes(pem: bytes) -> list[str]:
    found = lint_certificate(der_of(pem))
    return [one.code for one in found if one.severity in {"WARNING", "ERROR", "FATAL"}]


def expected(algorithm: str) -> dict[str, list[str]]:
    """What AWS's templates break: keyEncipherment on keys that only sign."""
    if algorithm.startswith("RSA"):
        return {}
    kind = {"EC": "ec", "ED": "edwards_curve"}.get(algorithm[:2], "mldsa")
    return {one.name: [f"{BIT}{kind}"] for one in EVERY if "key_encipherment" in one.key_usage}


def test_an_ed25519_leaf_of_every_template(openssl: str, bench: PkiBench, tmp_path: Path) -> None:
    made = Issued(bench, ("ML_DSA_65", "ML_DSA_65"), new_key("Ed25519"))
    root = written(tmp_path, made.roots)[0]
    paths = written(tmp_path, made.others)
    assert verify(openssl, root, *paths) == "".join(f"{path}: OK\n" for path in paths)
