"""Anthropic's Messages protocol, as the loopback server speaks it: named events, tool use, errors with a type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from regrow.testing import openai_wire
from regrow.testing.openai_wire import Asked, Reply

_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large"}
_KINDS |= {429: "rate_limit_error", 500: "api_error", 503: "overloaded_error", 529: "overloaded_error"}


class AnthropicWire(openai_wire.Wire):
    """`POST /v1/messages`."""

    base_path = ""
    frames_before_break = 5
    filler = b"event: ping\ndata: " + json.dumps({"type": "ping", "pad": "x" * 100_000}).encode() + b"\n\n"
    error_frame = (
        b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
    )
    odd_frames = (
        b'event: message_start\ndata: {"type": "message_start", "message": "hello"}\n\n',
        b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": "x", "delta": [1]}\n\n',
        b"event: message_stop\ndata: []\n\n",
    )

    def is_call(self, path: str) -> bool:
        return path.partition("?")[0] == "/v1/messages"

    def key(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-api-key") or super().key(headers)

    def asked(self, path: str, body: dict[str, Any], fault: str, key: str) -> Asked:
        messages = body.get("messages", [])
        return Asked(
            model=self.model(path, body),
            fault=fault,
            system=_text(body.get("system") or ""),
            user="\n\n".join(_text(each.get("content", "")) for each in messages if each.get("role") == "user"),
            is_stream=bool(body.get("stream")),
            is_repair=any(each.get("role") == "assistant" for each in messages),
            tools=tuple(tool.get("name", "") for tool in body.get("tools") or []),
            response_format="",
            max_tokens=body.get("max_tokens"),
            key_fingerprint=openai_wire.fingerprint(key),
        )

    def schema_of(self, body: dict[str, Any]) -> dict[str, Any]:
        return next((dict(tool.get("input_schema") or {}) for tool in body.get("tools") or []), {})

    def whole(self, reply: Reply) -> dict[str, Any]:
        block = {**_block(reply), "input": json.loads(reply.text)} if reply.is_tool_call else _block(reply, reply.text)
        read, written = reply.sizes
        usage = {"input_tokens": read, "output_tokens": written}
        return {**_message(reply), "content": [block], "stop_reason": _reason(reply), "usage": usage}

    def frames(self, reply: Reply, piece: int) -> Iterator[bytes]:
        read, written = reply.sizes
        yield _frame("message_start", message={**_message(reply), "usage": {"input_tokens": read, "output_tokens": 1}})
        yield _frame("content_block_start", index=0, content_block=_block(reply))
        yield _frame("ping")
        kind, name = ("input_json_delta", "partial_json") if reply.is_tool_call else ("text_delta", "text")
        for start in range(0, len(reply.text), piece):
            delta = {"type": kind, name: reply.text[start : start + piece]}
            yield _frame("content_block_delta", index=0, delta=delta)
        yield _frame("content_block_stop", index=0)
        end = {"stop_reason": _reason(reply), "stop_sequence": None}
        yield _frame("message_delta", delta=end, usage={"output_tokens": written})
        yield _frame("message_stop")

    def problem(self, status: int, message: str, code: str, retry_after: str) -> tuple[int, dict[str, Any]]:
        if code == "insufficient_quota":
            status, message = 400, "Your credit balance is too low to access the Anthropic API."
        kind = _KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return status, {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_loopback"}

    def listed(self, names: Iterable[str]) -> dict[str, Any]:
        found = [{"type": "model", "id": name, "display_name": name} for name in names]
        return {"data": found, "has_more": False}


def _text(content: Any) -> str:
    blocks = content if isinstance(content, list) else [{"text": content}]
    return "\n\n".join(str(block.get("text", "")) for block in blocks if block.get("text"))


def _message(reply: Reply) -> dict[str, Any]:
    head = {"id": "msg_loopback", "type": "message", "role": "assistant", "model": reply.asked.model}
    return {**head, "content": [], "stop_reason": None, "stop_sequence": None}


def _block(reply: Reply, text: str = "") -> dict[str, Any]:
    if reply.is_tool_call:
        return {"type": "tool_use", "id": "toolu_loopback", "name": reply.asked.tools[0], "input": {}}
    return {"type": "text", "text": text}


def _reason(reply: Reply) -> str:
    if reply.asked.fault == "length":
        return "max_tokens"
    return "tool_use" if reply.is_tool_call else "end_turn"


def _frame(event: str, **fields: Any) -> bytes:
    return f"event: {event}\ndata: {json.dumps({'type': event, **fields})}\n\n".encode()
