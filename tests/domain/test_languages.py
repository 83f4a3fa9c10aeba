"""One way of telling languages apart, for what is learned and for what is judged."""

from __future__ import annotations

import pytest

from regrow.domain import prose
from regrow.domain.brand import guard, languages
from regrow.domain.brand.checks import languages as check
from regrow.domain.brand.findings import GuardFacts, Text
from regrow.kit import errors

ENGLISH = "The road went up the hill and we walked it every morning, because there was nothing else to do there."
GERMAN = "Der Weg ging den Berg hinauf und wir gingen ihn jeden Morgen, weil es dort nichts anderes zu tun gab."
RUSSIAN = "Дорога шла в гору, и мы ходили по ней каждое утро, потому что там было нечего больше делать. "  # noqa: RUF001
GEORGIAN = "გზა გორაზე ადიოდა და ჩვენ ყოველ დილით მივდიოდით მასზე, რადგან სხვა საქმე არ იყო. "


@pytest.mark.parametrize(("text", "code"), [(ENGLISH, "en"), (GERMAN, "de"), (GEORGIAN, "ka"), ("42 – 17", "")])
def test_what_is_learned_and_what_is_judged_agree(text: str, code: str) -> None:
    assert (languages.guess(text), check.spoken(text)) == (code, code)


def test_a_script_of_many_languages_names_none_to_learn_and_a_family_to_judge() -> None:
    assert (languages.guess(RUSSIAN), check.spoken(RUSSIAN)) == ("", "ru")
    assert _found(RUSSIAN * 3, "uk") == []
    assert "this is Russian, the persona writes English" in _found(RUSSIAN * 3, "en")[0]


def test_a_few_words_say_something_to_learn_from_and_nothing_to_judge() -> None:
    assert (languages.guess("What is this?"), check.spoken("What is this?")) == ("en", "")


def test_a_text_that_two_languages_claim_alike_is_in_neither() -> None:
    both = f"{ENGLISH} {GERMAN}"
    assert (languages.guess(both), check.spoken(both)) == ("", "")


def test_every_language_that_is_told_has_a_name() -> None:
    assert {*languages.OF_SCRIPT.values(), *prose.STOPWORDS} <= check.NAMES.keys()
    assert "this is Georgian" in _found(GEORGIAN * 3, "en")[0]


@pytest.mark.parametrize("code", ["", "e", "zz9", "klingon", "de AT", "de-", "x" * 60])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(errors.Invalid, match="is no code such as en or de-AT"):
        languages.checked(code)
    assert languages.checked("de-AT") == "de-AT"


def _found(text: str, language: str) -> list[str]:
    verdict = guard.judged(GuardFacts(texts=(Text("body", text),), language=language))
    return [finding.how for finding in verdict.findings if finding.check == "language"]
