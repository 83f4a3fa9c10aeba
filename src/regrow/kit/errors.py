"""Errors every face can translate: a kind, a stable code, and a text that says what to do."""

from __future__ import annotations

from typing import Any


class RegrowError(Exception):
    """The caller got something wrong or the world broke; a refusal by a rule is a value instead.

    `code` is stable and machine-readable, `detail` is for people and says what to do next.
    """

    kind = "bug"

    def __init__(self, detail: str, code: str | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.kind
        self.more = more


class NotFound(RegrowError):
    kind = "not_found"


class Conflict(RegrowError):
    kind = "conflict"


class Forbidden(RegrowError):
    kind = "forbidden"


class Unauthorised(RegrowError):
    kind = "unauthorised"


class Invalid(RegrowError):
    kind = "invalid"


class Stale(RegrowError):
    """Somebody else changed the thing since the caller read it."""

    kind = "stale"


class TooMuchCost(RegrowError):
    """The credits left do not cover the work."""

    kind = "insufficient_credits"


class LimitReached(RegrowError):
    """`retry_after_seconds` says when it may be tried again."""

    kind = "limit_reached"

    def __init__(self, detail: str, code: str | None = None, retry_after_seconds: int = 60) -> None:
        super().__init__(detail, code)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(RegrowError):
    """Something outside did not answer; `is_permanent` when trying again cannot help."""

    kind = "unavailable"

    def __init__(
        self,
        detail: str,
        code: str | None = None,
        retry_after_seconds: float | None = None,
        is_permanent: bool = False,
    ) -> None:
        super().__init__(detail, code)
        self.retry_after_seconds = retry_after_seconds
        self.is_permanent = is_permanent


class Bug(RegrowError):
    kind = "bug"
