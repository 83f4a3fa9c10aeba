"""Word-level differences: exact, readable, in any script, and never slow."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regrow.domain import differences
from regrow.domain.differences import Part
from regrow.domain.prose.characters import characters

MOST = 100_000
ATOMS = [
    "bread",
    "flour",
    " ",
    "  ",
    "\n",
    "\n\n",
    ". ",
    "! ",
    ",",
    "don't",
    "1,200.5",
    "面",
    "包",
    "ขนม",
    "شكرا",
    "שלום",
]
ATOMS += ["👩\u200d🍳", "🇩🇪", "❤\ufe0f", "e\u0301", "\u200d", "#", "**", "- ", "a", "A", "\t", "\r\n", "\x00", "\ud800"]
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(ATOMS), max_size=40).map("".join))


def marked(before: str, after: str) -> str:
    signs = {"equal": ("", ""), "delete": ("[-", "-]"), "insert": ("{+", "+}")}
    return "".join(part.text.join(signs[part.op]) for part in differences.between(before, after))


def side(parts: Sequence[Part], other: str) -> str:
    return "".join(part.text for part in parts if part.op != other)


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS)
@example("", "")
@example(" ", "\n")
@example("a. b. c.", "a. c. b.")
def test_the_parts_give_both_texts_exactly(before: str, after: str) -> None:
    parts = differences.between(before, after)
    assert (side(parts, "insert"), side(parts, "delete")) == (before, after)
    assert all(part.text for part in parts)
    assert differences.is_changed(parts) is (before != after)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_a_change_is_at_most_one_deletion_and_then_one_insertion(before: str, after: str) -> None:
    ops = [part.op for part in differences.between(before, after)]
    pairs = list(itertools.pairwise(ops))
    assert [pair for pair in pairs if pair[0] == pair[1] or pair == ("insert", "delete")] == []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(ATOMS), max_size=30), st.data())
def test_a_word_put_in_is_all_that_is_marked_up_to_its_neighbours(atoms: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(atoms)))
    before = "".join(atoms)
    after = "".join((*atoms[:place], " zebra ", *atoms[place:]))
    parts = differences.between(before, after)
    came = [part.text for part in parts if part.op == "insert"]
    assert len(came) == 1
    assert "zebra" in came[0]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("Mix the dough well.", "Mix the soft dough well.", "Mix the {+soft +}dough well."),
        ("Bake it hot.", "Bake it cold.", "Bake it [-hot-]{+cold+}."),
        ("the quick brown fox", "a quick red fox", "[-the quick brown-]{+a quick red+} fox"),
        ("I really like bread.", "I like bread.", "I [-really -]like bread."),
        ("One two three four.", "One 2 three four five.", "One [-two-]{+2+} three four{+ five+}."),
        ("don't stop", "do stop", "[-don't-]{+do+} stop"),
        ("It cost 1,200.5 last year.", "It cost 1,300.5 last year.", "It cost [-1,200.5-]{+1,300.5+} last year."),
        ("a b", "a  b", "a[- -]{+  +}b"),
        ("One.\n\nTwo.", "One.\n\nNew.\n\nTwo.", "One.\n\n{+New.\n\n+}Two."),
        ("red\n\nblue", "rot\n\nblau", "[-red-]{+rot+}\n\n[-blue-]{+blau+}"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("面包很好吃。", "面包非常好吃。", "面包[-很-]{+非常+}好吃。"),
        ("ขนมปังดี", "ขนมปังดีมาก", "ขนมปังดี{+มาก+}"),
        ("שלום עולם טוב", "שלום לכולם טוב", "שלום [-עולם-]{+לכולם+} טוב"),
        ("Hi 👩\u200d🍳 you", "Hi 👩\u200d🌾 you", "Hi [-👩\u200d🍳-]{+👩\u200d🌾+} you"),
        ("go 🇩🇪 now", "go 🇩🇰 now", "go [-🇩🇪-]{+🇩🇰+} now"),
        ("cafe bar", "cafe\u0301 bar", "[-cafe-]{+cafe\u0301+} bar"),
    ],
)
def test_what_changed_reads_well(before: str, after: str, wanted: str) -> None:
    assert marked(before, after) == wanted


def test_a_paragraph_that_moved_in_changes_no_other() -> None:
    old = [f"Paragraph {n} is about bread number {n}. It has two sentences." for n in range(60)]
    new = [*old[:30], "This one is new.", *old[30:]]
    new[50] = new[50].replace("two sentences", "a couple of sentences")
    parts = differences.between("\n\n".join(old), "\n\n".join(new))
    changed = [(part.op, part.text) for part in parts if part.op != "equal"]
    assert changed == [
        ("insert", "This one is new.\n\n"),
        ("delete", "two"),
        ("insert", "a couple of"),
    ]


def test_a_long_text_with_every_sentence_polished_is_marked_word_by_word() -> None:
    dice = random.Random(3)
    names = [f"word{n}" for n in range(400)]
    old = [[dice.choice(names) for _ in range(14)] for _ in range(120)]
    new = [[*line[:5], "polished", *line[6:]] for line in old]
    new.insert(60, ["a", "new", "one"])
    texts = ["\n\n".join(" ".join(line) + "." for line in lines) for lines in (old, new)]
    parts = differences.between(*texts)
    assert differences.counts(parts) == (123, 120)


def hostile() -> dict[str, tuple[str, str]]:
    dice = random.Random(7)
    names = [f"w{n}" for n in range(15_000)]
    mixed = ["".join(f"{name} " for name in dice.sample(names, 15_000)) for _ in range(2)]
    han = ["".join(dice.choices("面包需要十八个小时的发酵", k=MOST)) for _ in range(2)]
    few = [" ".join(dice.choices(names[:30], k=30_000)) for _ in range(2)]
    return {
        "equal words": ("a " * 50_000, "b " + "a " * 40_000 + "c"),
        "words that take turns": ("a b " * 25_000, "a c " * 25_000),
        "all different words": ("".join(f"{n} " for n in names), "".join(f"{n}x " for n in names)),
        "words in another order": (mixed[0], mixed[1]),
        "few words at random": (few[0], few[1]),
        "one huge word": ("x" * MOST, "y" * MOST),
        "newlines": ("\n" * 50_000, "x" + "\n" * 49_999),
        "short lines": ("a\n" * 50_000, "b\n" + "a\n" * 40_000 + "c\n"),
        "short sentences": ("a." * 50_000, "b." * 50_000),
        "every other word": (" ".join(f"{n} z" for n in names), " ".join(f"{n} y" for n in names)),
        "paragraphs in pairs": ("\n\n".join(["p a " * 60] * 400), "\n\n".join(["q a " * 60] * 400)),
        "no spaces": (han[0], han[1]),
        "marks": ("a" + "\u0301" * MOST, "b" + "\u0301" * MOST),
        "joiners": ("\u200d" * MOST, "x" + "\u200d" * MOST),
        "spaces": (" " * MOST, "x" + " " * MOST),
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_hostile_pairs_come_back_whole(name: str) -> None:
    before, after = (text[:MOST] for text in hostile()[name])
    parts = differences.between(before, after)
    assert (side(parts, "insert"), side(parts, "delete")) == (before, after)


def test_when_nothing_is_left_to_pay_with_the_rest_is_told_whole() -> None:
    """Stretches that are each just cheap enough, until nothing is left to pay with."""
    before = "\n\n".join(" ".join(f"a x{n}y{m}" for m in range(90)) for n in range(110))
    after = "\n\n".join(" ".join(f"a z{n}y{m}" for m in range(90)) for n in range(110))
    parts = differences.between(before, after)
    assert side(parts, "insert") == before


def test_counts_are_words() -> None:
    parts = differences.between("Mix the dough.\n\nThen wait, please.", "Mix the cold dough.\n\nThen bake it.")
    assert differences.counts(parts) == (3, 2)
    assert differences.counts(()) == (0, 0)
    assert differences.counts(differences.between("面包", "面粉好")).added == 2


def test_fields_are_those_people_read() -> None:
    before = {"title": "Old", "body": "One two.", "hashtags": ["bread"], "html": "<p>", "angle": "x", "cta": None}
    after = {"title": "New", "body": "One two.", "hashtags": ["bread", "rye"], "html": "<b>", "sources": ["n"]}
    found = differences.fields(before, after)
    assert list(found) == ["title", "body", "hashtags"]
    assert found["title"] == (Part("delete", "Old"), Part("insert", "New"))
    assert found["body"] == (Part("equal", "One two."),)
    assert found["hashtags"] == (Part("equal", "bread"), Part("insert", " rye"))
    assert differences.fields({}, {"subject": "Hello", "preheader": ""}) == {"subject": (Part("insert", "Hello"),)}


@given(st.text(max_size=60))
def test_characters_joined_are_the_text(text: str) -> None:
    assert "".join(characters(text)) == text


def test_characters_are_what_people_see() -> None:
    assert characters("e\u0301👩\u200d🍳🇩🇪❤\ufe0fก็a") == ["e\u0301", "👩\u200d🍳", "🇩🇪", "❤\ufe0f", "ก็", "a"]
