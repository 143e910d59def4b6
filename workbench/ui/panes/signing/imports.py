"""Certificates taken into the collection from dropped text, and what came of it."""

from typing import Any

from PySide6.QtCore import QCoreApplication

from workbench.ui.tokens import Tone
from workbench.ui.widgets.texts import number

Results = list[dict[str, Any]]


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


def import_text(shelf: Any, text: str) -> Results:
    """Import certificates from PEM text; none of them becomes a trusted root.

    Raises:
        botocore ClientError: there is no certificate in it.
    """
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
