"""What `test_kill_pki.py` runs and kills: random requests to Private CA, each acknowledged.

Arguments: vault folder, keyring folder, seed. Acknowledgements are JSON lines on standard output,
written once the client has answered.
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from tests.fakes.certificates import name, new_key
from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.fakes.pki_orders import make_request
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.pki.authority import serial_text
from workbench.pki.parse import facts, one_certificate

TEMPLATE = "arn:aws:acm-pca:::template/CodeSigningCertificate/V1"
LISTS = {"CrlConfiguration": {"Enabled": True, "S3BucketName": "lists"}}
OPERATIONS = ("issue", "issue", "batch", "revoke", "renew", "rekey", "renew_root", "authority")
MONTH = {"Type": "DAYS", "Value": 30}


class Worker:
    """Makes one request after another on an unlocked bench."""

    def __init__(self, bench: Bench, choose: random.Random) -> None:
        self.pca: Any = bench.acm_pca
        self.shelf = bench.shelf
        self.choose = choose

    def do(self, operation: str) -> dict[str, Any]:
        """Carry out an operation; when it returns, it must survive anything."""
        done: dict[str, Any] = getattr(self, operation)()
        return {"operation": operation, **done}

    def issue(self) -> dict[str, Any]:
        made = self.pca.issue_certificate(
            CertificateAuthorityArn=self._root(),
            Csr=make_request(new_key("P-256"), name("Leaf")),
            SigningAlgorithm="ML_DSA_44",
            TemplateArn=TEMPLATE,
            Validity=MONTH,
        )
        return {"certificates": [made["CertificateArn"]]}

    def batch(self) -> dict[str, Any]:
        csr = make_request(new_key("P-256"), name("Batch"))
        results = self.shelf.issue_certificates(
            CertificateAuthorityArn=self._root(),
            Requests=[{"Csr": csr}] * 8,
            TemplateArn=TEMPLATE,
            Validity=MONTH,
        )["Results"]
        return {"certificates": [one["CertificateArn"] for one in results]}

    def revoke(self) -> dict[str, Any]:
        arn = self._leaf()
        root = arn.partition("/certificate/")[0]
        pem = self.pca.get_certificate(CertificateAuthorityArn=root, CertificateArn=arn)
        serial = facts(one_certificate(pem["Certificate"].encode())).certificate.serial_number
        try:
            self.pca.revoke_certificate(
                CertificateAuthorityArn=root,
                CertificateSerial=serial_text(serial),
                RevocationReason="SUPERSEDED",
            )
        except self.pca.exceptions.RequestAlreadyProcessedException:
            return self.issue()
        return {"revoked": [arn]}

    def renew(self) -> dict[str, Any]:
        made = self.shelf.renew_certificate(CertificateArn=self._leaf(), Lint=False)
        return {"certificates": [made["CertificateArn"]]}

    def rekey(self) -> dict[str, Any]:
        arn = self._leaf()
        made = self.shelf.rekey_certificate(CertificateArn=arn, KeySpec="ML_DSA_44", Lint=False)
        return {"certificates": [made["CertificateArn"]], "keys": [made["KeyArn"]]}

    def renew_root(self) -> dict[str, Any]:
        root = self._root()
        made = self.shelf.renew_certificate_authority(CertificateAuthorityArn=root, Lint=False)
        return {"certificates": [made["CertificateArn"]], "current": {root: made["Id"]}}

    def authority(self) -> dict[str, Any]:
        made = self.shelf.create_certificate_authority_with_key(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "ML_DSA_44",
                "Subject": {"CommonName": f"Root {self.choose.randrange(10**9)}"},
            },
            RevocationConfiguration=LISTS,
        )
        arn = made["CertificateAuthorityArn"]
        csr = self.pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
        own = self.shelf.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=csr.encode(),
            TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
            Validity={"Type": "DAYS", "Value": 3650},
            Lint=False,
        )
        self.pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=own["Certificate"].encode()
        )
        return {"certificates": [own["CertificateArn"]], "authorities": [arn]}

    def _root(self) -> str:
        found = self.pca.list_certificate_authorities()["CertificateAuthorities"]
        active = [one["Arn"] for one in found if one["Status"] == "ACTIVE"]
        chosen: str = self.choose.choice(active) if active else self.authority()["authorities"][0]
        return chosen

    def _leaf(self) -> str:
        found = self.shelf.list_certificates(MaxResults=100)["Certificates"]
        leaves = [one["CertificateArn"] for one in found if one["Source"] == "ISSUED"]
        chosen: str = self.choose.choice(leaves) if leaves else self.issue()["certificates"][0]
        return chosen


def main() -> None:
    """Work until killed."""
    folder, keyring, seed = sys.argv[1:]
    assembly = Assembly(secrets=FolderStore(Path(keyring)), cost=QUICK)
    bench = assembly.open(Path(folder))
    bench.vault.unlock_with_keyring()
    choose = random.Random(seed)
    worker = Worker(bench, choose)
    while True:
        done = worker.do(choose.choice(OPERATIONS))
        os.write(1, json.dumps(done).encode() + b"\n")


if __name__ == "__main__":
    main()
