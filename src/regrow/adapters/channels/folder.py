"""A folder as a channel: Markdown or HTML files for a static site, in a Git checkout if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow.adapters.channels import checkouts, places
from regrow.domain.publishing import rendering
from regrow.domain.publishing.channel import Capabilities, Outcome, Outgoing, Setting, Surroundings
from regrow.domain.publishing.totals import Totals
from regrow.kit import errors

KIND = "folder"
HELP = "Files for a static site, in a folder or a Git checkout"
FORMATS = {"markdown": "md", "html": "html"}
GIT = ("no", "commit", "push")
SETTINGS = (
    Setting(
        "folder",
        "Where files go, such as blog/posts: within `published` of the home, or an allowed path",
        is_required=True,
    ),
    Setting("format", "markdown or html", default="markdown"),
    Setting("address", "Where the static site shows a post, such as https://host/posts/{slug}/"),
    Setting("git", "no, commit, or push (to origin, by key: nobody is asked for a password)", default="no"),
)
CAPABILITIES = Capabilities(
    media=("blog", "article", "social", "email"), is_repeatable=True, can_reconcile=True, can_remove=True
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A file is replaced by a newer text of the same piece, and by nothing else."""

    place: places.Place
    ending: str
    address: str
    git: str

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        problems = []
        if not rendering.file_name(outgoing, self.ending):
            problems.append("the slug cannot be the name of a file: use letters, digits and hyphens, 190 bytes at most")
        if not outgoing.body.strip():
            problems.append("the text is empty: write some before it is published")
        return tuple(problems)

    def post(self, outgoing: Outgoing) -> Outcome:
        name = rendering.file_name(outgoing, self.ending)
        if not name:
            return Outcome("refused", detail=self.validate(outgoing)[0])
        try:
            with self.place.locked():
                problem = self._problem(name, outgoing)
                if problem:
                    return Outcome("refused", detail=problem)
                data = rendering.document(outgoing, is_html=self.ending == "html")
                self.place.write(name, data.encode("utf-8", "replace"))
                self._keep(name, f"Publish {outgoing.title}")
        except OSError as error:
            return Outcome("retry", detail=f"{self.place.path} cannot be written: {error.strerror or error}")
        except checkouts.Failed as error:
            return Outcome("retry", detail=f"{name} is written, but {error}")
        return self._published(name, outgoing)

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        """Writing again does no harm, so what is not there for certain is written again."""
        name = rendering.file_name(outgoing, self.ending)
        try:
            found = self.place.read(name) if name else None
        except OSError as error:
            return Outcome("unknown", detail=f"{name} cannot be read: {error.strerror or error}")
        is_there = found is not None and rendering.marks(found).get(rendering.KEY) == outgoing.key
        if is_there and self.git == "no":
            return self._published(name, outgoing)
        return Outcome("retry", detail=f"{name} is not there as it was written, or may not be committed")

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        """Takes the file away, unless it holds something else by now."""
        name = rendering.file_name(outgoing, self.ending)
        try:
            with self.place.locked():
                found = self.place.read(name) if name else None
                if found is not None and rendering.marks(found).get(rendering.KEY) == outgoing.key:
                    self.place.remove(name)
                    self._keep(name, f"Take back {outgoing.title}")
        except OSError as error:
            return Outcome("retry", detail=f"{name} cannot be removed: {error.strerror or error}")
        except checkouts.Failed as error:
            return Outcome("retry", detail=f"{name} is gone, but {error}")
        return Outcome("published", outside_id)

    def status(self) -> tuple[bool, str]:
        try:
            with self.place.locked():
                problem = checkouts.Checkout(self.place.path).problem() if self.git != "no" else ""
        except OSError as error:
            problem = f"{self.place.path} cannot be written: {error.strerror or error}"
        return not problem, problem or f"writes to {self.place.path}"

    def metrics(self, outside_id: str) -> Totals | None:
        return None

    def _problem(self, name: str, outgoing: Outgoing) -> str:
        found = self.place.read(name)
        if found is None or rendering.marks(found).get(rendering.PIECE) == outgoing.piece_id:
            return ""
        return f"{name} is there already, and not from this piece: give the piece another slug, or move that file"

    def _keep(self, name: str, message: str) -> None:
        if self.git != "no":
            checkouts.Checkout(self.place.path).keep(name, message, is_pushed=self.git == "push")

    def _published(self, name: str, outgoing: Outgoing) -> Outcome:
        slug = name.removesuffix(f".{self.ending}")
        return Outcome("published", name, places.filled(self.address, slug) or outgoing.address)


def make(settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> Folder:
    named, git = settings.get("format", "markdown"), settings.get("git", "no")
    if named not in FORMATS:
        raise errors.Invalid(f"settings.format: {' or '.join(FORMATS)}", "bad_channel_settings")
    if git not in GIT:
        raise errors.Invalid(f"settings.git: one of {', '.join(GIT)}", "bad_channel_settings")
    place = places.place(settings["folder"], surroundings)
    return Folder(place, FORMATS[named], places.web_address("address", settings.get("address", "")), git)
