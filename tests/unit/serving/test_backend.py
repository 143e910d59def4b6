"""Access keys become callers, and what takes its time is known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.endpoints import PLACE, Site, make_site
from tests.fakes.vaults import PASSPHRASE
from workbench.api.calls import Caller
from workbench.api.errors import AwsError
from workbench.base.errors import Locked
from workbench.endpoint.refusals import Refusal
from workbench.iam.records import INACTIVE

ROOT = PLACE.iam("root")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "vault") as made:
        yield made


def a_user(site: Site) -> str:
    iam = site.engine.client("iam")
    iam.create_user(UserName="alice")
    return str(iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"])


def signing(site: Site, spec: str) -> dict[str, Any]:
    kms = site.engine.client("kms")
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    algorithm = "RSASSA_PSS_SHA_256" if spec.startswith("RSA") else "ECDSA_SHA_256"
    return {"KeyId": key, "Message": b"m", "SigningAlgorithm": algorithm}


def test_a_known_key_is_its_owner_s_and_its_secret_is_not_shown(site: Site) -> None:
    key = site.engine.iam.ensure_root_key(site.clock.now())
    found = site.backend().credential(key.id)
    assert found is not None
    assert (found.secret, found.caller.arn) == (key.secret, ROOT)
    assert key.secret not in repr(found)
    user = site.backend(anybody=True).credential(a_user(site))
    assert user is not None
    assert user.caller.arn == PLACE.iam("user/alice")


def test_an_unknown_key_is_root_s_only_where_anybody_may(site: Site) -> None:
    assert site.backend().credential("test") is None
    found = site.backend(anybody=True).credential("test")
    assert found is not None
    assert (found.caller.arn, found.caller.access_key_id) == (ROOT, "test")


@pytest.mark.parametrize("strange", ["", "a b", "a\nb", "ключ", "x" * 129])
def test_what_is_no_access_key_id_is_nobody_s(site: Site, strange: str) -> None:
    assert site.backend(anybody=True).credential(strange) is None


def test_an_inactive_key_does_not_become_root_s(site: Site) -> None:
    key_id = a_user(site)
    store = site.engine.iam.store
    key = store.access_key(key_id)
    assert key is not None
    store.save_key(replace(key, status=INACTIVE))
    assert site.backend(anybody=True).credential(key_id) is None


def test_an_expired_session_is_refused_even_where_nothing_is_verified(site: Site) -> None:
    session = site.engine.client("sts").get_session_token(DurationSeconds=900)["Credentials"]
    backend = site.backend(anybody=True)
    assert backend.credential(session["AccessKeyId"]) is not None
    site.clock.travel(timedelta(seconds=901))
    with pytest.raises(Refusal, match="ExpiredTokenException"):
        backend.credential(session["AccessKeyId"])


def test_uses_are_written_away_from_the_event_loop(site: Site) -> None:
    key = site.engine.iam.ensure_root_key(site.clock.now())
    backend, iam = site.backend(), site.engine.client("iam")
    caller = Caller(ROOT, PLACE.account, access_key_id=key.id)
    backend.call("kms", "ListKeys", "eu-west-1", {}, caller)
    assert not backend.slow("kms", "ListKeys", {})
    used = iam.get_access_key_last_used(AccessKeyId=key.id)["AccessKeyLastUsed"]
    assert used["ServiceName"] == "N/A"
    site.clock.travel(timedelta(minutes=1))
    assert backend.slow("kms", "ListKeys", {})
    backend.note_uses()
    assert not backend.slow("kms", "ListKeys", {})
    used = iam.get_access_key_last_used(AccessKeyId=key.id)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("kms", "eu-west-1")


def test_what_writes_or_makes_pairs_is_slow_and_the_rest_is_not(site: Site) -> None:
    backend = site.backend()
    for name in ("CreateKey", "TagResource", "GenerateDataKeyPair", "GetParametersForImport"):
        assert backend.slow("kms", name, {}), name
    for name in ("GenerateDataKey", "Encrypt", "DescribeKey", "NoSuchOperation"):
        assert not backend.slow("kms", name, {}), name
    assert backend.slow("sts", "AssumeRole", {})
    assert not backend.slow("sts", "GetCallerIdentity", {})


def test_large_rsa_keys_are_slow_once_it_is_known_which_are(site: Site) -> None:
    backend, root = site.backend(), Caller.owner(PLACE)
    small, large = signing(site, "RSA_2048"), signing(site, "RSA_3072")
    curve = signing(site, "ECC_NIST_P256")
    assert backend.slow("kms", "Sign", small)
    for request in (small, large, curve):
        backend.call("kms", "Sign", PLACE.region, request, root)
    assert not backend.slow("kms", "Sign", small)
    assert backend.slow("kms", "Sign", large)
    assert not backend.slow("kms", "Sign", curve)
    for size, slow in ((256, False), (384, True), (512, True)):
        request = {"CiphertextBlob": bytes(size), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        assert backend.slow("kms", "Decrypt", request) is slow
    assert not backend.slow("kms", "Decrypt", {"CiphertextBlob": bytes(6000)})


def test_an_alias_that_moves_to_a_larger_key_is_slow_again(site: Site) -> None:
    backend, root = site.backend(), Caller.owner(PLACE)
    small, large = signing(site, "RSA_2048"), signing(site, "RSA_3072")
    kms = site.engine.client("kms")
    kms.create_alias(AliasName="alias/code", TargetKeyId=small["KeyId"])
    request = {**small, "KeyId": "alias/code"}
    backend.call("kms", "Sign", PLACE.region, request, root)
    assert not backend.slow("kms", "Sign", request)
    kms.update_alias(AliasName="alias/code", TargetKeyId=large["KeyId"])
    backend.call("kms", "Sign", PLACE.region, request, root)
    assert backend.slow("kms", "Sign", request)


def test_made_up_regions_make_no_doors(site: Site) -> None:
    backend, root = site.backend(), Caller.owner(PLACE)
    before = len(site.engine._doors)
    for number in range(20):
        backend.call("sts", "GetCallerIdentity", f"xx-made-up-{number}", {}, root)
    assert len(site.engine._doors) == before + 1
    assert PLACE.region in backend.regions()
    assert "xx-made-up-1" not in backend.regions()


def test_a_locked_vault_answers_nobody_and_an_unlocked_one_again(site: Site) -> None:
    key = site.engine.iam.ensure_root_key(site.clock.now())
    backend = site.backend(anybody=True)
    site.vault.lock()
    for access_key in (key.id, "test"):
        with pytest.raises(Locked):
            backend.credential(access_key)
    site.vault.unlock_with_passphrase(PASSPHRASE)
    assert backend.credential(key.id) is not None


def test_what_the_engine_refuses_is_refused(site: Site) -> None:
    with pytest.raises(AwsError, match="NotFoundException"):
        site.backend().call(
            "kms", "DescribeKey", PLACE.region, {"KeyId": "alias/none"}, Caller.owner(PLACE)
        )


def test_policies_can_ask_for_the_user_agent_and_the_journal_has_it(site: Site) -> None:
    kms, iam = site.engine.client("kms"), site.engine.client("iam")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    known = {"StringLike": {"aws:UserAgent": "aws-cli/*"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": known}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    backend = site.backend()
    found = backend.credential(a_user(site))
    assert found is not None
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=policy)
    for service, operation, request in (
        ("kms", "DescribeKey", {"KeyId": key}),
        ("iam", "GetUser", {}),
    ):
        ask = partial(backend.call, service, operation, PLACE.region, request, found.caller)
        for _ in range(2):  # what was allowed to one client is not remembered for another
            ask("aws-cli/2.31 md/x")
            for other in ("Boto3/1.43", ""):
                with pytest.raises(AwsError, match="AccessDenied"):
                    ask(other)
    events = site.engine.journal.lookup(event_name="DescribeKey")
    assert {"aws-cli/2.31 md/x", "Boto3/1.43"} <= {one["userAgent"] for one in events}
