"""Personal data in running text: only what is certain by its form and, where there are check digits, by those.

Identity numbers: GB 11643-1999, with the check character of ISO 7064 MOD 11-2. Bank cards: ISO/IEC 7812, with
Luhn's check digit. Mobile numbers: 11 digits from 13 to 19.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["identity_number", "bank_card", "phone", "mail"]
KINDS: tuple[Kind, ...] = ("identity_number", "bank_card", "phone", "mail")
TAGS = {"identity_number": "[ID]", "bank_card": "[CARD]", "phone": "[PHONE]", "mail": "[MAIL]"}

_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])",
    re.ASCII,
)
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d]|\.\d)", re.ASCII)
# Beginnings and lengths: UnionPay, Visa, Mastercard, American Express, JCB.
_ISSUERS = re.compile(
    r"62\d{14,17}|4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|35(?:2[89]|[3-8]\d)\d{12}",
    re.ASCII,
)

_PHONE = re.compile(
    r"(?<![\d+A-Za-z.-])(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}-\d{7,8}|\(0\d{2,3}\) ?\d{7,8})"
    r"(?![\dA-Za-z]|[.-]\d)",
    re.ASCII,
)
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z\d-]{1,63}(?:\.[A-Za-z\d-]{1,63}){1,8}(?![\w-])", re.ASCII
)
_MAYBE = re.compile(r"\d{4}|@", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where personal data stands in a text: `start` up to, not with, `end`."""

    start: int
    end: int
    kind: Kind


def find_personal(text: str, kinds: frozenset[str] = frozenset(KINDS)) -> list[Place]:
    """Every piece of personal data of these kinds, in order and without overlaps."""
    if not _MAYBE.search(text):
        return []
    found: list[Place] = []
    for kind in KINDS:
        if kind in kinds:
            for start, end in _SEARCHES[kind](text):
                if all(end <= other.start or start >= other.end for other in found):
                    found.append(Place(start, end, kind))
    return sorted(found, key=lambda place: place.start)


def mask_personal(text: str, kinds: frozenset[str], mask: Literal["stars", "tag", "remove"]) -> str:
    """A text in which personal data of these kinds is covered."""
    parts: list[str] = []
    start = 0
    for place in find_personal(text, kinds):
        size = place.end - place.start
        cover = {"stars": "*" * size, "tag": TAGS[place.kind], "remove": ""}[mask]
        parts += [text[start : place.start], cover]
        start = place.end
    return "".join([*parts, text[start:]])


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are an identity number: a province, and the right check character."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return number[:2] in _PROVINCES and number[17].upper() == _CHECKS[total % 11]


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


def _identity_numbers(text: str) -> Iterator[tuple[int, int]]:
    for found in _IDENTITY.finditer(text):
        if is_identity_number(found[0]):
            yield found.span()


def _bank_cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _CARD.finditer(text):
        digits = re.sub("[ -]", "", found[0])
        if _ISSUERS.fullmatch(digits) and passes_luhn(digits):
            yield found.span()


def _phones(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _PHONE.finditer(text))


def _mails(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _MAIL.finditer(text))


_SEARCHES = {"identity_number": _identity_numbers, "bank_card": _bank_cards, "phone": _phones, "mail": _mails}
