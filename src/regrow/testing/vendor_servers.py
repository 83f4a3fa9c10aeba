"""Loopback servers of every vendor: the one server, each time with another vendor's protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from regrow.testing import openai_wire
from regrow.testing.anthropic_wire import AnthropicWire
from regrow.testing.gemini_wire import GeminiWire
from regrow.testing.openai_server import OpenAIServer
from regrow.testing.openai_wire import Reply

REPORTED_COST = 0.0123
"""US dollars that the OpenRouter server says each answer cost."""


class OllamaWire(openai_wire.Wire):
    """Ollama's OpenAI endpoint at its oddest: the last chunk of a whole answer gives no reason for its end."""

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        for choice in event["choices"]:
            choice["finish_reason"] = "length" if choice["finish_reason"] == "length" else None
        return {**event, "system_fingerprint": "fp_ollama"}


class OpenRouterWire(openai_wire.Wire):
    """OpenRouter: comments while it looks for a host, the host's name in every chunk, the cost in the usage."""

    listing_path = "/v1/key"

    def model(self, path: str, body: Mapping[str, Any]) -> str:
        return super().model(path, body).partition("/")[2]

    def frames(self, reply: Reply, piece: int) -> Iterator[bytes]:
        yield b": OPENROUTER PROCESSING\n\n"
        for frame in super().frames(reply, piece):
            yield frame.replace(b'"provider": "Loopback", ', b"") if reply.asked.fault == "no-provider" else frame

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        named = {"provider": "Loopback", **event}
        if event.get("usage"):
            named["usage"] = {**event["usage"], "cost": REPORTED_COST}
        return named

    def problem(self, status: int, message: str, code: str, retry_after: str) -> tuple[int, dict[str, Any]]:
        if code == "insufficient_quota":
            status, message = 402, "Insufficient credits"
        return status, {"error": {"message": message, "code": status}, "user_id": "user_loopback"}

    def listed(self, names: Any) -> dict[str, Any]:
        return {"data": {"label": "loopback", "limit": None}}


class AnthropicServer(OpenAIServer):
    wire: ClassVar[openai_wire.Wire] = AnthropicWire()


class GeminiServer(OpenAIServer):
    wire: ClassVar[openai_wire.Wire] = GeminiWire()


class OllamaServer(OpenAIServer):
    wire: ClassVar[openai_wire.Wire] = OllamaWire()


class OpenRouterServer(OpenAIServer):
    wire: ClassVar[openai_wire.Wire] = OpenRouterWire()


SERVERS: dict[str, type[OpenAIServer]] = {
    "openai": OpenAIServer,
    "anthropic": AnthropicServer,
    "google": GeminiServer,
    "ollama": OllamaServer,
    "openrouter": OpenRouterServer,
    "vllm": OpenAIServer,
    "compatible": OpenAIServer,
}
