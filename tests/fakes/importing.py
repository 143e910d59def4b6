"""An engine whose background work is done when a test says so, and a client's side of imports."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.fakes.vaults import PASSPHRASE, new_vault, powered
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.engine import Engine

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

PLACE = Place(region="us-east-1")
AES_KEY = b"a" * 32


class World:
    """AWS KMS in every Region, with a clock to travel by."""

    def __init__(self, directory: Path, clock: TravelClock | None = None) -> None:
        self.clock = clock or TravelClock()
        self.module = powered()
        self.vault = new_vault(directory, clock=self.clock, module=self.module)
        self.engine = Engine(self.vault, self.module, PLACE, self.clock)
        self.engine.stop()  # from here on nothing happens by itself
        self.kms = self.region(PLACE.region)

    def region(self, name: str) -> "KMSClient":
        """Return the client of a Region."""
        return cast("KMSClient", self.engine.client("kms", name))

    def later(self, **time: int) -> None:
        """Travel and do what is due then."""
        self.clock.travel(timedelta(**time))
        self.engine.run_due()

    def relock(self) -> None:
        """Lock the vault and unlock it again."""
        self.vault.lock()
        self.vault.unlock_with_passphrase(PASSPHRASE)

    def close(self) -> None:
        """End."""
        self.engine.journal.close()
        self.vault.close()


def create(kms: "KMSClient", **request: Any) -> str:
    """Create a key for imported material; returns its id."""
    return kms.create_key(Origin="EXTERNAL", **request)["KeyMetadata"]["KeyId"]


def parameters(
    kms: "KMSClient", key: str, algorithm: Any = "RSAES_OAEP_SHA_256", spec: Any = "RSA_2048"
) -> tuple[bytes, bytes]:
    """Return (import token, wrapping key)."""
    answer = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec
    )
    return answer["ImportToken"], answer["PublicKey"]


def wrap(public: bytes, algorithm: str, material: bytes) -> bytes:
    """Wrap material as a client does."""
    key = load_der_public_key(public)
    assert isinstance(key, rsa.RSAPublicKey)
    kind = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(kind), kind, None)
    if algorithm.startswith("RSAES_OAEP"):
        return key.encrypt(material, oaep)
    return key.encrypt(AES_KEY, oaep) + aes_key_wrap_with_padding(AES_KEY, material)


def request(
    kms: "KMSClient", key: str, material: bytes, algorithm: str = "RSAES_OAEP_SHA_256"
) -> dict[str, Any]:
    """Return a request of ImportKeyMaterial for material that does not expire."""
    token, public = parameters(kms, key, algorithm)
    return {
        "KeyId": key,
        "ImportToken": token,
        "EncryptedKeyMaterial": wrap(public, algorithm, material),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


def import_into(kms: "KMSClient", key: str, material: bytes, **terms: Any) -> str:
    """Import material; returns its id, or "" where AWS gives none.

    Args:
        kms: the client.
        key: the key.
        material: in the clear.
        terms: further members of the request; `algorithm` names the wrapping.
    """
    made = request(kms, key, material, terms.pop("algorithm", "RSAES_OAEP_SHA_256"))
    if "ValidTo" in terms:
        del made["ExpirationModel"]
    return kms.import_key_material(**{**made, **terms}).get("KeyMaterialId", "")


def state(kms: "KMSClient", key: str) -> str:
    """Return a key's state."""
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


def materials(kms: "KMSClient", key: str) -> list[tuple[str, str, str]]:
    """Return (id, KeyMaterialState, ImportState) of every material."""
    answer = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    return [
        (entry["KeyMaterialId"], entry["KeyMaterialState"], entry["ImportState"])
        for entry in answer["Rotations"]
    ]


def everything(world: World) -> list[Any]:
    """Return what the vault holds of keys and materials, to show that nothing changed."""
    return [
        *world.vault.read("SELECT region, id, record FROM keys ORDER BY region, id"),
        *world.vault.read("SELECT * FROM materials ORDER BY region, key_id, sequence"),
    ]
