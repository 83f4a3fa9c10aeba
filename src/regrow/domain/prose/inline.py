"""Marks inside a line of Markdown, taken away so that only what a reader sees is left."""

from __future__ import annotations

import html
import re

_MARKED = re.compile(r"[\[\]*_~=<>&#`^%!\\${(\x00-\x1f\x7f\u200b\ufeff\u202a-\u202e\u2066-\u2069]|  | [,.]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\ufeff\u202a-\u202e\u2066-\u2069]")
_DESTINATION = r"\([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+\)"
_STEPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[\[[^\[\]\n]*+\]\]"), ""),
    (re.compile(r"!\[[^\[\]\n]*+\]" + _DESTINATION), ""),
    (re.compile(r"\^?\[\^[^\[\]\n]{1,100}\]|\^\[[^\[\]\n]*+\]"), ""),
    (re.compile(r"(?<!\[)\[([^\[\]\n]*+)\](?:" + _DESTINATION + r"|\[[^\[\]\n]*+\])"), r"\1"),
    (re.compile(r"\(\([0-9a-f-]{36}\)\)|\{\{[^{}\n]*+\}\}|\$\$[^$]*+\$\$"), ""),
    (re.compile(r"<((?:https?|mailto):[^<>\s]++)>"), r"\1"),
    (re.compile(r"<br ?/?>", re.I), " "),
    (re.compile(r"</?[a-zA-Z][^<>]*+>"), ""),
    (re.compile(r"(?<!`)``([^`]++)``(?!`)|(?<!`)`([^`]++)`(?!`)"), r"\1\2"),
    (re.compile(r"~~(?=\S)[^~]++~~"), ""),
    (re.compile(r"==(?=\S)([^=]++)(?<=\S)=="), r"\1"),
)
_EMPHASIS: tuple[re.Pattern[str], ...] = (
    re.compile(r"(?<![\\*\w])(\*)(?=[^\s*])([^*]++)(?<=[^\s\\])\*(?![*\w])"),
    re.compile(r"(?<![\\*])(\*{2,3})(?=[^\s*])([^*]++)(?<=[^\s\\])\1(?!\*)"),
    re.compile(r"(?<![\\\w])(_{1,3})(?=[^\s_])([^_]++)(?<=[^\s\\])\1(?!\w)"),
)
_WIKILINK = re.compile(r"\[\[([^\[\]|\n]*+)(?:\|([^\[\]\n]*+))?\]\]")
_HIERARCHY = re.compile(r"[a-z][a-z0-9_-]+(?:\.[a-z0-9][a-z0-9_-]+)+(?:#[^\s]*)?$(?<!\.md)")
_CLOSING_TAGS = re.compile(r"(?<=[.!?…)\"”])(?:[ ,]+#[^\W\d][\w/-]*+)+$")
_TAG = re.compile(r"(?<![\w&/#\\])#([^\W\d_][\w/-]*+)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|~^$<>\"'-])")
_BEFORE_MARK = re.compile(r" +(?=[,.](?:\s|$))")


def plain(text: str) -> str:
    """One block's text on one line without inline marks; text that holds none is only trimmed."""
    text = text.replace("\n", " ").replace("\t", " ")
    if _MARKED.search(text) is None:
        return text.strip()
    text = _UNSEEN.sub("", text)
    if "[" in text or "<" in text or "{" in text or "~" in text or "=" in text or "`" in text or "$" in text:
        for pattern, replacement in _STEPS:
            text = pattern.sub(replacement, text)
        text = _WIKILINK.sub(_link_text, text)
    text = _TAG.sub(_tag_words, _CLOSING_TAGS.sub("", _without_emphasis(text)))
    text = _ESCAPE.sub(r"\1", html.unescape(text) if "&" in text else text)
    return _BEFORE_MARK.sub("", " ".join(text.split()))


def _without_emphasis(text: str) -> str:
    if "*" not in text and "_" not in text:
        return text
    for pattern in (*_EMPHASIS, *_EMPHASIS[:2]):
        text = pattern.sub(r"\2", text)
    return text


def _link_text(link: re.Match[str]) -> str:
    shown, alias = link[1].strip(), (link[2] or "").strip()
    # Dendron writes the alias first: `[[Lookup|dendron.ref.lookup#pick]]`.
    if alias and _HIERARCHY.match(alias) and not _HIERARCHY.match(shown):
        return shown
    if alias:
        return alias
    target, _, anchor = shown.partition("#")
    if target.count(".") > 1 and _HIERARCHY.match(target):
        return target.rsplit(".", 1)[-1].replace("-", " ")
    name = target.rsplit("/", 1)[-1].split("^")[0].strip() or anchor.lstrip("^#").strip()
    return name.removesuffix(".md")


def _tag_words(tag: re.Match[str]) -> str:
    return re.sub(r"[/_-]+", " ", tag[1]).strip()
