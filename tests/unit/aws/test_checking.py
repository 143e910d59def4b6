"""Who one is, read from the ARN that GetCallerIdentity tells."""

import pytest

from workbench.aws.checking import caller_of
from workbench.base.identifiers import Place

PLACE = Place("444455556666", "eu-west-1")


@pytest.mark.parametrize(
    ("arn", "kind", "identity"),
    [
        ("arn:aws:iam::444455556666:root", "Root", "arn:aws:iam::444455556666:root"),
        ("arn:aws:iam::444455556666:user/a/anna", "IAMUser",
         "arn:aws:iam::444455556666:user/a/anna"),
        ("arn:aws:sts::444455556666:assumed-role/Signer/session", "AssumedRole",
         "arn:aws:iam::444455556666:role/Signer"),
        ("arn:aws:sts::444455556666:federated-user/bob", "FederatedUser",
         "arn:aws:sts::444455556666:federated-user/bob"),
    ],
)  # fmt: skip
def test_an_arn_is_read_as_an_identity(arn: str, kind: str, identity: str) -> None:
    caller = caller_of(arn, PLACE)
    assert (caller.arn, caller.kind, caller.identity) == (arn, kind, identity)
    assert caller.account == "444455556666"
