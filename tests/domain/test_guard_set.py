"""The written set: short texts in six languages, good and bad in known ways, with all that must be found in them.

`misses` is what a person would find and the rules do not; `false` is what they find and a person would not.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from regrow.domain.brand import guard
from regrow.domain.brand.checks import republished
from regrow.domain.brand.findings import GuardFacts, Published, Text
from regrow.domain.brand.guidelines import NAMES, Guidelines
from regrow.domain.writing import Source

FOLDER = Path(__file__).parent / "guard_texts"
FIELDS = {"title": "title", "subject": "subject", "preheader": "preheader", "text": "body", "cta": "cta"}
FIELDS |= {"cta_url": "cta_url"}
ENTRIES: list[dict[str, Any]] = [
    {**entry, "id": f"{path.stem}-{number}"}
    for path in sorted(FOLDER.glob("*.toml"))
    for number, entry in enumerate(tomllib.loads(path.read_text("utf-8"))["texts"], start=1)
]
FEWEST_TEXTS = 200
LEAST_PRECISION, LEAST_RECALL = 0.8, 0.6


def facts_of(entry: dict[str, Any]) -> GuardFacts:
    sources = entry.get("sources")
    return GuardFacts(
        medium=entry.get("medium", "blog"),
        platform=entry.get("platform", ""),
        texts=tuple(Text(field, entry[name]) for name, field in FIELDS.items() if name in entry),
        hashtags=tuple(entry.get("hashtags", ())),
        language=entry["language"],
        guidelines=Guidelines(**{name: tuple(entry.get(name, ())) for name in NAMES}),
        sources=None if sources is None else tuple(Source(f"not_{n}", "", each) for n, each in enumerate(sources)),
        private=tuple(entry.get("private", ())),
        published=tuple(
            Published(f"piece {number}", republished.shingles_of(text))
            for number, text in enumerate(entry.get("published", ()))
        ),
    )


def found_in(entry: dict[str, Any]) -> list[str]:
    return sorted(f"{each.check}|{each.quote}" for each in guard.judged(facts_of(entry)).findings)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_text_has_exactly_these_findings(entry: dict[str, Any]) -> None:
    assert found_in(entry) == sorted(entry["finds"])


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each["finds"]], ids=lambda entry: entry["id"])
def test_every_finding_quotes_what_stands_there_and_says_how_to_fix_it(entry: dict[str, Any]) -> None:
    facts = facts_of(entry)
    texts = {each.field: each.text for each in facts.texts}
    for finding in guard.judged(facts).findings:
        if finding.field == "hashtags":
            assert finding.quote in facts.hashtags
        else:
            assert texts[finding.field].startswith(finding.quote, finding.start)
        assert len(finding.how) > 20


def test_precision_and_recall_of_each_check() -> None:
    """Of the findings that a person would agree with, and of those that a person would make."""
    right: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for entry in ENTRIES:
        found = Counter(found_in(entry))
        wrong = Counter(entry.get("false", ()))
        right.update(each.partition("|")[0] for each in (found - wrong).elements())
        false.update(each.partition("|")[0] for each in (found & wrong).elements())
        missed.update(each.partition("|")[0] for each in entry.get("misses", ()))
    checks = {check.__name__ for check in guard.GUARD_CHECKS}
    told = {
        name: (right[name] / (right[name] + false[name]), right[name] / (right[name] + missed[name])) for name in checks
    }
    assert {
        name: figures for name, figures in told.items() if figures[0] < LEAST_PRECISION or figures[1] < LEAST_RECALL
    } == {}
    assert sum(right.values()) / (sum(right.values()) + sum(false.values())) > 0.95
    assert sum(right.values()) / (sum(right.values()) + sum(missed.values())) > 0.9


def test_the_set_is_large_and_balanced() -> None:
    assert len(ENTRIES) >= FEWEST_TEXTS
    languages = Counter(entry["language"] for entry in ENTRIES)
    assert languages.keys() == {"en", "de", "fr", "es", "ja", "ar"}
    assert all(languages[name] >= 20 for name in ("en", "de", "fr", "es"))
    sound = sum(not entry["finds"] for entry in ENTRIES)
    assert 0.35 < sound / len(ENTRIES) < 0.65
    checks = Counter(each.partition("|")[0] for entry in ENTRIES for each in {*entry["finds"]})
    assert {check.__name__ for check in guard.GUARD_CHECKS} == checks.keys()
