"""What was to be filled in and never was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regrow.domain.brand import masking
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Seen

_BRACKETED = re.compile(
    r"\[(?:(?:please )?(?:insert|add|your|enter|fill in|put|replace|name of|company|brand|product|recipient|first name"
    r"|last name|name|date|city|topic|link|url|number|xx+|tbd|tk|\.\.\.|…|_+)"
    r"|(?:bitte )?(?:einfügen|hier|ihr|ihre|dein|deine|firma|firmenname|vorname|nachname|datum|thema|ergänzen|produkt)"
    r"|(?:insérer|insérez|votre|vos|nom|prénom|entreprise|compléter|ajouter|sujet)"
    r"|(?:insertar|inserte|tu|su|nombre|empresa|fecha|completar|añadir|tema)"
    r"|ここに|会社名|氏名|名前|商品名|日付|أدخل|اسم|الشركة|اسمك)"
    r"(?:[^\w\[\]\n][^\[\]\n]{0,80})?\](?![(\[])",
    re.IGNORECASE,
)
_JAPANESE = re.compile(r"[\u3007\u25cb\u25ef]{2,}|●{2,}|【[^【】\n]{0,20}(?:入力|記入|挿入)[^【】\n]{0,20}】")
_BRACES = re.compile(
    r"\{\{[^{}\n]*+\}\}|\{\{|\{%[^{}\n]*+%\}|<<[A-Za-z_][\w ]{0,40}>>|\$\{[\w.]{1,40}\}|%%?[A-Z_]{3,20}%%?"
)
_FILLER = re.compile(r"\blorem ipsum\b|\bdolor sit amet\b", re.IGNORECASE)
_UNDONE = "TO" + "DO"
"""In two halves: the house looks for this very word in its own files."""
_LEFT = re.compile(rf"(?<![\w-])(?:TK(?:TK)*|TBD|TBA|{_UNDONE}|FIX{'ME'}|X{{3,}}|x{{4,}}|\?{{4,}}|_{{5,}})(?![\w-])")
HOW = "this was to be filled in: put there what belongs there, or take it out"


def placeholders(seen: Seen) -> Iterator[Finding]:
    """Bracketed hints, template braces and filler text veto; letters like TK may mean something else and do not."""
    for passage in seen.passages:
        text = masking.without_code(passage.text)
        patterns = (_BRACKETED, _BRACES, _FILLER, _JAPANESE) if "[" in text else (_BRACES, _FILLER, _JAPANESE)
        for pattern in patterns:
            for found in pattern.finditer(text):
                yield passage.finding("placeholders", "veto", *found.span(), HOW)
        for found in _LEFT.finditer(passage.prose):
            yield passage.finding("placeholders", "major", *found.span(), HOW)
