"""The kinds of failure that are not bugs.

Every error says what happened and what to do next; none carries a secret. Bugs stay plain
exceptions and reach the crash dialog and the log. AWS error codes live in `workbench.api.errors`.
"""


class WorkbenchError(Exception):
    """A failure a person can understand and act on.

    Args:
        message: one sentence naming the thing and what happened to it.
        next_step: one sentence saying what to do.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())
        self.message = message
        self.next_step = next_step


class Refused(WorkbenchError):
    """A rule of the workbench forbids it: a state, a role, a policy, a standard."""


class NotFound(WorkbenchError):
    """The thing named does not exist."""


class IntegrityError(WorkbenchError):
    """Stored or received bytes are not what was written: damaged, truncated or forged."""


class Locked(WorkbenchError):
    """The vault is locked and the request needs what is inside."""


class EnvironmentFault(WorkbenchError):
    """The machine around the program: keyring, disk, permissions, another process."""


class Cancelled(WorkbenchError):
    """The user stopped it."""
