"""Which note a link leads to, among those that answer to its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from regrow.domain.notes import links, naming
from regrow.domain.notes.facts import Candidate

WRITTEN_HERE = "api"
"""The source of notes that came from no folder; links may cross into it and out of it, never between two vaults."""

_KINDS = ("file", "alias", "title", "id")


def choose(kind: str, target: str, source: str, path: str, candidates: Sequence[Candidate]) -> str | None:
    """The id of the note a link written in `path` means, None when nothing answers.

    A file name comes before an alias, that before a title, and that before an id; several of a kind: the same folder,
    then the shortest path, then the alphabet.
    """
    wanted = links.full_name(target)
    near = [one for one in candidates if _may_reach(source, one.source)]
    if kind == "markdown" and (exact := _relative(wanted, path, near)):
        return exact
    for tier in _KINDS:
        fitting = [one for one in near if one.kind == tier and _fits(wanted, one)]
        if fitting:
            return _best(fitting, source, naming.folder(path)).note_id
    return None


def _may_reach(source: str, other: str) -> bool:
    return source == other or WRITTEN_HERE in (source, other)


def _fits(wanted: str, one: Candidate) -> bool:
    if one.name == wanted:
        return True
    return one.kind == "file" and "/" in wanted and f"/{naming.folded(one.path)}".endswith(f"/{wanted}")


def _best(fitting: Iterable[Candidate], source: str, folder: str) -> Candidate:
    return min(
        fitting,
        key=lambda one: (
            not one.is_live,
            one.source != source,
            naming.folder(one.path) != folder,
            one.path.count("/"),
            len(one.path),
            one.path,
        ),
    )


def _relative(wanted: str, path: str, candidates: Sequence[Candidate]) -> str | None:
    """The note at exactly this place, seen from the folder of the linking note, or from the top."""
    for base in (naming.folder(path), ""):
        place = _joined(naming.folded(base), wanted)
        exact = [one for one in candidates if one.kind == "file" and naming.folded(one.path) == place]
        if exact:
            return _best(exact, "", "").note_id
    return None


def _joined(base: str, wanted: str) -> str:
    parts = base.split("/") if base else []
    for part in wanted.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
