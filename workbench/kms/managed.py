"""AWS managed keys: those that AWS services have in an account, and their aliases alias/aws/….

Owns which there are and what their policies say: that their service alone uses them, for whoever
may use the service, and that the account sees and does not change them. Nothing but the policy and
`KeyRecord.managed` sets such a key apart. Must not know who asks.

Source: AWS KMS Developer Guide, "AWS managed keys", "kms:ViaService"; API Reference, DescribeKey:
asked about a predefined alias without a key, AWS makes the key; ListAliases: one without a key has
no TargetKeyId.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from workbench.api.calls import Call
from workbench.base.identifiers import Place, new_uuid
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.records import CURRENT, KeyRecord, MaterialRecord
from workbench.kms.store import Alias
from workbench.vault.vault import Vault

PREFIX: Final = "alias/aws/"
_DAYS: Final = 365
_USES: Final = ("Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey")


@dataclass(frozen=True, slots=True)
class Protected:
    """What an AWS managed key is for.

    Attributes:
        what: the data it protects, as AWS describes the key.
        title: the service's name in the policy.
        endpoint: the service's name in kms:ViaService.
        grants: whether the service also creates grants.
    """

    what: str
    title: str
    endpoint: str
    grants: bool = False


PROTECTED: Final = {
    "acm": Protected("ACM private keys", "ACM", "acm", grants=True),
    "backup": Protected("Backup data", "Backup", "backup", grants=True),
    "dynamodb": Protected("DynamoDB data", "DynamoDB", "dynamodb", grants=True),
    "ebs": Protected("EBS volumes", "EBS", "ec2", grants=True),
    "elasticfilesystem": Protected("EFS filesystems", "EFS", "elasticfilesystem", grants=True),
    "kinesis": Protected("Kinesis data", "Kinesis", "kinesis"),
    "lambda": Protected("Lambda functions", "Lambda", "lambda", grants=True),
    "rds": Protected("RDS database volumes", "RDS", "rds", grants=True),
    "s3": Protected("S3 objects", "S3", "s3"),
    "secretsmanager": Protected("Secrets Manager data", "Secrets Manager", "secretsmanager"),
    "sns": Protected("SNS data", "SNS", "sns"),
    "sqs": Protected("SQS messages", "SQS", "sqs"),
    "ssm": Protected("SSM parameters", "SSM", "ssm"),
}
"""By the last part of the alias."""

PREDEFINED: Final = tuple(sorted(PREFIX + name for name in PROTECTED))
"""The aliases that every Region lists, whether their keys are made yet or not."""


class ManagedKeys:
    """Makes the AWS managed keys of one Region.

    Args:
        finder: finds keys.
        hsm: the session at the HSM module.
        vault: opens transactions.
    """

    def __init__(self, finder: Finder, hsm: Login, vault: Vault) -> None:
        self._vault = vault
        self._finder = finder
        self._hsm = hsm

    def ensure(self, identifier: str, call: Call) -> bool:
        """Make the key of a predefined alias, unless it is there; whether there is such an alias.

        Args:
            identifier: an alias name or ARN.
            call: the request that asks about it.
        """
        place, store = self._finder.place, self._finder.store
        alias = identifier.removeprefix(place.arn("kms", ""))
        service = alias.removeprefix(PREFIX)
        if not alias.startswith(PREFIX) or service not in PROTECTED:
            return False
        about = PROTECTED[service]
        record = KeyRecord(
            id=new_uuid(),
            spec="SYMMETRIC_DEFAULT",
            usage="ENCRYPT_DECRYPT",
            created=call.time,
            description=f"Default key that protects my {about.what} when no other key is defined",
            policy=policy_of(service, place),
            rotation_enabled=True,
            rotation_period=_DAYS,
            next_rotation=call.time + timedelta(days=_DAYS),
            rotation_base=call.time,
            managed=True,
        )
        made = self._hsm.user.generate(record.id, record.spec, record.usage)
        binding = made.token.binding
        record = replace(record, current_material=binding.material_id)
        with self._vault.transaction():
            if store.alias(alias) is None:
                store.save_material(MaterialRecord(binding, made.token, 0, CURRENT, call.time))
                store.save_key(record)
                store.save_alias(Alias(alias, record.id, call.time, call.time))
        return True


def policy_of(service: str, place: Place) -> str:
    """Return the key policy of an AWS managed key, as JSON text."""
    about = PROTECTED[service]
    uses = [f"kms:{name}" for name in _USES]
    if about.grants:
        uses.insert(-1, "kms:CreateGrant")
    through: dict[str, Any] = {
        "Sid": f"Allow access through {about.title} for all principals in the account that are "
        f"authorized to use {about.title}",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": uses,
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": place.account,
                "kms:ViaService": place.host(about.endpoint),
            }
        },
    }
    seen = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": place.iam("root")},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [through, seen]}
    return json.dumps(document)
