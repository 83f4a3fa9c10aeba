"""OpenAI, and servers named `openai` that speak its chat completions, as models for pydantic-ai."""

from __future__ import annotations

import re
from typing import Any

import openai
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from regrow.adapters.llm.candidates import Candidate

END = re.compile(rb'"finish_reason": ?"|\ndata: ?\[DONE\]')

_NO_KEY = "no-key-needed"


def client(candidate: Candidate, key: str | None, http: Any) -> openai.AsyncOpenAI:
    """OpenAI's client over guarded HTTP."""
    return openai.AsyncOpenAI(base_url=candidate.base_url, api_key=key or _NO_KEY, max_retries=0, http_client=http)


def model(candidate: Candidate, client: openai.AsyncOpenAI) -> Model:
    """The candidate; a server that is not OpenAI's own gets the older fields that every server knows."""
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    if candidate.is_own_service:
        return OpenAIChatModel(candidate.model, provider=OpenAIProvider(openai_client=client), profile=profile)
    # Servers that follow the protocol know the older field; many do not know the newer one.
    profile["openai_chat_supports_max_completion_tokens"] = False
    provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
    return OpenAIChatModel(candidate.model, provider=provider, profile=profile)
