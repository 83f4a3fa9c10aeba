"""Topics as people make them: discovered, put together, changed, archived, and refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from regrow.domain.workspaces import Role
from regrow.kit import errors
from regrow.services import notes as note_services
from regrow.services import topics, workspaces
from regrow.store import audit, records
from regrow.store import topics as topic_store
from regrow.store.tables.notes import Note
from regrow.store.tables.topics import Topic
from tests import vaults
from tests.homes import Tenant

FILLER = (
    "The bakers of Larch Street wrote this note down so that whoever works the next morning can go on without asking."
)


def text(name: str, *links: str, tags: str = "", more: str = "") -> str:
    named = " ".join(f"[[{link}]]" for link in links)
    told = f"{name} has its own place in the bakery and its own rules. {more} {FILLER}"
    return f"---\ntitle: {name}\n{tags}\n---\n{told}\n\n{named}\n"


VAULT = {
    "Oven Spring": text("Oven Spring", "Steam", "Scoring", "Secret"),
    "Steam": text("Steam", "Oven Spring", "Scoring"),
    "Scoring": text("Scoring", "Oven Spring"),
    "Secret": text("Secret", "Oven Spring", "Steam", tags="publish: false", more="The heronwing stays hidden."),
    "Leaky": f"Steam needs care. The heronwing is told of in [[Secret]] and [[Steam]]. {FILLER} {FILLER}",
}


def import_vault(tenant: Tenant, folder: Path, vault: dict[str, str] | None = None) -> dict[str, str]:
    """Ids of the imported notes by file name."""
    place = folder / f"vault-{tenant.id}"
    place.mkdir(exist_ok=True)
    for name, body in (VAULT if vault is None else vault).items():
        (place / f"{name}.md").write_text(body, encoding="utf-8")
    tenant.home.import_notes(tenant.id, place)
    with tenant.reading() as session:
        return {path.removesuffix(".md"): id for id, path in session.execute(select(Note.id, Note.path))}


def discover(tenant: Tenant, **asked: Any) -> Topic:
    with tenant.writing() as session:
        return topics.discover(session, tenant.owner, **asked)


def refused(tenant: Tenant, **asked: Any) -> errors.RegrowError:
    """The refusal, once it is known that nothing was saved."""
    with pytest.raises(errors.RegrowError) as caught:
        discover(tenant, **asked)
    with tenant.reading() as session:
        assert not records.page(session, Topic, 10).items
    return caught.value


def test_a_topic_is_discovered_saved_and_audited(alice: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    topic = discover(alice, seed_note_id=found["Oven Spring"], random_seed=5)
    with alice.reading() as session:
        saved = records.get(session, Topic, topic.id)
        written = audit.page(session, 1).items[0]
    assert saved is not None
    assert saved.note_ids[0] == saved.seed_note_id == found["Oven Spring"]
    assert set(saved.note_ids) >= {found["Steam"], found["Scoring"]}
    assert (saved.kind, saved.title, saved.random_seed, saved.version) == ("notes", "Oven Spring", 5, 1)
    assert "Oven Spring has its own place in the bakery and its own rules." in saved.summary
    assert saved.why.startswith("Grown from the note “Oven Spring”. 2 notes linked with it directly:")
    assert (written.action, written.subject_id) == ("topic.discovered", topic.id)


def test_nothing_private_enters_a_topic(alice: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    for random_seed in range(12):
        topic = discover(alice, random_seed=random_seed)
        told = f"{topic.title} {topic.summary} {topic.why}"
        assert found["Secret"] not in topic.note_ids
        assert "Secret" not in told
        assert "heronwing" not in told


def test_the_same_notes_and_random_seed_give_the_same_topic(alice: Tenant, charlie: Tenant, tmp_path: Path) -> None:
    vault = {
        f"N{n}": text(f"Note N{n}", f"N{(n * 7 + 1) % 40}", f"N{(n * 3 + 5) % 40}", f"N{n // 5 * 5}") for n in range(40)
    }
    told = []
    for tenant in (alice, charlie):
        paths = {id: name for name, id in import_vault(tenant, tmp_path, vault).items()}
        made = [discover(tenant, random_seed=number) for number in range(6)]
        told.append([(t.title, t.summary, t.why, [paths[id] for id in t.note_ids]) for t in made])
    assert told[0] == told[1]
    assert len({title for title, *_ in told[0]}) > 1


def test_the_sample_vault_gives_the_same_topics_twice_and_leaks_nothing(alice: Tenant, charlie: Tenant) -> None:
    told = []
    for tenant in (alice, charlie):
        vaults.import_sample(tenant)
        made = [discover(tenant, random_seed=number) for number in range(10)]
        told.append([(topic.title, topic.summary, topic.why) for topic in made])
        assert all(3 <= len(topic.note_ids) <= 12 for topic in made)
    assert told[0] == told[1]
    assert not [word for word in vaults.MARKERS if word in str(told[0]).casefold()]


def test_without_a_random_seed_one_is_drawn_and_kept(alice: Tenant, tmp_path: Path) -> None:
    import_vault(alice, tmp_path)
    first = discover(alice)
    again = discover(alice, random_seed=first.random_seed)
    assert (first.note_ids, first.why) == (again.note_ids, again.why)


def test_a_used_seed_is_drawn_no_more_but_may_be_a_member(alice: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    with alice.writing() as session:
        topic_store.mark_used(session, found["Oven Spring"], "gen_1")
    for random_seed in range(6):
        topic = discover(alice, random_seed=random_seed)
        assert topic.seed_note_id != found["Oven Spring"]
        assert found["Oven Spring"] in topic.note_ids


def test_exhausted_seeds_say_what_to_do(alice: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    with alice.writing() as session:
        for note_id in found.values():
            topic_store.mark_used(session, note_id, "gen_1")
    error = refused(alice)
    assert (error.kind, error.code) == ("conflict", "no_unused_seed")
    assert "import more notes" in error.detail
    assert refused(alice, seed_note_id=found["Steam"]).code == "no_unused_seed"


def test_no_notes_at_all_say_so(alice: Tenant) -> None:
    error = refused(alice)
    assert (error.code, "import notes first" in error.detail) == ("no_unused_seed", True)


def test_a_seed_that_may_not_be_used_is_refused(alice: Tenant, charlie: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    theirs = import_vault(charlie, tmp_path)
    with alice.writing() as session:
        note_services.archive(session, alice.owner, found["Leaky"])
    for note_id in ("not_unknown", theirs["Steam"], found["Secret"], "'; DROP TABLE notes; --", ""):
        assert refused(alice, seed_note_id=note_id).kind == "not_found"
    assert refused(alice, seed_note_id=found["Leaky"]).code == "note_archived"


@pytest.mark.parametrize(
    "asked",
    [
        {"random_seed": -1},
        {"random_seed": 2**31},
        {"max_notes": 0},
        {"max_notes": 51},
        {"min_notes": 9, "max_notes": 3},
    ],
)
def test_what_is_out_of_range_is_refused(alice: Tenant, asked: dict[str, int]) -> None:
    assert refused(alice, **asked).kind == "invalid"


def test_too_small_a_topic_counts_what_was_found(alice: Tenant, tmp_path: Path) -> None:
    vault = {
        "Rye": text("Rye", "Wheat", more="Grain turns sour slowly."),
        "Wheat": text("Wheat", "Rye"),
    }
    import_vault(alice, tmp_path, vault)
    error = refused(alice, random_seed=1)
    assert (error.kind, error.code, error.more) == ("conflict", "topic_too_small", {"found": 2, "needed": 3})
    assert "at most 2 of the 3 notes" in error.detail
    assert discover(alice, random_seed=1, min_notes=2).title in vault


def test_most_notes_is_held(alice: Tenant, tmp_path: Path) -> None:
    vault = {f"N{n}": text(f"Note N{n}", *(f"N{other}" for other in range(9))) for n in range(9)}
    import_vault(alice, tmp_path, vault)
    assert len(discover(alice, random_seed=1, max_notes=4).note_ids) == 4
    with pytest.raises(errors.Invalid, match="min_notes"):
        discover(alice, random_seed=1, max_notes=2)


def test_a_workspace_sets_its_own_sizes(alice: Tenant) -> None:
    vaults.import_sample(alice)
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"topic_min_notes": 2, "topic_max_notes": 3})
    assert len(discover(alice, random_seed=1).note_ids) == 3
    with pytest.raises(errors.Invalid, match="topic_min_notes"), alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {"topic_min_notes": 9})


def test_where_links_are_thin_tags_and_words_widen_the_topic(alice: Tenant, tmp_path: Path) -> None:
    vault = {
        "Rye": text("Rye", tags="tags: [grain]", more="Rye flour ferments fast and drinks much water."),
        "Spelt": text("Spelt", tags="tags: [grain]"),
        "Sour": f"Rye flour drinks water: a rye sour ferments fast, and much flour means much water for rye. {FILLER}",
        "Taxes": "Quarterly returns are filed with the revenue office before the tenth working day of each period.",
    }
    found = import_vault(alice, tmp_path, vault)
    topic = discover(alice, seed_note_id=found["Rye"])
    assert set(topic.note_ids) == {found["Rye"], found["Spelt"], found["Sour"]}
    assert "with the same tags (grain): Spelt" in topic.why
    assert "with similar words" in topic.why


def test_a_seed_that_reaches_the_minimum_is_preferred(alice: Tenant, tmp_path: Path) -> None:
    lonely = {f"Lonely{n}": f"Entry {n} of quite another kind {'xyzzy' * n}. " + f"word{n} " * 40 for n in range(12)}
    found = import_vault(alice, tmp_path, VAULT | lonely)
    linked = {found[name] for name in ("Oven Spring", "Steam", "Scoring", "Leaky")}
    for random_seed in range(8):
        assert set(discover(alice, random_seed=random_seed).note_ids) <= linked


def test_a_viewer_may_not_make_topics(alice: Tenant) -> None:
    viewer = alice.actor(Role.VIEWER)
    with alice.writing() as session:
        for write in (
            lambda: topics.discover(session, viewer),
            lambda: topics.create(session, viewer, ["not_a"]),
            lambda: topics.change(session, viewer, "top_a", None, {}),
        ):
            with pytest.raises(errors.Forbidden):
                write()


def test_a_topic_by_hand_reads_its_notes(alice: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    with alice.writing() as session:
        topic = topics.create(session, alice.owner, [found["Steam"], found["Scoring"], found["Steam"]])
        named = topics.create(session, alice.owner, [found["Steam"]], " A title ", "A summary.")
    assert topic.note_ids == [found["Steam"], found["Scoring"]]
    assert (topic.title, topic.seed_note_id, topic.why) == ("Steam", None, "Put together by hand from 2 notes.")
    assert "Steam has its own place" in topic.summary
    assert (named.title, named.summary) == ("A title", "A summary.")


def test_a_topic_by_hand_of_unusable_notes_is_refused(alice: Tenant, charlie: Tenant, tmp_path: Path) -> None:
    found = import_vault(alice, tmp_path)
    with charlie.writing() as session:
        for note_ids, kind in (
            ([found["Steam"]], "not_found"),
            ([], "invalid"),
            ([f"n{n}" for n in range(51)], "invalid"),
        ):
            with pytest.raises(errors.RegrowError) as caught:
                topics.create(session, charlie.owner, note_ids)
            assert caught.value.kind == kind
    with alice.writing() as session, pytest.raises(errors.NotFound):
        topics.create(session, alice.owner, [found["Steam"], found["Secret"]])


def test_change_and_archive(alice: Tenant, charlie: Tenant, tmp_path: Path) -> None:
    import_vault(alice, tmp_path)
    topic = discover(alice)
    with alice.writing() as session:
        changed = topics.change(session, alice.owner, topic.id, 1, {"title": "Crust", "summary": "On crust."})
        assert (changed.title, changed.summary, changed.version) == ("Crust", "On crust.", 2)
        with pytest.raises(errors.Stale):
            topics.change(session, alice.owner, topic.id, 1, {"title": "Other"})
        for values in ({"title": " "}, {"title": "x" * 501}, {"summary": "a\x00b"}, {"note_ids": []}, {"title": 3}):
            with pytest.raises(errors.Invalid):
                topics.change(session, alice.owner, topic.id, None, values)
        topics.archive(session, alice.owner, topic.id)
        with pytest.raises(errors.Conflict):
            topics.change(session, alice.owner, topic.id, None, {"title": "Late"})
    with charlie.writing() as session, pytest.raises(errors.NotFound):
        topics.archive(session, charlie.owner, topic.id)
