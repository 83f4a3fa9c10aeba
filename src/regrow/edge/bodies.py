"""JSON from strangers: strict, bounded, and every complaint with its place."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from regrow.kit import errors

LARGEST_BYTES = 10 * 1024 * 1024
BIG_BYTES = 64 * 1024
"""A body from here on is parsed beside the event loop."""
LARGEST_INTEGER = 2**63 - 1
DEEPEST = 50
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
    problems = [problem for problem, _ in zip(_bad_parts(found), range(100), strict=False)]
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


def _bad_parts(found: Any) -> Iterator[tuple[str, str]]:
    """Places whose text cannot be stored, and places that lie too deep."""
    waiting: list[tuple[str, int, Any]] = [("body", 0, found)]
    while waiting:
        place, depth, value = waiting.pop()
        if isinstance(value, str):
            if _BAD_TEXT.search(value):
                yield place, "holds a NUL or half a character (a lone surrogate)"
        elif isinstance(value, dict | list):
            if depth >= DEEPEST:
                yield place[:200], f"is nested deeper than {DEEPEST} levels"
                continue
            if isinstance(value, dict):
                yield from (
                    (place, "a field name holds a NUL or half a character") for _ in filter(_BAD_TEXT.search, value)
                )
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [(f"{place}.{name}", depth + 1, part) for name, part in items]
