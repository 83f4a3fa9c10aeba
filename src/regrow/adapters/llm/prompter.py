"""The templates of this installation behind the core's port."""

from __future__ import annotations

from regrow.domain.prompts import checking
from regrow.domain.prompts.checking import Sections
from regrow.domain.writing import Call, Prompt
from regrow.kit.errors import NotFound

PREVIEW_MARKER = "material-0000000000000000"
"""Stands where a call has a random one; what carries it is shown to people and never sent."""


class FilePrompter:
    """A `Prompter` over the template files. Every home has one, so what renders is only loaded when it is used."""

    def shipped(self, template: str) -> tuple[int, ...]:
        from regrow.adapters.llm import prompts

        return prompts.versions(template)

    def source(self, template: str, version: int) -> str:
        from regrow.adapters.llm import prompts

        if version not in prompts.versions(template):
            raise NotFound(f"{template} has no shipped version {version}: see regrow prompts versions {template}")
        return (prompts.TEMPLATES / f"{template}.{version}.j2").read_text(encoding="utf-8")

    def starting_text(self, template: str) -> str:
        from regrow.adapters.llm import prompts

        newest = f"{template}.{prompts.newest_version(template)}.j2"
        intro = prompts.blocks(newest, ("intro",), {})["intro"]
        system = "\n\n".join((intro, *_filled("voice", "delivery", "contest", "anew")))
        user = "\n\n".join(_filled("topic", "notes", "habits", "replaced", "wishes", "task"))
        return checking.written(Sections(system, user))

    def check(self, template: str, text: str) -> None:
        from regrow.adapters.llm import filling

        filling.checked(template, text)

    def rendered(self, call: Call) -> Prompt:
        from regrow.adapters.llm import prompts

        return prompts.render(call, PREVIEW_MARKER)


def _filled(*names: str) -> list[str]:
    return [f"{{{{ {name} }}}}" for name in names]
