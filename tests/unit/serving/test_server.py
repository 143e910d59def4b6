"""The switch of a vault's endpoint, and the certificate it shows."""

import os
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.fakes.endpoints import PLACE, Site, make_site
from tests.fakes.vaults import PASSPHRASE
from workbench.base.errors import EnvironmentFault, Locked, Refused
from workbench.serving.server import Serving
from workbench.serving.tls import ALIAS, CA_FILE, EndpointAuthority


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "vault") as made:
        yield made


@pytest.fixture
def serving(site: Site) -> Iterator[Serving]:
    made = Serving(site.engine, site.vault, PLACE, site.clock)
    yield made
    made.stop()


def authority(site: Site) -> EndpointAuthority:
    return EndpointAuthority(site.engine, site.vault, PLACE, site.clock)


def test_it_is_off_until_it_is_switched_on(serving: Serving) -> None:
    assert (serving.running, serving.url, serving.ca_bundle) == (False, "", "")
    assert serving.status == "The endpoint is off."
    url = serving.start()
    assert (serving.running, serving.url) == (True, url)
    assert f"{url} (plain HTTP)" in serving.status
    with pytest.raises(Refused, match="runs already"):
        serving.start()
    assert serving.url == url
    assert serving.requests == 0
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{url}/nothing", timeout=10)
    assert serving.requests == 1
    serving.stop()
    serving.stop()
    assert serving.requests == 0
    assert not serving.running
    assert serving.start(tls=True).startswith("https://127.0.0.1:")


def test_a_taken_port_is_told(serving: Serving, site: Site) -> None:
    port = int(serving.start().rpartition(":")[2])
    other = Serving(site.engine, site.vault, PLACE, site.clock)
    with pytest.raises(EnvironmentFault, match=f"cannot listen on port {port}"):
        other.start(port)
    assert not other.running


def test_the_environment_is_root_s_and_the_same_each_time(serving: Serving, site: Site) -> None:
    url = serving.start()
    values = serving.variables()
    key = site.engine.iam.ensure_root_key(site.clock.now())
    assert values == {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": key.id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_DEFAULT_REGION": PLACE.region,
    }
    assert serving.variables("eu-west-1")["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert key.secret not in repr(serving.access_key())


def test_a_locked_vault_is_not_served(serving: Serving, site: Site) -> None:
    serving.start()
    site.vault.lock()
    assert "answers 503" in serving.status
    with pytest.raises(Locked):
        serving.variables()
    serving.stop()
    with pytest.raises(Locked):
        serving.start()
    assert not serving.running
    site.vault.unlock_with_passphrase(PASSPHRASE)
    serving.start()


def test_the_certificate_is_for_this_machine_for_a_week(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    before = set(tmp_path.rglob("*"))
    identity = authority(site).identity(file)
    assert stat.S_IMODE(file.stat().st_mode) & 0o133 == 0 or os.name == "nt"
    server, root = (x509.load_pem_x509_certificate(d) for d in (identity.chain, file.read_bytes()))
    server.verify_directly_issued_by(root)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert server.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=7, minutes=1)
    bounds = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert bounds.critical
    assert x509.DNSName("localhost") in (bounds.value.permitted_subtrees or ())
    assert len(bounds.value.permitted_subtrees or ()) == 3
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (basic.ca, basic.path_length) == (True, 0)
    # The server's key is in memory alone.
    body = identity.private_key.splitlines()[1]
    assert body not in file.read_bytes()
    assert {path.name for path in set(tmp_path.rglob("*")) - before} <= {"ca.pem", "vault.db-wal"}
    assert "PRIVATE KEY" not in repr(identity)


def test_the_ca_is_made_once_named_and_made_anew_when_it_is_of_no_use(
    site: Site, tmp_path: Path
) -> None:
    file = tmp_path / CA_FILE
    kms, pca = site.engine.client("kms"), site.engine.client("acm-pca")
    first = authority(site).identity(file)
    root, key = file.read_bytes(), kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert key["KeySpec"] == "ECC_NIST_P256"
    second = authority(site).identity(file)
    assert file.read_bytes() == root
    assert second.private_key != first.private_key
    (arn,) = [one["Arn"] for one in pca.list_certificate_authorities()["CertificateAuthorities"]]
    pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    authority(site).identity(file)
    assert file.read_bytes() != root
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"] != key["KeyId"]
