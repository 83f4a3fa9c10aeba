"""What is made of the settings to reach model vendors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from regrow.domain import models
from regrow.domain.writing import Writer
from regrow.settings import Settings


def try_keys(settings: Settings, keys: Sequence[tuple[str, str, str | None]]) -> list[tuple[str, str, str, str]]:
    """Tries keys, given as provider, place and secret; provider, place, verdict and detail come back."""
    from regrow.adapters.llm import trying

    addresses = {name: settings.text(models.base_url_setting(name)) for name in models.KEYED}
    found = trying.every([trying.Key(*key) for key in keys], addresses)
    return [(each.provider, each.place, each.verdict, each.detail) for each in found]


def make_writer(settings: Settings, workspace_key: Callable[[str], str | None] = lambda provider: None) -> Writer:
    """Asks the candidates named in REGROW_MODELS, or by the workspace of a call; the offline writer when none is."""
    from regrow.adapters.llm import building, recordings

    prices, timeout = settings.home / "prices", settings.model_timeout_seconds
    recorded = recordings.recordings(settings.recorded, settings.record)
    return building.writer(building.Given(settings.models, settings.text, workspace_key, prices, timeout, recorded))
