"""The writer that asks models: candidates in order, every attempt on record, a refused key never papered over."""

from __future__ import annotations

import asyncio
import concurrent.futures
import dataclasses
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from regrow.adapters.llm import attempts, framing, loop, prices
from regrow.adapters.llm.attempts import STOPPING, Failure, Tried, failure_of
from regrow.adapters.llm.candidates import KEY_VARIABLES, OFFLINE, Candidate, address, parse_candidates
from regrow.adapters.llm.recordings import Recordings
from regrow.adapters.llm.vendors import VENDORS
from regrow.domain.prices import Price
from regrow.domain.writing import Answer, Attempt, Call, Prompt, Writer
from regrow.kit.errors import Conflict, Invalid, RegrowError

if TYPE_CHECKING:
    from regrow.adapters.llm.clients import Clients

MOST_ANSWER_BYTES = 16_000_000
"""One streamed token takes some 300 bytes on the wire, so this is far above any answer that was asked for."""


class Gateway:
    """A `Writer` over the candidates, for any number of threads at once. Close it when done.

    `keys` gives a provider's key or None and is asked anew for each call. `request_timeout_seconds` is for one
    request; a try may make three when its answer needs repair. Nothing here sleeps: a wait the provider asked
    for is handed to the caller as `retry_after_seconds`.
    """

    def __init__(
        self,
        candidates: tuple[Candidate, ...],
        offline: Writer,
        keys: Callable[[str], str | None],
        *,
        base_urls: Mapping[str, str] | None = None,
        book: prices.Book | None = None,
        recorded: Recordings | None = None,
        request_timeout_seconds: float = 120.0,
        most_answer_bytes: int = MOST_ANSWER_BYTES,
    ) -> None:
        self._candidates = candidates or (OFFLINE,)
        self._offline = offline
        self._keys = keys
        self._base_urls = base_urls or {}
        self._book = book or prices.book()
        self._recorded = recorded
        self._timeout_seconds = request_timeout_seconds
        self._most_bytes = most_answer_bytes
        self._thread = loop.ModelThread()
        self._clients: Clients | None = None

    def write(self, call: Call) -> Answer:
        """The first usable answer among the candidates, or a failure; see `attempts` for the codes."""
        try:
            chosen = self._chosen(call.models)
            if all(candidate.is_offline for candidate in chosen):
                return self._offline.write(call)
            from regrow.adapters.llm import prompts

            prompt = prompts.render(call)
        except (Invalid, Conflict) as error:
            told = (error.code, error.detail, None, True, error.kind)
            return Answer(None, "model", "", (), call.function, 0, {}, *told)
        return self._first_usable(chosen, call, prompt)

    def named(self, models: str) -> tuple[str, ...]:
        return tuple(candidate.name for candidate in self._chosen(models))

    def price(self, name: str) -> Price | None:
        provider, _, model = name.partition(":")
        if provider == OFFLINE.provider:
            return self._offline.price(name)
        if provider not in VENDORS:
            return None
        return self._book.price_of(Candidate(provider, model, address(provider, self._base_urls)))

    def ready(self) -> None:
        """Loads the model libraries, unless no candidate needs them."""
        is_asked = self._recorded is None or self._recorded.is_recording
        if is_asked and not all(candidate.is_offline for candidate in self._candidates):
            providers = {each.provider for each in self._candidates if not each.is_offline}
            self._thread.begin(_load(providers))

    def close(self) -> None:
        """Closes the clients and ends the thread; calls under way end as `model_unavailable`."""
        if self._clients is not None and self._thread.is_running:
            self._thread.run(self._clients.aclose(), 10)
        self._clients = None
        self._thread.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _chosen(self, models: str) -> tuple[Candidate, ...]:
        return parse_candidates(models, self._base_urls) if models.strip() else self._candidates

    def _first_usable(self, chosen: tuple[Candidate, ...], call: Call, prompt: Prompt) -> Answer:
        tries: list[Tried] = []
        refusal: Answer | None = None
        for candidate in chosen:
            before = tuple(_told_with(prompt, tried.attempt) for tried in tries)
            if candidate.is_offline:
                answer = self._offline.write(call)
                refusal = dataclasses.replace(answer, attempts=before + answer.attempts)
                if not answer.failure:
                    return refusal
                continue
            tries.append(self._try(candidate, call, prompt))
            if tries[-1].output is not None:
                return self._answer(call, prompt, tries, candidate)
            if tries[-1].attempt.outcome in STOPPING:
                return self._failed(call, prompt, tries)
        failed = self._failed(call, prompt, tries)
        return refusal if refusal is not None and failed.is_permanent else failed

    def _try(self, candidate: Candidate, call: Call, prompt: Prompt) -> Tried:
        if self._recorded is None:
            return self._asked(candidate, call, prompt)
        if not self._recorded.is_recording:
            return self._recorded.read(candidate, call, prompt)
        return self._recorded.write(candidate, call, prompt, self._asked(candidate, call, prompt))

    def _asked(self, candidate: Candidate, call: Call, prompt: Prompt) -> Tried:
        try:
            key = (self._keys(candidate.provider) or "").strip() or None
        except RegrowError as error:
            asked = (candidate.provider, candidate.model)
            return Tried(Attempt(*asked, "key_missing", cost_micros=0, detail=error.detail))
        if problem := _key_problem(candidate, key):
            return problem
        started = time.perf_counter()
        try:
            arrived = attempts.Arrived()
            told = call.on_received
            meanwhile = (lambda: told(arrived.characters)) if told else None
            chosen = attempts.Chosen(candidate, key, arrived)
            return self._thread.run(self._ask(chosen, call, prompt), 4 * self._timeout_seconds + 30, meanwhile)
        except (TimeoutError, concurrent.futures.CancelledError):
            milliseconds = round((time.perf_counter() - started) * 1000)
            detail = "the call was ended from outside before the model had answered; try again"
            return Tried(Attempt(candidate.provider, candidate.model, "timeout", 0, 0, None, milliseconds, detail))

    async def _ask(self, chosen: attempts.Chosen, call: Call, prompt: Prompt) -> Tried:
        from regrow.adapters.llm import asking, clients

        # A forked child has a loop of its own and must not touch its parent's connections.
        if self._clients is None or self._clients.loop is not asyncio.get_running_loop():
            self._clients = clients.Clients(self._timeout_seconds, self._most_bytes)
        return await asking.ask(self._clients, self._book, chosen, call, prompt)

    def _answer(self, call: Call, prompt: Prompt, tries: list[Tried], candidate: Candidate) -> Answer:
        tried = tuple(each.attempt for each in tries)
        model = f"{candidate.provider}:{candidate.model}"
        settings = self._settings(call)
        return Answer(tries[-1].output, "model", model, tried, prompt.template, prompt.version, settings)

    def _failed(self, call: Call, prompt: Prompt, tries: list[Tried]) -> Answer:
        failure: Failure = failure_of(tries)
        tried = tuple(each.attempt for each in tries)
        model = f"{tried[-1].provider}:{tried[-1].model}"
        why = (failure.code, failure.detail, failure.retry_after_seconds, failure.is_permanent)
        return Answer(None, "model", model, tried, prompt.template, prompt.version, self._settings(call), *why)

    def _settings(self, call: Call) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "max_output_tokens": call.max_output_tokens,
            "request_timeout_seconds": self._timeout_seconds,
        }
        if self._recorded is not None and not self._recorded.is_recording:
            settings["recorded"] = True
        if cut := framing.cut_notes(call.brief):
            settings["cut_note_ids"] = list(cut)
        return settings


def _told_with(prompt: Prompt, attempt: Attempt) -> Attempt:
    return dataclasses.replace(attempt, template=prompt.template, template_version=prompt.version)


async def _load(providers: Iterable[str]) -> None:
    """On the one thread that uses the model libraries: they do not survive being imported by many at once."""
    from regrow.adapters.llm import asking, clients

    del asking
    for provider in providers:
        clients.adapter(provider)


def _key_problem(candidate: Candidate, key: str | None) -> Tried | None:
    variable = KEY_VARIABLES[candidate.provider]
    if key is None and candidate.is_own_service:
        detail = (
            f"no key for {candidate.provider}; set {variable}, add one with regrow models keys add "
            f"{candidate.provider}, or name offline:extractive to write without"
        )
        return Tried(Attempt(candidate.provider, candidate.model, "key_missing", cost_micros=0, detail=detail))
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        detail = f"the key in {variable} holds characters no key has; copy it again"
        return Tried(Attempt(candidate.provider, candidate.model, "key_refused", cost_micros=0, detail=detail))
    return None
