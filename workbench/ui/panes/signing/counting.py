"""Counting what would be signed, off the GUI thread, while the sheet is open."""

import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from workbench.signing.formats.registry import format_named, output_name
from workbench.ui.panes.signing.survey import Count, count
from workbench.ui.panes.signing.words import count_files
from workbench.ui.session import Session
from workbench.ui.widgets.texts import number, size


def _tr(text: str) -> str:
    return QCoreApplication.translate("signing", text)


class Counter(QObject):
    """Counts files, bytes, and signatures that exist already.

    Args:
        session: runs it.
        paths: files and folders.
        parent: owns it.

    Signals:
        changed: more was counted.
    """

    changed = Signal()

    def __init__(self, session: Session, paths: Sequence[Path], parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._paths = tuple(paths)
        self._stop = threading.Event()
        self._choices: tuple[Path | None, str] | None = None
        self.so_far = Count()
        self.whole: Count | None = None

    def begin(self, folder: Path | None, kind: str) -> None:
        """Count, or count again if signatures would go elsewhere now.

        Args:
            folder: where they go; None for beside each file.
            kind: name of their format.
        """
        if self._choices == (folder, kind):
            return
        self.stop()
        self._choices = (folder, kind)
        self._stop = stop = threading.Event()
        self.so_far, self.whole = Count(), None
        tell = self._session.relay(self, partial(self._grew, stop))
        paths, form = self._paths, format_named(kind)

        def output(path: str) -> str:
            return output_name(form, path if folder is None else str(folder / Path(path).name))

        self._session.start(
            self, lambda: count(paths, output, stop, tell), partial(self._ended, stop)
        )

    def stop(self) -> None:
        """Count no further."""
        self._stop.set()

    def _grew(self, stop: threading.Event, so_far: Count) -> None:
        if stop is self._stop:
            self.so_far = so_far
            self.changed.emit()

    def _ended(self, stop: threading.Event, whole: Count) -> None:
        if stop is self._stop:
            self.whole = whole
            self.changed.emit()


def sign_verb(known: Count | None) -> str:
    """Return what the main button says."""
    if known is None:
        return _tr("Sign")
    return _tr("Sign {files}").format(files=count_files(known.files))


def summary(counter: Counter, key: str, *, replace: bool) -> str:
    """Return what will happen, in a line.

    Args:
        counter: what was counted.
        key: the signing key's name, or empty.
        replace: whether existing signatures are replaced.
    """
    known = counter.whole
    if known is None:
        return _tr("Counting… {files} so far").format(files=count_files(counter.so_far.files))
    if not known.files:
        return _tr("There is no file in it to sign.")
    text = _tr("Signs {files} ({size}) with {key}.")
    parts = [
        text.format(files=count_files(known.files), size=size(known.size), key=key or _tr("no key"))
    ]
    if known.existing:
        parts.append(_existing(known.existing, replace=replace))
    if known.passed == 1:
        parts.append(_tr("Passes over 1 link, special file or unreadable folder."))
    elif known.passed:
        text = _tr("Passes over {n} links, special files or unreadable folders.")
        parts.append(text.format(n=number(known.passed)))
    return " ".join(parts)


def _existing(existing: int, *, replace: bool) -> str:
    if existing == 1 and replace:
        return _tr("1 signature that exists already is replaced.")
    if existing == 1:
        return _tr("1 has a signature already; it stays, and the file is not signed again.")
    if replace:
        text = _tr("{n} signatures that exist already are replaced.")
    else:
        text = _tr("{n} have a signature already; it stays, and these files are not signed again.")
    return text.format(n=number(existing))
