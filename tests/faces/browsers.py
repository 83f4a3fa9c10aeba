"""The machine's own Chromium, for tests that look at pages as people do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-dev-shm-usage")
PATIENCE_MS = 60_000


def path() -> str:
    """Where the browser is; skips the test, saying why, when there is none, and fails it where one is promised."""
    found = os.environ.get("REGROW_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = f"no Chromium: none of {', '.join(NAMES)} is on the PATH (scripts/ensure_chromium.sh installs it)"
        if os.environ.get("REGROW_REQUIRE_CHROMIUM"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser that is closed again."""
    place = path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=list(SWITCHES), timeout=PATIENCE_MS)
        yield browser
        browser.close()
