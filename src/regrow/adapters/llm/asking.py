"""One try at one model through pydantic-ai: streamed, checked, repaired at most twice, always accounted for."""

from __future__ import annotations

import asyncio
import functools
import math
import time
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_ai import Agent, ModelRetry, RunContext, RunUsage, ToolOutput, capture_run_messages
from pydantic_ai import messages as parts
from pydantic_ai.settings import ModelSettings

from regrow.adapters.llm import checks, outcomes, prices
from regrow.adapters.llm.attempts import REFUSED_UNBILLED, Arrived, Chosen, Tried, bounded_wait
from regrow.adapters.llm.candidates import Candidate
from regrow.adapters.llm.clients import Clients
from regrow.domain.writing import Attempt, Brief, Call, Prompt
from regrow.kit.redaction import shorten

OUTPUT_RETRIES = 2
CHARACTERS_PER_TOKEN = 4
"""For estimates only, where the provider did not say; about right for English."""

BILLING = frozenset({"openrouter"})
"""Providers that tell with each answer what it cost."""

MOST_BELIEVABLE_COST = 1_000.0
"""US dollars of one answer; more is a mistake of whoever told it."""


@dataclass
class Task:
    """What the checks of one try need, and what they and the stream leave behind."""

    brief: Brief
    received_characters: int = 0
    finished_characters: int = 0
    problems: str = ""
    exchanged: list[parts.ModelMessage] = field(default_factory=list)
    arrived: Arrived = field(default_factory=Arrived)


async def ask(clients: Clients, book: prices.Book, chosen: Chosen, call: Call, prompt: Prompt) -> Tried:
    """Asks one candidate; whatever it or the network does comes back as the attempt's outcome."""
    candidate, key = chosen.candidate, chosen.key
    task, usage, started = Task(call.brief, arrived=chosen.arrived), RunUsage(), time.perf_counter()
    output, outcome = None, outcomes.Outcome("ok", "")
    try:
        async with asyncio.timeout(total_seconds(clients.timeout_seconds)), clients.model(candidate, key) as model:
            with capture_run_messages() as task.exchanged:
                run = await _agent(call.output).run(
                    prompt.user,
                    instructions=prompt.system,
                    model=model,
                    deps=task,
                    usage=usage,
                    model_settings=_settings(call, clients.timeout_seconds),
                    event_stream_handler=_watch,
                )
        output = _adapter(call.output).dump_python(run.output, mode="json")
    except outcomes.CAUGHT as error:
        outcome = outcomes.read(error, candidate, key, task.received_characters > 0, _complaint(error) or task.problems)
    milliseconds = round((time.perf_counter() - started) * 1000)
    cost = _billed(candidate, task.exchanged)
    if cost is None:
        cost = book.cost_micros(candidate, usage.input_tokens, usage.cache_read_tokens, usage.output_tokens)
    spent = Spent(usage, cost, milliseconds)
    attempt = _accounted(candidate, outcome, spent, task, prompt)
    return Tried(attempt, output, bounded_wait(outcome.retry_after_seconds))


def total_seconds(request_timeout_seconds: float) -> float:
    """Longest a try may take in all, its repairs included."""
    return request_timeout_seconds * (OUTPUT_RETRIES + 1) + 5


@functools.lru_cache(maxsize=32)
def _agent(output: type) -> Agent[Task, Any]:
    tool = ToolOutput(output, name="deliver", description="Hand over the finished work.")
    agent: Agent[Task, Any] = Agent(output_type=tool, deps_type=Task, retries={"output": OUTPUT_RETRIES})

    @agent.output_validator
    def check(context: RunContext[Task], draft: Any) -> Any:
        found = checks.problems(draft, context.deps.brief)
        context.deps.problems = "; ".join(found)
        if found:
            raise ModelRetry("Mend every one of these and deliver all of it again:\n- " + "\n- ".join(found))
        return draft

    return agent


@functools.lru_cache(maxsize=32)
def _adapter(output: type) -> TypeAdapter[Any]:
    return TypeAdapter(output)


def _settings(call: Call, timeout_seconds: float) -> ModelSettings:
    return ModelSettings(max_tokens=call.max_output_tokens, request_timeout=timeout_seconds, max_retries=0)


async def _watch(context: RunContext[Task], events: AsyncIterable[Any]) -> None:
    """Counts what has arrived of the answer under way; a finished one is in the provider's own figures."""
    task = context.deps
    task.received_characters = 0
    async for event in events:
        if isinstance(event, parts.PartStartEvent):
            task.received_characters += _length(event.part)
        elif isinstance(event, parts.PartDeltaEvent):
            task.received_characters += _length(event.delta)
        task.arrived.characters = task.received_characters
    task.finished_characters += task.received_characters
    task.received_characters = 0


def _length(part: Any) -> int:
    pieces = (getattr(part, name, None) for name in ("content", "args", "content_delta", "args_delta"))
    return sum(len(piece if isinstance(piece, str) else str(piece)) for piece in pieces if piece is not None)


def _complaint(error: BaseException | None) -> str:
    """Which fields were wrong, without the values, which are the model's own text."""
    for _ in range(6):
        if isinstance(error, ValidationError):
            found = error.errors(include_url=False, include_context=False, include_input=False)
            return shorten("; ".join(f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in found[:5]))
        error = (error.__cause__ or error.__context__) if error else None
    return ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a try used, as far as the provider told."""

    usage: RunUsage
    cost: int | None
    milliseconds: int


def _accounted(candidate: Candidate, outcome: outcomes.Outcome, spent: Spent, task: Task, prompt: Prompt) -> Attempt:
    usage, cost = spent.usage, spent.cost
    read, written = usage.input_tokens, usage.output_tokens
    detail = outcome.detail
    if not read and not written and outcome.name in REFUSED_UNBILLED:
        cost = 0
    unmeasured = usage.unmeasured_requests + outcome.is_in_doubt
    if unmeasured:
        cost = None
        read += unmeasured * _tokens(len(prompt.system) + len(prompt.user))
        written += _tokens(task.received_characters)
    if usage.unmeasured_requests:
        written += _tokens(task.finished_characters)
        detail = detail or "the provider did not report its usage; tokens are estimated"
    return Attempt(candidate.provider, candidate.model, outcome.name, read, written, cost, spent.milliseconds, detail)


def _billed(candidate: Candidate, exchanged: Sequence[parts.ModelMessage]) -> int | None:
    """What the provider itself says that its answers cost; None unless it says so of every one."""
    if candidate.provider not in BILLING:
        return None
    answers = [each for each in exchanged if isinstance(each, parts.ModelResponse)]
    costs = [(each.provider_details or {}).get("cost") for each in answers]
    known = [cost for cost in costs if isinstance(cost, int | float) and 0 <= cost < MOST_BELIEVABLE_COST]
    return math.ceil(round(sum(known) * 1_000_000, 6)) if costs and len(known) == len(costs) else None


def _tokens(characters: int) -> int:
    return math.ceil(characters / CHARACTERS_PER_TOKEN)
