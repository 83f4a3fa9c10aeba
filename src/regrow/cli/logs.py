"""Where the log goes: stderr, without secrets, whoever writes it."""

from __future__ import annotations

import logging
import sys
from typing import Any

from regrow.kit import redaction

ENGINE = "dbos"
"""The durable engine's logger: it brings a console of its own unless it already has a handler."""


class Redacting(logging.Formatter):
    """Takes secrets out of the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = super().format(record)
        except (TypeError, ValueError, KeyError) as error:
            # Passing it on would make logging print the arguments, and with them what they hide.
            line = f"{record.levelname} a line from {record.name} does not fit its arguments ({type(error).__name__})"
        return redaction.redact(line)


class Stderr(logging.Handler):
    """Writes to whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except OSError:
            self.handleError(record)


def configure(level: str) -> None:
    """Sets the log up for this process; `level` is debug, info, warning or error."""
    import structlog

    number = logging.getLevelNamesMapping()[level.upper()]
    _configure_libraries(max(number, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True),
            _without_secrets,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _configure_libraries(number: int) -> None:
    root = logging.getLogger()
    for former in [each for each in root.handlers if isinstance(each, Stderr)]:
        root.removeHandler(former)
    handler = Stderr(number)
    handler.setFormatter(Redacting("%(levelname)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(number)
    engine = logging.getLogger(ENGINE)
    if not engine.handlers:
        engine.addHandler(logging.NullHandler())


def _without_secrets(_logger: Any, _method: str, line: Any) -> str:
    return redaction.redact(line)
