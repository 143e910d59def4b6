"""What a RevocationConfiguration may say, and what of it is kept.

Source: AWS Private CA API Reference, RevocationConfiguration; AWS Private CA User Guide,
"Plan your certificate revocation method".
"""

from typing import Any

from workbench.api.errors import AwsError
from workbench.pki.authority import SHORT_LIVED
from workbench.pki.publishing import is_bucket

_SCHEME = "://"


def checked(wanted: dict[str, Any], before: dict[str, Any], usage_mode: str) -> dict[str, Any]:
    """Return the configuration a CA has after a request.

    Args:
        wanted: the request's RevocationConfiguration; a part it leaves out stays as it was.
        before: the CA's configuration so far.
        usage_mode: the CA's UsageMode.

    Raises:
        AwsError: InvalidArgsException.
    """
    crl, ocsp = wanted.get("CrlConfiguration"), wanted.get("OcspConfiguration")
    enabled = [part for part in (crl, ocsp) if part and part["Enabled"]]
    if usage_mode == SHORT_LIVED and enabled:
        raise _invalid("A CA in the mode SHORT_LIVED_CERTIFICATE has no revocation.")
    if crl is not None and crl["Enabled"]:
        _check_crl(crl)
    elif crl is not None and set(crl) - {"Enabled"}:
        raise _invalid("CRL settings can be given only when the CRL is enabled.")
    if ocsp is not None:
        custom = ocsp.get("OcspCustomCname", "")
        if custom and not ocsp["Enabled"]:
            raise _invalid("OcspCustomCname can be given only when OCSP is enabled.")
        _check_host(custom, "OcspCustomCname")
    return {**before, **{name: value for name, value in wanted.items() if value is not None}}


def _check_crl(crl: dict[str, Any]) -> None:
    bucket = crl.get("S3BucketName")
    if bucket is None:
        raise _invalid("S3BucketName is required when the CRL is enabled.")
    if not is_bucket(bucket):
        raise _invalid(f"{bucket} is not the name of a bucket.")
    _check_host(crl.get("CustomCname", ""), "CustomCname")
    if any(part in {".", ".."} for part in crl.get("CustomPath", "").split("/")):
        raise _invalid("CustomPath must not lead out of the bucket.")
    omitted = crl.get("CrlDistributionPointExtensionConfiguration", {}).get("OmitExtension")
    if omitted and crl.get("CustomCname"):
        raise _invalid("CustomCname has no effect when the extension is omitted: leave it out.")


def _check_host(name: str, member: str) -> None:
    if _SCHEME in name:
        raise _invalid(f"{member} is a host name without a scheme such as http://.")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgsException", message)
