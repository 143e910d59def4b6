"""What the demo vault shows: keys of every kind, a year of rotations, people, grants, a hierarchy.

Owns the story the demo tells, told through the same clients as everything else; the clock is moved
so that history has dates. Must not know how the services are built.
"""

import json
import secrets
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

import workbench
from workbench.base.clock import TravelClock
from workbench.base.files import fault
from workbench.bench import Bench, Progress
from workbench.pki.quickstart import Hierarchy, HierarchyRequest

HISTORY = timedelta(days=420)
SIGNING_ALIAS = "alias/release-signing"
ENCRYPTED_SAMPLES = 2
REPLICA_REGION = "eu-central-1"
IMPORTED_ALIAS = "alias/partner-exchange"
IMPORTED_LIFE = timedelta(days=180)
MULTI_REGION_ALIAS = "alias/checkout-global"
READER, BUILDER, SERVICE = "anna", "build-server", "order-service"


@dataclass(frozen=True, slots=True)
class _Sample:
    """One key of the demo."""

    alias: str
    spec: str
    usage: str
    description: str
    tags: tuple[tuple[str, str], ...] = ()


_SAMPLES = (
    _Sample("payments-vault", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Card data, dual control",
            (("team", "payments"), ("data", "confidential"))),
    _Sample("firmware-2026", "ML_DSA_87", "SIGN_VERIFY", "Boot firmware of the gateway",
            (("team", "firmware"),)),
    _Sample("packages", "ML_DSA_44", "SIGN_VERIFY", "Package repository metadata"),
    _Sample("legacy-release", "RSA_3072", "SIGN_VERIFY", "Releases for verifiers before 2027",
            (("retire", "2027"),)),
    _Sample("legacy-wrapping", "RSA_2048", "ENCRYPT_DECRYPT", "Key wrapping for the old HSM"),
    _Sample("long-archive", "RSA_4096", "SIGN_VERIFY", "Archive time stamps"),
    _Sample("api-tokens", "ECC_NIST_P256", "SIGN_VERIFY", "JWT for the public API"),
    _Sample("partner-agreement", "ECC_NIST_P384", "KEY_AGREEMENT", "ECDH with the clearing house"),
    _Sample("statements", "ECC_NIST_P521", "SIGN_VERIFY", "Account statements"),
    _Sample("ledger", "ECC_SECG_P256K1", "SIGN_VERIFY", "Settlement on the ledger"),
    _Sample("deploy", "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "Deployment manifests"),
    _Sample("cookie-224", "HMAC_224", "GENERATE_VERIFY_MAC", "Session cookies, old"),
    _Sample("webhooks", "HMAC_256", "GENERATE_VERIFY_MAC", "Webhook signatures"),
    _Sample("audit-384", "HMAC_384", "GENERATE_VERIFY_MAC", "Audit trail, storage"),
    _Sample("audit-512", "HMAC_512", "GENERATE_VERIFY_MAC", "Audit trail, transport"),
    _Sample("session-kem", "ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "Session establishment"),
    _Sample("backup-kem", "ML_KEM_1024", "ENCAPSULATE_DECAPSULATE", "Backup key transport"),
)  # fmt: skip


def start(now: datetime) -> datetime:
    """Return when the demo's history begins."""
    return now - HISTORY


def furnish(bench: Bench, clock: TravelClock, folder: Path, progress: Progress) -> Hierarchy:
    """Fill a fresh bench.

    Args:
        bench: unlocked, on `clock`.
        clock: stands at `start`; left in the present.
        folder: where the signed sample file goes.
        progress: told what is being done.

    Returns:
        The code-signing hierarchy that was made.
    """
    progress("Making a key that has rotated for a year", 0.05)
    _people(bench)
    _rotating_key(bench, clock)
    for number, sample in enumerate(_SAMPLES):
        progress(f"Making {sample.spec}", 0.15 + 0.45 * number / len(_SAMPLES))
        _make(bench, sample)
        clock.travel(timedelta(days=1))
    _states(bench)
    _multi_region_key(bench)
    _grants(bench)
    clock.return_to_present()
    _imported_key(bench, clock)
    hierarchy = bench.create_hierarchy(
        HierarchyRequest(alias=SIGNING_ALIAS),
        lambda text, share: progress(text, 0.6 + 0.3 * share),
    )
    progress("Packing a file to sign", 0.95)
    sample_file(folder)
    bench.run_due()
    progress("Ready", 1.0)
    return hierarchy


def sample_file(folder: Path) -> Path:
    """Write a real release archive to sign: this program's own sources, zipped.

    Raises:
        EnvironmentFault: the system refused.
    """
    target = folder / f"key-workbench-{workbench.__version__}.zip"
    root = Path(workbench.__file__).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(root.rglob("*.py")):
                archive.write(path, path.relative_to(root.parent))
    except OSError as error:
        raise fault(error, "write", target) from error
    return target


def _rotating_key(bench: Bench, clock: TravelClock) -> None:
    key = _make(bench, _Sample("orders-database", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT",
                               "Envelope key of the orders database",
                               (("team", "orders"), ("rotation", "quarterly"))))  # fmt: skip
    bench.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    for days in (45, 46, 60, 30):
        bench.kms.encrypt(KeyId=key, Plaintext=b"order 4711", EncryptionContext={"table": "orders"})
        clock.travel(timedelta(days=days))
        bench.run_due()
    bench.kms.rotate_key_on_demand(KeyId=key)
    bench.run_due()
    for _ in range(ENCRYPTED_SAMPLES):
        clock.travel(timedelta(days=90))
        bench.run_due()
        bench.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    archive = _make(bench, _Sample("archive", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT",
                                   "Cold storage, rotated by hand"))  # fmt: skip
    clock.travel(timedelta(days=20))
    bench.kms.rotate_key_on_demand(KeyId=archive)
    bench.run_due()


def _make(bench: Bench, sample: _Sample) -> str:
    made = bench.kms.create_key(
        KeySpec=sample.spec,  # type: ignore[arg-type]
        KeyUsage=sample.usage,  # type: ignore[arg-type]
        Description=sample.description,
        Tags=[{"TagKey": name, "TagValue": value} for name, value in sample.tags],
    )
    key = made["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName=f"alias/{sample.alias}", TargetKeyId=key)
    return key


def _states(bench: Bench) -> None:
    bench.kms.disable_key(KeyId=_key(bench, "cookie-224"))
    bench.kms.schedule_key_deletion(KeyId=_key(bench, "legacy-wrapping"), PendingWindowInDays=30)


def _key(bench: Bench, alias: str) -> str:
    return bench.kms.describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]["KeyId"]


def _people(bench: Bench) -> None:
    """Make two users and a role, each with a policy."""
    iam = bench.client("iam", "")
    arn = bench.place.iam
    iam.create_user(UserName=READER)
    iam.put_user_policy(
        UserName=READER,
        PolicyName="look-around",
        PolicyDocument=_policy(
            _statement("ReadOnly", "kms:Describe*", "kms:Get*", "kms:List*", "iam:List*")
        ),
    )
    iam.create_user(UserName=BUILDER)
    trust = {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": arn("root")}}
    iam.create_role(
        RoleName=SERVICE,
        AssumeRolePolicyDocument=_policy({**trust, "Action": "sts:AssumeRole"}),
        Description="The order service at run time",
    )
    iam.put_role_policy(
        RoleName=SERVICE,
        PolicyName="find-keys",
        PolicyDocument=_policy(_statement("FindKeys", "kms:ListAliases", "kms:DescribeKey")),
    )


def _grants(bench: Bench) -> None:
    """Grant two keys to those who use them, and let the reader check signatures."""
    arn = bench.place.iam
    firmware = _key(bench, "firmware-2026")
    bench.kms.create_grant(
        KeyId=_key(bench, "orders-database"),
        Name="order-service",
        GranteePrincipal=arn(f"role/{SERVICE}"),
        RetiringPrincipal=arn(f"user/{READER}"),
        Operations=["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"],
        Constraints={"EncryptionContextSubset": {"table": "orders"}},
    )
    bench.kms.create_grant(
        KeyId=firmware,
        Name="nightly-build",
        GranteePrincipal=arn(f"user/{BUILDER}"),
        Operations=["Sign", "GetPublicKey", "DescribeKey", "RetireGrant"],
    )
    account = {**_statement("Account", "kms:*"), "Principal": {"AWS": arn("root")}}
    reader = {
        **_statement("Reviewers", "kms:Verify"),
        "Principal": {"AWS": arn(f"user/{READER}")},
        "Condition": {"StringEquals": {"kms:SigningAlgorithm": "ML_DSA_SHAKE_256"}},
    }
    bench.kms.put_key_policy(KeyId=firmware, Policy=_policy(account, reader))


def _multi_region_key(bench: Bench) -> None:
    made = bench.kms.create_key(MultiRegion=True, Description="Checkout sessions, both continents")
    key = made["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName=MULTI_REGION_ALIAS, TargetKeyId=key)
    bench.kms.replicate_key(KeyId=key, ReplicaRegion=REPLICA_REGION)
    bench.run_due()


def _imported_key(bench: Bench, clock: TravelClock) -> None:
    """Bring material along as its owner does: wrapped for a key of the module's."""
    kms = bench.kms
    made = kms.create_key(Origin="EXTERNAL", Description="Shared with the clearing house")
    key = made["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=IMPORTED_ALIAS, TargetKeyId=key)
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    wrapping = load_der_public_key(parameters["PublicKey"])
    assert isinstance(wrapping, rsa.RSAPublicKey)
    digest = hashes.SHA256()
    kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapping.encrypt(
            secrets.token_bytes(32), padding.OAEP(padding.MGF1(digest), digest, None)
        ),
        ExpirationModel="KEY_MATERIAL_EXPIRES",
        ValidTo=clock.now() + IMPORTED_LIFE,
        KeyMaterialDescription="Sealed envelope 7",
    )


def _statement(sid: str, *actions: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": "*"}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
