"""YAML from strangers: bombs, nesting, objects, and the short way round the parser."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from regrow.adapters.sources import front_matter
from regrow.domain.notes import front

BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}]"
    for before, name in zip(string.ascii_lowercase, string.ascii_lowercase[1:], strict=False)
)
MERGES = "a: &a {x: 1}\nb: &b {<<: [*a, *a]}\nc: {<<: [*b, *b]}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "references"),
        (MERGES, "references"),
        ("a: " + "[" * 30_000, "nested too deeply"),
        ("a:\n" + " - " * 1 + "- " * 30_000 + "x", "nested too deeply"),
        ("a: [" + "'', " * 12_000 + "1]", "too many values"),
        ("a: 'b" + "x" * 70_000 + "'", "larger than"),
        ("title: a: b\nid: x1", "mapping values"),
        ("a: b\n\tc: d", ""),
        ("a: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("- a\n- b", "no list of keys"),
    ],
)
def test_hostile_or_broken_yaml_is_read_line_by_line(text: str, problem: str) -> None:
    found, warning = front_matter.load("kept: yes it is\n" + text if not text.startswith("- ") else text)
    assert problem in warning
    assert warning.endswith("read line by line")
    assert found.get("kept", "yes it is") == "yes it is"


def test_yaml_values_become_plain_json() -> None:
    text = (
        'date: 2024-01-02\nat: 2024-01-02T10:00:00Z\nn: 007\nid: 202305141015\nx: !!float .nan\nnul: "a\\0b"\n'
        "when: !!timestamp 2024-01-02\nraw: !!binary aGk=\nset: !!set {a, b}\ntime: 12:30:45\nbig: 1e400\n1: one\n"
    )
    found, warning = front_matter.load(text)
    assert warning == ""
    assert found == {
        "date": "2024-01-02", "at": "2024-01-02T10:00:00Z", "n": "007", "id": 202305141015, "x": None, "nul": "ab",
        "when": "2024-01-02", "raw": "b'hi'", "set": found["set"], "time": "12:30:45", "big": "1e400", "1": "one",
    }  # fmt: skip
    assert sorted(found["set"]) == ["a", "b"]
    assert front_matter.load("# only a comment")[0] == {}


_words = st.text(alphabet="abc yesnotrueoff0129.-_:#'\"[]{},&*!|>%@`?~\t", max_size=12)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "Tags", "b-c", "no"]), _words, st.lists(_words, max_size=2)), max_size=4)
)
def test_the_short_way_gives_what_yaml_gives(lines: list[tuple[str, str, list[str]]]) -> None:
    text = "".join(f"{key}: {value}\n" + "".join(f"  - {item}\n" for item in items) for key, value, items in lines)
    short = front.simple(text)
    if short is not None:
        assert (yaml.load(text, Loader=front_matter.PlainLoader) or {}) == short
