"""A workspace's site: its list of articles, each article, and what to say when there is nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from regrow.domain.publishing import structured
from regrow.services import site_pages
from regrow.services.site_pages import Around, Face, Page
from regrow.store.tenancy import Session
from regrow.web import answering, asking, cards, rendering, telling, words
from regrow.web.answering import Made
from regrow.web.asking import Asked
from regrow.web.showing import Choosing, Shown

PUBLIC = {"Cache-Control": answering.PUBLIC}
PRIVATE = {"Cache-Control": answering.PRIVATE, "Vary": "Cookie"}
PER_PAGE = 10
SUGGESTED = 4
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Pages:
    """`cards` is the folder that pictures are kept in, `choose` says which variant a reader sees."""

    cards: Path
    choose: Choosing

    def home(self, request: Request) -> Response:
        return asking.answered(request, self._home)

    def article(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        if slug != normalize("NFC", slug):
            return RedirectResponse(request.url.replace(path=_path(request, normalize("NFC", slug))), 308)
        return asking.answered(request, self._article)

    def missing(self, request: Request) -> Response:
        return asking.answered(request, _not_found)

    def card(self, request: Request) -> Response:
        return asking.answered(request, self._card)

    def _home(self, session: Session, asked: Asked) -> Made:
        given = asked.request.query_params.get("page", "1")
        if _NUMBER.fullmatch(given) is None:
            return _not_found(session, asked)
        number = int(given)
        found, has_more = site_pages.newest(
            session, asked.site, PER_PAGE, (number - 1) * PER_PAGE, asked.words.footnotes
        )
        if not found and number > 1:
            return _note(session, asked, 404, asked.words.missing_title, asked.words.beyond.format(number=number))
        html = rendering.page(
            "home.html.j2",
            **_common(asked),
            pages=found,
            number=number,
            has_more=has_more,
            address=asked.base if number == 1 else f"{asked.base}?page={number}",
            card=asked.base + "card.png?v=" + telling.site_card(asked).digest,
            structured=structured.written(structured.of_site(asked.publisher, telling.entries(asked, found))),
        )
        changed_at = max((page.changed_at for page in found), default=None)
        return _html(asked, html, PUBLIC, changed_at=changed_at, is_for_all=True)

    def _article(self, session: Session, asked: Asked) -> Made:
        slug = asked.request.path_params["slug"]
        page = site_pages.page(session, asked.site, slug, asked.words.footnotes)
        if page is None:
            return _absent(session, asked, slug)
        around = site_pages.around(session, asked.site, page, asked.words.footnotes)
        if len(page.faces) == 1:
            return _shown(asked, page, page.reference, around, None)
        shown = self.choose(asked.request, asked.site.workspace_id, page)
        face = next((face for face in page.faces if face.label == shown.label), page.reference)
        return _shown(asked, page, face, around, shown)

    def _card(self, session: Session, asked: Asked) -> Made:
        slug = asked.request.path_params.get("slug")
        card = telling.site_card(asked)
        if slug is not None:
            page = site_pages.page(session, asked.site, slug, asked.words.footnotes)
            if page is None:
                return _absent(session, asked, slug)
            card = telling.article_card(asked, page)
        kept = asked.request.query_params.get("v") == card.digest
        headers = {"Cache-Control": answering.FOREVER if kept else answering.PUBLIC}
        return Made(cards.png(card, self.cards), answering.PNG, headers)


def _shown(asked: Asked, page: Page, face: Face, around: Around, shown: Shown | None) -> Made:
    told = telling.entry(asked, page, face)
    html = rendering.page(
        "article.html.j2",
        **_common(asked),
        page=page,
        face=face,
        around=around,
        address=told.address,
        card=told.card,
        structured=structured.written(structured.of_article(asked.publisher, told)),
        token=shown.token if shown else None,
    )
    if shown is None:
        return _html(asked, html, PUBLIC, changed_at=page.changed_at, is_for_all=True)
    has_script = shown.token is not None
    made = _html(asked, html, PRIVATE, changed_at=page.changed_at, has_script=has_script)
    return replace(made, finish=shown.keep)


def _absent(session: Session, asked: Asked, slug: str) -> Made:
    if site_pages.fate(session, asked.site, slug) == "gone":
        return _note(session, asked, 410, asked.words.gone_title, asked.words.gone)
    return _not_found(session, asked)


def _not_found(session: Session, asked: Asked) -> Made:
    return _note(session, asked, 404, asked.words.missing_title, asked.words.missing)


def _note(session: Session, asked: Asked, status: int, title: str, text: str) -> Made:
    pages, _has_more = site_pages.newest(session, asked.site, SUGGESTED, 0, asked.words.footnotes)
    told = {"status": status, "title": title, "text": text, "pages": pages}
    return _html(asked, rendering.page("note.html.j2", **_common(asked), **told), {"Cache-Control": "no-store"}, status)


def _common(asked: Asked) -> dict[str, Any]:
    site, style = asked.site, rendering.style(asked.site.look)
    is_foreign = words.base(site.language) != asked.words.language
    direction = words.direction(site.language)
    return {
        "site": site,
        "root": asked.root,
        "words": asked.words,
        "style": style,
        "direction": direction,
        "arrows": ("→", "←") if direction == "rtl" else ("←", "→"),
        "icon": rendering.icon(site.title, style.light.accent, style.light.paper),
        "local": asked.local,
        # Our own words are English where we do not speak the site's language, and say so.
        "own": f' lang="{asked.words.language}" dir="ltr"' if is_foreign else "",
    }


def _html(
    asked: Asked,
    html: str,
    headers: Mapping[str, str],
    status: int = 200,
    changed_at: datetime | None = None,
    has_script: bool = False,
    is_for_all: bool = False,
) -> Made:
    policy = rendering.policy(rendering.style(asked.site.look), has_script)
    told = {**headers, "Content-Security-Policy": policy, "Content-Language": asked.site.language}
    return Made(html.encode("utf-8", "replace"), answering.HTML, told, status, changed_at, is_for_all)


def _path(request: Request, slug: str) -> str:
    return f"/s/{quote(request.path_params['workspace'], safe='')}/{quote(slug, safe='')}"
