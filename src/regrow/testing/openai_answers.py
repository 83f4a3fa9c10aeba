"""How the loopback model writes: answers that fit the schema asked for, made from the material in the prompt."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from regrow.domain import likeness, prose
from regrow.testing import openai_analyst, openai_judge

_FRAME = re.compile(r"<<<(material-[0-9a-f]+) note ([^\s>]+)>>>\n(.*?)\n<<<end \1>>>", re.S)
_REPLACED = re.compile(r"<<<(material-[0-9a-f]+) replaced \d+ ?(\w*)>>>\n(.*?)\n<<<end \1>>>", re.S)
_TITLE = re.compile(r"\ATitle: [^\n]*\n\n")
_LABELS = re.compile(r"for each label: ([^\n.]+)")
_PLATFORM = re.compile(
    r"^- (\w+): text and hashtags together at most (\d+) characters.*?(?:at most (\d+)|no) hashtag", re.M
)
_HEADINGS = ("What {} comes down to", "Starting out with {}", "The case of {}", "Looking back at {}")
_LEADS = (
    "Most of what matters about {} fits on one page, and this is that page.",
    "Start small. The notes behind this text show how {} works when nobody has much time.",
    "People ask the same question about {} again and again; here is a plain reply.",
    "An old habit costs more than it seems, as anyone who has looked into {} will tell you.",
)
_CLOSES = (
    "Pick the one step that fits your week and try it before reading further.",
    "Keep a record of what changed, then decide with your own figures in hand.",
    "None of this is difficult; it only has to be done in the right order.",
    "Talk it over with whoever shares the work, because two pairs of eyes see more.",
)
_THIN = (
    "There is little to go on, so this stays short: what the notes on {} hold is said here and nothing is added to it.",
    "Not much has been written down so far about {}, and a text that claims more than its notes would be worth less.",
    "Whoever kept these notes on {} stopped early, which leaves a beginning and an open question for another day.",
    "A short record is still a record; for {} it says where to look next and which habit deserves a second thought.",
)
_SUBJECTS = ("{}, on one page", "Starting small: {}", "A plain reply about {}", "The habit behind {}")
_PREHEADERS = (
    "With what was written down about {}",
    "Begin with {}; the rest can wait until next week",
    "The notes on {} give the figures",
    "What {} has to do with it, in three points",
)
_CALLS = (
    "Try one step this week",
    "Keep a record and compare",
    "Begin with the first point",
    "Talk it over with someone",
)
_OPENERS = ("Worth knowing:", "A detail that is easy to miss.", "From the notes:", "One more thing to try:")


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stood in the prompt."""

    note_id: str
    title: str
    sentences: tuple[str, ...]


_OTHER_WAYS = 12
"""How many ways to share out the notes are thought of when a text has to differ from earlier ones."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a prompt holds for the writer: notes, labels, and per platform its length and number of hashtags.

    `replaced` are a platform, or none, and a text that the new one has to differ from.
    """

    notes: tuple[Note, ...]
    labels: tuple[str, ...]
    platforms: tuple[tuple[str, int, int], ...]
    replaced: tuple[tuple[str, str], ...] = ()
    questions: tuple[str, ...] = ()
    examined: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        return self.notes[0].title if self.notes else "the subject"

    def is_new(self, text: str, platform: str = "") -> bool:
        """Whether a text differs enough from those it replaces."""
        others = [other for name, other in self.replaced if name in ("", platform)]
        return likeness.most(text, others) < likeness.MOST_SIMILAR


def material(system: str, user: str) -> Material:
    """Reads the prompt as a model would: frames for notes, the rules for labels and platforms."""
    labels = _LABELS.search(system)
    platforms = tuple((name, int(length), int(tags or 0)) for name, length, tags in _PLATFORM.findall(system))
    names = tuple(name.strip() for name in labels[1].split(",")) if labels else ("A",)
    replaced = tuple((found[2], _TITLE.sub("", found[3])) for found in _REPLACED.finditer(user))
    judged = openai_judge.questions(system), openai_judge.examined(user)
    notes, facts = tuple(_note(found) for found in _FRAME.finditer(user)), openai_analyst.facts(user)
    return Material(notes, names, platforms, replaced, *judged, facts)


def _note(found: re.Match[str]) -> Note:
    head, _, body = found[3].partition("\n\n")
    said = tuple(s for s in prose.sentences(prose.readable(body)) if 20 <= len(s) <= 400)
    return Note(found[2], head.removeprefix("Title: ").strip() or found[2], said)


def answer(schema: dict[str, Any], given: Material) -> Any:
    """A value for a JSON schema; drafts are really written, any other shape is filled as its schema says."""
    names = set(schema.get("properties", {}))
    if names == {"variants"} and "subject" in _variant_fields(schema):
        return {"variants": _renewed(given, _email)}
    if names == {"variants"}:
        return {"variants": _renewed(given, _article)}
    if names == {"answers"} and given.questions:
        return {"answers": openai_judge.answers(given.questions, given.examined)}
    if names == set(openai_analyst.PARTS) and given.facts:
        return openai_analyst.answer(given.facts)
    if names == {"posts"}:
        return {"posts": [_posts(given, place) for place in range(len(given.platforms))]}
    return filled(schema, schema, given)


def _variant_fields(schema: dict[str, Any]) -> set[str]:
    """The fields of one variant, which tell an e-mail from an article."""
    found: dict[str, Any] = schema["properties"]["variants"].get("items", {})
    for step in found.get("$ref", "#").split("/")[1:]:
        schema = schema[step]
    return set((schema if "$ref" in found else found).get("properties", {}))


def _email(given: Material, index: int, way: int) -> dict[str, Any]:
    notes = given.notes[::-1] if (index + way) % 2 else given.notes
    used = [(note, _share(note.sentences, index, len(given.labels), way)[:3]) for note in notes]
    used = [(note, picked) for note, picked in used if picked][:3] or [(notes[0], ())]
    look = index + way
    told = [" ".join(picked) for _, picked in used if picked] or [_of(_THIN, look, notes[0].title)]
    parts = ["\n".join(f"- {text}" for text in told)] if index % 2 else told
    subject = _shortened(_of(_SUBJECTS, look, used[0][0].title), 90)
    return {
        "label": given.labels[index],
        "subject": subject,
        "preheader": _shortened(_of(_PREHEADERS, look, used[-1][0].title), 160),
        "body": "\n\n".join([_of(_LEADS, look, given.subject), *parts, _of(_CLOSES, look, given.subject)]),
        "cta": _CALLS[look % len(_CALLS)],
        "source_note_ids": [note.note_id for note, _ in used],
    }


def _renewed(given: Material, write: Callable[[Material, int, int], dict[str, Any]]) -> list[dict[str, Any]]:
    """The first way of sharing out the notes in which every text is a new one; the last one when none is."""
    ways = range(_OTHER_WAYS if given.replaced else 1)
    tries = [[write(given, index, way) for index in range(len(given.labels))] for way in ways]
    return next((each for each in tries if all(given.is_new(text["body"]) for text in each)), tries[-1])


def _article(given: Material, index: int, way: int) -> dict[str, Any]:
    notes = given.notes[::-1] if (index + way) % 2 else given.notes
    used = [(note, _share(note.sentences, index, len(given.labels), way)) for note in notes]
    used = [(note, picked) for note, picked in used if picked]
    look = index + way
    used = used or [(notes[0], (_of(_THIN, look, notes[0].title),))]
    sections = [f"## {_of(_HEADINGS, look, note.title)}\n\n{' '.join(picked)}".strip() for note, picked in used[:6]]
    return {
        "label": given.labels[index],
        "angle": _of(_HEADINGS, look + 1, given.subject)[:200],
        "title": _of(_HEADINGS, look, given.subject)[:120],
        "body": "\n\n".join([_of(_LEADS, look, given.subject), *sections, _of(_CLOSES, look, given.subject)]),
        "source_note_ids": [note.note_id for note, _ in used[:6]],
    }


def _share(sentences: tuple[str, ...], index: int, labels: int, way: int) -> tuple[str, ...]:
    """One article's sentences of a note: every so manieth at first, in other ways runs that begin somewhere else."""
    if way == 0:
        return sentences[index::labels]
    parts, run, start = max(2, labels), 1 + way // 2, way % 2
    return tuple(s for number, s in enumerate(sentences) if (number // run + start) % parts == index)


def _posts(given: Material, place: int) -> dict[str, Any]:
    """The first posts in the order of the notes that are all new ones; the last ones when none are."""
    name, length, tags = given.platforms[place]
    said = len({sentence for note in given.notes for sentence in note.sentences})
    places = range(place, place + max(said, _OTHER_WAYS) if given.replaced else place + 1)
    tries = [[_post(given, at, index, length, tags) for index in range(len(given.labels))] for at in places]
    posts = next((each for each in tries if all(given.is_new(post["text"], name) for post in each)), tries[-1])
    return {"platform": name, "variants": posts}


def _post(given: Material, place: int, index: int, length: int, tags: int) -> dict[str, Any]:
    said = [(note, s) for s, note in {s: note for note in given.notes for s in note.sentences}.items()]
    count = len(given.labels)
    if len(said) >= count:
        note, sentence = said[(place * count + index) % (len(said) // count * count)]
    else:
        note, sentence = given.notes[0], _of(_LEADS, place * count + index, given.subject)
    words = re.findall(r"[A-Za-z]{4,20}", note.title)
    hashtags = list(dict.fromkeys(word.lower() for word in words))[:tags]
    room = length - sum(len(tag) + 2 for tag in hashtags)
    text = _shortened(f"{_OPENERS[index % len(_OPENERS)]} {sentence}", room)
    return {"label": given.labels[index], "text": text, "hashtags": hashtags, "source_note_ids": [note.note_id]}


def _of(texts: tuple[str, ...], index: int, subject: str) -> str:
    return texts[index % len(texts)].format(subject)


def _shortened(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + "…"


def filled(schema: dict[str, Any], root: dict[str, Any], given: Material) -> Any:
    """Any value that a schema allows: all required properties, shortest lists, first choices."""
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return filled(target, root, given)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return filled(schema[several][0], root, given)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: filled(part, root, given) for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [filled(schema.get("items", {}), root, given) for _ in range(schema.get("minItems", 1))]
    return _scalar(kind, schema, given)


def _scalar(kind: str, schema: dict[str, Any], given: Material) -> Any:
    if kind == "string":
        text = f"On {given.subject}. "
        least, most = schema.get("minLength", 1), schema.get("maxLength", 10_000)
        return (text * (least // len(text) + 1)).strip()[:most].ljust(least, ".")
    if kind in {"integer", "number"}:
        return max(schema.get("minimum", 0), min(schema.get("maximum", 1), 1))
    return False if kind == "boolean" else None
