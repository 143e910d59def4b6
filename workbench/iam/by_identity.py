"""Who may ask services whose resources have no policies here: identity policies alone decide.

Source: Service Authorization Reference; a request's resource is the ARN it names.
"""

from collections.abc import Sequence
from typing import Any

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.iam import context as contexts
from workbench.iam.credentials import Credentials
from workbench.iam.judging import Question, judge
from workbench.iam.principals import Principals


class IdentityAuthoriser:
    """Decides about the requests of one service.

    Args:
        principals: the identities.
        credentials: their policies.
        members: request members that may hold the resource's ARN, the first present counts.
    """

    def __init__(
        self, principals: Principals, credentials: Credentials, members: Sequence[str]
    ) -> None:
        self._principals = principals
        self._credentials = credentials
        self._members = tuple(members)

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Let a request pass, or refuse it.

        Raises:
            AwsError: AccessDeniedException, its next step naming the statement that decided.
        """
        caller = call.caller
        if caller.kind == "Root" and caller.account == call.place.account:
            return
        action = f"{service}:{name}"
        named = (request.get(member) for member in self._members)
        resource = next((str(one) for one in named if one), "*")
        reason, told = f"because no resource-based policy allows the {action} action", ""
        if caller.account == call.place.account:
            context = contexts.of_call(call, self._principals)
            context.update(contexts.of_tags("aws:RequestTag", _tags(request)))
            question = Question(caller, action, resource, context)
            decision = judge(question, self._credentials.policies_for(caller))
            if decision.allowed:
                return
            reason, told = decision.aws_reason(action), decision.sentence()
        where = "" if resource == "*" else f" on resource: {resource}"
        raise AwsError(
            "AccessDeniedException",
            f"User: {caller.arn} is not authorized to perform: {action}{where} {reason}",
            told,
        )


def _tags(request: dict[str, Any]) -> Sequence[dict[str, str]]:
    found = request.get("Tags")
    return found if isinstance(found, list | tuple) else ()
