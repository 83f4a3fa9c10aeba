"""What every channel keeps, whatever it is connected to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from regrow.adapters.channels import register
from regrow.domain.publishing import settings as rules
from regrow.domain.publishing.channel import LONGEST_ANSWER, Channel, Outcome, Setting
from regrow.kit import errors
from tests import channels
from tests.channels import HOSTILE, KINDS, OUTGOING

Connected = tuple[Channel, Callable[[], set[str]]]


@pytest.fixture(params=KINDS)
def connected(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connected]:
    with channels.connected(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def channel(connected: Connected) -> Channel:
    return connected[0]


def takes_effect(channel: Channel) -> bool:
    """The built-in site acts on nothing outside: its posts are served from their rows."""
    return type(channel).__name__ != "Site"


def test_there_is_a_line_for_each_file() -> None:
    folder = Path(register.__file__).parent
    named = {path.stem for path in folder.glob("*.py")} - {"__init__", "register", "places", "checkouts"}
    assert named == {module.__name__.rpartition(".")[2] for module in register.MODULES}
    assert len(set(KINDS)) == len(KINDS)


@pytest.mark.parametrize("module", register.MODULES, ids=KINDS)
def test_a_kind_says_what_it_wants_to_be_told(module: object) -> None:
    settings: tuple[Setting, ...] = module.SETTINGS  # type: ignore[attr-defined]
    assert module.HELP  # type: ignore[attr-defined]
    assert all(each.help and each.name.isidentifier() for each in settings)
    defaults = {each.name: each.default for each in settings if not each.is_secret and not each.is_required}
    assert (
        rules._of("settings", defaults, [each for each in settings if not each.is_secret and not each.is_required])
        == []
    )


def test_posting_says_where_it_stands_now(connected: Connected) -> None:
    channel, taken = connected
    assert channel.validate(OUTGOING) == ()
    found = channel.post(OUTGOING)
    assert (found.kind, bool(found.outside_id), bool(found.address)) == ("published", True, True)
    assert not takes_effect(channel) or taken() == {OUTGOING.key}


def test_the_same_key_takes_effect_once(connected: Connected) -> None:
    channel, taken = connected
    assert channel.capabilities.is_repeatable
    first, second = channel.post(OUTGOING), channel.post(OUTGOING)
    assert (first.kind, first.outside_id, first.address) == (second.kind, second.outside_id, second.address)
    assert not takes_effect(channel) or taken() == {OUTGOING.key}


def test_reconciling_changes_nothing_and_tells_the_truth(connected: Connected) -> None:
    channel, taken = connected
    before = channel.reconcile(OUTGOING)
    assert taken() == set()
    assert not takes_effect(channel) or before.kind == "retry"
    posted = channel.post(OUTGOING)
    after = channel.reconcile(OUTGOING)
    assert after.kind in ("published", "retry")
    # Whoever cannot tell from a look must at least be harmless to repeat.
    assert after.outside_id == posted.outside_id if after.kind == "published" else channel.capabilities.is_repeatable


def test_two_posts_stand_beside_each_other(connected: Connected) -> None:
    channel, taken = connected
    assert [channel.post(each).kind for each in (OUTGOING, channels.other())] == ["published", "published"]
    assert not takes_effect(channel) or taken() == {OUTGOING.key, channels.other().key}


def test_what_is_taken_back_is_gone_and_may_be_taken_back_again(connected: Connected) -> None:
    channel, taken = connected
    posted, kept = channel.post(OUTGOING), channel.post(channels.other())
    assert kept.kind == "published"
    for _ in range(2):
        assert channel.remove(OUTGOING, posted.outside_id).kind == "published"
    if isinstance(channel, register.folder.Folder | register.feed.FeedFiles):
        assert taken() == {channels.other().key}


def test_it_says_whether_it_can_be_used(channel: Channel) -> None:
    is_usable, told = channel.status()
    assert is_usable
    assert told


def test_totals_come_from_those_who_have_them(channel: Channel) -> None:
    assert channel.metrics("x") is None
    assert not channel.capabilities.has_metrics


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["title", "body", "html", "author", "summary", "language", "disclosure", "outside_id"])
def test_a_hostile_text_is_carried_or_refused_and_breaks_nothing(connected: Connected, name: str, text: str) -> None:
    channel, taken = connected
    hostile = replace(OUTGOING, **{name: text}) if name != "outside_id" else OUTGOING
    problems = channel.validate(hostile)
    found = [channel.post(hostile), channel.reconcile(hostile), channel.remove(hostile, text)]
    assert all(isinstance(each, Outcome) and len(each.answer) <= LONGEST_ANSWER for each in found)
    assert problems == ()
    assert found[0].kind == "published"
    assert channel.post(channels.other()).kind == "published"
    assert not takes_effect(channel) or channels.other().key in taken()


def test_secrets_show_nowhere(tmp_path: Path) -> None:
    for kind in KINDS:
        with channels.connected(kind, tmp_path) as (channel, _):
            assert channels.SECRET not in repr(channel) + repr(channel.status()) + repr(channel.post(OUTGOING))


def test_a_kind_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.Unavailable) as gone:
        register.make("fax", {}, {}, channels.surroundings(tmp_path))
    assert gone.value.is_permanent
