"""Environment lines that point boto3, the AWS CLI and the SDKs at the endpoint."""

import shlex
from collections.abc import Mapping
from enum import Enum


class Shell(Enum):
    """Whose syntax lines are written in."""

    SH = "sh"
    POWERSHELL = "PowerShell"
    CMD = "cmd"


def variables(
    url: str,
    access_key_id: str,
    secret: str,
    region: str,
    *,
    session_token: str = "",
    ca_bundle: str = "",
) -> dict[str, str]:
    """Return the variables that AWS's clients read (AWS SDKs and Tools Reference Guide).

    Args:
        url: the endpoint's.
        access_key_id: the access key to sign with.
        secret: its secret.
        region: the Region asked for when a client names none.
        session_token: of a temporary credential; empty for a lasting one.
        ca_bundle: path of the PEM file with the endpoint's CA, where it speaks TLS.
    """
    found = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": session_token,
        "AWS_DEFAULT_REGION": region,
        "AWS_CA_BUNDLE": ca_bundle,
    }
    return {name: value for name, value in found.items() if value}


def lines(values: Mapping[str, str], shell: Shell = Shell.SH) -> str:
    """Return commands that set `values`, one a line, ready to paste."""
    if shell is Shell.POWERSHELL:
        made = [f"$env:{name} = {_powershell(value)}" for name, value in values.items()]
    elif shell is Shell.CMD:
        # The quotes around the whole keep & and ^ what they are, and are not part of the value. At
        # the prompt, %NAME% cannot be escaped; no value here has one.
        made = [f'set "{name}={value}"' for name, value in values.items()]
    else:
        made = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join(made) + "\n"


def _powershell(value: str) -> str:
    # PowerShell takes typographic quotes for its own single quote too (about_Quoting_Rules).
    return "'" + "".join(c * 2 if c in "'\u2018\u2019\u201a\u201b" else c for c in value) + "'"
