"""What an entry of an archive is called: in the right characters, and never a way out of its place."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from typing import NamedTuple

from regrow.domain.notes import naming
from regrow.domain.notes.facts import MAX_PATH_BYTES

_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"[A-Za-z]:")


class Named(NamedTuple):
    """A name to show, and what is wrong with it or an empty text."""

    text: str
    problem: str = ""


def is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\"))


def safe_name(info: zipfile.ZipInfo) -> Named:
    """The name with `/` between its parts. One that leads out of the archive is refused, whoever wrote it."""
    written = _decoded(info).replace("\\", "/")
    text = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", naming.storable(written))
    parts = text.split("/")
    if text.startswith("/") or _DRIVE.match(text) or ".." in parts:
        return Named(text[:500], "its name leads out of the archive: no export writes such a name")
    kept = "/".join(part for part in parts if part not in ("", "."))
    if len(kept.encode()) > MAX_PATH_BYTES:
        return Named(f"{kept[:200]}...", f"its path is longer than {MAX_PATH_BYTES:,} bytes: shorten it")
    return Named(kept) if kept else Named(text[:500], "it has no name")


def _decoded(info: zipfile.ZipInfo) -> str:
    """Marked as UTF-8, named in an extra field, or UTF-8 that a program forgot to mark; else code page 437."""
    name = info.orig_filename
    if info.flag_bits & _UTF8:
        return name
    raw = name.encode("cp437", "replace")
    if found := _extra(info.extra, raw):
        return found
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return name


def _extra(extra: bytes, raw: bytes) -> str:
    """The Unicode Path field of Info-ZIP, when it is of this name and not of an older one."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        data = extra[4 : 4 + length]
        if kind == _UNICODE_PATH and len(data) > 5 and struct.unpack("<L", data[1:5])[0] == zlib.crc32(raw):
            return data[5:].decode("utf-8", "replace")
        extra = extra[4 + length :]
    return ""
