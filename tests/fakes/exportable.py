"""Certificates whose keys can be exported, made as the window makes them."""

from typing import Any

from tests.fakes.pki_orders import make_authority
from workbench.pki.asking import TLS_SERVER, Order, request_of
from workbench.pki.clients import PAIRS
from workbench.pki.pairs import NewPair, make_pair

PASSWORD = "correct horse battery staple"


def make_wrapping(bench: Any, alias: str = "", **more: Any) -> str:
    """Make a symmetric key and return its ARN."""
    made = bench.kms.create_key(**more)["KeyMetadata"]
    if alias:
        bench.kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
    return str(made["Arn"])


def ask(bench: Any, authority: str, pair: NewPair, **more: Any) -> dict[str, Any]:
    """Return the request for a TLS server's certificate of a pair."""
    order = Order(
        authority,
        TLS_SERVER,
        30,
        name=more.pop("name", "www.example.org"),
        others=("www.example.org", "127.0.0.1"),
        wrapping=pair.members["KeyId"],
        pair_spec=pair.members["KeyPairSpec"],
    )
    return {**request_of(bench.kms, order, bench.client(PAIRS, ""), pair), "Lint": False, **more}


def issue_exportable(
    bench: Any, wrapping: str, spec: str = "ECC_NIST_P256", authority: str = ""
) -> dict[str, Any]:
    """Issue a certificate whose key can be exported; return IssueCertificate's answer."""
    pair = make_pair(bench.kms, wrapping, spec)
    arn = authority or make_authority_of(bench)
    answer: dict[str, Any] = bench.shelf.issue_certificate(**ask(bench, arn, pair))
    return answer


def make_authority_of(bench: Any) -> str:
    """Make a root CA in a bench and return its ARN."""

    class Clients:
        pca = bench.acm_pca

    return make_authority(Clients)  # type: ignore[arg-type]
