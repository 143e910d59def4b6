"""AWS Private CA as one thing the assembly can put behind the door."""

from workbench.api.calls import Operations
from workbench.pki.authorities import Authorities
from workbench.pki.clients import KmsClient
from workbench.pki.finder import Finder
from workbench.pki.issuing import Issuing
from workbench.pki.permissions import Permissions
from workbench.pki.publishing import Publishing
from workbench.pki.shelf import Shelf
from workbench.vault.vault import Vault


class PkiService:
    """The `acm-pca` and `shelf` services over one vault.

    Args:
        vault: where authorities and certificates are kept.
        kms: boto3-shaped KMS client; authorities' keys are made and used through it. Its Region
            is the one whose authorities this service cares for.
        publishing: where lists and reports go; by default to a folder in the vault's.
    """

    def __init__(self, vault: Vault, kms: KmsClient, publishing: Publishing | None = None) -> None:
        finder = Finder(vault, kms, publishing or Publishing(vault.directory / "published"))
        self._parts = (Authorities(finder), Issuing(finder), Permissions(finder))
        self._shelf = Shelf(finder)

    def operations(self) -> Operations:
        """Return the operations of botocore's `acm-pca` model that are offered."""
        return {name: op for part in self._parts for name, op in part.operations().items()}

    def shelf_operations(self) -> Operations:
        """Return the operations of the workbench's own `shelf` model."""
        return self._shelf.operations()
