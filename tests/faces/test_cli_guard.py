"""`regrow guard`: any text file, without a home, and the exit code that scripts go by."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import within


def written(folder: Path, text: str) -> Path:
    path = folder / "draft.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_text_passes_without_a_home(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = within("guard", written(tmp_path, "# Bread\n\nThe loaf is back on the shelf.\n"), capsys=capsys)
    assert told.out == f"{tmp_path / 'draft.md'} passed: 1.00 by rules, no findings\n"
    assert not (tmp_path / ".regrow").exists()


def test_a_text_that_fails_says_what_where_and_how(tmp_path: Path, capsys: Any) -> None:
    path = written(tmp_path, "# Bread\n\nDear [insert name],\nsee [the mill]().\n")
    told = within("guard", path, capsys=capsys, code=1)
    lines = told.out.splitlines()
    assert lines[0].split() == ["3:6", "veto", "placeholders"]
    assert lines[1].strip() == "“[insert name]”"
    assert "fill" in lines[2]
    assert lines[3].split() == ["4:5", "major", "links"]
    assert lines[-1].startswith(f"{path} failed: 0.")
    assert lines[-1].endswith("2 findings")
    found = within("guard", path, "--json", capsys=capsys, code=1).json
    assert found.keys() == {"score", "passed", "method", "findings", "judge", "needs_person"}
    assert [each["quote"] for each in found["findings"]] == ["[insert name]", "[the mill]()"]


def test_standard_input_and_a_language_found_out(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    german = "Das Brot ist heute nicht so gut wie gestern, aber wir haben noch ein anderes und das ist besser."
    for words, code in (((), 0), (("--language", "de"), 0), (("--language", "en"), 1)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(german.encode())))
        told = within("guard", "-", *words, "--json", capsys=capsys, code=code)
        assert told.json["passed"] is (code == 0)


@pytest.mark.parametrize(
    ("data", "words", "code", "named"),
    [
        (None, (), 3, "file_not_found"),
        (b"caf\xe9", (), 2, "not_utf8"),
        (b"a" * 2_000_001, (), 2, "too_long"),
        (b"a", ("--medium", "fax"), 2, "bad_medium"),
        (b"a", ("--language", "klingon"), 2, "bad_language"),
    ],
)
def test_what_cannot_be_checked_is_told(
    tmp_path: Path, capsys: Any, data: bytes | None, words: tuple[str, ...], code: int, named: str
) -> None:
    path = tmp_path / "draft.md"
    if data is not None:
        path.write_bytes(data)
    told = within("guard", path, *words, "--json", capsys=capsys, code=code)
    assert told.json["error"]["code"] == named


def test_standard_input_is_called_so(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for data, code, told in ((b"Fine.", 0, "standard input passed"), (b"\xe9", 2, "standard input is no UTF-8 text")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        ended = within("guard", "-", capsys=capsys, code=code)
        assert told in ended.out + ended.err


def test_hostile_text_does_not_steer_the_terminal(tmp_path: Path, capsys: Any) -> None:
    path = written(tmp_path, "Dear [insert \x1b[31m name], \x00 the loaf is back {{\x1b]0;x}}.")
    told = within("guard", path, capsys=capsys, code=1)
    assert "\x1b" not in told.out


def test_a_persona_needs_a_home(tmp_path: Path, capsys: Any) -> None:
    home = command_line.furnished(tmp_path)
    made = within("personas", "create", "Baker", "--avoid", "marvellous", "--home", home, "--json", capsys=capsys).json
    path = written(tmp_path, "A marvellous loaf, truly marvellous.")
    words = ("guard", path, "--persona", made["id"], "--home", home)
    told = within(*words, "--json", capsys=capsys, code=1)
    assert {each["check"] for each in told.json["findings"]} == {"shunned_words", "length"}
    named = within("guard", path, "--persona", "Baker", "--home", home, "--json", capsys=capsys, code=1)
    assert named.json == told.json
    within("guard", path, "--persona", "per_unknown", "--home", home, capsys=capsys, code=3)
    within("guard", path, "--persona", made["id"], "--home", tmp_path / "none", capsys=capsys, code=3)
