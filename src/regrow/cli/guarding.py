"""`regrow guard`: any text file against the brand's rules."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from regrow.cli import exits, opened, output
from regrow.kit import errors

MOST_BYTES = 2_000_000
MEDIA = ("blog", "social", "email", "article")


def guard(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text or Markdown file in UTF-8; - reads stdin.")],
    persona: Annotated[
        str | None, typer.Option("--persona", help="Whose voice and guidelines to hold it against, per_...")
    ] = None,
    medium: Annotated[str, typer.Option("--medium", help=f"One of {', '.join(MEDIA)}.")] = "blog",
    language: Annotated[
        str | None, typer.Option("--language", help="Such as en or de; that of the persona, or found out by itself.")
    ] = None,
) -> None:
    """Check a text: what to fix, where it stands, and how. Exit 1 when it fails.

    Needs no home, unless a persona is named. Example: regrow guard draft.md --language de
    """
    if medium not in MEDIA:
        raise errors.Invalid(f"--medium: {medium[:40]!r} is none, use one of {', '.join(MEDIA)}", "bad_medium")
    text = _read(file)
    found = _against_persona(text, persona, medium, language) if persona else _alone(text, medium, language)
    output.give(found, lambda: _show(found, text, file))
    if not found["passed"]:
        raise SystemExit(exits.REFUSED)


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else _bytes(Path(file))
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise errors.Invalid(f"{file} is no UTF-8 text: convert it first", "not_utf8") from None
    if len(data) > MOST_BYTES:
        raise errors.Invalid(f"{file} is larger than {MOST_BYTES // 1_000_000} MB: check it in parts", "too_long")
    return text.replace("\r\n", "\n")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as opened_file:
            return opened_file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file"
        raise errors.NotFound(f"{path} cannot be read: {reason}", "file_not_found") from None


def _alone(text: str, medium: str, language: str | None) -> dict[str, Any]:
    """Without a home: no guidelines, no limits of a persona, no sources."""
    from regrow.domain.brand import deciding, guard
    from regrow.domain.brand.checks import languages
    from regrow.domain.brand.findings import GuardFacts, Text

    spoken = language or languages.spoken(text) or "en"
    facts = GuardFacts(medium=medium, texts=(Text("body", text),), language=spoken)
    return deciding.by_rules(guard.as_json(guard.merged({"A": guard.judged(facts)})))


def _against_persona(text: str, persona: str, medium: str, language: str | None) -> dict[str, Any]:
    from regrow.services import guarding

    with opened.home() as home:
        actor = opened.acting(home)
        with home.reading(actor.workspace_id) as session:
            loose = guarding.Loose({"body": text}, medium, "", persona, language or "")
            return guarding.check_text(session, actor, loose)


def _show(found: Mapping[str, Any], text: str, file: str) -> None:
    told = "passed" if found["passed"] else "failed"
    for finding in found["findings"]:
        where = _where(text, finding["start"]) if finding["quote"] else "missing"
        output.line(f"{where:>8}  {finding['severity']:<5}  {finding['check']}")
        if finding["quote"]:
            output.line(f"          “{output.text(finding['quote'])}”")
        output.line(f"          {output.text(finding['how'])}")
    count = len(found["findings"])
    output.line(
        f"{output.text(file)} {told}: {found['score']:.2f} by rules, {count or 'no'} finding{'s'[: count != 1]}"
    )


def _where(text: str, start: int) -> str:
    """Line and column as editors count them."""
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"
