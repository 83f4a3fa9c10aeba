"""The site in a browser: for every eye, by keyboard alone, on a phone and at a desk, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from regrow import wiring
from tests import homes, published
from tests.faces import browsers
from tests.faces.conftest import serving

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 860}
SCREENS = [
    pytest.param(size, scheme, id=f"{name}-{scheme}")
    for name, size in (("phone", PHONE), ("desk", DESK))
    for scheme in ("light", "dark")
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LONG = "supercalifragilisticexpialidocious" * 4
BODY = f"""Rye sours *first*.[^1] {LONG}

## Why

- Its **bran** carries yeast
- and `enzymes`[^2]

> The dough does not read the clock.

### How warm

| Kitchen | First bubbles | Ready to bake with | and one column more than a phone is wide |
|---|---|---|---|
| 18 °C | day 4 | day 9 | a long cell that makes the table wider than it should ever have become |

```python
def hours_until_ripe(celsius: float, share_of_starter: float = 0.2, patience: float = 1.0) -> float: ...
```

---

Read [more](https://example.org/).

## Sources

[^1]: Starter diary
[^2]: https://example.org/enzymes
"""


@dataclass(frozen=True)
class Shop:
    """Where the pages are, and a browser to look at them."""

    address: str
    browser: Browser

    def page(self, path: str, **context: Any) -> Page:
        page = self.browser.new_context(**context).new_page()
        page.set_default_timeout(browsers.PATIENCE_MS)
        page.goto(f"{self.address}{path}")
        return page


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    browsers.path()
    home = wiring.open_home(homes.settings_for("sqlite", Path(tmp_path_factory.mktemp("shop"))))
    press = published.press(homes.tenant(home, "Shop"), disclosure="Drafted with an AI, read by a person.")
    for number in range(12):
        press.article(f"n-{number}", f"Bench note {number}", "A short note.")
    press.article("rye", "Why rye sours first", BODY)
    press.article("gone", "Gone", "Text.", status="removed")
    empty, right = homes.tenant(home, "Empty"), homes.tenant(home, "Right")
    published.press(empty)
    published.press(right, language="ar", title="خبز البيت").article("خبز", "لماذا", "يحمل الجاودار خميرة.")
    with serving(home) as server, browsers.opened() as browser:
        yield Shop(f"{server.url}/s/", browser)
    home.close()


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
@pytest.mark.parametrize(
    "path", ["shop/", "shop/?page=2", "shop/rye", "shop/nothing", "shop/gone", "empty/", "right/خبز"]
)
def test_pages_are_for_everybody(shop: Shop, path: str, size: dict[str, int], scheme: str) -> None:
    page = shop.page(path, viewport=size, color_scheme=scheme)
    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]})
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]] == []
    # Nothing sticks out: only tables and code may be wider than the screen, and they scroll by themselves.
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_scheme_of_the_reader_is_followed(shop: Shop, scheme: str) -> None:
    page = shop.page("shop/rye", color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(251, 250, 247)", "dark": "rgb(21, 23, 20)"}[scheme]
    page.context.close()


def test_lines_are_of_a_length_that_reads_well(shop: Shop) -> None:
    page = shop.page("shop/rye", viewport=DESK)
    # Characters of ordinary text that fit into one line of the column.
    fit = page.evaluate(
        """() => {
            const line = document.createElement("span");
            line.textContent = "We raise prices once a year, in February, and announce the date four weeks ahead. ";
            line.style.whiteSpace = "nowrap";
            document.querySelectorAll(".text p")[1].append(line);
            const one = line.getBoundingClientRect().width / line.textContent.length;
            return document.querySelector(".text").getBoundingClientRect().width / one;
        }"""
    )
    assert 55 <= fit <= 80
    page.context.close()


def test_the_keyboard_alone_reaches_everything(shop: Shop) -> None:
    page = shop.page("shop/rye", viewport=DESK)
    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to the text"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
        reached.append(_focused(page))
    inside = page.evaluate("document.querySelectorAll('main a, main [tabindex=\"0\"], footer a').length")
    assert len(reached) == inside
    assert reached[-1] == "RSS"
    page.context.close()


def test_footnotes_lead_there_and_back(shop: Shop) -> None:
    page = shop.page("shop/rye", viewport=PHONE)
    page.get_by_role("link", name="Source 1", exact=True).click()
    assert re.search(r"#note-\w{8}-source-1$", page.url)
    page.get_by_role("link", name="Back to where source 1 is used").click()
    assert re.search(r"#note-\w{8}-ref-1$", page.url)
    page.context.close()


def test_a_page_asks_nobody_for_anything(shop: Shop) -> None:
    page = shop.browser.new_context().new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in ("shop/", "shop/rye"):
        page.goto(f"{shop.address}{path}", wait_until="networkidle")
    # The icon is within the page.
    assert [each for each in asked if not each.startswith("data:")] == [
        f"{shop.address}shop/",
        f"{shop.address}shop/rye",
    ]
    assert complaints == []
    assert page.context.cookies() == []
    page.context.close()


def test_pages_read_without_scripts_at_double_size_and_on_paper(shop: Shop) -> None:
    page = shop.page("shop/rye", viewport={"width": 320, "height": 256}, java_script_enabled=False)
    assert page.get_by_role("heading", name="Why rye sours first").is_visible()
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="RSS").is_visible()
    assert page.get_by_text("Starter diary").is_visible()
    page.context.close()
    # 1280 pixels at 400 % are 320 wide, and nothing scrolls sideways there either.
    page = shop.page("shop/rye", viewport={"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.context.close()


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))
