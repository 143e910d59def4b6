"""Clients of a site: made without a request, ended by their owner, never asking at a terminal."""

from pathlib import Path

import pytest

from workbench.aws.clients import Cloud, profile_names, region_of
from workbench.base.errors import Cancelled, EnvironmentFault, Refused
from workbench.base.sites import Site

CONFIG = """
[profile prod]
region = eu-west-1
aws_access_key_id = AKIAEXAMPLE000000001
aws_secret_access_key = secret-for-tests-only-0123456789abcdef

[profile guarded]
region = eu-west-1
role_arn = arn:aws:iam::444455556666:role/Signer
source_profile = prod
mfa_serial = arn:aws:iam::444455556666:mfa/anna

[profile elsewhere]
region = eu-west-1
endpoint_url = http://kms.example.com
aws_access_key_id = AKIAEXAMPLE000000001
aws_secret_access_key = secret-for-tests-only-0123456789abcdef

[profile nowhere]
aws_access_key_id = AKIAEXAMPLE000000001
aws_secret_access_key = secret-for-tests-only-0123456789abcdef
"""
CLOSED = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def test_profiles_are_named_and_nothing_else_is_told() -> None:
    assert profile_names() == ("elsewhere", "guarded", "nowhere", "prod")
    assert region_of("prod") == "eu-west-1"
    assert region_of("nowhere") == ""
    cloud = Cloud(Site("eu-west-1", aws=True, profile="prod", endpoint=CLOSED))
    cloud.client("kms")
    assert repr(cloud) == "<Cloud 127.0.0.1:9 · prod · eu-west-1>"


def test_every_operation_of_every_service_is_translated_also_by_paginators() -> None:
    cloud = Cloud(Site("eu-west-1", aws=True, profile="prod", endpoint=CLOSED))
    for service, operation in (
        ("kms", "list_keys"), ("sts", "get_caller_identity"), ("iam", "list_users"),
        ("acm-pca", "list_certificate_authorities"), ("cloudtrail", "lookup_events"),
    ):  # fmt: skip
        client = cloud.client(service)
        assert cloud.client(service) is client
        with pytest.raises(EnvironmentFault, match=r"“127\.0\.0\.1:9” cannot be reached"):
            getattr(client, operation)()
        if client.can_paginate(operation):
            with pytest.raises(EnvironmentFault, match="cannot be reached"):
                list(client.get_paginator(operation).paginate())


def test_leaving_refuses_reading_and_closing_everything() -> None:
    cloud = Cloud(Site("eu-west-1", aws=True, profile="prod", endpoint=CLOSED))
    kms = cloud.client("kms")
    cloud.stop()
    with pytest.raises(EnvironmentFault):
        kms.list_keys()
    cloud.leave()
    with pytest.raises(Cancelled, match="was stopped"):
        kms.list_keys()
    with pytest.raises(EnvironmentFault, match="cannot be reached"):
        kms.create_key()
    cloud.close()
    with pytest.raises(Cancelled):
        kms.create_key()


def test_a_code_is_not_asked_for_at_the_terminal() -> None:
    cloud = Cloud(Site("eu-west-1", aws=True, profile="guarded", endpoint=CLOSED))
    with pytest.raises(EnvironmentFault, match="MFA device, which cannot be given here"):
        cloud.client("kms").list_keys()


@pytest.mark.parametrize(
    ("profile", "kind", "why"),
    [
        ("elsewhere", Refused, "need https"),
        ("nowhere", Refused, "No Region is chosen"),
        ("absent", EnvironmentFault, "no profile “absent”"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_sent(
    profile: str, kind: type[Exception], why: str
) -> None:
    with pytest.raises(kind, match=why):
        Cloud(Site("", aws=True, profile=profile)).client("kms")
