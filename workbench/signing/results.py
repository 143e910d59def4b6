"""What became of every file of a job, written as a table (CSV, RFC 4180) or as JSON (RFC 8259).

Owns the file's form. Reads the job in portions, so that memory stays flat with any number of files.
"""

import contextlib
import csv
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

from workbench.base.files import fault
from workbench.base.sheets import plain_cell
from workbench.signing.job import FileView
from workbench.signing.rechecking import Recheck

_PORTION: Final = 500
_COLUMNS: Final = ("number", "file", "bytes", "state", "digest", "signature", "signed", "reason",
                   "requests")  # fmt: skip


class Files(Protocol):
    """Where the files come from: `workbench.signing.jobs.JobQueue`."""

    def files(self, job_id: str, start: int = 0, count: int = 200) -> tuple[FileView, ...]:
        """Return some files of a job, in order."""


def write_results(queue: Files, job_id: str, target: Path) -> int:
    """Write one line for each file of a job, in order; what was there is replaced at the end.

    Args:
        queue: has the job.
        job_id: which.
        target: JSON if its name ends with `.json`, else CSV in UTF-8.

    Returns:
        How many files were written.

    Raises:
        EnvironmentFault: the system refused; nothing partial is left.
        NotFound, Denied: there is no such job, or it may not be seen.
    """
    return _write(target, _COLUMNS, _records(queue, job_id))


def write_checks(recheck: Recheck, target: Path) -> int:
    """Write one line for each file of a job that was verified again; as `write_results`."""
    return _write(target, (*_COLUMNS, "outcome", "finding"), _checks(recheck))


def _write(target: Path, columns: Sequence[str], records: Iterator[Sequence[Any]]) -> int:
    write = _write_json if target.suffix.lower() == ".json" else _write_csv
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(".partial", ".", target.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            count = write(stream, columns, records)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except BaseException as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        if isinstance(error, OSError):
            raise fault(error, "write", target) from error
        raise
    return count


def _records(queue: Files, job_id: str) -> Iterator[Sequence[Any]]:
    start = 0
    while portion := queue.files(job_id, start, _PORTION):
        for file in portion:
            yield _values(file)
        start += len(portion)


def _checks(recheck: Recheck) -> Iterator[Sequence[Any]]:
    start = 0
    while portion := recheck.files(start, _PORTION):
        for one in portion:
            yield (*_values(one.file), str(one.outcome), one.sentence)
        start += len(portion)


def _values(file: FileView) -> tuple[Any, ...]:
    output = "" if file.output is None else _text(file.output)
    signed = "" if file.finished is None else file.finished.isoformat()
    return (file.number + 1, _text(file.path), file.size, str(file.state), file.digest, output,
            signed, file.sentence, " ".join(file.requests))  # fmt: skip


def _text(path: Path) -> str:
    """Return a path as text that can be written: bytes that are no UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _write_csv(stream: IO[str], columns: Sequence[str], records: Iterator[Sequence[Any]]) -> int:
    writer = csv.writer(stream)
    writer.writerow(columns)
    count = 0
    for record in records:
        writer.writerow([one if isinstance(one, int) else plain_cell(one) for one in record])
        count += 1
    return count


def _write_json(stream: IO[str], columns: Sequence[str], records: Iterator[Sequence[Any]]) -> int:
    count = 0
    stream.write('{"files": [')
    for record in records:
        stream.write(",\n" if count else "\n")
        stream.write(json.dumps(dict(zip(columns, record, strict=True)), ensure_ascii=False))
        count += 1
    stream.write("\n]}\n")
    return count
