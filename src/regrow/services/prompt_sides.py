"""Two versions of a prompt side by side: what each wrote and how the guard judged it, or the prompts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from regrow.domain import differences, prose
from regrow.domain.differences import Part
from regrow.domain.prompts import naming
from regrow.domain.prompts.prompter import Prompter
from regrow.domain.writing import Writer
from regrow.kit import clock
from regrow.services import prompt_previews, prompt_trials, prompts
from regrow.services.prompt_previews import Preview
from regrow.services.prompt_trials import SIDES, Wanted
from regrow.store.tables.prompts import PromptTrial
from regrow.store.tenancy import Session

DEAF = (
    "The offline writer reads no prompt: it would write the same for both versions. So nothing was written or paid, "
    "and only the prompts are compared. To compare texts, name a model with REGROW_MODELS or in the workspace's "
    "settings."
)
OFFLINE = "offline-extractive"
UNASKED: Mapping[str, Any] = {
    **{"model": None, "origin": None, "settings": None, "cost": None, "score": None, "passed": None},
    **{"input_tokens": None, "output_tokens": None, "pieces": []},
}


def written(row: PromptTrial) -> dict[str, Any]:
    """A comparison as plain JSON, with what differs word by word."""
    before, after = (_judged(row.sides[side]) for side in SIDES)
    is_deaf = OFFLINE in (before["origin"], after["origin"])
    return {
        "id": row.id,
        "task_id": row.task_id,
        "prompt": row.template,
        "topic_id": row.topic_id,
        "persona_id": row.persona_id,
        "before": {**before, "told": None},
        "after": {**after, "told": None},
        "differences": list(_differences(before["pieces"], after["pieces"])),
        "warning": "The offline writer stood in for a model: it reads no prompt." if is_deaf else "",
        "created_at": clock.iso(row.created_at),
    }


def prompts_alone(session: Session, prompter: Prompter, wanted: Wanted) -> dict[str, Any]:
    """The same shape without texts: both versions filled with the same inputs, and what differs between them."""
    versions = prompt_trials.named(session, prompter, wanted)
    before, after = (
        prompt_previews.preview(session, prompter, wanted.template, versions[side], wanted.inputs) for side in SIDES
    )
    parts = {name: differences.between(getattr(before, name), getattr(after, name)) for name in ("system", "user")}
    return {
        "id": None,
        "task_id": None,
        "prompt": wanted.template,
        "topic_id": before.topic_id,
        "persona_id": before.persona_id,
        "before": _unasked(before),
        "after": _unasked(after),
        "differences": [_changed("prompt", "", parts, before.system, after.system)],
        "warning": DEAF,
        "created_at": None,
    }


def if_deaf(session: Session, writer: Writer, prompter: Prompter, wanted: Wanted) -> dict[str, Any] | None:
    """The prompts alone, when the writer that would be asked reads none; else None."""
    naming.refuse_unknown(wanted.template)
    if prompt_trials.reads_prompts(session, writer, wanted.template):
        return None
    return prompts_alone(session, prompter, wanted)


def texts(session: Session, prompter: Prompter, template: str, before: str, after: str | None) -> dict[str, Any]:
    """What differs between two versions as they were written; a shipped one as its file says it."""
    names = [prompts.named(session, prompter, template, each) for each in (before, after)]
    old, new = (prompts.text_of(session, prompter, template, name) for name in names)
    return _changed(f"{names[0]} -> {names[1]}", "", {"text": differences.between(old, new)}, old, new)


def _judged(side: Mapping[str, Any]) -> dict[str, Any]:
    """The side with the guard's verdict on all of it: the lowest score, and whether everything passed."""
    verdicts = [piece["guard"] for piece in side["pieces"]]
    score = min((verdict["score"] for verdict in verdicts), default=None)
    return {**side, "score": score, "passed": all(verdict["passed"] for verdict in verdicts)}


def _unasked(shown: Preview) -> dict[str, Any]:
    named = {"version": shown.version, "template": shown.template, "template_version": shown.template_version}
    told = {name: getattr(shown, name) for name in ("system", "user", "characters", "tokens")}
    return {**named, **UNASKED, "told": told}


def _differences(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of each text on either side, in order."""
    nothing: dict[str, Any] = {"platform": "", "variants": []}
    for one, other in zip_longest(before, after, fillvalue=nothing):
        old, new = _contents(one), _contents(other)
        for label in dict.fromkeys((*old, *new)):
            was, now = old.get(label, {}), new.get(label, {})
            bodies = str(was.get("body", "")), str(now.get("body", ""))
            yield _changed(one["platform"] or other["platform"], label, differences.fields(was, now), *bodies)


def _contents(piece: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["label"]: each["content"] for each in piece["variants"]}


def _changed(what: str, label: str, fields: Mapping[str, tuple[Part, ...]], old: str, new: str) -> dict[str, Any]:
    counted = [differences.counts(parts) for parts in fields.values()]
    return {
        "what": what,
        "label": label,
        "similarity": round(prose.shingle_similarity(old, new), 4),
        "words_added": sum(added for added, _removed in counted),
        "words_removed": sum(removed for _added, removed in counted),
        "fields": {name: [{"op": part.op, "text": part.text} for part in parts] for name, parts in fields.items()},
    }
