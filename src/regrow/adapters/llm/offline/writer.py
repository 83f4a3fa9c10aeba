"""The writer that needs no model: picks a function, writes, and says honestly what it is."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from typing import Any

from regrow.adapters.llm.offline.blog import blog
from regrow.adapters.llm.offline.email import email
from regrow.adapters.llm.offline.evidence import NotEnough
from regrow.adapters.llm.offline.social import social
from regrow.domain.prices import Price
from regrow.domain.writing import (
    DEFAULT_PLATFORMS,
    PLATFORM_LENGTHS,
    Analysis,
    Answer,
    Attempt,
    BlogDraft,
    Brief,
    Call,
    Draft,
    EmailDraft,
    SocialDraft,
)

NAME = "offline-extractive"
_SETTINGS = {"method": "textrank+mmr", "verbatim": True}


class OfflineWriter:
    """Writes blogs, posts and e-mails from the notes alone; the same call always gives the same answer."""

    def named(self, models: str) -> tuple[str, ...]:
        """Itself, whatever is named: it is taken where there is no other."""
        return ("offline:extractive",)

    def price(self, name: str) -> Price | None:
        """Nothing, because it works on this machine."""
        return Price(0, 0, 0) if name == "offline:extractive" else None

    def ready(self) -> None:
        """Has nothing to load."""

    def close(self) -> None:
        """Holds nothing open."""

    def write(self, call: Call) -> Answer:
        """Fails with `unsupported_function`, `unsupported_platform` or `not_enough_source`; never raises for those."""
        function = _FUNCTIONS.get(call.function)
        if function is None:
            known = ", ".join(sorted(_FUNCTIONS))
            return _failed(
                call,
                "unsupported_function",
                f"The offline writer knows {known}, not {call.function!r}. Set a model for this function.",
            )
        unknown = sorted(set(call.brief.platforms) - set(PLATFORM_LENGTHS))
        if unknown:
            return _failed(
                call, "unsupported_platform", f"Choose from {', '.join(PLATFORM_LENGTHS)}, not {unknown[0]!r}."
            )
        started = time.perf_counter()
        try:
            draft = function(call.brief)
        except NotEnough as refusal:
            return _failed(call, "not_enough_source", str(refusal), _milliseconds_since(started))
        output = json.loads(json.dumps(dataclasses.asdict(draft)))
        return _answer(call, _attempt("ok", "", _milliseconds_since(started)), output)


def _write_blog(brief: Brief) -> BlogDraft:
    return blog(brief, _labels(brief))


def _write_social(brief: Brief) -> SocialDraft:
    return social(brief, _labels(brief), brief.platforms or DEFAULT_PLATFORMS)


def _write_email(brief: Brief) -> EmailDraft:
    return email(brief, _labels(brief))


def _regenerate_variant(brief: Brief) -> Draft | Analysis:
    """As the function of its medium writes it: what is replaced is kept away from by each of them."""
    medium = brief.rewriting.medium if brief.rewriting is not None else ""
    return _FUNCTIONS.get(f"write_{medium}", _write_blog)(brief)


def _analyse(brief: Brief) -> Analysis:
    """The words that the facts choose by themselves: nothing here understands a text."""
    if brief.measured is None:
        raise NotEnough("there are no facts to analyse")
    return brief.measured.template


_FUNCTIONS: dict[str, Callable[[Brief], Draft | Analysis]] = {
    "regenerate_variant": _regenerate_variant,
    "analyse": _analyse,
    "write_blog": _write_blog,
    "write_email": _write_email,
    "write_social": _write_social,
}


def _labels(brief: Brief) -> tuple[str, ...]:
    return tuple(dict.fromkeys(brief.labels)) or ("A",)


def _milliseconds_since(started: float) -> int:
    """Never 0 for work that was done."""
    return max(1, round((time.perf_counter() - started) * 1000))


def _attempt(outcome: str, detail: str, duration_ms: int) -> Attempt:
    return Attempt("offline", "extractive", outcome, cost_micros=0, detail=detail, duration_ms=duration_ms)


def _failed(call: Call, code: str, detail: str, duration_ms: int = 0) -> Answer:
    return _answer(call, _attempt(code, detail, duration_ms), failure=code)


def _answer(call: Call, attempt: Attempt, output: dict[str, Any] | None = None, failure: str = "") -> Answer:
    return Answer(
        output=output,
        origin="offline-extractive",
        model=NAME,
        attempts=(attempt,),
        template=f"offline/{call.function.removeprefix('write_')}",
        template_version=1,
        settings=dict(_SETTINGS),
        failure=failure,
        failure_detail=attempt.detail,
        is_permanent=bool(failure),
    )
