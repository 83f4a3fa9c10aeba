"""The text of a mail that its sender wrote: the plain part, without what was quoted and without the signature."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_INTRODUCES_QUOTE = re.compile(r"^.{0,300}(?:wrote|schrieb|a écrit|escribió)\s*:\s*$", re.MULTILINE)
_FORWARDED = re.compile(
    r"^-{2,}\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht|Message d'origine)\b.*", re.M | re.I | re.S
)


def plain(data: bytes) -> str:
    """Empty when the mail has no plain part."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(preferencelist=("plain",))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, ValueError):
        # A charset that does not exist, or a part cut in the middle: what can be read of it is.
        payload = part.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return own_words(text.replace("\r\n", "\n").replace("\x00", ""))


def own_words(text: str) -> str:
    """Without quoted lines, the lines that introduce them, what is forwarded below, and the signature."""
    text = _SIGNATURE.split(_FORWARDED.sub("", text), maxsplit=1)[0]
    kept = [line for line in text.split("\n") if not line.lstrip().startswith(">")]
    return _INTRODUCES_QUOTE.sub("", "\n".join(kept))
