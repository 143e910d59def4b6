"""What the product costs beside its peers, measured in one run. Run by packaging/bench.

Every comparison is made of interleaved pairs (peer, product, peer, product, …), so that a slower
minute of the machine falls on both; the median of the pairs' ratios is the figure. Nothing here
is tuned for a result: the product's calls are those that the window and the command line make.
"""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.hsm.officer import Argon2Cost
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.recipe import Recipe, make_recipe

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

PAIRS = 7
SIGNATURES = 600
GIB = 1 << 30
FILES = 10_000
FILE_BYTES = 4096
KEYS = 10_000
ROWS = 100_000
ALIAS = "alias/bench"
QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    what: str
    median: float
    lowest: float
    highest: float
    unit: str
    aim: str
    met: bool

    def line(self) -> str:
        """Return it as a line for people."""
        spread = f"{self.lowest:.3g} to {self.highest:.3g}"
        verdict = "met" if self.met else "NOT met"
        return (
            f"{self.name:<18} {self.median:8.3g} {self.unit:<4} ({spread}), aim {self.aim}: "
            f"{verdict}. {self.what}"
        )


def figure(
    name: str, what: str, values: list[float], unit: str, aim: float, *, at_least: bool
) -> Figure:
    """Return a figure from its repetitions."""
    median = statistics.median(values)
    met = median >= aim if at_least else median <= aim
    sign = "≥" if at_least else "≤"
    return Figure(
        name, what, median, min(values), max(values), unit, f"{sign} {aim:g} {unit}".strip(), met
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratios(peer: Callable[[], object], ours: Callable[[], object], pairs: int) -> list[float]:
    """Return how many times as fast as the peer we are, pair by pair."""
    peer()
    ours()
    return [seconds(peer) / seconds(ours) for _ in range(pairs)]


@contextmanager
def bench_in(folder: Path) -> Iterator[Bench]:
    """A fresh vault with a code-signing hierarchy."""
    assembly = Assembly(secrets=MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(folder / "vault", PASSPHRASE)
    try:
        bench.create_hierarchy(HierarchyRequest(alias=ALIAS), lambda text, share: None)
        yield bench
    finally:
        bench.close()


def signing_recipe(bench: Bench, folder: Path | None = None) -> Recipe:
    """The recipe of the bench's hierarchy."""
    chain = chain_for_key(bench.kms, bench.shelf, ALIAS)
    return make_recipe(bench.kms, ALIAS, chain, replace_existing=True, folder=folder)


def sign_1kib(folder: Path) -> list[Figure]:
    """In-process Sign of 1 KiB against the bare library."""
    message = os.urandom(1024)
    bare_key = MLDSA65PrivateKey.generate()
    with bench_in(folder) as bench:
        key = bench.kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]

        def bare() -> None:
            for _ in range(SIGNATURES):
                bare_key.sign(message)

        def ours() -> None:
            for _ in range(SIGNATURES):
                bench.kms.sign(KeyId=key, Message=message, SigningAlgorithm="ML_DSA_SHAKE_256")

        values = ratios(bare, ours, 2 * PAIRS)
    what = "ML-DSA-65 Sign of 1 KiB through the door, against bare cryptography in a loop"
    return [figure("sign-1kib", what, values, "", 0.95, at_least=True)]


def file_1gib(folder: Path) -> list[Figure]:
    """Signing one 1 GiB file against bare SHA-512 of it, and the memory it takes."""
    big = folder / "big"
    with big.open("wb") as stream:
        for _ in range(GIB >> 20):
            stream.write(os.urandom(1 << 20))

    def bare() -> None:
        with big.open("rb") as stream:
            hashlib.file_digest(stream, "sha512")

    with bench_in(folder) as bench:
        recipe = signing_recipe(bench)

        def ours() -> None:
            bench.jobs.wait(bench.jobs.submit(recipe, [big]))

        values = ratios(bare, ours, 5)
    child = [sys.executable, __file__, "--child", "memory", str(folder)]
    done = subprocess.run(child, check=True, capture_output=True, text=True)
    peak = float(done.stdout)
    return [
        figure("file-1gib", "Signing a 1 GiB file, against bare SHA-512 of it", values, "", 0.9,
               at_least=True),
        figure("file-1gib-memory", "Peak memory of a process that signs it", [peak], "MiB", 150,
               at_least=False),
    ]  # fmt: skip


def child_memory(folder: Path) -> None:
    """Sign the big file in a process of its own and print the peak memory in MiB."""
    other = folder / "memory"
    other.mkdir()
    with bench_in(other) as bench:
        view = bench.jobs.wait(bench.jobs.submit(signing_recipe(bench), [folder / "big"]))
        if view.done != 1:
            raise SystemExit("the file was not signed")
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def files_10000(folder: Path) -> list[Figure]:
    """Many small files against bare signatures on all cores."""
    many = folder / "many"
    many.mkdir()
    for number in range(FILES):
        (many / f"{number:05}").write_bytes(os.urandom(FILE_BYTES))
    bare_key = MLDSA65PrivateKey.generate()
    message = os.urandom(64)
    cores = os.cpu_count() or 1

    def bare_part(_: int) -> None:
        for _number in range(FILES // cores):
            bare_key.sign(message)

    def bare() -> None:
        with ThreadPoolExecutor(cores) as pool:
            list(pool.map(bare_part, range(cores)))

    with bench_in(folder) as bench:
        folders = (folder / f"out-{number}" for number in range(100))

        def ours() -> None:
            # A fresh folder each time: what one repetition left is cleaned up after the run.
            out = next(folders)
            out.mkdir()
            view = bench.jobs.wait(bench.jobs.submit(signing_recipe(bench, out), [many]))
            if view.done != FILES:
                raise SystemExit(f"only {view.done} of {FILES} files were signed")

        values = ratios(bare, ours, 5)
    what = f"Signing {FILES:,} files of 4 KiB, against bare ML-DSA-65 signatures on all cores"
    return [figure("files-10000", what, values, "", 0.8, at_least=True)]


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
    answers = []
    for _ in range(5):
        child = [sys.executable, __file__, "--child", "window", str(folder)]
        done = subprocess.run(child, check=True, capture_output=True, text=True)
        answers.append(json.loads(done.stdout.splitlines()[-1]))
    return [
        figure("window", f"Window to first interaction, {KEYS:,} keys in the vault",
               [a["interactive"] for a in answers], "s", 1.0, at_least=False),
        figure("window-all-rows", "The same until every row is in the table",
               [a["complete"] for a in answers], "s", 3.0, at_least=False),
        figure("window-process", "Process start to first interaction, unlocking included",
               [a["process"] for a in answers], "s", 2.0, at_least=False),
    ]  # fmt: skip


def child_window(folder: Path) -> None:
    """Open the window on the vault; print when it answered a key press, and had every row."""
    import asyncio  # noqa: PLC0415 - a child of its own

    from qasync import QEventLoop  # noqa: PLC0415

    from workbench.ui.app import make_application  # noqa: PLC0415
    from workbench.ui.look import Look  # noqa: PLC0415
    from workbench.ui.preferences import Local  # noqa: PLC0415
    from workbench.ui.registry import PANES  # noqa: PLC0415
    from workbench.ui.session import Session  # noqa: PLC0415
    from workbench.ui.window import Window  # noqa: PLC0415

    assembly = Assembly(secrets=MemoryStore(), cost=QUICK)
    bench = assembly.open(folder / "vault")
    bench.vault.unlock_with_passphrase(PASSPHRASE)
    start = time.perf_counter()
    application = make_application()
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    with loop:
        session = Session(application)
        local = Local(folder / "window.ini")
        shown = Window(assembly, Look(application, "light"), session, local, PANES)
        shown.show()
        shown.adopt(bench)

        answer = loop.run_until_complete(_first_answer(shown, start))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        # The figures are out; a tidy end of the window is another test's matter.
        os._exit(0)


async def _first_answer(shown: "QWidget", start: float) -> dict[str, float]:
    """Press a key as soon as there is a row; return seconds until it was taken, and the rest."""
    import asyncio  # noqa: PLC0415

    from PySide6.QtCore import Qt  # noqa: PLC0415
    from PySide6.QtTest import QTest  # noqa: PLC0415
    from PySide6.QtWidgets import QLineEdit  # noqa: PLC0415

    from workbench.ui.widgets.table import RowTable  # noqa: PLC0415

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


def filter_sort(folder: Path) -> list[Figure]:
    """Filtering and sorting 100,000 rows of the keys table."""
    del folder
    from workbench.ui.widgets.rows import Column, RowSet  # noqa: PLC0415

    @dataclass(frozen=True, slots=True)
    class Row:
        id: str
        name: str
        spec: str
        state: str

    specs = ("ML_DSA_65", "RSA_3072", "ECC_NIST_P256", "SYMMETRIC_DEFAULT", "HMAC_256")
    rows = [
        Row(os.urandom(16).hex(), f"key-{number * 7919 % ROWS:06}", specs[number % 5], "Enabled")
        for number in range(ROWS)
    ]
    columns = [
        Column[Row]("name", "Name", lambda row: row.name),
        Column[Row]("spec", "Spec", lambda row: row.spec),
        Column[Row]("state", "State", lambda row: row.state),
        Column[Row]("id", "Key id", lambda row: row.id),
    ]
    prepared = RowSet(columns, rows, lambda row: row.id)
    for column in range(len(columns)):
        prepared.warm(column)
    values = []
    for text, column in (("ml_dsa key-09", 0), ("rsa", 3), ("4711", 1), ("", 0), ("enabled", 2)):
        for _ in range(PAIRS):
            values.append(
                1000 * seconds(lambda t=text, c=column: prepared.select(t, column=c))  # type: ignore[misc]
            )
    what = f"Filter and sort of {ROWS:,} keys, orders prepared by the worker that loads them"
    return [figure("filter-sort", what, values, "ms", 50, at_least=False)]


def kms_keys(folder: Path) -> list[Figure]:
    """What operations cost in a vault of 100,000 keys beside one of ten."""
    import benchmarks_kms  # noqa: PLC0415

    made = []
    for name, costs, rates in benchmarks_kms.keys_figures(folder, PAIRS):
        what = (
            f"{name}: cost with 100,000 keys over cost with 10; {statistics.median(rates):,.0f}/s"
        )
        made.append(figure("kms-keys", what, costs, "", 1.1, at_least=False))
    return made


def endpoint(folder: Path) -> list[Figure]:
    """The loopback endpoint beside moto's server, one sequential client, raw HTTP."""
    del folder
    import benchmarks_kms  # noqa: PLC0415

    found = benchmarks_kms.endpoint_figures(PAIRS)
    (start,), (memory,) = found.pop("start"), found.pop("memory")
    made = []
    for name, paces in found.items():
        ours, peer = (statistics.median(one[i] for one in paces) for i in (0, 1))
        what = f"{name}: requests a second over moto's ({ours:,.0f} and {peer:,.0f})"
        ratios_ = [pace.ours / pace.peer for pace in paces]
        made.append(figure("endpoint", what, ratios_, "", 5, at_least=True))
    paces = found["GenerateDataKey"]
    made += [
        figure("endpoint-rate", "GenerateDataKey a second (local-kms: 4,814 measured elsewhere)",
               [pace.ours for pace in paces], "/s", 4814, at_least=True),
        figure("endpoint-start", f"From start to the first answer (moto {start.peer:.2f} s)",
               [start.ours], "s", 1.0, at_least=False),
        figure("endpoint-memory", f"Resident memory after the run (moto {memory.peer:.0f} MiB)",
               [memory.ours], "MiB", 202, at_least=False),
    ]  # fmt: skip
    return made


def graph(folder: Path) -> list[Figure]:
    """Drawing, panning and moving through time a hierarchy of 5,000 certificates."""
    del folder
    import benchmarks_graph  # noqa: PLC0415

    cost = benchmarks_graph.graph_costs(5)
    slowest = max(cost.frames, key=lambda scale: statistics.median(cost.frames[scale]))
    return [
        figure("graph", "5,000 certificates from records to the screen", cost.drawn, "s", 1.0,
               at_least=False),
        figure("graph-pan", f"A whole frame while panning, at the slowest scale ({slowest:.0%})",
               cost.frames[slowest], "ms", 1000 / 60, at_least=False),
        figure("graph-time", "Showing them as of another day", cost.moved, "ms", 100,
               at_least=False),
    ]  # fmt: skip


def pki_issue(folder: Path) -> list[Figure]:
    """Issuing 1,000 certificates of ML-DSA-65 keys by an ML-DSA-65 CA."""
    import benchmarks_pki  # noqa: PLC0415

    found = benchmarks_pki.issuing_figures(folder, PAIRS)
    leaves = f"{benchmarks_pki.LEAVES:,} ML-DSA-65 certificates"
    return [
        figure(name, what, [one.peer / one.ours for one in found[key]], "", aim, at_least=True)
        for name, key, aim, what in (
            ("pki-issue", "bare", 0.7, f"{leaves} issued, against bare signing in one thread"),
            ("pki-issue-checked", "checked", 0.3, f"{leaves} checked and issued, against the same"),
            ("pki-issue-openssl", "openssl", 1,
             f"{leaves} issued, against a loop of `openssl x509 -req` (a sample, scaled)"),
        )
    ]  # fmt: skip


def pki_crl(folder: Path) -> list[Figure]:
    """A revocation list of 100,000 certificates."""
    import benchmarks_pki  # noqa: PLC0415

    values = [one.peer / one.ours for one in benchmarks_pki.crl_figures(folder, PAIRS)]
    what = "A list of 100,000 revoked certificates, against `openssl ca -gencrl`"
    return [figure("pki-crl", what, values, "", 0.5, at_least=True)]


def pki_validate(folder: Path) -> list[Figure]:
    """Validating 1,000 chains."""
    import benchmarks_pki  # noqa: PLC0415

    values = [one.peer / one.ours for one in benchmarks_pki.validation_figures(folder, PAIRS)]
    what = "1,000 chains validated and explained, against one `openssl verify` of them all"
    return [figure("pki-validate", what, values, "", 0.5, at_least=True)]


BENCHMARKS: dict[str, Callable[[Path], list[Figure]]] = {
    "sign-1kib": sign_1kib,
    "file-1gib": file_1gib,
    "files-10000": files_10000,
    "window": window,
    "filter-sort": filter_sort,
    "kms-keys": kms_keys,
    "endpoint": endpoint,
    "pki-issue": pki_issue,
    "pki-crl": pki_crl,
    "pki-validate": pki_validate,
    "graph": graph,
}


def main() -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="packaging/bench")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(BENCHMARKS))
        return 0
    if arguments.child:
        kind, folder = arguments.child
        {"memory": child_memory, "window": child_window}[kind](Path(folder))
        return 0
    figures: list[Figure] = []
    for name in arguments.names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix="key-workbench-bench-") as folder:
            for one in BENCHMARKS[name](Path(folder)):
                figures.append(one)
                print(one.line(), flush=True)
    if arguments.json:
        document = {"cores": os.cpu_count(), "figures": [asdict(one) for one in figures]}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
