"""A webhook as a channel: messages signed by the rules of Standard Webhooks, to any address of a receiver."""

from __future__ import annotations

import base64
import binascii
import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import standardwebhooks

from regrow.adapters import http
from regrow.adapters.http import Answer, Client, Failure, Request
from regrow.domain.publishing import posts
from regrow.domain.publishing.channel import (
    LONGEST_ANSWER,
    Capabilities,
    Kind,
    Outcome,
    Outgoing,
    Setting,
    Surroundings,
)
from regrow.domain.publishing.totals import Totals
from regrow.kit import errors

KIND = "webhook"
HELP = "Messages to an address of your own, signed by the rules of Standard Webhooks"
PUBLISHED, REMOVED, TESTED = "post.published", "post.removed", "channel.tested"
SETTINGS = (
    Setting("address", "Where messages go, such as https://host/hooks", is_required=True),
    Setting(
        "secret",
        "whsec_ and 24 to 64 random bytes in base64 (openssl rand -base64 32); the receiver has the same",
        True,
        True,
    ),
    Setting("former_secret", "The secret before, while the receiver learns the new one: both sign", is_secret=True),
    Setting(
        "reconcile_address",
        "Asked with ?key= whether a message was taken, such as https://host/taken: 200 with id and url, or 404",
    ),
    Setting("is_repeatable", "The receiver takes each webhook-id once, as the rules ask", default=True, kind="switch"),
)
PREFIX = "whsec_"
SHORTEST_SECRET, LONGEST_SECRET = 24, 64
SECONDS = 20.0
MOST_BYTES = 200_000
LONGEST_WAIT_SECONDS = 86_400.0
MOST_MESSAGE_BYTES = 5_000_000
_LATER = frozenset({408, 425, 429, 503})
"""Answers that say: not taken, come again."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """The key of a post is the id of its message, the same in every attempt; the time is that of the attempt."""

    address: str
    secrets: tuple[str, ...] = field(repr=False)
    reconcile_address: str
    is_repeatable: bool
    client: Client
    clock: Callable[[], datetime]

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            media=("blog", "article", "social", "email"),
            is_repeatable=self.is_repeatable,
            can_reconcile=bool(self.reconcile_address),
            can_remove=True,
        )

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        if len(_message(PUBLISHED, outgoing.at, _data(outgoing))) > MOST_MESSAGE_BYTES:
            return (f"the message would be larger than {MOST_MESSAGE_BYTES:,} bytes: shorten the text",)
        return ()

    def post(self, outgoing: Outgoing) -> Outcome:
        return self._send(outgoing.key, _message(PUBLISHED, outgoing.at, _data(outgoing)))

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        if not self.reconcile_address:
            return Outcome("unknown", detail="the channel has no reconcile_address that could be asked")
        joint = "&" if urlsplit(self.reconcile_address).query else "?"
        address = f"{self.reconcile_address}{joint}key={quote(outgoing.key, safe='')}"
        found = self.client.ask(Request("GET", address, {}, self._signed(outgoing.key, b"")))
        if isinstance(found, Failure):
            return Outcome("unknown", detail=found.detail, milliseconds=found.milliseconds)
        if found.status == 404:
            return _outcome("retry", found, "the receiver has not taken it")
        if found.status == 200 and not found.is_cut and isinstance(_read(found), dict):
            return _taken(found)
        return _outcome("unknown", found, f"the receiver cannot tell (status {found.status})")

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        data = {"key": outgoing.key, "post_id": outgoing.post_id, "outside_id": outside_id}
        return self._send(posts.removal_key(outgoing.key), _message(REMOVED, outgoing.at, data))

    def test(self, key: str) -> Outcome:
        """Sends a message that publishes nothing."""
        return self._send(key, _message(TESTED, self.clock().isoformat(timespec="seconds"), {"key": key}))

    def status(self) -> tuple[bool, str]:
        """What can be told without sending anything."""
        problem = http.problem_of(self.address, self.client.allows_private)
        return not problem, problem or f"sends to {urlsplit(self.address).netloc}"

    def metrics(self, outside_id: str) -> Totals | None:
        return None

    def _send(self, id: str, body: bytes) -> Outcome:
        headers = {"content-type": "application/json"}
        found = self.client.ask(Request("POST", self.address, headers, self._signed(id, body), body))
        if isinstance(found, Answer):
            return _judged(found, self.clock())
        kind: Kind = "refused" if found.is_final else "unknown" if found.has_left else "retry"
        return Outcome(kind, detail=found.detail, milliseconds=found.milliseconds)

    def _signed(self, id: str, body: bytes) -> dict[str, str]:
        at, text = self.clock().astimezone(UTC), body.decode()
        signatures = (standardwebhooks.Webhook(secret).sign(id, at, text) for secret in self.secrets)
        return {
            "webhook-id": id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def make(settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> Webhook:
    address, asked = settings["address"], settings.get("reconcile_address", "")
    for name, each in (("address", address), ("reconcile_address", asked)):
        problem = http.problem_of(each, surroundings.allows_private) if each or name == "address" else ""
        if problem:
            raise errors.Invalid(f"settings.{name}: {problem}", "bad_channel_settings")
    held = tuple(_checked(name, secrets[name]) for name in ("secret", "former_secret") if secrets.get(name))
    if not held:
        raise errors.Invalid("secrets.secret: is needed to sign what is sent", "bad_channel_settings")
    client = Client(surroundings.allows_private, SECONDS, MOST_BYTES)
    return Webhook(address, held, asked, settings.get("is_repeatable", True), client, surroundings.clock)


def _checked(name: str, secret: str) -> str:
    """The secret as it is signed with; Invalid never repeats it."""
    try:
        size = len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) if secret.startswith(PREFIX) else 0
    except (binascii.Error, ValueError):
        size = 0
    if not SHORTEST_SECRET <= size <= LONGEST_SECRET:
        told = f"secrets.{name}: {PREFIX} and {SHORTEST_SECRET} to {LONGEST_SECRET} random bytes in base64"
        raise errors.Invalid(told, "bad_channel_settings")
    return secret


def _data(outgoing: Outgoing) -> dict[str, Any]:
    return {
        "key": outgoing.key,
        "post_id": outgoing.post_id,
        "piece_id": outgoing.piece_id,
        "medium": outgoing.medium,
        "label": outgoing.label,
        "title": outgoing.title,
        "body": outgoing.body,
        "html": outgoing.html,
        "slug": outgoing.slug,
        "language": outgoing.language,
        "author": outgoing.author,
        "address": outgoing.address,
        "summary": outgoing.summary,
        "hashtags": list(outgoing.hashtags),
        "disclosure": outgoing.disclosure,
        "meta": dict(outgoing.meta),
    }


def _message(kind: str, at: str, data: Mapping[str, Any]) -> bytes:
    """The same bytes for the same post, in every attempt."""
    return json.dumps({"type": kind, "timestamp": at, "data": data}, separators=(",", ":"), sort_keys=True).encode()


def _judged(found: Answer, now: datetime) -> Outcome:
    """What a status says. A failing server may have taken the message all the same; one that says no has not."""
    if 200 <= found.status < 300:
        return _taken(found)
    if found.status in _LATER:
        return _outcome("retry", found, f"the receiver says: later (status {found.status})", _wait(found, now))
    if found.status == 410:
        return _outcome(
            "refused", found, "the receiver is gone (status 410): archive the channel, or change its address"
        )
    if 400 <= found.status < 500:
        return _outcome("refused", found, f"the receiver refuses it (status {found.status}): see its answer")
    if 300 <= found.status < 400:
        told = f"the receiver sends elsewhere (status {found.status}): put the new address into the channel"
        return _outcome("unknown" if found.status == 303 else "refused", found, told)
    return _outcome("unknown", found, f"the receiver failed (status {found.status})")


def _taken(found: Answer) -> Outcome:
    """Taken, whatever else the answer says; an id and an address count when they look like such."""
    said = _read(found)
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    id, address = told.get("id", ""), told.get("url", "")
    is_address = isinstance(address, str) and not http.problem_of(address, allows_private=True)
    return Outcome(
        "published",
        str(id)[:300] if isinstance(id, str | int) and str(id).isprintable() else "",
        address if is_address else "",
        answer=_text(found),
        status=found.status,
        milliseconds=found.milliseconds,
    )


def _outcome(kind: Kind, found: Answer, detail: str, wait: float | None = None) -> Outcome:
    return Outcome(
        kind,
        detail=detail,
        retry_after_seconds=wait,
        answer=_text(found),
        status=found.status,
        milliseconds=found.milliseconds,
    )


def _read(found: Answer) -> Any:
    try:
        return json.loads(found.body)
    except (ValueError, RecursionError):
        return None


def _text(found: Answer) -> str:
    return found.body[: LONGEST_ANSWER * 4].decode("utf-8", "replace")[:LONGEST_ANSWER]


def _wait(found: Answer, now: datetime) -> float | None:
    """How long the receiver asks to wait, in seconds or until a date; None when it does not say."""
    told = found.headers.get("retry-after", "").strip()
    if told.isdecimal() and told.isascii():
        return min(float(told[:9]), LONGEST_WAIT_SECONDS)
    try:
        at = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_WAIT_SECONDS)
