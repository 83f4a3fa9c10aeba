"""What may be asked for, which state follows which, and what a run costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import content, contexts, credits, functions
from regrow.domain.workspaces import Actor, Role, checked_settings, setting
from regrow.domain.writing import (
    BlogDraft,
    BlogVariant,
    EmailDraft,
    EmailVariant,
    SocialDraft,
    SocialPost,
    SocialVariant,
)
from regrow.kit import errors

STATUSES = ("draft", "approved", "rejected", "published", "superseded")


def test_a_request_is_plain_json_and_comes_back_the_same() -> None:
    asked = content.requested("top_1", "per_1", None, ["social", "blog", "blog"], 2, 7, "shorter")
    assert asked.media == ("social", "blog")
    assert len(asked.platforms) == 7
    assert content.from_json(content.as_json(asked)) == asked


@pytest.mark.parametrize(
    ("media", "variants", "posts", "names"),
    [
        (["telegram"], 2, 5, "telegram"),
        ([], 2, 5, "media"),
        (["blog"], 0, 5, "variants"),
        (["blog"], 5, 5, "variants"),
        (["blog"], 2, 0, "social_count"),
        (["blog"], 2, 11, "social_count"),
    ],
)
def test_what_is_off_is_named(media: list[str], variants: int, posts: int, names: str) -> None:
    with pytest.raises(errors.Invalid, match=names):
        content.requested("top_1", "per_1", None, media, variants, posts)


def test_everything_off_is_named_at_once() -> None:
    with pytest.raises(errors.Invalid) as caught:
        content.requested("top_1", "per_1", None, ["fax"], 9, 99)
    assert all(word in caught.value.detail for word in ("fax", "variants", "social_count"))


@given(st.lists(st.sampled_from(STATUSES), max_size=8))
def test_a_generation_is_what_all_its_current_pieces_are(statuses: list[str]) -> None:
    status = content.generation_status(statuses)
    current = [each for each in statuses if each != "superseded"]
    assert (status == "published") == (bool(current) and set(current) == {"published"})
    if status == "approved":
        assert set(current) <= {"approved", "published"}
        assert "approved" in current
    if status == "rejected":
        assert set(current) == {"rejected"}


@pytest.mark.parametrize("status", ["superseded", "published"])
def test_what_is_replaced_or_published_is_not_decided_again(status: str) -> None:
    with pytest.raises(errors.Conflict):
        content.refuse_decision(status, "approved")


def test_drafts_become_pieces() -> None:
    blog = BlogDraft((BlogVariant("A", "how", "Tea", "Body", ("not_1",)), BlogVariant("B", "why", "Tee", "Text", ())))
    (piece,) = content.pieces_of(blog)
    assert (piece.medium, piece.sequence, [v.label for v in piece.variants]) == ("blog", 1, ["A", "B"])
    assert piece.variants[0].content == {"title": "Tea", "body": "Body", "angle": "how"}
    posts = tuple(SocialPost(name, (SocialVariant("A", "Hi", ("tea",), ()),)) for name in ("x", "linkedin"))  # type: ignore[arg-type]
    made = content.pieces_of(SocialDraft(posts))
    assert [(each.sequence, each.meta["platform"]) for each in made] == [(1, "x"), (2, "linkedin")]
    assert made[0].variants[0].content["hashtags"] == ["tea"]


def test_an_email_becomes_one_piece_that_is_called_by_its_subject() -> None:
    first = EmailVariant("A", "Tea", "What is in the pot", "Body", "Drink it", ("not_1",))
    second = EmailVariant("B", "Tee", "Was in der Kanne ist", "Text", "Trink ihn", ("not_2",))
    (piece,) = content.pieces_of(EmailDraft((first, second)), "de")
    assert (piece.medium, piece.sequence, piece.meta) == ("email", 1, {"language": "de"})
    held = piece.variants[0].content
    assert held == {"subject": "Tea", "preheader": "What is in the pot", "body": "Body", "cta": "Drink it"}
    assert [each.source_note_ids for each in piece.variants] == [("not_1",), ("not_2",)]
    named = [
        content.title_of(each) for each in (held, {"title": "T", "subject": "S"}, {"body": "Post"}, {"title": None})
    ]
    assert named == ["Tea", "T", "", ""]


def test_an_email_is_asked_for_and_makes_no_posts() -> None:
    asked = content.requested("top_1", "per_1", None, ["email"], 2, 5)
    assert (asked.media, asked.platforms) == (("email",), ())
    assert functions.WRITE_EMAIL.price(250, 2, 0) == 1
    assert functions.BY_MEDIUM["email"].parse is functions.BY_NAME["write_email"].parse


@given(st.integers(0, 10_000_000))
def test_credits_are_words_by_five_hundreds_rounded_up(words: int) -> None:
    price = credits.for_words(words)
    assert price >= 1
    assert price * 500 >= words
    assert words <= 0 or (price - 1) * 500 < max(words, 1)


def test_prices_of_the_functions() -> None:
    assert functions.WRITE_BLOG.price(800, 2, 0) == 4
    assert functions.WRITE_SOCIAL.price(60, 2, 5) == 2


@given(st.sampled_from(list(functions.PHASES)), st.integers(0, 9), st.integers(1, 9))
def test_percents_stay_within_their_phase(phase: str, done: int, of: int) -> None:
    low, high = functions.PHASES[phase]
    assert low <= functions.percent(phase, min(done, of), of) <= high


def test_complexity_grows_with_calls_and_notes() -> None:
    ranks = list(contexts.Complexity)
    weights = [contexts.complexity_of(calls, notes) for calls, notes in ((1, 1), (2, 5), (2, 20), (9, 40))]
    assert [ranks.index(weight) for weight in weights] == [0, 1, 2, 3]


@given(st.sampled_from(list(Role)), st.sampled_from(list(Role)))
def test_a_role_may_do_what_lower_ones_may(held: Role, needed: Role) -> None:
    actor = Actor("ws_1", "key_1", held)
    order = list(Role)
    if order.index(held) >= order.index(needed):
        actor.must(needed)
    else:
        with pytest.raises(errors.Forbidden) as caught:
            actor.must(needed)
        assert caught.value.code == "role_too_low"


def test_workspace_settings_have_defaults_and_ranges() -> None:
    assert setting({}, "topic_min_notes") == 3
    assert setting(checked_settings({"topic_min_notes": 5}), "topic_min_notes") == 5
    with pytest.raises(errors.Invalid):
        checked_settings({"topic_min_notes": True})
