"""Org mode pages, as far as Logseq writes them, as the Markdown outline that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regrow.domain.notes import outlines

_STARS = re.compile(r"(\*+)[ \t]+(.*)$")
_SETTING = re.compile(r"#\+([A-Za-z_-]+):[ \t]*(.*)$")
_DRAWER = re.compile(r"[ \t]*:(PROPERTIES|LOGBOOK):[ \t]*$", re.I)
_KEYED = re.compile(r"[ \t]*:([^:\s]+):[ \t]*(.*)$")
_SOURCE = re.compile(r"[ \t]*#\+BEGIN_(SRC|EXAMPLE)[ \t]*(\S*)", re.I)
_SOURCE_END = re.compile(r"[ \t]*#\+END_(SRC|EXAMPLE)", re.I)
_LINK = re.compile(r"\[\[((?:https?|file|mailto):[^\[\]\n]+)\](?:\[([^\[\]\n]+)\])?\]")
_NAMED = re.compile(r"\[\[([^\[\]\n]+)\]\[([^\[\]\n]+)\]\]")
_BOLD = re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])")
_ITALIC = re.compile(r"(?<![\w/:.])/([^\s/](?:[^/\n]*[^\s/])?)/(?![\w/])")
_VERBATIM = re.compile(r"(?<![\w~=])([~=])(\S(?:[^~=\n]*\S)?)\1(?![\w~=])")


def markdown(text: str) -> str:
    """The page with stars as bullets, settings and drawers as properties, source blocks as fences."""
    return "\n".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    indent, in_drawer, in_source = "", False, False
    for line in text.split("\n"):
        if in_source:
            in_source = not _SOURCE_END.match(line)
            yield f"{indent}{line}" if in_source else f"{indent}```"
        elif in_drawer:
            keyed = _KEYED.match(line)
            in_drawer = keyed is None or keyed[1].upper() != "END"
            if in_drawer and keyed is not None:
                yield f"{indent}{keyed[1].lower()}:: {keyed[2]}"
        elif stars := _STARS.match(line):
            depth = len(stars[1]) - 1
            indent = "\t" * depth + "  "
            yield "\t" * depth + f"- {_inline(stars[2])}"
        elif source := _SOURCE.match(line):
            in_source = True
            yield f"{indent}```{source[2]}"
        elif setting := _SETTING.match(line):
            yield f"{setting[1].lower()}:: {setting[2]}"
        elif _DRAWER.match(line):
            in_drawer = True
        else:
            yield f"{indent}{_inline(line.strip())}" if line.strip() else ""


def _inline(text: str) -> str:
    text = _VERBATIM.sub(r"`\2`", text)
    return outlines.outside_code(text, _marked)


def _marked(text: str) -> str:
    text = _LINK.sub(lambda match: f"[{match[2]}]({match[1]})" if match[2] else f"<{match[1]}>", text)
    text = _NAMED.sub(r"[[\1|\2]]", text)
    return _ITALIC.sub(r"*\1*", _BOLD.sub(r"**\1**", text))
