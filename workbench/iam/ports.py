"""What IAM asks of the floors above it: who decides about resources it knows nothing of."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Decision


class Decider(Protocol):
    """Decides about the resources of one service, by their own policies and grants too."""

    def decide(
        self, caller: Caller, action: str, resource: str, context: Mapping[str, Sequence[str]]
    ) -> Decision:
        """Return whether a caller may do something now, and why.

        Args:
            caller: who; policies it brings along (`Caller.policies`) stand for its identity's.
            action: as `kms:Decrypt`.
            resource: ARN of an existing or imagined resource.
            context: condition keys of the request beside the caller's own.
        """
