"""The services that models are asked at: where each stands, what its key is called, and which file speaks to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """`own_base_url` is where the vendor itself answers; one without it is a server that somebody else runs.

    `usual_base_url` is taken when no address is set. `listing` is the path of the list of models, which any key may
    read.
    """

    name: str
    adapter: str
    key_setting: str
    base_url_setting: str
    own_base_url: str = ""
    usual_base_url: str = ""
    listing: str = "/models"

    @property
    def key_variable(self) -> str:
        return self.key_setting.upper()

    @property
    def base_url_variable(self) -> str:
        return self.base_url_setting.upper()


_ALL = (
    Vendor("openai", "openai", "openai_api_key", "openai_base_url", "https://api.openai.com/v1"),
    Vendor(
        "anthropic",
        "anthropic",
        "anthropic_api_key",
        "anthropic_base_url",
        "https://api.anthropic.com",
        listing="/v1/models",
    ),
    Vendor(
        "google",
        "google",
        "gemini_api_key",
        "gemini_base_url",
        "https://generativelanguage.googleapis.com",
        listing="/v1beta/models",
    ),
    Vendor(
        "openrouter",
        "compatible",
        "openrouter_api_key",
        "openrouter_base_url",
        "https://openrouter.ai/api/v1",
        listing="/key",
    ),
    Vendor("ollama", "compatible", "ollama_api_key", "ollama_base_url", usual_base_url="http://127.0.0.1:11434/v1"),
    Vendor("vllm", "compatible", "vllm_api_key", "vllm_base_url"),
    Vendor("compatible", "compatible", "compatible_api_key", "compatible_base_url"),
)
VENDORS: dict[str, Vendor] = {vendor.name: vendor for vendor in _ALL}
