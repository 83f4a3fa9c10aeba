"""Pages as Notion writes them in HTML: their title, their properties as a table, their id on the article."""

from __future__ import annotations

from typing import Any

from bs4.element import Tag

from regrow.adapters.sources import files, html
from regrow.domain.notes.vaults import Fetched, RawNote, Skipped

_TIMES = {"created": "created", "created time": "created", "last edited time": "updated", "last edited": "updated"}


def is_page(text: str) -> bool:
    return "<article" in text and 'class="page-title"' in text


def note(got: Fetched, text: tuple[str, str], said: dict[str, Any], lead: html.Lead) -> RawNote | Skipped:
    """The page as a note; `said` is what is known of it without looking inside."""
    soup = html.soup_of(text[0])
    said["title"] = html.taken_title(soup) or said["title"]
    article = soup.find("article")
    if isinstance(article, Tag):
        said["id"] = str(article.get("id") or "").replace("-", "") or said.get("id", "")
    for name in soup.find_all("h1", class_="page-title"):
        said["title"] = " ".join(name.extract().get_text().split()) or said["title"]
    for table in soup.find_all("table", class_="properties"):
        for row in table.find_all("tr"):
            keep(said, *_cells(row))
        table.extract()
    return files.made(got, html.markdown(soup, lead), said, text[1:])


def _cells(row: Tag) -> tuple[str, str]:
    head, cell = row.find("th"), row.find("td")
    if not isinstance(head, Tag) or not isinstance(cell, Tag):
        return "", ""
    chosen = [" ".join(one.get_text().split()) for one in cell.find_all("span", class_="selected-value")]
    if chosen:
        return " ".join(head.get_text().split()), ", ".join(chosen)
    if cell.find(class_="checkbox-on") is not None:
        return " ".join(head.get_text().split()), "Yes"
    return " ".join(head.get_text().split()), " ".join(cell.get_text().split())


def keep(said: dict[str, Any], key: str, value: str) -> None:
    """Files a property under its name; tags, aliases and times under the names they have everywhere."""
    lowered = key.lower()
    if not key or not value or lowered in ("title", "id", "uid"):
        return
    if lowered in ("tags", "tag"):
        said["tags"] = [one.strip() for one in value.split(",") if one.strip()]
    elif lowered in ("alias", "aliases"):
        said["aliases"] = [one.strip() for one in value.split(",") if one.strip()]
    else:
        said[_TIMES.get(lowered, key)] = value
