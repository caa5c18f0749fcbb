"""What a purchase costs, in whole minor units, and how amounts are written. Its sums are exact; it prints no labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

TaxMode = Literal["none", "inside", "on top"]


@dataclass(frozen=True, slots=True)
class Good:
    """One row of what was bought."""

    name: str
    quantity: int
    """Thousandths: 1000 is one piece, 456 is 0.456 kg."""
    price: int
    """Of one piece, in minor units."""
    discount: int
    """Taken off this row."""

    @property
    def gross(self) -> int:
        """Before the row's discount."""
        return (self.price * self.quantity + 500) // 1000

    @property
    def amount(self) -> int:
        """What the row adds to the subtotal."""
        return self.gross - self.discount


@dataclass(frozen=True, slots=True)
class Terms:
    """How a till turns goods into a total."""

    tax: TaxMode
    rate: float
    """In percent."""
    service: float
    """In percent of what is left after the discount."""
    discount: float
    """In percent of the subtotal."""
    step: int
    """The total is rounded to a multiple of it, in minor units."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Every amount of one receipt; `net + tax + rounding == total`."""

    subtotal: int
    discount: int
    service: int
    net: int
    """What is taxed."""
    tax: int
    unrounded: int
    rounding: int
    total: int


def bill(goods: Sequence[Good], terms: Terms) -> Bill:
    """What *goods* cost under *terms*."""
    subtotal = sum(good.amount for good in goods)
    discount = _share(subtotal, terms.discount)
    service = _share(subtotal - discount, terms.service)
    base = subtotal - discount + service
    tax = _share(base, terms.rate) if terms.tax == "on top" else 0
    unrounded = base + tax
    if terms.tax == "inside":
        tax = round(base * terms.rate / (100 + terms.rate))
    total = (unrounded + terms.step // 2) // terms.step * terms.step
    return Bill(subtotal, discount, service, unrounded - tax, tax, unrounded, total - unrounded, total)


def _share(amount: int, percent: float) -> int:
    return int(amount * percent / 100 + 0.5)


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers are written, learnt from how 1234.50 is."""

    thousands: str
    point: str
    decimals: int

    @classmethod
    def like(cls, example: str, decimals: int) -> Notation:
        """The notation in which 1234.50 is written as *example*."""
        thousands = example[1] if not example[1].isdigit() else ""
        point = example[-3] if not example[-3:].isdigit() and not example[-3].isdigit() else "."
        return cls(thousands, point, decimals)

    def amount(self, minor: int) -> str:
        """*minor* units as printed, with a minus in front where negative."""
        sign, size = "-" if minor < 0 else "", abs(minor)
        whole, rest = divmod(size, 10**self.decimals)
        printed = f"{whole:,}".replace(",", self.thousands)
        return sign + (f"{printed}{self.point}{rest:0{self.decimals}d}" if self.decimals else printed)

    def decimal(self, thousandths: int, places: int) -> str:
        """A quantity with *places* decimals."""
        return f"{thousandths / 1000:.{places}f}".replace(".", self.point)


def plain(minor: int, decimals: int) -> str:
    """*minor* units as `1234.50`, whatever the country."""
    return f"{minor / 10**decimals:.2f}"


def handed_over(total: int, generosity: float) -> int:
    """Cash for *total*: a multiple of a round note, of a larger one with *generosity* between 0 and 1."""
    notes = [digit * 10**power for power in range(2, 8) for digit in (1, 2, 5)]
    fitting = [note for note in notes if total <= note * 20 and note <= total * 3] or notes[:1]
    note = fitting[min(int(generosity * len(fitting)), len(fitting) - 1)]
    return int(-(-total // note) * note)
