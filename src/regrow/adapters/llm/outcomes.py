"""Reading what a model client raised: which outcome it is, in words a person can act on, without any secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic_ai import exceptions as failures

from regrow.adapters.llm.candidates import KEY_VARIABLES, Candidate
from regrow.adapters.llm.guarded import BrokenOff, NotAnAnswer, Redirected, TooLarge
from regrow.kit.redaction import redact, shorten

OUTCOMES: tuple[tuple[type[Exception], str], ...] = (
    (failures.ModelAuthenticationError, "key_refused"),
    (failures.ModelQuotaExceededError, "quota_exhausted"),
    (failures.ModelNotFoundError, "model_not_found"),
    (failures.ModelRequestRejectedError, "request_rejected"),
    (failures.ModelRateLimitError, "rate_limited"),
    (failures.ModelUnavailableError, "server_error"),
    (failures.ModelServerError, "server_error"),
    (failures.ModelTimeoutError, "timeout"),
    (failures.ModelRequestTimeout, "timeout"),
    (TimeoutError, "timeout"),
    (failures.ModelConnectionError, "connection_failed"),
    (failures.ContentFilterError, "content_filtered"),
    (failures.OutputTokenLimitExceeded, "cut_off"),
    (failures.UnexpectedModelBehavior, "invalid_output"),
    (failures.UserError, "request_rejected"),
)
"""First match wins, so the narrower class stands first."""

GUARDS: tuple[tuple[type[Exception], str], ...] = (
    (TooLarge, "too_large"),
    (NotAnAnswer, "not_an_answer"),
    (Redirected, "request_rejected"),
    (BrokenOff, "truncated"),
)
"""What our own HTTP client raised, wherever in the chain of causes it stands."""

UNREADABLE: tuple[type[Exception], ...] = (AttributeError, TypeError, LookupError, ValueError)
"""What client libraries raise on events of a shape nobody expected."""

CAUGHT: tuple[type[Exception], ...] = (
    failures.ModelAPIError,
    failures.UnexpectedModelBehavior,
    failures.UserError,
    TimeoutError,
    *UNREADABLE,
)

_RETRYABLE_STATUSES = frozenset({408, 409, 425})
_WIRE_OUTCOMES = frozenset({"connection_failed", "server_error", "rate_limited"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_in_doubt`: the provider may have worked on the request, and billed it, without telling how much."""

    name: str
    detail: str
    retry_after_seconds: float | None = None
    is_in_doubt: bool = False


def read(error: Exception, candidate: Candidate, key: str | None, has_begun: bool, problems: str) -> Outcome:
    """The outcome of a try that ended in `error`; `has_begun` when part of an answer had arrived."""
    name = _name(error)
    if name in _WIRE_OUTCOMES and (has_begun or getattr(error, "in_stream", False)):
        name = "truncated"
    told = _detail(name, error, candidate, problems)
    wait = getattr(error, "retry_after", None)
    return Outcome(name, clean(told, key), wait, _is_in_doubt(name, error, has_begun))


def clean(text: str, key: str | None) -> str:
    """A detail fit for a row or a screen: no key, one line, at most 300 characters."""
    return shorten(redact(text, [key] if key else []))


def _name(error: Exception) -> str:
    for own, name in GUARDS:
        if _cause(error, own) is not None:
            return name
    for kind, name in OUTCOMES:
        if isinstance(error, kind):
            return name
    if isinstance(error, failures.ModelAPIError):
        return _by_status(error)
    return "not_an_answer"


def _by_status(error: failures.ModelAPIError) -> str:
    status = getattr(error, "status_code", None) or getattr(error.__cause__, "status_code", None)
    if status is None:
        return "truncated"
    return "server_error" if status in _RETRYABLE_STATUSES else "request_rejected"


def _is_in_doubt(name: str, error: Exception, has_begun: bool) -> bool:
    if name == "connection_failed":
        return getattr(error, "phase", None) not in {"connect", "pool"}
    return has_begun or name in {"truncated", "timeout", "too_large"}


def _cause(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    for _ in range(10):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _detail(name: str, error: Exception, candidate: Candidate, problems: str) -> str:
    who = f"{candidate.provider} at {candidate.host}"
    variable = KEY_VARIABLES.get(candidate.provider, "its key")
    said = _said(error)
    own = next((found for kind, _ in GUARDS if (found := _cause(error, kind)) is not None), None)
    # A 403 has many reasons, from a region to a spending rule; a 401 only repeats part of the key.
    why = f": {said}" if _status(error) == 403 else ""
    texts = {
        "key_refused": f"{who} refused the key ({_status(error)}); set {variable} to one for {candidate.model}{why}",
        "quota_exhausted": f"{who} says the account's quota or credit is used up; top it up there: {said}",
        "model_not_found": f"{who} does not know {candidate.model}; check REGROW_MODELS and the address: {said}",
        "request_rejected": f"{who} rejected the request: {said}",
        "rate_limited": f"{who} answered 429, too many requests{_asked_wait(error)}",
        "server_error": f"{who} answered with an error: {said}",
        "timeout": f"{who} did not finish in time",
        "connection_failed": f"{who} could not be reached or hung up: {said}",
        "truncated": f"{who} broke off in the middle of the answer: {said}",
        "content_filtered": f"{who} refused to write this: {said}",
        "cut_off": f"{candidate.model} reached the limit of output tokens; raise it or ask for less",
        "invalid_output": f"{candidate.model} did not deliver what was asked: {problems or 'no draft in its answer'}",
    }
    unreadable = f"{who} sent something that cannot be read ({type(error).__name__})"
    return f"{who}: {own}" if own else texts.get(name, unreadable)


def _status(error: Exception) -> Any:
    return getattr(error, "status_code", "unknown")


def _asked_wait(error: Exception) -> str:
    wait = getattr(error, "retry_after", None)
    return f"; it asks to wait {wait:g} s" if wait else ""


def _said(error: Exception) -> str:
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    status = getattr(error, "status_code", None)
    text = message if isinstance(message, str) else ("" if status else str(error))
    return f"{status} {text}".strip() if status else text
