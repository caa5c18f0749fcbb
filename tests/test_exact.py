"""Numbers and dates out of the texts that models write: exactly, or not at all."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agentflow.exact import is_exact, read, read_date, read_number


class Line(BaseModel):
    name: str
    price: Decimal
    bought: date | None = None


class Receipt(BaseModel):
    lines: list[Line]
    total: Decimal


class Folder(BaseModel):
    name: str
    inside: list[Folder] = []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("12.50", "12.50", id="as it stands"),
        pytest.param("1,234.50", "1234.50", id="grouped with commas"),
        pytest.param("1.234,50", "1234.50", id="grouped with dots"),
        pytest.param("1 234,50", "1234.50", id="grouped with spaces"),
        pytest.param("1\u202f234,50 €", "1234.50", id="grouped with thin spaces"),
        pytest.param("1'234.50", "1234.50", id="grouped as in Zurich"),
        pytest.param("12,34,567.89", "1234567.89", id="grouped as in Delhi"),
        pytest.param("1,234", "1234", id="a comma before three digits groups"),
        pytest.param("0,500", "0.500", id="unless nothing is before it"),
        pytest.param("1.234", "1.234", id="a point does not"),
        pytest.param("1.234.567", "1234567", id="two of them do"),
        pytest.param("12,50", "12.50", id="a decimal comma"),
        pytest.param("RM 60.30", "60.30", id="a currency's letters"),
        pytest.param("Rs.500", "500", id="a currency with a dot"),
        pytest.param("US$ 5.00", "5.00", id="a currency of two parts"),
        pytest.param("60.30 EUR", "60.30", id="a currency behind"),
        pytest.param("-£5.00", "-5.00", id="a sign before the currency"),
        pytest.param("RM −5.00", "-5.00", id="a typographic minus"),
        pytest.param("($12.50)", "-12.50", id="an accountant's minus"),
        pytest.param("12,-", "12", id="a dash for no cents"),
        pytest.param("**12.50**", "12.50", id="bold"),
        pytest.param('"12.50"', "12.50", id="quoted"),
        pytest.param("1234567890123456.78", "1234567890123456.78", id="more digits than a float holds"),
        pytest.param("-" + "9" * 40 + ".01", "-" + "9" * 40 + ".01", id="more than a context keeps"),
        pytest.param("(" + "9" * 40 + ".01)", "-" + "9" * 40 + ".01", id="negated without rounding"),
        pytest.param("1e-05", "0.00001", id="an exponent"),
    ],
)
def test_a_number_is_read_exactly(text: str, number: str) -> None:
    """However it is written, not a digit is lost or made up."""
    assert read_number(text) == Decimal(number)
    assert "e" in text or str(read_number(text)) == number


@pytest.mark.parametrize(
    "text",
    ["", "none of them", "12.50 or 13.50", "1 2 3", "12.05.2024", "1,23,45", "1.234,567,890", "45%", "5k", "5 million",
     "3 MIO", "approximately 60", "not 60.30", "12.50-", "--5", "(12.50", "50 cents", "12 items"],
)  # fmt: skip
def test_what_is_no_single_number_is_refused(text: str) -> None:
    """A guess would be a wrong amount in somebody's books."""
    with pytest.raises(ValueError, match=r"one number|no number"):
        read_number(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_any_amount_survives(value: Decimal) -> None:
    """What Python writes is read back, grouped or not."""
    assert read_number(str(value)) == value
    assert read_number(f"{value:,f}") == value


@pytest.mark.parametrize(
    "text",
    ["2024-03-05", "20240305", "2024-03-05T10:11:12", "2024/03/05", "5 March 2024", "5th March, 2024", "March 5, 2024",
     "Mar 5th, 2024", "5-Mar-2024", "05.Mar.2024", "`2024-03-05`"],
)  # fmt: skip
def test_a_date_with_one_reading_is_read(text: str) -> None:
    """In whatever order, when there is no doubt about it."""
    assert read_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize(
    "text",
    ["", "05/03/2024", "5.3.24", "31/02/2024", "March 2024", "March 5th", "1709596800", "5 Mayonnaise 2024", "today"],
)
def test_a_date_with_two_readings_or_none_is_refused(text: str) -> None:
    """The 5th of March or the 3rd of May: nobody can say."""
    with pytest.raises(ValueError, match=r"no unambiguous date|no date"):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "annotation", "value"),
    [
        pytest.param("none", Decimal | None, None, id="nothing, where that is allowed"),
        pytest.param("RM 60.30", Decimal | None, Decimal("60.30"), id="something, where nothing is allowed"),
        pytest.param("1,234", int, 1234, id="an int"),
        pytest.param("1e-05", float, 1e-05, id="a float"),
        pytest.param("2024-03-05T10:00:00Z", datetime, datetime.fromisoformat("2024-03-05T10:00:00Z"), id="a moment"),
        pytest.param("[12.50, 0.10]", list[Decimal], [Decimal("12.50"), Decimal("0.10")], id="a list"),
        pytest.param('["1,234.50", "RM 2"]', list[Decimal], [Decimal("1234.50"), Decimal(2)], id="a list of texts"),
        pytest.param("[101,202]", list[int], [101, 202], id="a compact list"),
        pytest.param('{"tea": 0.10}', dict[str, Decimal], {"tea": Decimal("0.10")}, id="a mapping"),
        pytest.param("```json\n[1.10]\n```", list[Decimal], [Decimal("1.10")], id="fenced"),
        pytest.param("RM 2", Decimal | str, "RM 2", id="a text, where that is allowed"),
        pytest.param("4.5", Annotated[Decimal, Field(le=5)], Decimal("4.5"), id="within a constraint"),
    ],
)
def test_a_value_has_its_declared_type(text: str, annotation: Any, value: Any) -> None:
    """Numbers inside other values are as exact as those that stand alone."""
    assert read(text, annotation) == value
    assert repr(read(text, annotation)) == repr(value)


def test_a_model_keeps_its_decimals_and_dates() -> None:
    """Amounts deep inside are read from the text, written as numbers or as texts."""
    text = '{"lines": [{"name": "tea", "price": 12.50, "bought": "5 March 2024"}], "total": "RM 1,234.50"}'

    receipt = read(text, Receipt)

    assert str(receipt.lines[0].price) == "12.50"
    assert receipt.lines[0].bought == date(2024, 3, 5)
    assert receipt.total == Decimal("1234.50")


@pytest.mark.parametrize(
    ("text", "annotation", "complaint"),
    [
        pytest.param("12.5", int, "not a whole number", id="half a thing"),
        pytest.param("[1,234.50, 2.00]", list[Decimal], "two ways", id="a grouped number in a list"),
        pytest.param("[1,234.50]", list[Decimal], "two ways", id="one that may be two"),
        pytest.param("12.50 and 3", list[Decimal], "not valid JSON", id="prose for a list"),
        pytest.param(
            '{"lines": [], "total": 1,234.50}', Receipt, "without grouping", id="a grouped number in an object"
        ),
        pytest.param('{"lines": [], "total": true}', Receipt, "no Decimal", id="yes for an amount"),
        pytest.param("[20240305]", list[date], "no date", id="a number for a date"),
        pytest.param("1709596800", datetime, "no date with time", id="seconds for a moment"),
        pytest.param("6", Annotated[Decimal, Field(le=5)], "less than or equal to 5", id="beyond a constraint"),
    ],
)
def test_what_has_two_readings_is_refused_in_words(text: str, annotation: Any, complaint: str) -> None:
    """The words say what to write instead."""
    with pytest.raises(ValueError, match=complaint):
        read(text, annotation)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Decimal, True), (int, True), (float | None, True), (list[date], True), (Receipt, True),
        (dict[str, Line], True),
        (Annotated[Decimal, ["no hash"]], True), (bool, False), (str, False), (list[str], False), (Folder, False),
        (Literal[1, 2], False), (dict[str, Any], False),
    ],
)  # fmt: skip
def test_only_types_with_numbers_or_dates_are_read_here(annotation: Any, expected: bool) -> None:
    """Everything else is read as DSPy reads it."""
    assert is_exact(annotation) is expected
