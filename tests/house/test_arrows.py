"""The arrows between the rooms hold, and the rules draw no dice and read no clock of their own."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import tree

CLOCKS = {"now", "utcnow", "today"}


def test_import_contracts_are_kept(tmp_path: Path) -> None:
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--cache-dir", str(tmp_path)],
        cwd=tree.ROOT,
        env={**os.environ, "PYTHONPATH": str(tree.ROOT / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken." in done.stdout


def own_dice_and_clocks(module: ast.Module) -> Iterator[int]:
    """Lines that draw from the global generator or from one without a seed, read the clock, or open an address."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom) and _is_unfit(node):
            yield node.lineno
        elif isinstance(node, ast.Call) and _is_drawn_or_read(node):
            yield node.lineno


def _is_unfit(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.startswith("urllib") and alias.name != "urllib.parse" for alias in node.names)
    taken = {f"{node.module}.{alias.name}" for alias in node.names}
    if node.module == "random":
        return taken != {"random.Random"}
    return any(name.startswith("urllib.") and not name.startswith("urllib.parse") for name in taken)


def _is_drawn_or_read(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    if name in {"Random", "random.Random", "np.random.default_rng", "numpy.random.default_rng"}:
        return not (call.args or call.keywords)
    owner, _, attribute = name.rpartition(".")
    if owner.split(".")[-1] in {"datetime", "date"}:
        return attribute in CLOCKS
    return owner in {"random", "np.random", "numpy.random"}


def test_rules_bring_no_dice_and_no_clock() -> None:
    found = [
        tree.place(path, line)
        for path in tree.modules("src")
        if "domain" in path.parts
        for line in own_dice_and_clocks(tree.tree(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import random\nrandom.shuffle(x)", [2]),
        ("from random import choice", [1]),
        ("from random import Random\nRandom(3).random()", []),
        ("from random import Random\nRandom()", [2]),
        ("from urllib.parse import unquote\nfrom urllib import parse\nimport urllib.parse", []),
        ("from urllib.request import urlopen\nfrom urllib import request\nimport urllib.request", [1, 2, 3]),
        ("import datetime\ndatetime.datetime.now(datetime.UTC)", [2]),
        ("import numpy as np\nnp.random.default_rng(7).normal()\nnp.random.rand(2)", [3]),
    ],
)
def test_dice_and_clocks_are_recognised(code: str, lines: list[int]) -> None:
    assert list(own_dice_and_clocks(ast.parse(code))) == lines


def imported_names(path: Path) -> Iterator[str]:
    """Top-level names that a module imports, hidden imports too."""
    for node in ast.walk(tree.tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_product_imports_only_what_it_asks_for() -> None:
    lines = (tree.ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    asked = {canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith("#")}
    known = metadata.packages_distributions()
    found = [
        f"{tree.place(path)} imports {name}"
        for path in tree.modules("src")
        for name in set(imported_names(path)) - set(sys.stdlib_module_names) - {"regrow"}
        if not asked & {canonicalize_name(owner) for owner in known.get(name, [])}
    ]
    assert found == []
