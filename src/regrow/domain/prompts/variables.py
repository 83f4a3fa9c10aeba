"""The variables that a workspace's own prompt may fill in, each with what it holds and why it may have to be there."""

from __future__ import annotations

from dataclasses import dataclass

SYSTEM, USER = "system", "user"
SECTIONS: tuple[str, ...] = (SYSTEM, USER)
"""A prompt's two messages: what the model is, and what it is given."""

MOST_OF_SHORT = 20
"""Times that a short variable may stand in one section; what is long stands once."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One piece of ready text. Without a `section` it may stand in both, without `templates` in all of them.

    `because` says what goes wrong without it; a variable that has one must be there.
    """

    name: str
    description: str
    example: str
    section: str = ""
    because: str = ""
    templates: tuple[str, ...] = ()

    @property
    def is_required(self) -> bool:
        return bool(self.because)

    @property
    def most(self) -> int:
        """How often it may stand in one section."""
        return 1 if self.section else MOST_OF_SHORT


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "delivery",
        "What an answer consists of, part by part, with the limits of each.",
        "What to deliver\n- One article for each label: A, B. ...",
        SYSTEM,
        "without it the model does not know which parts an answer has, and its answers are sent back",
    ),
    Variable(
        "anew",
        "How texts that are written again must differ; empty when nothing is replaced.",
        "Texts that are to be replaced\n- Frames labelled replaced hold texts that ...",
        SYSTEM,
        "without it a regenerated text repeats the one that it replaces, and is sent back",
    ),
    Variable(
        "contest",
        "How the variants of a test must differ from one another; empty when there is only one.",
        "The articles compete in a test, so they must be different articles ...",
        SYSTEM,
    ),
    Variable(
        "voice",
        "The persona's voice and guidelines, as rules.",
        "Voice\n- Persona: Baker. Tone: plain. Language of the answer: en. ...",
        SYSTEM,
    ),
    Variable(
        "notes",
        "The notes of the topic, each in a frame that it cannot leave; never a private one.",
        "The notes\n\n<<<material-... note not_...>>> ...",
        USER,
        "without it there is nothing to write from",
    ),
    Variable(
        "replaced",
        "The texts that are to be replaced, in frames; empty when nothing is replaced.",
        "The texts to be replaced\n\n<<<material-... replaced 1>>> ...",
        USER,
        "without it the model cannot see what it must differ from",
    ),
    Variable(
        "wishes",
        "What the person who ordered the text wishes; empty when nothing was said.",
        "Wishes of the person who ordered this\n\nShorter, lead with the number.",
        USER,
        "without it the instructions of whoever orders a text are lost",
    ),
    Variable(
        "topic",
        "The topic's title and summary, in a frame.",
        "The topic\n\n<<<material-... topic>>>\nTitle: Sourdough at home ...",
        USER,
    ),
    Variable(
        "habits",
        "What the persona learned from its owner's texts, in frames; empty when it learned nothing.",
        "How this persona writes\n\n<<<material-... habits>>> ...",
        USER,
    ),
    Variable("task", "The closing line.", "Write the articles for A and B now.", USER),
    Variable("persona", "The persona's name.", "Baker"),
    Variable("tone", "The persona's tone in this medium.", "friendly"),
    Variable("language", "The language of the answer.", "en"),
    Variable("words", "The length asked for, in words.", "800"),
    Variable("sentence_words", "The average length of a sentence, in words.", "18"),
    Variable("labels", "The labels of the variants asked for.", "A, B"),
    Variable("platforms", "The platforms asked for.", "linkedin, x", templates=("write_social",)),
)

TEMPLATES: tuple[str, ...] = ("write_blog", "write_social", "write_email")
"""The prompts that a workspace may word itself."""


def of(template: str) -> dict[str, Variable]:
    """The variables of one template, by name."""
    return {each.name: each for each in VARIABLES if not each.templates or template in each.templates}
