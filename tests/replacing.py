"""Articles that are out with a running experiment, and new drafts beside them as circuits and triggers leave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from regrow.domain.publishing.channel import Outcome
from regrow.kit import clock, ids
from regrow.services import experiment_decisions, experiments, replacing, sending, site_pages
from regrow.services.experiment_decisions import Elsewhere
from regrow.services.replacing import Decided, Said
from regrow.services.site_pages import Page
from regrow.store import content as content_store
from regrow.store import experiments as experiment_store
from regrow.store.tables.content import Piece, PieceVersion, Variant
from regrow.store.tables.posts import Post
from regrow.web import words
from tests import published
from tests.homes import Tenant
from tests.published import Press

SLUG = "loaf"
NEW = "Knead the dough a second time, and let it rest where it is warm."
GRACE = timedelta(minutes=15)


@dataclass
class Stage:
    """An article at `/loaf` with its variants by label, and its experiment when one was begun."""

    tenant: Tenant
    press: Press
    piece_id: str
    variants: dict[str, str]
    slug: str = SLUG
    experiment_id: str = ""

    def begin(self, **asked: Any) -> str:
        """An experiment on the site."""
        with self.tenant.writing() as session:
            asked = {"piece_id": self.piece_id, "metric": "click_rate", "minimum_hours": 0, **asked}
            self.experiment_id = experiments.create(session, self.tenant.owner, asked).id
        return self.experiment_id

    def decide(self, label: str, decision: str) -> None:
        """A decision from elsewhere, which is acted upon."""
        delta = -0.2 if decision == "terminate" else 0.2
        told = Elsewhere(self.variants[label], decision, 0.97, delta, "randomised", "fewer readers clicked", "acme")
        with self.tenant.writing() as session:
            experiment_decisions.decide_elsewhere(session, self.tenant.owner, self.experiment_id, told)

    def draft(self, label: str, how: str = "circuit", **more: Any) -> str:
        return draft(self.tenant, self.piece_id, label, how, **more)

    def approve(self, variant_id: str, *said: Any, **more: Any) -> Decided:
        tenant = self.tenant
        with tenant.writing() as session:
            return replacing.approve_variant(
                session, tenant.owner, tenant.home.outside, variant_id, Said(*said, **more)
            )

    def reject(self, variant_id: str, *said: Any) -> Decided:
        with self.tenant.writing() as session:
            return replacing.reject_variant(session, self.tenant.owner, variant_id, Said(*said))

    def approve_piece(self, *said: Any) -> Decided:
        tenant = self.tenant
        with tenant.writing() as session:
            return replacing.approve(session, tenant.owner, tenant.home.outside, self.piece_id, Said(*said))

    def reject_piece(self, *said: Any) -> Decided:
        with self.tenant.writing() as session:
            return replacing.reject(session, self.tenant.owner, self.piece_id, Said(*said))

    def send(self, *posts: Post) -> None:
        """What a run does with posts that are due."""
        for post in posts:
            with self.tenant.writing() as session:
                errand = sending.claim(session, self.tenant.home.outside, post.id, post.round, GRACE)
            assert errand.channel is not None, errand
            assert errand.outgoing is not None
            outcome = errand.channel.post(errand.outgoing)
            assert outcome.kind == "published"
            with self.tenant.writing() as session:
                sending.answered(session, post.id, errand.attempt, Outcome("published", outcome.outside_id))

    def piece(self) -> Piece:
        with self.tenant.reading() as session:
            return session.get_one(Piece, self.piece_id)

    def statuses(self) -> dict[str, str]:
        """Of every text, by its label and version."""
        with self.tenant.reading() as session:
            rows = content_store.variants_of(session, [self.piece_id])
            return {f"{row.label}{row.version}": row.status for row in rows}

    def posts(self) -> list[Post]:
        with self.tenant.reading() as session:
            return list(session.scalars(select(Post).where(Post.piece_id == self.piece_id).order_by(Post.id)))

    def shares(self) -> dict[str, float]:
        with self.tenant.reading() as session:
            return experiment_store.on_site(session, self.piece_id)

    def page(self) -> Page | None:
        with self.tenant.reading() as session:
            front = site_pages.front(session)
            assert front is not None
            return site_pages.page(session, front, self.slug, words.ENGLISH.footnotes)

    def shown(self) -> list[str]:
        """Ids of the variants that the page has, in the order of labels."""
        page = self.page()
        return [face.variant_id for face in page.faces] if page is not None else []

    def arms(self) -> dict[str, str]:
        """The outcome of each arm, by variant."""
        with self.tenant.reading() as session:
            found = experiment_store.arms(session, [self.experiment_id])[self.experiment_id]
            return {arm.variant_id: arm.outcome for arm in found}


def stage(tenant: Tenant, labels: str = "AB", slug: str = SLUG) -> Stage:
    press = published.press(tenant)
    contents = [{"title": f"Loaf {label}", "body": f"Bread of {label} is good."} for label in labels]
    piece_id = press.variants(slug, contents)
    with tenant.writing() as session:
        rows = content_store.variants_of(session, [piece_id])
        first = {"how": "written", "by": "key_owner", "origin": "model", "provenance": {}, "at": clock.now()}
        session.add(PieceVersion(piece_id=piece_id, version=1, **first))
        return Stage(tenant, press, piece_id, {row.label: row.id for row in rows}, slug)


def lost(tenant: Tenant, label: str = "B", labels: str = "AB", slug: str = SLUG) -> Stage:
    """A stage whose experiment on the site goes on without this label."""
    made = stage(tenant, labels, slug)
    made.begin()
    made.decide(label, "terminate")
    return made


def set_back(tenant: Tenant, labels: str = "AB", slug: str = SLUG) -> Stage:
    """A stage whose piece is a draft again because of a trigger, with a new draft for each label."""
    made = stage(tenant, labels, slug)
    for label in labels:
        made.draft(label, "trigger")
    becomes(tenant, made.piece_id, "draft")
    return made


def becomes(tenant: Tenant, piece_id: str, status: str) -> None:
    with tenant.writing() as session:
        session.get_one(Piece, piece_id).status = status


def draft(
    tenant: Tenant, piece_id: str, label: str, how: str = "circuit", body: str = NEW, why: str = "", same: bool = False
) -> str:
    """A new draft of a label beside what is out, with its version; `same` puts it into the newest version."""
    now, id = clock.now(), ids.new("var")
    with tenant.writing() as session:
        piece = session.get_one(Piece, piece_id)
        rows = [row for row in content_store.variants_of(session, [piece_id]) if row.label == label]
        parent = [*rows[-1:], *(row for row in rows if row.status != "superseded")][-1]
        provenance = {"function": "regenerate_variant", "why": why}
        if not same:
            piece.version += 1
            session.add(
                PieceVersion(
                    piece_id=piece_id,
                    version=piece.version,
                    how=how,
                    by="key_owner",
                    origin="model",
                    provenance=provenance,
                    at=now,
                )
            )
        session.add(
            Variant(
                id=id,
                piece_id=piece_id,
                label=label,
                version=piece.version,
                status="draft",
                by="model",
                content={"title": f"Loaf {label}, again", "body": body},
                parent_variant_id=parent.id,
                created_at=now,
            )
        )
    return id
