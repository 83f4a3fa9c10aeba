"""Numbers that stand in no source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from regrow.domain.brand.findings import Finding
from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.brand.seen import Passage, Seen
from regrow.domain.writing import Source

_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_\u00c0-\u024f\u0370-\u04ff])(?<!\d[.,:])\d++(?:[.,:'\u2019\u00a0\u202f]\d++| \d{3}(?!\d))*+"
)
_PART_OF_A_NAME = re.compile(r"[^\W\d_][-/#.]$|[#$@&]$|\[\^$")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,' \u2019\u00a0\u202f]\d{3})+")
_SEPARATOR = re.compile(r"[.,:' \u2019\u00a0\u202f]")
_LEAD = re.compile(r"[ \t>#*-]*")
_OWN = re.compile(
    r"\d+[ -](?:\w{3,14} )?(?:ways|steps?|tips|things|reasons|lessons|ideas|points|questions|parts|mistakes|rules"
    r"|wegen?|schritten?|tipps|dingen?|gründen?|lektionen|ideen|punkten?|fragen|teilen?|fehlern?|regeln"
    r"|façons|étapes|conseils|choses|raisons|leçons|idées|parties|erreurs|règles"
    r"|maneras|formas|pasos|consejos|cosas|razones|lecciones|puntos|preguntas|partes|errores|reglas)\b",
    re.IGNORECASE,
)
"""What a writer counts of the text itself."""
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve",
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "zéro une deux trois quatre cinq six sept huit neuf dix onze douze",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
)
_SPELLED = {word: str(value) for words in _WORDS for value, word in enumerate(words.split())} | {
    word: value
    for names in (
        "thirteen:13 fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30",
        "forty:40 fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 hundred:100 thousand:1000 half:50 double:2 twice:2",
        "dreizehn:13 vierzehn:14 fünfzehn:15 zwanzig:20 dreißig:30 vierzig:40 fünfzig:50 hundert:100 tausend:1000",
        "treize:13 quatorze:14 quinze:15 vingt:20 trente:30 quarante:40 cinquante:50 cent:100 mille:1000",
        "trece:13 catorce:14 quince:15 veinte:20 treinta:30 cuarenta:40 cincuenta:50 cien:100 ciento:100 mil:1000",
    )
    for word, value in (pair.split(":") for pair in names.split())
}


def numbers(seen: Seen) -> Iterator[Finding]:
    """Numbers in figures that no source holds, in figures or in words. Compared is the value: `1,240` is `1.240`.

    Numbers of a list, of footnotes, of what the text itself counts (`3 ways`), and inside names (`A4`) are the writer's
    own.
    """
    if seen.facts.sources is None:
        return
    known = _known(seen.facts.sources, _allowed(seen.facts.guidelines))
    for passage in seen.prosaic:
        for match in _NUMBER.finditer(passage.prose):
            is_told = any(all(_is_told(seen, known, part) for part in parts) for parts in _readings(match[0]))
            if not is_told and not _is_own(passage, match):
                how = f"no source holds {match[0][:40]}: take it out, or say it as the source does"
                yield passage.finding("numbers", "major", match.start(), match.end(), how)


def _readings(written: str) -> Iterator[list[str]]:
    """As one number; as several beside one another; as those of a date or a version."""
    yield [written]
    if " " in written:
        yield written.split(" ")
    if len(parts := _SEPARATOR.split(written)) > 2:
        yield parts


def _is_told(seen: Seen, known: frozenset[str], written: str) -> bool:
    return not known.isdisjoint(values(written)) or _is_spelled(seen, written)


def values(written: str) -> frozenset[str]:
    """What a number in figures may mean: `1,240` is 1240, or 1.24."""
    if len(parts := _SEPARATOR.split(written)) == 1:
        return frozenset((_canonical(written),))
    found = {written}
    if _THOUSANDS.fullmatch(written):
        found.add(_canonical("".join(parts)))
    whole, last = "".join(parts[:-1]), parts[-1]
    if len(parts) == 2 or _THOUSANDS.fullmatch(written[: -len(last) - 1]):
        found.add(_canonical(f"{whole}.{last}"))
    return frozenset(found)


def _canonical(written: str) -> str:
    whole, point, rest = written.partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{rest}" if point and rest else "")


@lru_cache(maxsize=8)
def _known(sources: tuple[Source, ...], allowed: str) -> frozenset[str]:
    text = "\n".join([allowed, *(f"{source.title}\n{source.text}" for source in sources)])
    written = {part for match in _NUMBER.finditer(text) for part in (match[0], *match[0].split(" "))}
    return frozenset(value for part in written for value in values(part))


def _allowed(guidelines: Guidelines) -> str:
    lines = (*guidelines.use, *guidelines.required, *guidelines.disclaimers, *guidelines.disclosure)
    return "\n".join(lines)


def _is_own(passage: Passage, match: re.Match[str]) -> bool:
    text, start = passage.prose, match.start()
    line = max(text.rfind("\n", max(0, start - 12), start) + 1, start - 12, 0)
    before = text[line:start]
    is_first = line == 0 or text[line - 1] == "\n"
    if is_first and text[match.end() : match.end() + 1] in (".", ")") and _LEAD.fullmatch(before):
        return True
    return _PART_OF_A_NAME.search(before) is not None or _OWN.match(text, start) is not None


def _is_spelled(seen: Seen, written: str) -> bool:
    """Whether a source spells the number out."""
    sources = seen.sources
    assert sources is not None
    return any(value in values(written) for word, value in _SPELLED.items() if word in sources.known)
