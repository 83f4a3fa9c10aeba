"""Words and constructs that have no place in this checkout."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import tree

# Each is written in two pieces, so that this file does not hold what it looks for.
FORBIDDEN = [
    ("an index address", "py" r"pi\.org|python" r"hosted\.org|registry\.npm" r"js\.|deb\.deb" r"ian\.|--ind" "ex-url"),
    ("a path of the machine it was built on", r"(?<![\w.])/wo" r"rk/|(?<![\w.])/fa" r"rm/|/tm" r"p/(probe|brief)"),
    ("unfinished work", r"\bTO" r"DO\b|\bFIX" r"ME\b|NotImple" r"mentedError"),
]
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
TEXT = {".py", ".md", ".toml", ".txt", ".in", ".lock", ".html", ".css", ".js", ".json", ".yml", ".yaml", ".sh", ".j2"}
TEXT |= {"", ".mako", ".ini", ".importlinter"}
BROAD = {"Exception", "BaseException"}


def lines() -> Iterator[tuple[Path, int, str]]:
    for path in tree.files():
        if path.suffix in TEXT and path.stat().st_size < 2_000_000:
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                yield path, number, line


@pytest.mark.parametrize(("what", "pattern"), FORBIDDEN, ids=[what for what, _ in FORBIDDEN])
def test_words_that_stay_out(what: str, pattern: str) -> None:
    word = re.compile(pattern, 0 if what == "unfinished work" else re.IGNORECASE)
    found = [f"{tree.place(path, number)} {line.strip()[:100]}" for path, number, line in lines() if word.search(line)]
    assert found == [], f"{what} stands in these lines"


def test_the_search_sees_what_it_looks_for() -> None:
    # Added up at run time: the formatter would join halves that merely stand side by side.
    planted = ["see https://py" + "pi.org/x", "cd /wo" + "rk/main", "# TO" + "DO later"]
    assert [bool(re.search(pattern, text)) for (_, pattern), text in zip(FORBIDDEN, planted, strict=True)] == [True] * 3


def test_rooms_and_modules_have_telling_names() -> None:
    assert [tree.place(path) for path in tree.modules("src") if VAGUE_NAMES & set(path.with_suffix("").parts)] == []


def test_the_product_never_prints() -> None:
    found = [
        tree.place(path, node.lineno)
        for path in tree.modules("src")
        for node in ast.walk(tree.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"print", "breakpoint"}
    ]
    assert found == []


def swallows(node: ast.AST) -> bool:
    """Whether an exception is lost here: a bare except, one that does nothing, or everything suppressed."""
    if isinstance(node, ast.ExceptHandler):
        idle = all(isinstance(step, ast.Pass) or _is_ellipsis(step) for step in node.body)
        return node.type is None or idle
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return any(ast.unparse(argument) in BROAD for argument in node.args)
    return False


def _is_ellipsis(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) and step.value.value is ...


def test_no_exception_is_swallowed() -> None:
    found = [
        tree.place(path, getattr(node, "lineno", 0))
        for path in tree.modules()
        for node in ast.walk(tree.tree(path))
        if swallows(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("try: a()\nexcept: b()", True),
        ("try: a()\nexcept ValueError: pass", True),
        ("try: a()\nexcept ValueError: ...", True),
        ("with contextlib.suppress(Exception): a()", True),
        ("try: a()\nexcept ValueError: b()", False),
        ("with suppress(KeyError): a()", False),
    ],
)
def test_swallowing_is_recognised(code: str, expected: bool) -> None:
    assert any(swallows(node) for node in ast.walk(ast.parse(code))) is expected
