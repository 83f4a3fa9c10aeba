"""`regrow personas learn`, `voice` and `forget`: a voice learned from the user's own texts, shown and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import opened, output, rows, showing

if TYPE_CHECKING:
    from regrow.domain.brand.voice import Learned
    from regrow.services.learning import Asked, Files, Lesson
    from regrow.store.tables.personas import Persona

MOST_SHOWN = 20
Reference = Annotated[str, typer.Argument(metavar="PERSONA", help="Its id, per_..., or its name.")]


def learn(
    persona: Reference,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders of texts of your own.")],
    medium: Annotated[
        str | None, typer.Option("--medium", help="Of which medium the texts are: blog, social, email or article.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Take over the settings that the texts suggest.")] = False,
    language: Annotated[str | None, typer.Option("--language", help="Their language; guessed when not given.")] = None,
) -> None:
    """Learn a persona's voice from your own texts: Markdown, plain text, HTML and mails (.eml). Works offline.

    What was learned is shown beside what stood before; settings change only with --apply. Only measures and a few
    passages are stored, never the texts.

    Example: regrow personas learn "Plain voice" ~/posts --medium blog --apply
    """
    from regrow.services import learning

    asked = learning.Asked(language, medium, apply)
    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            id = learning.refuse_unfit(session, actor, persona, asked)
        own = home.own_texts(paths)
        found = _read(own, asked)
        with home.writing(actor.workspace_id) as session:
            lesson = learning.keep(session, actor, id, found, asked, own.skipped)
            result = _result(lesson)
    output.give(result, lambda: _show_lesson(result))


def _read(own: Files, asked: Asked) -> Learned:
    from regrow.domain.brand import voice as voices
    from regrow.services import learning

    output.say(f"There are {_size(own.bytes)} of text; at most {voices.MOST_CHARACTERS / 1e6:.0f} MB are read.")
    with showing.progress("Reading") as tell:
        return learning.from_files(
            own, asked, lambda done, total: tell(done, total, f"{_size(done)} of {_size(total)}")
        )


def _size(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _result(lesson: Lesson) -> dict[str, Any]:
    from regrow.domain import suggestions
    from regrow.services import learning

    after = shape(lesson.row)
    wanted = suggestions.applied(lesson.row.voice, (after["learned"] or {}).get("suggestions", {}))
    return {
        "persona": after,
        "before": learning.shown(lesson.learned_before, lesson.settings_before),
        "changed": _pairs(suggestions.changes(lesson.settings_before, lesson.row.voice)),
        "suggested": _pairs(suggestions.changes(lesson.row.voice, wanted)),
        "skipped": [{"path": each.path, "reason": each.reason} for each in lesson.skipped],
    }


def _pairs(changes: list[tuple[str, Any, Any]]) -> list[dict[str, Any]]:
    return [{"setting": name, "before": before, "after": after} for name, before, after in changes]


def _show_lesson(result: Mapping[str, Any]) -> None:
    persona, before = result["persona"], result["before"]
    if before is not None:
        output.line(f"Before, learned at {output.text(before['at'])}:")
        _say(before["told"])
        output.line("\nNow:")
    _say(persona["learned"]["told"])
    _examples(persona["learned"]["examples"])
    columns = ("setting", "before", "after")
    if result["changed"]:
        output.line("\nSettings that changed:")
        output.table(result["changed"], columns, "")
    if result["suggested"]:
        output.line("\nSuggested settings, not taken over:")
        output.table(result["suggested"], columns, "")
        output.say("\nTo take them over, learn again with --apply, or set them with regrow personas change --voice.")
    _skipped(result["skipped"])


def _skipped(skipped: list[dict[str, str]]) -> None:
    if skipped:
        output.line("\nSkipped:")
        output.table(skipped[:MOST_SHOWN], ("path", "reason"), "")
    if len(skipped) > MOST_SHOWN:
        output.line(f"and {len(skipped) - MOST_SHOWN} more: --json lists all")


def voice(persona: Reference) -> None:
    """Show what a persona sounds like: its settings, and what it learned in words and numbers.

    Example: regrow personas voice "Plain voice"
    """
    from regrow.services import personas

    with opened.reading() as session:
        found = shape(personas.referred(session, persona))
    told = {name: found[name] for name in ("id", "name", "voice", "guidelines", "learned")}
    output.give(told, lambda: show(found))


def forget(persona: Reference) -> None:
    """Take away what a persona learned; its settings stay as they are."""
    from regrow.services import personas

    with opened.writing() as (session, actor):
        row = personas.referred(session, persona)
        had = row.learned is not None
        found = shape(personas.forget(session, actor, row.id))
    output.give(found, lambda: output.line("Forgotten." if had else "It had learned nothing."))


def shape(row: Persona) -> dict[str, Any]:
    """A persona as plain values, with all its lists and what was learned in words."""
    from regrow.domain.brand import guidelines
    from regrow.services import learning

    return {
        **rows.shape(row),
        "guidelines": guidelines.complete(row.guidelines),
        "learned": learning.shown(row.learned, row.voice),
    }


def show(found: Mapping[str, Any]) -> None:
    """A persona for people: a line for each medium and each list, then what it learned."""
    simple = {name: value for name, value in found.items() if name not in ("voice", "guidelines", "learned")}
    output.fields(simple)
    for medium, settings in found["voice"].items():
        told = ", ".join(f"{name.replace('_', ' ')} {output.text(value)}" for name, value in settings.items())
        output.line(f"{medium}: {told}")
    for name, entries in found["guidelines"].items():
        if entries:
            output.line(f"{name}: {'; '.join(map(output.text, entries))}")
    learned = found["learned"]
    if learned is None:
        output.line("\nNothing learned yet: regrow personas learn PERSONA PATH...")
        return
    output.line(f"\nLearned at {output.text(learned['at'])}:")
    _say(learned["told"])
    _examples(learned["examples"])


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        output.line(f"- {output.safe(sentence)}")


def _examples(examples: list[str]) -> None:
    for number, example in enumerate(examples, 1):
        output.line(f"\nExample {number}:\n{output.safe(example)}")
