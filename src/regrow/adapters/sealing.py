"""Secrets sealed with Fernet under the installation's secret keys: the first one seals, each of them reads."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from regrow.kit.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

SHORTEST_KEY = 32


class FernetSealer:
    """`given` is REGROW_SECRET_KEY: keys with a comma or a space between them, newest first. After them, those in
    `file` read too, so that nothing is lost when somebody sets the variable later. Without any the file is made, for
    this user alone, when something is first sealed. No file: nothing is sealed without keys.
    """

    def __init__(self, given: str, file: Path | None) -> None:
        self._given = given
        self._file = file

    def seal(self, secret: str) -> str:
        return self._ciphers(is_made=True).encrypt(secret.encode()).decode()

    def reveal(self, sealed: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return self._ciphers().decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Unavailable(
                "a stored model key was sealed under another secret key: set REGROW_SECRET_KEY to that one, as a "
                "further key after the new one, or remove the model key and add it anew",
                "sealed_otherwise",
                None,
                True,
            ) from None

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        def made(key: str) -> bytes:
            return HKDF(hashes.SHA256(), 32, None, f"regrow {purpose}".encode()).derive(key.encode())

        return tuple(made(key) for key in self._keys(is_made=True))

    def _ciphers(self, is_made: bool = False) -> MultiFernet:
        from cryptography.fernet import Fernet, MultiFernet

        keys = self._keys(is_made)
        return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])

    def _keys(self, is_made: bool) -> list[str]:
        given = self._given.replace(",", " ").split()
        keys = [*given, *self._in_file(is_made and not given)]
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise Invalid(
                f"a key in REGROW_SECRET_KEY is shorter than {SHORTEST_KEY} characters: make a random one, such as "
                "with openssl rand -base64 32",
                "bad_settings",
            )
        if not keys:
            raise Unavailable(
                "what is sealed or signed needs a secret key and there is none: set REGROW_SECRET_KEY, or "
                "REGROW_SECRET_KEY_FILE, to at least 32 random characters, the same for every process",
                "no_secret_key",
                None,
                True,
            )
        return keys

    def _in_file(self, is_made: bool) -> list[str]:
        if self._file is None:
            return []
        if is_made and not self._file.exists():
            _make(self._file)
        try:
            return self._file.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            reason = f"{self._file} cannot be read: {type(error).__name__}"
            raise Unavailable(reason, "no_secret_key", None, True) from None


def _make(file: Path) -> None:
    """Written beside and linked into place, so that of two processes one makes it and both read the same."""
    beside = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as made:
            made.write(secrets.token_urlsafe(32) + "\n")
        os.link(beside, file)
    except FileExistsError:
        return
    finally:
        beside.unlink()
