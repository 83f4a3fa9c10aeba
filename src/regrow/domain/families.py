"""Families of models: which of them were made by the same hands, so that none has to judge its own kin."""

from __future__ import annotations

import re

from regrow.domain import models

FIRST_PARTY = ("openai", "anthropic", "google")
_MADE_BY: tuple[tuple[str, str], ...] = (
    (r"gpt|o\d\b|chatgpt|davinci", "openai"),
    ("claude", "anthropic"),
    ("gemini|gemma|palm", "google"),
    ("llama", "meta"),
    ("mi[sx]tral|ministral|magistral|codestral|devstral", "mistral"),
    ("qwen|qwq", "alibaba"),
    ("deepseek", "deepseek"),
    ("phi", "microsoft"),
    ("command|aya", "cohere"),
    ("grok", "xai"),
)


def family(name: str) -> str:
    """Who made a model that is named `provider:model`; empty when the name says nothing, as for a person's text."""
    provider, _, model = name.partition(":")
    if not model or provider == "offline":
        return ""
    if provider in FIRST_PARTY:
        return provider
    vendor, _, last = model.lower().rpartition("/")
    for shape, maker in _MADE_BY:
        if re.match(shape, last):
            return maker
    letters = re.match(r"[a-z]+", last)
    return vendor or (letters[0] if letters else last)


def others_first(candidates: str, writer: str) -> str:
    """The candidates for judging a text, those of another family than its writer first; offline ones cannot judge.

    A model prefers what it would have written itself: Zheng et al. (2023), Judging LLM-as-a-judge with MT-Bench and
    Chatbot Arena; Panickssery, Bowman and Feng (2024), LLM evaluators recognize and favor their own generations.
    """
    names = [f"{provider}:{model}" for provider, model in models.pairs(candidates) if provider != "offline"]
    own = family(writer)
    return ",".join(sorted(names, key=lambda name: bool(own) and family(name) == own))
