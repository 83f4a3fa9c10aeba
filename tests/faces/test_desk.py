"""The review desk as it is drawn: every width, every script, nothing that steers a terminal."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest
from rich.cells import cell_len
from rich.text import Text

from regrow.cli import desk
from regrow.domain import differences
from regrow.domain.differences import Part

BODY = """# Rise and shine

Bread **rises** in a *warm* kitchen, [as they say](https://example.org/bread), and this line goes on for quite a while.

- an item that is long enough to be wrapped on a terminal of forty columns
1. first
> said somebody

```python
x = "**no**"
```

面包需要十八个小时的发酵才能变得美味可口而且外皮酥脆内里松软所以请耐心等待。
שלום עולם, לחם טוב. 👩\u200d🍳🇩🇪❤\ufe0f🍞 e\u0301\x1b[2J\x07\x9b31m\u202eevil\ttab"""
PIECE: dict[str, Any] = {
    "id": "pie_1",
    "medium": "social",
    "status": "draft",
    "version": 3,
    "meta": {"platform": "mastodon"},
    "origin": "offline-extractive",
    "provenance": {"model": None, "sources": ["note_1", "note_2"]},
    "guard": {"passed": False, "score": 0.7, "findings": [{"code": "salesy", "detail": "too \x1b[5msalesy"}, "short"]},
    "warnings": ["one note is gone"],
    "topic": "Bread \x1b]0;title\x07 at home",
    "variants": [
        {"label": "A", "content": {"title": "Why\x1b[31m bread", "body": BODY, "hashtags": ["bread", "面包"]}},
        {"label": "B", "content": {"subject": "Hi", "preheader": "Look", "body": "Short.", "cta": "Come by"}},
    ],
}
KEYS = {"a": "approve", "r": "reject", "e": "edit", "d": "what changed", "space": "next page", "q": "leave"}
SEQUENCE = re.compile(r"\x1b\[[\d;]*m")
WIDTHS = [1, 40, 80, 200]


def drawn(columns: int, colours: bool, piece: dict[str, Any] = PIECE) -> desk.Page:
    return desk.page(piece, (2, 7), KEYS, columns, colours)


def everything(page: desk.Page) -> list[str]:
    return [*page.header, *page.lines, *page.footer]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("colours", [False, True])
def test_no_line_is_wider_than_the_terminal(columns: int, colours: bool) -> None:
    lines = [SEQUENCE.sub("", line) for line in everything(drawn(columns, colours))]
    assert max(map(cell_len, lines)) <= min(max(columns, desk.NARROWEST), desk.WIDEST)
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("colours", [False, True])
def test_nothing_steers_the_terminal_but_our_own_colours(columns: int, colours: bool) -> None:
    text = "".join(everything(drawn(columns, colours)))
    plain = SEQUENCE.sub("", text)
    assert (text != plain) is colours
    assert [c for c in plain if not c.isprintable() and c != "\u200d"] == []
    assert "�[2J��31m�evil" in re.sub(r"\s", "", plain)


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_character_of_the_draft_is_there(columns: int) -> None:
    page = drawn(columns, False)
    assert squeezed(desk.safe(BODY)) in squeezed("".join(page.lines))
    assert "👩\u200d🍳" in "".join(page.lines)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("colours", [False, True])
def test_it_says_what_a_reviewer_has_to_know(colours: bool) -> None:
    page = drawn(80, colours)
    header, lines, footer = (SEQUENCE.sub("", "\n".join(part)) for part in (page.header, page.lines, page.footer))
    assert "social · mastodon   2 of 7" in header
    assert "draft · version 3 · by offline-extractive" in header
    assert "about Bread" in header
    for told in ("! one note is gone", "! the brand guard did not pass this: score 0.7", "salesy", "! short"):
        assert told in lines
    for told in ("Variant A", "title: Why", "#bread #面包", "Variant B", "subject: Hi", "preheader: Look"):
        assert told in lines
    assert "call to action: Come by" in lines
    assert "sources: note_1, note_2" in lines
    assert "[a] approve   [r] reject   [e] edit" in footer


def test_a_rating_is_one_line_of_the_header_when_there_is_one() -> None:
    assert "rated" not in "".join(drawn(80, False).header)
    assert drawn(80, False, {**PIECE, "rated": "rated good by you"}).header[-2] == "rated good by you"


def test_what_is_below_the_window_is_told_above_the_keys() -> None:
    page = drawn(80, False)
    window = desk.window(page, 24)
    below = len(page.lines) - window.room
    assert window.lines[-len(page.footer)].startswith(f" {below} more lines below: [space] ---")
    assert desk.window(page, 24, below - 1).lines[-len(page.footer)].startswith(" 1 more line below: [space] ---")
    assert desk.window(page, 24, below).lines[-len(page.footer)] == page.footer[0]


def test_titles_of_sources_go_before_their_ids_and_a_model_before_its_kind() -> None:
    piece = {**PIECE, "source_titles": ["Levain"], "provenance": {"model": "openai:gpt", "sources": ["note_1"]}}
    page = drawn(80, False, piece)
    assert "sources: Levain" in page.lines
    assert "by openai:gpt" in page.header[1]


def test_a_piece_with_nothing_but_a_text_is_drawn_too() -> None:
    page = drawn(
        40, False, {"medium": "blog", "status": "draft", "variants": [{"label": "A", "content": {"body": "x"}}]}
    )
    assert page.header[0] == "blog   2 of 7"
    assert page.lines == ("", "Variant A", "", "x")


def test_markdown_is_lightly_styled() -> None:
    text = "\n".join(drawn(80, True).lines)
    assert "\x1b[1m# Rise and shine\x1b[0m" in text
    assert "\x1b[1m**rises**\x1b[0m" in text
    assert "\x1b[3m*warm*\x1b[0m" in text
    assert '\x1b[36mx = "**no**"\x1b[0m' in text


def test_wrapped_items_stand_in() -> None:
    lines = drawn(40, False).lines
    place = next(n for n, line in enumerate(lines) if line.startswith("- an item"))
    assert lines[place + 1].startswith("  ")
    assert not lines[place + 1].startswith("   ")


def test_keys_are_not_torn_from_what_they_do() -> None:
    footer = drawn(40, False).footer
    assert len(footer) > 2
    assert sorted(told for row in footer[1:] for told in row.split("   ")) == sorted(
        f"[{k}] {w}" for k, w in KEYS.items()
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 10, 24, 200])
def test_a_window_fills_the_screen_and_reaches_every_line(rows: int) -> None:
    page = drawn(40, False)
    seen: list[str] = []
    for top in range(len(page.lines)):
        window = desk.window(page, rows, top)
        assert len(window.lines) == rows
        seen += window.lines
    assert set(page.lines) <= set(seen)
    assert desk.window(page, rows, -5).top == 0
    last = desk.window(page, rows, 10_000)
    assert last.top == last.last_top
    if rows >= 24:
        assert last.lines[: len(page.header)] == page.header
        assert last.lines[-len(page.footer) :] == page.footer


@pytest.mark.parametrize(
    "body", ["word " * 20_000, "x" * 100_000, "\n" * 100_000, "*a" * 50_000, "面" * 100_000, "[" * 100_000]
)
def test_a_hostile_text_is_drawn_whole(body: str) -> None:
    piece = {"medium": "blog", "variants": [{"label": "A", "content": {"title": "t", "body": body}}]}
    page = drawn(80, True, piece)
    assert len(page.lines) > 1_000


PARTS = (Part("equal", "Bake it "), Part("delete", "hot\x1b[2J"), Part("insert", "cold"), Part("equal", ".\n"))


def test_a_difference_in_a_pipe_is_written_with_signs() -> None:
    assert desk.difference(PARTS, False) == "Bake it [-hot�[2J-]{+cold+}.\n"


def test_a_difference_on_a_terminal_has_colours_and_more_than_colours() -> None:
    text = cast(Text, desk.difference(PARTS, True))
    assert text.plain == "Bake it hot�[2Jcold.\n"
    assert [(text.plain[span.start : span.end], span.style) for span in text.spans if span.style] == [
        ("hot�[2J", "red strike"),
        ("cold", "green underline"),
    ]


def test_a_line_break_that_came_alone_is_seen() -> None:
    text = cast(Text, desk.difference(differences.between("a\nb", "a\n\nb"), True))
    assert text.plain == "a\n↵\nb"


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("colours", [False, True])
def test_changes_are_drawn_field_by_field(columns: int, colours: bool) -> None:
    found = differences.fields(
        {"title": "Old bread", "body": BODY}, {"title": "New bread", "body": BODY + " 面", "cta": "Go"}
    )
    lines = desk.changes(found, columns, colours)
    plain = [SEQUENCE.sub("", line) for line in lines]
    assert max(map(cell_len, plain)) <= columns
    assert [line for line in plain if line in ("title", "body", "call to action")] == [
        "title",
        "body",
        "call to action",
    ]
    if colours:
        assert "\x1b[9;31mOld\x1b[0m" in lines[1]
        assert "\x1b[4;32mNew\x1b[0m" in lines[1]
    else:
        assert lines[1] == "[-Old-]{+New+} bread"


class Stream:
    """A terminal or none."""

    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "environment", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, environment: dict[str, str], wanted: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert desk.is_coloured(cast(Any, Stream(is_terminal))) is wanted
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert ("\x1b" in "".join(everything(drawn(80, wanted)))) is wanted


@pytest.mark.parametrize(
    ("guard", "told", "untold"),
    [
        ({"passed": True, "judge": "pending"}, "the judge has not decided on this yet", "gave no verdict"),
        ({"passed": True, "judge": "failed", "judge_detail": "the key was refused"}, "the key was refused", "yet"),
        (
            {"passed": False, "judge": "done", "needs_person": True, "doubts": ["A: the samples on voice spread"]},
            "leaves this one to you: A: the samples on voice spread",
            "did not pass",
        ),
        ({"passed": True, "judge": "none"}, "Variant A", "judge"),
    ],
)
def test_how_it_stands_with_the_judge(guard: dict[str, Any], told: str, untold: str) -> None:
    shown = {**PIECE, "guard": {"score": 0.8, "findings": [], **guard}}
    text = " ".join(desk.page(shown, (1, 1), {}, 200, False).lines)
    assert told in text
    assert untold not in text
