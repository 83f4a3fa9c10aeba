"""The experiment that the demo plays: begun, fed round by round, judged, and told as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from regrow import wiring
from regrow.cli.demo import acts, files, lifts, onlookers, programme, rounds, trial
from regrow.cli.demo.acts import Act, Part, Stage
from regrow.cli.demo.lifts import Step
from regrow.cli.demo.trial import Texts, Trial
from regrow.domain import differences
from regrow.domain.experiments.series import Line, Point
from regrow.kit import clock
from regrow.services import visits
from regrow.services.experiment_pictures import Picture
from tests import homes
from tests import published as press
from tests.faces.command_line import Ended, run, within
from tests.faces.conftest import serving
from tests.faces.test_cli_demo import Page
from tests.faces.test_cli_demo_review import Section, home_of, told_of

REASON = "A has 30 of 100 readers. Were it not worse, this would hardly appear."


@pytest.fixture(scope="module")
def told(demo: Any) -> Any:
    """What the demo's JSON says of its experiment."""
    return demo["experiment"]


@pytest.fixture(scope="module")
def words(demo: Any) -> tuple[str, ...]:
    return ("--home", str(home_of(demo)), "--workspace", demo["workspace"], "--json")


@pytest.fixture(scope="module")
def section(demo: Any) -> Section:
    return Section(Path(demo["report"]).read_text("utf-8"), "experiment")


def test_the_keys_of_the_json_are_these(told: Any) -> None:
    assert " ".join(told) == (
        "id metric minimum_hours is_simulated rates truly_worse rounds readers status verdict loser winner is_true "
        "decision decisions needed afterwards statuses"
    )
    assert (told["metric"], told["minimum_hours"], told["is_simulated"]) == ("scroll_rate", 0, True)
    assert (told["rates"], told["truly_worse"]) == ({"A": 0.3, "B": 0.6}, "A")


def test_readers_come_in_rounds_until_it_is_decided(told: Any, demo: Any) -> None:
    assert 1 <= told["rounds"] <= rounds.ROUNDS
    assert told["readers"] == demo["site"]["readers"] == told["rounds"] * rounds.READERS
    # At these rates the dice hide it from hardly one demo in a hundred.
    assert told["loser"] in ("A", None)
    assert (told["loser"] is None) <= (told["rounds"] == rounds.ROUNDS)
    assert told["decision"]["decision"] == ("terminate" if told["loser"] else told["decision"]["decision"])


def test_the_loser_leaves_the_page(told: Any) -> None:
    assert sum(told["afterwards"].values()) == rounds.AFTERWARDS
    assert (told["statuses"]["A"] == "loser") == (told["loser"] == "A") == (told["afterwards"]["A"] == 0)
    assert told["afterwards"]["B"] > 0


def test_what_it_says_is_what_the_commands_say(told: Any, demo: Any, words: Any, capsys: Any) -> None:
    shown = within("experiments", "show", told["id"], *words, capsys=capsys).json
    assert (shown["status"], shown["batches"], shown["source"]) == (told["status"], told["rounds"], "outside")
    assert (shown["piece_id"], shown["minimum_hours"]) == (demo["site"]["piece_id"], 0)
    assert shown["decisions"] == told["decisions"]
    judged = {each["variant_id"] for each in told["decisions"]}
    counted = {line["label"]: line["points"][-1] for line in shown["series"] if line["variant_id"] in judged}
    for label, counts in demo["site"]["counts"].items():
        assert counted[label]["n"] == counts["exposure"], "every reader that the site counted was handed in, once"
        assert counted[label]["rate"] == pytest.approx(counts["scroll"] / counts["exposure"])


def test_every_decision_can_be_computed_again(told: Any, words: Any, capsys: Any) -> None:
    replayed = within("experiments", "replay", told["id"], *words, capsys=capsys, code=0).json
    assert len(replayed["decisions"]) == 2 * len({each["evaluation"] for each in replayed["decisions"]})
    assert len(replayed["decisions"]) >= 2 * told["rounds"]


def test_the_report_shows_it_in_words_pictures_and_tables(told: Any, demo: Any, section: Section) -> None:
    text = " ".join(section.text.split())
    for wanted in (
        told["decision"]["reason"],
        told["verdict"],
        told["id"],
        "The readers are simulated",
        "minimum_hours",
    ):
        assert wanted in text
    report = Path(demo["report"]).read_text("utf-8")
    pictures = re.findall(r'<svg class="experiment".*?</svg>', report, re.DOTALL)
    assert len(pictures) == 2
    assert all("<title " in each and "<desc " in each for each in pictures)
    assert pictures[1].count('class="spot"') == told["rounds"]
    assert 'href="#experiment"' in report
    assert f"experiments replay {told['id']}" in text
    for label, counts in demo["site"]["counts"].items():
        assert f"{counts['scroll']} of {counts['exposure']}" in text, label


def test_the_report_marks_what_only_one_of_the_texts_says(demo: Any, section: Section) -> None:
    drafts = [Path(path).read_text("utf-8") for path in demo["files"] if re.search(r"blog-1-[ab]\.md$", path)]
    titles = [found for text in drafts for found in re.findall(r"^# (.+)$", text, re.MULTILINE)[:1]]
    assert len(titles) == 2
    assert [title in section.text for title in titles] == [True] * len(titles), "the texts that were tried"
    assert min(len(section.marked[tag].split()) for tag in ("del", "ins")) > 100


def test_people_are_told_what_was_decided_and_what_is_true(demo_for_people: tuple[Path, Ended]) -> None:
    folder, ended = demo_for_people
    assert re.search(r"true rates +A 30%, B 60%", ended.out)
    assert re.search(r"minimum hours +0 for the demo", ended.out)
    assert re.search(r"A is truly worse, and (that was found|this much traffic did not show it)\.", ended.out)
    assert re.search(r"of 60 who asked for the page when it was over, \d+ were shown A and \d+ were shown B", ended.out)
    command = re.search(r"regrow (--home \.demo --workspace demo-1 experiments show exp_\w+)", ended.out)
    assert command is not None
    # Where nobody has won yet, the new text is an arm too.
    assert re.search(r"scroll rate of [23] variants", run(*command[1].split(), cwd=folder).out)
    lines = [line for line in ended.err.splitlines() if line.startswith("Readers: round")]
    assert re.fullmatch(r"Readers: round 2 of at most 8; so far A \d+%, B \d+%, confidence [01]\.\d\d", lines[1])


def test_with_null_there_is_nothing_to_find(tmp_path: Path) -> None:
    found = run("demo", "--random-seed", "7", "--null", "--json", cwd=tmp_path).json["experiment"]
    assert found["truly_worse"] is None
    # One demo in thousands is a false alarm, and says that it is one.
    assert found["is_true"] == (found["loser"] is None)
    if found["loser"] is None:
        assert (found["status"], found["rounds"], found["verdict"]) == (
            *("inconclusive", rounds.ROUNDS),
            f"No decision after {rounds.ROUNDS} rounds",
        )
        assert found["statuses"] == {"A": "live", "B": "live"}
        assert min(found["afterwards"].values()) > 0
        assert found["needed"] is None or found["needed"] > 0


def decision(label: str, what: str, needed: int | None = None, confidence: float = 0.5) -> dict[str, Any]:
    return {
        "circuit_execution_id": f"cxe_{label}", "label": label, "decision": what, "confidence": confidence,
        "conversions": 40.0, "needed": needed, "reason": REASON, "method": "e-process",
    }  # fmt: skip


def a_trial(a: dict[str, Any], b: dict[str, Any], **more: Any) -> Trial:
    parts = differences.between("We bake rye bread.", "We bake white bread daily.")
    texts = Texts(
        {"A": "Rye", "B": "White"}, {"A": "", "B": "why"}, {"A": "loser", "B": "live"}, parts,
        differences.counts(parts), 0.25,
    )  # fmt: skip
    lines = tuple(Line(label, f"var_{label}", (Point(0.0, 9, 0.3, 0.1, 0.6),)) for label in "AB")
    picture = Picture("scroll rate", "words", lines, (("A", "9", "30.00%", ""), ("B", "9", "", "")), True)
    given: dict[str, Any] = {
        "id": "exp_1", "metric": "scroll_rate", "status": "running", "rates": dict(rounds.RATES), "rounds": 3,
        "readers": 300, "decisions": (a, b), "picture": picture, "texts": texts, "afterwards": {"A": 0, "B": 60},
        "steps": (Step(1, (("A", 9, 3), ("B", 9, 4)), 0.3, None, None, 0.1),),
    }  # fmt: skip
    return Trial(**{**given, **more})


def test_a_loser_that_is_one() -> None:
    found = a_trial(decision("B", "continue", 90), decision("A", "terminate", 40))
    assert (found.loser, found.winner, found.is_true, found.needed, found.missing) == ("A", "", True, None, "")
    assert found.verdict == "A lost after 3 rounds"
    assert found.deciding["label"] == "A"
    assert found.traffic == (
        "A is no longer shown: of 60 who asked for the page when it was over, 0 were shown A and 60 were shown B."
    )
    assert found.truth == "A is truly worse, and that was found."


def test_a_loser_and_a_winner_at_once() -> None:
    found = a_trial(decision("A", "terminate"), decision("B", "promote", confidence=0.99))
    assert (found.verdict, found.is_true) == ("A lost and B won after 3 rounds", True)
    assert found.deciding["label"] == "A", "the loser is told first"


def test_no_decision_says_what_it_would_take() -> None:
    found = a_trial(decision("A", "continue", 412), decision("B", "continue", 380), afterwards={"A": 31, "B": 29})
    assert (found.is_true, found.needed) == (None, 380)
    assert found.missing == (
        "At the ratio that was seen, about 380 who read on, of both together, would decide it; there were 80."
    )
    assert found.traffic.startswith("Both are still shown: of 60")
    assert found.truth == "A is truly worse, and this much traffic did not show it."
    never = a_trial(decision("A", "inconclusive"), decision("B", "inconclusive"), rates=dict(rounds.NULL))
    assert (never.is_true, never.missing) == (
        True,
        "At the difference that was seen, no number of readers would show one.",
    )
    assert never.truth == "A and B are truly equal, and neither was called."


def test_a_loser_that_is_none_is_said_to_be_wrong() -> None:
    wrong = a_trial(decision("A", "continue"), decision("B", "terminate"))
    assert (wrong.is_true, wrong.truth) == (False, "A is truly worse, so this is wrong.")
    alarm = a_trial(decision("A", "terminate"), decision("B", "continue"), rates=dict(rounds.NULL))
    assert (alarm.is_true, alarm.truth) == (False, "A and B are truly equal, so this is a false alarm.")


def test_a_split_that_was_not_intended_decides_nothing() -> None:
    found = a_trial(decision("A", "invalid"), decision("B", "invalid"), status="invalid")
    assert (found.missing, found.loser) == ("", "")
    assert found.verdict == "Invalid: the split of readers was not the one intended"


def test_an_empty_interval_and_hostile_texts_are_told() -> None:
    evil = '</p><script>alert(1)</script><img src="http://192.0.2.1/x" onerror=x>" onclick="x"'
    told = a_trial(decision("A", "terminate"), decision("B", "continue"))
    texts = replace(told.texts, titles={"A": evil, "B": evil}, angles={"A": evil, "B": ""})
    told = replace(told, texts=texts, decisions=({**decision("A", "terminate"), "reason": evil},), id=evil)
    page = files.report(told_of("Bread"), [Part(trial.ACT, told)])
    found = Page(page)
    assert found.elements.isdisjoint({"script", "img"})
    assert found.handlers == []
    text = Section(page, "experiment").text
    assert text.count(evil) >= 5
    assert "open" in text, "too little was seen for an interval"


def test_marks_of_the_lift_stay_on_the_plane() -> None:
    steps = [
        Step(1, (), 0.9, -0.5, None, 0.0),
        Step(2, (), 0.5, -0.2, 5.0, 0.5),
        Step(3, (), 0.4, -0.05, 1.2, 0.9),
        Step(4, (), 0.4, 0.1, 0.9, 0.96),
    ]
    drawn = lifts.drawn(steps)
    assert [mark.number for mark in drawn.marks] == [1, 2, 3, 4]
    assert [mark.x for mark in drawn.marks] == sorted(mark.x for mark in drawn.marks)
    for mark, step in zip(drawn.marks, steps, strict=True):
        assert lifts.TOP <= mark.top <= mark.y <= mark.bottom <= lifts.HEIGHT - lifts.BOTTOM
        assert (mark.bottom < drawn.zero) == (step.low is not None and step.low > 0)
    assert {round(tick.value, 2) for tick in drawn.ticks} >= {0.0, 0.5, 1.0}
    assert all(lifts.TOP <= tick.y <= lifts.HEIGHT - lifts.BOTTOM for tick in drawn.ticks)


def test_an_empty_plane_has_its_line() -> None:
    drawn = lifts.drawn([])
    assert drawn.marks == ()
    assert lifts.TOP < drawn.zero < lifts.HEIGHT


def test_acts_are_played_in_order_and_those_with_nothing_to_tell_are_left_out() -> None:
    def act(key: str, made: Any) -> Act:
        def play(stage: Stage) -> Any:
            return (list(stage.made), made)

        return Act(
            key, key, key, "", play, lambda stage, _story: stage.made[key][1], lambda _s, told: told, lambda _told: None
        )

    some = (act("first", 1), act("second", None), act("third", 3))
    stage = Stage(None, "ws_1", "gen_1", 1, rounds.RATES)  # type: ignore[arg-type]
    acts.play(stage, some)
    assert stage.made["third"] == (["first", "second"], 3)
    parts = acts.collected(stage, told_of("Bread"), some)
    assert [(part.act.key, part.told) for part in parts] == [("first", 1), ("third", 3)]


def test_every_act_of_the_programme_has_its_own_place() -> None:
    for name in ("key", "anchor", "template", "heading"):
        names = [getattr(act, name) for act in programme.ACTS]
        assert len(set(names)) == len(names)
    assert all((files.TEMPLATES / act.template).is_file() for act in programme.ACTS)


def test_onlookers_tell_variants_by_their_titles_and_are_not_counted(tmp_path: Path) -> None:
    home = wiring.open_home(homes.settings_for("sqlite", tmp_path))
    titles = {"A": "Rye & <salt>", "B": "White “bread”"}
    tenant = homes.tenant(home, "Shop")
    piece_id = press.press(tenant).variants("bread", [{"title": each, "body": "Bake it."} for each in titles.values()])
    now = clock.now()
    with serving(home) as server:
        found = onlookers.shown(f"{server.url}/s/shop/bread", titles, 40)
        other = onlookers.shown(f"{server.url}/s/shop/bread", {"A": "Something else"}, 3)
        nothing = onlookers.shown(f"{server.url}/s/shop/nothing", titles, 3)
    assert found["A"] + found["B"] == 40
    assert min(found["A"], found["B"]) > 0
    assert (other.total(), nothing.total()) == (0, 0)
    with tenant.reading() as session:
        assert visits.totals(session, piece_id, now - timedelta(hours=1), now + timedelta(hours=1)) == {}
    home.close()
