"""Answers: what is sent, what is kept of it for a repeated request, and versions as ETags."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from regrow.kit import errors

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
_TAG = re.compile(r'(?:W/)?"v([0-9]{1,10})"')


@dataclass(frozen=True, slots=True)
class Answer:
    """`kept_body` is what a repeated request may see when the first answer held a secret.

    An answer with a `task_id` is not the last word: the run of that id gives it. One that is not `is_kept` is given
    anew when the request is repeated.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    kept_body: Any = None
    task_id: str | None = None
    is_kept: bool = True

    def response(self) -> Response:
        return sent(self.status, written(self.body), self.headers)


def written(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sent(status: int, text: str, headers: dict[str, str]) -> Response:
    kind = PROBLEM_TYPE if status >= 400 else JSON_TYPE
    return Response(text.encode("utf-8"), status, headers, kind)


def ok(body: dict[str, Any]) -> Answer:
    """A thing, with its ETag when it has a version."""
    return Answer(200, body, _tag(body))


def created(place: str, body: dict[str, Any]) -> Answer:
    """A new thing; `place` is the address of its list."""
    return Answer(201, body, {"Location": f"{place}/{body['id']}", **_tag(body)})


def _tag(body: dict[str, Any]) -> dict[str, str]:
    return {"ETag": f'"v{body["version"]}"'} if "version" in body else {}


def expected_version(if_match: str | None) -> int | None:
    """The version that a caller read, None for no condition; Invalid for anything else."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.fullmatch(if_match.strip())
    if match is None:
        raise errors.Invalid('If-Match: send the ETag of the thing as you read it, such as "v3"', "bad_if_match")
    return int(match.group(1))
