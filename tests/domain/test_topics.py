"""The rules of topic discovery: the walk, the widening, and what a topic says of itself."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import topics
from regrow.domain.topics import Cluster, Limits, Member, Neighbourhood, NoteFacts, telling, walking
from regrow.domain.writing import Source
from regrow.kit import errors

Pairs = dict[tuple[str, str], float]


def note(name: str, links: int = 0, tags: str = "", path: str = "") -> NoteFacts:
    return NoteFacts(f"not_{name}", name, name, path or f"{name}.md", frozenset(tags.split()), links)


def around(seed: str, pairs: Pairs, more_links: dict[str, int] | None = None) -> Neighbourhood:
    """A neighbourhood in which each note has the links given and, where said, others that lead elsewhere."""
    names = sorted({name for pair in pairs for name in pair} | {seed})
    counts = {name: sum(name in pair for pair in pairs) + (more_links or {}).get(name, 0) for name in names}
    weights = {(f"not_{a}", f"not_{b}"): weight for (a, b), weight in pairs.items()}
    notes = {name: note(name, counts[name]) for name in names}
    return Neighbourhood(notes[seed], tuple(notes[name] for name in names if name != seed), weights)


def titles(cluster: Cluster) -> list[str]:
    return [found.title for found in cluster.notes]


def planted(dice: random.Random, groups: int = 5, size: int = 8) -> Pairs:
    """Groups in which every second pair is linked, one link in eight leads out, and an index links to everything."""
    names = [[f"g{g}n{n}" for n in range(size)] for g in range(groups)]
    pairs: Pairs = {("index", name): 1.0 for group in names for name in group}
    for group in names:
        for position, name in enumerate(group):
            pairs[name, group[(position + 1) % size]] = 1.0
            for other in group[position + 2 :]:
                if dice.random() < 0.5:
                    pairs[name, other] = 1.0
            if dice.random() < 0.5:
                pairs[name, dice.choice(dice.choice(names))] = 1.0
    return {pair: weight for pair, weight in pairs.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("chance", range(20))
def test_a_planted_group_is_found_and_the_index_is_not(chance: int) -> None:
    pairs = planted(random.Random(chance))
    found = titles(topics.walk(around("g2n3", pairs), Limits(3, 8)))
    own = [name for name in found if name.startswith("g2")]
    assert len(found) == 8
    assert len(own) >= 7
    assert "index" not in found


def test_an_index_page_as_seed_still_makes_a_topic() -> None:
    found = topics.walk(around("index", planted(random.Random(3))), Limits(3, 8))
    assert len(found.notes) == 8
    assert found.stopped == "full"


def test_mutual_links_and_embeds_come_first() -> None:
    pairs = {("seed", "once"): 1.0, ("seed", "both"): 1.0, ("both", "seed"): 1.0, ("seed", "embedded"): 3.0}
    more = {"once": 5, "both": 4, "embedded": 5}
    assert titles(topics.walk(around("seed", pairs, more), Limits(3, 4))) == ["seed", "embedded", "both", "once"]


def test_shared_tags_decide_between_equals() -> None:
    near = around("seed", {("seed", "a"): 1.0, ("seed", "b"): 1.0})
    tagged = tuple(replace(one, tags=frozenset({"bread"})) if one.title == "b" else one for one in near.notes)
    near = replace(near, seed=replace(near.seed, tags=frozenset({"bread"})), notes=tagged)
    assert titles(topics.walk(near, Limits(2, 2))) == ["seed", "b"]


def test_a_page_linked_to_everything_never_enters() -> None:
    near = around("seed", {("index", "seed"): 1.0, ("seed", "near"): 1.0}, {"index": 40_000})
    cluster = topics.walk(near, Limits(3, 12))
    assert titles(cluster) == ["seed", "near"]
    assert cluster.stopped == "loose"


def test_after_the_minimum_only_coherent_notes_enter() -> None:
    pairs = {("seed", "a"): 1.0, ("seed", "b"): 1.0, ("a", "b"): 1.0, ("seed", "busy"): 1.0}
    cluster = topics.walk(around("seed", pairs, {"busy": 30}), Limits(3, 12))
    assert titles(cluster) == ["seed", "a", "b"]
    assert cluster.stopped == "loose"
    assert titles(topics.walk(around("seed", pairs, {"busy": 30}), Limits(4, 12))) == ["seed", "a", "b", "busy"]


NAMES = [f"n{number}" for number in range(16)]
GRAPHS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from([1.0, 2.0, 3.0]),
    max_size=50,
)


@given(GRAPHS, st.integers(1, 4), st.integers(0, 12), st.randoms(use_true_random=False))
def test_any_cluster_is_connected_bounded_and_repeatable(
    pairs: Pairs, least: int, more: int, dice: random.Random
) -> None:
    near = around("n0", pairs)
    limits = Limits(least, least + more)
    cluster = topics.walk(near, limits)
    seen = {near.seed.id}
    for member in cluster.members:
        linked = {a if b == member.note.id else b for a, b in near.weights if member.note.id in (a, b)}
        assert member.note.id not in seen
        assert linked & seen
        assert (member.reason == "seed") == (near.seed.id in linked)
        seen.add(member.note.id)
    assert 1 <= len(cluster.notes) <= limits.maximum
    assert titles(topics.walk(elsewhere(near, dice), limits)) == titles(cluster)


def elsewhere(near: Neighbourhood, dice: random.Random) -> Neighbourhood:
    """The same notes as another import would hold them: under other ids, in another order."""
    ids = {one.id: f"not_{dice.getrandbits(60)}" for one in (near.seed, *near.notes)}
    notes = [replace(one, id=ids[one.id]) for one in near.notes]
    weights = [((ids[a], ids[b]), weight) for (a, b), weight in near.weights.items()]
    dice.shuffle(notes)
    dice.shuffle(weights)
    return Neighbourhood(replace(near.seed, id=ids[near.seed.id]), tuple(notes), dict(weights))


@given(GRAPHS)
def test_the_frontier_holds_quiet_neighbours_and_what_lies_beyond_is_bounded(pairs: Pairs) -> None:
    near = around("n0", pairs, {"n1": walking.HUB + 1})
    assert "not_n1" not in topics.frontier(near)
    beyond = {("not_n2", f"not_far{number}"): 1.0 for number in range(300)}
    shares = topics.outer(near, dict(near.weights) | beyond)
    kept = topics.nearest([NoteFacts(id, id, id, id, frozenset()) for id in shares], shares)
    assert len(kept) <= walking.OUTER
    assert not {one.id for one in (near.seed, *near.notes)} & set(shares)


def thin(seed: NoteFacts) -> Cluster:
    return Cluster(seed, (), "end")


def test_widening_takes_what_shares_tags_or_words_and_says_which() -> None:
    seed = note("Oven spring", tags="bread oven")
    tagged = note("Deck oven", tags="oven bread")
    alike = note("Steam")
    other = note("Payroll")
    texts = {
        seed.id: topics.terms("Oven spring", "Steam keeps the crust soft while the loaf rises in the oven."),
        tagged.id: topics.terms("Deck oven", "Stone floors hold heat."),
        alike.id: topics.terms("Steam", "A soft crust lets the loaf rise: steam it in the oven."),
        other.id: topics.terms("Payroll", "Wages are paid on the last working day."),
    }
    cluster = topics.widen(thin(seed), [other, alike, tagged], texts, Limits(3, 12))
    assert {member.note.title: member.reason for member in cluster.members} == {"Steam": "words", "Deck oven": "tags"}
    shared = {member.note.title: member.shared for member in cluster.members}
    assert shared["Deck oven"] == ("bread", "oven")
    assert "steam" in shared["Steam"]
    assert cluster.stopped == "loose"


@given(st.lists(st.text("abc xyz", max_size=20), min_size=1, max_size=8), st.integers(1, 5))
def test_widening_stays_in_bounds_and_justifies_each_member(texts: list[str], most: int) -> None:
    notes = [note(f"n{number}") for number in range(len(texts))]
    read = {one.id: topics.terms(one.title, text) for one, text in zip(notes, texts, strict=True)}
    cluster = topics.widen(thin(notes[0]), notes, read, Limits(1, most))
    assert len(cluster.notes) <= most
    assert len(set(titles(cluster))) == len(cluster.notes)
    assert all(member.shared for member in cluster.members)


def test_the_shortlist_prefers_tags_folder_and_title_words() -> None:
    seed = note("seed", tags="bread", path="baking/seed.md")
    notes = [note("zebra"), note("steam notes"), note("x", path="baking/x.md"), note("y", tags="bread"), seed]
    listed = topics.shortlist(seed, topics.terms("seed", "steam and heat"), notes, 3)
    assert {one.title for one in listed} == {"steam notes", "x", "y"}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("a.md", ""),
        ("bread/rye/a.md", "bread/rye/"),
        ("lang.python.typing.md", "lang.python."),
        ("vault/lang.python.md", "vault/lang."),
        ("bare", ""),
    ],
)
def test_where_a_note_stands(path: str, place: str) -> None:
    assert topics.folder(path) == place


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["Oven spring", "Steam"], "Oven spring"),
        (["2024-03-01", "Untitled", "Steam"], "Steam"),
        (["202403011200", "12"], "202403011200"),
        (["", ""], "Untitled topic"),
    ],
)
def test_the_title_is_the_first_that_tells_something(found: list[str], expected: str) -> None:
    assert topics.title([replace(note("x"), title=title) for title in found]) == expected


def test_shared_tags_stand_in_for_titles() -> None:
    dated = [replace(note("2024-01-01", tags="bread rye"), title=f"2024-01-0{day}") for day in (1, 2)]
    assert topics.title(dated) == "Bread, rye"


def test_a_summary_quotes_whole_sentences_of_several_notes() -> None:
    sources = [
        Source("not_a", "A", "# A\n\nThis is why. Steam keeps the crust soft for ten minutes.\n\n- one item"),
        Source("not_b", "B", "But then it burned. A stone floor holds the heat of the oven for hours."),
        Source(
            "not_c", "C", "Does steam help the crust in every oven we have? See https://example.org for more of it."
        ),
    ]
    said = topics.summary(sources)
    assert said == "Steam keeps the crust soft for ten minutes. A stone floor holds the heat of the oven for hours."


def test_a_summary_repeats_nothing_and_stops_at_four_sentences() -> None:
    same = "The loaf rises in the hot oven while steam is there."
    texts = [same, same, *(f"Number {n} of the bakers weighs {n} bags of flour every day." for n in "abcdef")]
    said = topics.summary([Source(f"not_{n}", "T", text) for n, text in enumerate(texts)])
    assert said.count(same) == 1
    assert said.count(".") == telling.SENTENCES


def test_a_summary_of_bare_lists_and_of_nothing() -> None:
    listed = topics.summary([Source("not_a", "A", "- rye flour, sifted\n- salt")])
    assert listed == "rye flour, sifted"
    assert topics.summary([Source("not_a", "Rye", ""), Source("not_b", "Salt", "")]) == "Notes on Rye and Salt."


def test_why_names_the_seed_the_ways_and_the_end() -> None:
    members = (
        Member(note("Steam"), "seed", 0.5),
        Member(note("Scoring"), "links", 0.3),
        Member(note("Crust"), "tags", 0.4, ("bread",)),
    )
    assert topics.why(Cluster(note("Oven spring"), members, "loose")) == (
        "Grown from the note “Oven spring”. 1 note linked with it directly: Steam. 1 note linked with those: Scoring. "
        "1 note with the same tags (bread): Crust. 4 notes in all: the next best note had too little to do with these."
    )


def test_why_lists_a_few_names_and_counts_the_rest() -> None:
    members = tuple(Member(note(f"N{number}"), "seed", 0.5) for number in range(7))
    assert "7 notes linked with it directly: N0, N1, N2, N3 and 3 more." in topics.why(
        Cluster(note("Seed"), members, "full")
    )


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(None, None, (3, 12)), (None, 4, (3, 4)), (20, None, (20, 20)), (1, 1, (1, 1)), (5, 50, (5, 50))],
)
def test_limits_fill_each_other_in(least: int | None, most: int | None, expected: tuple[int, int]) -> None:
    found = topics.limits(least, most)
    assert (found.minimum, found.maximum) == expected


@pytest.mark.parametrize(("least", "most"), [(0, 5), (5, 4), (None, 0), (None, 2), (None, 51), (60, None), (-1, -1)])
def test_limits_out_of_range_are_refused(least: int | None, most: int | None) -> None:
    with pytest.raises(errors.Invalid) as refused:
        topics.limits(least, most)
    assert refused.value.code == "bad_topic_size"


@pytest.mark.parametrize("random_seed", [-1, 2**31])
def test_random_seeds_out_of_range_are_refused(random_seed: int) -> None:
    with pytest.raises(errors.Invalid):
        topics.checked_random_seed(random_seed)


def test_starting_points_are_stable_and_spread() -> None:
    points = [topics.starting_point(number) for number in range(1_000)]
    assert topics.starting_point(7) == points[7]
    assert len({point[:2] for point in points}) > 200
