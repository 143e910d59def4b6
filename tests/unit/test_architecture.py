"""Sizes and habits that the linters do not hold; the floors are import-linter's."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 500
MOST_METHODS = 25


def _sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def too_long(files: list[Path]) -> list[str]:
    lengths = {file: len(file.read_text().splitlines()) for file in files}
    return [f"{file}: {length} lines" for file, length in lengths.items() if length > MOST_LINES]


def too_many_methods(tree: ast.Module) -> list[str]:
    counts = {
        node.name: sum(
            isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) for item in node.body
        )
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    return [f"{name}: {count} methods" for name, count in counts.items() if count > MOST_METHODS]


def hidden_imports(tree: ast.Module) -> Iterator[str]:
    """Imports that import-linter cannot see: by `importlib` or by `__import__`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "__import__":
            yield f"line {node.lineno}: __import__"
        elif isinstance(node, ast.Attribute) and node.attr == "import_module":
            yield f"line {node.lineno}: import_module"
        elif isinstance(node, ast.ImportFrom) and node.module == "importlib":
            names = {alias.name for alias in node.names}
            if "import_module" in names:
                yield f"line {node.lineno}: import_module"


def test_files_are_short_enough_to_read() -> None:
    files = _sources("workbench", "tests", "packaging")
    assert len(files) > 10
    assert too_long(files) == []


def test_no_class_is_the_one_that_everything_reaches_through() -> None:
    for file in _sources("workbench", "packaging"):
        assert too_many_methods(_tree(file)) == [], file


def test_no_import_hides_from_the_contracts() -> None:
    for file in _sources("workbench"):
        assert list(hidden_imports(_tree(file))) == [], file


def test_no_contract_has_exceptions() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    assert contracts
    assert [contract["id"] for contract in contracts if "ignore_imports" in contract] == []


def test_a_class_over_the_limit_is_found() -> None:
    methods = "\n".join(f"    def m{number}(self): ..." for number in range(MOST_METHODS + 1))
    assert too_many_methods(ast.parse(f"class Hub:\n{methods}")) == ["Hub: 26 methods"]


@pytest.mark.parametrize(
    "line",
    [
        "__import__('workbench.hsm')",
        "importlib.import_module('workbench.hsm')",
        "from importlib import import_module",
    ],
)
def test_a_hidden_import_is_found(line: str) -> None:
    assert len(list(hidden_imports(ast.parse(line)))) == 1


def test_a_long_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "long.py"
    file.write_text("\n" * (MOST_LINES + 1))
    assert len(too_long([file])) == 1
