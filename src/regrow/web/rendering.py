"""Templates to pages: the style of a site inlined, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from regrow.domain.publishing import looks
from regrow.domain.publishing.looks import Look

_BLANKS = re.compile(r"\s+")
_NEEDLESS = re.compile(r"\s*([{};,>])\s*")
_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Style:
    """The inlined style of a look and its digest as a content security policy names it."""

    css: str
    source: str
    light: looks.Shades
    dark: looks.Shades


@functools.lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("regrow.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@functools.lru_cache(maxsize=256)
def style(look: Look) -> Style:
    """The style of a look; colours are checked hex colours by now, so nothing in them can leave the style."""
    light, dark = (looks.shades(look, is_dark) for is_dark in (False, True))
    css = _environment().get_template("site.css.j2").render(light=light, dark=dark)
    css = _NEEDLESS.sub(r"\1", _BLANKS.sub(" ", _COMMENTS.sub("", css))).strip()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return Style(css, f"'sha256-{digest}'", light, dark)


def policy(made: Style, has_script: bool) -> str:
    """Nothing from elsewhere; scripts only where the page counts its readers, and only our own."""
    script = "script-src 'self'; connect-src 'self'; " if has_script else ""
    return (
        f"default-src 'none'; style-src {made.source}; img-src 'self' data:; {script}"
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@functools.lru_cache(maxsize=512)
def icon(title: str, accent: str, paper: str) -> str:
    """The site's first letter on its accent, as an address that asks nobody."""
    letter = next((each for each in title if each.isalnum()), "•").upper().replace("&", "").replace("<", "")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" rx="14" fill="{accent}"/><text x="32" y="45" font-family="Georgia,serif" '
        f'font-size="38" font-weight="700" text-anchor="middle" fill="{paper}">{letter}</text></svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def page(template: str, **told: Any) -> str:
    return _environment().get_template(template).render(**told)
