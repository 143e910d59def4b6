"""What the dialog for lists says of its rows."""

from collections import Counter

from PySide6.QtCore import QCoreApplication

from workbench.ui.panes.certificates.lists.batch import Batch, Line, Stand
from workbench.ui.widgets.texts import number


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def remarks_on(line: Line, verdict: str) -> str:
    """Return everything there is to say about a row, with its line."""
    words = {
        "FAILED": _tr("Failed"),
        "REFUSED": _tr("Refused"),
        "ERROR": _tr("Would be rejected"),
        "WARNING": _tr("Warning"),
        "NOTICE": _tr("Note"),
    }
    place = _tr("Line {n}: ").format(n=line.number)
    told = [
        f"{words[severity]}: {sentence}" + (f" [{rule}]" if rule else "")
        for severity, sentence, rule in line.remarks
    ]
    if line.stand is Stand.ISSUED or not told:
        told.insert(0, verdict)
    return place + "\n".join(told)


def verb_for(picked: Counter[Stand]) -> str:
    """Return what the main button says."""
    count = picked.total()
    if picked[Stand.FAILED]:
        return _tr("Try {n} again").format(n=number(count))
    if count == 1:
        return _tr("Issue 1 certificate")
    return _tr("Issue {n} certificates").format(n=number(count)) if count else _tr("Issue")


def summary(batch: Batch) -> str:
    """Return how many rows stand how."""
    words = {
        Stand.ISSUED: _tr("issued: {n}"),
        Stand.FAILED: _tr("failed: {n}"),
        Stand.GOOD: _tr("good: {n}"),
        Stand.WARNED: _tr("with warnings: {n}"),
        Stand.REJECTED: _tr("strict verifiers would reject: {n}"),
        Stand.REFUSED: _tr("refused: {n}"),
        Stand.UNREADABLE: _tr("not usable: {n}"),
        Stand.WAITING: _tr("not checked yet: {n}"),
    }
    parts = [text.format(n=number(batch.counts[stand])) for stand, text in words.items()
             if batch.counts[stand]]  # fmt: skip
    rows = _tr("Rows: {n}").format(n=number(len(batch.lines)))
    return f"{rows} ({', '.join(parts)})" if parts else rows
