"""Reports: complete, escaped, self-contained, and without anything secret."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.fakes.certificates import NOW
from tests.fakes.formats import Hierarchy, key_of, sign, trusting, verify
from tests.fakes.kms_client import FakeKms
from workbench.crypto.table import Family
from workbench.signing.formats.base import BytesContent, signing_with
from workbench.signing.formats.cades import Cades
from workbench.signing.formats.sshsig import Sshsig
from workbench.signing.report import Circumstances, to_html, to_json
from workbench.signing.verdict import Check, Need, Verdict

DATA = b"to be signed"
EVIL = "<script>alert(1)</script>\u202e\"'&"


class Reader(HTMLParser):
    """Collects elements and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


def about(lab: Hierarchy, file: str = "release.tar") -> Circumstances:
    path = Path(file)
    return Circumstances(path, path.with_name(f"{path.name}.p7s"), NOW, lab.trust)


def dual(lab: Hierarchy) -> Verdict:
    kinds = ("P-256", "ML-DSA-65")
    kms = FakeKms(**{kind: key_of(kind) for kind in kinds})
    signings = [signing_with(kms, kind, NOW, lab.chain(kind)) for kind in kinds]
    form = Cades(timestamper=lab.authority().respond)
    made = form.sign_all(kms, signings, BytesContent(DATA))
    return verify(form, made, DATA, replace(lab.trust, required=(Family.ML_DSA,)))


def test_a_report_holds_every_check_and_every_chain(lab: Hierarchy) -> None:
    verdict = dual(lab)
    assert verdict.valid, verdict.headline
    page = to_html(verdict, about(lab))
    document = json.loads(to_json(verdict, about(lab)))
    reader = Reader()
    reader.feed(page)
    for check in verdict.checks:
        assert check.sentence in reader.words
        assert check.rule in reader.words
    titles = [part["title"] for part in document["parts"]]
    assert titles == ["Signer 1", "Signer 2"]
    assert [part["parts"][0]["title"] for part in document["parts"]] == ["Timestamp"] * 2
    assert document["valid"] is True
    assert document["trust"]["roots"][0]["subject"] == "CN=Root, O=Lab"
    assert all(check["rule"] for check in document["checks"]), "every check names its rule"
    assert {"File", "Signature"} <= {
        check["name"].rpartition(": ")[2] for check in document["checks"] if check["evidence"]
    }
    for part in verdict.parts:
        assert len(part.links) == 3
        assert reader.words.count(part.links[0].subject) > 1


def test_a_report_loads_and_runs_nothing(lab: Hierarchy) -> None:
    reader = Reader()
    page = to_html(dual(lab), about(lab))
    reader.feed(page)
    assert {tag for tag, _ in reader.elements} <= {
        "html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "h3", "p", "table",
        "tr", "th", "td", "span", "em", "br", "code", "ol", "li", "strong", "section", "ul",
    }  # fmt: skip
    assert not any({"src", "href", "onload", "onclick"} & attributes.keys()
                   for _, attributes in reader.elements)  # fmt: skip
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)


def test_what_comes_from_outside_is_escaped(lab: Hierarchy) -> None:
    check = Check(EVIL, "failed", EVIL, EVIL, EVIL, EVIL)
    verdict = Verdict(
        valid=False, headline=EVIL, checks=(check,), signer=EVIL, algorithm=EVIL, digest=EVIL,
        file_hash=EVIL, needs=(Need("file", EVIL),), form=EVIL,
    )  # fmt: skip
    hostile = about(lab, "a\udcff<b>\n.tar")
    page = to_html(verdict, hostile)
    reader = Reader()
    reader.feed(page)
    assert not {"script", "b"} & {tag for tag, _ in reader.elements}
    assert "\u202e" not in page
    assert page.encode("utf-8")
    document = json.loads(to_json(verdict, hostile))
    assert document["headline"] == EVIL
    assert "udcff" in document["file"]


def test_keys_are_named_and_a_failure_comes_first(lab: Hierarchy) -> None:
    signature = sign(Sshsig(), "Ed25519", DATA)
    trust = trusting("Ed25519", "P-256")
    verdict = verify(Sshsig(), signature, b"other", trust)
    told = Circumstances(None, Path("x.sig"), NOW, trust)
    page = to_html(verdict, told)
    assert "Not valid" in page
    assert "First failing check: <strong>Signature</strong>" in page
    assert "Ann&#x27;s Ed25519" in page
    document = json.loads(to_json(verdict, told))
    assert document["file"] is None
    assert [key["name"] for key in document["trust"]["keys"]] == ["Ann's Ed25519", "Ann's P-256"]
