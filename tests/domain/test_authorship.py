"""Two authors told apart: what is learned of their texts says whose a held-back one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from regrow.domain import prose
from regrow.domain.brand import authorship, voice
from regrow.domain.brand.authorship import Delta, Sample

FOLDER = Path(__file__).parent / "voices"
AUTHORS = ("harold", "ines")
TEXTS = {name: [path.read_text("utf-8") for path in sorted((FOLDER / name).glob("*.md"))] for name in AUTHORS}
SAMPLES = {name: [authorship.sample([text]) for text in texts] for name, texts in TEXTS.items()}


def without(author: str, held: int) -> dict[str, list[Sample]]:
    return {
        name: [each for place, each in enumerate(samples) if (name, place) != (author, held)]
        for name, samples in SAMPLES.items()
    }


def test_the_texts_are_enough_to_learn_from() -> None:
    for name in AUTHORS:
        assert sum(len(prose.words(text)) for text in TEXTS[name]) >= 1_500


@pytest.mark.parametrize(("author", "held"), [(name, place) for name in AUTHORS for place in range(6)])
def test_a_held_back_text_goes_to_its_author_by_a_clear_margin(author: str, held: int) -> None:
    delta = Delta(without(author, held))
    distances = delta.distances(SAMPLES[author][held])
    other = next(name for name in AUTHORS if name != author)
    assert delta.nearest(SAMPLES[author][held]) == author
    assert distances[author] < 0.8 * distances[other]


def test_the_two_learned_voices_differ_in_what_a_reader_hears() -> None:
    ines, harold = voice.learned(TEXTS["ines"]).features, voice.learned(TEXTS["harold"]).features
    assert ines.sentence_mean < 10 < 25 < harold.sentence_mean
    assert (ines.person, harold.person) == ("first", "third")
    assert harold.marks["semicolons"] > 5 > ines.marks["semicolons"]
    assert (ines.contractions or 0) > 30 > (harold.contractions or 0)
    assert ines.short_share > 0.5 > harold.short_share


def test_a_distance_to_oneself_is_nothing_and_an_empty_text_is_no_error() -> None:
    known = {"harold": SAMPLES["harold"][:1], "ines": SAMPLES["ines"]}
    assert Delta(known).distances(SAMPLES["harold"][0])["harold"] == 0.0
    assert set(Delta(known).distances(authorship.sample(["", "# Only a heading"]))) == set(AUTHORS)


def test_the_order_of_authors_does_not_matter() -> None:
    turned = dict(reversed(SAMPLES.items()))
    for name in AUTHORS:
        assert Delta(SAMPLES).nearest(SAMPLES[name][0]) == Delta(turned).nearest(SAMPLES[name][0]) == name
