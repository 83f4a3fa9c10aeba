"""What a writer is told and what it gives back: briefs, drafts, and the port behind which writers stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from regrow.domain.analyses import Analysis as Analysis
from regrow.domain.analyses import Measured as Measured
from regrow.domain.prices import Price
from regrow.domain.rewriting import Rewriting

Platform = Literal["x", "bluesky", "mastodon", "threads", "linkedin", "instagram", "facebook"]
Origin = Literal["offline-extractive", "model", "person"]

PLATFORM_LENGTHS: dict[str, int] = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "threads": 500,
    "linkedin": 3000,
    "instagram": 2200,
    "facebook": 5000,
}
"""Longest post in characters, hashtags included, per platform."""

PLATFORM_HASHTAGS: dict[str, int] = {
    "x": 2,
    "bluesky": 2,
    "mastodon": 4,
    "threads": 1,
    "linkedin": 4,
    "instagram": 8,
    "facebook": 2,
}
"""Most hashtags that look sensible, per platform."""

DEFAULT_PLATFORMS: tuple[str, ...] = ("linkedin", "x", "mastodon", "bluesky", "threads")


@dataclass(frozen=True, slots=True)
class Source:
    """A note as a writer may see it: Markdown without front matter, comments and private links."""

    note_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Habits:
    """What was learned of somebody's writing: `told` in sentences, and `examples` of it. Both are material.

    `sentence_spread` is the standard deviation of sentence lengths, `asking_share` the share of questions.
    """

    told: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    sentence_spread: float = 0.0
    asking_share: float = 0.0
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """How one persona sounds in one medium. `words` is the length asked for, in words.

    `reading_level` is a school grade; the lists from `use` on are the persona's guidelines.
    """

    persona: str
    tone: str = "plain"
    person: Literal["first", "first_plural", "second", "third"] = "second"
    words: int = 800
    sentence_words: int = 20
    has_emoji: bool = False
    hashtags: int = 3
    language: str = "en"
    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    disclaimers: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    disclosure: tuple[str, ...] = ()
    reading_level: int | None = None
    habits: Habits | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that stands already: a body with its title or subject, or a post's text with its platform."""

    text: str
    platform: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """A text to be judged: its fields by name, word for word, and the criteria in the order to ask them in."""

    texts: tuple[tuple[str, str], ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything one call may know. `labels` names the variants wanted, `platforms` one social post each.

    What is written must differ in substance from what is `replaced`, and had better differ from what was
    `tried` (newest first); `analysis` says how what is replaced did, `rewriting` why a text is written again. A judge
    is given what is `examined`, an analyst what was `measured`.
    """

    topic_title: str
    topic_summary: str
    sources: tuple[Source, ...]
    voice: Voice
    instructions: str = ""
    labels: tuple[str, ...] = ("A", "B")
    platforms: tuple[str, ...] = ()
    replaced: tuple[Earlier, ...] = ()
    tried: tuple[Earlier, ...] = ()
    examined: Examined | None = None
    rewriting: Rewriting | None = None
    analysis: str = ""
    measured: Measured | None = None


def _described(text: str, **limits: Any) -> Any:
    return field(metadata={"description": text, **limits})


@dataclass(frozen=True, slots=True)
class BlogVariant:
    label: str = _described("the label asked for, such as A")
    angle: str = _described("what this version leads with, in a few words", max_length=200)
    title: str = _described("a title that names the topic", min_length=3, max_length=200)
    body: str = _described("Markdown: a lead, sections with ## headings, a close", min_length=200, max_length=60_000)
    source_note_ids: tuple[str, ...] = _described("ids of the notes this text draws on")


@dataclass(frozen=True, slots=True)
class BlogDraft:
    variants: tuple[BlogVariant, ...] = _described("one per label asked for, differing in angle, lead and structure")


@dataclass(frozen=True, slots=True)
class SocialVariant:
    label: str = _described("the label asked for, such as A")
    text: str = _described("the post without its hashtags", min_length=20, max_length=5_000)
    hashtags: tuple[str, ...] = _described("without the # sign")
    source_note_ids: tuple[str, ...] = _described("ids of the notes this text draws on")


@dataclass(frozen=True, slots=True)
class SocialPost:
    platform: Platform = _described("the platform asked for")
    variants: tuple[SocialVariant, ...] = _described("one per label asked for, differing in substance")


@dataclass(frozen=True, slots=True)
class SocialDraft:
    posts: tuple[SocialPost, ...] = _described("one per platform asked for, in that order")


@dataclass(frozen=True, slots=True)
class EmailVariant:
    label: str = _described("the label asked for, such as A")
    subject: str = _described("one line that says what is inside", min_length=3, max_length=90)
    preheader: str = _described("one line shown beside the subject, which it completes", min_length=20, max_length=160)
    body: str = _described("Markdown: a lead, then short paragraphs or points", min_length=120, max_length=20_000)
    cta: str = _described("what to do next, a short imperative without an address", min_length=3, max_length=60)
    source_note_ids: tuple[str, ...] = _described("ids of the notes this text draws on")


@dataclass(frozen=True, slots=True)
class EmailDraft:
    variants: tuple[EmailVariant, ...] = _described("one per label asked for, differing in subject, lead and substance")


Draft = BlogDraft | SocialDraft | EmailDraft
Grade = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Reply:
    criterion: str = _described("the name of the question, as it stands before its colon", max_length=40)
    verdict: Grade = _described("yes, partly or no")
    quote: str = _described(
        "the passage that decided it, copied word for word out of the text, one line; with yes it may be empty",
        max_length=400,
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    answers: tuple[Reply, ...] = _described("one answer to each question, in the order they were asked in")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered template: what the model is told, and which template and version said it."""

    template: str
    version: int
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Which version of its prompt a call is put in: the workspace's own `text`, else a shipped one (0: the newest)."""

    version: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a writer: which function, what it knows, how it is put, and the shape wanted back.

    `models` names the candidates, where the workspace wants others than the installation's. `on_received` is told
    about once a second, on the thread that called, how many characters of the answer have arrived. `wording` says
    which version of the prompt it is put in.
    """

    function: str
    brief: Brief
    output: type
    max_output_tokens: int = 8_000
    models: str = ""
    on_received: Callable[[int], None] | None = field(default=None, compare=False, repr=False)
    wording: Wording = Wording()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one candidate. `cost_micros` is millionths of a US dollar, None when the price is unknown; no
    `template` means that of the answer.
    """

    provider: str
    model: str
    outcome: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int | None = None
    duration_ms: int = 0
    detail: str = ""
    template: str = ""
    template_version: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `output` as plain JSON, or `failure` as a code with every attempt listed either way.

    `failure_kind` is that of an error of ours that kept the call from being made.
    """

    output: dict[str, Any] | None
    origin: Origin
    model: str
    attempts: tuple[Attempt, ...]
    template: str
    template_version: int
    settings: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    failure_detail: str = ""
    retry_after_seconds: float | None = None
    is_permanent: bool = False
    failure_kind: str = ""


class Writer(Protocol):
    """Turns a call into an answer. Never raises for what a model or its network does: that is `failure`."""

    def write(self, call: Call) -> Answer: ...

    def named(self, models: str) -> tuple[str, ...]:
        """The candidates of such a call, as `provider:model`; Invalid when the text names none that can be asked."""
        ...

    def price(self, name: str) -> Price | None:
        """What a candidate costs; None when no price is known."""
        ...

    def ready(self) -> None:
        """Begins to load what the first call would otherwise wait for; comes back at once."""

    def close(self) -> None:
        """Lets go of connections; a call under way may end as a failure that passes."""
