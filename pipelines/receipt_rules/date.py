"""The day of purchase on a receipt: every date that stands there, every way to read it, and which one is meant."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from agentflow import Verdict
from receipt_rules.text import fold, rejected, segments

EARLIEST = datetime.date(1990, 1, 1)
ONE_DAY = datetime.timedelta(days=1)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio januari janeiro ocak stycznia",
            "feb february februar fevrier fev febrero febbraio februari fevereiro subat lutego",
            "mar march marz mars marzo maart marco mart marca",
            "apr april avril avr abril aprile nisan kwietnia",
            "may mai mayo maggio mei maio mayis maj maja",
            "jun june juni juin junio giugno junho haziran czerwca",
            "jul july juli juillet julio luglio julho temmuz lipca",
            "aug august aout agosto augustus augusti agustos sierpnia",
            "sep sept september septembre septiembre settembre setembro eylul wrzesnia",
            "oct okt october oktober octobre octubre ottobre outubro ekim pazdziernika",
            "nov november novembre noviembre novembro kasim listopada",
            "dec dez december dezember decembre diciembre dicembre dezembro aralik grudnia",
        ),
        start=1,
    )
    for name in names.split()
}
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?!\d|[.,/-]\d)")
DAY_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:of |de )?([a-z]{3,12})\.?,?(?:[\s-]| de )*(\d{4}|\d\d)"
    r"(?!\d|[:.,]\d)"
)
MONTH_NAMED = re.compile(r"(?<![a-z])([a-z]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
DAY_COMES_FIRST = re.compile(
    r"[€£₹]|\brm ?\d|\b(?:rm|eur|euro|gbp|chf|inr|rs|pln|sek|myr|gst|vat|mwst|ust|tva|iva|btw|ptu|moms|kdv)\b"
    r"|sdn\.? bhd"
)
"""Currencies, taxes and companies of countries that write the day before the month."""
MONTH_COMES_FIRST = re.compile(r"sales tax|\busd\b|\b[a-z][a-z .]+, [a-z]{2} \d{5}\b")
"""Signs of the one country that does not."""
PURCHASE = re.compile(r"\b(?:date|datum|fecha|data|tarih|dated|issued|le)\b")
OTHER = re.compile(
    r"\bdue\b|pay by|deadline|valid|until|expir|ends|best before|liefer|deliver|birth|member|return"
    r"|warranty|approv|since"
)
CLOCK = re.compile(r"(?<!\d)\d{1,2}[:h]\d\d(?!\d)")


class Mention(NamedTuple):
    """A date as it stands in the receipt."""

    row: str
    """The row it stands in, folded; with the row above it when it stands alone."""
    readings: frozenset[datetime.date]
    """Every day it could mean."""

    @property
    def is_another(self) -> bool:
        """Whether its words say that it is not the day of purchase."""
        return bool(OTHER.search(self.row))


def date_by_mention(receipt: str) -> dict[str, datetime.date] | None:
    """The only date on the receipt, or the only one called its date or timed, when it can be read in one way."""
    mentions = list(_mentions(receipt.splitlines(), fold(receipt)))
    meant = [mention for mention in mentions if not mention.is_another]
    named, timed = ([mention for mention in meant if mark.search(mention.row)] for mark in (PURCHASE, CLOCK))
    for candidates in (mentions, named, timed):
        days = frozenset[datetime.date]().union(*(mention.readings for mention in candidates))
        if len(days) == 1:
            return {"date": next(iter(days))}
    return None


def is_the_purchase_date(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The day stands in the receipt, can be read in one way only, and is not some other date."""
    day, receipt = prediction.date, inputs["receipt"]
    if not isinstance(day, datetime.date) or not EARLIEST <= day <= datetime.date.today() + ONE_DAY:
        return rejected(f"{day} cannot be a day of purchase", "implausible")
    mentions = list(_mentions(segments(receipt), fold(receipt)))
    own = [mention for mention in mentions if day in mention.readings]
    if not own:
        return rejected(f"no date in the receipt reads {day}; copy the date that is printed", "not_a_date")
    sure = [mention for mention in own if len(mention.readings) == 1]
    if not sure:
        return rejected(f"{own[0].row!r} may put day or month first, and nothing decides which", "two_readings")
    return _among(sure, [mention for mention in mentions if day not in mention.readings and not mention.is_another])


def _among(own: list[Mention], others: list[Mention]) -> Verdict:
    """Whether the day is the purchase rather than one of the other dates."""
    if all(mention.is_another for mention in own):
        return rejected(f"{own[0].row!r} is not the day of purchase; look for another date", "other_date")
    if others and not any(_outranks(mention, others) for mention in own):
        return rejected(f"{others[0].row!r} is a date as well, and nothing says which is the purchase", "two_dates")
    return Verdict(True)


def _outranks(mention: Mention, others: list[Mention]) -> bool:
    """Whether this date is called the date, or carries the time of day, and none of the others is or does."""
    marks = [mark for mark in (PURCHASE, CLOCK) if mark.search(mention.row)]
    return any(not any(mark.search(other.row) for other in others) for mark in marks)


def _mentions(lines: list[str], whole: str) -> Iterator[Mention]:
    above, leads = "", _leads(whole)
    for line in map(fold, lines):
        for readings in _readings(line, leads):
            words = re.sub(r"\d+[\s-]*[a-z]+[\s-]*\d+", "", line)
            is_alone = not re.search(r"[a-z]{3}", words) and not re.search(r"\d", above)
            yield Mention(f"{above} {line}".strip() if is_alone else line, readings)
        above = line


def _readings(line: str, leads: tuple[str, ...]) -> Iterator[frozenset[datetime.date]]:
    for year, _, month, day in YEAR_FIRST.findall(line):
        yield from _days((year, month, day))
    for first, sign, second, year in YEAR_LAST.findall(YEAR_FIRST.sub(" ", line)):
        orders = {"day": (year, second, first), "month": (year, first, second)}
        yield from _days(*(orders[lead] for lead in (("day",) if sign == "." else leads)))
    for day, month, year in DAY_NAMED.findall(line):
        yield from _days((year, str(MONTHS.get(month, 0)), day))
    for month, day, year in MONTH_NAMED.findall(line):
        yield from _days((year, str(MONTHS.get(month, 0)), day))


def _leads(whole: str) -> tuple[str, ...]:
    """What may stand first in a date such as 03/04/2021, as far as the rest of the receipt tells."""
    day, month = bool(DAY_COMES_FIRST.search(whole)), bool(MONTH_COMES_FIRST.search(whole))
    if day == month:
        return ("day", "month")
    return ("day",) if day else ("month",)


def _days(*triples: tuple[str, str, str]) -> Iterator[frozenset[datetime.date]]:
    days = set()
    for year, month, day in triples:
        try:
            days.add(datetime.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
        except ValueError:
            continue
    if days:
        yield frozenset(days)
