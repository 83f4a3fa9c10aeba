"""Keeping a secret so that only this installation can read it: the port behind which the cipher stands."""

from __future__ import annotations

from typing import Protocol


class Sealer(Protocol):
    """Turns a secret into text fit for a row, and back."""

    def seal(self, secret: str) -> str:
        """Unavailable `no_secret_key` when the installation has no key to seal with."""
        ...

    def reveal(self, sealed: str) -> str:
        """Unavailable `sealed_otherwise` when none of the installation's keys fits."""
        ...

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """A key for this purpose from each of the installation's keys, newest first; Unavailable when it has none."""
        ...
