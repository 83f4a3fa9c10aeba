"""The review desk as it is drawn: a piece on a terminal of any size, and what changed between two texts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from regrow.cli import output
from regrow.cli.sheet import NAMES
from regrow.domain.differences import Part

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 100
"""Columns beyond which lines of prose are hard to read."""
NARROWEST = 20
KEPT_ROWS = 3
MARKS = {"delete": ("[-", "-]"), "insert": ("{+", "+}"), "equal": ("", "")}
STYLES = {"delete": "red strike", "insert": "green underline", "equal": ""}

_JOINED = re.compile(r"(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")
_LEAD = re.compile(r"([ \t]*)((?:[-*+•]|\d{1,9}[.)])[ \t]+|>[ \t]?)?")
_INLINE = (
    (re.compile(r"\*\*(?=\S)[^*\n]{1,300}\*\*|__(?=\S)[^_\n]{1,300}__"), "bold"),
    (re.compile(r"(?<![*\w])\*(?=[^\s*])[^*\n]{1,300}\*(?![*\w])"), "italic"),
    (re.compile(r"`[^`\n]{1,300}`"), "cyan"),
    (re.compile(r"\]\([^()\s]{1,500}\)|\[\^[\w-]{1,40}\]"), "dim"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Drawn lines, each at most as wide as the terminal: what stays on top, what scrolls, what stays below."""

    header: tuple[str, ...]
    lines: tuple[str, ...]
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What fits on the screen: its lines, the first line of the text that is shown, how far it can go, and how many
    lines of the text are shown at once.
    """

    lines: tuple[str, ...]
    top: int
    last_top: int
    room: int


def is_coloured(stream: TextIO) -> bool:
    """Whether colours may be written there: a terminal, unless NO_COLOR or the terminal itself says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def page(
    piece: Mapping[str, Any], place: tuple[int, int], keys: Mapping[str, str], columns: int, colours: bool
) -> Page:
    """One piece for review, the `place[0]`th of `place[1]`; `keys` says what each key does.

    Beside the shape of a piece, `topic` (its title), `warnings` (texts) and `source_titles` are shown when given.
    """
    draw = _Drawer(columns, colours)
    return Page(
        tuple(draw.many([*_header(piece, place), ("-" * draw.columns, "dim")])),
        tuple(draw.blocks(_blocks(piece))),
        tuple(draw.many([("-" * draw.columns, "dim"), *((row, "dim") for row in _keys(keys, draw.columns))])),
    )


def window(shown: Page, rows: int, top: int = 0) -> Window:
    """The part of a page that a terminal of so many rows can show, from line `top` of its text or as near as can be.

    On a low terminal the text keeps half of the rows, and the header and the footer give way. Where more text is
    below, the line above the footer says so.
    """
    spare = max(0, rows - max(KEPT_ROWS, rows // 2))
    footer = shown.footer[-min(len(shown.footer), spare) :] if spare else ()
    header = shown.header[: spare - len(footer)]
    room = max(1, rows - len(header) - len(footer))
    last_top = max(0, len(shown.lines) - room)
    first = min(max(top, 0), last_top)
    text = shown.lines[first : first + room]
    if first < last_top and footer == shown.footer:
        footer = (_more(last_top - first, footer[0]), *footer[1:])
    return Window((*header, *text, *("" for _ in range(room - len(text))), *footer), first, last_top, room)


def _more(below: int, rule: str) -> str:
    """The line above the footer, saying how much of the text is not seen yet."""
    told = f" {below} more {'line' if below == 1 else 'lines'} below: [space] "
    return rule.replace("-" * len(told), told, 1)


def difference(parts: Iterable[Part], colours: bool) -> str | Text:
    """What changed: in colours for a terminal, else as `[-old-]{+new+}`."""
    if not colours:
        return "".join(safe(part.text).join(MARKS[part.op]) for part in parts)
    from rich.text import Text

    return Text.assemble(*((_visible(part), STYLES[part.op]) for part in parts))


def changes(found: Mapping[str, Sequence[Part]], columns: int, colours: bool) -> list[str]:
    """The differences of several fields as drawn lines, each under its name."""
    draw = _Drawer(columns, colours)
    lines: list[str] = []
    for name, parts in found.items():
        heading = NAMES.get(name, name)
        lines += ([""] if lines else []) + list(draw.many([(heading, "bold")]))
        lines += draw.text(difference(parts, colours))
    return lines


def rows(text: str, columns: int, colours: bool) -> list[str]:
    """A text wrapped to the terminal."""
    return list(_Drawer(columns, colours).many([(text, "bold")]))


def safe(text: str) -> str:
    """As `output.safe`, but what joins letters and emoji beyond ASCII into one stays."""
    kept: list[str] = []
    place = 0
    for joiner in _JOINED.finditer(text):
        kept += [output.safe(text[place : joiner.start()]), joiner[0]]
        place = joiner.end()
    return "".join((*kept, output.safe(text[place:]))).expandtabs(4)


def _visible(part: Part) -> str:
    """A line break that came or went alone would not be seen."""
    text = safe(part.text)
    return text.replace("\n", "↵\n") if part.op != "equal" and not text.strip() else text


def _header(piece: Mapping[str, Any], place: tuple[int, int]) -> Iterator[tuple[str, str]]:
    meta = piece.get("meta") or {}
    kind = " · ".join(str(each) for each in (piece.get("medium"), meta.get("platform")) if each)
    yield f"{kind}   {place[0]} of {place[1]}", "bold"
    origin = (piece.get("provenance") or {}).get("model") or piece.get("origin")
    state = f"{piece.get('status')} · version {piece.get('version', '-')} · by {origin or 'nobody known'}"
    yield state, "dim"
    if piece.get("topic"):
        yield f"about {piece['topic']}", "dim"
    if piece.get("rated"):
        yield str(piece["rated"]), "dim"


def _blocks(piece: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts with a style each; the style `markdown` is for bodies."""
    for warning in (*(piece.get("warnings") or ()), *_findings(piece.get("guard"))):
        yield f"! {warning}", "yellow"
    for variant in piece["variants"]:
        content = variant["content"]
        yield "", ""
        yield f"Variant {variant['label']}", "bold reverse"
        for name in NAMES:
            if content.get(name) and name not in ("hashtags", "cta"):
                yield f"{NAMES[name]}: {content[name]}", "bold"
        yield "", ""
        yield str(content.get("body") or ""), "markdown"
        if content.get("cta"):
            yield f"\n{NAMES['cta']}: {content['cta']}", "bold"
        if content.get("hashtags"):
            yield "\n" + " ".join(f"#{tag}" for tag in content["hashtags"]), "cyan"
    sources = piece.get("source_titles") or (piece.get("provenance") or {}).get("sources") or ()
    if sources:
        yield "\nsources: " + ", ".join(map(str, sources)), "dim"


JUDGE = {
    "pending": "the judge has not decided on this yet",
    "failed": "the judge gave no verdict, so that the rules decide",
}


def _findings(guard: Any) -> Iterator[str]:
    """What the brand guard says, in the shape of the contract or any other that a finding may have."""
    if not guard:
        return
    if told := JUDGE.get(str(guard.get("judge"))):
        yield f"{told}{': ' if guard.get('judge_detail') else ''}{guard.get('judge_detail', '')}"
    if guard.get("needs_person"):
        yield f"the judge leaves this one to you: {'; '.join(map(str, guard.get('doubts') or ()))}"
    elif guard.get("passed") is False:
        yield f"the brand guard did not pass this: score {guard.get('score', '-')}"
    for finding in guard.get("findings") or ():
        told = finding.get("detail") or finding.get("text") if isinstance(finding, Mapping) else finding
        yield (
            _found(finding) if isinstance(finding, Mapping) and "how" in finding else str(told or output.text(finding))
        )


def _found(finding: Mapping[str, Any]) -> str:
    """Which variant, which passage, and what to do about it."""
    quote = f"“{finding['quote']}”: " if finding.get("quote") else ""
    where = f"{finding.get('label', '')} {finding.get('field', '')}".strip()
    return f"{finding.get('severity', '')} in {where}: {quote}{finding['how']}"


def _keys(keys: Mapping[str, str], columns: int) -> list[str]:
    """Rows of keys; none is torn from what it does."""
    from rich.cells import cell_len

    rows: list[str] = []
    for told in (f"[{key}] {what}".rstrip() for key, what in keys.items()):
        if rows and cell_len(rows[-1]) + 3 + cell_len(told) <= columns:
            rows[-1] += f"   {told}"
        else:
            rows.append(told)
    return rows


class _Drawer:
    """Turns texts into lines of so many columns, with colours or without."""

    def __init__(self, columns: int, colours: bool) -> None:
        self.columns = min(max(columns, NARROWEST), WIDEST)
        self._has_colours = colours
        self._console = _console(self.columns, colours)

    def blocks(self, blocks: Iterable[tuple[str, str]]) -> Iterator[str]:
        for text, style in blocks:
            yield from self._body(text) if style == "markdown" else self.many([(text, style)])

    def many(self, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
        from rich.text import Text

        for text, style in rows:
            yield from self.text(Text(safe(text), style=style))

    def text(self, text: str | Text, indent: int = 0) -> Iterator[str]:
        """Wrapped lines; those after the first stand in by `indent`."""
        from rich.text import Text

        whole = Text(text) if isinstance(text, str) else text
        for line in whole.split("\n", allow_blank=True):
            for number, row in enumerate(line.wrap(self._console, self.columns - indent)):
                row.rstrip()
                yield self._drawn(Text(" " * indent) + row if number and indent else row)

    def _body(self, body: str) -> Iterator[str]:
        """Markdown with every character that is there, because that is what goes out; only its look is lightened."""
        is_code = False
        for line in safe(body).split("\n"):
            is_fence = line.lstrip().startswith(("```", "~~~"))
            is_code ^= is_fence
            yield from self._line(line, is_code or is_fence)

    def _line(self, line: str, is_code: bool) -> Iterator[str]:
        from rich.text import Text

        if is_code:
            yield from self.text(Text(line, style="cyan"))
            return
        lead = _LEAD.match(line)
        indent = lead.end() if lead and lead[2] else 0
        style = "bold" if re.match(r" {0,3}#{1,6}[ \t]", line) else "italic" if line.lstrip().startswith(">") else ""
        drawn = Text(line, style=style)
        for pattern, look in _INLINE:
            drawn.highlight_regex(pattern, look)
        yield from self.text(drawn, indent if indent <= self.columns // 3 else 0)

    def _drawn(self, row: Text) -> str:
        if not row.plain or not self._has_colours:
            return row.plain
        with self._console.capture() as captured:
            self._console.print(row, end="", no_wrap=True, overflow="crop", crop=True)
        return captured.get()


def _console(columns: int, colours: bool) -> Console:
    from rich.console import Console

    return Console(
        width=columns,
        force_terminal=colours,
        color_system="standard" if colours else None,
        no_color=not colours,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
