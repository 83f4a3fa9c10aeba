"""Front matter from YAML that nobody vouches for: plain JSON comes out, or a reason why not."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

import yaml

from regrow.domain.notes import front, naming

MAX_BYTES = 64_000
MAX_DEPTH = 20
MAX_NODES = 10_000
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})$")
_FLOAT = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}$")
_REPLACED = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


class Refused(ValueError):
    """The text is valid YAML but not what front matter may be; the message says why."""


class PlainLoader(yaml.CSafeLoader):
    """Safe loading where dates stay as written, and numbers are the decimal ones people mean."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _tag, _pattern in (("tag:yaml.org,2002:int", _INT), ("tag:yaml.org,2002:float", _FLOAT)):
    PlainLoader.add_implicit_resolver(_tag, _pattern, list("-+0123456789"))


def load(text: str) -> tuple[dict[str, Any], str]:
    """The mapping and an empty text, or what its lines give one by one and why YAML could not be used."""
    found = front.simple(text) if len(text) <= MAX_BYTES else None
    if found is not None:
        return found, ""
    try:
        return _loaded(text), ""
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return plain(front.salvage(text[:MAX_BYTES])), f"front matter is no YAML ({_reason(error)}): read line by line"


def _loaded(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Refused(f"it is larger than {MAX_BYTES // 1000} kB")
    _check(text)
    found = yaml.load(text, Loader=PlainLoader)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise Refused("it is no list of keys with values")
    return plain(found)


def _check(text: str) -> None:
    """Refuses what would blow up while objects are built: references, and nesting, on which the C loader crashes."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Refused("references (*name) are not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise Refused("it is nested too deeply" if depth > MAX_DEPTH else "it holds too many values")


def plain(mapping: dict[Any, Any]) -> dict[str, Any]:
    return {naming.storable(str(key)): _json(value) for key, value in mapping.items()}


def _json(value: Any) -> Any:
    if isinstance(value, str):
        return naming.storable(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, list | tuple | set):
        return [_json(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None)
    if problem is None:
        return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
    return f"{problem} in line {mark.line + 1}"[:120] if mark else str(problem)[:120]
