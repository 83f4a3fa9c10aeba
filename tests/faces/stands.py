"""A site with a press behind it, and whoever reads what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from starlette.testclient import TestClient

from regrow.wiring import faces
from tests import published
from tests.homes import Tenant
from tests.published import Press


@dataclass
class Stand:
    """Alice's press, and whoever reads what it prints."""

    press: Press
    client: TestClient

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
        address = f"/s/{self.press.slug}{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, address, headers=named, follow_redirects=False)


@pytest.fixture
def stand(alice: Tenant) -> Iterator[Stand]:
    with TestClient(faces.application(alice.home), base_url="http://blog.test") as client:
        yield Stand(published.press(alice), client)
