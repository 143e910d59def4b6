"""Throw-away engines: as the seed says, and changed while they are used."""

import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.endpoints import PLACE, Site, make_site
from tests.fakes.engine import make_bench
from workbench.api.calls import Caller, Operation
from workbench.api.errors import AwsError
from workbench.api.models import aws_model
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.base.errors import EnvironmentFault, Refused
from workbench.engine import Engine
from workbench.kms.planting import Plant, Planter, name_grant
from workbench.serving.backend import EngineBackend
from workbench.serving.ephemeral import Ephemeral, EphemeralRequest, Throwaway, Turns
from workbench.serving.seed import read_seed
from workbench.serving.seed_nodes import SeedRefused

KEY = "11111111-2222-3333-4444-555555555555"
MRK = "mrk-0123456789abcdef0123456789abcdef"
MATERIAL = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
ROOT = Caller.owner(PLACE)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where throw-away vaults are made."""

    def folder() -> Path:
        made = tmp_path / "throw-away"
        made.mkdir()
        return made

    monkeypatch.setattr("workbench.assembly.throw_away_folder", folder)
    return tmp_path / "throw-away"


def begun(document: dict[str, Any], **options: Any) -> Ephemeral:
    seed = read_seed(yaml.safe_dump(document).encode())
    return Assembly().ephemeral(EphemeralRequest(seed, **options))


def test_its_certificate_is_renewed_and_all_is_deleted(memory: Path) -> None:
    clock = TravelClock()
    served = Assembly(clock=clock).ephemeral(EphemeralRequest(tls=True))
    try:
        address = served.url.removeprefix("https://")
        host, port = address.split(":")
        first = ssl.get_server_certificate((host, int(port)))
        clock.travel(timedelta(days=3))
        assert served.renew() == 0
        clock.travel(timedelta(days=2))
        assert served.renew() == 1
        second = ssl.get_server_certificate((host, int(port)))
        assert second != first
        root = x509.load_pem_x509_certificate(Path(served.ca_bundle).read_bytes())
        x509.load_pem_x509_certificate(second.encode()).verify_directly_issued_by(root)
        served.reset()
        # What certificates of the next vault will name, too.
        assert served._turns._turn.made.engine.publishing.host == address
    finally:
        served.close()
    assert served.renew() == 0
    assert not memory.exists()


def ask(served: Ephemeral, name: str, region: str = PLACE.region, **request: Any) -> Any:
    return served._turns.call("kms", name, region, request, ROOT)[0]


def test_keys_are_as_the_seed_says_in_every_region(memory: Path) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    document = {
        "keys": [
            {
                "id": MRK,
                "spec": "ECC_NIST_P256",
                "usage": "SIGN_VERIFY",
                "material": {"pem": pem.decode()},
                "replicas": ["eu-central-1"],
                "aliases": ["alias/code"],
                "enabled": False,
                "origin": "EXTERNAL",
            }
        ]
    }
    served = begun(document)
    try:
        for region, kind in ((PLACE.region, "PRIMARY"), ("eu-central-1", "REPLICA")):
            found = ask(served, "DescribeKey", region, KeyId="alias/code")["KeyMetadata"]
            assert found["KeyState"] == "Disabled"
            assert found["Origin"] == "EXTERNAL"
            assert found["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
            assert found["MultiRegionConfiguration"]["MultiRegionKeyType"] == kind
            ask(served, "EnableKey", region, KeyId=MRK)
        signed = ask(served, "Sign", KeyId=MRK, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")
        assert ask(
            served, "Verify", "eu-central-1", KeyId=MRK, Message=b"m",
            SigningAlgorithm="ECDSA_SHA_256", Signature=signed["Signature"],
        )["SignatureValid"]  # fmt: skip
    finally:
        served.close()
    assert not memory.exists()


def test_principals_are_taken_on_trust_unless_that_is_forbidden(memory: Path) -> None:
    nobody = f"arn:aws:iam::{PLACE.account}:role/nobody"
    grant = {"grantee": nobody, "operations": ["Decrypt"]}
    statement = {"Effect": "Allow", "Principal": {"AWS": nobody}, "Action": "*", "Resource": "*"}
    key = {"id": KEY, "grants": [grant], "policy": {"Statement": [statement]}}
    trust = {"Statement": [{k: v for k, v in statement.items() if k != "Resource"}]}
    document: dict[str, Any] = {"keys": [key], "roles": [{"name": "r", "trust": trust}]}
    begun(document).close()
    with pytest.raises(SeedRefused) as caught:
        begun(document, strict_principals=True)
    told = [problem.text.partition(":")[0] for problem in caught.value.problems]
    assert sorted(told) == ["CreateGrant", "PutKeyPolicy", "UpdateAssumeRolePolicy"]
    assert all(f"There is no {nobody}" in problem.text for problem in caught.value.problems)
    document["roles"].append({"name": "nobody", "trust": trust})
    begun(document, strict_principals=True).close()
    assert not memory.exists()


def test_managed_policies_and_groups_are_as_the_seed_says(memory: Path) -> None:
    allow = {"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": "*"}
    document: dict[str, Any] = {
        "keys": [{"id": KEY}],
        "policies": [
            {
                "name": "see",
                "path": "/team/",
                "description": "d",
                "tags": {"a": "b"},
                "policy": {"Version": "2012-10-17", "Statement": [allow]},
            }
        ],
        "groups": [
            {"name": "shop", "attached": ["see"]},
            {"name": "idle", "policies": {"own": {"Statement": [allow]}}},
        ],
        "users": [
            {"name": "anna", "groups": ["shop"]},
            {"name": "bob", "groups": ["idle"]},
            {"name": "carl", "attached": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
            {"name": "dora"},
        ],
        "roles": [
            {
                "name": "r",
                "attached": ["see"],
                "trust": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}]},
            }
        ],
    }
    served = begun(document)
    try:
        turns = served._turns
        (policy,) = turns.call("iam", "ListPolicies", "", {"Scope": "Local"}, ROOT)[0]["Policies"]
        assert policy["Arn"].endswith(":policy/team/see")
        assert policy["AttachmentCount"] == 2
        about = {"KeyId": KEY}
        for name, may in (("anna", True), ("bob", True), ("carl", True), ("dora", False)):
            caller = Caller(PLACE.iam(f"user/{name}"), PLACE.account, "IAMUser")
            if may:
                turns.call("kms", "DescribeKey", PLACE.region, about, caller)
                continue
            with pytest.raises(AwsError, match="AccessDenied"):
                turns.call("kms", "DescribeKey", PLACE.region, about, caller)
    finally:
        served.close()
    document["roles"][0]["attached"] = ["unknown"]
    document["users"][0]["groups"] = ["nowhere"]
    with pytest.raises(SeedRefused) as caught:
        begun(document)
    told = " ".join(problem.text for problem in caught.value.problems)
    assert "no policy of the file has the name unknown" in told
    assert "The group with name nowhere cannot be found" in told
    assert all(problem.spot.line > 1 for problem in caught.value.problems)


def test_what_the_services_refuse_is_told_by_place_and_nothing_stays(memory: Path) -> None:
    with pytest.raises(SeedRefused) as caught:
        begun({"keys": [{"id": KEY, "material": {"hex": "00"}}]})
    assert "1 bytes" in str(caught.value.problems[0])
    assert not memory.exists()
    with pytest.raises(SeedRefused) as caught:
        begun(
            {
                "keys": [{"id": KEY, "aliases": ["alias/aws/mine", "orders"]}],
                "users": [{"name": "a b"}, {"name": "c", "path": "no"}],
            }
        )
    told = [problem.text.partition(":")[0] for problem in caught.value.problems]
    assert told == ["CreateAlias", "CreateAlias", "CreateUser", "CreateUser"]
    assert [problem.spot.line for problem in caught.value.problems] == [3, 4, 7, 8]
    assert not memory.exists()


ALICE = "arn:aws:iam::111122223333:user/alice"
GRANT_ID = "0" * 62 + "a1"


def granted(**more: Any) -> dict[str, Any]:
    return {"grantee": ALICE, "operations": ["Decrypt"], **more}


def test_grants_are_made_with_their_ids_and_permit(memory: Path) -> None:
    terms = granted(id=GRANT_ID, constraints={"subset": {"tenant": "acme"}}, retiring=ALICE)
    document = {
        "keys": [
            {"id": KEY, "material": {"hex": MATERIAL}, "grants": [terms]},
            {
                "id": MRK,
                "replicas": ["eu-central-1"],
                "grants": [granted(region="eu-central-1"), granted(name="n")],
                "enabled": False,
            },
        ],
        "users": [{"name": "alice"}],
    }
    served = begun(document)
    alice = Caller(ALICE, PLACE.account, "IAMUser")

    def decrypt(blob: bytes, **context: str) -> Any:
        request = {"CiphertextBlob": blob, "EncryptionContext": context}
        return served._turns.call("kms", "Decrypt", PLACE.region, request, alice)[0]["Plaintext"]

    try:
        (found,) = ask(served, "ListGrants", KeyId=KEY)["Grants"]
        assert (found["GrantId"], found["RetiringPrincipal"]) == (GRANT_ID, ALICE)
        for context, permitted in (({"tenant": "acme"}, True), ({"tenant": "other"}, False)):
            encrypted = ask(served, "Encrypt", KeyId=KEY, Plaintext=b"x", EncryptionContext=context)
            if permitted:
                assert decrypt(encrypted["CiphertextBlob"], **context) == b"x"
                continue
            with pytest.raises(Exception, match="AccessDenied"):
                decrypt(encrypted["CiphertextBlob"], **context)
        for region, name in ((PLACE.region, "n"), ("eu-central-1", None)):
            (other,) = ask(served, "ListGrants", region, KeyId=MRK)["Grants"]
            assert other.get("Name") == name
        ask(served, "RevokeGrant", KeyId=KEY, GrantId=GRANT_ID)
        served.reset()
        (again,) = ask(served, "ListGrants", KeyId=KEY)["Grants"]
        assert again["GrantId"] == GRANT_ID
    finally:
        served.close()


def test_grants_that_the_service_refuses_are_told_by_place(memory: Path) -> None:
    with pytest.raises(SeedRefused) as caught:
        begun(
            {
                "keys": [
                    {"grants": [granted(operations=["Sign"])], "id": KEY},
                    {"grants": [granted()], "id": MRK, "origin": "EXTERNAL"},
                ]
            }
        )
    told = [str(problem) for problem in caught.value.problems]
    assert told[0].startswith("line 3, column 5: CreateGrant: ")
    assert "Sign is not valid" in told[0]
    assert told[1].startswith("line 8, column 5: CreateGrant: ")
    assert "pending import" in told[1]
    assert not memory.exists()


def test_a_grant_that_is_not_there_cannot_be_named(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault")
    try:
        with pytest.raises(Refused, match="no grant"):
            name_grant(cast("Any", bench.vault), PLACE.region, "0" * 64, "1" * 64)
    finally:
        bench.close()


def test_a_policy_that_shuts_root_out_is_the_last_thing_to_be_put_on_a_key(memory: Path) -> None:
    nobody = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    document = {
        "keys": [{"id": KEY, "policy": nobody, "aliases": ["alias/a"], "tags": {"a": "b"}}],
        "users": [{"name": "alice"}],
    }
    served = begun(document)
    try:
        with pytest.raises(Exception, match="AccessDeniedException"):
            ask(served, "DescribeKey", KeyId=KEY)
        alice = Caller("arn:aws:iam::111122223333:user/alice", PLACE.account, "IAMUser")
        request = {"KeyId": "alias/a"}
        found, _ = served._turns.call("kms", "DescribeKey", PLACE.region, request, alice)
        assert found["KeyMetadata"]["KeyId"] == KEY
    finally:
        served.close()


def test_one_vault_opens_what_another_with_the_same_seed_encrypted(memory: Path) -> None:
    document = {"keys": [{"id": KEY, "material": {"hex": MATERIAL}}, {"id": MRK}]}
    blobs: list[bytes] = []
    for _ in range(2):
        served = begun(document)
        try:
            for blob in blobs:
                opened = ask(served, "Decrypt", CiphertextBlob=blob)
                assert opened["Plaintext"] == b"kept"
            blobs.append(ask(served, "Encrypt", KeyId=KEY, Plaintext=b"kept")["CiphertextBlob"])
            other = ask(served, "Encrypt", KeyId=MRK, Plaintext=b"lost")["CiphertextBlob"]
            served.reset()
            with pytest.raises(Exception, match="AccessDeniedException"):
                ask(served, "Decrypt", CiphertextBlob=other)
        finally:
            served.close()


def test_the_root_key_stays_the_same_over_resets(memory: Path) -> None:
    served = begun({}, verify_signatures=True)
    try:
        for _ in range(2):
            found = served._turns.credential(served.access_key.id)
            assert found is not None
            assert found.secret == served.access_key.secret
            assert served._turns.credential("AKIANOBODY0000000000") is None
            served.reset()
    finally:
        served.close()


def test_keys_are_planted_in_empty_vaults_only_and_each_id_once(tmp_path: Path) -> None:
    wanted = Plant(KEY, PLACE.region, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    with make_site(tmp_path / "vault") as site:
        planter = Planter(site.vault, site.module, PLACE)
        planter.plant(wanted, site.clock.now())
        with pytest.raises(Refused, match="already"):
            planter.plant(wanted, site.clock.now())
        with pytest.raises(Refused, match="empty vault only"):
            Planter(site.vault, site.module, PLACE)
        keys = site.engine.client("kms").list_keys()["Keys"]
        assert [key["KeyId"] for key in keys] == [KEY]


# --- one engine after another


class Making:
    """Makes throw-away engines over the same vault; notes which were closed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.made = 0
        self.closed: list[int] = []
        self.broken = False

    def __call__(self) -> Throwaway:
        if self.broken:
            raise EnvironmentFault("The disk is full.")
        self.made += 1
        number = self.made
        return Throwaway(self.site.engine, self.site.vault, lambda: self.closed.append(number))

    def dress(self, engine: Engine) -> EngineBackend:
        return EngineBackend(engine, PLACE, self.site.clock, anybody=True)


@pytest.fixture
def making(tmp_path: Path) -> Iterator[Making]:
    with make_site(tmp_path / "vault") as site:
        yield Making(site)


def test_an_engine_is_closed_once_nobody_uses_it_any_more(making: Making) -> None:
    entered, leave, changed = threading.Event(), threading.Event(), threading.Event()

    def lingering(request: dict[str, Any], call: Any) -> dict[str, Any]:
        entered.set()
        leave.wait(30)
        return {"Keys": [], "Truncated": False}

    door = making.site.engine.door()
    door.register(aws_model("kms"), {"ListKeys": Operation(lingering)})
    turns = Turns(making, making.dress)
    call = threading.Thread(target=turns.call, args=("kms", "ListKeys", PLACE.region, {}, ROOT))

    def change() -> None:
        turns.change()
        changed.set()

    changing = threading.Thread(target=change)
    call.start()
    assert entered.wait(30)
    changing.start()
    while making.made < 2:
        assert changing.is_alive()
    assert making.closed == []
    assert not changed.is_set()
    leave.set()
    call.join()
    changing.join()
    assert making.closed == [1]
    turns.close()
    assert making.closed == [1, 2]


def test_an_engine_stays_when_no_other_can_be_made(making: Making) -> None:
    turns = Turns(making, making.dress)
    making.broken = True
    with pytest.raises(EnvironmentFault):
        turns.change()
    assert making.closed == []
    assert turns.credential("anybody") is not None
    turns.close()


def test_paths_of_its_own_take_their_own_methods(memory: Path) -> None:
    served = begun({})
    try:
        assert served._on_reset("GET", b"")[0] == 405
        assert served._on_health("POST", b"")[0] == 405
        status, health = served._on_health("GET", b"")
        assert (status, health["status"], health["verifySignatures"]) == (200, "ok", False)
        ask(served, "CreateKey")
        assert served._on_reset("POST", b"") == (200, {"status": "reset"})
        assert ask(served, "ListKeys")["Keys"] == []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(served._turns, "_make", _full)
            assert served._on_reset("POST", b"") == (503, {"message": "The disk is full."})
        assert ask(served, "ListKeys")["Keys"] == []
        assert len(list(memory.iterdir())) == 1
    finally:
        served.close()


def _full() -> Throwaway:
    raise EnvironmentFault("The disk is full.")
