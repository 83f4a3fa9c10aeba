"""The files of this checkout as the house tests see them: what is ours, parsed once."""

from __future__ import annotations

import ast
import functools
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "regrow"
# Built or personal, so no part of the checkout.
SKIPPED = {
    ".git",
    ".venv",
    ".venv-gbstats",
    ".demo",
    ".regrow",
    ".hypothesis",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
}


def _is_ours(folder: str) -> bool:
    return folder not in SKIPPED and not folder.endswith((".egg-info", "_cache"))


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file of the checkout, sorted."""
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = filter(_is_ours, below)
        found += [Path(folder, name) for name in names if not Path(folder, name).is_symlink()]
    return tuple(sorted(found))


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file below the given top folders ("src", "tests", ...); all of them when none is given."""
    for path in files():
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".py" and (not folders or parts[0] in folders):
            yield path


@functools.cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a tree, nested ones and methods too."""
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child


def place(path: Path, line: int = 0) -> str:
    """Name a place the way editors open it."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name
