"""The files a demo leaves: one Markdown file per draft, and the report."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import regrow
from regrow.cli.demo import counted, descent, lifts, markdown, picture, review
from regrow.cli.demo import story as stories
from regrow.cli.demo.acts import Part
from regrow.cli.demo.story import PieceTold, Story, VariantTold
from regrow.kit import errors

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"

STYLES = ("report.css.j2", "report_site.css.j2", "report_experiment.css.j2", "report_regeneration.css.j2")


def write(folder: Path, story: Story, parts: Sequence[Part] = ()) -> list[Path]:
    """Writes everything below `folder` and gives back the files, the report first."""
    drafts = folder / "drafts"
    texts = {folder / "report.html": report(story, parts)}
    for piece in (*story.pieces, *story.rewritten):
        for variant in piece.variants:
            texts[drafts / _name(piece, variant)] = draft(piece, variant, story.topic.title)
    try:
        drafts.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise errors.Unavailable(f"the files cannot be written to {folder}: {reason}", "not_writable") from None
    return [path.absolute() for path in texts]


def draft(piece: PieceTold, variant: VariantTold, topic: str) -> str:
    """A draft as Markdown with front matter."""
    about = {
        "title": variant.title or f"{piece.platform} post",
        "preheader": variant.preheader or None,
        "cta": variant.cta or None,
        "medium": piece.medium,
        "platform": piece.platform or None,
        "variant": variant.label,
        "status": piece.status,
        "origin": piece.origin,
        "sources": [ref.title for ref in variant.sources],
        "topic": topic,
        "piece": piece.id,
    }
    # JSON is YAML as well, and quotes whatever a title may hold.
    head = "\n".join(f"{name}: {_quoted(value)}" for name, value in about.items() if value is not None)
    title = f"# {variant.title}\n\n" if variant.title else ""
    tags = "\n\n" + " ".join(f"#{tag}" for tag in variant.hashtags) if variant.hashtags else ""
    call = f"\n\n**{variant.cta}**" if variant.cta else ""
    return f"---\n{head}\n---\n\n{title}{variant.body.strip()}{call}{tags}\n"


def report(story: Story, parts: Sequence[Part] = ()) -> str:
    """The report as one HTML page that asks nothing of any other place."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    spots = {ref.id: markdown.Place(ref.title, f"note-{ref.number}") for ref in story.topic.notes}
    places = {**spots, **{spot.title: spot for spot in spots.values()}}
    centre = next((ref.number for ref in story.topic.notes if ref.is_seed), 1)
    return environment.get_template("report.html.j2").render(
        story=story,
        parts=parts,
        told={part.act.key: part.told for part in parts},
        chart=counted,
        lifts=lifts,
        descent=descent,
        serving=counted.serving(story.home),
        command=stories.command(story.home, story.slug),
        moment=review.moment,
        side=review.side,
        version=regrow.__version__,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        points=picture.placed(len(story.topic.notes), story.topic.edges, centre),
        width=picture.WIDTH,
        height=picture.HEIGHT,
        rendered=lambda variant, prefix: markdown.html(variant.body, prefix, places),
    )


def _name(piece: PieceTold, variant: VariantTold) -> str:
    version = f"v{variant.version}" if variant.version > stories.FIRST else ""
    parts = (piece.medium, str(piece.sequence), piece.platform, variant.label.lower(), version)
    return "-".join(part for part in parts if part.isalnum()) + ".md"


def _quoted(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps([" ".join(str(each).split()) for each in value], ensure_ascii=False)
    return json.dumps(" ".join(str(value).split()), ensure_ascii=False)
