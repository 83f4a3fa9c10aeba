"""What a call cost by our own dated lists of prices, and by those of the home; a model on none has no known cost."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from regrow.adapters.llm.candidates import Candidate
from regrow.adapters.llm.vendors import VENDORS
from regrow.domain.prices import Price
from regrow.kit import clock
from regrow.kit.errors import Invalid

LISTS = Path(__file__).parent / "pricelists"

_SNAPSHOT_DATE = re.compile(r"-20\d\d-?[01]\d-?[0-3]\d$")
_FIELDS = frozenset({"input", "cached_input", "output", "up_to_input_tokens", "until"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A model on a list. `until` is the last day the price is known for, `base_url` the address it is for."""

    price: Price
    until: date | None = None
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """Prices by provider and model. The home's lists, read when the book is made, go before our own."""

    own: Mapping[str, Mapping[str, Listed]] = field(default_factory=dict)

    def cost_micros(
        self, candidate: Candidate, input_tokens: int, cached_tokens: int, output_tokens: int
    ) -> int | None:
        """Millionths of a US dollar; None for a model not listed or a server that is not the vendor's."""
        price = self.price_of(candidate)
        return price.micros(input_tokens, cached_tokens, output_tokens) if price else None

    def price_of(self, candidate: Candidate, on: date | None = None) -> Price | None:
        """The price of a model on a day, today by default, also under the name of one of its dated snapshots."""
        day = on or clock.now().date()
        for models in (self.own.get(candidate.provider, {}), _shipped(candidate.provider)):
            found = models.get(candidate.model) or models.get(_SNAPSHOT_DATE.sub("", candidate.model))
            if found and _is_for(found, candidate) and (found.until is None or day <= found.until):
                return found.price
        return None


def book(folder: Path | None = None) -> Book:
    """Our lists, and those in a folder of the home, named `<provider>.<date>.toml`; Invalid names a broken one."""
    found: dict[str, dict[str, Listed]] = {}
    for file in sorted(folder.glob("*.toml")) if folder else ():
        provider = file.name.split(".")[0]
        if provider not in VENDORS:
            raise _broken(file, f"its name begins with no provider; known are {', '.join(VENDORS)}")
        found.setdefault(provider, {}).update(_read(file))
    return Book(found)


@functools.cache
def price_list(provider: str) -> dict[str, Any]:
    """Our newest price list of a provider: `as_of`, `source`, `currency`, `unit` and `models`; empty without one."""
    lists = sorted(LISTS.glob(f"{provider}.*.toml"), key=lambda path: path.name)
    return tomllib.loads(lists[-1].read_text(encoding="utf-8")) if lists else {"models": {}}


@functools.cache
def _shipped(provider: str) -> Mapping[str, Listed]:
    return dict(_listed(price_list(provider)))


def _is_for(found: Listed, candidate: Candidate) -> bool:
    if found.base_url:
        return found.base_url == candidate.base_url
    return candidate.is_own_service or not VENDORS[candidate.provider].own_base_url


def _read(file: Path) -> dict[str, Listed]:
    try:
        return dict(_listed(tomllib.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise _broken(file, f"{type(error).__name__}: {error}") from None


def _listed(listed: Mapping[str, Any]) -> Iterator[tuple[str, Listed]]:
    """Raises KeyError, TypeError or ValueError for what is no list of prices."""
    base_url = str(listed.get("base_url", "")).rstrip("/")
    for name, entry in listed["models"].items():
        unknown = set(entry) - _FIELDS
        if unknown:
            raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
        given = {"cached_input": entry["input"], **entry}
        until = given.pop("until", None)
        price = Price(**given)
        if not all(0 <= float(each) < 1_000_000 for each in (price.input, price.cached_input, price.output)):
            raise ValueError(f"{name}: a price is US dollars per million tokens")
        yield name, Listed(price, until, base_url)


def _broken(file: Path, why: str) -> Invalid:
    example = '"name" = { input = 0.5, output = 2 }'
    return Invalid(f"{file} is no price list: {why}; write under [models] lines such as {example}", "price_list")
