"""Which models may be asked, in which order, as named by the setting `provider:model,provider:model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from regrow.adapters.llm.vendors import VENDORS
from regrow.domain import models
from regrow.kit.errors import Invalid
from regrow.kit.redaction import redact, shorten

OWN_BASE_URLS: dict[str, str] = {each.name: each.own_base_url for each in VENDORS.values() if each.own_base_url}
KEY_VARIABLES: dict[str, str] = {each.name: each.key_variable for each in VENDORS.values()}


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
    def name(self) -> str:
        return f"{self.provider}:{self.model}"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).netloc


OFFLINE = Candidate("offline", "extractive")


def parse_candidates(text: str, base_urls: Mapping[str, str] | None = None) -> tuple[Candidate, ...]:
    """The candidates of a comma list; an empty one means the embedded offline writer.

    `base_urls` moves a provider to a compatible server. Raises Invalid with what to write instead.
    """
    found = tuple(candidate_of(provider, model, base_urls or {}) for provider, model in models.pairs(text))
    return found or (OFFLINE,)


def candidate_of(provider: str, model: str, base_urls: Mapping[str, str]) -> Candidate:
    """One candidate at its address; Invalid when it has none."""
    if provider == OFFLINE.provider:
        return Candidate(provider, model)
    url = address(provider, base_urls)
    if not url:
        variable = VENDORS[provider].base_url_variable
        detail = f"{provider} is a server of your own: set {variable} to its address, ending in /v1"
        raise Invalid(detail, "base_url")
    return Candidate(provider, model, url)


def address(provider: str, base_urls: Mapping[str, str]) -> str:
    """Where a provider is asked; empty for a server of one's own that has no address yet."""
    vendor = VENDORS[provider]
    url = base_urls.get(provider) or vendor.own_base_url or vendor.usual_base_url
    if not url:
        return ""
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
