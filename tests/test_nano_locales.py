"""What receipts say in each country: nothing is missing, and dates and prices make sense."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import get_args

import pytest

from agentflow.nano.train.locales import Locale, Role
from agentflow.nano.train.locales.all import HELD_OUT, LOCALES
from agentflow.nano.train.locales.words import goods, priced, words

each_locale = pytest.mark.parametrize("locale", [pytest.param(one, id=one.code) for one in LOCALES])


def test_codes_are_unique() -> None:
    """No country and language stands twice."""
    codes = [locale.code for locale in LOCALES]

    assert len(set(codes)) == len(codes)


def test_what_is_held_out_exists() -> None:
    """A code kept for the unseen split is one that receipts can be composed in."""
    assert {locale.code for locale in LOCALES} >= HELD_OUT


@each_locale
def test_every_role_is_said(locale: Locale) -> None:
    """A locale has a phrase for everything that a receipt labels, and no label is blank or ends in a colon."""
    assert set(locale.labels) == set(get_args(Role))
    for said in locale.labels.values():
        assert said
        assert all(label and label == label.strip() for label in said)


@each_locale
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("trades", 30), ("given_names", 30), ("surnames", 40), ("places", 40), ("items", 60), ("streets", 5),
        ("legal_forms", 5), ("dates", 8), ("postcodes", 3), ("phones", 3), ("tax_ids", 3), ("tax_rates", 2),
    ],
)  # fmt: skip
def test_lists_are_long_enough(locale: Locale, name: str, least: int) -> None:
    """A list holds at least as many different things as its docstring asks for."""
    assert len(set(getattr(locale, name))) >= least


@each_locale
def test_a_total_is_said_in_many_ways(locale: Locale) -> None:
    """Eight ways at least, twenty-five in Malaysia."""
    assert len(set(locale.labels["total"])) >= (25 if locale.code.endswith("-MY") else 8)


@each_locale
def test_dates_can_be_read_back(locale: Locale) -> None:
    """Every pattern, printed with the locale's months, still tells the day it was printed for."""
    for pattern in locale.dates:
        for day in [date(2018, month, 25 - month) for month in range(1, 13)]:
            printed = day.strftime(_with_months(pattern, locale, day))

            assert "%" not in printed
            assert _read(printed, pattern, locale) == day, pattern


@each_locale
def test_prices_rise_from_lowest_to_highest(locale: Locale) -> None:
    """No thing to buy costs nothing, or less at most than at least; none is listed twice."""
    assert all(0 < lowest <= highest for _, lowest, highest in locale.items)
    assert len({name for name, _, _ in locale.items}) == len(locale.items)


@each_locale
def test_patterns_hold_what_they_are_filled_with(locale: Locale) -> None:
    """Streets name something, and no pattern has a placeholder that nobody fills."""
    for pattern in locale.streets + locale.postcodes:
        assert set(re.findall(r"{(\w*)}", pattern)) <= {"name", "n", "place"}
    assert all("{name}" in street or "{n}" in street for street in locale.streets)
    assert all("#" in pattern for pattern in locale.phones + locale.tax_ids)


def test_words_are_split_at_bars_and_lines() -> None:
    """Blanks around a word are dropped, blanks inside it stay."""
    assert words(" A B | C\n  D ") == ("A B", "C", "D")


def test_goods_take_the_band_of_their_line() -> None:
    """Each name on a line has the line's lowest and highest price."""
    assert goods('1-2.5: TEA|NAIL 2"\n3-4: ICE') == (("TEA", 1, 2.5), ('NAIL 2"', 1, 2.5), ("ICE", 3, 4))


def test_prices_are_put_into_another_currency() -> None:
    """Both ends are multiplied and rounded to the cent."""
    assert priced((("TEA", 1.0, 2.5),), 1.8) == (("TEA", 1.8, 4.5),)


def _with_months(pattern: str, locale: Locale, day: date) -> str:
    return pattern.replace("%B", locale.months[day.month - 1]).replace("%b", locale.short_months[day.month - 1])


def _read(printed: str, pattern: str, locale: Locale) -> date:
    names = locale.months if "%B" in pattern else locale.short_months if "%b" in pattern else ()
    for number, name in sorted(enumerate(names, 1), key=lambda one: -len(one[1])):
        if name in printed:
            printed = printed.replace(name, f"{number:02}", 1)
            break
    return datetime.strptime(printed, re.sub("%[bB]", "%m", pattern).replace("%-", "%")).date()
