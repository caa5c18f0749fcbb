"""A value must stand in its source, however either is written."""

from __future__ import annotations

import time
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentflow import validators as v
from agentflow.verdict import Case, Verdict

D = Decimal
DAY = date(2018, 3, 12)


def look_up(value: object, source: object) -> Verdict:
    """The verdict on *value* against *source*."""
    found = v.occurs_in("value", source="source").judge(Case({"source": source}, {"value": value}))
    assert isinstance(found, Verdict)
    return found


class Colour(Enum):
    """A value of a closed set."""

    RED = "red"


NUMBERS = [
    (D("12.50"), "TOTAL 12.50"),
    (D("12.5"), "TOTAL 12.50"),
    (12.5, "TOTAL 12.50"),
    ("12.50", "TOTAL 12.5"),
    ("20180312", "12/03/2018"),
    (D("60.30"), "TOTAL RM60.30"),
    (D("60.3"), "TOTAL: RM 60.30."),
    (D("1234.50"), "1,234.50"),
    (D("1234.50"), "1.234,50 EUR"),
    (D("1234.50"), "Summe 1 234,50 €"),
    (D("1234.50"), "1\u00a0234,50"),
    (D("1234.50"), "1\u202f234,50"),
    (D("1234.50"), "CHF 1'234.50"),
    (D("1234.50"), "CHF 1’234.50"),
    (D("100000"), "₹1,00,000.00"),
    (1234567, "1,234,567 items"),
    (1234567, "1.234.567"),
    (D("1234567.89"), "1 234 567,89"),
    (D("12.5"), "$12.50"),
    (D("12.5"), "12.50€"),
    (D("12.5"), "€12,50"),
    (D("0.5"), "only .50"),
    (D("0"), "Rounding 0.00"),
    (5, "Fr. 5.-"),
    (12, "12,- kr"),
    (500, "Rs.500"),
    (500, "Rs. 500/-"),
    (5, "qty 5"),
    (5, "5kg"),
    (5, "5 x 2.00"),
    (5, "x5"),
    (5, "(5.00)"),
    (2, "[1,2,3]"),
    (3, "٣ قطع"),
    (D("12.5"), "１２．５０"),
    (D("-5"), "Discount -5.00"),
    (D("-5"), "Discount −5.00"),
    (D("-5"), "Discount (5.00)"),
    (D("-5"), "Discount 5.00-"),
    (D("-5"), "-$5.00"),
    (D("-5"), "$-5.00"),
    (D("-5"), "- RM 5.00"),
    (D("-1234.5"), "-1.234,50"),
    ("1,234.50", "1.234,50"),
    ("RM 60.30", "RM60.30"),
    ("60.30 EUR", "EUR 60,30"),
    ("€60.30", "60,30 €"),
]

OTHER_NUMBERS = [
    (D("12.50"), "112.50"),
    (D("12.50"), "12.505"),
    (D("12.50"), "12.50.30"),
    (D("12.50"), "1250"),
    (D("60.30"), "60.03"),
    (D("100"), "1000.00"),
    (D("234.50"), "1,234.50"),
    (D("234.50"), "1 234.505"),
    (234, "1,234.50"),
    (D("1234.50"), "1 234.50.30"),
    (5, "15"),
    (5, "51"),
    (5, "A5"),
    (5, "3f5a1"),
    (5, "0x5F3"),
    ("50", "12.50"),
    ("12", "112"),
    (D("5"), "-5.00"),
    (D("-5"), "5.00"),
    (D("-5"), "10-5"),
    (D("-5"), "5-10"),
    (12345678901234567890, "12345678901234567891"),
    (D("1E+9999"), "1"),
    (10**500, "1"),
    ("USD 60.30", "RM60.30"),
    ("0012", "12"),
]

DATES = [
    "12/03/2018",
    "03/12/2018",
    "12-03-18",
    "12.3.18",
    "2018/03/12",
    "2018-03-12T10:00:00",
    "18-03-12",
    "12 / 03 / 2018",
    "12 03 2018",
    "20180312",
    "12032018",
    "DATE12/03/2018TIME",
    "Date:12/03/18 10:22",
    "12 Mar 2018",
    "12-Mar-18",
    "12MAR2018",
    "12 Mar '18",
    "2018-Mar-12",
    "March 12, 2018",
    "Mar 12th 2018",
    "12th March, 2018",
    "Mon 12\nMar 2018",
    "12. März 2018",
    "12. MÄRZ 2018",
    "le 12 mars 2018",
    "12 de marzo de 2018",
    "12 marzo 2018",
    "12 maart 2018",
    "12 de março de 2018",
    "12 Mac 2018",
    "10 total 12 mar 2018",
    "2018年3月12日",
]

OTHER_DATES = [
    "13/03/2018",
    "12/04/2018",
    "2018-03-13",
    "112/03/2018",
    "12/03/20181",
    "12.03.18.30",
    "12 Mar 18:30",
    "12 Mar 18.50",
    "12/03",
    "12 March",
    "March 2018",
    "1912 March 2018",
    "31/02/2018",
]

TEXTS = [
    ("sushi bar", "SUSHI BAR, Tokyo"),
    ("Sushi  Bar\nTokyo", "SUSHI BAR TOKYO"),
    ("Sushi Bar", "sushi\r\n    bar"),
    ("ACME SDN. BHD.", "acme sdn bhd"),
    ("Müller & Söhne", "MÜLLER & SÖHNE GmbH"),
    ("Straße 5", "STRASSE 5"),
    ("ﬁne", "FINE"),
    ("Cafe\u0301", "CAFÉ"),
    ("0012", "No 0012"),
    ("+60 12-345 6789", "Tel: +60 12-345 6789"),
    ("C++", "C++ and more"),
    ("***", "a *** b"),
    (Colour.RED, "a red house"),
    (["a", "b"], "b a c"),
    ({"name": "Tea", "price": D("2.00")}, "TEA 2.0"),
    ([], "an empty list claims nothing"),
]

OTHER_TEXTS = [
    ("ab", "abc"),
    ("sushi", "sushibar"),
    ("sushi tokyo", "sushi bar tokyo"),
    ("Unit 5", "Unit 5.30"),
    ("C++", "vitamin C"),
    ("***", "a ** b"),
    (["a", "z"], "a b c"),
    ({"name": "Tea", "price": D("2.10")}, "TEA 2.00"),
    ("", "anything"),
    ("   ", "anything   at all"),
    (None, "None"),
    (True, "True"),
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    (b"ab", "ab"),
    (object(), "object"),
]


@pytest.mark.parametrize(("value", "source"), NUMBERS, ids=repr)
def test_a_number_is_found_however_it_is_written(value: object, source: str) -> None:
    """Separators, currency, sign and trailing zeros are form, not value."""
    assert look_up(value, source)


@pytest.mark.parametrize(("value", "source"), OTHER_NUMBERS, ids=lambda each: repr(each)[:30])
def test_another_number_is_not_found(value: object, source: str) -> None:
    """A number stands for itself as a whole: no part of another, no other sign."""
    assert not look_up(value, source)


@pytest.mark.parametrize("source", DATES)
@pytest.mark.parametrize("value", [DAY, datetime(2018, 3, 12, 9), "2018-03-12"], ids=["date", "datetime", "text"])
def test_a_date_is_found_however_it_is_written(value: object, source: str) -> None:
    """Order, separators, names of months and short years are form; day and month may be exchanged."""
    assert look_up(value, source)


@pytest.mark.parametrize("source", OTHER_DATES)
def test_another_date_is_not_found(source: str) -> None:
    """A date stands for itself as a whole."""
    assert not look_up(DAY, source)


@pytest.mark.parametrize(("value", "source"), TEXTS, ids=repr)
def test_a_text_is_found_by_its_words(value: object, source: str) -> None:
    """Case, white space, line breaks and punctuation do not count."""
    assert look_up(value, source)


@pytest.mark.parametrize(("value", "source"), OTHER_TEXTS, ids=lambda each: repr(each)[:30])
def test_another_text_is_not_found(value: object, source: str) -> None:
    """Words are whole, in order, and all of them there; what is no value is not found either."""
    verdict = look_up(value, source)

    assert not verdict
    assert verdict.kind
    assert verdict.feedback


def test_the_feedback_names_the_value_and_what_to_do() -> None:
    """The next attempt learns what is wrong with this one, and nothing about the truth."""
    verdict = look_up(D("12.5"), "TOTAL 60.30")

    assert verdict.feedback == "`value` 12.5 does not stand in `source`; copy it exactly as it is written there"
    assert verdict.kind == "occurs_in:value"
    assert len(look_up("x" * 10_000, "TOTAL").feedback) < 240


@pytest.mark.parametrize("source", [None, "", "  \n ", []])
def test_nothing_stands_in_an_empty_source(source: object) -> None:
    """No source, no proof."""
    assert look_up("a", source).kind == "missing:source"


def test_a_source_may_be_a_list() -> None:
    """Passages are one source together."""
    assert look_up("b", ["a", "b"])
    assert not look_up("a b", ["a", "c b"])


amounts = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2, allow_nan=False)


def written(amount: Decimal, group: str, point: str) -> str:
    """The amount with these separators."""
    return f"{amount:,.2f}".replace(",", "#").replace(".", point).replace("#", group)


@given(
    amounts,
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", ".")]),
    st.sampled_from(["RM", "$", "€ "]),
)
@settings(deadline=None)
def test_every_written_amount_is_found(amount: Decimal, marks: tuple[str, str], currency: str) -> None:
    """Whatever a cash register prints stands there."""
    assert look_up(amount, f"TOTAL {currency}{written(amount, *marks)}\nTHANK YOU")


@given(amounts, amounts, st.sampled_from([(",", "."), (".", ","), ("'", "."), ("", ".")]))
@settings(deadline=None)
def test_no_other_amount_is_found(amount: Decimal, other: Decimal, marks: tuple[str, str]) -> None:
    """An amount that was not printed does not stand there."""
    assert bool(look_up(other, f"TOTAL {written(amount, *marks)}")) is (amount == other)


@given(
    st.dates(date(1970, 1, 1), date(2069, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%m-%d-%y", "%d.%m.%y", "%d%b%Y", "%B %d, %Y"]),
)
@settings(deadline=None)
def test_every_written_date_is_found(day: date, form: str) -> None:
    """Any day in any common form stands there."""
    assert look_up(day, f"Date: {day.strftime(form)} 10:22")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.dates() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.slow
@given(JUNK, st.text(st.characters() | st.sampled_from("0123456789.,'-/ ()$")))
@example("0", "0.-")
@example("-", "-")
@settings(max_examples=300, deadline=None)
def test_garbage_gets_a_verdict(value: Any, source: str) -> None:
    """No value and no source can break the search."""
    look_up(value, source)


@given(st.text(st.sampled_from("0123456789.,'-/ ()$ RMxe"), min_size=1).filter(str.strip))
@settings(deadline=None)
def test_a_text_stands_in_itself(text: str) -> None:
    """What was copied as a whole is found, unless it is a number nobody can read."""
    assert look_up(f"w{text}w", f"before w{text}w after")


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    ["1", "1.", "1/", "-1", "123 ", "12/03/18 ", "12mar", "a\u0300\u0327", "\u0300\u0327", " ", "mar ", "("],
)
def test_a_long_source_takes_time_in_proportion(piece: str) -> None:
    """No text makes the search quadratic: ten times the length, hardly more than ten times the time."""

    def seconds(size: int) -> float:
        source = f"{piece * (size // len(piece))} end"
        started = time.process_time()
        for value in (D("99.99"), DAY, "no such words"):
            look_up(value, source)
        return time.process_time() - started

    assert seconds(500_000) < 40 * max(seconds(50_000), 0.01)
