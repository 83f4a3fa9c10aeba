"""The services that models are asked at: where each stands, what its key is called, and which file speaks to it."""

from __future__ import annotations

from dataclasses import dataclass

from regrow.domain import models


@dataclass(frozen=True, slots=True)
class Vendor:
    """`own_base_url` is where the vendor itself answers; one without it is a server that somebody else runs.

    `usual_base_url` is taken when no address is set. `listing` is a path that any key which works may read.
    """

    name: str
    adapter: str
    own_base_url: str = ""
    usual_base_url: str = ""
    listing: str = "/models"

    @property
    def key_setting(self) -> str:
        return models.key_setting(self.name)

    @property
    def base_url_setting(self) -> str:
        return models.base_url_setting(self.name)

    @property
    def key_variable(self) -> str:
        return self.key_setting.upper()

    @property
    def base_url_variable(self) -> str:
        return self.base_url_setting.upper()


_ALL = (
    Vendor("openai", "openai", "https://api.openai.com/v1"),
    Vendor("anthropic", "anthropic", "https://api.anthropic.com", listing="/v1/models"),
    Vendor("google", "google", "https://generativelanguage.googleapis.com", listing="/v1beta/models"),
    Vendor("openrouter", "compatible", "https://openrouter.ai/api/v1", listing="/key"),
    Vendor("ollama", "compatible", usual_base_url="http://127.0.0.1:11434/v1"),
    Vendor("vllm", "compatible"),
    Vendor("compatible", "compatible"),
)
VENDORS: dict[str, Vendor] = {vendor.name: vendor for vendor in _ALL}
