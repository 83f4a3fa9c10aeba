"""Which models may be asked, in which order, as named by the setting `provider:model,provider:model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from regrow.adapters.llm.vendors import VENDORS
from regrow.kit.errors import Invalid
from regrow.kit.redaction import redact, shorten

PROVIDERS: tuple[str, ...] = (*VENDORS, "offline")
OFFLINE_MODELS: tuple[str, ...] = ("extractive",)
OWN_BASE_URLS: dict[str, str] = {each.name: each.own_base_url for each in VENDORS.values() if each.own_base_url}
KEY_VARIABLES: dict[str, str] = {each.name: each.key_variable for each in VENDORS.values()}

_MOST_CANDIDATES = 10
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that may be asked. `base_url` is empty for the embedded writer."""

    provider: str
    model: str
    base_url: str = ""

    @property
    def is_offline(self) -> bool:
        return self.provider == "offline"

    @property
    def is_own_service(self) -> bool:
        """Whether the provider itself answers there, and not a compatible server under the same model name."""
        return self.base_url.rstrip("/") == OWN_BASE_URLS.get(self.provider, "-")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc


OFFLINE = Candidate("offline", "extractive")


def parse_candidates(text: str, base_urls: Mapping[str, str] | None = None) -> tuple[Candidate, ...]:
    """The candidates of a comma list; an empty one means the embedded offline writer.

    `base_urls` moves a provider to a compatible server. Raises Invalid with what to write instead.
    """
    names = [name.strip() for name in text.split(",")]
    if names == [""]:
        return (OFFLINE,)
    if len(names) > _MOST_CANDIDATES:
        raise Invalid(f"{len(names)} models are named; name at most {_MOST_CANDIDATES}", "models_setting")
    candidates = tuple(_candidate(name, base_urls or {}) for name in names)
    if len(set(candidates)) < len(candidates):
        raise Invalid("a model is named twice; name each one once, in the order to try them", "models_setting")
    return candidates


def _candidate(name: str, base_urls: Mapping[str, str]) -> Candidate:
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
    if provider == "offline":
        return Candidate(provider, model)
    return Candidate(provider, model, _base_url(provider, base_urls.get(provider) or ""))


def _base_url(provider: str, given: str) -> str:
    vendor = VENDORS[provider]
    url = given or vendor.own_base_url or vendor.usual_base_url
    if not url:
        detail = f"{provider} is a server of your own: set {vendor.base_url_variable} to its address, ending in /v1"
        raise Invalid(detail, "base_url")
    checked = checked_base_url(url)
    # Ollama's own address is mostly written without the path under which it speaks OpenAI's protocol.
    return f"{checked}/v1" if provider == "ollama" and not urlsplit(checked).path else checked


def checked_base_url(url: str) -> str:
    """The address of a compatible server without its closing slash; Invalid when it cannot be one."""
    parts = _split(url.strip())
    if parts is None:
        raise Invalid(
            f"{shorten(redact(url), 120)!r} is not the address of a model server; write it like http://localhost:8080/v1",
            "base_url",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Invalid(
            "the address of the model server holds a user, a password or a query; leave them out and set the key",
            "base_url",
        )
    return url.strip().rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if is_address and url.isprintable() and " " not in url else None
