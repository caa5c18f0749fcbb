"""Validators of sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from agentflow.errors import DefinitionError
from agentflow.validators.combine import Rule
from agentflow.validators.field_rule import missing, quoted, unreadable, value_of
from agentflow.validators.numerals import number
from agentflow.verdict import Case, Verdict


def adds_up(total: str, *, parts: Sequence[str], tolerance: str | int | Decimal = "0") -> Rule:
    """Accept when *parts* add up to *total*, exactly, or within *tolerance*.

    Each is an output field or else an input field, a number or a list of numbers; `items.price` adds up the prices of
    a list of objects. Decimals are exact: no part is ever read as a float.
    """
    allowed = number(tolerance)
    if allowed is None or allowed < 0:
        raise DefinitionError(f"adds_up({total!r}): tolerance={tolerance!r} must be a number, not negative")
    if isinstance(parts, str) or not parts:
        raise DefinitionError(f"adds_up({total!r}) needs a list of parts, not {parts!r}")
    return AddsUp(total, tuple(parts), allowed)


@dataclass(frozen=True, slots=True)
class AddsUp(Rule):
    """Accepts a total that is the sum of its parts."""

    total: str
    parts: tuple[str, ...]
    tolerance: Decimal

    def judge(self, case: Case) -> Verdict:
        found: dict[str, Fraction] = {}
        for path in (self.total, *self.parts):
            value = _looked_up(case, path)
            if value is None:
                return missing(path)
            amounts = [number(amount) for amount in _flat(value)]
            if not all(amount is not None for amount in amounts) or isinstance(value, Mapping):
                return unreadable(path, value, "a number, or a list of numbers")
            found[path] = sum((Fraction(amount) for amount in amounts if amount is not None), Fraction(0))
        return self._compared(found[self.total], sum((found[path] for path in self.parts), Fraction(0)))

    def claim(self) -> str:
        return f"{self._named()} add up to `{self.total}`"

    @property
    def label(self) -> str:
        return f"adds_up:{self.total}"

    @property
    def is_total(self) -> bool:
        return True

    def fields(self) -> frozenset[str]:
        return frozenset(path.partition(".")[0] for path in (self.total, *self.parts))

    def _compared(self, total: Fraction, summed: Fraction) -> Verdict:
        if abs(total - summed) <= Fraction(self.tolerance):
            return Verdict(True)
        said = (
            f"{self._named()} add up to {_shown(summed)}, but `{self.total}` is {_shown(total)}; read each amount again"
        )
        return Verdict(False, said, kind=self.label)

    def _named(self) -> str:
        return " + ".join(f"`{part}`" for part in self.parts)


def _looked_up(case: Case, path: str) -> object:
    field, *inner = path.split(".")
    value: object = value_of(case.prediction, field)
    if value is None:
        value = value_of(case.inputs, field)
    for name in inner:
        value = [value_of(each, name) for each in value] if isinstance(value, list | tuple) else value_of(value, name)
    return value


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from item if isinstance(item, list | tuple) else (item,)
    else:
        yield value


def _shown(amount: Fraction) -> str:
    return quoted(Decimal(amount.numerator) / Decimal(amount.denominator), 30)
