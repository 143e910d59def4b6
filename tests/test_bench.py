"""`packaging/bench` itself: it names its measurements and prints what it measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "packaging" / "benchmarks.py"


def run(*arguments: str) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        check=True, capture_output=True, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    return done.stdout


def test_the_measurements_have_names() -> None:
    assert run("--list").split() == [
        "sign-1kib",
        "file-1gib",
        "jws-1gib",
        "files-10000",
        "pdfs-1000",
        "verify-10000",
        "window",
        "stall",
        "filter-sort",
        "kms-keys",
        "endpoint",
        "pki-issue",
        "pki-crl",
        "pki-validate",
        "graph",
    ]


def test_one_measurement_prints_figure_spread_and_aim(tmp_path: Path) -> None:
    target = tmp_path / "figures.json"
    printed = run("filter-sort", "--json", str(target))
    (figure,) = json.loads(target.read_text())["figures"]
    assert figure["name"] == "filter-sort"
    assert 0 < figure["lowest"] <= figure["median"] <= figure["highest"]
    assert figure["met"] == (figure["median"] <= 50)
    assert printed.startswith("filter-sort")
    assert "aim ≤ 50 ms" in printed
