import pytest
from botocore.exceptions import ClientError

from workbench.base.errors import EnvironmentFault, Locked
from workbench.ui.errors import Explanation, explain, next_step_for


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Sign")


def test_an_aws_error_keeps_its_code_and_message_and_gets_a_next_step() -> None:
    words = explain(client_error("DisabledException", "arn:…/1 is disabled."))
    assert words.title == "DisabledException"
    assert words.message == "arn:…/1 is disabled."
    assert words.next_step == "Enable the key first."
    assert not words.bug


def test_subclasses_of_client_error_count_as_well() -> None:
    kind = type("NotFoundException", (ClientError,), {})
    error = kind({"Error": {"Code": "NotFoundException", "Message": "gone"}}, "DescribeKey")
    assert explain(error).title == "NotFoundException"


def test_an_unknown_code_still_says_what_to_do() -> None:
    assert next_step_for("SomethingNewException")
    assert explain(client_error("", "")).message


def test_our_own_errors_speak_for_themselves() -> None:
    words = explain(EnvironmentFault("The disk is full.", "Free some space."))
    assert words.text == "The disk is full. Free some space."
    assert not words.bug
    assert explain(Locked("locked")).kind is Locked


def test_a_bug_says_its_kind_and_nothing_of_its_message() -> None:
    words = explain(KeyError("hunter2"))
    assert words.bug
    assert "KeyError" in words.text
    assert "hunter2" not in words.text + words.title


def test_what_the_engine_says_to_do_goes_before_what_is_said_of_every_such_error() -> None:
    error = client_error("MalformedPolicyDocumentException", "Nobody could change it.")
    error.next_step = "Let the account's root do it."
    assert explain(error).next_step == "Let the account's root do it."
    assert not explain(error).denied


def test_a_denial_names_what_decided_and_what_to_do() -> None:
    error = client_error("AccessDeniedException", "User: alice is not authorized.")
    error.next_step = "Denied by statement “NoAlice” of the key policy."
    words = explain(error)
    assert words.denied
    assert words.next_step.startswith("Denied by statement “NoAlice” of the key policy. Act as ")


@pytest.mark.parametrize(
    ("message", "step", "text"),
    [
        ("The action is not allowed", "Ask.", "The action is not allowed. Ask."),
        ("It failed.", "Ask.", "It failed. Ask."),
        ("It failed", "", "It failed"),
        ("", "Ask.", "Ask."),
    ],
)
def test_a_message_without_a_full_stop_does_not_run_on(message: str, step: str, text: str) -> None:
    assert Explanation("Refused", message, step).text == text
