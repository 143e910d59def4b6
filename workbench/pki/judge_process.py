"""A validator of certificates kept in a process of its own, so that it can be stopped.

pyhanko-certvalidator cannot be interrupted from inside: a path that keeps it busy would keep a
thread for ever. The process starts with the first question, stays for the next ones, and is killed
when an answer takes too long; it ends with this one, whose end closes its input. It gets public
certificates only.
"""

import atexit
import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final

from workbench.pki.purposes import Purpose

DEADLINE: Final = 10.0
"""Seconds for an answer, the start of the process included."""

CHILD: Final = ("-m", "workbench.pki.judge_child")


class JudgeProcess:
    """Asks one child process, one question at a time.

    Args:
        deadline: seconds an answer may take.
        child: arguments to Python that run the child.
    """

    def __init__(self, deadline: float = DEADLINE, child: Sequence[str] = CHILD) -> None:
        self._deadline = deadline
        self._child = child
        self._lock = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: SimpleQueue[str] = SimpleQueue()

    def reason(self, path: Sequence[bytes], moment: datetime, purpose: Purpose) -> str:
        """Return why a path is refused, or an empty text when it is accepted.

        Args:
            path: certificates, DER, leaf first; the last one is trusted.
            moment: when the path is to be valid, timezone-aware.
            purpose: what the leaf is to be good for.
        """
        question = {
            "path": [base64.b64encode(der).decode() for der in path],
            "moment": moment.timestamp(),
            "purpose": purpose.value,
        }
        with self._lock:
            return self._ask(json.dumps(question) + "\n")

    def close(self) -> None:
        """End the process, if one runs."""
        with self._lock:
            self._end()

    def _ask(self, question: str) -> str:
        process = self._process or self._start()
        try:
            assert process.stdin is not None
            process.stdin.write(question)
            process.stdin.flush()
            answer = self._answers.get(timeout=self._deadline)
        except Empty:
            self._end()
            return f"no answer within {self._deadline:g} seconds"
        except OSError:
            answer = ""
        if not answer:
            self._end()
            return "the validator ended without an answer"
        return str(json.loads(answer)["reason"])

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with arguments of our own
            [sys.executable, *self._child],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        answers: SimpleQueue[str] = SimpleQueue()
        Thread(target=_pump, args=(process, answers), name="judge", daemon=True).start()
        self._process, self._answers = process, answers
        return process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()


def _pump(process: subprocess.Popen[str], answers: SimpleQueue[str]) -> None:
    """Pass lines on until the process ends, then an empty one."""
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put("")


JUDGE: Final = JudgeProcess()
"""The one process of this program."""

atexit.register(JUDGE.close)
