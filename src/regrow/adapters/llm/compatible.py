"""Ollama, OpenRouter, vLLM and other servers with OpenAI's protocol, each as a small declaration over it."""

from __future__ import annotations

from collections.abc import Callable

import openai
from pydantic_ai.models import Model
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.models.openrouter import OpenRouterModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.providers.openrouter import OpenRouterProvider
from pydantic_ai.providers.vllm import VLLMProvider

from regrow.adapters.llm import openai as own
from regrow.adapters.llm.candidates import Candidate

END = own.END
client = own.client


def model(candidate: Candidate, client: openai.AsyncOpenAI) -> Model:
    """The candidate with what is particular about its server."""
    return _MODELS[candidate.provider](candidate.model, client)


def _ollama(name: str, client: openai.AsyncOpenAI) -> Model:
    # Some of its versions close a whole answer with a null finish reason; `END` tells a whole stream from a cut one.
    return OllamaModel(name, provider=OllamaProvider(openai_client=client))


def _openrouter(name: str, client: openai.AsyncOpenAI) -> Model:
    return OpenRouterModel(name, provider=OpenRouterProvider(openai_client=client), profile=_strict())


def _vllm(name: str, client: openai.AsyncOpenAI) -> Model:
    return OpenAIChatModel(name, provider=VLLMProvider(openai_client=client), profile=_strict())


def _other(name: str, client: openai.AsyncOpenAI) -> Model:
    provider = OpenAICompatibleProvider("openai-compatible", openai_client=client)
    return OpenAIChatModel(name, provider=provider, profile=_strict())


def _strict() -> OpenAIModelProfile:
    return OpenAIModelProfile(
        openai_chat_streaming_requires_finish_reason=True, openai_chat_supports_max_completion_tokens=False
    )


_MODELS: dict[str, Callable[[str, openai.AsyncOpenAI], Model]] = {
    "ollama": _ollama,
    "openrouter": _openrouter,
    "vllm": _vllm,
    "compatible": _other,
}
