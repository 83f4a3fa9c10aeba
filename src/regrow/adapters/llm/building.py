"""The writer of an installation, from plain settings: candidates, addresses, keys, and the prices of the home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from regrow.adapters.llm import candidates, gateway, prices
from regrow.adapters.llm.offline import OfflineWriter
from regrow.adapters.llm.recordings import Recordings
from regrow.adapters.llm.vendors import VENDORS


@dataclass(frozen=True, slots=True)
class Given:
    """`value` is a setting by its name. `workspace_key` is the workspace's own key of a provider, and goes first."""

    models: str
    value: Callable[[str], str]
    workspace_key: Callable[[str], str | None]
    price_folder: Path
    timeout_seconds: float
    recorded: Recordings | None = None


def writer(given: Given) -> gateway.Gateway:
    """Invalid when a candidate, an address or a price list is off."""
    addresses = {each.name: given.value(each.base_url_setting) for each in VENDORS.values()}

    def key(provider: str) -> str | None:
        return given.workspace_key(provider) or given.value(VENDORS[provider].key_setting) or None

    return gateway.Gateway(
        candidates.parse_candidates(given.models, addresses),
        OfflineWriter(),
        key,
        base_urls=addresses,
        book=prices.book(given.price_folder),
        recorded=given.recorded,
        request_timeout_seconds=given.timeout_seconds,
    )
