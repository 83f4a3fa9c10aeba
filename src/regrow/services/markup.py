"""Markdown of a draft as HTML: nothing of it is trusted, no raw HTML, no image, links to http and https only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt

DEEPEST = 6
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f<>\"'\\^`{|}\ud800-\udfff]{1,2000}", re.IGNORECASE)


def parser(deeper: int = 0, styles: Mapping[str, str] | None = None) -> MarkdownIt:
    """What reads and renders; `deeper` is by how many levels headings are lowered.

    `styles` gives elements an inline style by their name, for mail programs, which read no other.
    """
    made = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
    vars(made)["validateLink"] = _is_safe
    made.add_render_rule("link_open", _link)
    made.core.ruler.push("lower", lambda state: _lower(state.tokens, deeper))
    if styles:
        made.core.ruler.push("style", lambda state: _style(state.tokens, styles))
    return made


def web_address(address: object) -> str | None:
    """The address when it is one a reader may be sent to, which is http or https with a host; else None."""
    if not isinstance(address, str) or _ADDRESS.fullmatch(address.strip()) is None:
        return None
    try:
        host = urlsplit(address.strip()).hostname
    except ValueError:
        return None
    return address.strip() if host else None


def _is_safe(address: str) -> bool:
    return address.strip().lower().startswith(("https://", "http://"))


def _lower(tokens: list[Any], deeper: int) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + deeper, DEEPEST)}"


def _style(tokens: list[Any], styles: Mapping[str, str]) -> None:
    for token in tokens:
        if token.nesting >= 0 and token.tag in styles:
            token.attrSet("style", styles[token.tag])
        _style(token.children or [], styles)


def _link(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    tokens[place].attrSet("rel", "noopener noreferrer nofollow")
    return str(renderer.renderToken(tokens, place, options, env))
