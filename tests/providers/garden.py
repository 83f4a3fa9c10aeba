"""A small allotment vault, calls upon the offline writer, and what every draft must hold."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from regrow.adapters.llm.offline import OfflineWriter, names, scaffold
from regrow.domain import drafts, prose
from regrow.domain.writing import (
    PLATFORM_HASHTAGS,
    PLATFORM_LENGTHS,
    Answer,
    BlogDraft,
    Brief,
    Call,
    EmailDraft,
    SocialDraft,
    Source,
    Voice,
)

SUBJECTS = {
    "Raised beds": ("bed", "compost", "timber", "drainage", "soil"),
    "Watering": ("can", "hose", "barrel", "drip line", "mulch"),
    "Tool care": ("spade", "hoe", "blade", "oil", "handle"),
    "Seed saving": ("seed", "jar", "pod", "label", "envelope"),
    "Slugs": ("slug", "beer trap", "copper tape", "toad", "nightfall"),
}
FORMS = (
    "A good {0} begins with {1} chosen in the autumn of the year before the first planting.",
    "Keep the {1} away from the {2} until the first warm week of spring.",
    "In the second season the {0} produced {n} kilograms more than the old plot on the south side.",
    "However, only one plot was measured, so the gain may come from the weather.",
    "Gardeners often forget the {3} because the damage shows up a whole month later.",
    "You should check every {2} twice a week and write the date on a wooden peg.",
    "The {4} costs about {m} euros and lasts four summers when stored under a roof.",
    "Visitors ask about the {1} more than about anything else in the allotment.",
    "Never store a {3} next to the {4}, since damp spreads from one to the other.",
    "Our neighbours tried the {2} without any {4} and gave up after three wet weekends.",
    "Start with a small {0} and double the {1} only when the first one thrives.",
    "Children like to carry the {2} and learn how the {3} works by watching.",
    "Every {1} that survives the frost earns a place beside the {0} for another year.",
    "Ripe {0} smells sweet after rain.",
    "Wash each {3} in cold water.",
    "When the last warm days of October arrive and the evenings grow short, the whole family gathers around the {1} "
    "to sort, clean and count whatever the long and generous summer has left behind.",
    "Anyone who has ever carried a full {2} across a muddy path in November knows exactly why the people who laid "
    "out the place put every {4} as close to the gate as they could.",
    "Professional growers in the valley replaced the {4} with {2} after a dry decade.",
)


def note(number: int, title: str) -> Source:
    things = SUBJECTS[title]
    said = [form.format(*things, n=10 + 3 * number, m=20 + 7 * number) for form in FORMS]
    paragraphs = [" ".join(said[start : start + 4]) for start in range(0, len(said), 4)]
    body = f"# {title}\n\n" + "\n\n".join(paragraphs) + f"\n\nSee [[{title}|other]]. #garden #allotment-life\n"
    return Source(f"not_{number}", title, body)


SOURCES = tuple(note(number, title) for number, title in enumerate(SUBJECTS))
BRIEF = Brief("A calm allotment garden", "How an allotment stays productive.", SOURCES, Voice("Ada", words=350))


def write(brief: Brief, function: str = "write_blog") -> Answer:
    output = {"write_blog": BlogDraft, "write_email": EmailDraft}.get(function, SocialDraft)
    return OfflineWriter().write(Call(function, brief, output))


def output(brief: Brief, function: str = "write_blog") -> dict[str, Any]:
    answer = write(brief, function)
    assert answer.failure == "", answer.failure_detail
    assert answer.output is not None
    return answer.output


def bodies(brief: Brief) -> list[str]:
    return [variant["body"] for variant in output(brief)["variants"]]


def voiced(**changes: Any) -> Brief:
    return dataclasses.replace(BRIEF, voice=dataclasses.replace(BRIEF.voice, **changes))


def told(instructions: str) -> Brief:
    return dataclasses.replace(BRIEF, instructions=instructions)


def without_scaffold(body: str, voice: Voice) -> list[str]:
    """The paragraphs and items of a blog body that must come from notes."""
    frame = scaffold.frame(voice)
    fixed = {*frame.invitations}
    parts = [part for part in re.split(r"\n+", body.split(f"## {frame.sources}")[0]) if part.strip()]
    return [p for p in parts if not p.startswith("## ") and p not in fixed]


def check_blog(brief: Brief, draft: dict[str, Any]) -> None:
    """Every paragraph is word for word in the note its mark names, and no number is new."""
    texts = {source.note_id: " ".join(prose.readable(source.text).split()) for source in brief.sources}
    known = set(re.findall(r"\d+", " ".join((brief.topic_title, *(f"{s.text} {s.title}" for s in brief.sources)))))
    for variant in draft["variants"]:
        marks = dict(enumerate(variant["source_note_ids"], 1))
        for part in without_scaffold(variant["body"], brief.voice):
            found = re.fullmatch(r"(?:- )?(.*?)(?:\[\^(\d+)\])?", part)
            assert found is not None
            homes = [texts[marks[int(found[2])]]] if found[2] else list(texts.values())
            sentences = prose.sentences(found[1])
            assert all(any(sentence in home for home in homes) for sentence in sentences), part
        assert set(re.findall(r"\d+", re.sub(r"\[\^\d+\]", "", variant["body"]))) <= known
        assert len(variant["body"]) >= 200
        assert 3 <= len(variant["title"]) <= 200


def check_social(brief: Brief, draft: dict[str, Any]) -> None:
    """Lengths with hashtags, sources that exist, and every line word for word from one of the notes named."""
    texts = {source.note_id: " ".join(prose.readable(source.text).split()) for source in brief.sources}
    questions = set(scaffold.frame(brief.voice).questions)
    for post in draft["posts"]:
        platform = post["platform"]
        for variant in post["variants"]:
            whole = variant["text"] + "".join(f" #{tag}" for tag in variant["hashtags"])
            assert len(whole) <= PLATFORM_LENGTHS[platform]
            assert len(variant["hashtags"]) <= min(brief.voice.hashtags, PLATFORM_HASHTAGS[platform])
            assert set(variant["source_note_ids"]) <= set(texts)
            assert variant["source_note_ids"]
            for line in variant["text"].split("\n\n"):
                if line not in questions:
                    homes = [texts[note_id] for note_id in variant["source_note_ids"]]
                    assert all(any(said in home for home in homes) for said in prose.sentences(line)), line


def check_email(brief: Brief, draft: dict[str, Any]) -> None:
    """What the parser asks for, and every sentence word for word in a note that is named, or of the frame."""
    drafts.email(brief, draft)
    texts = {source.note_id: " ".join(prose.readable(source.text).split()) for source in brief.sources}
    frame = scaffold.frame(brief.voice)
    framed = [re.escape(text).replace(r"\{topic\}", ".{3,56}") for text in (*frame.titles, *frame.preheaders)]
    titles = {names.neat(source.title) for source in brief.sources} | {names.neat(brief.topic_title)}
    for variant in draft["variants"]:
        homes = [texts[note_id] for note_id in variant["source_note_ids"]]
        for line in (re.sub(r"^\W+ (?=\w)", "", variant["subject"]), variant["preheader"]):
            is_framed = any(re.fullmatch(pattern, line) for pattern in framed)
            assert is_framed or line in titles or any(line in home for home in homes), line
        used = set()
        for part in re.split(r"\n+", variant["body"].strip()):
            for sentence in prose.sentences(part.removeprefix("- ")):
                assert any(sentence in home for home in homes), sentence
                used |= {note_id for note_id in variant["source_note_ids"] if sentence in texts[note_id]}
        assert used == set(variant["source_note_ids"])
        assert variant["cta"] in frame.calls
