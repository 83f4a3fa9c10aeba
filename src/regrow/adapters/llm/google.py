"""Google's Gemini, as models for pydantic-ai."""

from __future__ import annotations

import re
from typing import Any

from google.genai.types import HttpRetryOptions
from pydantic_ai.models import Model
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from regrow.adapters.llm.candidates import Candidate

END = re.compile(rb'"(?:finishReason|blockReason|error)": ?["{]')

_NO_KEY = "no-key-needed"


def client(candidate: Candidate, key: str | None, http: Any) -> GoogleProvider:
    """Google's client over guarded HTTP, in the provider that holds it."""
    return GoogleProvider(
        api_key=key or _NO_KEY,
        base_url=candidate.base_url,
        http_client=http,
        retry_options=HttpRetryOptions(attempts=1),
    )


def model(candidate: Candidate, client: GoogleProvider) -> Model:
    """The candidate as pydantic-ai knows it."""
    return GoogleModel(candidate.model, provider=client)
