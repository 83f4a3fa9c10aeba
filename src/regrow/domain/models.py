"""Which models may be asked, as text: `provider:model,provider:model`, in the order to try them."""

from __future__ import annotations

from collections.abc import Mapping

from regrow.kit.errors import Invalid
from regrow.kit.redaction import redact, shorten

PROVIDERS: tuple[str, ...] = (
    "openai",
    "anthropic",
    "google",
    "openrouter",
    "ollama",
    "vllm",
    "compatible",
    "offline",
)
OFFLINE_MODELS: tuple[str, ...] = ("extractive",)
SETTING = "models"
"""The workspace setting with the candidates of all functions; `models.<function>` has those of one."""

KEYED: tuple[str, ...] = tuple(each for each in PROVIDERS if each != "offline")
"""Providers that may be asked with a key."""

HOSTED: tuple[str, ...] = ("openai", "anthropic", "google", "openrouter")
"""Providers with a service of their own, which answers nobody without a key."""

_SETTINGS = {"google": "gemini"}
MOST_CANDIDATES = 10
_LONGEST_NAME = 200


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Provider and model of each candidate; none for an empty text. Invalid says what to write instead."""
    names = [name.strip() for name in text.split(",")]
    if names == [""]:
        return ()
    if len(names) > MOST_CANDIDATES:
        raise Invalid(f"{len(names)} models are named; name at most {MOST_CANDIDATES}", "models_setting")
    found = tuple(_pair(name) for name in names)
    if len(set(found)) < len(found):
        raise Invalid("a model is named twice; name each one once, in the order to try them", "models_setting")
    return found


def key_setting(provider: str) -> str:
    """The installation's setting with the key of a provider; its variable is the same in capitals."""
    return f"{_SETTINGS.get(provider, provider)}_api_key"


def base_url_setting(provider: str) -> str:
    """The installation's setting with the address of a provider."""
    return f"{_SETTINGS.get(provider, provider)}_base_url"


def for_function(settings: Mapping[str, object], function: str) -> str:
    """The candidates that a workspace wants for a function: its own, else those of all, else none."""
    for name in (f"{SETTING}.{function}", SETTING):
        if isinstance(found := settings.get(name), str) and found.strip():
            return found
    return ""


def _pair(name: str) -> tuple[str, str]:
    provider, colon, model = (part.strip() for part in name.partition(":"))
    shown = shorten(redact(name), 80)
    if not colon or not provider or not model:
        raise Invalid(f"{shown!r} is not a model; write provider:model, such as openai:gpt-5-mini", "models_setting")
    if provider not in PROVIDERS:
        raise Invalid(f"{shown!r}: that provider is not known; known are {', '.join(PROVIDERS)}", "models_setting")
    if provider == "offline" and model not in OFFLINE_MODELS:
        raise Invalid(f"{shown!r} is not an embedded writer; write offline:{OFFLINE_MODELS[0]}", "models_setting")
    if len(model) > _LONGEST_NAME or not model.isprintable() or " " in model:
        raise Invalid(f"{shown!r}: a model name has no spaces and at most {_LONGEST_NAME} characters", "models_setting")
    if provider == "openrouter" and not all(model.partition("/")[::2]):
        raise Invalid(f"{shown!r}: OpenRouter's models are named vendor/model, as on its site", "models_setting")
    return provider, model
