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
    from regrow.cli.demo.counted import Audience, Published
    from regrow.cli.demo.review import Review
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
        int, typer.Option("--random-seed", min=0, max=given.MOST, help="The same number finds the same topic.")
    ] = 1,
    is_null: Annotated[
        bool, typer.Option("--null", help="Simulated readers like A and B equally well, instead of B better.")
    ] = False,
) -> None:
    """Turn notes into drafts, a read article and a report, offline.

    The main job end to end: notes become a topic, the topic becomes drafts for your review. It plays a first review as
    well: one post is approved, one rejected and written again, and the report shows what changed. Then it publishes
    both variants of the article on the built-in site and sends simulated readers and bots there, on this machine alone,
    and shows what was counted beside what they really did. Works without a network and without a key, in a home of
    its own (./.demo unless --home says otherwise). Running it again makes another workspace there and changes nothing
    in the earlier ones.

    Example: regrow demo --notes ~/vault --random-seed 3
    """
    from regrow.cli.demo import files, published, review, story

    rates = published.NULL if is_null else published.RATES
    began = time.monotonic()
    with opened.private(), _home() as home:
        played = _played(home, folder or SAMPLES, random_seed, rates)
        told = story.collected(home, played, time.monotonic() - began)
        reviewed = review.collected(home, played, told.topic.notes)
        written = files.write(home.settings.home / _room(played.slug), told, reviewed, played.published)
        found = _summary(told, played, reviewed, written, time.monotonic() - began)
    output.give(found, lambda: _show(found, reviewed, played.published))


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


def _played(home: Home, folder: Path, random_seed: int, rates: Mapping[str, float]) -> Played:
    from regrow.cli.demo import published, second_try
    from regrow.cli.demo.story import Played

    workspace_id, slug = _workspace(home)
    try:
        imported = notes.taken(home, workspace_id, folder)
        made, tried = _written(home, workspace_id, random_seed)
        reviewed = second_try.play(home, workspace_id, made.id)
        standing = published.play(home, workspace_id, made.id, rates, random_seed)
    except errors.RegrowError:
        _leave(home, workspace_id)
        raise
    return Played(workspace_id, slug, imported, made.topic_id, made.id, tried, reviewed, standing)


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


def _summary(
    told: Story, played: Played, reviewed: Review | None, written: list[Path], seconds: float
) -> dict[str, Any]:
    from regrow.cli.demo import counted, review

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
        "second_try": review.as_json(reviewed),
        "site": counted.as_json(played.published, told.home),
        "workspace_id": told.workspace_id,
        "workspace": told.slug,
        "home": str(told.home),
        "report": str(written[0]),
        "files": [str(path) for path in written],
        "seconds": round(seconds, 2),
    }


def _show(found: dict[str, Any], reviewed: Review | None, standing: Published | None) -> None:
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
    if reviewed is not None:
        _show_review(reviewed)
    if standing is not None:
        _show_site(standing)
    shown = [os.path.relpath(path) for path in found["files"]]
    output.line(f"\nOpen  {shown[0]}")
    output.line(f"and   {os.path.dirname(shown[1])}{os.sep} with {len(shown) - 1} drafts as Markdown")
    _show_next(found)


def _show_review(reviewed: Review) -> None:
    output.line("\nA first review, played by the demo:")
    told = {
        "approved": f"{reviewed.approved.id} ({reviewed.approved.platform_name} post)",
        "rejected": f"{reviewed.rejected.id} ({reviewed.rejected.platform_name} post): “{reviewed.reason}”",
    }
    if (second := reviewed.second) is None:
        told["second try"] = "none: the notes around this topic hold no other text for it"
    else:
        compared = second.compared
        changed = f"{compared.words_added} words more and {compared.words_removed} fewer"
        told["asked for"] = f"another try, “{second.instructions}”"
        told["second try"] = f"{second.piece.id}, {compared.similarity:.0%} alike: {changed}"
    output.fields(told)


def _show_site(standing: Published) -> None:
    from regrow.cli.demo.simulated_readers import LYING

    output.line("\nThe article on the built-in site, read by simulated readers (nobody real):")
    told = {"published": f"“{standing.title}”, A and B"}
    if (audience := standing.audience) is None:
        output.fields({**told, "readers": f"none: {standing.trouble}"})
        return
    for label, counts in audience.counts.items():
        rate = f"{counts.share:.1%}; the true rate is {audience.rates[label]:.0%}"
        told[f"variant {label}"] = f"shown to {counts.shown}, of whom {counts.read_on} read on: {rate}"
    for heading, is_signal in (("not counted", False), ("signals refused", True)):
        some = [f"{words} {count}" for name, words, _, count in audience.reasons if (name in LYING) == is_signal]
        told[heading] = ", ".join(some)
    told["against truth"] = _verdict(audience)
    output.fields(told)


def _verdict(audience: Audience) -> str:
    if audience.is_equal:
        return "equal: every count and every reason is what the simulated readers and bots really did"
    return "differs: " + "; ".join(audience.differences)


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
    if found["site"]:
        output.line(f"  {found['site']['serve']}   then open {found['site']['address']}")
    output.line("  regrow demo --notes YOUR_FOLDER       the same with your own notes")
    output.line("  regrow init                           a home to keep, then: regrow import notes YOUR_FOLDER")
