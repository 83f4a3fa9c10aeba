"""How the loopback model judges: by the hollow words of a text, which it quotes; and how a bad judge answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

_QUESTIONS = re.compile(r"^The questions\n((?:- \w+: [^\n]+\n)+)", re.M)
_NAME = re.compile(r"^- (\w+): ", re.M)
_TEXT = re.compile(r"<<<(material-[0-9a-f]+) text \w+>>>\n(.*?)\n<<<end \1>>>", re.S)
_HOLLOW = re.compile(r"(?i)\b(?:revolutionary|game-changer|unlock|seamless|synergy|effortless)\b")
_FIRST = re.compile(r"[^\n.!?]{3,80}")


def questions(system: str) -> tuple[str, ...]:
    """The names of the questions in a prompt, in order."""
    found = _QUESTIONS.search(system)
    return tuple(_NAME.findall(found[1])) if found else ()


def examined(user: str) -> tuple[str, ...]:
    """The fields of the text to judge."""
    return tuple(found[2] for found in _TEXT.finditer(user))


def answers(names: Sequence[str], texts: Sequence[str]) -> list[dict[str, Any]]:
    """One hollow word makes it partly, two make it no; the first of them is the quote."""
    hollow = [found[0] for text in texts for found in _HOLLOW.finditer(text)]
    verdict = ("yes", "partly", "no")[min(len(hollow), 2)]
    quote = hollow[0] if hollow else first(texts)
    return [{"criterion": name, "verdict": verdict, "quote": quote} for name in names]


def first(texts: Sequence[str]) -> str:
    """The first words of a text."""
    found = _FIRST.search(max(texts, key=len, default=""))
    return found[0].strip() if found else ""


def _each(change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> Callable[[str], str]:
    """Changes every answer of a judge, by its number; what is no judge's answer stays."""

    def spoil(text: str) -> str:
        given = json.loads(text)
        if "answers" not in given:
            return text
        return json.dumps({"answers": [change(number, each) for number, each in enumerate(given["answers"])]})

    return spoil


def _graded(verdict: str) -> Callable[[str], str]:
    return _each(lambda _number, each: {**each, "verdict": verdict})


def _some(verdict: str, count: int) -> Callable[[str], str]:
    """By name, so that all samples speak of the same questions, in whatever order they were asked."""

    def spoil(text: str) -> str:
        named = sorted(each["criterion"] for each in json.loads(text).get("answers", ()))[:count]
        return _each(lambda _n, each: {**each, "verdict": verdict} if each["criterion"] in named else each)(text)

    return spoil


SPOILERS: dict[str, Callable[[str], str]] = {
    "judge-yes": _graded("yes"),
    "judge-partly": _graded("partly"),
    "judge-no": _graded("no"),
    "judge-one-no": _some("no", 1),
    "judge-elsewhere": _each(lambda _n, each: {**each, "quote": "a passage that stands in no text of anybody"}),
    "judge-silent": _each(lambda _n, each: {**each, "verdict": "no", "quote": ""}),
    "judge-nonsense": _each(lambda number, each: {**each, "criterion": f"question {number}", "verdict": "maybe"}),
    "judge-forgets": lambda text: json.dumps({"answers": json.loads(text).get("answers", [])[1:]}),
    "judge-other-shape": lambda text: json.dumps({"scores": {"overall": 0.9}, "verdict": "yes"}),
}
