"""Visitors who only ask for the article, to see which of its variants the site shows by now."""

from __future__ import annotations

import html
import http.client
import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from regrow.cli.demo.simulated_readers import ANSWER_SECONDS, BROWSERS

_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def shown(address: str, titles: Mapping[str, str], visitors: int) -> Counter[str]:
    """How many of so many new visitors see the variant of each label, told by its title; other pages count nowhere.

    Nobody keeps a cookie, and nobody's page stays on screen, so that none of them is counted as a reader.
    """
    place = urlsplit(address)
    labels = {" ".join(title.split()): label for label, title in titles.items()}
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_SECONDS)
    found: Counter[str] = Counter()
    try:
        for number in range(visitors):
            browser = BROWSERS[number % len(BROWSERS)]
            told = {"User-Agent": browser, "Accept-Language": "en-GB,en;q=0.8", "X-Forwarded-For": f"10.1.0.{number}"}
            connection.request("GET", place.path, headers=told)
            label = labels.get(_heading(connection.getresponse().read().decode("utf-8", "replace")))
            if label is not None:
                found[label] += 1
    finally:
        connection.close()
    return found


def _heading(page: str) -> str:
    found = _HEADING.search(page)
    return " ".join(html.unescape(_TAG.sub("", found[1])).split()) if found else ""
