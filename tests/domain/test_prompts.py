"""What a workspace's own prompt may hold: text and variables; everything else is refused with its line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain import functions
from regrow.domain.prompts import checking, naming, variables
from regrow.kit import errors

SYSTEM = ("Write well.", "{{ delivery }}", "{{ anew }}")
USER = ("{{ notes }}", "{{ replaced }}", "{{ wishes }}")


def text(system: str = "", user: str = "") -> str:
    """A sound text with something more in a section; what is added to the system stands on line 5."""
    return "\n".join(("=== system ===", *SYSTEM, system, "=== user ===", *USER, user))


def problems(of: str, template: str = "write_blog") -> list[str]:
    with pytest.raises(errors.Invalid) as refused:
        checking.checked(template, of)
    assert refused.value.code == "bad_prompt"
    found: list[str] = refused.value.more["problems"]
    return found


def test_text_and_variables_are_taken() -> None:
    found = checking.checked("write_blog", text("For {{persona}}, {{  tone }}.", 'In { braces } and {"a": {"b": 1}}'))
    assert found.system == "Write well.\n{{ delivery }}\n{{ anew }}\nFor {{persona}}, {{  tone }}."
    assert found.user.endswith('In { braces } and {"a": {"b": 1}}')
    assert checking.checked("write_blog", checking.written(found)) == found


def test_line_breaks_of_other_systems_and_a_mark_at_the_start_are_no_matter() -> None:
    assert checking.checked("write_blog", "\ufeff" + text().replace("\n", "\r\n")) == checking.checked(
        "write_blog", text()
    )


HOSTILE = [
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ persona.__init__.__globals__ }}",
    "{{ persona|attr('__class__') }}",
    "{{ persona | upper }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum() }}",
    "{{ self }}",
    "{{ config }}",
    "{{ joiner }}",
    "{{ range(999999999) }}",
    "{{ 'x' * 999999999 }}",
    "{{ 7 * 7 }}",
    "{{ '%s' % persona }}",
    "{{ '{0.__class__}'.format(persona) }}",
    "{{ persona['x'] }}",
    "{{ persona if tone }}",
    "{{- persona }}",
    "{{ persona -}}",
    "{{ persona\n}}",
    "{{ {{ persona }} }}",
    "{{{ persona }}}",
    "{{",
    "{{ }}",
    "{{ persona",
    "{{ p\u0435rsona }}",
    "{{ \uff50ersona }}",
    "{{ persona\u00a0}}",
    "{% for x in notes %}{{ x }}{% endfor %}",
    "{% if persona %}x{% endif %}",
    "{% include 'write_blog.3.j2' %}",
    "{% import 'x' as y %}",
    "{% set x = 1 %}",
    "{%- raw %}{{ x }}{% endraw %}",
    "{%",
    "{# a comment #}",
    "{#",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["system", "user"])
def test_what_is_more_than_a_variable_is_refused_with_its_line(hostile: str, place: str) -> None:
    found = problems(text(**{place: f"fine\nhere: {hostile} fine"}))
    line = 6 if place == "system" else 11
    assert found[0].startswith(f"line {line}: ")


def test_a_refusal_says_what_is_allowed_instead() -> None:
    (loop,) = problems(text("{% for x in notes %}"))
    assert "statements such as loops and conditions are not run" in loop
    assert "only plain text and {{ name }}" in loop
    assert "comments would be sent to nobody" in problems(text("{# x #}"))[0]
    assert "dots, filters, calls and sums are not worked out" in problems(text("{{ persona.upper() }}"))[0]
    unknown = problems(text("{{ notez }}"))[0]
    assert "there is no variable 'notez'; there are anew, contest, delivery" in unknown


def test_every_problem_is_named_at_once() -> None:
    found = problems(text("{{ a }}\n{% b %}", "{{ c }}"))
    assert [each.split(":")[0] for each in found] == ["line 5", "line 6", "line 11"]
    assert len(problems(text("\n".join("{{ x }}" for _ in range(100))))) == checking.MOST_PROBLEMS


@pytest.mark.parametrize("name", ["delivery", "anew", "notes", "replaced", "wishes"])
def test_what_every_prompt_needs_must_be_there_and_the_refusal_says_why(name: str) -> None:
    (found,) = problems(text().replace(f"{{{{ {name} }}}}", ""))
    assert found.startswith(f"{{{{ {name} }}}} is missing from the section ")
    assert variables.of("write_blog")[name].because in found


def test_the_required_ones_are_these() -> None:
    required = {each.name for each in variables.VARIABLES if each.is_required}
    assert required == {"delivery", "anew", "notes", "replaced", "wishes"}


def test_material_stays_out_of_the_rules_and_rules_out_of_the_material() -> None:
    assert "belongs into the section user, not system" in problems(text("{{ notes }}"))[0]
    assert "belongs into the section system, not user" in problems(text("", "{{ delivery }}"))[0]


def test_long_variables_stand_once_and_short_ones_a_few_times() -> None:
    assert "may stand here once" in problems(text("{{ anew }}"))[0]
    assert checking.checked("write_blog", text("{{ tone }}" * variables.MOST_OF_SHORT))
    assert "may stand here 20 times" in problems(text("{{ tone }}" * (variables.MOST_OF_SHORT + 1)))[0]


def test_a_variable_of_another_template_is_not_there() -> None:
    assert checking.checked("write_social", text("{{ platforms }}"))
    assert "no variable 'platforms'" in problems(text("{{ platforms }}"))[0]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("", "write the line '=== system ==='"),
        ("Hello\n" + text(), "line 1 stands above"),
        (text().replace("=== user ===", ""), "write the line '=== system ==='"),
        (text() + "\n=== user ===\nx", "once"),
        (text("=== other ==="), "line 5: there is no section 'other'"),
    ],
)
def test_the_two_sections_must_be_there_once(broken: str, told: str) -> None:
    assert told in "; ".join(problems(broken))


@pytest.mark.parametrize(
    "hidden", ["\x00", "\x1b", "\u202e", "\u2066", "\u200b", "\U000e0041", "\u2028", "\ue000", "\x85"]
)
def test_characters_that_cannot_be_seen_are_refused(hidden: str) -> None:
    (found,) = problems(text(f"x{hidden}y"))
    assert found.startswith(f"line 5 holds a character that cannot be seen (U+{ord(hidden):04X}")


def test_a_lone_half_of_a_character_is_refused() -> None:
    assert problems(text("\ud800")) == ["the text is no valid Unicode: save it as UTF-8 and try again"]


def test_other_scripts_and_joined_emoji_are_plain_text() -> None:
    told = "שלום עולם, 日本語, می‌خواهم, 👩‍🍳"
    assert told in checking.checked("write_blog", text(told)).system


def test_the_length_is_limited() -> None:
    room = checking.MOST_CHARACTERS - len(text())
    assert checking.checked("write_blog", text("x" * room))
    assert problems(text("x" * (room + 1))) == ["the text has 20,001 characters: shorten it to 20,000"]
    assert len(problems("{{ x }}" * 1_000_000)) == 1


PARTS = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{",
    "}",
    " ",
    "\n",
    "persona",
    "tone",
    "{{ tone }}",
    ".",
    "|",
    "-",
    "raw",
    "'",
]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join) | st.text(max_size=60))
def test_any_text_is_refused_or_holds_nothing_but_variables(some: str) -> None:
    try:
        found = checking.checked("write_blog", text(some))
    except errors.Invalid:
        return
    left = re.sub(r"\{\{ *[a-z_]+ *\}\}", "", found.system)
    assert not re.search(r"\{[{%#]", left)
    assert set(checking.names(found.system)) <= set(variables.of("write_blog"))


@pytest.mark.parametrize(
    ("given_name", "found"),
    [
        ("2", naming.Name("workspace", 2)),
        ("workspace-2", naming.Name("workspace", 2)),
        ("shipped-1", naming.Name("shipped", 1)),
        (" shipped ", naming.Name("shipped", 0)),
    ],
)
def test_versions_are_called_by_name(given_name: str, found: naming.Name) -> None:
    assert naming.parse(given_name) == found
    assert naming.parse(str(found)) == found


@pytest.mark.parametrize(
    "wrong", ["", "0", "-1", "workspace", "workspace-0", "shipped-", "latest", "1.5", "9" * 30, "\uff12"]
)
def test_what_is_no_version_is_refused(wrong: str) -> None:
    with pytest.raises(errors.Invalid, match="workspace-2, shipped-1, or shipped"):
        naming.parse(wrong)


def test_every_medium_that_is_written_has_a_prompt_of_ones_own() -> None:
    assert {function.name for function in functions.BY_MEDIUM.values()} == set(variables.TEMPLATES)
    with pytest.raises(errors.NotFound, match="write_blog, write_social, write_email"):
        naming.refuse_unknown("write_poem")
