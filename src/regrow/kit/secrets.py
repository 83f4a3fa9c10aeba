"""API keys: the workspace stands in the key, so that it is known before anything is looked up."""

from __future__ import annotations

import hashlib
import re
import secrets

_KEY = re.compile(r"rk\.(ws_[0-9a-z]{10,40})\.([A-Za-z0-9_-]{32,64})")


def new_key(workspace_id: str) -> str:
    return f"rk.{workspace_id}.{secrets.token_urlsafe(32)}"


def workspace_of(key: str) -> str | None:
    """The workspace a key claims to belong to, None when the text is no key at all."""
    match = _KEY.fullmatch(key)
    return match.group(1) if match else None


def digest(key: str) -> str:
    """What is stored of a key. One round is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def shown_prefix(key: str) -> str:
    """The part of a key that people may see: enough to tell keys apart, not enough to use one."""
    secret = key.rpartition(".")[2]
    return f"rk.…{secret[:6]}"
