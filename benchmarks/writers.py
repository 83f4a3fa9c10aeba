"""Writers by themselves, without a goal: the offline writer's time, and what the gateway adds to a model's answer."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable

from benchmarks import children, turns, vault
from benchmarks.figures import Figure, Result, only_told
from benchmarks.instant import InstantWriter
from benchmarks.load import Connection, head
from regrow.adapters.llm import candidates, gateway
from regrow.adapters.llm.offline import OfflineWriter
from regrow.domain import functions
from regrow.domain.functions import Function
from regrow.domain.writing import DEFAULT_PLATFORMS, Brief, Call, Source, Voice, Writer
from regrow.testing import briefs

NOTES = 12
ROUNDS, CALLS = 5, 30
MODEL, KEY = "delay-0", "sk-bench-loopback"


def run(scale: float = 1.0) -> Result:
    """Article, posts and e-mail from twelve notes by the offline writer; the bundled subject by a model on loopback."""
    return Result("writers", (*_offline(turns.scaled(ROUNDS, scale)), _gateway(turns.scaled(CALLS, scale, 2))))


def brief() -> Brief:
    """Twelve notes of one subject, as an import would hand them over."""
    dice = random.Random(5)
    texts = [vault.note(dice, number, NOTES).split("---\n")[-1] for number in range(NOTES)]
    sources = tuple(Source(f"not_{n}", vault.name(n).capitalize(), text) for n, text in enumerate(texts))
    return Brief(
        "Bread at home", "What twelve notes say about it.", sources, Voice("A baker"), platforms=DEFAULT_PLATFORMS
    )


def _offline(rounds: int) -> list[Figure]:
    given, ours, peer = brief(), OfflineWriter(), InstantWriter()
    turns.say(f"the offline writer, {NOTES} notes")
    figures = []
    for function in functions.WRITERS:
        mine, checked = turns.taken([_draft(ours, function, given), _draft(peer, function, given)], rounds, warm=0)
        what = f"{function.name} by the offline writer, {NOTES} notes, checked"
        figures.append(only_told(what, "s", mine, checked, "a ready draft, checked"))
    return figures


def _draft(writer: Writer, function: Function, given: Brief) -> Callable[[], object]:
    def act() -> object:
        answer = writer.write(Call(function.name, given, function.output, function.max_output_tokens))
        if answer.output is None:
            raise RuntimeError(f"{function.name} gave no draft: {answer.failure_detail}")
        return function.parse(given, answer.output)

    return act


def _gateway(calls: int) -> Figure:
    with children.serving("regrow.testing.openai_server", ["--seconds", "120"]) as port:
        base_url = f"http://127.0.0.1:{port}/v1"
        chosen = candidates.parse_candidates(f"openai:{MODEL}", {"openai": base_url})
        with gateway.Gateway(chosen, OfflineWriter(), lambda provider: KEY) as writer:
            turns.say("the gateway, a model on loopback that answers at once")
            given = briefs.bread()
            ours = _draft(writer, functions.WRITE_BLOG, given)
            seconds = turns.taken([ours, lambda: _bare(port)], calls, warm=2)
    mine, theirs = (tuple(each * 1_000 for each in one) for one in seconds)
    return only_told(
        "write_blog through the gateway, model without delay", "ms", mine, theirs, "a bare HTTP call to it"
    )


def _bare(port: int) -> None:
    """The same address asked for a short answer, without any model library."""
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "Say one sentence."}]}).encode()

    async def ask() -> None:
        connection = await Connection.to(port)
        status, _ = await connection.ask(head("POST", "/v1/chat/completions", {"Authorization": f"Bearer {KEY}"}, body))
        connection.close()
        if status != 200:
            raise RuntimeError(f"the model server answered {status}")

    asyncio.run(ask())
