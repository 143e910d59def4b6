"""What the demo vault shows: keys of every kind, a year of rotations, a hierarchy, a signed file.

Owns the story the demo tells, told through the same clients as everything else; the clock is moved
so that history has dates. Must not know how the services are built.
"""

import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import workbench
from workbench.base.clock import TravelClock
from workbench.base.files import fault
from workbench.bench import Bench, Progress
from workbench.pki.quickstart import Hierarchy, HierarchyRequest

HISTORY = timedelta(days=420)
SIGNING_ALIAS = "alias/release-signing"
ENCRYPTED_SAMPLES = 2


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
    _rotating_key(bench, clock)
    for number, sample in enumerate(_SAMPLES):
        progress(f"Making {sample.spec}", 0.15 + 0.45 * number / len(_SAMPLES))
        _make(bench, sample)
        clock.travel(timedelta(days=1))
    _states(bench)
    clock.return_to_present()
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
