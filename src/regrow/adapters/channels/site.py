"""The built-in site as a channel: what is published there is served from here, so nothing outside is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain.publishing.channel import Capabilities, Outcome, Outgoing, Setting, Surroundings
from regrow.domain.publishing.totals import Totals

KIND = "site"
HELP = "The built-in site at /s/<workspace>/"
SETTINGS: tuple[Setting, ...] = ()
CAPABILITIES = Capabilities(media=("blog", "article"), is_repeatable=True, can_reconcile=True, can_remove=True)


@dataclass(frozen=True, slots=True)
class Site:
    """A post of this channel is served from the moment that its row says `published`."""

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        if not outgoing.body.strip():
            return ("the text is empty: write some before it is published",)
        return ()

    def post(self, outgoing: Outgoing) -> Outcome:
        return Outcome("published", outgoing.slug, outgoing.address)

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        return self.post(outgoing)

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        return Outcome("published", outside_id, outgoing.address)

    def status(self) -> tuple[bool, str]:
        return True, "served from here"

    def metrics(self, outside_id: str) -> Totals | None:
        return None


def make(settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> Site:
    return Site()
