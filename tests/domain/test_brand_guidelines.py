"""What a persona must and must not say: every list checked, folded, and held against the others."""

from __future__ import annotations

from typing import Any

import pytest

from regrow.domain import personas
from regrow.domain.brand import guidelines
from regrow.kit import errors


def problems(given: dict[str, Any]) -> list[str]:
    with pytest.raises(errors.Invalid) as caught:
        guidelines.checked(given)
    assert caught.value.code == "bad_guidelines"
    return list(caught.value.more["problems"])


def test_lists_that_are_not_given_are_empty_and_all_have_their_names() -> None:
    assert guidelines.checked({}) == {name: [] for name in guidelines.NAMES}
    assert len(guidelines.NAMES) == 8
    given = {name: [f"an entry of {name}"] for name in guidelines.NAMES}
    assert guidelines.checked(given) == given
    assert guidelines.of(given).disclosure == ("an entry of disclosure",)


def test_older_personas_have_the_two_lists_they_had() -> None:
    stored = {"use": ["crumb"], "avoid": ["synergy"]}
    assert guidelines.of(stored) == guidelines.Guidelines(use=("crumb",), avoid=("synergy",))
    assert guidelines.complete(stored) == {**{name: [] for name in guidelines.NAMES}, **stored}
    voice = personas.voice_for("Old", {}, stored, "blog")
    assert (voice.use, voice.avoid, voice.required, voice.habits) == (("crumb",), ("synergy",), (), None)


@pytest.mark.parametrize("name", guidelines.NAMES)
def test_every_list_has_limits(name: str) -> None:
    longest = guidelines.LONGEST[name]
    assert longest == (300 if name in ("required", "forbidden", "disclaimers", "disclosure") else 100)
    many = [f"entry {number}" for number in range(200)]
    assert guidelines.checked({name: many})[name] == many
    assert guidelines.checked({name: ["x" * longest]})[name] == ["x" * longest]
    for bad in ([*many, "one more"], ["x" * (longest + 1)], [""], ["  \n"], [1], "all", {"a": 1}, None, ["a\x07b"]):
        assert [each.split(":")[0] for each in problems({name: bad})] == [f"guidelines.{name}"]


def test_duplicates_are_folded_to_the_first_spelling() -> None:
    given = {"use": ["Sour Dough", "sour  dough", "SOUR\tDOUGH", "crumb"], "required": ["Straße", "STRASSE"]}
    done = guidelines.checked(given)
    assert (done["use"], done["required"]) == (["Sour Dough", "crumb"], ["Straße"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"use": ["Synergy"], "avoid": ["synergy"]}, "use: 'Synergy' holds 'synergy', which stands in avoid"),
        ({"required": ["best bread ever"], "forbidden": ["bread ever"]}, "required: 'best bread ever' holds"),
        ({"required": ["Ask Acme first"], "competitors": ["Acme"]}, "which stands in competitors"),
        ({"disclosure": ["Made with magic."], "avoid": ["magic"]}, "guidelines.disclosure"),
        ({"disclaimers": ["no guarantee"], "forbidden": ["guarantee"]}, "guidelines.disclaimers"),
        ({"use": ["great 🎉"], "forbidden": ["🎉"]}, "guidelines.use"),
    ],
)
def test_contradictions_are_told(given: dict[str, Any], told: str) -> None:
    assert any(told in each for each in problems(given))


def test_what_only_looks_alike_is_no_contradiction() -> None:
    given = {"use": ["artful"], "avoid": ["art"], "claims": ["best"], "forbidden": ["best of all"]}
    assert guidelines.checked(given)["use"] == ["artful"]


def test_an_unknown_list_is_named_beside_every_other_problem() -> None:
    found = problems({"love": [], "use": [""], "required": ["a b"], "forbidden": ["B"]})
    assert [each.split(":")[0] for each in found] == ["guidelines.love", "guidelines.use", "guidelines.required"]


def test_full_lists_are_checked_in_no_time() -> None:
    full = {name: [f"{name} entry {number}" for number in range(200)] for name in guidelines.NAMES}
    assert guidelines.checked(full) == full


@pytest.mark.parametrize("level", [3, 18, None])
def test_a_reading_level_is_a_school_grade_or_none(level: int | None) -> None:
    done = personas.checked_voice({"blog": {"reading_level": level}})
    assert personas.voice_for("P", done, {}, "blog").reading_level == level
    assert personas.voice_for("P", done, {}, "email").reading_level is None


@pytest.mark.parametrize("level", [2, 19, "8", True, 8.5, [8]])
def test_other_reading_levels_are_refused(level: Any) -> None:
    with pytest.raises(errors.Invalid, match=r"voice\.blog\.reading_level: a whole number from 3 to 18 or none"):
        personas.checked_voice({"blog": {"reading_level": level}})
