"""Claims that no source bears out, and claims without the disclaimer that belongs to them."""

from __future__ import annotations

from collections.abc import Iterator

from regrow.domain.brand import phrases
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Passage, Seen
from regrow.domain.brand.worn import listed

BOLD: dict[str, tuple[str, ...]] = {
    "en": listed("""
        guaranteed, we guarantee, scientifically proven, clinically proven, clinically tested, risk-free, studies
        show, research shows, studies have shown, research has shown, experts agree, the #1, #1 in, #1 choice,
        doctors recommend, world's
        best, world's leading, industry-leading, 100% safe, never fails, miracle cure, no side effects, best in the
        world, award-winning, everyone knows, proven to
    """),
    "de": listed("""
        garantiert, wir garantieren, wissenschaftlich bewiesen, wissenschaftlich belegt, klinisch getestet, studien
        zeigen, studien belegen, experten sind sich einig, risikofrei, nebenwirkungsfrei, weltweit führend,
        marktführend, klinisch erwiesen, preisgekrönt, nachweislich, ohne nebenwirkungen
    """),
    "fr": listed("""
        garanti, nous garantissons, scientifiquement prouvé, cliniquement prouvé, cliniquement testé, les études
        montrent, des études montrent, les experts s'accordent, sans risque, sans effet secondaire, leader mondial,
        numéro un, n°1, remède miracle, meilleur du monde, primé
    """),
    "es": listed("""
        garantizado, garantizamos, científicamente probado, científicamente demostrado, sin riesgo, clínicamente
        probado, los estudios demuestran, estudios demuestran, los expertos coinciden, líder mundial, número uno,
        n.º 1, cura milagrosa, el mejor del mundo, sin efectos secundarios
    """),
}
"""Claims that readers do not believe, and often laws do not allow, without a source."""
_DENIALS = frozenset(
    "no not never nothing without isn't aren't can't cannot kein keine nicht ohne pas sans sin nunca".split()
)


def claims(seen: Seen) -> Iterator[Finding]:
    """Claim words of the guidelines that no source uses, and bold claims of anybody's. Without sources to compare
    with, a bold claim is a minor matter: nobody can say here whether it holds.
    """
    sources, language = seen.sources, seen.facts.language
    named = phrases.index(seen.facts.guidelines.claims, language)
    for passage in seen.prosaic:
        for phrase, start, end in passage.hits(named):
            if sources is not None and not sources.says(phrase):
                how = f"no source says {phrase[:80]!r}: leave the claim out, or add a note that bears it out"
                yield passage.finding("claims", "veto", start, end, how)
    index = phrases.index(BOLD.get(language[:2], ()), language)
    for passage in seen.prosaic:
        for phrase, start, end in passage.hits(index):
            if not _is_denied(passage, start) and (sources is None or not sources.says(phrase)):
                how = f"{phrase!r} needs a source: name one, or say what you saw yourself"
                yield passage.finding("claims", "minor" if sources is None else "major", start, end, how)


def _is_denied(passage: Passage, start: int) -> bool:
    """Whether one of the three words before says that it is not so."""
    return not _DENIALS.isdisjoint(passage.prose[max(0, start - 30) : start].lower().replace("’", "'").split()[-3:])


def disclaimers(seen: Seen) -> Iterator[Finding]:
    """Where a claim of the guidelines stands, one of the disclaimers must stand too."""
    wanted = tuple(line for line in seen.facts.guidelines.disclaimers if line.strip())
    if not wanted or seen.has_any(wanted):
        return
    index = phrases.index(seen.facts.guidelines.claims, seen.facts.language)
    for passage in seen.prosaic:
        for phrase, start, end in passage.hits(index):
            how = f"where {phrase[:60]!r} stands a disclaimer must stand too: add {wanted[0][:100]!r}"
            yield passage.finding("disclaimers", "veto", start, end, how)
            return
