"""Environment lines, read back by a real shell."""

import subprocess

from workbench.endpoint.lines import Shell, lines, variables

AWKWARD = "a'b\"c$HOME `x` \\ ü"


def test_only_what_is_given_is_set() -> None:
    found = variables("http://127.0.0.1:1", "AKIA", "s", "us-west-2")
    assert list(found) == [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_DEFAULT_REGION",
    ]
    more = variables("u", "A", "s", "r", session_token="t", ca_bundle="/ca.pem")
    assert (more["AWS_SESSION_TOKEN"], more["AWS_CA_BUNDLE"]) == ("t", "/ca.pem")


def test_a_shell_reads_back_what_was_written() -> None:
    text = lines({"AWS_SECRET_ACCESS_KEY": AWKWARD})
    script = f'{text}printf %s "$AWS_SECRET_ACCESS_KEY"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode() == AWKWARD


def test_cmd_sets_what_is_between_the_quotes() -> None:
    values = {"A": "a b&c^d", "AWS_CA_BUNDLE": r"C:\Users\N N\ca.pem"}
    assert lines(values, Shell.CMD) == (
        'set "A=a b&c^d"\nset "AWS_CA_BUNDLE=C:\\Users\\N N\\ca.pem"\n'
    )


def test_powershell_doubles_every_kind_of_single_quote() -> None:
    assert lines({"A": "x'y\u2019z"}, Shell.POWERSHELL) == "$env:A = 'x''y\u2019\u2019z'\n"
