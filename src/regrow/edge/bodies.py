"""JSON from strangers: strict, bounded, and every complaint with its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from anyio import to_thread
from fastapi import Request

from regrow.kit import errors

LARGEST_BYTES = 10 * 1024 * 1024
BIG_BYTES = 64 * 1024
"""A body from here on is parsed beside the event loop."""
LARGEST_INTEGER = 2**63 - 1
DEEPEST = 50
LONGEST_PLACE = 200
"""Characters of a place that a complaint names."""
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


class BadJson(errors.Invalid):
    """`problems` lists what is wrong as (place, rule)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        listed = [{"at": at, "rule": rule} for at, rule in problems]
        told = "; ".join(f"{at}: {rule}" for at, rule in problems[:20])
        super().__init__(told, "bad_request", problems=listed)


def refuse_other_types(content_type: str | None) -> None:
    """BadJson unless the type says JSON."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise BadJson([("header.content-type", "must be application/json")])


def parse(body: bytes) -> Any:
    """The JSON value of a body; BadJson for anything that is none, or that no field of ours could hold."""
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_refused,
            parse_int=_integer,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise BadJson([("body", f"is not UTF-8 at byte {error.start}")]) from None
    except json.JSONDecodeError as error:
        raise BadJson([("body", f"is no JSON at character {error.pos}: {error.msg}")]) from None
    except RecursionError:
        raise BadJson([("body", f"is nested deeper than {DEEPEST} levels")]) from None
    problems = list(islice(_bad_parts(found), 100))
    if problems:
        raise BadJson(problems)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise BadJson([("body", f"the field {twice[:60]!r} is given twice")])
    return found


def _refused(name: str) -> None:
    raise BadJson([("body", f"{name} is no JSON number")])


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        raise BadJson([("body", f"the number {digits[:20]}… is too large")])
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise BadJson([("body", f"the number {digits[:20]} is too large")])
    return value


def _bad_parts(value: Any, place: str = "body", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Places whose text cannot be stored, and places that lie too deep."""
    if isinstance(value, str):
        if _BAD_TEXT.search(value):
            yield _clean(place), "holds a NUL or half a character (a lone surrogate)"
    elif isinstance(value, dict | list):
        if depth >= DEEPEST:
            yield _clean(place), f"is nested deeper than {DEEPEST} levels"
            return
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(name, str) and _BAD_TEXT.search(name):
                yield _clean(place), "a field name holds a NUL or half a character"
            # One place at a time and cut: a long name for each of many parts would fill the memory.
            if isinstance(part, str | dict | list):
                yield from _bad_parts(part, f"{place}.{name}"[:LONGEST_PLACE], depth + 1)


def _clean(place: str) -> str:
    return _BAD_TEXT.sub("\N{REPLACEMENT CHARACTER}", place)


class StrictRequest(Request):
    """A request whose JSON was parsed by our own rules."""

    async def read(self) -> None:
        """Reads and parses the body, if there is one."""
        body = await self.body()
        if not body:
            return
        refuse_other_types(self.headers.get("content-type"))
        if len(body) >= BIG_BYTES:
            self._json = await to_thread.run_sync(parse, body)
        else:
            self._json = parse(body)
