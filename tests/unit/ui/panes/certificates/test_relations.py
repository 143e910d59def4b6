"""What a certificate is joined with, and what two of them have in common."""

import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from cryptography import x509

from tests.fakes.certificates import NOW, Chain, make, new_key
from tests.fakes.hierarchies import Rich
from workbench.ui.panes.certificates.compare import compare, differences
from workbench.ui.panes.certificates.records import read_collection
from workbench.ui.panes.certificates.relations import jobs_with, same_ca, same_key


def job(number: int, chain: tuple[bytes, ...], **more: Any) -> Any:
    recipe = SimpleNamespace(**{"chain": chain, "others": (), "stamper": None, **more})
    created = NOW + timedelta(hours=number)
    return SimpleNamespace(id=f"job-{number}", title=f"Job {number}", created=created,
                           recipe=recipe)  # fmt: skip


def test_jobs_are_found_by_every_certificate_that_their_signatures_carry() -> None:
    der, other = b"der", b"other"
    second = SimpleNamespace(chain=(der,))
    jobs = [
        job(1, (der, other)),
        job(2, (other, der)),
        job(3, (other,)),
        job(4, (other,), others=(second,)),
        job(5, (), stamper=second),
    ]
    found = jobs_with(der, jobs)
    assert [(one.id, one.signs) for one in found] == [
        ("job-5", True), ("job-4", True), ("job-2", False), ("job-1", True),
    ]  # fmt: skip


def test_one_ca_and_one_key_are_told_apart() -> None:
    rich = Rich(NOW, leaves=2)
    collection = read_collection(rich.shelf, NOW)
    root = collection.records[rich.ids["root"]]
    assert {one.id for one in same_ca(root, collection)} == {
        rich.ids["root-old"], rich.ids["root-by-partner"],
    }  # fmt: skip
    assert same_key(root, collection) == []
    server = collection.records[rich.ids["srv-0"]]
    assert same_ca(server, collection) == []
    assert {one.name for one in same_key(server, collection)} == {
        "TLS Issuing CA 7", "srv001.example.org",
    }  # fmt: skip


def test_a_certificate_is_the_same_as_itself() -> None:
    chain = Chain("P-256")
    lines = compare(chain.leaf.der, chain.leaf.der, NOW)
    assert differences(lines) == 0
    assert all(line.same for line in lines)


def test_thousands_of_names_are_compared_at_once() -> None:
    """It took fifteen seconds, on the window's own thread."""
    key = new_key("P-256")
    left, right = (
        make("Many", key=key, extra=((x509.SubjectAlternativeName(
            [x509.DNSName(f"h{number}.{tag}") for number in range(10_000)]), False),))
        for tag in ("a", "b")
    )  # fmt: skip
    began = time.process_time()
    lines = compare(left.der, right.der, NOW)
    assert time.process_time() - began < 2
    assert len([line for line in lines if not line.same]) > 10_000


def test_what_only_one_has_stands_where_it_has_it() -> None:
    chain = Chain("P-256")
    comment = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")
    more = make("Signer", chain.sub, key=chain.leaf.key, ca=False, extra=((comment, False),))
    for one, other in ((chain.leaf, more), (more, chain.leaf)):
        groups = list(dict.fromkeys(line.group for line in compare(one.der, other.der, NOW)))
        placed = [groups.index(title) for title in ("Certificate", "Extension 1.2.3")]
        assert placed[0] < placed[1] < groups.index("Fingerprints") == len(groups) - 1


def test_what_differs_is_told_field_by_field() -> None:
    chain = Chain("P-256")
    renewed = make("Signer", chain.sub, key=chain.leaf.key, ca=False, end=NOW + timedelta(days=700))
    lines = compare(chain.leaf.der, renewed.der, NOW)
    different = {(line.group, line.name) for line in lines if not line.same}
    assert ("Validity", "Not after") in different
    assert ("Certificate", "Serial number") in different
    assert ("Fingerprints", "SHA-256") in different
    assert not {one for one in different if one[0] in {"Subject", "Issuer", "Public key"}}
    gone = [line for line in lines if line.group == "Extended key usage"]
    assert gone
    assert all(line.left and not line.right for line in gone), "only the first has a purpose"
    assert differences(lines) == sum(group != "Fingerprints" for group, _ in different)
