"""Orders to a model, or to whoever handles a text, that stand in the text itself."""

from __future__ import annotations

import re

_ORDER_TO_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|discard|vergiss|ignoriere?|oublie\w*|ignora)\b.{0,60}?"
    r"\b(?:instruction|prompt|rule|guideline|direction|context|above|previous|prior|anweisung|vorherig|regel|"
    r"instrucci|consigne|everything)\w*"
    r"|\bsystem (?:prompt|message|instruction)|\byou are (?:now|an? (?:ai|assistant|language|helpful|chat))"
    r"|\b(?:as an? (?:ai|language) model|language model|jailbreak|developer mode|dan mode|prompt injection)\b"
    r"|\b(?:reveal|print|output|repeat|leak|exfiltrate|send)\b.{0,40}\b(?:your|the|all|any) (?:\w+ ){0,2}"
    r"(?:prompt|instruction|api key|secret|password|credential|token)s?\b"
    r"|\b(?:respond|reply|answer) (?:only )?with\b|\bnew instructions?\b|\bdo not (?:tell|mention|reveal) .{0,30}user\b"
    r"|\b(?:assistant|system|user|ai|llm|chatgpt|claude|gpt)\s*:|\bpretend (?:to be|you)|\bact as (?:an?|if)\b"
    r"|\b(?:dear|hey|attention) (?:ai|assistant|model|llm)\b|\bdu bist (?:jetzt|nun)\b",
    re.IGNORECASE,
)


def is_order_to_model(text: str) -> bool:
    """Whether the text speaks to a model instead of to a reader."""
    return _ORDER_TO_MODEL.search(text) is not None


_ORDER_TO_HANDLER = re.compile(
    r"\b(?:publish|post|send|schedule|release|approve|register) (?:this|the) (?:new )?"
    r"(?:text|post|article|variant|version|draft|e-?mail|mail|copy)\b[^.!?\n]{0,60}?"
    r"\b(?:now|immediately|at once|right away|automatically|directly|without|unreviewed)\b"
    r"|\b(?:skip|bypass|ignore|disregard|override) (?:all |any |the |your )?(?:previous |prior |further |brand )?"
    r"(?:reviews?|approvals?|guard|guidelines|gates?|instructions|validation)\b"
    r"|\b(?:approval|review) is not (?:needed|required|necessary)\b"
    r"|\bno (?:approval|review) (?:is )?(?:needed|required)\b"
    r"|\bmark (?:this|it)\b[^.!?\n]{0,40}?\bas (?:approved|registered|(?:the )?winner)\b"
    r"|\b(?:note|message|instructions?) (?:to|for) the (?:system|reviewer|guard|publisher|pipeline)\b",
    re.IGNORECASE,
)


def is_order_to_handler(text: str) -> bool:
    """Whether the text tells whoever handles it to let it through."""
    return _ORDER_TO_HANDLER.search(text) is not None
