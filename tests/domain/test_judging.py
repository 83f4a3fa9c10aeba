"""The judge: which of its answers count, what its samples come to, and how rules and judge decide together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import families, functions
from regrow.domain.brand import deciding, judging, quoting
from regrow.domain.personas import voice_for
from regrow.domain.writing import Brief, Examined, Judgement, Reply
from regrow.kit import errors

TEXT = (("title", "Bread at home"), ("body", "The loaf rises\nslowly. “Patience”, says the baker, isn't hard."))
NAMES = ("voice", "clear")
RULES = {"score": 1.0, "passed": True, "method": "rules", "findings": []}


def sample(**verdicts: str | tuple[str, str]) -> Judgement:
    """One sample; a verdict by itself quotes the title."""
    pairs = {name: each if isinstance(each, tuple) else (each, "Bread at home") for name, each in verdicts.items()}
    return Judgement(tuple(Reply(name, verdict, quote) for name, (verdict, quote) in pairs.items()))  # type: ignore[arg-type]


def opinion(*samples: Judgement | None, names: tuple[str, ...] = NAMES) -> judging.Opinion:
    return judging.opinion(samples, TEXT, names)


def graded(score: float) -> judging.Opinion:
    """An opinion with this score in steps of a twentieth, the samples of each criterion the same."""
    halves = round(score * 20)
    verdicts = [("no", "partly", "yes")[min(2, max(0, halves - 2 * number))] for number in range(10)]
    return judging.Opinion(tuple(opinion(*[sample(clear=each)] * 3, names=("clear",)).marks[0] for each in verdicts))


def test_five_to_eight_criteria_each_with_a_question_and_a_way_to_fix() -> None:
    assert 5 <= len(judging.CRITERIA) <= 8
    assert len({each.name for each in judging.CRITERIA}) == len(judging.CRITERIA)
    assert all(each.question.endswith("?") and each.how for each in judging.CRITERIA)
    assert judging.asked(True, True) == tuple(each.name for each in judging.CRITERIA)
    assert "faithful" not in judging.asked(False, True)
    assert "guidelines" not in judging.asked(True, False)


def test_the_order_is_drawn_from_the_seed_and_differs_between_samples() -> None:
    names = judging.asked(True, True)
    orders = [judging.shuffled(names, seed, f"A.{number}") for seed in range(20) for number in (1, 2, 3)]
    assert all(sorted(order) == sorted(names) for order in orders)
    assert len(set(orders)) > 40
    assert judging.shuffled(names, 7, "A.1") == judging.shuffled(names, 7, "A.1")
    firsts = {order[0] for order in orders}
    assert firsts == set(names)


@pytest.mark.parametrize(
    ("quote", "field", "found"),
    [
        ("loaf rises slowly", "body", "loaf rises\nslowly"),
        ('"Patience", says', "body", "“Patience”, says"),
        ("“isn’t hard”", "body", "isn't hard"),
        ("Bread at home", "title", "Bread at home"),
        ("the loaf rises", "", ""),
        ("The loaf rises quickly", "", ""),
        ("The loaf … slowly", "", ""),
        ("“”", "", ""),
        (" ", "", ""),
        ("is", "", ""),
    ],
)
def test_a_quote_is_there_word_for_word_or_it_is_not(quote: str, field: str, found: str) -> None:
    place = quoting.find(quote, TEXT)
    assert (place.field if place else "", place.quote if place else "") == (field, found)
    if place:
        assert dict(TEXT)[place.field][place.start :].startswith(place.quote)


@given(st.text(min_size=1, max_size=200), st.data())
def test_what_stands_in_a_text_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    place = quoting.find(quote, [("body", text)])
    if place is None:
        assert sum(map(str.isalnum, quote)) < quoting.LEAST
    else:
        assert text[place.start :].startswith(place.quote)


def test_the_median_of_three_samples_counts() -> None:
    found = opinion(
        sample(voice="yes", clear="partly"), sample(voice="yes", clear="no"), sample(voice="partly", clear="no")
    )
    assert [(mark.criterion, mark.score) for mark in found.marks] == [("voice", 1.0), ("clear", 0.0)]
    assert (found.score, found.voice) == (0.5, 1.0)
    assert not any(mark.is_torn for mark in found.marks)


def test_an_answer_without_a_quote_that_is_there_is_a_lost_sample() -> None:
    nowhere = ("no", "a passage that is nowhere")
    found = opinion(
        sample(voice=nowhere, clear=("partly", "")),
        sample(voice=("yes", "nowhere at all"), clear=("yes", "")),
        sample(voice="partly", clear="yes"),
    )
    assert [(mark.score, mark.lost) for mark in found.marks] == [(0.5, 2), (1.0, 1)]
    assert found.doubts[0] == "too few answers on voice count"
    lost = opinion(None, None, sample(voice=nowhere, clear=nowhere))
    assert lost.is_nothing
    assert [mark.lost for mark in lost.marks] == [3, 3]


def test_samples_that_spread_over_yes_and_no_are_for_a_person() -> None:
    found = opinion(sample(voice="yes", clear="yes"), sample(voice="no", clear="yes"), sample(voice="yes", clear="yes"))
    assert found.marks[0].is_torn
    assert found.score == 1.0
    assert found.doubts == ("the samples on voice spread from yes to no",)
    verdict = deciding.together(RULES, {"A": found}, [])
    assert (verdict["passed"], verdict["needs_person"]) == (True, True)


@pytest.mark.parametrize(
    ("score", "passed", "needs_person"),
    [
        (1.0, True, False),
        (0.9, True, False),
        (0.85, True, True),
        (0.8, True, True),
        (0.75, False, True),
        (0.7, False, False),
        (0.0, False, False),
    ],
)
def test_between_three_quarters_and_eighty_five_hundredths_a_person_decides(
    score: float, passed: bool, needs_person: bool
) -> None:
    verdict = deciding.together(RULES, {"A": graded(score)}, ["openai:other"])
    assert verdict["score"] == pytest.approx(score)
    assert (verdict["passed"], verdict["needs_person"]) == (passed, needs_person)
    assert (verdict["method"], verdict["judge"], verdict["judges"]) == ("rules+judge", "done", ["openai:other"])


def test_hard_rules_veto_whatever_the_judge_says() -> None:
    failed = {**RULES, "score": 0.79, "passed": False, "findings": [{"check": "personal_data"}]}
    verdict = deciding.together(failed, {"A": graded(1.0)}, [])
    assert (verdict["score"], verdict["passed"], verdict["needs_person"]) == (0.79, False, False)
    doubtful = deciding.together(failed, {"A": graded(0.8)}, [])
    assert (doubtful["passed"], doubtful["needs_person"]) == (False, False)
    assert doubtful["findings"][0] == {"check": "personal_data"}


def test_a_piece_is_as_good_as_its_worst_variant() -> None:
    verdict = deciding.together(RULES, {"A": graded(1.0), "B": graded(0.5)}, [])
    assert (verdict["score"], verdict["passed"], verdict["needs_person"]) == (0.5, False, False)
    unsure = deciding.together(RULES, {"A": graded(0.8), "B": graded(0.5)}, [])
    assert unsure["needs_person"] is False
    assert deciding.together(RULES, {"A": graded(0.8), "B": graded(1.0)}, [])["needs_person"] is True


def test_findings_quote_the_passage_and_say_how_to_fix_it() -> None:
    complaint = ("no", "The loaf rises slowly.")
    found = opinion(*[sample(voice="yes", clear=complaint)] * 2, sample(voice=("partly", "Bread"), clear=complaint))
    (finding,) = deciding.findings({"B": found})
    assert (finding["check"], finding["severity"], finding["label"]) == ("judge_clear", "major", "B")
    assert (finding["field"], finding["start"]) == ("body", 0)
    assert finding["quote"] == "The loaf rises\nslowly."
    assert finding["how"] == judging.BY_NAME["clear"].how


def test_a_voice_score_is_there_only_when_the_judge_spoke_of_the_voice() -> None:
    assert "voice_score" not in deciding.by_rules(RULES)
    voices = {
        "A": opinion(*[sample(voice="yes", clear="yes")] * 3),
        "B": opinion(*[sample(voice="no", clear="yes")] * 3),
    }
    verdict = deciding.together(RULES, voices, [])
    assert verdict["voice_score"] == 0.0
    back = deciding.by_rules({**verdict, "score": 1.0}, "failed", judge_detail="why")
    assert "voice_score" not in back
    assert (back["judge"], back["judge_detail"]) == ("failed", "why")
    assert (
        deciding.together(RULES, {"A": opinion(*[sample(clear="yes")] * 3, names=("clear",))}, [])["voice_score"]
        is None
    )


def briefed(*names: str) -> Brief:
    return Brief("", "", (), voice_for("Ann", {}, {}, "blog", None), examined=Examined(TEXT, names))


@pytest.mark.parametrize(
    "output",
    [
        {},
        {"answers": None},
        {"answers": "yes"},
        {"answers": ["yes"]},
        {"scores": {"voice": 1}},
        {"answers": [{"criterion": "voice", "verdict": "maybe", "quote": ""}]},
        {"answers": [{"criterion": "voice", "verdict": ["yes"], "quote": ""}]},
        {"answers": [{"criterion": "voice", "verdict": "yes"}]},
        {"answers": [{"criterion": "voice", "verdict": "yes", "quote": ""}] * 2},
        {
            "answers": [
                {"criterion": "voice", "verdict": "yes", "quote": ""},
                {"criterion": "x", "verdict": "no", "quote": ""},
            ]
        },
        {"answers": []},
    ],
)
def test_another_shape_is_refused(output: dict[str, Any]) -> None:
    with pytest.raises(errors.Invalid):
        judging.parsed(briefed("voice"), output)
    sound = {"answers": [{"criterion": "voice", "verdict": "yes", "quote": ""}]}
    assert judging.parsed(briefed("voice"), sound).answers[0].verdict == "yes"


@pytest.mark.parametrize(
    ("name", "made_by"),
    [
        ("openai:gpt-5-mini", "openai"),
        ("openrouter:openai/gpt-5", "openai"),
        ("anthropic:claude-opus-5", "anthropic"),
        ("openrouter:anthropic/claude-opus-5", "anthropic"),
        ("ollama:llama3.3:70b", "meta"),
        ("openrouter:meta-llama/llama-4", "meta"),
        ("vllm:Qwen/Qwen3-8B", "alibaba"),
        ("compatible:house-model", "house"),
        ("openrouter:nobody/unheard-of", "nobody"),
        ("offline:extractive", ""),
        ("", ""),
    ],
)
def test_families(name: str, made_by: str) -> None:
    assert families.family(name) == made_by


def test_another_family_than_the_writers_is_asked_first() -> None:
    candidates = "openai:gpt-5, anthropic:claude-opus-5, offline:extractive, google:gemini-3"
    assert families.others_first(candidates, "openai:gpt-5-mini").split(",") == [
        "anthropic:claude-opus-5",
        "google:gemini-3",
        "openai:gpt-5",
    ]
    assert families.others_first(candidates, "").split(",")[0] == "openai:gpt-5"
    assert families.others_first("offline:extractive", "openai:gpt-5") == ""


def test_each_sample_is_a_call_of_the_one_function() -> None:
    called = functions.called("judge.A.2")
    assert (called.name, called.part, called.told) == ("judge", "A.2", "Judging: A.2")
    assert functions.called("write_blog") is functions.WRITE_BLOG
    assert functions.JUDGE.price(0, 2, 1) == 2
    assert set(functions.BY_MEDIUM) == {"blog", "social", "email"}
