"""Where a site says that it stands: as whoever runs it said, else as it was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from regrow import settings, wiring
from regrow.wiring import faces
from tests import homes, published


@pytest.mark.parametrize(
    ("set_to", "told"),
    [
        ("", "http://blog.test"),
        ("https://bread.example", "https://bread.example"),
        (settings.LOOPBACK, "http://blog.test"),
    ],
)
def test_the_default_address_is_nobodys_canonical_one(tmp_path: Path, set_to: str, told: str) -> None:
    more = {"public_address": set_to} if set_to else {}
    home = wiring.open_home(homes.settings_for("sqlite", tmp_path / "home", **more))
    try:
        published.press(homes.tenant(home, "Alice")).article("one", "One", "Text.")
        client = TestClient(faces.application(home), base_url="http://blog.test")
        slug = home.workspace().slug
        assert f'<link rel="canonical" href="{told}/s/{slug}/one">' in client.get(f"/s/{slug}/one").text
        assert f"<link>{told}/s/{slug}/one</link>" in client.get(f"/s/{slug}/feed.xml").text
    finally:
        home.close()
