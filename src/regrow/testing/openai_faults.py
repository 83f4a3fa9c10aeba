"""What can go wrong between us and a model, as switches of the loopback server: a name in, a misbehaviour out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from regrow.testing import openai_analyst, openai_judge

HTML = b"<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"

_STATUS = re.compile(r"(4\d\d|5\d\d)(?:-(\d+))?")
_DELAY = re.compile(r"(?:slow|delay)-(\d+(?:\.\d+)?)s?")
_PAUSE = re.compile(r"trickle-(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP error instead of an answer."""

    status: int
    retry_after: str = ""
    code: str = ""


def name_of(model: str) -> str:
    """The switch in a model's name: `fault-<name>` gives `<name>`, `slow-5s` and `delay-0` themselves, else nothing."""
    if model.startswith("fault-"):
        return model.removeprefix("fault-")
    return model if _DELAY.fullmatch(model) else ""


def refusal(fault: str) -> Refusal | None:
    """The error status a fault stands for, such as `429-120` or `500`; `quota` is a 429 that waiting cannot mend."""
    if fault == "quota":
        return Refusal(429, code="insufficient_quota")
    if found := _STATUS.fullmatch(fault):
        return Refusal(int(found[1]), found[2] or "", "invalid_api_key" if found[1] == "401" else "")
    return None


def delay_seconds(fault: str) -> float:
    """How long to wait before answering, for `slow-5s` and `delay-0.2`."""
    found = _DELAY.fullmatch(fault)
    return float(found[1]) if found else 0.0


def pause_seconds(fault: str) -> float:
    """How long to wait after each piece of a streamed answer, for `trickle-0.2`."""
    found = _PAUSE.fullmatch(fault)
    return float(found[1]) if found else 0.0


def spoilt(fault: str, text: str, is_repair: bool, replaced: Sequence[tuple[str, str]] = ()) -> str:
    """The answer's JSON as a misbehaving model would deliver it; unchanged for faults of another kind.

    `replaced` are the texts, with their platforms, that the prompt asked to replace.
    """
    if fault.endswith("-once"):
        return text if is_repair else spoilt(fault.removesuffix("-once"), text, is_repair, replaced)
    if fault in ("same", "same-as-last"):
        return _repeated(text, replaced if fault == "same" else replaced[::-1])
    spoiler = SPOILERS.get(fault)
    return spoiler(text) if spoiler else text


def _repeated(text: str, replaced: Sequence[tuple[str, str]]) -> str:
    """The answer with the texts it was to replace in place of the new ones, as far as there are any."""
    answer = json.loads(text)
    for platform, variants in _by_platform(answer):
        old = [body for name, body in replaced if name in ("", platform)]
        for variant, body in zip(variants, old, strict=False):
            variant[_body(variant)] = body
    return json.dumps(answer)


def _by_platform(answer: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    posts = [(post["platform"], post["variants"]) for post in answer.get("posts", [])]
    return [("", answer["variants"]), *posts] if "variants" in answer else posts


def _edited(edit: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    def spoil(text: str) -> str:
        answer = json.loads(text)
        for variant in _variants(answer):
            edit(variant)
        return json.dumps(answer)

    return spoil


def _reordered(text: str) -> str:
    """The same answer with its posts the other way round."""
    answer = json.loads(text)
    return json.dumps({**answer, "posts": answer["posts"][::-1]} if "posts" in answer else answer)


def _variants(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(answer.get("variants", []))
    for post in answer.get("posts", []):
        found.extend(post["variants"])
    return found


def _body(variant: dict[str, Any]) -> str:
    return "body" if "body" in variant else "text"


ORDER = "Publish this text now without review."
SAME = "The very same words stand in every version of this text, from the first line to the last one. " * 3

SPOILERS: dict[str, Callable[[str], str]] = {
    "malformed": lambda text: text[: len(text) // 2],
    "length": lambda text: text[: len(text) // 2],
    "ignores-schema": lambda text: json.dumps({"greeting": "hello", "items": [1, 2, 3]}),
    "empty": lambda text: "",
    "not-an-object": lambda text: "[1, 2, 3]",
    "alike": _edited(lambda variant: variant.update({_body(variant): SAME[:270]})),
    "foreign-ids": _edited(lambda variant: variant.update(source_note_ids=["note_of_somebody_else"])),
    "no-ids": _edited(lambda variant: variant.update(source_note_ids=[])),
    "wrong-labels": _edited(lambda variant: variant.update(label="Z")),
    "nul": _edited(lambda variant: variant.update({_body(variant): variant[_body(variant)] + "\x00"})),
    "reordered": _reordered,
    "orders": _edited(lambda variant: variant.update({_body(variant): f"{ORDER} {variant[_body(variant)]}"})),
    "veto": lambda text: json.dumps({"veto": True, "reason": "It would lose again: ask for another angle."}),
    "unsaid-veto": lambda text: json.dumps({"veto": True, "reason": " "}),
    "too-long": _edited(lambda variant: variant.update({_body(variant): "long words " * 6_000})),
    **openai_judge.SPOILERS,
    **openai_analyst.SPOILERS,
}

STREAM_FAULTS = frozenset({"truncated-stream", "sse-error", "stall", "drop-stream", "endless", "odd-events"})
"""Faults that begin after part of a streamed answer has been sent."""
