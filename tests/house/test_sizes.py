"""Functions and files stay small, and each module says what is in the room."""

from __future__ import annotations

import ast

from tests.house import tree

FUNCTION_LINES, FILE_LINES = 40, 300


def test_functions_are_short() -> None:
    found = [
        f"{tree.place(path, node.lineno)} {node.name} has {length} lines"
        for path in tree.modules()
        for node in tree.functions(tree.tree(path))
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert found == []


def test_files_are_short() -> None:
    found = [
        f"{tree.place(path)} has {length} lines"
        for path in tree.modules()
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    ]
    assert found == []


def test_modules_say_what_is_in_the_room() -> None:
    texts = {path: ast.get_docstring(tree.tree(path)) for path in tree.modules() if path.stat().st_size}
    silent = [tree.place(path) for path, text in texts.items() if not text]
    unfinished = [tree.place(path) for path, text in texts.items() if text and not text.split("\n\n")[0].endswith(".")]
    assert (silent, unfinished) == ([], [])
    # An empty file says nothing either; only test folders and namespace stubs may be that short.
    assert [tree.place(path) for path in tree.modules("src") if not path.stat().st_size] == []
