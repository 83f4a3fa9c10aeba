"""`regrow personas learn`, `voice` and `forget`: what is shown, what is stored, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.domain.test_brand_voice import FOLDER
from tests.faces import command_line
from tests.faces.command_line import within

INES, HAROLD = FOLDER / "ines", FOLDER / "harold"
NAME = "Plain voice"


@pytest.fixture
def said(tmp_path: Path, capsys: Any) -> Any:
    """Runs a command in a fresh home and gives back how it ended."""
    home = command_line.fresh(tmp_path)

    def asked(*words: str | Path, code: int = 0) -> Any:
        return within(*words, "--home", home, capsys=capsys, code=code)

    return asked


def test_learning_shows_words_numbers_examples_and_suggestions(said: Any) -> None:
    ended = said("personas", "learn", NAME, INES)
    for part in ("words on average", "Example 3:", "Suggested settings, not taken over:", "blog.person", "second"):
        assert part in ended.out
    assert "--apply" in ended.err
    read = sum(path.stat().st_size for path in INES.iterdir()) / 1e3
    assert f"There are {read:.1f} kB of text; at most 2 MB are read." in ended.err
    assert f"of {read:.1f} kB" in ended.err
    shown = said("personas", "show", NAME)
    assert "words on average" in shown.out
    assert "person second" in shown.out
    assert "Example 1:" in said("personas", "voice", NAME).out


def test_learning_again_shows_what_stood_before(said: Any) -> None:
    said("personas", "learn", NAME, INES)
    ended = said("personas", "learn", NAME, HAROLD, "--medium", "blog", "--apply")
    assert ended.out.index("Before, learned at") < ended.out.index("Sentences have 7 words")
    assert ended.out.index("Sentences have 7 words") < ended.out.index("Now:")
    assert "Settings that changed:" in ended.out
    assert "blog.words" in ended.out


def test_everything_is_there_as_json(said: Any, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01" * 99)
    found = said("personas", "learn", NAME, INES, tmp_path / "binary.txt", "--apply", "--language", "en", "--json").json
    assert found["persona"]["learned"]["language"] == "en"
    assert found["persona"]["voice"]["blog"]["person"] == "first"
    assert found["before"] is None
    assert {"setting": "blog.person", "before": "second", "after": "first"} in found["changed"]
    assert found["suggested"] == []
    assert [each["reason"] for each in found["skipped"]] == ["it holds NUL bytes, so it is no text file"]
    told = said("personas", "voice", NAME, "--json").json
    assert told["learned"]["told"] == found["persona"]["learned"]["told"]
    assert said("personas", "show", NAME, "--json").json["learned"] == told["learned"]


def test_forgetting_takes_it_away(said: Any) -> None:
    said("personas", "learn", NAME, INES, "--apply")
    assert said("personas", "forget", NAME).out == "Forgotten.\n"
    assert said("personas", "forget", NAME).out == "It had learned nothing.\n"
    shown = said("personas", "show", NAME)
    assert "Nothing learned yet" in shown.out
    assert "person first" in shown.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((NAME, "short.md"), 2, "too little to learn from: 3 words in 1 full sentence in en;"),
        ((NAME, "empty.md"), 2, "Skipped: 1 file, such as"),
        ((NAME, "nowhere"), 3, "give files or folders of texts"),
        (("Nobody", "short.md"), 3, "there is no persona 'Nobody'"),
        ((NAME, "short.md", "--medium", "radio"), 2, "unknown medium 'radio'"),
        ((NAME, "short.md", "--language", "english!"), 2, "Error: language: 'english!' is no code such as en"),
        ((NAME,), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_stored(
    said: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short.md").write_text("Just three words.", "utf-8")
    (tmp_path / "empty.md").write_text("", "utf-8")
    assert told in said("personas", "learn", *words, code=code).err
    assert said("personas", "show", NAME, "--json").json["version"] == 1


def test_every_list_and_the_reading_level_are_set_on_the_command_line(said: Any) -> None:
    words = ("--require", "Ask us.", "--forbid", "poison", "--claim", "proven", "--disclaimer", "No advice.")
    more = ("--competitor", "Acme", "--disclosure", "Made with care.", "--voice", "blog.reading_level=8", "--json")
    made = said("personas", "create", "Miller", *words, *more).json
    assert made["guidelines"] == {
        "use": [],
        "avoid": [],
        "required": ["Ask us."],
        "forbidden": ["poison"],
        "claims": ["proven"],
        "disclaimers": ["No advice."],
        "competitors": ["Acme"],
        "disclosure": ["Made with care."],
    }
    assert made["voice"]["blog"]["reading_level"] == 8
    changed = said(
        "personas", "change", made["id"], "--voice", "blog.reading_level=none", "--forbid", "rot", "--json"
    ).json
    assert (changed["voice"]["blog"]["reading_level"], changed["guidelines"]["forbidden"]) == (None, ["rot"])
    assert changed["guidelines"]["required"] == ["Ask us."]
    assert "which stands in forbidden" in said("personas", "change", made["id"], "--use", "rot", code=2).err


def test_texts_that_steer_a_terminal_are_shown_without_that(said: Any, tmp_path: Path) -> None:
    text = (INES / "soup.md").read_text("utf-8").replace("Good. Salt.", "Good \x1b[2J\x1b]0;own\x07 Salt.")
    (tmp_path / "soup.md").write_text(text, "utf-8")
    ended = said("personas", "learn", NAME, INES, tmp_path / "soup.md")
    assert "\x1b" not in ended.out + ended.err
