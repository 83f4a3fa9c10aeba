"""Channels of every kind for tests, in surroundings of their own, and posts on their way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from regrow.adapters.channels import register
from regrow.domain.publishing.channel import Channel, Outgoing, Surroundings
from regrow.testing.receiver import Receiver

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FORMER = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
KINDS = tuple(module.KIND for module in register.MODULES)
OUTGOING = Outgoing(
    key="0123456789abcdef0123456789abcdef",
    post_id="pst_1",
    piece_id="pie_1",
    medium="blog",
    label="A",
    title="Bread that keeps",
    body="# Bread\n\nIt *keeps*.",
    html="<h1>Bread</h1>\n<p>It <em>keeps</em>.</p>",
    slug="bread-that-keeps",
    language="en",
    author="Alice",
    at="2026-11-26T03:00:00.000Z",
    address="https://example.org/s/alice/bread-that-keeps",
    summary="How bread keeps.",
    hashtags=("#bread", "#keeping"),
    disclosure="Written with a machine.",
)
HOSTILE = (
    '---\ntitle: "pwned"\n---',
    'a "quoted"\n---\nkey: value',
    "]]></title><script>alert(1)</script>&amp;<!--",
    "\x00\x01\x1b[31m\x7f\x85\u2028\u2029\ufeff\ufffe",
    "\ud800 half",
    "{{ 7*7 }} {% include x %} !!python/object &a *a",
    "日本語 العربية 🥖",
    "x" * 100_000,
)


def noon() -> datetime:
    return datetime.now(UTC)


def surroundings(home: Path, allows_private: bool = True, folders: tuple[str, ...] = ()) -> Surroundings:
    return Surroundings(str(home), "https://example.org", allows_private, noon, folders)


def made(kind: str, home: Path, secrets: dict[str, str] | None = None, **settings: Any) -> Channel:
    """A channel of this kind; what is not named is what people would most often set."""
    usual: dict[str, dict[str, Any]] = {
        "folder": {"folder": "posts", "address": "https://static.example/{slug}/"},
        "feed": {"folder": "feeds", "title": "Alice's bread", "address": "https://static.example/"},
    }
    given = {**usual.get(kind, {}), **settings}
    held = secrets if secrets is not None else ({"secret": SECRET} if kind == "webhook" else {})
    return register.make(kind, given, held, surroundings(home))


@contextmanager
def connected(kind: str, home: Path) -> Iterator[tuple[Channel, Callable[[], set[str]]]]:
    """A channel, and what tells which keys took effect there."""
    if kind == "webhook":
        with Receiver(secret=SECRET) as receiver:
            channel = made(kind, home, address=receiver.address, reconcile_address=receiver.reconcile_address)
            yield channel, lambda: {id for id in receiver.ids if not id.endswith("-removed")}
        return
    if kind == "site":
        taken: set[str] = set()
        yield made(kind, home), lambda: taken
        return
    yield made(kind, home), lambda: keys_on_disk(home)


def keys_on_disk(home: Path) -> set[str]:
    texts = [path.read_text(errors="replace") for path in home.rglob("*") if path.suffix in (".md", ".xml", ".html")]
    return {key for key in (OUTGOING.key, other().key) if any(key in text for text in texts)}


def other() -> Outgoing:
    """A post of another piece."""
    return replace(OUTGOING, key="f" * 32, post_id="pst_2", piece_id="pie_2", slug="cake", title="Cake")
