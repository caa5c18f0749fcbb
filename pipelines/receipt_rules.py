"""What a till receipt gives away without a model: its amounts, dates and names, and what speaks against an answer.

The readers (`total_by_label`, `date_by_mention`, `company_by_suffix`) answer None rather than guess. The judges
(`is_the_total`, `is_the_purchase_date`, `is_the_company`) see only the receipt, never a true value.
"""

from __future__ import annotations

import datetime
import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from agentflow import Verdict

MOST_BYTES = 100_000
"""A longer text is no till receipt."""
EARLIEST = datetime.date(1990, 1, 1)
TOP_ROWS = 6
"""The shop's name stands among the first rows, or nowhere."""

CURRENCY = r"(?:eur|usd|gbp|chf|myr|rm|inr|rs\.?|sek|kr|pln|zl|jpy|aud|us\$|fr\.|[€$£¥₹])"
NUMBER = re.compile(
    r"(?<![\d.,'’])(?P<minus>-\s?)?(?P<digits>\d{1,3}(?:[.'’]\d{3})+,\d\d|\d{1,3}(?:[,'’]\d{3})+\.\d\d|\d{1,3}(?: \d{3})+,\d\d"
    r"|\d+[.,]\d\d)(?!\s?%|[.,]?\d)"
    r"|[¥]\s?(?P<yen>\d{1,3}(?:,\d{3})+|\d+)(?![.,]?\d)"
)

BARE = re.compile(rf"\s*(?:{CURRENCY}\s*)?-?\s?(?:\d[\d.,'’ ]*[.,]\d\d)\s*(?:{CURRENCY})?\s*")
"""A line that is an amount and nothing else."""
TAX_TABLE = re.compile(r"(?:gst|tax|vat|sst)\s*(?:summary|analysis)|\btax code\b")
ROUNDING = Decimal("0.05")
"""The most by which a till rounds."""

SETTLED_LABELS = frozenset(
    "net total|nett total|final total|total rounded|total amt rounded|rounded total|total after rounding|total after adj|"
    "total after adj incl gst|total payable|total amt payable|amount payable|total to pay".split("|")
)
FINAL_LABELS = frozenset(
    "grand total|total due|amount due|balance due|total incl gst|total amt incl gst|total amount incl gst|total sales incl gst|"
    "total gst incl|total incl tax|total incl vat|total with gst|total ttc|net a payer|gesamtbetrag|endbetrag|zu zahlen|"
    "total a pagar|totale complessivo|te betalen|do zaplaty|att betala|genel toplam".split("|")
)
PLAIN_LABELS = frozenset(
    "total|total amount|total amt|total sales|total price|summe|gesamt|gesamtsumme|totale|totale euro|totaal|totalt|"
    "suma|toplam|importe total|total general|total geral".split("|")
)
RANKS = (SETTLED_LABELS, FINAL_LABELS, PLAIN_LABELS)
"""Words for the total, the most binding first: what is left after rounding, with tax, and just any total."""
NOT_THE_TOTAL = {
    "a subtotal": r"sub\W*t[o0]t|zwischensumme|sous.?total|subtotaal|delsumma|ara toplam|imponi[bv]|netto|\bnet(?! total| a payer)"
    r"|\bexcl|\bgoods\b|\bbefore\b|opodatkowana",
    "a tax": r"\b(?:vat|tax|iva|tva|btw|mwst|moms|kdv|ptu|[cs]gst|ust)\b(?!.*\bincl)|^total gst$|^gst$|^gst\b.*\d",
    "a service charge": r"serv(?:ice)?\W*ch|\bsrv\b|bedienung|servicio|coperto",
    "a payment": r"\bcash|\bbar$|visa|master|\bcard\b|karte|kort\b|esp[eè]ces|contante|numerario|gotowka|nakit|eftpos|\bpin\b|\bpaid\b"
    r"|tender|c[o0]ntactless|voucher|regle\b",
    "the change": r"change|r[uü]ckgeld|rendu|cambio|resto|troco|reszta|para ustu|wisselgeld|tillbaka",
    "a discount": r"discount|rabatt|remise|saved|saving|points|\btips?\b|suggested|%$",
    "a quantity": r"\bqty\b|quantity|\bitems?\b|\bpcs\b",
    "a rounding": r"round(?!ed total)|rundung",
}
LIKE_TOTAL = re.compile(r"\bt[o0]+t[a4]+[l1]|\btoatl|\btot ?al\b|\btota ?l\b|\bttal|\btotl|\btoal\b|\bottal|\btota\b|amount due|balance due|payable|to pay")

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
YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)(?![\d]|[.,/-]\d)")
DAY_NAMED = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:of |de )?([a-z]{3,12})\.?,?(?:[\s-]| de )*(\d{4}|\d\d)(?!\d|[:.,]\d)")
MONTH_NAMED = re.compile(r"(?<![a-z])([a-z]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")
DAY_COMES_FIRST = re.compile(
    r"€|£|₹|\brm ?\d|\(rm\)|\brm\b|\b(?:eur|euro|gbp|chf|inr|rs|pln|sek|myr)\b|\b(?:gst|vat|mwst|ust|tva|iva|btw|ptu|moms|kdv)\b|sdn\.? bhd"
)
MONTH_COMES_FIRST = re.compile(r"sales tax|\busd\b|\b[a-z][a-z .]+, [a-z]{2} \d{5}\b")
PURCHASE_DATE = re.compile(r"\b(?:date|datum|fecha|data|tarih|dated|issued|le)\b")
OTHER_DATE = re.compile(
    r"\bdue\b|pay by|deadline|valid|until|expir|ends|best before|liefer|deliver|birth|member|return|warranty|approv|since"
)
CLOCK = re.compile(r"(?<!\d)\d{1,2}[:h]\d\d(?!\d)")

SUFFIX = (
    r"(?:sdn\.? ?bhd|s/b|bhd|ltd\.?(?: sti\.?)?|limited|gmbh|kg|ag|inc|llc|l\.?l\.?p|plc|pty|corp|& co|co|s\.?a|s\.?l|s\.?r\.?l|sarl|sas|"
    r"s\.?n\.?c|b\.?v|n\.?v|lda|sp\. z o\.?o|ab|oy|aps|a/s)\.?"
)
ENDS_AS_COMPANY = re.compile(rf"(?:^|[\s,]){SUFFIX}$")
ONLY_SUFFIX = re.compile(rf"(?:\(m\) ?)?{SUFFIX}$")
TRADE = re.compile(
    r"\b(?:restoran|restaurant|kopitiam|cafe|enterprise|trading|hardware|stationery|pharmacy|bakery|supermarket|hypermarket|mini ?market|"
    r"mart|deli|perniagaan|syarikat|company|perniagaan|syarikat|company|boulangerie|backerei|ristorante|bistro|store|stores|shop|bookshop|optical|electrical|furniture|hotel)\b"
)
REGISTRATION = re.compile(r"\s*\(?\b(?:co\.? ?(?:reg\.?)? ?no\.? ?:? ?)?\(?[a-z]{0,3}\d{5,}[ -]*[a-z]?\)*$|\s*\(\d{4,}-?[a-z]?\)$")
CUE = re.compile(
    r"^(?:from|vendor|seller|merchant|supplier|sold by|billed by|thank you for shopping at|welcome to)\s*:?\s+", re.IGNORECASE
)
NO_NAME = re.compile(
    r"^\W*$|invoice|receipt|^bill\b|rechnung|quittung|facture|ticket|fatura|paragon|documento|kvitto|statement|sales slip|customer copy|"
    r"^(?:no|ref|tel|fax|ph|phone|po|table|till|order|member|date|datum|cashier|server|check|reg|gst|vat|abn|tin|nif|nip|cif|kvk)\b.*\d|"
    r"\b(?:jalan|jln|jl|lorong|taman|street|road|rd|lane|strasse|straße|gasse|rue|via|rua|ul|calle|avenue|ave|floor|lot|bandar)\b|"
    r"^(?:date|cash|sale|total|tax|thank you|thanks|welcome)\b|\d{5}|\breg\b|\bregistration\b|@|www\.|^\W*[\d\W]+$|^copy$|^duplicate"
)


class Mention(NamedTuple):
    """A date as it stands in the receipt."""

    row: str
    """The row it stands in, folded, with the row before it when it stands alone."""
    readings: frozenset[datetime.date]
    """Every calendar day it could mean."""


def total_by_label(receipt: str) -> dict[str, Decimal] | None:
    """The amount beside a plain "TOTAL" in one of many languages, when no other such row disagrees."""
    rows = _joined([line for line in receipt.splitlines() if line.strip()])
    for labels in RANKS:
        found = {row_amounts[0] for label, row_amounts in _labelled(rows) if label in labels and len(row_amounts) == 1}
        if len(found) > 1:
            return None
        if found and (total := found.pop()) > 0:
            return {"total": total}
    return None


def date_by_mention(receipt: str) -> dict[str, datetime.date] | None:
    """The only date on the receipt, or the only one called its date, when it can be read in one way."""
    mentions = list(_mentions(receipt.splitlines(), receipt))
    named = [mention for mention in mentions if PURCHASE_DATE.search(mention.row) and not OTHER_DATE.search(mention.row)]
    for candidates in (mentions, named):
        days = frozenset[datetime.date]().union(*(mention.readings for mention in candidates))
        if len(days) == 1:
            return {"date": next(iter(days))}
    return None


def company_by_suffix(receipt: str) -> dict[str, str] | None:
    """The one name at the top that ends like a company, or a first row that names its trade."""
    names = [name for name in _claims(_top([line for line in receipt.splitlines() if line.strip()])) if not _is_cued(name)]
    return {"company": names[0]} if len(names) == 1 else None


def is_the_total(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The amount stands beside a word for the total, and neither another total nor the cash paid speaks against it."""
    total = Decimal(prediction.total)
    rows = list(_labelled(_joined(segments(inputs["receipt"]))))
    beside = [label for label, row_amounts in rows if total in row_amounts]
    if not beside:
        return _no(f"no amount of {total} stands in the receipt; copy the total as it is printed", "not_an_amount")
    if not any(_says_total(label) for label in beside):
        return _no(_what_it_is(total, beside), "not_the_total")
    rival = _rival(rows, total) or _corrected(rows, total)
    if rival is not None:
        return _no(f"another row gives the total as {rival}, so {total} is not proven", "two_totals")
    paid = _paid(rows)
    if paid is not None and paid != total:
        return _no(f"the cash paid less the change is {paid}, not {total}", "cash_disagrees")
    return Verdict(True)


def is_the_purchase_date(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The day stands in the receipt, can be read in one way only, and is not some other date."""
    receipt, day = inputs["receipt"], _as_date(prediction.date)
    if not EARLIEST <= day <= datetime.date.today() + datetime.timedelta(days=1):
        return _no(f"{day} cannot be a day of purchase", "implausible")
    mentions = list(_mentions(segments(receipt), receipt))
    own = [mention for mention in mentions if day in mention.readings]
    if not own:
        return _no(f"no date in the receipt reads {day}", "not_a_date")
    sure = [mention for mention in own if len(mention.readings) == 1]
    if not sure:
        return _no(f"{own[0].row!r} may put the day or the month first; nothing in the receipt decides", "two_readings")
    if all(OTHER_DATE.search(mention.row) for mention in sure):
        return _no(f"{sure[0].row!r} is not the day of purchase", "other_date")
    others = [mention for mention in mentions if day not in mention.readings and not OTHER_DATE.search(mention.row)]
    if others and not any(_outranks(mention, others) for mention in sure):
        return _no(f"{others[0].row!r} is a date as well, and nothing says which is the purchase", "two_dates")
    return Verdict(True)


def is_the_company(inputs: Mapping[str, Any], prediction: Any) -> Verdict:
    """The name fills a row of its own, where a shop's name stands, and no other row has a better claim."""
    rows = [row for row in segments(inputs["receipt"]) if row.strip()]
    name = fold(prediction.company)
    if NO_NAME.search(name) or len(re.sub(r"[^a-z]", "", name)) < 3:
        return _no(f"{prediction.company!r} is no shop's name", "not_a_name")
    top = _top(rows)
    cued = {fold(CUE.sub("", row.strip())) for row in rows if CUE.match(row.strip())}
    best = cued or {fold(row) for row in _claims(top) or top[:1]}
    if name in best and len(best) == 1:
        return Verdict(True)
    if name in best:
        return _no("several names could be the shop's: " + ", ".join(sorted(best)), "two_names")
    return _no(f"{prediction.company!r} is not a whole line that names the shop; copy the shop's line in full", "not_the_company")


def is_readable(receipt: str) -> Verdict:
    """Whether the text can be a receipt at all, before anything is spent on it."""
    size = len(receipt.encode("utf-8", "replace"))
    if not receipt.strip():
        return _no("the receipt is empty; scan it again", "empty")
    if size > MOST_BYTES:
        return _no(f"{size:,} bytes of text; a receipt has at most {MOST_BYTES:,}, so pass one file per receipt", "too_long")
    strange = sum(unicodedata.category(sign) in ("Cc", "Co", "Cn", "Cs") or sign == "�" for sign in receipt if sign not in "\n\r\t\f")
    if strange > len(receipt) * 0.02:
        return _no("this is not text; pass the receipt's text, not its picture", "not_text")
    return Verdict(True)


def amounts(row: str) -> list[Decimal]:
    """Every amount of money printed in *row*, in whatever way the language writes numbers."""
    found = []
    for match in NUMBER.finditer(row):
        digits = re.sub(r"\D", "", match["yen"] or match["digits"])
        value = Decimal(digits) if match["yen"] else Decimal(digits).scaleb(-2)
        found.append(-value if match["minus"] else value)
    return found


def segments(receipt: str) -> list[str]:
    """The receipt's rows; a receipt sent as a single line is cut at its slashes or semicolons."""
    lines = [line for line in receipt.splitlines() if line.strip()]
    return re.split(r" / |; ", lines[0]) if len(lines) == 1 else lines


def fold(text: str) -> str:
    """*text* in small letters, without accents and needless space, for comparing only."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).replace("ı", "i").split())


def _joined(lines: list[str]) -> list[str]:
    """Lines as rows: a single amount on a line of its own belongs to the words on the line above it."""
    lines = list(itertools.takewhile(lambda line: not TAX_TABLE.search(line.casefold()), lines))
    bare = [bool(BARE.fullmatch(line.casefold())) for line in lines] + [False]
    rows: list[str] = []
    for place, line in enumerate(lines):
        # columns that were read one after the other say nothing about what belongs together
        stands_alone = bare[place] and not bare[place + 1] and not (place and bare[place - 1])
        if stands_alone and rows and not amounts(rows[-1]):
            rows[-1] = f"{rows[-1]} {line.strip()}"
        else:
            rows.append(line)
    return rows


def _labelled(rows: list[str]) -> Iterator[tuple[str, list[Decimal]]]:
    """Each row that holds amounts: its words, folded and without currency and leaders, and the amounts."""
    for row in rows:
        if found := amounts(row):
            words = re.sub(rf"(?<![a-z]){CURRENCY}(?![a-z])|@?\s*\d+\s?%", " ", fold(NUMBER.sub(" ", row)))
            words = re.sub(r"\bincl?(?:usive|uding)?\b(?:\.? ?of\b)?", "incl", words)
            yield " ".join(re.sub(r"[^\w%]+|_+", " ", words).split()), found


def _rank(label: str) -> int:
    """How binding a word for the total is, 0 the most; the number of ranks for any other words."""
    return next((rank for rank, labels in enumerate(RANKS) if label in labels), len(RANKS))


def _says_total(label: str) -> bool:
    return _rank(label) < len(RANKS) or bool(LIKE_TOTAL.search(label)) and _other_kind(label) is None


def _other_kind(label: str) -> str | None:
    return next((kind for kind, words in NOT_THE_TOTAL.items() if re.search(words, label)), None)


def _what_it_is(total: Decimal, beside: list[str]) -> str:
    kind = next(filter(None, map(_other_kind, beside)), None)
    where = f"{total} stands beside {beside[0]!r}"
    return f"{where}: that is {kind}, not the total" if kind else f"{where}, which is no word for the total"


def _rival(rows: list[tuple[str, list[Decimal]]], total: Decimal) -> Decimal | None:
    """Another amount that is as plainly, or more plainly, called the total."""
    own = min(_rank(label) for label, found in rows if total in found)
    plain = [found[0] for label, found in rows if len(found) == 1 and _rank(label) <= min(own, len(RANKS) - 1)]
    return next((amount for amount in plain if amount != total), None)


def _corrected(rows: list[tuple[str, list[Decimal]]], total: Decimal) -> Decimal | None:
    """An amount on the receipt to which rounding, or tax that was left out, brings this total."""
    own = min(_rank(label) for label, found in rows if total in found)
    standing = {amount for _, found in rows for amount in found}
    rounded = [amount for amount in standing if 0 < abs(amount - total) <= ROUNDING]
    if own > 0 and rounded and any("round" in label or "rnd" in label for label, _ in rows):
        return rounded[0]
    added = [amount for label, found in rows if _other_kind(label) in ("a tax", "a service charge") for amount in found]
    return next((total + tax for tax in added if own > 1 and tax > 0 and total + tax in standing), None)


def _paid(rows: list[tuple[str, list[Decimal]]]) -> Decimal | None:
    """Cash handed over less the change given back, when the receipt states each of them once."""
    cash = [found[0] for label, found in rows if label in ("cash", "bar", "especes", "gotowka", "nakit", "numerario") and len(found) == 1]
    change = [found[0] for label, found in rows if _other_kind(label) == "the change" and len(found) == 1]
    return abs(cash[0]) - abs(change[0]) if len(cash) == 1 and len(change) == 1 else None


def _mentions(lines: list[str], receipt: str) -> Iterator[Mention]:
    whole, before = fold(receipt), ""
    for line in map(fold, lines):
        for readings in _readings(line, whole):
            alone = not re.search(r"[a-z]{3}", re.sub(r"\d+[\s-]*[a-z]+[\s-]*\d+", "", line))
            yield Mention(f"{before} {line}".strip() if alone and not re.search(r"\d", before) else line, readings)
        before = line


def _readings(line: str, whole: str) -> Iterator[frozenset[datetime.date]]:
    for year, _, month, day in YEAR_FIRST.findall(line):
        yield from _days((year, month, day))
    for first, sign, second, year in YEAR_LAST.findall(YEAR_FIRST.sub(" ", line)):
        day_first, month_first = (year, second, first), (year, first, second)
        yield from _days(*_orders(day_first, month_first, sign, whole))
    for day, month, year in DAY_NAMED.findall(line):
        yield from _days((year, str(MONTHS.get(month, 0)), day))
    for month, day, year in MONTH_NAMED.findall(line):
        yield from _days((year, str(MONTHS.get(month, 0)), day))


def _orders(
    day_first: tuple[str, str, str], month_first: tuple[str, str, str], sign: str, whole: str
) -> tuple[tuple[str, str, str], ...]:
    european, american = DAY_COMES_FIRST.search(whole), MONTH_COMES_FIRST.search(whole)
    if sign == "." or (european and not american):
        return (day_first,)
    return (month_first,) if american and not european else (day_first, month_first)


def _days(*triples: tuple[str, str, str]) -> Iterator[frozenset[datetime.date]]:
    days = set()
    for year, month, day in triples:
        try:
            days.add(datetime.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
        except ValueError:
            continue
    if days:
        yield frozenset(days)


def _outranks(mention: Mention, others: list[Mention]) -> bool:
    """Whether this date is called the date, or carries the time of day, and none of the others is or does."""
    return any(mark.search(mention.row) and not any(mark.search(other.row) for other in others) for mark in (PURCHASE_DATE, CLOCK))


def _as_date(value: Any) -> datetime.date:
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(str(value))


def _top(rows: list[str]) -> list[str]:
    """The rows in which a shop's name may stand: the first few that are names at all, above the first amount."""
    above = itertools.takewhile(lambda row: not amounts(row), rows)
    names = [_without_registration(row) for row in above]
    return [name for name in names if not NO_NAME.search(fold(name)) and not YEAR_LAST.search(name)][:TOP_ROWS]


def _claims(rows: list[str]) -> list[str]:
    """The top rows that end like a company or, first or second, name a trade; a broken name is put together again."""
    whole: list[str] = []
    for row in rows:
        if _is_the_rest(row) and whole:
            row = f"{whole.pop()} {row}"
            while _is_the_rest(row) and whole:
                row = f"{whole.pop()} {row}"
        whole.append(row)
    names = {fold(row): row for row in whole if ENDS_AS_COMPANY.search(fold(row))}
    return list((names | {fold(row): row for row in whole[:2] if TRADE.search(fold(row))}).values())


def _is_the_rest(row: str) -> bool:
    """Whether a row is only the end of a name that the printer broke: a suffix, a bracket, a trade."""
    rest = TRADE.sub(" ", re.sub(r"\([^)]*\)|^[^(]*\)", " ", fold(row)))
    while (shorter := ENDS_AS_COMPANY.sub("", rest.strip())) != rest:
        rest = shorter
    return len(re.sub(r"[^a-z]", "", rest)) < 2


def _is_cued(name: str) -> bool:
    return ":" in name or bool(CUE.match(name))


def _without_registration(row: str) -> str:
    row = " ".join(row.split())
    match = REGISTRATION.search(fold(row))
    return row[: len(row) - len(match[0])].strip() if match and len(fold(row)) == len(row) else row


def _no(feedback: str, kind: str) -> Verdict:
    return Verdict(False, feedback, kind=kind)
