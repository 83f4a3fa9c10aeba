"""The demo's article on the built-in site: read by simulated readers, counted, and told as it was."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regrow.cli.demo import counted, files, published, rounds, simulated_readers
from regrow.cli.demo.acts import Part
from regrow.cli.demo.counted import Audience, Did, Published
from tests import visits as seen
from tests.faces import command_line
from tests.faces.command_line import Ended, run, running, within
from tests.faces.test_cli_demo import Page
from tests.faces.test_cli_demo_review import Section, home_of, told_of

PLAY = """
import json, sys
from pathlib import Path
from regrow import settings, wiring
from regrow.cli import working
from regrow.cli.demo import acts, published, rounds, trial

folder, generation_id, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
home = wiring.open_home(settings.load(folder / "home"))
with working.closing(home):
    workspace = home.workspace(None)
    stage = acts.Stage(home, workspace.id, generation_id, 1, rounds.RATES)
    stage.made["site"] = published.play(stage)
    stage.made["experiment"] = rounds.play(stage, port)
    parts = acts.collected(stage, None, (published.ACT, trial.ACT))
    print(json.dumps({part.act.key: part.act.as_json(stage, part.told) for part in parts}))
"""
SERVED = re.compile(rb"http://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def played(demo: Any) -> Any:
    return demo


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Two demos of one seed in which A and B are liked equally well."""
    folder = tmp_path_factory.mktemp("null")
    return [run("demo", "--random-seed", "7", "--null", "--json", cwd=folder).json["site"] for _ in range(2)]


def of_all(site: Any, reason: str) -> int:
    """How many bots of a kind came in all rounds."""
    assert site["readers"] % rounds.READERS == 0
    return rounds.BOTS[reason] * (site["readers"] // rounds.READERS)


def test_counts_are_what_the_readers_did(played: Any) -> None:
    site = played["site"]
    assert (site["is_equal"], site["differences"], site["unanswered"], site["trouble"]) == (True, [], 0, "")
    assert site["counts"] == site["truth"]
    assert site["is_simulated"] is True
    shown = sum(each["exposure"] for each in site["counts"].values())
    assert shown == site["readers"] + of_all(site, "replayed"), "of each replayed signal the first one counts"
    assert min(each["exposure"] for each in site["counts"].values()) > site["readers"] // 4
    assert all(0 < each["scroll"] < each["exposure"] for each in site["counts"].values())


def test_what_must_not_count_is_told_by_reason(played: Any) -> None:
    site = played["site"]
    assert set(site["uncounted"]) == set(rounds.BOTS) == set(simulated_readers.KINDS) == set(counted.REASONS)
    for reason, count in site["uncounted"].items():
        assert count["truth"] == count["counted"] == of_all(site, reason) * (2 if reason == "replayed" else 1)
    assert site["bots"] == sum(of_all(site, reason) for reason in rounds.BOTS)


def test_the_keys_of_the_json_are_these(played: Any) -> None:
    assert " ".join(played["site"]) == (
        "piece_id slug address serve trouble is_simulated served_at readers bots rates truth counts uncounted "
        "unanswered is_equal differences"
    )
    assert played["site"]["rates"] == {"A": 0.3, "B": 0.6}
    assert played["site"]["serve"].startswith("regrow --home ")
    assert played["site"]["address"] == f"http://127.0.0.1:8000/s/demo-1/{played['site']['slug']}"


def test_it_stands_on_the_site_when_the_home_is_served_again(played: Any) -> None:
    home = home_of(played)
    with running("--home", home, "serve", "--port", "0", "--json", cwd=home) as process:
        assert process.stdout is not None
        line = ""
        while "address" not in line:
            line = process.stdout.readline()
        (base,) = re.findall(r"http://127\.0\.0\.1:\d+", line)
        address = f"{base}/s/{played['workspace']}/{played['site']['slug']}"
        command_line.wait_for(address, process)
        with urllib.request.urlopen(address, timeout=60) as answer:
            page = answer.read().decode()
    assert published.TITLE in page
    assert published.DISCLOSURE in page
    titles = [Path(path).read_text("utf-8") for path in played["files"] if "blog-1-" in path]
    assert any(re.search(r'title: "(.*)"', text)[1] in page for text in titles)  # type: ignore[index]


def test_its_posts_are_published_and_its_piece_too(played: Any, capsys: Any) -> None:
    words = ("--home", str(home_of(played)), "--workspace", played["workspace"], "--json")
    posts = within("posts", "list", *words, capsys=capsys).json["items"]
    again = [("A", "published")] if played["regeneration"]["approved"] else []
    found = sorted((each["label"], each["status"]) for each in posts)
    assert found == [("A", "published"), *again, ("B", "published")]
    assert {each["address"] for each in posts} == {played["site"]["address"]}
    piece = within("pieces", "show", played["site"]["piece_id"], *words, capsys=capsys).json
    assert (piece["medium"], piece["status"]) == ("blog", "published")


def test_the_report_tells_it_all_in_one_section(played: Any) -> None:
    report = Path(played["report"]).read_text("utf-8")
    told, text = played["site"], " ".join(Section(report, "site").text.split())
    for wanted in ("The visitors are simulated", "Counts equal the truth", told["serve"], told["address"], "30 %"):
        assert wanted in text
    for did in told["counts"].values():
        assert f"{did['exposure']}{did['exposure']}" in text.replace(" ", "")
        assert f"{100 * did['scroll'] / did['exposure']:.1f} %" in text
    for words in counted.REASONS.values():
        assert words in text
    assert ("href", told["address"]) in Page(report).points
    assert "Nothing is published" not in report


def test_with_null_both_are_liked_equally_and_the_seed_sends_the_same_people(null: list[Any]) -> None:
    one, other = null
    assert one["rates"] == other["rates"] == {"A": 0.45, "B": 0.45}
    assert [one["is_equal"], other["is_equal"]] == [True, True]
    for metric in ("exposure", "scroll", "read"):
        sums = [sum(each[metric] for each in site["truth"].values()) for site in null]
        assert sums[0] == sums[1] > 0, "who sees A and who sees B is up to the site, what they do is not"
    assert one["uncounted"] == other["uncounted"]
    assert one["address"] != other["address"]


def test_people_are_told_that_nobody_real_came(demo_for_people: tuple[Path, Ended]) -> None:
    ended = demo_for_people[1]
    assert "simulated readers (nobody real)" in ended.out
    assert re.search(r"variant A +shown to \d+, of whom \d+ read on: [\d.]+%; the true rate is 30%", ended.out)
    assert re.search(r"against truth +equal: every count", ended.out)
    assert re.search(r"signals refused +signals with a false signature \d+, ", ended.out)
    assert re.search(r"search engines \d+, other crawlers \d+", ended.out)
    assert re.search(r"regrow --home \.demo serve +then open http://127\.0\.0\.1:8000/s/demo-1/", ended.out)


def test_limits_that_are_set_for_strangers_do_not_cut_the_demo_short(tmp_path: Path) -> None:
    env = {"REGROW_BEACONS_PER_MINUTE": "1", "REGROW_VISITORS_PER_HOUR": "1", "FORWARDED_ALLOW_IPS": "192.0.2.1"}
    found = run("demo", "--json", cwd=tmp_path, env=env).json["site"]
    assert (found["is_equal"], found["counts"]) == (True, found["truth"])


def test_a_port_that_is_taken_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    command_line.furnished(tmp_path)
    with seen.listening() as (_heard, port):
        ended = play(tmp_path, port)
    assert f"No simulated readers came: port {port} on 127.0.0.1 is taken" in ended.stderr
    told = json.loads(ended.stdout)
    assert set(told) == {"site"}, "without readers there is no experiment"
    found = told["site"]
    assert "is taken" in found["trouble"]
    assert found["address"].endswith(found["slug"])
    assert "counts" not in found


def test_without_an_article_nothing_is_published_and_that_is_said(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    made = run("generate", "--medium", "social", "--home", home, "--json", cwd=tmp_path).json
    ended = play(tmp_path, 0, made["id"])
    assert "Nothing is published: no article was written." in ended.stderr
    assert json.loads(ended.stdout) == {}


def test_an_article_that_may_not_go_out_is_told(tmp_path: Path) -> None:
    """The channel of the site was archived before."""
    home = command_line.furnished(tmp_path)
    (channel,) = run("channels", "list", "--home", home, "--json", cwd=tmp_path).json["items"]
    run("channels", "archive", channel["id"], "--home", home, cwd=tmp_path)
    ended = play(tmp_path, 0)
    assert "The article is not published: this workspace has no channel for its site" in ended.stderr
    assert json.loads(ended.stdout) == {}


def play(folder: Path, port: int, generation_id: str = "") -> subprocess.CompletedProcess[str]:
    """The demo's part on the home in `folder`, in a process of its own."""
    if not generation_id:
        (made,) = run("generations", "list", "--home", folder / "home", "--json", cwd=folder).json["items"]
        generation_id = made["id"]
    script = [sys.executable, "-c", PLAY, str(folder), generation_id, str(port)]
    env = command_line.environment(None)
    ended = subprocess.run(
        script, cwd=folder, env=env, capture_output=True, text=True, timeout=command_line.PATIENCE_SECONDS
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def test_interrupted_while_readers_come_it_ends_and_can_be_run_again(tmp_path: Path) -> None:
    with running("demo", cwd=tmp_path) as process:
        assert process.stderr is not None
        line = ""
        while not line.startswith("Readers"):
            line = process.stderr.readline()
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=command_line.PATIENCE_SECONDS)[1]
    assert process.returncode == 130, said
    assert "Traceback" not in said
    again = run("demo", "--json", cwd=tmp_path).json
    assert (again["workspace"], again["site"]["is_equal"]) == ("demo-2", True)


def audience(**more: Any) -> Audience:
    both = {label: Did(20, 5, 3) for label in counted.LABELS}
    given = {"rates": rounds.RATES, "truth": both, "counts": both, "sent": {"crawler": 2}, "tallied": {"crawler": 2}}
    return Audience(**{"readers": 40, "bots": 2, "unanswered": 0, "address": "http://127.0.0.1:1/", **given, **more})


def page_of(told: Published) -> str:
    return files.report(told_of("Bread"), [Part(published.ACT, told)])


def test_what_differs_is_named() -> None:
    assert audience().is_equal
    off = audience(counts={"A": Did(19, 5, 3), "B": Did(20, 6, 4)}, tallied={"crawler": 1, "martian_dust": 3})
    assert off.differences == [
        "A: 19 counted as shown it, and 20 did",
        "B: 6 counted as reading on, and 5 did",
        "B: 4 counted as timed, and 3 did",
        "other crawlers: 1 tallied, 2 sent",
        "martian dust: 3 tallied, 0 sent",
    ]
    page = files.report(
        told_of("Bread"), [Part(published.ACT, Published("pie_1", "Bread", "bread", "http://x.test/", off))]
    )
    text = " ".join(Section(page, "site").text.split())
    assert "Counts differ from the truth" in text
    assert all(each in text for each in off.differences)
    assert "because every count is right" not in text


def test_nobody_who_came_is_no_share() -> None:
    nobody = {label: Did(0, 0, 0) for label in counted.LABELS}
    assert [bar.width for bar in audience(counts=nobody, truth=nobody).bars] == [0, 0]
    assert [bar.width for bar in audience().bars] == [counted.BAR / 4] * 2


def test_requests_without_an_answer_are_told() -> None:
    told = Published("pie_1", "Bread", "bread", "http://x.test/", audience(unanswered=3))
    assert "3 requests got no answer" in Section(page_of(told), "site").text


@pytest.mark.parametrize("has_audience", [True, False])
def test_whatever_the_article_is_called_it_stays_text(has_audience: bool) -> None:
    evil = '</code><script>alert(1)</script><img src="http://192.0.2.1/x" onerror=x>" onclick="x"'
    told = Published(evil, evil, "bread", "http://x.test/", audience(), evil)
    page = page_of(told if has_audience else replace(told, audience=None))
    found = Page(page)
    assert found.elements.isdisjoint({"script", "img"})
    assert found.handlers == []
    assert Section(page, "site").text.count(evil) >= 2


def test_the_crowd_leaves_when_it_is_told_to() -> None:
    truth = simulated_readers.Truth()
    crowd = simulated_readers.Crowd("http://127.0.0.1:1", "nobody", truth, threading.Lock())
    done: list[int] = []
    crowd.stop()
    crowd.run([(pause for pause in (0.0,))], lambda: done.append(1))  # type: ignore[list-item]
    assert (done, truth.tallies) == ([], Counter())
