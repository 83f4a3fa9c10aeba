"""The register of channels: one line per kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from regrow.adapters.channels import feed, folder, site, webhook
from regrow.domain.publishing.channel import Channel, Declared, Surroundings
from regrow.kit import clock, errors

MODULES: tuple[ModuleType, ...] = (site, folder, feed, webhook)
"""Each has KIND, HELP, SETTINGS and `make(settings, secrets, surroundings)`."""


def make(kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> Channel:
    """A channel to act with; Unavailable for a kind that this version does not know."""
    for module in MODULES:
        if kind == module.KIND:
            made: Channel = module.make(settings, secrets, surroundings)
            return made
    raise errors.Unavailable(f"this version knows no channel of kind {kind[:40]!r}", "unknown_channel_kind", None, True)


@dataclass(frozen=True, slots=True)
class Register:
    """All kinds, in these surroundings."""

    surroundings: Surroundings

    def declared(self) -> tuple[Declared, ...]:
        return tuple(Declared(module.KIND, module.HELP, module.SETTINGS) for module in MODULES)

    def make(self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Channel:
        return make(kind, settings, secrets, self.surroundings)


def within(home: str, address: str, allows_private: bool, folders: tuple[str, ...]) -> Register:
    """All kinds, in an installation whose readers come to `address`."""
    return Register(Surroundings(home, address, allows_private, clock.now, folders))
