"""Every test can fail: each one asserts something, itself or through a function that does."""

from __future__ import annotations

import ast

import pytest

from tests.house import tree

EXPECTING = {"raises", "warns", "fail", "call_and_validate"}


def asserting(module: ast.Module) -> set[str]:
    """Names of the functions in a module that assert something, directly or through one another."""
    bodies = {node.name: node for node in tree.functions(module)}
    found: set[str] = set()
    while more := {name for name, node in bodies.items() if name not in found and _asserts(node, found)}:
        found |= more
    return found


def _asserts(function: ast.AST, known: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in EXPECTING or name in known or name.startswith("assert_"):
                return True
    return False


def test_every_test_asserts() -> None:
    found = []
    for path in tree.modules("tests"):
        module = tree.tree(path)
        sound = asserting(module)
        names = [node.name for node in tree.functions(module) if node.name.startswith("test_")]
        found += [f"{tree.place(path)} {name}" for name in names if name not in sound]
    assert found == []


def test_every_test_file_holds_tests() -> None:
    files = [path for path in tree.modules("tests") if path.name.startswith("test_")]
    empty = [
        tree.place(path)
        for path in files
        if not any(node.name.startswith("test_") for node in tree.functions(tree.tree(path)))
        and "TestCase" not in path.read_text(encoding="utf-8")
    ]
    assert (bool(files), empty) == (True, [])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def test_a(): assert f() == 1", {"test_a"}),
        ("def test_a():\n with pytest.raises(E): f()", {"test_a"}),
        ("def same(x): assert x\ndef test_a(): same(f())", {"same", "test_a"}),
        ("def test_a(): f()", set()),
        ("def test_a(): assert True", set()),
    ],
)
def test_what_counts_as_asserting(code: str, expected: set[str]) -> None:
    assert asserting(ast.parse(code)) == expected


CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time", "time"}


def timed(module: ast.Module) -> list[int]:
    """Lines that assert how long something took: a clock less an earlier look at it."""
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Assert)
        for part in ast.walk(node.test)
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub) and isinstance(part.left, ast.Call)
        if ast.unparse(part.left.func).rpartition(".")[2] in CLOCKS
    ]


def test_no_test_judges_by_the_clock() -> None:
    found = [f"{tree.place(path)}:{line}" for path in tree.modules("tests") for line in timed(tree.tree(path))]
    assert found == [], "measure it in benchmarks/"
    assert timed(ast.parse("assert time.monotonic() - began < 2")) == [1]
