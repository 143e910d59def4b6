"""The file system's notices of what changes in a folder.

Owns watchdog, which is imported with this module and so only once a folder is watched. Must not
know what becomes of the files.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from workbench.base.files import printable

_LOG = logging.getLogger(__name__)


class _Handler(FileSystemEventHandler):
    """Hands on the paths of files; called on watchdog's thread."""

    def __init__(self, tell: Callable[[list[Path]], None]) -> None:
        self._tell = tell

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Tell what changed."""
        if event.is_directory and event.event_type != "moved":
            return
        self._tell([Path(str(name)) for name in (event.src_path, event.dest_path) if name])


def observe(
    folder: Path, tell: Callable[[list[Path]], None], *, recursive: bool
) -> BaseObserver | None:
    """Return what observes a folder, or None where the system offers no way.

    Args:
        folder: the folder.
        tell: given paths that changed, on another thread.
        recursive: whether folders in it are observed as well.
    """
    for kind in (Observer, PollingObserver):
        observer: BaseObserver = kind()
        try:
            observer.schedule(_Handler(tell), str(folder), recursive=recursive)
            observer.start()
        except OSError as error:
            # The system may have no notices left to give (inotify's limits): look regularly.
            _LOG.warning("watching %s: %s", printable(folder.name), error.strerror)
            continue
        return observer
    return None
