"""Gemini's generateContent protocol, as the loopback server speaks it: the model is in the path, calls come whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from regrow.testing import openai_wire
from regrow.testing.openai_wire import Asked, Reply

_PATH = re.compile(r"/v1beta/models/([^:?]+):(generateContent|streamGenerateContent)(?:\?.*)?")
_STATUSES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
_STATUSES |= {500: "INTERNAL", 503: "UNAVAILABLE"}
_TYPES = "type.googleapis.com/google.rpc."


class GeminiWire(openai_wire.Wire):
    """`POST /v1beta/models/{model}:streamGenerateContent`."""

    base_path = ""
    listing_path = "/v1beta/models"
    frames_before_break = 1
    has_retry_header = False
    filler = b"data: " + json.dumps({"candidates": [{"content": {"parts": [{"text": "x" * 100_000}]}}]}).encode()
    filler += b"\n\n"
    error_frame = b'data: {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}\n\n'
    odd_frames = (
        b'data: {"candidates": "none", "finishReason": "STOP"}\n\n',
        b'data: {"candidates": [{"content": {"parts": "text"}, "finishReason": 7}]}\n\n',
    )

    def is_call(self, path: str) -> bool:
        return _PATH.fullmatch(path) is not None

    def model(self, path: str, body: Mapping[str, Any]) -> str:
        found = _PATH.fullmatch(path)
        return found[1] if found else ""

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-goog-api-key") or ""

    def asked(self, path: str, body: dict[str, Any], fault: str, key: str) -> Asked:
        contents = body.get("contents", [])
        return Asked(
            model=self.model(path, body),
            fault=fault,
            system=_text(body.get("systemInstruction") or {}),
            user="\n\n".join(_text(each) for each in contents if each.get("role") == "user"),
            is_stream=":streamGenerateContent" in path,
            # A call that came to nothing leaves no turn of the model behind, only a second word of the user.
            is_repair=sum(len(each.get("parts") or []) for each in contents) > 1,
            tools=tuple(each.get("name", "") for each in _declared(body)),
            response_format="",
            max_tokens=(body.get("generationConfig") or {}).get("maxOutputTokens"),
            key_fingerprint=openai_wire.fingerprint(key),
        )

    def schema_of(self, body: dict[str, Any]) -> dict[str, Any]:
        # Field names are taken in both spellings, as its JSON reader does.
        for declared in _declared(body):
            return dict(declared.get("parametersJsonSchema") or declared.get("parameters_json_schema") or {})
        return {}

    def whole(self, reply: Reply) -> dict[str, Any]:
        return {**_head(reply), "candidates": [{**_content(reply), "finishReason": _reason(reply)}], **_usage(reply)}

    def frames(self, reply: Reply, piece: int) -> Iterator[bytes]:
        yield _frame({**_head(reply), "candidates": [_content(reply)]})
        end = {"content": {"role": "model", "parts": [{"text": ""}]}, "finishReason": _reason(reply), "index": 0}
        yield _frame({**_head(reply), "candidates": [end], **_usage(reply)})

    def problem(self, status: int, message: str, code: str, retry_after: str) -> tuple[int, dict[str, Any]]:
        details: list[dict[str, Any]] = []
        if status == 401:
            status, message = 400, "API key not valid. Please pass a valid API key."
            details = [{"@type": f"{_TYPES}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
        if retry_after:
            details = [{"@type": f"{_TYPES}RetryInfo", "retryDelay": f"{retry_after}s"}]
        if code == "insufficient_quota":
            quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}
            details = [{"@type": f"{_TYPES}QuotaFailure", "violations": [quota]}]
        named = _STATUSES.get(status, "UNKNOWN")
        return status, {"error": {"code": status, "message": message, "status": named, "details": details}}

    def listed(self, names: Iterable[str]) -> dict[str, Any]:
        return {"models": [{"name": f"models/{name}", "displayName": name} for name in names]}


def _declared(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for tool in body.get("tools") or [] for each in tool.get("functionDeclarations") or []]


def _text(content: Mapping[str, Any]) -> str:
    return "\n\n".join(str(part["text"]) for part in content.get("parts") or [] if part.get("text"))


def _head(reply: Reply) -> dict[str, Any]:
    return {"modelVersion": reply.asked.model, "responseId": "loopback"}


def _content(reply: Reply) -> dict[str, Any]:
    if not reply.is_tool_call:
        return {"content": {"role": "model", "parts": [{"text": reply.text}]}, "index": 0}
    if _arguments(reply) is None:
        return {"index": 0}
    call = {"name": reply.asked.tools[0], "args": _arguments(reply)}
    return {"content": {"role": "model", "parts": [{"functionCall": call}]}, "index": 0}


def _arguments(reply: Reply) -> dict[str, Any] | None:
    """Arguments are an object here; a model whose call is none gets nothing through but the reason."""
    try:
        found = json.loads(reply.text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _reason(reply: Reply) -> str:
    if reply.asked.fault == "length":
        return "MAX_TOKENS"
    return "MALFORMED_FUNCTION_CALL" if reply.is_tool_call and _arguments(reply) is None else "STOP"


def _usage(reply: Reply) -> dict[str, Any]:
    if reply.asked.fault == "no-usage":
        return {}
    read, written = reply.sizes
    counts = {"promptTokenCount": read, "candidatesTokenCount": written, "totalTokenCount": read + written}
    return {"usageMetadata": counts}


def _frame(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\r\n\r\n"
