"""Filling a workspace's own prompt: looked at as a tree, rendered in a sandbox that knows its variables and no more."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import jinja2
import jinja2.sandbox
from jinja2 import nodes

from regrow.adapters.llm import framing
from regrow.domain.prompts import checking, variables
from regrow.domain.prompts.checking import Sections
from regrow.kit.errors import Invalid

_TEXT = (nodes.Template, nodes.Output, nodes.TemplateData)


def checked(template: str, text: str) -> Sections:
    """The sections of a text that does nothing but fill variables; Invalid names every problem with its line."""
    sections = checking.checked(template, text)
    _refuse_frames(text)
    known = variables.of(template)
    examples = {name: variable.example for name, variable in known.items()}
    for section in (sections.system, sections.user):
        _refuse_more_than_names(section, known)
        fill(section, examples)
    return sections


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each `{{ name }}` replaced by its value; what a value holds is not looked at again."""
    try:
        return _sandbox().from_string(text).render(values)
    except jinja2.TemplateError as error:
        raise Invalid(f"the prompt cannot be filled in: {error.message}", "bad_prompt") from None


def _refuse_frames(text: str) -> None:
    """What looks like the edge of a frame, or speaks as another role, is material's to try and no prompt's to hold."""
    for number, line in enumerate(checking.tidy(text).split("\n"), 1):
        if framing.defused(line) != line:
            raise Invalid(
                f"line {number} holds marks that frame notes or name a role, such as <<< or <system>: write it in "
                "plain words",
                "bad_prompt",
            )


def _refuse_more_than_names(text: str, known: Mapping[str, object]) -> None:
    """The second look: whatever the text seemed to hold, its tree is text and names."""
    try:
        tree = _sandbox().parse(text)
    except jinja2.TemplateSyntaxError as error:
        raise Invalid(f"line {error.lineno} of a section: {error.message}; {checking.ALLOWED}", "bad_prompt") from None
    for node in _every(tree):
        is_name = isinstance(node, nodes.Name) and node.ctx == "load" and node.name in known
        if not is_name and type(node) not in _TEXT:
            kind = type(node).__name__.lower()
            raise Invalid(f"line {node.lineno} of a section: a {kind}; {checking.ALLOWED}", "bad_prompt")


def _every(tree: nodes.Node) -> Iterator[nodes.Node]:
    yield tree
    for child in tree.iter_child_nodes():
        yield from _every(child)


@functools.cache
def _sandbox() -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True, cache_size=0
    )
    for known in (made.globals, made.filters, made.tests):
        known.clear()
    return made
