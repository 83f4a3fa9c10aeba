"""Prompt templates as files `<function>.<version>.j2` with a system and a user block, rendered in a sandbox."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox

from regrow.adapters.llm import filling, framing
from regrow.domain.brand import judging
from regrow.domain.prompts import naming
from regrow.domain.writing import PLATFORM_HASHTAGS, PLATFORM_LENGTHS, Brief, Call, Prompt, Voice
from regrow.kit.errors import Bug, Conflict, Invalid
from regrow.kit.redaction import shorten

TEMPLATES = Path(__file__).parent / "templates"
INSTRUCTION_CHARS = 2_000
"""Longest instructions a person may give for one call; an edge that takes them refuses more with a 400."""
VOICE_WORDS = 200
"""Most entries of each of a persona's lists that go into one prompt, which is as many as a list may have."""
EXAMPLES, EXAMPLE_CHARS, HABITS_CHARS = 6, 1_500, 4_000
LESSON_CHARS = 4_000
"""Most examples of a voice in one prompt, and characters of each and of what else was learned; and characters of
each thing that a test showed."""

_LISTS = ("use", "avoid", "required", "forbidden", "claims", "disclaimers", "competitors", "disclosure")
_FILE_NAME = re.compile(r"([a-z][a-z_]*)\.([1-9][0-9]{0,3})\.j2")


def render(call: Call, marker: str | None = None, folder: Path = TEMPLATES) -> Prompt:
    """What the model is told for this call: by the wording it is put in, else by the function's newest template.

    Text from notes stands inside frames that carry `marker` (random unless given). Raises Invalid for
    instructions that are too long, Conflict for a wording that cannot be filled in, Bug for a function that has no
    template.
    """
    facts = _facts(call.brief, marker or framing.new_marker())
    if call.wording.text:
        return _worded(call, facts, folder)
    version = call.wording.version or newest_version(call.function, folder)
    if call.wording.version not in (0, *versions(call.function, folder)):
        raise Conflict(f"{call.function} has no shipped version {version}: name another one", "prompt_unusable")
    told = blocks(f"{call.function}.{version}.j2", ("system", "user"), facts, folder)
    return Prompt(call.function, version, told["system"], told["user"])


def blocks(name: str, wanted: Iterable[str], facts: dict[str, Any], folder: Path = TEMPLATES) -> dict[str, str]:
    """The text of some blocks of a template file."""
    template = _environment(folder).get_template(name)
    context = template.new_context(facts)
    return {block: "".join(template.blocks[block](context)).strip() for block in wanted}


def versions(function: str, folder: Path = TEMPLATES) -> tuple[int, ...]:
    """Those of the function's template files, oldest first."""
    matches = [_FILE_NAME.fullmatch(path.name) for path in folder.glob("*.j2")]
    return tuple(sorted(int(match[2]) for match in matches if match and match[1] == function))


def newest_version(function: str, folder: Path = TEMPLATES) -> int:
    """The highest version among the function's template files."""
    found = versions(function, folder)
    if not found:
        raise Bug(f"the function {function!r} has no prompt template; add {function}.1.j2 to the templates")
    return found[-1]


def _worded(call: Call, facts: dict[str, Any], folder: Path) -> Prompt:
    """The workspace's own text, filled in; the rules on material and facts follow it, whatever it says."""
    version = call.wording.version
    named = naming.Name(naming.WORKSPACE, version)
    try:
        sections = filling.checked(call.function, call.wording.text)
    except Invalid as error:
        raise Conflict(
            f"{named} of {call.function} cannot be filled in any more: {error.detail}. Change it, "
            f"or go back to the shipped one with regrow prompts reset {call.function}",
            "prompt_unusable",
        ) from None
    values = _values(call, facts, folder)
    system = f"{filling.fill(sections.system, values).strip()}\n\n{_whole('_rules.1.j2', facts, folder)}"
    user = filling.fill(sections.user, values).strip()
    return Prompt(f"{naming.WORKSPACE}/{call.function}", version, system, user)


def _values(call: Call, facts: dict[str, Any], folder: Path) -> dict[str, str]:
    """The variables as ready text: the same pieces that the shipped template puts together."""
    newest = f"{call.function}.{newest_version(call.function, folder)}.j2"
    given = ("topic", "notes", "habits", "replaced", "wishes")
    framed = blocks("_given.3.j2", (f"{name}_given" for name in given), facts, folder)
    voice = facts["voice"]
    return {
        **blocks(newest, ("delivery", "contest", "task"), facts, folder),
        **{name: framed[f"{name}_given"] for name in given},
        **{name: str(voice[name]) for name in ("persona", "tone", "language", "words", "sentence_words")},
        "anew": _whole("_anew.1.j2", facts, folder),
        "voice": _whole("_voice.2.j2", facts, folder),
        "labels": ", ".join(facts["labels"]),
        "platforms": ", ".join(platform["name"] for platform in facts["platforms"]),
    }


def _whole(name: str, facts: dict[str, Any], folder: Path) -> str:
    return _environment(folder).get_template(name).render(facts).strip()


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
        "analysis": framing.frame(marker, "analysis", brief.analysis) if brief.analysis else "",
        "note_ids": [source.note_id for source in brief.sources],
        "labels": brief.labels,
        "platforms": [_platform(name, brief.voice.hashtags) for name in brief.platforms],
        "voice": _voice(brief.voice),
        "habits": _habits(brief.voice, marker),
        "instructions": framing.defused(brief.instructions).strip(),
        **_examined(brief, marker),
        **_rewriting(brief, marker),
        **_measured(brief, marker),
    }


def _measured(brief: Brief, marker: str) -> dict[str, Any]:
    """What an analysis is made from: facts and texts in frames, and what the person who set the trigger wants."""
    if brief.measured is None:
        return {"facts": "", "texts_out": [], "wish": ""}
    told = framing.fair_shares([len(text) for _label, text in brief.measured.texts], framing.REPLACED_CHARS)
    texts = [
        framing.frame(marker, f"text {label}", text[:share])
        for (label, text), share in zip(brief.measured.texts, told, strict=True)
    ]
    facts = framing.frame(marker, "facts", "\n".join(brief.measured.facts))
    return {"facts": facts, "texts_out": texts, "wish": framing.defused(brief.measured.wish).strip()}


def _examined(brief: Brief, marker: str) -> dict[str, Any]:
    """A text to be judged, in frames by field, and the questions on it in the order of this call."""
    if brief.examined is None:
        return {"examined": [], "questions": []}
    return {
        "examined": [framing.frame(marker, f"text {name}", text) for name, text in brief.examined.texts],
        "questions": [judging.BY_NAME[name] for name in brief.examined.criteria],
    }


def _rewriting(brief: Brief, marker: str) -> dict[str, Any]:
    """Why a text is written again, in frames: reasons may come from other systems, and wishes may be what is judged."""
    told = brief.rewriting
    if told is None:
        return {"medium": "", "lesson": [], "wished": ""}
    parts = (("why it lost", told.why_lost), ("what did better", told.what_won), ("patterns", "\n".join(told.patterns)))
    lesson = [framing.frame(marker, name, text[:LESSON_CHARS]) for name, text in parts if text]
    wished = framing.frame(marker, "instructions", brief.instructions) if brief.instructions else ""
    return {"medium": told.medium, "lesson": lesson, "wished": wished}


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
