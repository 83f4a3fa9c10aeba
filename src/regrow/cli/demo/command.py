"""The demo itself: notes in, a topic, drafts, files and a report; offline, without a key."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regrow.cli import given, notes, opened, options, output, working
from regrow.kit import errors

if TYPE_CHECKING:
    from regrow.cli.demo.acts import Part, Stage
    from regrow.cli.demo.story import Played, Story
    from regrow.settings import Settings
    from regrow.store.tables.content import Generation
    from regrow.wiring import Home

HOME = Path(".demo")
NAME = "demo"
MOST_TOPICS = 12
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "notes"


def demo(
    folder: Annotated[
        Path | None, typer.Option("--notes", help="A folder of your own Markdown notes; the bundled ones by default.")
    ] = None,
    random_seed: Annotated[
        int,
        typer.Option("--random-seed", min=0, max=given.MOST, help="The same number finds the same topic and readers."),
    ] = 1,
    is_null: Annotated[
        bool, typer.Option("--null", help="Simulated readers like A and B equally well, instead of B better.")
    ] = False,
) -> None:
    """Turn notes into drafts, a read article and a report, offline.

    The main job end to end: notes become a topic, the topic becomes drafts for your review. It plays a first review as
    well: one post is approved, one rejected and written again, and the report shows what changed. Then it publishes
    both variants of the article on the built-in site, begins an experiment on them and sends simulated readers and bots
    there, on this machine alone, until it is decided which variant is worse or no more come; and shows what was counted
    and decided beside what is true. What lost is written again through every gate, approved in a person's place and put
    where the old text stood; where nothing lost, it shows why nothing may be. Works without a network and without a
    key, in a home of its own (./.demo unless --home says otherwise). Running it again makes another workspace there and
    changes nothing in the earlier ones.

    Example: regrow demo --notes ~/vault --random-seed 3
    """
    from regrow.cli.demo import acts, files, programme, rounds, story

    rates = rounds.NULL if is_null else rounds.RATES
    began = time.monotonic()
    with opened.private(), _home() as home:
        played, stage = _played(home, folder or SAMPLES, random_seed, rates)
        told = story.collected(home, played, time.monotonic() - began)
        parts = acts.collected(stage, told, programme.ACTS)
        written = files.write(home.settings.home / _room(played.slug), told, parts)
        found = _summary(told, stage, parts, written, time.monotonic() - began)
    output.give(found, lambda: _show(found, parts))


@contextmanager
def _home() -> Iterator[Home]:
    from regrow import wiring

    chosen = options.current()
    options.keep(replace(chosen, home=chosen.home or HOME))
    home = wiring.create_home(_settings())
    with working.closing(home):
        yield home


def _settings() -> Settings:
    from pydantic import SecretStr

    loaded = opened.settings()
    if loaded.models:
        output.say("REGROW_MODELS is set; the demo does without it and writes offline.")
    if loaded.database_url.get_secret_value():
        output.say(f"REGROW_DATABASE_URL is set; the demo keeps to a database of its own in {loaded.home}.")
    # Limits are for strangers: a few hundred readers of our own are to be counted, whatever is set.
    kept = {name: type(loaded).model_fields[name].default for name in ("beacons_per_minute", "visitors_per_hour")}
    return loaded.model_copy(update={"models": "", "database_url": SecretStr(""), **kept})


def _played(home: Home, folder: Path, random_seed: int, rates: Mapping[str, float]) -> tuple[Played, Stage]:
    from regrow.cli.demo import acts, programme
    from regrow.cli.demo.story import Played

    workspace_id, slug = _workspace(home)
    try:
        imported = notes.taken(home, workspace_id, folder)
        made, tried = _written(home, workspace_id, random_seed)
        stage = acts.Stage(home, workspace_id, made.id, random_seed, rates)
        acts.play(stage, programme.ACTS)
    except errors.RegrowError:
        _leave(home, workspace_id)
        raise
    return Played(workspace_id, slug, imported, made.topic_id, made.id, tried), stage


def _written(home: Home, workspace_id: str, random_seed: int) -> tuple[Generation, int]:
    """A generation, and how many topics were tried for it: the notes around a seed may be lists and hardly any text."""
    from regrow.services import generations, topics

    actor = home.operator(workspace_id)
    for tried in range(1, MOST_TOPICS + 1):
        seed = (random_seed + tried - 1) % (given.MOST + 1)
        with home.writing(workspace_id) as session:
            topic = topics.discover(session, actor, None, seed)
        with home.writing(workspace_id) as session:
            run = generations.ask(session, actor, topic.id)
        try:
            return working.generated(home, run), tried
        except errors.Conflict as error:
            if error.code != "not_enough_source" or tried == MOST_TOPICS:
                raise
            output.say(f"Too little text around “{output.text(topic.title)}”: trying another topic.")
    raise errors.Bug("the loop above returns or raises")


def _workspace(home: Home) -> tuple[str, str]:
    """A fresh workspace, the next free one of demo-1, demo-2, ..."""
    number = 1
    while True:
        try:
            founded = home.found(f"{NAME}-{number}")
        except errors.Conflict:
            number += 1
        else:
            return founded.workspace_id, f"{NAME}-{number}"


def _leave(home: Home, workspace_id: str) -> None:
    """A demo that came to nothing leaves no workspace in the way."""
    from regrow.services import workspaces

    with home.writing(workspace_id) as session:
        workspaces.archive(session, home.operator(workspace_id), workspace_id)


def _room(slug: str) -> str:
    return NAME if slug == f"{NAME}-1" else slug


def _summary(told: Story, stage: Stage, parts: list[Part], written: list[Path], seconds: float) -> dict[str, Any]:
    from regrow.cli.demo import programme

    acted = {part.act.key: part.act.as_json(stage, part.told) for part in parts}
    return {
        "notes": told.counts.notes,
        "private": told.counts.private,
        "links": told.counts.links,
        "skipped": told.counts.skipped,
        "topics": told.topics,
        "generations": 1,
        "pieces": len(told.pieces),
        "variants": sum(len(piece.variants) for piece in told.pieces),
        "credits": told.ledger.charged,
        "model_calls": len(told.usage),
        "topic": {"id": told.topic.id, "title": told.topic.title},
        "generation_id": told.generation_id,
        **{act.key: acted.get(act.key) for act in programme.ACTS},
        "workspace_id": told.workspace_id,
        "workspace": told.slug,
        "home": str(told.home),
        "report": str(written[0]),
        "files": [str(path) for path in written],
        "seconds": round(seconds, 2),
    }


def _show(found: dict[str, Any], parts: list[Part]) -> None:
    output.line()
    output.fields(
        {
            "notes imported": f"{found['notes']}, of them {found['private']} private and kept out",
            "files skipped": found["skipped"],
            "topic": found["topic"]["title"],
            "drafts": f"{found['pieces']} pieces, {found['variants']} variants, for your review",
            "written by": "the offline writer: what it states stands word for word in the notes",
            "took": f"{found['seconds']:.1f} s, no network, no key",
        }
    )
    for part in parts:
        part.act.show(part.told)
    shown = [os.path.relpath(path) for path in found["files"]]
    output.line(f"\nOpen  {shown[0]}")
    output.line(f"and   {os.path.dirname(shown[1])}{os.sep} with {len(shown) - 1} drafts as Markdown")
    _show_next(found)


def _show_next(found: dict[str, Any]) -> None:
    from regrow.cli.demo import story

    where = story.command(Path(found["home"]), found["workspace"])
    newest = found["second_try"]["regenerated"] if found["second_try"] else "PIECE_ID"
    output.line("\nWhat you can do next:")
    output.line(f"  {where} review")
    output.line(f"  {where} pieces list")
    output.line(f"  {where} approve PIECE_ID")
    output.line(f"  {where} diff {newest}")
    output.line(f"  {where} regenerate piece PIECE_ID")
    if found["experiment"]:
        output.line(f"  {where} experiments show {found['experiment']['id']}     or replay: every decision again")
    if found["regeneration"] and found["regeneration"]["event_id"]:
        output.line(f"  {where} regenerations show {found['regeneration']['event_id']}     or replay: every gate again")
    if found["site"]:
        output.line(f"  {found['site']['serve']}   then open {found['site']['address']}")
    output.line("  regrow demo --notes YOUR_FOLDER       the same with your own notes")
    output.line("  regrow init                           a home to keep, then: regrow import notes YOUR_FOLDER")
