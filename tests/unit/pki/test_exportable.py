"""Keys that can be exported: by whom, under a wrapping key in which state, and what is left."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.fakes.callers import ACCOUNT, allow, client_of, make_people, policy, user
from tests.fakes.engine import make_bench
from tests.fakes.exportable import (
    PASSWORD,
    ask,
    issue_exportable,
    make_authority_of,
    make_wrapping,
)
from tests.fakes.pki_orders import make_request, refused
from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.crypto import pkcs12
from workbench.pki.incoming.items import Sort
from workbench.pki.incoming.reader import read_incoming
from workbench.pki.pairs import CONTEXT_KEY, make_pair
from workbench.pki.shelf import every_certificate
from workbench.vault.vault import Vault

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OWNER = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
MAY_READ = allow("acm-pca:*", "shelf:*", "kms:Decrypt")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = make_bench(tmp_path_factory.mktemp("exportable") / "vault")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Derive keys of files quickly; that it is slow is `interop`'s to see."""
    monkeypatch.setattr(pkcs12, "ROUNDS", 1000)


@pytest.fixture(scope="module")
def authority(bench: Bench) -> str:
    return make_authority_of(bench)


@pytest.fixture(scope="module")
def wrapping(bench: Bench) -> str:
    return make_wrapping(bench, "exportable")


@pytest.fixture(scope="module")
def leaf(bench: Bench, wrapping: str, authority: str) -> dict[str, Any]:
    return issue_exportable(bench, wrapping, authority=authority)


def entry(bench: Bench, name: str) -> dict[str, Any]:
    return next(one for one in every_certificate(bench.shelf) if one["Id"] == name)


def export(shelf: Any, name: str, form: str = "PKCS8", **more: Any) -> bytes:
    wanted = {"CertificateId": name, "Format": form, "Password": PASSWORD, **more}
    return bytes(shelf.export_certificate_key(**wanted)["Data"])


def spki(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(serialization.Encoding.DER, form))


def loaded(answer: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def private(bench: Bench, name: str) -> Any:
    pem = export(bench.shelf, name)
    return serialization.load_pem_private_key(pem, PASSWORD.encode())


def test_the_key_that_comes_out_is_the_certificate_s(
    bench: Bench, leaf: dict[str, Any], wrapping: str
) -> None:
    assert spki(private(bench, leaf["Id"])) == spki(loaded(leaf))
    told = entry(bench, leaf["Id"])["ExportableKey"]
    assert told["KeyId"] == wrapping
    assert told["KeyPairSpec"] == "ECC_NIST_P256"
    assert told["EncryptionContext"].keys() == {CONTEXT_KEY}
    assert not any(isinstance(value, bytes) for value in told.values())


@pytest.mark.parametrize(("extent", "above"), [("NONE", 0), ("WITHOUT_ROOT", 0), ("WITH_ROOT", 1)])
def test_pkcs12_has_the_chain_that_was_asked_for(
    bench: Bench, leaf: dict[str, Any], extent: str, above: int
) -> None:
    data = export(bench.shelf, leaf["Id"], "PKCS12", CertificateChain=extent, FriendlyName="web")
    opened = load_pkcs12(data, PASSWORD.encode())
    assert opened.key is not None
    assert opened.cert is not None
    assert opened.cert.friendly_name == b"web"
    assert spki(opened.key) == spki(opened.cert.certificate)
    assert [one.friendly_name for one in opened.additional_certs] == [b"Root"] * above


def test_what_goes_out_comes_in_again(bench: Bench, leaf: dict[str, Any]) -> None:
    data = export(bench.shelf, leaf["Id"], "PKCS12")
    (sealed,) = read_incoming(data, "web.p12").sealed
    items = sealed.open(PASSWORD)
    (key,) = (one for one in items if one.sort is Sort.KEY)
    assert key.good
    assert key.spki_hash == entry(bench, leaf["Id"])["PublicKeySha256"]
    alone = read_incoming(export(bench.shelf, leaf["Id"]), "key.pem").sealed[0].open(PASSWORD)
    assert [one.spki_hash for one in alone] == [key.spki_hash]


def test_only_keys_made_for_it_can_be_exported(bench: Bench, authority: str) -> None:
    made = bench.shelf.issue_certificate(
        CertificateAuthorityArn=authority,
        Csr=make_request(),
        Validity={"Type": "DAYS", "Value": 30},
        Lint=False,
        OverriddenRules=["RFC 9525 §6.3"],
    )
    assert "ExportableKey" not in entry(bench, made["Id"])
    with pytest.raises(ClientError, match="was not made for that"):
        export(bench.shelf, made["Id"])


@pytest.mark.parametrize(
    "weak", ["short", "aaaaaaaaaaaaaaaa", "passwordpassword", "123456789012", "abcdefghijkl"]
)
def test_weak_passwords_are_refused_and_not_repeated(
    bench: Bench, leaf: dict[str, Any], weak: str
) -> None:
    with pytest.raises(ClientError) as caught:
        export(bench.shelf, leaf["Id"], Password=weak)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    assert weak not in str(caught.value)


def test_too_long_a_password_is_not_repeated(bench: Bench, leaf: dict[str, Any]) -> None:
    with pytest.raises((ClientError, ParamValidationError)) as caught:
        export(bench.shelf, leaf["Id"], Password="secret" * 300)
    assert "secretsecret" not in str(caught.value)


def test_whoever_may_not_decrypt_may_not_export_and_is_told_why(
    bench: Bench, leaf: dict[str, Any]
) -> None:
    anna = user("anna", allow("acm-pca:*", "shelf:*"))
    with pytest.raises(ClientError) as caught:
        export(client_of(bench, anna, name="shelf"), leaf["Id"])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "kms:Decrypt" in str(caught.value)
    assert "no policy of user anna allows it" in caught.value.next_step
    bert = user("bert", allow("kms:*"))
    with pytest.raises(ClientError, match="acm-pca:GetCertificate"):
        export(client_of(bench, bert, name="shelf"), leaf["Id"])
    carl = user("carl", MAY_READ)
    assert b"ENCRYPTED PRIVATE KEY" in export(client_of(bench, carl, name="shelf"), leaf["Id"])


def test_the_encryption_context_decides(bench: Bench, authority: str) -> None:
    wrapping = make_wrapping(bench, "narrow")
    one, other = (issue_exportable(bench, wrapping, authority=authority)["Id"] for _ in range(2))
    context = entry(bench, one)["ExportableKey"]["EncryptionContext"]
    statement = {
        "Sid": "OneKeyOnly",
        "Effect": "Deny",
        "Principal": {"AWS": ROOT},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {f"kms:EncryptionContext:{CONTEXT_KEY}": context[CONTEXT_KEY]}
        },
    }
    bench.kms.put_key_policy(KeyId=wrapping.rpartition("/")[2], PolicyName="default",
                             Policy=policy(OWNER, statement))  # fmt: skip
    assert export(bench.shelf, one)
    with pytest.raises(ClientError) as caught:
        export(bench.shelf, other)
    assert "explicit deny" in str(caught.value)
    assert "OneKeyOnly" in caught.value.next_step


def test_a_grant_of_decrypt_lets_export(bench: Bench, wrapping: str, leaf: dict[str, Any]) -> None:
    dora = user("dora", allow("acm-pca:*", "shelf:*"))
    make_people(bench, dora)
    shelf = client_of(bench, dora, name="shelf")
    assert refused(lambda: export(shelf, leaf["Id"])) == "AccessDeniedException"
    bench.kms.create_grant(KeyId=wrapping, GranteePrincipal=dora.arn, Operations=["Decrypt"])
    assert export(shelf, leaf["Id"])


def test_the_wrapping_key_s_state_counts(tmp_path: Path) -> None:
    clock = TravelClock()
    bench = make_bench(tmp_path / "vault", clock)
    wrapping = make_wrapping(bench)
    leaf = issue_exportable(bench, wrapping)
    bench.kms.disable_key(KeyId=wrapping)
    assert refused(lambda: export(bench.shelf, leaf["Id"])) == "DisabledException"
    bench.kms.enable_key(KeyId=wrapping)
    assert export(bench.shelf, leaf["Id"])
    bench.kms.schedule_key_deletion(KeyId=wrapping, PendingWindowInDays=7)
    assert refused(lambda: export(bench.shelf, leaf["Id"])) == "KMSInvalidStateException"
    bench.kms.cancel_key_deletion(KeyId=wrapping)
    bench.kms.enable_key(KeyId=wrapping)
    assert export(bench.shelf, leaf["Id"])
    bench.kms.schedule_key_deletion(KeyId=wrapping, PendingWindowInDays=7)
    clock.travel(timedelta(days=8))
    bench.run_due()
    gone = refused(lambda: export(bench.shelf, leaf["Id"]))
    assert gone in {"NotFoundException", "AccessDeniedException"}
    bench.close()


def test_a_rotated_wrapping_key_still_exports(bench: Bench, authority: str) -> None:
    wrapping = make_wrapping(bench)
    leaf = issue_exportable(bench, wrapping, authority=authority)
    bench.kms.rotate_key_on_demand(KeyId=wrapping)
    bench.run_due()
    assert spki(private(bench, leaf["Id"])) == spki(loaded(leaf))


def test_the_pair_must_be_the_request_s(bench: Bench, authority: str, wrapping: str) -> None:
    mine, other = (make_pair(bench.kms, wrapping, "ECC_NIST_P256") for _ in range(2))
    request = ask(bench, authority, mine)
    alias_arn = f"{wrapping.partition(':key/')[0]}:alias/exportable"
    for given, code in (
        (other.members, "InvalidRequestException"),
        ({**mine.members, "EncryptionContext": {CONTEXT_KEY: "x"}}, "InvalidCiphertextException"),
        ({**mine.members, "KeyPairSpec": "ECC_NIST_P384"}, "InvalidKeyUsageException"),
        ({**mine.members, "KeyId": "alias/exportable"}, "InvalidArnException"),
        ({**mine.members, "KeyId": alias_arn}, "InvalidArnException"),
    ):
        asked = {**request, "ExportableKey": given}
        assert refused(lambda asked=asked: bench.shelf.issue_certificate(**asked)) == code  # type: ignore[misc]


def test_renewed_with_the_same_key_it_can_still_be_exported(
    bench: Bench, leaf: dict[str, Any]
) -> None:
    after = bench.shelf.renew_certificate(CertificateId=leaf["Id"], Lint=False)
    assert after["Id"] != leaf["Id"]
    assert spki(private(bench, after["Id"])) == spki(loaded(leaf))


def test_rekeyed_it_has_another_key_that_can_be_exported(
    bench: Bench, leaf: dict[str, Any], wrapping: str
) -> None:
    after = bench.shelf.rekey_certificate(CertificateId=leaf["Id"], Lint=False)
    assert after["ExportableKey"]["KeyId"] == wrapping
    assert "KeyArn" not in after
    key = private(bench, after["Id"])
    assert spki(key) == spki(loaded(after)) != spki(loaded(leaf))
    other = bench.shelf.rekey_certificate(CertificateId=leaf["Id"], KeySpec="RSA_2048", Lint=False)
    assert isinstance(private(bench, other["Id"]), rsa.RSAPrivateKey)


def test_rekeyed_for_post_quantum_it_stays_in_the_module_and_that_is_said(
    bench: Bench, leaf: dict[str, Any]
) -> None:
    after = bench.shelf.rekey_certificate(CertificateId=leaf["Id"], KeySpec="ML_DSA_65", Lint=False)
    assert any("the new one cannot" in one["Sentence"] for one in after["Findings"])
    assert bench.kms.describe_key(KeyId=after["KeyArn"])["KeyMetadata"]["KeySpec"] == "ML_DSA_65"
    with pytest.raises(ClientError, match="was not made for that"):
        export(bench.shelf, after["Id"])


def test_imported_again_under_another_issuer_the_key_is_found(
    bench: Bench, wrapping: str, authority: str
) -> None:
    leaf = issue_exportable(bench, wrapping, authority=authority)
    ours = loaded(leaf)
    theirs = (
        x509.CertificateBuilder()
        .subject_name(ours.subject)
        .issuer_name(x509.Name([]))
        .public_key(ours.public_key())
        .serial_number(99)
        .not_valid_before(ours.not_valid_before_utc)
        .not_valid_after(ours.not_valid_after_utc)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    der = theirs.public_bytes(serialization.Encoding.DER)
    (added,) = bench.shelf.import_certificates(Data=der)["Results"]
    assert spki(private(bench, added["Id"])) == spki(ours)
    bench.shelf.delete_certificate(Id=added["Id"])
    assert spki(private(bench, leaf["Id"])) == spki(ours)


def test_the_key_goes_with_its_last_certificate(tmp_path: Path) -> None:
    clock = TravelClock()
    bench = make_bench(tmp_path / "vault", clock)
    authority, wrapping = make_authority_of(bench), make_wrapping(bench)
    leaf = issue_exportable(bench, wrapping, authority=authority)
    assert refused(lambda: bench.shelf.delete_certificate(Id=leaf["Id"])) == "InvalidStateException"
    pca = bench.acm_pca
    pca.update_certificate_authority(CertificateAuthorityArn=authority, Status="DISABLED")
    pca.delete_certificate_authority(
        CertificateAuthorityArn=authority, PermanentDeletionTimeInDays=7
    )
    clock.travel(timedelta(days=8))
    assert export(bench.shelf, leaf["Id"])
    bench.shelf.delete_certificate(Id=leaf["Id"])
    der = loaded(leaf).public_bytes(serialization.Encoding.DER)
    (added,) = bench.shelf.import_certificates(Data=der)["Results"]
    assert added["Outcome"] == "ADDED"
    with pytest.raises(ClientError, match="was not made for that"):
        export(bench.shelf, added["Id"])
    bench.close()


def test_what_hangs_on_a_kms_key_is_listed(
    bench: Bench, leaf: dict[str, Any], wrapping: str
) -> None:
    found = list(every_certificate(bench.shelf, ExportableUnder=wrapping))
    assert leaf["Id"] in {one["Id"] for one in found}
    assert all(one["ExportableKey"]["KeyId"] == wrapping for one in found)
    nothing = make_wrapping(bench)
    assert not list(every_certificate(bench.shelf, ExportableUnder=nothing))
    both = {"ExportableUnder": wrapping, "PublicKeySha256": "0" * 64}
    assert refused(lambda: bench.shelf.list_certificates(**both)) == "InvalidRequestException"


def test_the_journal_has_the_export_and_no_password(
    bench: Bench, leaf: dict[str, Any], wrapping: str
) -> None:
    export(bench.shelf, leaf["Id"], "PKCS12")
    events = bench.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": wrapping}]
    )["Events"]
    newest = {one["EventName"]: json.loads(one["CloudTrailEvent"]) for one in reversed(events)}
    outer, inner = newest["ExportCertificateKey"], newest["ExportDataKeyPair"]
    assert outer["requestParameters"] == {"certificateId": leaf["Id"], "format": "PKCS12"}
    assert inner["requestParameters"]["encryptionContext"].keys() == {CONTEXT_KEY}
    assert inner["userIdentity"]["invokedBy"] == "acm-pca.amazonaws.com"
    assert not outer["readOnly"]
    assert not inner["readOnly"]
    assert PASSWORD not in json.dumps(newest)
    used = bench.kms.get_key_last_usage(KeyId=wrapping)["KeyLastUsage"]
    assert used["Operation"] == "Decrypt"


def test_no_plaintext_key_is_left_anywhere(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault")
    leaf = issue_exportable(bench, make_wrapping(bench))
    key = private(bench, leaf["Id"])
    number = key.private_numbers().private_value.to_bytes(32)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    bench.vault.backup(tmp_path / "backup")
    rows = repr(list(bench.vault.read("SELECT * FROM certificates")))  # type: ignore[attr-defined]
    rows += repr(list(bench.vault.read("SELECT * FROM journal")))  # type: ignore[attr-defined]
    stored = rows.encode()
    bench.close()
    stored += b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    for secret in (number, der, PASSWORD.encode()):
        for form in (secret, secret.hex().encode(), repr(secret)[2:-1].encode()):
            assert form not in stored


def test_a_backup_brings_the_key_back(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault")
    leaf = issue_exportable(bench, make_wrapping(bench))
    bench.vault.backup(tmp_path / "backup")
    bench.close()
    Vault.restore(tmp_path / "backup", tmp_path / "restored")
    restored = Assembly(clock=TravelClock(), secrets=MemoryStore()).open(tmp_path / "restored")
    restored.vault.unlock_with_passphrase("correct horse battery staple")
    assert spki(private(restored, leaf["Id"])) == spki(loaded(leaf))
    restored.close()
