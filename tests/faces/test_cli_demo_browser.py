"""The demo's report in a browser: for every eye, on a phone and at a desk, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.faces import browsers
from tests.faces.test_site_browser import DESK, PHONE, RULES, SCREENS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.opened() as found:
        yield found


def opened(browser: Browser, demo: Any, **context: Any) -> Page:
    page = browser.new_context(**context).new_page()
    page.set_default_timeout(browsers.PATIENCE_MS)
    page.goto(Path(demo["report"]).as_uri())
    return page


@pytest.mark.parametrize(("size", "scheme"), SCREENS)
def test_the_report_is_for_everybody(browser: Browser, demo: Any, size: dict[str, int], scheme: str) -> None:
    page = opened(browser, demo, viewport=size, color_scheme=scheme)
    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]})
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_words_in_the_pictures_can_be_read(browser: Browser, demo: Any, size: dict[str, int]) -> None:
    page = opened(browser, demo, viewport=size)
    pictures = page.locator("#experiment svg.experiment, #regeneration svg.descent")
    assert pictures.count() == (3 if demo["regeneration"]["event_id"] else 2)
    for picture in pictures.all():
        heights = picture.evaluate(
            "svg => [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect().height)"
        )
        assert min(heights) >= 11, "as high as letters of about nine points"
        inside = picture.evaluate(
            """svg => {
                const frame = svg.getBoundingClientRect();
                const all = [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect());
                return all.every(box => box.left >= frame.left - 1 && box.right <= frame.right + 1);
            }"""
        )
        assert inside, "no word is cut off"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_arms_have_colours_in_both_schemes(browser: Browser, demo: Any, scheme: str) -> None:
    page = opened(browser, demo, color_scheme=scheme)
    found = page.eval_on_selector_all(
        "#experiment svg.experiment polyline", "all => all.map(each => getComputedStyle(each).stroke)"
    )
    assert len(found) == len(set(found)) == 2
    expected = {"light": ["rgb(154, 74, 12)", "rgb(31, 92, 139)"], "dark": ["rgb(240, 168, 105)", "rgb(143, 195, 238)"]}
    assert found == expected[scheme]
    page.context.close()


def test_the_long_texts_scroll_by_keyboard(browser: Browser, demo: Any) -> None:
    page = opened(browser, demo, viewport=PHONE)
    region = page.get_by_role("region", name="Text of A, scrolls")
    region.focus()
    assert region.evaluate("each => each.scrollHeight > each.clientHeight")
    region.press("End")
    page.wait_for_function("each => each.scrollTop > 0", arg=region.element_handle())
    assert region.evaluate("each => each.scrollTop") > 0
    page.context.close()


def test_what_was_written_again_opens_by_keyboard_and_its_boxes_hold_their_words(browser: Browser, demo: Any) -> None:
    if not demo["regeneration"]["new_variant_id"]:
        pytest.skip("the dice of this demo hid the loser")
    page = opened(browser, demo, viewport=PHONE)
    summary = page.locator("#regeneration .gates summary").first
    summary.focus()
    summary.press("Enter")
    page.locator("#regeneration .gates .checks").first.wait_for(state="visible")
    assert page.locator("#regeneration .gates .checks li").count() > 20
    overflowing = page.evaluate(
        """() => [...document.querySelectorAll('#regeneration svg.descent g')].filter(group => {
            const frame = group.querySelector('rect').getBoundingClientRect();
            return [...group.querySelectorAll('text')].some(
                text => text.getBoundingClientRect().right > frame.right - 4);
        }).length"""
    )
    assert overflowing == 0, "the longest line of a box ends inside it"
    region = page.get_by_role("region", name="New text, scrolls")
    region.focus()
    region.press("End")
    page.wait_for_function("each => each.scrollTop > 0", arg=region.element_handle())
    assert region.evaluate("each => each.scrollTop") > 0
    page.context.close()
