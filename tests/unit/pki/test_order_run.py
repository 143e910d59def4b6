"""Rows of a table looked at and issued, with progress, cancelling and failures."""

from collections.abc import Callable

import pytest
from cryptography import x509

from tests.fakes.certificates import new_key
from tests.fakes.pki import PkiBench
from tests.fakes.pki_orders import fetch, make_authority, make_request
from workbench.pki.order_run import Outcome, issue_rows, known_templates, preview_rows
from workbench.pki.order_table import Defaults, Row, read_table

GOOD = Defaults("EndEntityCertificate_SigningKey", 30, "ECC_NIST_P256")


def never() -> bool:
    return False


def quiet(_what: str, _share: float) -> None:
    return


def rows(bench: PkiBench, text: str, defaults: Defaults = GOOD) -> tuple[Row, ...]:
    table = read_table(text.encode(), known_templates(bench.shelf), defaults)
    assert table.problems == ()
    return table.rows


def issue(
    bench: PkiBench, root: str, wanted: tuple[Row, ...], cancelled: Callable[[], bool] = never
) -> list[Outcome]:
    return list(issue_rows(bench.kms, bench.shelf, root, wanted, quiet, cancelled))


@pytest.fixture
def root(fresh: PkiBench) -> str:
    return make_authority(fresh)


def test_rows_are_issued_with_keys_of_their_own(fresh: PkiBench, root: str) -> None:
    wanted = rows(
        fresh,
        "cn,dns,key_spec,alias\na.example,a.example,ML_DSA_65,web\nb.example,b.example,,\n",
    )
    first, second = issue(fresh, root, wanted)
    certificate = fetch(fresh, first.certificate_arn)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example"]
    described = fresh.kms.describe_key(KeyId="alias/web")["KeyMetadata"]
    assert (described["Arn"], described["KeySpec"]) == (first.key_arn, "ML_DSA_65")
    assert fresh.kms.get_public_key(KeyId=second.key_arn)["KeySpec"] == "ECC_NIST_P256"
    assert (first.problem, second.problem) == ("", "")


def test_keys_that_are_there_and_requests(fresh: PkiBench, root: str) -> None:
    key = fresh.kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    san = (x509.SubjectAlternativeName([x509.DNSName("c.example")]), False)
    request = make_request(new_key("P-256"), None, san).decode()
    wanted = rows(fresh, f'cn,dns,key_id,csr\na,a.example,{key["KeyId"]},\n,,,"{request}"\n')
    first, second = issue(fresh, root, wanted)
    assert (first.key_arn, second.key_arn) == (key["Arn"], "")
    common = fetch(fresh, second.certificate_arn).subject.rfc4514_string()
    assert "CN=Leaf" in common


def test_a_request_with_names_beside_it(fresh: PkiBench, root: str) -> None:
    request = make_request(new_key("P-256")).decode()
    wanted = rows(fresh, f'cn,dns,csr\nOther,o.example,"{request}"\n')
    (made,) = issue(fresh, root, wanted)
    certificate = fetch(fresh, made.certificate_arn)
    assert certificate.subject.rfc4514_string() == "CN=Other"
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["o.example"]


def test_the_preview_makes_nothing(fresh: PkiBench, root: str) -> None:
    wanted = rows(
        fresh,
        "cn,dns,days,key_spec\na,a.example,,\nb,,,\nc,c.example,9999,\nd,d.example,,HMAC_256\n",
    )
    before = len(fresh.kms.list_keys()["Keys"])
    found = list(preview_rows(fresh.kms, fresh.shelf, root, wanted, quiet, never))
    assert [one.verdict for one in found] == ["CLEAR", "OVERRIDABLE", "REFUSED", "REFUSED"]
    assert found[1].findings[0]["Rule"] == "RFC 9525 §6.3"
    assert "exceeds" in found[2].findings[0]["Sentence"]
    assert len(fresh.kms.list_keys()["Keys"]) == before


def test_a_row_that_fails_spares_the_others_and_leaves_no_key(fresh: PkiBench, root: str) -> None:
    wanted = rows(fresh, "cn,dns,alias\na,,one\nb,b.example,two\n")
    before = {one["KeyId"] for one in fresh.kms.list_keys()["Keys"]}
    failed, made = issue(fresh, root, wanted)
    assert failed.problem.startswith("CheckFailedException")
    assert (failed.certificate_arn, failed.key_arn, made.problem) == ("", "", "")
    after = {one["KeyId"] for one in fresh.kms.list_keys()["Keys"]} - before
    states = {fresh.kms.describe_key(KeyId=one)["KeyMetadata"]["KeyState"] for one in after}
    assert states == {"Enabled", "PendingDeletion"}
    aliases = {one["AliasName"] for one in fresh.kms.list_aliases()["Aliases"]}
    assert "alias/two" in aliases
    assert "alias/one" not in aliases


def test_a_taken_alias_leaves_no_key(fresh: PkiBench, root: str) -> None:
    first = rows(fresh, "cn,dns,alias\na,a.example,web\n")
    second = rows(fresh, "cn,dns,alias\nb,b.example,web\n")
    issue(fresh, root, first)
    (failed,) = issue(fresh, root, second)
    assert failed.problem.startswith("AlreadyExistsException")
    assert fresh.kms.describe_key(KeyId="alias/web")["KeyMetadata"]["KeyState"] == "Enabled"


def test_overridden_knowingly_row_by_row(fresh: PkiBench, root: str) -> None:
    wanted = rows(fresh, "cn\nb\nc\n")
    looked = list(preview_rows(fresh.kms, fresh.shelf, root, wanted, quiet, never))
    assert looked[0].overridable == ("RFC 9525 §6.3",)
    known = {looked[0].row.line: (*looked[0].overridable, "pkilint x")}
    made, left = issue_rows(fresh.kms, fresh.shelf, root, wanted, quiet, never, known, "A printer")
    assert made.problem == ""
    assert made.chain.count("BEGIN CERTIFICATE") == 1
    assert left.problem.startswith("CheckFailedException")


def test_the_preview_shows_what_would_be_issued(fresh: PkiBench, root: str) -> None:
    fresh.kms.create_alias(
        AliasName="alias/web",
        TargetKeyId=fresh.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")[
            "KeyMetadata"
        ]["KeyId"],
    )
    wanted = rows(fresh, "cn,dns,alias,days\na,a.example,,5\nb,b.example,web,\n")
    first, taken = preview_rows(fresh.kms, fresh.shelf, root, wanted, quiet, never)
    draft = x509.load_der_x509_certificate(first.draft)
    assert draft.subject.rfc4514_string() == "CN=a"
    assert (draft.not_valid_after_utc - draft.not_valid_before_utc).days == 5
    assert (taken.verdict, taken.draft) == ("REFUSED", b"")
    assert "alias/web already" in taken.findings[0]["Sentence"]


def test_cancelling_keeps_what_is_issued(fresh: PkiBench, root: str) -> None:
    wanted = rows(fresh, "cn,dns\n" + "".join(f"n{n},n{n}.example\n" for n in range(5)))
    told: list[tuple[str, float]] = []
    done: list[Outcome] = []
    for outcome in issue_rows(
        fresh.kms,
        fresh.shelf,
        root,
        wanted,
        lambda what, share: told.append((what, share)),
        lambda: len(done) == 2,
    ):
        done.append(outcome)  # noqa: PERF402 - what cancels looks at it meanwhile
    assert [one.problem for one in done] == ["", ""]
    assert told == [("Issuing n0", 0.0), ("Issuing n1", 0.2)]
