"""The chat completions protocol as data: what a request asks for, and a reply whole or as a stream of events."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in. The key is kept as a short fingerprint only."""

    model: str
    fault: str
    system: str
    user: str
    is_stream: bool
    is_repair: bool
    tools: tuple[str, ...]
    response_format: str
    max_tokens: int | None
    key_fingerprint: str


def asked(body: dict[str, Any], fault: str, key: str) -> Asked:
    """Reads a request's body; raises AttributeError or TypeError when it is not one."""
    messages = body.get("messages", [])
    return Asked(
        model=str(body.get("model", "")),
        fault=fault,
        system=_text(messages, ("system", "developer")),
        user=_text(messages, ("user",)),
        is_stream=bool(body.get("stream")),
        is_repair=any(message.get("role") == "assistant" for message in messages),
        tools=tuple(tool.get("function", {}).get("name", "") for tool in body.get("tools") or []),
        response_format=(body.get("response_format") or {}).get("type", ""),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        key_fingerprint=fingerprint(key),
    )


def fingerprint(key: str) -> str:
    """What is kept of a key: enough to tell two apart."""
    return hashlib.sha256(key.encode()).hexdigest()[:8] if key else ""


def _text(messages: list[dict[str, Any]], roles: tuple[str, ...]) -> str:
    texts: list[str] = []
    for message in messages:
        content = message.get("content") if message.get("role") in roles else ""
        pieces = content if isinstance(content, list) else [{"text": content or ""}]
        texts.extend(str(piece.get("text", "")) for piece in pieces)
    return "\n\n".join(text for text in texts if text)


def schema_of(body: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema the answer has to fit: of the first tool, or of the response format; empty for plain text."""
    for tool in body.get("tools") or []:
        return dict(tool.get("function", {}).get("parameters") or {})
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    return dict(wanted.get("schema") or {})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. As a tool call it goes into the arguments of the first tool, else into the message's content."""

    asked: Asked
    text: str
    is_tool_call: bool

    def whole(self) -> dict[str, Any]:
        """The answer to a request that does not stream."""
        message: dict[str, Any] = {"role": "assistant", "content": None if self.is_tool_call else self.text}
        if self.is_tool_call:
            message["tool_calls"] = [self._call(self.text)]
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason, "logprobs": None}
        reply = {**self._head("chat.completion"), "choices": [choice]}
        return reply if self._usage is None else {**reply, "usage": self._usage}

    def events(self, piece: int) -> Iterator[dict[str, Any]]:
        """The chunks of a streamed answer, `piece` characters each, then the end and the usage."""
        for start in range(0, max(1, len(self.text)), piece):
            part = self.text[start : start + piece]
            yield self._chunk(self._delta(part, is_first=start == 0))
        yield self._chunk({}, self._finish_reason)
        if self._usage is not None:
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage}

    def _delta(self, part: str, *, is_first: bool) -> dict[str, Any]:
        if not self.is_tool_call:
            return {"role": "assistant", "content": part} if is_first else {"content": part}
        call = self._call(part) if is_first else {"function": {"arguments": part}}
        return {"tool_calls": [{"index": 0, **call}]} | ({"role": "assistant"} if is_first else {})

    def _call(self, arguments: str) -> dict[str, Any]:
        function = {"name": self.asked.tools[0], "arguments": arguments}
        return {"id": f"call_{time.monotonic_ns():x}", "type": "function", "function": function}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-loopback", "object": kind, "created": int(time.time()), "model": self.asked.model}

    @property
    def sizes(self) -> tuple[int, int]:
        """Tokens of the prompt and of the answer, about."""
        return (len(self.asked.system) + len(self.asked.user)) // 4, len(self.text) // 4

    @property
    def _finish_reason(self) -> str:
        if self.asked.fault == "length":
            return "length"
        return "tool_calls" if self.is_tool_call else "stop"

    @property
    def _usage(self) -> dict[str, Any] | None:
        if self.asked.fault == "no-usage":
            return None
        read, written = self.sizes
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


class Wire:
    """One vendor's protocol, as the loopback server speaks it; this one is OpenAI's, the others change what differs."""

    base_path = "/v1"
    listing_path = "/v1/models"
    frames_before_break = 3
    has_retry_header = True
    filler = b": " + b"x" * 100_000 + b"\n\n"
    error_frame = b'data: {"error": {"message": "upstream overloaded", "type": "server_error", "code": 503}}\n\n'
    odd_frames: tuple[bytes, ...] = (
        b"data: [1, 2, 3]\n\n",
        b'data: "text"\n\n',
        b'data: {"choices": "none"}\n\n',
        b'data: {"choices": [{"delta": "x", "index": "y"}]}\n\n',
    )

    def is_call(self, path: str) -> bool:
        return path == "/v1/chat/completions"

    def model(self, path: str, body: Mapping[str, Any]) -> str:
        return str(body.get("model", ""))

    def key(self, headers: Mapping[str, str]) -> str:
        return (headers.get("authorization") or "").removeprefix("Bearer ").strip()

    def asked(self, path: str, body: dict[str, Any], fault: str, key: str) -> Asked:
        return replace(asked(body, fault, key), model=self.model(path, body))

    def schema_of(self, body: dict[str, Any]) -> dict[str, Any]:
        return schema_of(body)

    def whole(self, reply: Reply) -> dict[str, Any]:
        return reply.whole()

    def frames(self, reply: Reply, piece: int) -> Iterator[bytes]:
        """The streamed answer as it goes over the wire, its end included."""
        for event in reply.events(piece):
            yield b"data: " + json.dumps(self.event(event)).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        return event

    def problem(self, status: int, message: str, code: str, retry_after: str) -> tuple[int, dict[str, Any]]:
        """An error as status and body."""
        kind = "server_error" if status >= 500 else "invalid_request_error"
        return status, {"error": {"message": message, "type": kind, "code": code or None, "param": None}}

    def listed(self, names: Iterable[str]) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
