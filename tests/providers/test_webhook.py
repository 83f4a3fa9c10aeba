"""Webhooks: what is signed, what an answer means, and what nobody can tell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from regrow.adapters.channels import webhook
from regrow.adapters.channels.webhook import Webhook
from regrow.domain.publishing.channel import LONGEST_ANSWER
from regrow.kit import errors
from regrow.testing.receiver import PRIVATE, Receiver
from tests import channels
from tests.channels import FORMER, OUTGOING, SECRET


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(secret=SECRET) as made:
        yield made


def hook(receiver: Receiver, tmp_path: Path = Path(), seconds: float = 20.0, **settings: Any) -> Webhook:
    given = {"address": receiver.address, "reconcile_address": receiver.reconcile_address, **settings}
    found = webhook.make(given, {"secret": SECRET}, channels.surroundings(tmp_path))
    return replace(found, client=replace(found.client, seconds=seconds))


def test_a_message_is_signed_by_the_rules(receiver: Receiver) -> None:
    assert hook(receiver).post(OUTGOING).kind == "published"
    [message] = receiver.taken
    assert message.id == OUTGOING.key
    assert message.body["type"] == "post.published"
    assert message.body["timestamp"] == OUTGOING.at
    told = message.body["data"]
    assert (told["title"], told["body"], told["html"]) == (OUTGOING.title, OUTGOING.body, OUTGOING.html)
    assert (told["piece_id"], told["label"], told["hashtags"]) == ("pie_1", "A", ["#bread", "#keeping"])
    assert message.headers["content-type"] == "application/json"


def test_a_receiver_with_another_secret_refuses_it(receiver: Receiver) -> None:
    receiver.secret = FORMER
    found = hook(receiver).post(OUTGOING)
    assert (found.kind, found.status, receiver.taken) == ("refused", 401, [])
    assert "signature" in found.answer


def test_both_secrets_sign_while_one_takes_the_place_of_the_other(receiver: Receiver, tmp_path: Path) -> None:
    receiver.secret = FORMER
    held = {"secret": SECRET, "former_secret": FORMER}
    both = webhook.make({"address": receiver.address}, held, channels.surroundings(tmp_path))
    assert both.post(OUTGOING).kind == "published"
    signatures = receiver.taken[0].headers["webhook-signature"].split(" ")
    assert [each[:3] for each in signatures] == ["v1,", "v1,"]


def test_each_attempt_has_the_same_id_and_bytes(receiver: Receiver) -> None:
    found = hook(receiver)
    assert [found.post(OUTGOING).kind, found.post(OUTGOING).kind] == ["published", "published"]
    first, second = receiver.taken
    assert (first.id, first.body) == (second.id, second.body)
    assert (first.is_again, second.is_again) == (False, True)


def test_a_changed_body_does_not_carry_the_signature(receiver: Receiver) -> None:
    signed = hook(receiver)._signed("m1", b'{"a":1}')
    standardwebhooks.Webhook(SECRET).verify(b'{"a":1}', signed)
    for body, headers in [(b'{"a":2}', signed), (b'{"a":1}', {**signed, "webhook-id": "m2"})]:
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(SECRET).verify(body, headers)


@pytest.mark.parametrize(
    ("fault", "kind", "status", "is_taken"),
    [
        ("", "published", 200, True),
        ("accept-204", "published", 204, True),
        ("accept-gibberish", "published", 200, True),
        ("accept-odd", "published", 200, True),
        ("accept-huge", "published", 200, True),
        ("accept-short", "published", 200, True),
        ("drop", "unknown", 0, False),
        ("accept-drop", "unknown", 0, True),
        ("nonsense", "unknown", 0, False),
        ("accept-nonsense", "unknown", 0, True),
        ("hang", "unknown", 0, False),
        ("accept-hang", "unknown", 0, True),
        ("drip", "unknown", 0, False),
        ("500", "unknown", 500, False),
        ("accept-500", "unknown", 500, True),
        ("502", "unknown", 502, False),
        ("503", "retry", 503, False),
        ("429", "retry", 429, False),
        ("400", "refused", 400, False),
        ("401", "refused", 401, False),
        ("404", "refused", 404, False),
        ("410", "refused", 410, False),
        ("413", "refused", 413, False),
        ("303", "unknown", 303, False),
        ("redirect-private", "refused", 307, False),
        ("redirect-elsewhere", "refused", 307, False),
        ("redirect-here", "published", 200, True),
        ("redirect-loop", "refused", 0, False),
        ("600", "unknown", 600, False),
    ],
)
def test_what_an_answer_means(receiver: Receiver, fault: str, kind: str, status: int, is_taken: bool) -> None:
    receiver.faults.extend([fault] if fault else [])
    found = hook(receiver, seconds=2.0 if "hang" in fault or fault == "drip" else 20.0).post(OUTGOING)
    assert (found.kind, found.status, bool(receiver.ids)) == (kind, status, is_taken)
    assert found.kind == "published" or found.detail
    assert len(found.answer) <= LONGEST_ANSWER
    assert PRIVATE not in found.detail


def test_an_odd_answer_gives_no_address(receiver: Receiver) -> None:
    receiver.faults.append("accept-odd")
    found = hook(receiver).post(OUTGOING)
    assert (found.kind, found.outside_id, found.address) == ("published", "", "")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("7", 7.0), ("0", 0.0), ("99999999999", 86_400.0), ("-1", None), ("soon", None), ("", None), ("٣", None)],
)
def test_how_long_the_receiver_asks_to_wait(told: str, seconds: float | None) -> None:
    found = webhook.Answer(429, {"retry-after": told}, b"", "https://h/", 1)
    assert webhook._judged(found, channels.noon()).retry_after_seconds == seconds


def test_a_date_to_wait_for_is_read(receiver: Receiver) -> None:
    now = channels.noon()
    past = webhook.Answer(503, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"", "https://h/", 1)
    far = webhook.Answer(503, {"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}, b"", "https://h/", 1)
    assert webhook._judged(past, now).retry_after_seconds == 0.0
    assert webhook._judged(far, now).retry_after_seconds == webhook.LONGEST_WAIT_SECONDS


def test_what_became_of_a_lost_answer_is_asked(receiver: Receiver) -> None:
    found = hook(receiver)
    assert found.reconcile(OUTGOING).kind == "retry"
    receiver.faults.append("accept-drop")
    assert found.post(OUTGOING).kind == "unknown"
    told = found.reconcile(OUTGOING)
    assert (told.kind, told.outside_id) == ("published", f"out-{OUTGOING.key[:12]}")
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("fault", ["drop", "500", "nonsense", "gibberish", "short", "huge", "found-private", "401"])
def test_a_question_that_gets_no_clear_answer_leaves_it_unknown(receiver: Receiver, fault: str) -> None:
    receiver.faults.append(fault)
    assert hook(receiver).reconcile(OUTGOING).kind == "unknown"


def test_without_an_address_to_ask_nobody_can_tell(receiver: Receiver) -> None:
    found = hook(receiver, reconcile_address="")
    assert (found.capabilities.can_reconcile, found.reconcile(OUTGOING).kind) == (False, "unknown")
    assert receiver.asked == 0


def test_a_key_is_asked_for_beside_what_the_address_holds_already(receiver: Receiver) -> None:
    found = hook(receiver, reconcile_address=f"{receiver.reconcile_address}?tenant=a")
    found.post(OUTGOING)
    assert found.reconcile(OUTGOING).kind == "published"


def test_taking_back_and_testing_are_messages_of_their_own(receiver: Receiver) -> None:
    found = hook(receiver)
    assert found.remove(OUTGOING, "out-1").kind == "published"
    assert found.test("test-1").kind == "published"
    assert [message.body["type"] for message in receiver.taken] == ["post.removed", "channel.tested"]
    assert receiver.taken[0].body["data"]["outside_id"] == "out-1"
    assert receiver.ids == {f"{OUTGOING.key}-removed", "test-1"}


def test_a_message_too_large_is_told_before_it_is_sent(receiver: Receiver) -> None:
    large = replace(OUTGOING, body="é" * webhook.MOST_MESSAGE_BYTES)
    [problem] = hook(receiver).validate(large)
    assert "shorten" in problem


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({"address": "http://example.org/"}, {"secret": SECRET}),
        ({"address": "nonsense"}, {"secret": SECRET}),
        ({"address": "https://u:p@example.org/"}, {"secret": SECRET}),
        ({"address": "https://h/", "reconcile_address": "ftp://h/"}, {"secret": SECRET}),
        ({"address": "https://h/"}, {}),
        ({"address": "https://h/"}, {"secret": "whsec_short"}),
        ({"address": "https://h/"}, {"secret": SECRET.removeprefix("whsec_")}),
        ({"address": "https://h/"}, {"secret": "whsec_not base64 at all, but long enough"}),
        ({"address": "https://h/"}, {"secret": SECRET, "former_secret": "whsec_x"}),
    ],
)
def test_settings_that_cannot_work_are_refused_without_repeating_a_secret(
    tmp_path: Path, settings: dict[str, Any], secrets: dict[str, str]
) -> None:
    with pytest.raises(errors.Invalid) as refused:
        webhook.make(settings, secrets, channels.surroundings(tmp_path, allows_private=False))
    assert refused.value.code == "bad_channel_settings"
    assert not any(secret in refused.value.detail for secret in secrets.values())


def test_a_private_address_is_refused_when_it_is_sent_to(receiver: Receiver, tmp_path: Path) -> None:
    address = receiver.address.replace("http://127.0.0.1", "https://localhost")
    public = webhook.make({"address": address}, {"secret": SECRET}, channels.surroundings(tmp_path, False))
    found = public.post(OUTGOING)
    assert (found.kind, receiver.asked) == ("refused", 0)
    assert "private address" in found.detail


def test_the_receiver_keeps_its_record_on_disk(tmp_path: Path) -> None:
    record = tmp_path / "taken"
    with Receiver(record=record) as receiver:
        hook(receiver).post(OUTGOING)
        hook(receiver).post(OUTGOING)
    assert record.read_text().split() == [OUTGOING.key]
    with Receiver(record=record) as again:
        assert again.ids == {OUTGOING.key}
        assert json.dumps(sorted(again.ids)) == json.dumps([OUTGOING.key])


def test_the_receiver_runs_as_a_program(tmp_path: Path) -> None:
    record = tmp_path / "taken"
    words = ["-m", "regrow.testing.receiver", "--record", str(record), "--fault", "503", "--secret", SECRET]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["base_url"] + "/hooks"
            found = webhook.make({"address": address}, {"secret": SECRET}, channels.surroundings(tmp_path))
            assert [found.post(OUTGOING).kind, found.post(OUTGOING).kind] == ["retry", "published"]
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert record.read_text().split() == [OUTGOING.key]
