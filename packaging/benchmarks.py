"""What the product costs beside its peers, measured in one run. Run by packaging/bench.

Every comparison is made of interleaved pairs (peer, product, peer, product, …), so that a slower
minute of the machine falls on both; the median of the pairs' ratios is the figure. Nothing here
is tuned for a result: the product's calls are those that the window and the command line make.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from figures import PAIRS, Figure, figure, seconds

ROWS = 100_000


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


def _signing(name: str) -> Callable[[Path], list[Figure]]:
    """Return a benchmark of signing; its peers are imported when it runs."""

    def run(folder: Path) -> list[Figure]:
        import benchmarks_signing  # noqa: PLC0415

        found: list[Figure] = getattr(benchmarks_signing, name)(folder)
        return found

    return run


def window(folder: Path) -> list[Figure]:
    """How soon the window answers."""
    import benchmarks_window  # noqa: PLC0415

    return benchmarks_window.window(folder)


def stall(folder: Path) -> list[Figure]:
    """For how long it does not while jobs run."""
    import benchmarks_window  # noqa: PLC0415

    return benchmarks_window.stall(folder)


def child(kind: str, folder: Path) -> None:
    """Be the process of its own that a measurement asks for."""
    if kind.partition("-")[2].startswith("1gib"):
        import benchmarks_signing  # noqa: PLC0415

        recipe = {
            "file-1gib": benchmarks_signing.signing_recipe,
            "jws-1gib": benchmarks_signing.detached_jws,
            "jws-1gib-b64": benchmarks_signing.encoded_detached_jws,
        }[kind]
        benchmarks_signing.child_memory(folder, recipe)
        return
    import benchmarks_window  # noqa: PLC0415

    if kind == "window":
        benchmarks_window.child_window(folder)
    else:
        benchmarks_window.child_stall(folder, kind.removeprefix("stall-"))


BENCHMARKS: dict[str, Callable[[Path], list[Figure]]] = {
    "sign-1kib": _signing("sign_1kib"),
    "file-1gib": _signing("file_1gib"),
    "jws-1gib": _signing("jws_1gib"),
    "files-10000": _signing("files_10000"),
    "pdfs-1000": _signing("pdfs_1000"),
    "verify-10000": _signing("verify_10000"),
    "window": window,
    "stall": stall,
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
        child(kind, Path(folder))
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
