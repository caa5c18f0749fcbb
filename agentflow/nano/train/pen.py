"""How one till writes names, labels, amounts and days. It chooses no words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agentflow.nano.train.layout import Case, Layout
from agentflow.nano.train.locales import Role
from agentflow.nano.train.marks import Mark, mark
from agentflow.nano.train.pools import Draw

Row = tuple[str, ...]
"""Text boxes side by side."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Pen:
    """A layout at work on one receipt."""

    layout: Layout
    draw: Draw
    """The choices of this receipt alone."""

    def name(self, text: str) -> str:
        """A name, a place or a sentence as this till capitalises it."""
        return cased(text, self.layout.style.names)

    def good(self, text: str) -> str:
        """The name of something bought."""
        return cased(text, self.layout.style.goods)

    def words(self, text: str) -> str:
        """A label or a sentence."""
        return cased(text, self.layout.style.labels)

    def label(self, role: Role) -> str:
        """What this till prints for *role*."""
        return self.words(self.layout.labels[role])

    def bare_amount(self, minor: int) -> str:
        """An amount with nothing around it."""
        return self.layout.style.notation.amount(minor)

    def amount(self, minor: int, kind: Mark | None = None) -> Row:
        """An amount with the currency where this till puts it, marked as *kind*."""
        style = self.layout.style
        printed = self.bare_amount(minor)
        marked = mark(kind, printed) if kind else printed
        match style.currency_place:
            case "before":
                return (style.currency + marked,)
            case "before space":
                return (f"{style.currency} {marked}",)
            case "cell":
                return (style.currency, marked)
            case "after":
                return (f"{marked} {style.currency}",)
        return (marked,)

    def money_label(self, text: str) -> str:
        """A label of the money block with its colon, and the currency where it stands there."""
        style = self.layout.style
        if style.currency_place == "bracket" and style.currency not in text:
            text = f"{text} ({style.currency})"
        elif style.currency_place == "label" and style.currency not in text:
            text = f"{text} {style.currency}"
        return self.words(text) + style.money_colon

    def day(self, day: date, pattern: str | None = None) -> str:
        """*day* as this till writes days."""
        locale = self.layout.locale
        pattern = (pattern or self.layout.date).replace("%B", locale.months[day.month - 1])
        printed = day.strftime(pattern.replace("%b", locale.short_months[day.month - 1]))
        return printed.upper() if self.layout.style.names == "upper" else printed

    def weekday(self, day: date) -> str:
        """The weekday, short."""
        return self.words(_WEEKDAYS[day.weekday()][:3])


def cased(text: str, case: Case) -> str:
    """*text* in *case*; `title` leaves what has digits or dots as it is."""
    match case:
        case "upper":
            return text.upper()
        case "lower":
            return text.lower()
        case "title":
            return " ".join(_capital(word) for word in text.split(" "))
    return text


def _capital(word: str) -> str:
    return word.capitalize() if word.isalpha() and (len(word) > 3 or word.lower() not in _KEPT) else word


_KEPT = frozenset(
    (
        "sdn",
        "bhd",
        "gst",
        "sst",
        "rm",
        "llc",
        "inc",
        "ltd",
        "no",
        "inv",
        "qty",
        "amt",
        "plt",
        "m",
        "nr",
        "vat",
        "pos",
        "id",
    )
)
