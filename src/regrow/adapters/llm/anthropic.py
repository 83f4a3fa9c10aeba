"""Anthropic's Messages, as models for pydantic-ai."""

from __future__ import annotations

import re
from typing import Any

import anthropic
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from regrow.adapters.llm.candidates import Candidate

END = re.compile(rb"\nevent: ?(?:message_stop|error)")

_NO_KEY = "no-key-needed"


def client(candidate: Candidate, key: str | None, http: Any) -> anthropic.AsyncAnthropic:
    """Anthropic's client over guarded HTTP; with a key in hand it looks for none in the environment."""
    return anthropic.AsyncAnthropic(
        base_url=candidate.base_url, api_key=key or _NO_KEY, max_retries=0, http_client=http
    )


def model(candidate: Candidate, client: anthropic.AsyncAnthropic) -> Model:
    """The candidate as pydantic-ai knows it."""
    return AnthropicModel(candidate.model, provider=AnthropicProvider(anthropic_client=client))
