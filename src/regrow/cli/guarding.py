"""`regrow guard`: any text file against the brand's rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from regrow.cli import calibrating, exits, files, opened, options, output, working

CHECK = "check"


class Defaulting(TyperGroup):
    """A group whose first word may also be what its command `check` takes, as in `regrow guard draft.md`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        known = (*self.commands, "--help")
        return super().parse_args(ctx, args if args and args[0] in known else [CHECK, *args])


app = typer.Typer(cls=Defaulting, help="Check any text against the brand's rules: regrow guard FILE.")
app.command(cls=options.Command)(calibrating.calibrate)


@app.command(CHECK, cls=options.Command)
def guard(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text or Markdown file in UTF-8; - reads stdin.")],
    persona: Annotated[
        str | None, typer.Option("--persona", help="Whose voice and guidelines count: a name or an id, per_...")
    ] = None,
    medium: Annotated[str, typer.Option("--medium", help=f"One of {', '.join(files.MEDIA)}.")] = "blog",
    language: Annotated[
        str | None, typer.Option("--language", help="Such as en or de; that of the persona, or found out by itself.")
    ] = None,
    has_judge: Annotated[
        bool, typer.Option("--judge/--no-judge", help="Ask the judge of the workspace too, which costs credits.")
    ] = False,
) -> None:
    """Check a text: what to fix, where it stands, and how. Exit 1 when it fails, or when the judge is in doubt.

    Needs no home, unless a persona or the judge is asked for. Example: regrow guard draft.md --language de
    """
    files.refuse_medium(medium)
    if language is not None:
        from regrow.domain.brand import languages

        languages.checked(language)
    text = files.read(file)
    if has_judge:
        found = _judged(text, persona, medium, language)
    else:
        found = _against_persona(text, persona, medium, language) if persona else _alone(text, medium, language)
    output.give(found, lambda: _show(found, text, files.shown(file)))
    if not found["passed"] or found["needs_person"]:
        raise SystemExit(exits.REFUSED)


def _alone(text: str, medium: str, language: str | None) -> dict[str, Any]:
    """Without a home: no guidelines, no limits of a persona, no sources."""
    from regrow.domain.brand import deciding, guard
    from regrow.domain.brand.checks import languages
    from regrow.domain.brand.findings import GuardFacts, Text

    spoken = language or languages.spoken(text) or "en"
    facts = GuardFacts(medium=medium, texts=(Text("body", text),), language=spoken)
    return deciding.by_rules(guard.as_json(guard.merged({"A": guard.judged(facts)})))


def _against_persona(text: str, persona: str, medium: str, language: str | None) -> dict[str, Any]:
    from regrow.services import guarding, personas

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            loose = guarding.Loose({"body": text}, medium, "", personas.id_of(session, persona), language or "")
            return guarding.check_text(session, actor, loose)


def _judged(text: str, persona: str | None, medium: str, language: str | None) -> dict[str, Any]:
    from regrow.services import guarding, judging, personas

    with working.worker_home() as home:
        actor = opened.acting(home)
        working.refuse_unable(home)
        with home.writing(actor.workspace_id) as session:
            persona_id = personas.id_of(session, persona) if persona else None
            loose = guarding.Loose({"body": text}, medium, "", persona_id, language or "")
            run = guarding.ask_text(session, actor, loose)
        working.ended(home, [run], "Asking the judge")
        with home.reading(actor.workspace_id) as session:
            return judging.verdict_of(session, run.id)


def _show(found: Mapping[str, Any], text: str, shown: str) -> None:
    told = "is for a person to decide" if found["needs_person"] else "passed" if found["passed"] else "failed"
    for finding in found["findings"]:
        where = _where(text, finding["start"]) if finding["quote"] else "missing"
        output.line(f"{where:>8}  {finding['severity']:<5}  {finding['check']}")
        if finding["quote"]:
            output.line(f"          “{output.text(finding['quote'])}”")
        output.line(f"          {output.text(finding['how'])}")
    count = len(found["findings"])
    by = "rules and judge" if found["method"] == "rules+judge" else "rules"
    voice = f", voice {found['voice_score']:.2f}" if found.get("voice_score") is not None else ""
    output.line(
        f"{output.text(shown)} {told}: {found['score']:.2f} by {by}{voice}, {count or 'no'} finding{'s'[: count != 1]}"
    )
    for doubt in found.get("doubts", ()):
        output.line(f"  {output.text(doubt)}")
    if found["judge"] == "failed":
        output.say(f"The judge gave no verdict, so that the rules decide: {output.text(found['judge_detail'])}")


def _where(text: str, start: int) -> str:
    """Line and column as editors count them."""
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"
