"""Certificates taken into the collection from dropped files and text, and what came of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from workbench.base.files import fault
from workbench.pki.parse import LARGEST_INPUT
from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import number

Results = list[dict[str, Any]]


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def import_files(shelf: Any, paths: Sequence[Path], *, trust: bool) -> Results:
    """Import certificates from files; called on a worker.

    Raises:
        EnvironmentFault: a file cannot be read.
        botocore ClientError: there is no certificate in it.
    """
    results: Results = []
    for path in paths:
        try:
            with path.open("rb") as stream:
                data = stream.read(LARGEST_INPUT + 1)
        except OSError as error:
            raise fault(error, "read", path) from error
        results += shelf.import_certificates(Data=data, TrustRoots=trust)["Results"]
    return results


def import_text(shelf: Any, text: str) -> Results:
    """Import certificates from PEM text; none of them becomes a trusted root."""
    answer = shelf.import_certificates(Data=text.encode(), TrustRoots=False)
    return list(answer["Results"])


def imported_words(results: Results) -> tuple[str, Tone]:
    """Return what came of an import in a sentence, and its tone."""
    added = sum(one["Outcome"] == "ADDED" for one in results)
    known = sum(one["Outcome"] == "KNOWN" for one in results)
    broken = [one for one in results if one["Outcome"] == "UNREADABLE"]
    parts = []
    if added:
        one = _tr("1 certificate was added.")
        parts.append(
            one if added == 1 else _tr("{n} certificates were added.").format(n=number(added))
        )
    if known:
        one = _tr("1 was known already.")
        parts.append(one if known == 1 else _tr("{n} were known already.").format(n=number(known)))
    if broken:
        text = _tr("{n} could not be read: {why}")
        parts.append(text.format(n=number(len(broken)), why=broken[0].get("Message", "")))
    return " ".join(parts), "warning" if broken else "ok"
