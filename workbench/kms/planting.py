"""Keys with given ids and given material, grants with given ids, for vaults that are thrown away.

No request can do this, at AWS or here: whoever chooses ids and material can pass a key off as
another. So a `Planter` works only on a vault that has no keys, before a KMS is made over it, and
`workbench.assembly` builds it for ephemeral vaults alone.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from workbench.base.errors import Refused
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.hsm.user import Generated
from workbench.iam.unique_ids import AsWritten
from workbench.kms.grant_store import GrantStore
from workbench.kms.keys import default_policy
from workbench.kms.login import Login
from workbench.kms.records import (
    CURRENT,
    ENABLED,
    EXTERNAL,
    IMPORTED,
    PENDING_IMPORT,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.store import Stores
from workbench.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Plant:
    """A key as it is to be.

    Attributes:
        id: UUID or `mrk-…`.
        region: its Region, that of the primary for a multi-Region key.
        spec: AWS key spec.
        usage: AWS key usage.
        material: raw key, or PKCS#8 in DER of a pair; None for random material, or for none yet
            where the origin is EXTERNAL.
        origin: AWS_KMS or EXTERNAL.
        description: free text.
        replicas: further Regions of a multi-Region key; its material is in all of them.
    """

    id: str
    region: str
    spec: str
    usage: str
    material: bytes | None = field(default=None, repr=False)
    origin: str = "AWS_KMS"
    description: str = ""
    replicas: tuple[str, ...] = ()


class Planter:
    """Puts keys into an empty vault.

    Args:
        vault: unlocked; nobody else uses it yet.
        module: the HSM module of that vault.
        place: partition and account.

    Raises:
        Refused: the vault has keys.
    """

    def __init__(self, vault: Vault, module: Module, place: Place) -> None:
        if vault.read("SELECT 1 FROM keys LIMIT 1"):
            raise Refused(
                "Keys can be planted in an empty vault only.", "Make a throw-away vault for them."
            )
        self._vault = vault
        self._stores = Stores(vault)
        self._hsm = Login(module, vault)
        self._place = place

    def plant(self, wanted: Plant, moment: datetime) -> None:
        """Make a key, enabled unless it still waits for its material.

        Args:
            wanted: the key.
            moment: its creation date, UTC.

        Raises:
            Refused: the id is taken, or the material is not of this spec.
        """
        if self._stores.regions_of(wanted.id):
            raise Refused(f"There is a key {wanted.id} already.", "Give each key its own id.")
        made = self._made(wanted)
        record = KeyRecord(
            id=wanted.id,
            spec=wanted.spec,
            usage=wanted.usage,
            created=moment,
            state=ENABLED if made else PENDING_IMPORT,
            description=wanted.description,
            origin=wanted.origin,
            multi_region=wanted.id.startswith("mrk-"),
            primary_region=wanted.region if wanted.id.startswith("mrk-") else "",
            policy=default_policy(self._place),
            current_material=made.token.binding.material_id if made else "",
        )
        with self._vault.transaction():
            for region in (wanted.region, *wanted.replicas):
                store = self._stores.region(region)
                store.save_key(record)
                if made is not None:
                    store.save_material(_material(made, wanted.origin, moment))

    def _made(self, wanted: Plant) -> Generated | None:
        user = self._hsm.user
        if wanted.material is not None:
            return user.import_material(
                wanted.id, wanted.spec, wanted.usage, wanted.material, reproducible=True
            )
        if wanted.origin == EXTERNAL:
            return None
        return user.generate(wanted.id, wanted.spec, wanted.usage)


def name_grant(vault: Vault, region: str, grant_id: str, wanted: str) -> None:
    """Give a grant another id; its tokens are others then.

    Args:
        vault: a throw-away one.
        region: AWS Region name.
        grant_id: the grant as it was made.
        wanted: 64 hexadecimal digits that no grant has.

    Raises:
        Refused: there is no such grant.
    """
    store = GrantStore(vault, region, AsWritten())
    with vault.transaction():
        grant = store.get(grant_id)
        if grant is None:
            raise Refused(f"There is no grant {grant_id}.", "Make it first.")
        store.delete(grant_id)
        store.save(replace(grant, id=wanted))


def _material(made: Generated, origin: str, moment: datetime) -> MaterialRecord:
    return MaterialRecord(
        made.token.binding,
        made.token,
        0,
        CURRENT,
        moment,
        public_key=made.public_key,
        import_state=IMPORTED if origin == EXTERNAL else "",
    )
