"""Text tools: what a reader of a note sees, its sentences, its words, and how alike two texts are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain import prose

NOTE = """---
title: Proofing
tags: [bread]
---
# Proofing *cold*

Dough rests in the [[Fridge|fridge]] as [[notes/Levain#Feeding]] says.
It gains **real *sour* taste**[^1]. ![[crumb.png]] #bread #slow-food ^p1

#bread #drafts

- [ ] weigh the [flour](https://flour.example/a_(b))
- fold #twice daily
  with wet hands

> [!tip] Patience
> Wait until it doubles.

```python
print("not prose")
```

| loaf | hours |
|------|-------|
| rye  | 14    |

Results
-------
status:: done
Ten <b>loaves</b> &amp; two ~~failures~~ rolls. <!-- secret -->%%hidden%%
[^1]: A footnote.
"""


def test_blocks_have_kind_text_and_the_headings_above() -> None:
    found = [(block.kind, block.text, block.path) for block in prose.blocks(NOTE)]
    assert found == [
        ("heading", "Proofing cold", ()),
        (
            "paragraph",
            "Dough rests in the fridge as Levain says. It gains real sour taste.",
            ("Proofing cold",),
        ),
        ("item", "weigh the flour", ("Proofing cold",)),
        ("item", "fold twice daily with wet hands", ("Proofing cold",)),
        ("quote", "Patience", ("Proofing cold",)),
        ("quote", "Wait until it doubles.", ("Proofing cold",)),
        ("code", 'print("not prose")', ("Proofing cold",)),
        ("table", "| loaf | hours |\n| rye  | 14    |", ("Proofing cold",)),
        ("heading", "Results", ("Proofing cold",)),
        ("paragraph", "Ten loaves & two rolls.", ("Proofing cold", "Results")),
    ]


def test_readable_keeps_prose_and_drops_marks() -> None:
    text = prose.readable(NOTE)
    assert "loaf, hours; rye, 14" in text
    for gone in ("[[", "**", "#", "^p1", "print", "secret", "hidden", "<b>", "footnote", "status", "title:"):
        assert gone not in text


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("[[a|b]] and [[a#h]] and [[dir/c.md]] and [[#Own heading]]", "b and a and c and Own heading"),
        ("[[Lookup|dendron.ref.commands#look-up]] and [[dev.ref.note-types]]", "Lookup and note types"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("see [text][ref] and <https://x.example/a>", "see text and https://x.example/a"),
        ("run `make` now", "run make now"),
        (r"\*not emphasis\*", "*not emphasis*"),
        ("==marked== ___all___ *one*", "marked all one"),
        ("price is #1 and C# stays", "price is #1 and C# stays"),
        ("- {{macro}} block ((64a1b2c3-1111-2222-3333-444455556666))", "block"),
        ("a\u202eb\u200bc\x07d", "abcd"),
        ("    indented code", ""),
        ("---\nnot front matter", "not front matter"),
        ("a | b\n--|--\n1 | 2", "a, b; 1, 2"),
    ],
)
def test_readable_on_single_marks(markdown: str, shown: str) -> None:
    assert prose.readable(markdown) == shown


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We open at 4 a.m. Bakers come early.", ["We open at 4 a.m.", "Bakers come early."]),
        ("At 9 a.m. Monday it starts. Fine.", ["At 9 a.m. Monday it starts.", "Fine."]),
        ("Dr. J. R. Smith paid $3.50 vs. 4.20. Cheap!", ["Dr. J. R. Smith paid $3.50 vs. 4.20.", "Cheap!"]),
        ('"Stop." He left. "Why?" he asked.', ['"Stop."', "He left.", '"Why?" he asked.']),
        (
            "See e.g. https://a.example/b.html?x=1.2 there. Yes.",
            ["See e.g. https://a.example/b.html?x=1.2 there.", "Yes."],
        ),
        ("Wait... maybe. Fig. 3 shows U.S. sales.", ["Wait... maybe.", "Fig. 3 shows U.S. sales."]),
        ("Es kam am 3. Mai z.B. nach Wien. Gut.", ["Es kam am 3. Mai z.B. nach Wien.", "Gut."]),
        ("这是句子。第二句\uff01", ["这是句子。", "第二句\uff01"]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("No end mark\nwrapped line\n\nnext block", ["No end mark wrapped line", "next block"]),
        ("It weighs 12. The rest is air.", ["It weighs 12.", "The rest is air."]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert list(prose.sentences(text)) == parts


def test_words_keep_numbers_and_contractions_whole() -> None:
    assert prose.words("Don\u2019t pay 1,200.50 for well-known Öl!") == [
        "don't",
        "pay",
        "1,200.50",
        "for",
        "well",
        "known",
        "öl",
    ]
    assert prose.words("我们 bake") == ["我", "们", "bake"]


def test_shingles_and_similarity() -> None:
    assert prose.shingles("a b c d") == {("a", "b", "c"), ("b", "c", "d")}
    assert prose.shingles("a b") == {("a", "b")}
    assert prose.shingle_similarity("a b c d", "a b c e") == pytest.approx(1 / 3)
    assert prose.shingle_similarity("", "") == 1.0
    assert prose.shingle_similarity("a b c", "") == 0.0


def test_stopwords_by_language() -> None:
    assert "the" in prose.stopwords("en-GB")
    assert "und" in prose.stopwords("de")
    assert prose.stopwords("xx") == frozenset()


MARKS = st.text(alphabet="ab .#*_`~[]()|<>!-=>\n\\^:1中é😀\t%$&", max_size=300)


@settings(max_examples=200, deadline=None)
@given(MARKS)
def test_any_text_is_read_and_every_sentence_is_part_of_it(markdown: str) -> None:
    text = prose.readable(markdown)
    assert "\x00" not in text
    for block in prose.blocks(markdown):
        if block.kind in ("paragraph", "item", "quote", "heading"):
            assert block.text in text
            for sentence in prose.sentences(block.text):
                assert sentence in block.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_sentences_lose_nothing_but_space(text: str) -> None:
    assert "".join("".join(prose.sentences(text)).split()) == "".join(text.split())


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=100), st.text(max_size=100))
def test_similarity_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert 0 <= prose.shingle_similarity(a, b) == prose.shingle_similarity(b, a) <= 1
    assert prose.shingle_similarity(a, a) == 1.0


@pytest.mark.parametrize(
    "mark", ["[", "![](", "[[", "<", "<!--", "*a ", "_a ", "`", "$$", "> ", ". ", "中", "|a", "%%", "[a]("]
)
def test_long_runs_of_marks_are_read(mark: str) -> None:
    long = mark * 20_000
    assert isinstance(prose.readable(long), str)
    assert len(prose.sentences(prose.readable(long))) <= 20_001
