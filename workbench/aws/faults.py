"""What boto3 raises besides AWS's own error codes, as faults of the environment with a next step.

Owns the sentences. Nothing of what a credential source printed gets into them: it may be secret.
"""

from collections.abc import Callable
from typing import Final

from workbench.base.errors import Cancelled, EnvironmentFault, WorkbenchError
from workbench.base.sites import Site

_Words = tuple[str, str]


def fault_of(error: Exception, site: Site) -> WorkbenchError:
    """Return a boto3 failure in words.

    Args:
        error: a `BotoCoreError`; its class decides, or the nearest of its bases that is known.
        site: where it happened.
    """
    for kind in type(error).__mro__:
        made = _FAULTS.get(kind.__name__)
        if made is not None:
            return EnvironmentFault(*made(site))
    message = f"The request to {site.text} failed ({type(error).__name__})."
    return EnvironmentFault(message, "Check the AWS configuration of this profile and try again.")


def stopped(site: Site) -> Cancelled:
    """Return what a request says that was stopped by the user."""
    return Cancelled(f"The request to {site.text} was stopped.", "Press F5 to ask again.")


def needs_code(site: Site) -> EnvironmentFault:
    """Return what is said where a profile asks for the code of an MFA device."""
    return EnvironmentFault(
        f"{_profile(site)} asks for the code of an MFA device, which cannot be given here.",
        "Use a profile of IAM Identity Center (SSO), or one made with “aws sts get-session-token”.",
    )


def _profile(site: Site) -> str:
    return f"The profile “{site.profile}”" if site.profile else "The AWS configuration"


def _named(site: Site) -> str:
    return f" --profile {site.profile}" if site.profile else ""


def _target(site: Site) -> str:
    return f"“{site.host}”" if site.host else f"AWS in {site.region or 'this Region'}"


def _no_credentials(site: Site) -> _Words:
    return (
        f"{_profile(site)} has no credentials.",
        f"Run “aws configure{_named(site)}” or “aws configure sso{_named(site)}” in a shell.",
    )


def _ended(command: str) -> Callable[[Site], _Words]:
    """Return the words for a sign-in that has expired, which a command of the AWS CLI renews."""

    def words(site: Site) -> _Words:
        whose = _profile(site)
        return (
            f"The sign-in of {whose[0].lower()}{whose[1:]} has expired.",
            f"Run “aws {command}{_named(site)}” in a shell, then try again.",
        )

    return words


_expired = _ended("sso login")
_signed_out = _ended("login")


def _partial(site: Site) -> _Words:
    return (
        f"{_profile(site)} has only half of an access key.",
        f"Run “aws configure{_named(site)}” in a shell to complete it.",
    )


def _source_failed(site: Site) -> _Words:
    return (
        f"The credentials of {_profile(site)[0].lower()}{_profile(site)[1:]} could not be read.",
        f"Run “aws sts get-caller-identity{_named(site)}” in a shell; it shows why.",
    )


def _no_profile(site: Site) -> _Words:
    return (
        f"There is no profile “{site.profile}” in the AWS configuration.",
        "Choose another profile, or add it with “aws configure”.",
    )


def _unreadable(_site: Site) -> _Words:
    return (
        "The AWS configuration cannot be read.",
        "Correct ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE names.",
    )


def _misconfigured(site: Site) -> _Words:
    return (
        f"{_profile(site)} is not complete or contradicts itself.",
        f"Run “aws sts get-caller-identity{_named(site)}” in a shell; it shows why.",
    )


def _unreachable(site: Site) -> _Words:
    step = (
        "Check that it runs, and the endpoint URL."
        if site.endpoint
        else "Check the network connection and the Region's name."
    )
    return f"{_target(site)} cannot be reached.", step


def _timeout(site: Site) -> _Words:
    return (
        f"{_target(site)} did not answer in time.",
        "Try again; check the network connection, VPN and firewall if it stays so.",
    )


def _proxy(site: Site) -> _Words:
    return (
        f"The proxy on the way to {_target(site)} did not answer.",
        "Check HTTPS_PROXY and NO_PROXY, or the network connection.",
    )


def _tls(site: Site) -> _Words:
    return (
        f"The TLS certificate of {_target(site)} is not trusted here.",
        "Name its CA in AWS_CA_BUNDLE or in the profile's ca_bundle.",
    )


def _no_region(_site: Site) -> _Words:
    return "No Region is chosen, and the profile names none.", "Choose a Region."


def _unknown_region(site: Site) -> _Words:
    return f"AWS has no endpoint in “{site.region}”.", "Choose another Region."


_FAULTS: Final[dict[str, Callable[[Site], _Words]]] = {
    "ConfigNotFound": _unreadable,
    "ConfigParseError": _unreadable,
    "ConnectTimeoutError": _timeout,
    "ConnectionClosedError": _unreachable,
    "ConnectionError": _unreachable,
    "CredentialRetrievalError": _source_failed,
    "EndpointConnectionError": _unreachable,
    "HTTPClientError": _unreachable,
    "InvalidConfigError": _misconfigured,
    "InvalidRegionError": _unknown_region,
    "LoginError": _signed_out,
    "MetadataRetrievalError": _source_failed,
    "NoAuthTokenError": _expired,
    "NoCredentialsError": _no_credentials,
    "NoRegionError": _no_region,
    "PartialCredentialsError": _partial,
    "ProfileNotFound": _no_profile,
    "ProxyConnectionError": _proxy,
    "ReadTimeoutError": _timeout,
    "SSLError": _tls,
    "SSOError": _expired,
    "TokenRetrievalError": _expired,
    "UnknownEndpointError": _unknown_region,
    "UnknownRegionError": _unknown_region,
}
