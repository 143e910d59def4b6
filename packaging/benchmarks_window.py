"""How soon the window answers, and for how long it does not while jobs run.

Part of packaging/bench. Each measurement is a process of its own, as a person would start it.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks_signing import (
    DOCUMENTS,
    FILES,
    PASSPHRASE,
    QUICK,
    bench_in,
    big_file,
    detached_jws,
    documents,
    other_recipe,
    sign_all,
    signing_recipe,
    small_files,
)
from figures import Figure, figure
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from qasync import QEventLoop

from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.signing.job import JobState
from workbench.signing.recipe import Recipe
from workbench.ui.app import make_application
from workbench.ui.collector import Collector
from workbench.ui.look import Look
from workbench.ui.preferences import Local
from workbench.ui.registry import PANES
from workbench.ui.session import Session
from workbench.ui.widgets.table import RowTable
from workbench.ui.window import Window

KEYS = 10_000
REPEATS = 3
SCRIPT = Path(__file__).with_name("benchmarks.py")


def window(folder: Path) -> list[Figure]:
    """From an opened vault of 10,000 keys to a window that answers."""
    assembly = Assembly(secrets=MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(folder / "vault", PASSPHRASE)
    with bench.vault.transaction():  # type: ignore[attr-defined]
        for number in range(KEYS):
            made = bench.kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
            if number % 2:
                key = made["KeyMetadata"]["KeyId"]
                bench.kms.create_alias(AliasName=f"alias/key-{number:05}", TargetKeyId=key)
    bench.close()
    # The first start compiles what was changed, as after an update, and does not count.
    answers = [run_child("window", folder) for _ in range(6)][1:]
    return [
        figure("window", f"Window to first interaction, {KEYS:,} keys in the vault",
               [a["interactive"] for a in answers], "s", 1.0, at_least=False),
        figure("window-all-rows", "The same until every row is in the table",
               [a["complete"] for a in answers], "s", 3.0, at_least=False),
        figure("window-process", "Process start to first interaction, unlocking included",
               [a["process"] for a in answers], "s", 2.0, at_least=False),
    ]  # fmt: skip


def run_child(kind: str, folder: Path) -> dict[str, float]:
    """Measure in a process of its own, which keeps compiled modules as on a person's machine."""
    environment = {
        name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    child = [sys.executable, str(SCRIPT), "--child", kind, str(folder)]
    done = subprocess.run(child, check=True, capture_output=True, text=True, env=environment)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def child_window(folder: Path) -> None:
    """Open the window on the vault; print when it answered a key press, and had every row."""
    bench = Assembly(secrets=MemoryStore(), cost=QUICK).open(folder / "vault")
    bench.vault.unlock_with_passphrase(PASSPHRASE)
    start = time.perf_counter()
    with window_on(bench, folder) as (shown, loop):
        answer = loop.run_until_complete(_first_answer(shown, start))
        _tell(answer)


@contextmanager
def window_on(bench: Bench, folder: Path) -> Iterator[tuple[Window, QEventLoop]]:
    """A window on an open vault, and its loop; garbage is collected as `workbench.ui.app` does."""
    application = make_application()
    Collector(application)
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        session = Session(application)
        keeper = Assembly(secrets=MemoryStore(), cost=QUICK)
        local = Local(folder / "window.ini")
        shown = Window(keeper, Look(application, "light"), session, local, PANES)
        shown.show()
        shown.adopt(bench)
        yield shown, loop


def _tell(answer: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    # The figures are out; a tidy end of the window is another test's matter.
    os._exit(0)


async def _first_answer(shown: QWidget, start: float) -> dict[str, float]:
    """Press a key as soon as there is a row; return seconds until it was taken, and the rest."""
    table = None
    while table is None or not table.model().rowCount():
        await asyncio.sleep(0.002)
        table = next((one for one in shown.findChildren(RowTable) if one.isVisible()), None)
    field = next(one for one in shown.findChildren(QLineEdit) if one.isVisible())
    QTest.keyClick(field, Qt.Key.Key_K)
    while field.text() != "k":
        await asyncio.sleep(0.001)
    answer = {"interactive": time.perf_counter() - start, "process": time.time() - _process_start()}
    field.clear()
    while table.model().rowCount() < KEYS and time.perf_counter() - start < 60:
        await asyncio.sleep(0.01)
    return {**answer, "complete": time.perf_counter() - start}


def _process_start() -> float:
    """Return when this process began, in seconds since the epoch (Linux, /proc)."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    uptime = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.time() - uptime + ticks


def stall(folder: Path) -> list[Figure]:
    """The longest time for which the window answers nothing, while each kind of job runs."""
    made = []
    for name, (what, _) in LOADS.items():
        values = []
        for number in range(REPEATS):
            own = folder / f"{name}-{number}"
            own.mkdir()
            values.append(run_child(f"stall-{name}", own)["stall"])
        told = f"Longest stall of the window while {what}"
        made.append(figure(f"stall-{name}", told, values, "ms", 50, at_least=False))
    return made


def child_stall(folder: Path, name: str) -> None:
    """Do one kind of work with the Signing pane in front, and print the longest stall in ms."""
    load = LOADS[name][1]
    with (
        bench_in(folder, "EC_prime256v1" if name == "pdfs" else "ML_DSA_65") as bench,
        window_on(bench, folder) as (shown, loop),
    ):
        begin, busy = load(bench, folder, shown)
        workspace: Any = shown.workspace
        workspace.turn_to("signing")
        loop.run_until_complete(_settle(shown))
        _tell({"stall": loop.run_until_complete(_longest_stall(begin, busy))})


async def _settle(shown: Window) -> None:
    """Wait until what opening the window began has ended."""
    quiet = 0
    while quiet < 20:
        await asyncio.sleep(0.02)
        quiet = quiet + 1 if shown.session.idle else 0


async def _longest_stall(begin: Callable[[], object], busy: Callable[[], bool]) -> float:
    """Return the longest time in ms by which a 1 ms timer of Qt's was late, until work ends."""
    longest, last = 0.0, time.perf_counter()

    def tick() -> None:
        nonlocal longest, last
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=1)
    timer.timeout.connect(tick)
    timer.start()
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, begin)
    while await loop.run_in_executor(None, busy):
        await asyncio.sleep(0.05)
    timer.stop()
    return 1000 * longest


Load = Callable[[Bench, Path, Window], tuple[Callable[[], object], Callable[[], bool]]]


def _job(recipe: Callable[[Bench, Path], Recipe], files: Callable[[Path], Path]) -> Load:
    """A signing job as work to do."""

    def load(bench: Bench, folder: Path, _: Window) -> tuple[Any, Callable[[], bool]]:
        out, paths, jobs = folder / "out", [files(folder)], []
        out.mkdir()
        chosen = recipe(bench, out)

        def begin() -> None:
            jobs.append(bench.jobs.submit(chosen, paths))

        def busy() -> bool:
            return bench.jobs.wait(jobs[0], 0).state is not JobState.DONE

        return begin, busy

    return load


def _verification(
    bench: Bench, folder: Path, shown: Window
) -> tuple[Callable[[], object], Callable[[], bool]]:
    """Verifying many signatures on the Verify page."""
    many, out = small_files(folder), folder / "out"
    out.mkdir()
    sign_all(bench, signing_recipe(bench, out), [many], FILES)
    pairs: Sequence[tuple[Path, Path]] = [
        (path, out / many.name / f"{path.name}.p7s") for path in sorted(many.iterdir())
    ]
    workspace: Any = shown.workspace
    pane = workspace.panes["signing"]
    start = QTimer(shown, singleShot=True, interval=0)
    start.timeout.connect(lambda: pane.verifying.pairs(pairs))
    started = []

    def busy() -> bool:
        started.append(pane.verdicts.share > -2)
        return started[-1] or not any(started)

    return start.start, busy


LOADS: dict[str, tuple[str, Load]] = {
    "files": (f"{FILES:,} files of 4 KiB are signed", _job(signing_recipe, small_files)),
    "file": ("a file of 1 GiB is signed", _job(signing_recipe, big_file)),
    "jws": ("it is signed as a detached JWS", _job(lambda b, _: detached_jws(b), big_file)),
    "pdfs": (
        f"{DOCUMENTS:,} PDFs are signed",
        _job(lambda bench, out: other_recipe(bench, "pades", out), documents),
    ),
    "verify": (f"{FILES:,} signatures are verified", _verification),
}
