"""Many certificates in one go: a table's rows looked at before, then issued one after the other.

Works through boto3-shaped clients and keeps no state: what was issued when it is stopped stays
issued, and every row's outcome is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509

from workbench.base.errors import Locked, WorkbenchError
from workbench.pki.clients import KmsClient, ShelfClient
from workbench.pki.csr import sign_csr
from workbench.pki.external import external_key
from workbench.pki.names import from_subject
from workbench.pki.order_table import Row
from workbench.pki.passthrough import general_name
from workbench.pki.profile_shelf import every_profile
from workbench.pki.throwaway import throwaway_key

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""

Cancelled = Callable[[], bool]
"""Asked before each row whether to stop."""

_DELETION_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Preview:
    """What there is to say about a row before it is issued.

    Attributes:
        row: the row.
        verdict: CLEAR, OVERRIDABLE or REFUSED.
        findings: as PreviewIssue gives them.
        draft: what would be issued, DER, but for its signature; empty if the CA refuses.
    """

    row: Row
    verdict: str
    findings: tuple[Mapping[str, Any], ...]
    draft: bytes = b""

    @property
    def overridable(self) -> tuple[str, ...]:
        """The rules that are overridden by whoever issues it nevertheless."""
        errors = (str(one["Rule"]) for one in self.findings if one["Severity"] == "ERROR")
        return tuple(dict.fromkeys(errors))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row.

    Attributes:
        row: the row.
        certificate_arn: ARN of the certificate, or empty if there is none.
        certificate_id: its id in the collection, or empty.
        certificate: PEM, or empty.
        chain: PEM of the certificates above it, or empty.
        key_arn: the key that was made or taken, or empty.
        problem: why it failed, or empty.
    """

    row: Row
    certificate_arn: str = ""
    certificate_id: str = ""
    certificate: str = ""
    chain: str = ""
    key_arn: str = ""
    problem: str = ""


def known_templates(shelf: ShelfClient) -> dict[str, str]:
    """Return the ARNs of all templates and profiles by name, for `order_table.read_table`."""
    return {one["Name"]: one["Arn"] for one in every_profile(shelf)}


def preview_rows(
    kms: KmsClient,
    shelf: ShelfClient,
    authority: str,
    rows: Sequence[Row],
    progress: Progress,
    cancelled: Cancelled,
    *,
    lint: bool = False,
) -> Iterator[Preview]:
    """Yield what there is to say about each row, until the vault is locked; nothing is made.

    Args:
        kms: client that knows the rows' keys.
        shelf: client that looks at requests.
        authority: ARN of the CA that is to issue.
        rows: the rows.
        progress: told each row.
        cancelled: asked before each row.
        lint: whether pkilint looks as well, which takes some ten milliseconds a row.
    """
    for row in _each(rows, "Checking", progress, cancelled):
        if row.alias and _exists(kms, row.alias):
            yield _refused(row, "AlreadyExistsException", f"There is an alias {row.alias} already.")
            continue
        try:
            answer = shelf.preview_issue(**_order(row, authority, _draft(kms, row)), Lint=lint)
            findings = tuple(answer["Findings"])
            yield Preview(row, answer["Verdict"], findings, bytes(answer.get("Draft", b"")))
        except Locked:
            return
        except (ClientError, WorkbenchError, ValueError) as error:
            yield _refused(row, _code(error), _sentence(error))


def issue_rows(
    kms: KmsClient,
    shelf: ShelfClient,
    authority: str,
    rows: Sequence[Row],
    progress: Progress,
    cancelled: Cancelled,
    overridden: Mapping[int, Sequence[str]] = MappingProxyType({}),
    reason: str = "",
) -> Iterator[Outcome]:
    """Issue rows one after the other and yield what became of each.

    A row that fails does not stop the others; a key that was made for it is deleted again. Once the
    vault is locked, the rest is left as if it had been cancelled.

    Args:
        kms: client that makes and uses keys.
        shelf: client that issues.
        authority: ARN of the CA.
        rows: the rows.
        progress: told each row.
        cancelled: asked before each row.
        overridden: rules of the check that are overridden, as `PreviewIssue` names them, by the
            line of the row they are overridden for.
        reason: why, for the journal.
    """
    for row in _each(rows, "Issuing", progress, cancelled):
        rules = list(overridden.get(row.line, ()))
        # What pkilint found is asked for again where it is overridden, so that the journal has it.
        override: dict[str, Any] = {"Lint": any(one.startswith("pkilint") for one in rules)}
        if rules:
            override["OverriddenRules"] = rules
        if rules and reason:
            override["OverrideReason"] = reason
        try:
            yield _issue(kms, shelf, authority, row, override)
        except Locked:
            return


def _refused(row: Row, rule: str, sentence: str) -> Preview:
    finding = {"Severity": "REFUSED", "Rule": rule, "Sentence": sentence, "Overridable": False}
    return Preview(row, "REFUSED", (finding,))


def _exists(kms: KmsClient, alias: str) -> bool:
    """Whether there is an alias; if KMS does not say, making it will tell."""
    try:
        kms.describe_key(KeyId=alias)
    except ClientError:
        return False
    return True


def _each(
    rows: Sequence[Row], what: str, progress: Progress, cancelled: Cancelled
) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if cancelled():
            return
        progress(f"{what} {row.title}", number / len(rows))
        yield row
    progress("Done", 1.0)


def _issue(
    kms: KmsClient, shelf: ShelfClient, authority: str, row: Row, override: dict[str, Any]
) -> Outcome:
    made = ""
    try:
        key_arn = made = _new_key(kms, row) if row.key_spec else ""
        if row.key_id:
            key_arn = str(kms.describe_key(KeyId=row.key_id)["KeyMetadata"]["Arn"])
        csr = _signed(kms, row, key_arn) if key_arn else row.csr
        answer = shelf.issue_certificate(**_order(row, authority, csr), **override)
    except Locked:
        raise
    except (ClientError, WorkbenchError, ValueError) as error:
        if made:
            _discard(kms, row, made)
        return Outcome(row, problem=_sentence(error))
    return Outcome(
        row,
        answer["CertificateArn"],
        answer["Id"],
        answer["Certificate"],
        answer.get("CertificateChain", ""),
        key_arn,
    )


def _new_key(kms: KmsClient, row: Row) -> str:
    made = kms.create_key(
        KeySpec=row.key_spec, KeyUsage="SIGN_VERIFY", Description=f"Key of {row.title}"[:8192]
    )["KeyMetadata"]
    try:
        if row.alias:
            kms.create_alias(AliasName=row.alias, TargetKeyId=made["KeyId"])
    except ClientError:
        kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=_DELETION_DAYS)
        raise
    return str(made["Arn"])


def _discard(kms: KmsClient, row: Row, key_arn: str) -> None:
    try:
        if row.alias:
            kms.delete_alias(AliasName=row.alias)
        kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=_DELETION_DAYS)
    except (ClientError, WorkbenchError):
        # The row's own problem is the one to tell; the key stays, unused.
        return


def _signed(kms: KmsClient, row: Row, key_id: str) -> str:
    return _request(external_key(kms, key_id), row)


def _request(key: Any, row: Row) -> str:
    names = [general_name(one) for one in row.names]
    asked = [(x509.SubjectAlternativeName(names), False)] if names else []
    subject = from_subject(row.subject) if row.subject else x509.Name([])
    return sign_csr(key, subject, ca=False, extensions=asked)


def _draft(kms: KmsClient, row: Row) -> str:
    """Return the request a row would make, by a key of its kind that is thrown away."""
    if row.csr:
        return row.csr
    if row.key_id:
        # A key that is there signs, so that the check sees the key itself.
        return _signed(kms, row, row.key_id)
    return _request(throwaway_key(row.key_spec), row)


def _order(row: Row, authority: str, csr: str) -> dict[str, Any]:
    order: dict[str, Any] = {
        "CertificateAuthorityArn": authority,
        "Csr": csr.encode(),
        "TemplateArn": row.template_arn,
        "Validity": dict(row.validity),
    }
    passed: dict[str, Any] = {}
    if row.csr and row.subject:
        passed["Subject"] = dict(row.subject)
    if row.csr and row.names:
        passed["Extensions"] = {"SubjectAlternativeNames": [dict(one) for one in row.names]}
    return {**order, "ApiPassthrough": passed} if passed else order


def _code(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__


def _sentence(error: Exception) -> str:
    if isinstance(error, ClientError):
        problem = error.response.get("Error", {})
        return f"{problem.get('Code')}: {problem.get('Message')}"
    return str(error)
