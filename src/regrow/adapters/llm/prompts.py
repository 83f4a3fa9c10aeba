"""Prompt templates as files `<function>.<version>.j2` with a system and a user block, rendered in a sandbox."""

from __future__ import annotations

import dataclasses
import functools
import re
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox

from regrow.adapters.llm import framing
from regrow.domain.brand import judging
from regrow.domain.writing import PLATFORM_HASHTAGS, PLATFORM_LENGTHS, Brief, Call, Prompt, Voice
from regrow.kit.errors import Bug, Invalid
from regrow.kit.redaction import shorten

TEMPLATES = Path(__file__).parent / "templates"
INSTRUCTION_CHARS = 2_000
"""Longest instructions a person may give for one call; an edge that takes them refuses more with a 400."""
VOICE_WORDS = 200
"""Most entries of each of a persona's lists that go into one prompt, which is as many as a list may have."""
EXAMPLES, EXAMPLE_CHARS, HABITS_CHARS = 6, 1_500, 4_000
"""Most examples of a voice in one prompt, and characters of each and of what else was learned."""

_LISTS = ("use", "avoid", "required", "forbidden", "claims", "disclaimers", "competitors", "disclosure")
_FILE_NAME = re.compile(r"([a-z][a-z_]*)\.([1-9][0-9]{0,3})\.j2")


def render(call: Call, marker: str | None = None, folder: Path = TEMPLATES) -> Prompt:
    """What the model is told for this call, by the newest version of the function's template.

    Text from notes stands inside frames that carry `marker` (random unless given). Raises Invalid for
    instructions that are too long, Bug for a function that has no template.
    """
    version = newest_version(call.function, folder)
    template = _environment(folder).get_template(f"{call.function}.{version}.j2")
    context = template.new_context(_facts(call.brief, marker or framing.new_marker()))
    told = {name: "".join(template.blocks[name](context)).strip() for name in ("system", "user")}
    return Prompt(call.function, version, told["system"], told["user"])


def newest_version(function: str, folder: Path = TEMPLATES) -> int:
    """The highest version among the function's template files."""
    matches = [_FILE_NAME.fullmatch(path.name) for path in folder.glob("*.j2")]
    versions = [int(match[2]) for match in matches if match and match[1] == function]
    if not versions:
        raise Bug(f"the function {function!r} has no prompt template; add {function}.1.j2 to the templates")
    return max(versions)


@functools.lru_cache(maxsize=8)
def _environment(folder: Path) -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    return jinja2.sandbox.ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _facts(brief: Brief, marker: str) -> dict[str, Any]:
    if len(brief.instructions) > INSTRUCTION_CHARS:
        raise Invalid(
            f"the instructions have {len(brief.instructions):,} characters; shorten them to {INSTRUCTION_CHARS:,}",
            "instructions_too_long",
        )
    topic = f"Title: {' '.join(brief.topic_title.split())}\nSummary: {brief.topic_summary}"
    return {
        "marker": marker,
        "topic": framing.frame(marker, "topic", topic),
        "notes": framing.framed_notes(brief, marker),
        "replaced": framing.framed_replaced(brief, marker),
        "note_ids": [source.note_id for source in brief.sources],
        "labels": brief.labels,
        "platforms": [_platform(name, brief.voice.hashtags) for name in brief.platforms],
        "voice": _voice(brief.voice),
        "habits": _habits(brief.voice, marker),
        "instructions": framing.defused(brief.instructions).strip(),
        **_examined(brief, marker),
    }


def _examined(brief: Brief, marker: str) -> dict[str, Any]:
    """A text to be judged, in frames by field, and the questions on it in the order of this call."""
    if brief.examined is None:
        return {"examined": [], "questions": []}
    return {
        "examined": [framing.frame(marker, f"text {name}", text) for name, text in brief.examined.texts],
        "questions": [judging.BY_NAME[name] for name in brief.examined.criteria],
    }


def _voice(voice: Voice) -> dict[str, Any]:
    facts = dataclasses.asdict(voice)
    for name in ("persona", "tone", "language"):
        facts[name] = shorten(framing.defused(facts[name]), 200)
    for name in _LISTS:
        facts[name] = [shorten(framing.defused(word), 300) for word in facts[name][:VOICE_WORDS]]
    return facts


def _habits(voice: Voice, marker: str) -> list[str]:
    """What was learned of the voice, in frames: it was taken from texts, and texts are material."""
    if voice.habits is None:
        return []
    told = "\n".join(voice.habits.told)[:HABITS_CHARS]
    frames = [framing.frame(marker, "habits", told)] if told else []
    examples = [text[:EXAMPLE_CHARS] for text in voice.habits.examples[:EXAMPLES]]
    return frames + [framing.frame(marker, f"example {number}", text) for number, text in enumerate(examples, 1)]


def _platform(name: str, wanted: int) -> dict[str, Any]:
    return {"name": name, "length": PLATFORM_LENGTHS[name], "hashtags": min(wanted, PLATFORM_HASHTAGS[name])}
