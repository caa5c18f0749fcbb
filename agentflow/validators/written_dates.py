"""Dates as people write them, in eight languages: every calendar day that a text may mean.

Where day and month may be exchanged, both readings count. A year of two digits is 1970 to 2069.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from agentflow.validators.numerals import as_ascii_numbers

LONGEST = 40
"""Characters above which a text is no date and nothing else."""
PIVOT = 70
"""Years of two digits from here on are of the twentieth century."""
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january january jan januar jänner janvier janv enero ene gennaio gen januari janeiro",
            "february feb februar feber février févr fév febrero febbraio februari fevereiro fev",
            "march mar märz mär mrz mars marzo maart mrt março mac maerz",
            "april apr avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "june jun juni juin junio giugno giu junho",
            "july jul juli juillet juil julio luglio lug julho julai",
            "august aug août agosto ago augustus ogos ogo",
            "september sep sept septembre septiembre settembre set setembro septembre setiembre",
            "october oct oktober okt octobre octubre ottobre ott outubro out",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro disember dis",
        ),
        start=1,
    )
    for name in names.split()
}
"""English, German, French, Spanish, Italian, Dutch, Portuguese and Malay, whole and short."""

_COMBINING = "".join(map(chr, range(0x300, 0x370)))
_ACCENTS = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüçñ", "aaaaaaeeeeiiiiooooouuuucn", _COMBINING)
_NUMBERS = {name.translate(_ACCENTS): number for name, number in MONTHS.items()}
_MONTH = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_YEAR = r"([0-9]{4}|[0-9]{2})(?![0-9:]|[.,][0-9])"
_GAP = r"[\s.,/'-]{0,3}"

_YEAR_FIRST = re.compile(r"(?<![0-9])(?<![0-9][-/.])([0-9]{4}) ?([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})(?![0-9])")
_CHINESE = re.compile(r"(?<![0-9])([0-9]{4}) ?(年) ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日")
_YEAR_LAST = re.compile(
    r"(?<![0-9])(?<![0-9][-/.])([0-9]{1,2})(?: ?([-/.]) ?([0-9]{1,2}) ?\2 ?([0-9]{4}|[0-9]{2})(?![0-9])(?!\2[0-9])"
    r"| ([0-9]{1,2}) ((?:19|20)[0-9]{2})(?![0-9.,]))"
)
_COMPACT = re.compile(r"(?<![0-9.,])([0-9]{8})(?![0-9]|[.,][0-9])")
_DAY_NAME_YEAR = re.compile(
    rf"(?<![0-9])([0-9]{{1,2}})(?:st|nd|rd|th|er|ste|de|o|a|º|ª)?{_GAP}(?:(?:de|of|di|d)['\s]{{1,2}})?"
    rf"({_MONTH})(?![a-z]){_GAP}(?:(?:de|del|of|van)\s)?{_YEAR}"
)
_NAME_DAY_YEAR = re.compile(
    rf"(?<![a-z])({_MONTH})(?![a-z])[\s.,/'-]{{0,3}}([0-9]{{1,2}})(?:st|nd|rd|th)?[\s.,/'-]{{1,3}}{_YEAR}"
)
_YEAR_NAME_DAY = re.compile(rf"(?<![0-9])([0-9]{{4}}){_GAP}({_MONTH})(?![a-z]){_GAP}([0-9]{{1,2}})(?![0-9:])")
_ALL = (_YEAR_FIRST, _CHINESE, _YEAR_LAST, _COMPACT, _DAY_NAME_YEAR, _NAME_DAY_YEAR, _YEAR_NAME_DAY)


def dates_in(text: str) -> frozenset[dt.date]:
    """Every day that *text* may mention, in time proportional to its length."""
    plain = _plain(text)
    return frozenset(
        day
        for pattern in _ALL
        for parts in {match.groups() for match in pattern.finditer(plain)}
        for day in _read(pattern, parts)
    )


def date_readings(text: str) -> frozenset[dt.date]:
    """The days that a text which is a date, and nothing else, may mean."""
    plain = _plain(text[: LONGEST + 1]).strip()
    if len(plain) > LONGEST:
        return frozenset()
    whole = ((pattern, pattern.fullmatch(plain)) for pattern in _ALL)
    return frozenset(day for pattern, match in whole if match for day in _read(pattern, match.groups()))


def day(value: object) -> dt.date | None:
    """The day *value* is, or None: a date, a datetime, or a text with one sure reading."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        return None
    try:
        return dt.datetime.fromisoformat(value.strip()).date()
    except ValueError:
        found = date_readings(value)
    return next(iter(found)) if len(found) == 1 else None


def _plain(text: str) -> str:
    return as_ascii_numbers(text).casefold().translate(_ACCENTS) if not text.isascii() else text.casefold()


def _read(pattern: re.Pattern[str], parts: Sequence[str]) -> Iterator[dt.date]:
    for year, month, day in _candidates(pattern, parts):
        try:
            yield dt.date(_year(year), _NUMBERS.get(month) or int(month), int(day))
        except ValueError:  # the 31st of February, or a month 13: not this reading
            continue


def _candidates(pattern: re.Pattern[str], parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    if pattern is _DAY_NAME_YEAR:
        yield parts[2], parts[1], parts[0]
    elif pattern is _NAME_DAY_YEAR:
        yield parts[2], parts[0], parts[1]
    elif pattern is _YEAR_NAME_DAY:
        yield parts[0], parts[1], parts[2]
    elif pattern is _COMPACT:
        yield from _compact(parts[0])
    elif pattern is _YEAR_LAST:
        yield from _year_last(parts)
    else:
        yield parts[0], parts[2], parts[3]


def _compact(digits: str) -> Iterator[tuple[str, str, str]]:
    if digits[:2] in ("19", "20"):
        yield digits[:4], digits[4:6], digits[6:]
    if digits[4:6] in ("19", "20"):
        yield digits[4:], digits[2:4], digits[:2]
        yield digits[4:], digits[:2], digits[2:4]


def _year_last(parts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    first, second, year = parts[0], parts[2] or parts[4], parts[3] or parts[5]
    yield year, second, first
    yield year, first, second
    if len(first) == len(year) == 2:  # 18-03-12, as in East Asia
        yield first, second, year


def _year(digits: str) -> int:
    number = int(digits)
    if len(digits) > 2:
        return number
    return number + (1900 if number >= PIVOT else 2000)
