"""HTML from strangers as small, well-formed HTML: known tags only, never deep, without scripts, styles and comments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MAX_DEPTH = 60
"""Tags deeper than this lose their mark and keep their text: converters call themselves once per level."""
MAX_TAGS = 50_000
"""A page with more is taken as plain text from there on: so many belong to a program's output, not to a note."""

_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*+)((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_MARK = re.compile(r"<(?:!--|!|\?|/?[A-Za-z])")
_ATTRIBUTE = re.compile(r"([^\s=/<>\"']++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?")
_GONE = frozenset(
    "script style noscript template iframe frameset object applet svg math canvas audio video select textarea"
    " en-crypt".split()
)
_KEPT = frozenset(
    "a b blockquote code dd del dl div dt em h1 h2 h3 h4 h5 h6 i kbd li ol p pre q s samp section span strong"
    " sub sup table tbody td tfoot th thead tr ul article caption title".split()
)
_SAME = {"strike": "s", "tt": "code", "header": "div", "footer": "div", "main": "div", "details": "div", "summary": "p",
         "figure": "div", "center": "div", "nav": "div", "aside": "div", "address": "p", "mark": "em", "cite": "em",
         "figcaption": "p"}  # fmt: skip
_VOID = frozenset("br hr img input en-todo".split())
_ATTRIBUTES = frozenset(("href", "alt", "start", "class", "id", "style", "type", "checked", "datetime"))
_ENDS = {
    "p": ("p",), "li": ("li", "p"), "tr": ("td", "th", "tr", "p"), "td": ("td", "th", "p"), "th": ("td", "th", "p"),
    "dt": ("dt", "dd", "p"), "dd": ("dt", "dd", "p"),
}  # fmt: skip
"""Tags whose opening ends those that authors leave open."""
_BLOCKS = frozenset("div ul ol table h1 h2 h3 h4 h5 h6 blockquote pre section article dl".split())


def clean(text: str) -> str:
    """The same page with nothing in it that a converter could trip over."""
    return "".join(_Cleaner(text).run())


class _Cleaner:
    """One pass over the text, in time that grows with its length and with nothing else."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[str] = []
        self._count = 0

    def run(self) -> Iterator[str]:
        place = 0
        while (mark := _MARK.search(self._text, place)) is not None:
            yield self._told(self._text[place : mark.start()])
            if mark[0] == "<!--":
                place = self._past("-->", mark.end())
            elif mark[0] in ("<!", "<?"):
                place = self._declared(mark.start())
                if self._text.startswith("<![CDATA[", mark.start()):
                    yield self._told(self._text[mark.start() + 9 : max(place - 3, mark.start() + 9)])
            elif (tag := _TAG.match(self._text, mark.start())) is None:
                yield "&lt;"
                place = mark.start() + 1
            else:
                place = tag.end()
                if tag[2].lower() in _GONE and not tag[1]:
                    place = self._end_of(tag[2].lower(), tag)
                else:
                    yield from self._closed(tag[2].lower()) if tag[1] else self._opened(tag)
        yield self._told(self._text[place:])
        yield "".join(f"</{name}>" for name in reversed(self._open))

    def _told(self, text: str) -> str:
        if not text:
            return ""
        said = html.unescape(text) if "&" in text else text
        if "<!--" in said and "pre" not in self._open:
            # In Markdown it would hide the rest of the note.
            said = said.replace("<!--", "&lt;!--")
        return html.escape(said, quote=False)

    def _past(self, end: str, start: int) -> int:
        found = self._text.find(end, start)
        return len(self._text) if found < 0 else found + len(end)

    def _declared(self, start: int) -> int:
        return self._past("]]>" if self._text.startswith("<![CDATA[", start) else ">", start)

    def _end_of(self, name: str, tag: re.Match[str]) -> int:
        if tag[3].endswith("/"):
            return tag.end()
        found = re.compile(rf"</{name}\s*>", re.I).search(self._text, tag.end())
        return found.end() if found else len(self._text)

    def _opened(self, tag: re.Match[str]) -> Iterator[str]:
        name = tag[2].lower()
        name = _SAME.get(name, name)
        self._count += 1
        if self._count > MAX_TAGS:
            yield "\n"
            return
        if name in _VOID:
            yield f"<{name}{_attributes(tag[3])}/>"
            return
        if name not in _KEPT:
            return
        ends = _ENDS.get(name, ("p",) if name in _BLOCKS else ())
        while self._open and self._open[-1] in ends:
            yield f"</{self._open.pop()}>"
        if len(self._open) < MAX_DEPTH:
            yield f"<{name}{_attributes(tag[3])}>"
            if tag[3].endswith("/"):
                yield f"</{name}>"
            else:
                self._open.append(name)

    def _closed(self, name: str) -> Iterator[str]:
        name = _SAME.get(name, name)
        if name not in self._open:
            return
        while self._open:
            last = self._open.pop()
            yield f"</{last}>"
            if last == name:
                return


def _attributes(written: str) -> str:
    """The attributes that mean something; of two with one name, the first."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written[:10_000]):
        name = match[1].lower()
        if name in _ATTRIBUTES and name not in found:
            found[name] = html.unescape(match[2] or match[3] or match[4] or "")
    return "".join(f' {name}="{html.escape(value)}"' for name, value in found.items())
