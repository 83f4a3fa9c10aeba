"""What a workspace's own prompt may hold: two sections of plain text in which `{{ name }}` stands for a variable."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from regrow.domain.prompts import variables
from regrow.domain.prompts.variables import Variable
from regrow.kit import errors
from regrow.kit.redaction import shorten

MOST_CHARACTERS = 20_000
"""Of a whole text; more would crowd out the notes, and every call is paid by its length."""
MOST_PROBLEMS = 20
ALLOWED = "only plain text and {{ name }} with a name from the list of variables may stand here"

_HEADING = re.compile(r"=== *(\w{1,20}) *===", re.ASCII)
_OPENING = re.compile(r"\{[{%#]")
_FILLED = re.compile(r"\{\{ *([a-z][a-z_]{0,39}) *\}\}")
_KEPT = "\n\t\u200c\u200d"
"""Besides what can be seen: breaks, and the joiners that emoji and several scripts need."""


@dataclass(frozen=True, slots=True)
class Sections:
    """A checked text: what stands under each heading."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it was found; `line` is the number of its first line of text."""

    name: str
    line: int
    text: str


def checked(template: str, text: str) -> Sections:
    """The sections of a text that only fills variables; Invalid names every problem with its line."""
    text = tidy(text)
    known = variables.of(template)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _invalid(["the text is no valid Unicode: save it as UTF-8 and try again"]) from None
    if len(text) > MOST_CHARACTERS:
        raise _invalid([f"the text has {len(text):,} characters: shorten it to {MOST_CHARACTERS:,}"])
    problems = list(_hidden(text))
    sections, off = _sections(text)
    problems += off
    for section in sections:
        problems += _off(section, known)
    found = {section.name: section.text.strip() for section in sections}
    problems += _missing(found, known)
    if problems:
        raise _invalid(problems)
    return Sections(found[variables.SYSTEM], found[variables.USER])


def tidy(text: str) -> str:
    """The text with line breaks of one kind and without a byte-order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def names(text: str) -> tuple[str, ...]:
    """The variables that a text fills in, in the order they stand."""
    return tuple(dict.fromkeys(match[1] for match in _FILLED.finditer(text)))


def written(sections: Sections) -> str:
    """The sections as one text."""
    return f"=== system ===\n{sections.system}\n\n=== user ===\n{sections.user}\n"


def _invalid(problems: list[str]) -> errors.Invalid:
    told = problems[:MOST_PROBLEMS]
    more = [f"and {len(problems) - len(told)} more"] if len(problems) > len(told) else []
    return errors.Invalid("; ".join([*told, *more]), "bad_prompt", problems=told)


def _hidden(text: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        found = next((each for each in line if not _is_visible(each)), None)
        if found is not None:
            name = unicodedata.name(found, "a control character").lower()
            yield f"line {number} holds a character that cannot be seen (U+{ord(found):04X}, {name}): take it out"


def _is_visible(character: str) -> bool:
    if character in _KEPT:
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _sections(text: str) -> tuple[list[Section], list[str]]:
    """What stands under each heading, and what is wrong with the headings."""
    found: list[tuple[str, int, list[str]]] = []
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        heading = _HEADING.fullmatch(line.strip())
        if heading is not None and heading[1].lower() in variables.SECTIONS:
            found.append((heading[1].lower(), number + 1, []))
        elif heading is not None:
            problems.append(f"line {number}: there is no section {heading[1]!r}, only system and user")
        elif found:
            found[-1][2].append(line)
        elif line.strip():
            problems.append(f"line {number} stands above the line '=== system ===': move it below")
            break
    there = tuple(name for name, _line, _lines in found)
    if there != variables.SECTIONS and not problems:
        problems.append("write the line '=== system ===', its text, then the line '=== user ===' and its text, once")
    return [Section(name, line, "\n".join(lines)) for name, line, lines in found], problems


def _off(section: Section, known: Mapping[str, Variable]) -> Iterator[str]:
    """What in a section is more than text and variables, and which variables stand where they may not."""
    counted: Counter[str] = Counter()
    at = 0
    while opening := _OPENING.search(section.text, at):
        line = section.line + section.text.count("\n", 0, opening.start())
        filled = _FILLED.match(section.text, opening.start())
        at = filled.end() if filled else opening.end()
        if filled is None:
            yield f"line {line}: {_told(section.text, opening)}; {ALLOWED}"
            continue
        counted[filled[1]] += 1
        if problem := _misplaced(filled[1], counted[filled[1]], section.name, known):
            yield f"line {line}: {problem}"


def _told(text: str, opening: re.Match[str]) -> str:
    kind = {"{%": "statements such as loops and conditions are not run", "{#": "comments would be sent to nobody"}
    end = text.find("\n", opening.start())
    snippet = shorten(text[opening.start() : end if end > 0 else len(text)], 40)
    return f"{snippet!r}: {kind.get(opening[0], 'dots, filters, calls and sums are not worked out')}"


def _misplaced(name: str, count: int, section: str, known: Mapping[str, Variable]) -> str:
    variable = known.get(name)
    if variable is None:
        return f"there is no variable {name!r}; there are {', '.join(sorted(known))}"
    if variable.section not in ("", section):
        return f"{{{{ {name} }}}} belongs into the section {variable.section}, not {section}"
    if count == variable.most + 1:
        times = "once" if variable.most == 1 else f"{variable.most} times"
        return f"{{{{ {name} }}}} may stand here {times}, take the others out"
    return ""


def _missing(found: Mapping[str, str], known: Mapping[str, Variable]) -> Iterator[str]:
    for variable in known.values():
        if variable.is_required and variable.name not in names(found.get(variable.section, "")):
            yield f"{{{{ {variable.name} }}}} is missing from the section {variable.section}: {variable.because}"
