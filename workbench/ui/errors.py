"""The one place of the window where failures become sentences.

Knows the three kinds of failure (AWS error codes, `workbench.base.errors`, bugs); knows no widget.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from workbench.base.errors import WorkbenchError

DENIALS: Final = frozenset({"AccessDenied", "AccessDeniedException"})
"""AWS's codes for what an identity may not do."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failure in words.

    Attributes:
        title: what to head it with; AWS's code where it came from the services.
        message: what happened.
        next_step: what to do.
        bug: whether nobody expected it, so that it belongs in the crash dialog.
        kind: the class of the failure, for the few callers that treat one differently.
    """

    title: str
    message: str
    next_step: str
    bug: bool = False
    kind: type[BaseException] = Exception

    @property
    def denied(self) -> bool:
        """Whether whoever asks may not."""
        return self.title in DENIALS

    @property
    def text(self) -> str:
        """Everything in one paragraph; AWS leaves the full stop out of some messages."""
        message = self.message
        if self.next_step and message[-1:].isalnum():
            message += "."
        return " ".join(part for part in (message, self.next_step) if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("errors", text)


def is_denied(error: BaseException) -> bool:
    """Whether a service refused because whoever asks may not."""
    aws = _aws_error(error)
    return aws is not None and aws.get("Code") in DENIALS


def next_step_for(code: str) -> str:
    """Return what a person does about an AWS error code, or a general advice."""
    steps: Mapping[str, str] = {
        "AccessDenied": _tr("Act as somebody who may, or have a policy changed."),
        "AccessDeniedException": _tr("Act as somebody who may, or have a policy or a grant made."),
        "AlreadyExistsException": _tr("Choose another name."),
        "DeleteConflict": _tr("Delete first what still hangs on it."),
        "DependencyTimeoutException": _tr("Wait a moment and try again."),
        "DisabledException": _tr("Enable the key first."),
        "DryRunOperationException": _tr("Leave out the dry run to do it."),
        "EntityAlreadyExists": _tr("Choose another name."),
        "ExpiredToken": _tr("Sign in again, then try again."),
        "ExpiredTokenException": _tr("Sign in again, then try again."),
        "IncorrectKeyException": _tr("Choose the key that made it."),
        "InternalFailure": _tr("Wait a moment and try again."),
        "InvalidCiphertextException": _tr("Check that it is complete and unchanged."),
        "InvalidClientTokenId": _tr("The access key is not known there: correct the profile."),
        "InvalidKeyUsageException": _tr("Choose a key made for this use."),
        "InvalidSignatureException": _tr("Check the profile's secret key and this clock."),
        "InvalidStateException": _tr("Refresh to see its current state."),
        "KMSInternalException": _tr("Wait a moment and try again."),
        "KMSInvalidSignatureException": _tr("Check the file, the signature and the key."),
        "KMSInvalidStateException": _tr("Look at the key's state: enable it or cancel deletion."),
        "LimitExceeded": _tr("Remove something that is no longer needed."),
        "LimitExceededException": _tr("Remove something that is no longer needed."),
        "MalformedPolicyDocument": _tr("Correct the policy and try again."),
        "NoSuchEntity": _tr("It may have been deleted; refresh the list."),
        "NotFoundException": _tr("It may have been deleted; refresh the list."),
        "OptInRequired": _tr("The account must first subscribe to the service."),
        "RequestExpired": _tr("Set this computer's clock."),
        "ResourceNotFoundException": _tr("It may have been deleted; refresh the list."),
        "ServiceUnavailableException": _tr("Wait a moment and try again."),
        "SignatureDoesNotMatch": _tr("Check the profile's secret key and this clock."),
        "TagException": _tr("Correct the tags and try again."),
        "ThrottlingException": _tr("Wait a moment and try again."),
        "UnrecognizedClientException": _tr("The credentials are not known: correct the profile."),
        "UnsupportedOperationException": _tr("Choose another kind of key."),
        "ValidationException": _tr("Correct the value named above and try again."),
    }
    return steps.get(code, _tr("Correct what it names and try again."))


def _aws_error(error: BaseException) -> Mapping[str, Any] | None:
    # botocore's ClientError is recognised by its shape: importing botocore would delay the window.
    if not any(kind.__name__ == "ClientError" for kind in type(error).__mro__):
        return None
    response = getattr(error, "response", None)
    found = response.get("Error") if isinstance(response, dict) else None
    return found if isinstance(found, dict) else None


def _what_next(error: BaseException, code: str) -> str:
    """Return what to do: the engine's own words, which for a refusal name what decided."""
    own = str(getattr(error, "next_step", "") or "")
    if own and code in DENIALS:
        return f"{own} {next_step_for(code)}"
    return own or next_step_for(code)


def explain(error: BaseException) -> Explanation:
    """Return a failure in words. No traceback and no argument of the failed call gets in."""
    aws = _aws_error(error)
    if aws is not None:
        code = str(aws.get("Code") or _tr("Refused"))
        message = str(aws.get("Message") or _tr("The service gave no reason."))
        return Explanation(code, message, _what_next(error, code), kind=type(error))
    if isinstance(error, WorkbenchError):
        title = _tr("This did not work")
        return Explanation(title, error.message, error.next_step, kind=type(error))
    return Explanation(
        _tr("Something went wrong inside Key Workbench"),
        _tr("An unexpected {kind} stopped this.").format(kind=type(error).__name__),
        _tr("Nothing saved is lost. Copy the report and send it to the developers."),
        bug=True,
        kind=type(error),
    )
