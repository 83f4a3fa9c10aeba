"""The judge over HTTP: a version that is pending, then judged; any text; bulk approval; and a judge that fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from regrow.testing.openai_server import OpenAIServer
from tests.faces.conftest import Face, is_problem

PATIENCE_SECONDS = 60
GOOD = "Weigh the flour, let the dough rest for an hour, and bake it hot."
POOR = "This revolutionary, seamless dough rests by itself. Bake it hot."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A judge that workspaces may name."""
    with OpenAIServer() as running:
        yield running
