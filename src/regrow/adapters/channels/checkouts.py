"""A folder that is a Git checkout: files are committed one by one, and pushed, by the system's own git."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from regrow.kit import redaction

SECONDS = 60
_QUIET = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=10",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_AUTHOR_NAME": "Regrow",
    "GIT_AUTHOR_EMAIL": "regrow@localhost",
    "GIT_COMMITTER_NAME": "Regrow",
    "GIT_COMMITTER_EMAIL": "regrow@localhost",
}
"""Nobody is asked, and nothing but the checkout's own configuration is read."""
_HARMLESS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false"),
    *("-c", "protocol.ext.allow=never", "-c", "gc.auto=0", "-c", "push.recurseSubmodules=no"),
)
"""What a checkout may not have done for it: hooks, watchers and other programs."""
_KEPT = ("PATH", "HOME", "SSH_AUTH_SOCK")


class Failed(Exception):
    """Git did not do it; the message says what it said."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The commits are on the branch that is checked out; others' staged changes stay staged."""

    folder: Path

    def keep(self, name: str, message: str, is_pushed: bool) -> None:
        """Commits the file as it is on disk, also when it is gone. Doing it twice makes one commit."""
        if self._git("status", "--porcelain", "--untracked-files=all", "--", name):
            if (self.folder / name).exists():
                self._git("add", "--", name)
            told = redaction.shorten(message, 200) or "Published"
            self._git("commit", "--quiet", "--no-verify", f"--message={told}", "--only", "--", name)
        if is_pushed:
            self._git("push", "--quiet", "--no-verify", "origin", "HEAD")

    def problem(self) -> str:
        """Why nothing can be committed here; empty when it can."""
        try:
            self._git("rev-parse", "--is-inside-work-tree")
        except Failed as error:
            return str(error)
        return ""

    def _git(self, *arguments: str) -> str:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        try:
            done = subprocess.run(
                ["git", *_HARMLESS, *arguments],
                cwd=self.folder,
                env={**kept, **_QUIET},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise Failed("git is not installed, or the folder is gone: install it, or set git to no") from None
        except subprocess.TimeoutExpired:
            raise Failed(f"git {arguments[0]} took longer than {SECONDS} seconds") from None
        if done.returncode:
            told = redaction.redact((done.stderr or done.stdout).decode("utf-8", "replace"))
            raise Failed(f"git {arguments[0]} says: {redaction.shorten(told)}")
        return done.stdout.decode("utf-8", "replace")
