"""Policies printed in AWS's own posts, their placeholders filled in; each names its post.

Data only: the statements are as printed, with accounts, keys and organizations of the tests'.
"""

from typing import Any

HERE = "111122223333"
MEMBER = "444455556666"
ORG = "o-a1b2c3d4e5"
KEY = f"arn:aws:kms:us-east-1:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ADMIN_ROLE = f"arn:aws:iam::{HERE}:role/IdentityCenterAdmin"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
STORE = f"arn:aws:identitystore::{HERE}:identitystore/d-1234567890"
VIA_IDENTITY = ["sso.*.amazonaws.com", "identitystore.*.amazonaws.com"]

Statement = dict[str, Any]


def document(*statements: Statement, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", **more, "Statement": list(statements)}


# AWS News Blog: customer-managed KMS keys for AWS IAM Identity Center
IDENTITY_CENTER_KEY = document(
    {
        "Sid": "Allow_IAMIdentityCenter_Admin_to_use_the_KMS_key_via_IdentityCenter"
        "_and_IdentityStore",
        "Effect": "Allow",
        "Principal": {"AWS": ADMIN_ROLE},
        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext"],
        "Resource": "*",
        "Condition": {"StringLike": {"kms:ViaService": VIA_IDENTITY}},
    },
    {
        "Sid": "Allow_IdentityCenter_admin_to_describe_the_KMS_key",
        "Effect": "Allow",
        "Principal": {"AWS": ADMIN_ROLE},
        "Action": "kms:DescribeKey",
        "Resource": "*",
    },
    {
        "Sid": "Allow_IdentityCenter_and_IdentityStore_to_use_the_KMS_key",
        "Effect": "Allow",
        "Principal": {"Service": ["sso.amazonaws.com", "identitystore.amazonaws.com"]},
        "Action": [
            "kms:Decrypt",
            "kms:ReEncryptTo",
            "kms:ReEncryptFrom",
            "kms:GenerateDataKeyWithoutPlaintext",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": HERE}},
    },
    {
        "Sid": "Allow_IdentityCenter_and_IdentityStore_to_describe_the_KMS_key",
        "Effect": "Allow",
        "Principal": {"Service": ["sso.amazonaws.com", "identitystore.amazonaws.com"]},
        "Action": ["kms:DescribeKey"],
        "Resource": "*",
    },
    {
        "Sid": "Allow_AWS_app_admins_in_the_same_AWS_organization_to_use_the_KMS_key",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORG},
            "StringLike": {"kms:ViaService": VIA_IDENTITY},
        },
    },
    {
        "Sid": "Allow_managed_apps_to_use_the_KMS_Key",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "Bool": {"aws:PrincipalIsAWSService": "true"},
            "StringLike": {"kms:ViaService": VIA_IDENTITY},
            "StringEquals": {"aws:SourceOrgID": ORG},
        },
    },
    Id="key-consolepolicy-3",
)
APP_ADMIN_AS_PRINTED = document(  # IAM takes no underscore in a Sid
    {
        "Sid": "Allow_app_admins_to_use_the_KMS_key_via_IdentityCenter_and_IdentityStore",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {"StringLike": {"kms:ViaService": VIA_IDENTITY}},
    }
)
APP_ADMIN = document({**APP_ADMIN_AS_PRINTED["Statement"][0], "Sid": "AllowAppAdmins"})
ONE_INSTANCE: Statement = {
    "StringLike": {
        "kms:EncryptionContext:aws:sso:instance-arn": INSTANCE,
        "kms:ViaService": "sso.*.amazonaws.com",
    }
}
ONE_STORE: Statement = {
    "StringLike": {
        "kms:EncryptionContext:aws:identitystore:identitystore-arn": STORE,
        "kms:ViaService": "identitystore.*.amazonaws.com",
    }
}

# AWS Architecture Blog: multi-tenant keys by alias (ServiceARole, ServiceBRole)
SERVICE_A = f"arn:aws:iam::{HERE}:role/ServiceARole"
SERVICE_B = f"arn:aws:iam::{MEMBER}:role/ServiceBRole"
TENANT_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
TENANT_ROLE = document(
    {
        "Sid": "AllowKMSByAlias",
        "Effect": "Allow",
        "Action": TENANT_ACTIONS,
        "Resource": "*",
        "Condition": {"StringLike": {"kms:RequestAlias": "alias/customer-*"}},
    }
)
TENANT_TRUST = document(
    {"Effect": "Allow", "Principal": {"AWS": SERVICE_B}, "Action": "sts:AssumeRole"}
)


def tenant_key(tenant: str) -> dict[str, Any]:
    return document(
        {
            "Sid": "AllowServiceARoleViaAlias",
            "Effect": "Allow",
            "Principal": {"AWS": SERVICE_A},
            "Action": TENANT_ACTIONS,
            "Resource": "*",
            "Condition": {"StringLike": {"kms:RequestAlias": f"alias/customer-{tenant}"}},
        },
        Id="TenantKeyPolicy",
    )


def tenant_session(tenant: str) -> dict[str, Any]:
    return document(
        {
            "Effect": "Allow",
            "Action": TENANT_ACTIONS,
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:RequestAlias": f"alias/customer-{tenant}"}},
        }
    )


# AWS Compute Blog: strengthening data security in AWS Step Functions with a customer managed key
MEMBER_ROLE = f"arn:aws:iam::{MEMBER}:role/MemberAccountRole"
STATE_MACHINE = f"arn:aws:states:us-east-1:{HERE}:stateMachine:MyStateMachine"
EXECUTION_ROLE = f"arn:aws:iam::{HERE}:role/sfn-execution-role"
STEP_FUNCTIONS_MEMBER_KEY = document(
    {
        "Sid": "Allow access to member account via Step Functions service",
        "Effect": "Allow",
        "Principal": {"AWS": MEMBER_ROLE},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "states.us-east-1.amazonaws.com"}},
    }
)
STEP_FUNCTIONS_OWN_KEY = document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": EXECUTION_ROLE},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:EncryptionContext:aws:states:stateMachineArn": STATE_MACHINE,
            }
        },
    }
)
LOG_DELIVERY_KEY = document(
    {
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": "kms:decrypt",
        "Resource": "*",
    }
)

# AWS Compute Blog: Amazon ECS workloads on AWS Fargate with customer managed keys
FARGATE_CLUSTERS = document(
    {
        "Effect": "Allow",
        "Action": ["ecs:CreateCluster"],
        "Resource": "*",
        "Condition": {"StringEquals": {"ecs:fargate-ephemeral-storage-kms-key": KEY}},
    }
)
FARGATE_GRANT: dict[str, Any] = {
    "keyId": KEY,
    "granteePrincipal": "fargate.us-west-2.amazonaws.com",
    "operations": ["Decrypt"],
    "constraints": {
        "encryptionContextSubset": {
            "aws:ecs:clusterAccount": HERE,
            "aws:ebs:id": "vol-01234567890abcdef",
            "aws:ecs:clusterName": "ecs-fargate-self-managed-key-cluster",
        }
    },
    "retiringPrincipal": "ec2.us-west-2.amazonaws.com",
}

# AWS News Blog: Amazon S3 Express One Zone with AWS KMS keys
EXPRESS_BUCKET = f"arn:aws:s3express:us-east-1:{HERE}:bucket/s3express-kms--apne1-az4--x-s3"
S3_EXPRESS_USER = document(
    {
        "Effect": "Allow",
        "Action": ["s3express:CreateSession"],
        "Resource": [f"arn:aws:s3express:*:{HERE}:bucket/s3express-kms--apne1-az4--x-s3"],
    },
    {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": [f"arn:aws:kms:*:{HERE}:key/{KEY.rpartition('/')[2]}"],
    },
)

# Printed with what AWS itself would refuse: ids that are no account's, and no Principal at all.
COPY_BUCKET_AS_PRINTED = document(
    {
        "Sid": "Statement1",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:sts::1234567891:assumed-role/<rolename>"},
        "Action": ["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"],
        "Resource": "arn:aws:s3:::<target-bucket-name>/*",
    }
)
MEMBER_KEY_AS_PRINTED = document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::1234567890:role/MemberAccountRole"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
    }
)
ECR_KEY_AS_PRINTED = {
    "Id": "ecr-encryption-key",
    "Statement": [
        {
            "Sid": "Allow use of the key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"],
        }
    ],
}
