"""Data of persons and accounts: addresses, phones, cards, bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Passage, Seen

_LOCAL = re.compile(r"[\w+%-][\w.+%'-]{0,63}\Z")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_FILES = frozenset("png jpg jpeg gif svg webp pdf js ts py css html md zip".split())
ROLES = frozenset(
    "info hello hi contact kontakt support help hilfe office press presse team sales mail post shop service "
    "kundenservice bestellung orders order newsletter noreply no-reply privacy datenschutz jobs karriere careers "
    "bonjour hola contacto ventas atencion commande booking reservations git billing feedback editor redaktion "
    "webmaster admin".split()
)
"""Mailboxes of an office and of nobody."""
_EXAMPLES = ("example.com", "example.org", "example.net", ".example", ".test", ".invalid", "localhost", "domain.com")
_NUMBER_BEFORE = re.compile(
    r"(?:isbn|issn|ean|gtin|order|invoice|tracking|ticket|serial|sku|item|article|reference|ref|case|patent|vat|version"
    r"|bestell\w*|rechnung\w*|auftrag\w*|artikel\w*|kunden\w*|sendung\w*|commande|facture|colis|référence|article"
    r"|pedido|factura|referencia|envío|注文番号|رقم الطلب)"
    r"(?:[ -]?(?:13|10|no|nr|nº|n°|number|nummer|numéro|número|id))?"
    r"[ .:#°º]{0,4}$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w.,:/+-])\d(?:[ -]?\d){11,18}(?![\w-])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_IBAN_LENGTHS = dict(
    pair.split(":")
    for pair in "AT:20 BE:16 CH:21 CY:28 CZ:24 DE:22 DK:18 EE:20 ES:24 FI:18 FR:27 GB:22 GR:27 HR:21 HU:28 IE:22 "
    "IS:26 IT:27 LI:21 LT:20 LU:20 LV:21 MC:27 MT:31 NL:18 NO:15 PL:28 PT:25 RO:24 SE:24 SI:19 "
    "SK:24 TR:26 SA:24 AE:23".split()
)
_PHONE = re.compile(
    r"(?<![\w.,:/+#=-])(?:"
    r"\+\d{1,3}[ ./-]?(?:\(\d{1,5}\)[ ./-]?)?\d(?:[ ./-]?\d){6,12}"
    r"|\(0\d{1,5}\)[ -/]?\d(?:[ -/]?\d){4,9}"
    r"|0\d{1,5}[ /-]\d(?:[ /-]?\d){4,9}"
    r"|0\d(?:[ .]\d\d){4}"
    r"|\(\d{3}\)[ ]?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}"
    r")(?![\w-]|[.,:/]\d)"
)
_CALLED = re.compile(
    r"(?<!\w)(?:phone|tel|telephone|mobile|cell|fax|call(?: me| us)?(?: at| on)?|whatsapp|telefon|handy|mobil|ruf\w*|"
    r"téléphone|portable|appelez(?:-moi|-nous)?(?: au)?|teléfono|móvil|llám\w+(?: al)?|電話(?:番号)?|هاتف|اتصل)"
    r"[ .:]{0,3}(?P<number>[+(]?\d(?:[ ().-]?\d){6,13})(?![\w-])",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)\d\d[-/ ](?:0[1-9]|1[0-2])[-/ ]\d|[0-3]?\d[-/. ][01]?\d[-/. ](?:19|20)\d\d")
HOW = "{what} does not belong in a text for everybody: take it out, or name a mailbox of the office instead"


def personal_data(seen: Seen) -> Iterator[Finding]:
    """Mail addresses of persons, phone numbers, cards (Luhn) and bank accounts (mod 97). What the guidelines require or
    disclose may stand.
    """
    guidelines = seen.facts.guidelines
    allowed = "\n".join((*guidelines.use, *guidelines.required, *guidelines.disclosure, *guidelines.disclaimers))
    for passage in seen.prosaic:
        taken: list[tuple[int, int]] = []
        for what, start, end in _all(passage):
            if passage.text[start:end] not in allowed and all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                yield passage.finding("personal_data", "veto", start, end, HOW.format(what=what))


def _all(passage: Passage) -> Iterator[tuple[str, int, int]]:
    text = passage.text
    yield from _mails(text)
    for match in _IBAN.finditer(text):
        if is_iban(match[0]):
            yield "a bank account", match.start(), match.end()
    for match in _DIGITS.finditer(text):
        if is_card(match[0]) and not _is_other_number(text, match.start()):
            yield "a card number", match.start(), match.end()
    for match in _PHONE.finditer(text):
        if not _is_other_number(text, match.start()) and not _is_no_phone(match[0]):
            yield "a phone number", match.start(), match.end()
    for match in _CALLED.finditer(text):
        if not _DATE.match(match["number"]):
            yield "a phone number", match.start("number"), match.end("number")


def _mails(text: str) -> Iterator[tuple[str, int, int]]:
    """Looks around each @, so that a long word costs nothing."""
    place = text.find("@")
    while place >= 0:
        local = _LOCAL.search(text[max(0, place - 64) : place])
        domain = _DOMAIN.match(text, place + 1)
        if local and domain and not _is_nobodys(local[0], domain[0].lower()):
            yield "a mail address", place - len(local[0]), domain.end()
        place = text.find("@", place + 1)


def _is_nobodys(local: str, domain: str) -> bool:
    return (
        local.lower().strip(".") in ROLES
        or domain.rpartition(".")[2] in _FILES
        or domain.endswith(_EXAMPLES)
        or not any(letter.isalpha() for letter in local)
    )


def is_card(written: str) -> bool:
    """Whether digits are a card number: of a length and beginning that cards have, with a sound check digit."""
    digits = [int(each) for each in written if each in "0123456789"]
    number = "".join(map(str, digits))
    groups = re.split(r"[ -]", written)
    if any(len(group) < 4 for group in groups[:-1]) or not _is_issued(number) or len(set(number)) < 2:
        return False
    doubled = (sum(divmod(2 * each, 10)) for each in digits[-2::-2])
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_issued(number: str) -> bool:
    first, length = int(number[:4]), len(number)
    if number[0] == "4":
        return length in (13, 16, 19)
    if 5100 <= first < 5600 or 2221 <= first <= 2720 or first == 6011 or 6440 <= first < 6600 or 3528 <= first <= 3589:
        return length == 16
    if number[:2] in ("34", "37"):
        return length == 15
    return (number[:2] in ("36", "38") and length == 14) or (number[:2] == "62" and 16 <= length <= 19)


def is_iban(written: str) -> bool:
    """Whether this is an account number: of the length of its country, with sound check digits (ISO 13616)."""
    plain = re.sub(r"[ -]", "", written).upper()
    if str(len(plain)) != _IBAN_LENGTHS.get(plain[:2]):
        return False
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def is_isbn(written: str) -> bool:
    """Whether ten digits, of which the last may be an X, have the check digit of a book."""
    plain = re.sub(r"[ -]", "", written).upper()
    if len(plain) != 10 or not plain[:9].isdigit():
        return False
    values = [10 if each == "X" else int(each) for each in plain if each.isdigit() or each == "X"]
    return len(values) == 10 and sum(value * (10 - place) for place, value in enumerate(values)) % 11 == 0


def _is_other_number(text: str, start: int) -> bool:
    return _NUMBER_BEFORE.search(text[max(0, start - 40) : start]) is not None


def _is_no_phone(written: str) -> bool:
    digits = set(written) & set("0123456789")
    return len(digits) < 3 or _DATE.match(written) is not None or (written[0] != "+" and is_isbn(written))
