"""The mail that a version of an e-mail piece stands for, with the name of its file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.message import EmailMessage

from regrow.domain import content
from regrow.kit import errors
from regrow.services import editing, mail
from regrow.store import content as content_store
from regrow.store.tables.content import Piece
from regrow.store.tenancy import Session

_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Letter:
    """`name` is lower-case ASCII without anything that a header or a file system would trip over."""

    name: str
    message: EmailMessage


def of_piece(session: Session, id: str, label: str) -> Letter:
    """The newest version of a label as a mail without sender and recipient.

    Conflict for a piece of another medium, NotFound for a label it does not have.
    """
    piece = editing.found(session, Piece, id, "piece")
    if piece.medium != mail.MEDIUM:
        raise errors.Conflict(f"this piece is of the medium {piece.medium}: only an email is a mail", "not_an_email")
    variants = {variant.label: variant for variant in content_store.newest_variants(session, [piece.id])[piece.id]}
    if label not in variants:
        raise errors.NotFound(f"this piece has no version {label[:10]!r}, use one of {', '.join(variants)}")
    held = variants[label].content
    message = mail.message(held, mail.language_of(piece.meta))
    # Mail programs that know it open the file as a draft to be addressed, instead of as a mail received.
    message["X-Unsent"] = "1"
    return Letter(_file_name(content.title_of(held), label), message)


def _file_name(subject: str, label: str) -> str:
    plain = unicodedata.normalize("NFKD", subject).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:_NAME_LENGTH].strip("-")
    return f"{words or mail.MEDIUM}-{label.lower()}.eml"
