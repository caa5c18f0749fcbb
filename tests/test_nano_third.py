"""What the split written by hand promises of itself."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest

from agentflow.nano.train.third import Third, receipts

RECEIPTS = receipts()
NUMBER = re.compile(r"\b\d{1,3}(?: \d{3})+(?:,\d+)?|[\d.,:]*\d")
EACH = pytest.mark.parametrize("receipt", RECEIPTS, ids=[receipt.id for receipt in RECEIPTS])


def test_there_are_many_and_each_is_named_once() -> None:
    """At least 150 receipts have 150 ids."""
    assert len(RECEIPTS) >= 150
    assert len({receipt.id for receipt in RECEIPTS}) == len(RECEIPTS)


def test_they_come_from_many_countries() -> None:
    """Two in five are from Malaysia and Singapore, the rest from at least fifteen countries."""
    countries = Counter(receipt.id.split("-")[0] for receipt in RECEIPTS)
    assert (countries["my"] + countries["sg"]) / len(RECEIPTS) == pytest.approx(0.4, abs=0.05)
    assert len(countries) >= 17


@EACH
def test_each_says_who_when_and_how_much(receipt: Third) -> None:
    """Company, date and total are always known, dates are ISO and amounts have two decimals."""
    assert receipt.values["company"]
    date.fromisoformat(receipt.values["date"])
    for field in {"total", "subtotal", "tax"} & receipt.values.keys():
        assert re.fullmatch(r"\d+\.\d\d", receipt.values[field])
    assert Decimal(receipt.values["total"]) > 0


@EACH
@pytest.mark.parametrize("field", ["total", "subtotal", "tax"])
def test_amounts_stand_in_the_lines(receipt: Third, field: str) -> None:
    """The digits of an amount are printed, decimals aside where they are zero, unless noise took them."""
    if field not in receipt.values or field in receipt.noise:
        return
    amount = receipt.values[field].replace(".", "")
    wanted = {amount, amount.removesuffix("00") or "0"}
    printed = {re.sub(r"\D", "", number) for line in receipt.lines for number in NUMBER.findall(line)}
    assert wanted & printed


@EACH
def test_the_date_stands_in_the_lines(receipt: Third) -> None:
    """Day and year are printed as numbers, unless noise took them."""
    if "date" in receipt.noise:
        return
    when = date.fromisoformat(receipt.values["date"])
    numbers = set(re.findall(r"\d+", re.sub(r"([A-Za-z])", " ", receipt.text)))
    assert {str(when.day), f"{when:%d}"} & numbers
    assert {f"{when:%y}", f"{when:%Y}"} & numbers


@EACH
def test_the_receipt_number_stands_in_the_lines(receipt: Third) -> None:
    """A number is printed as meant, unless noise took it."""
    if "number" in receipt.values and "number" not in receipt.noise:
        assert receipt.values["number"] in receipt.text


def test_no_two_are_alike() -> None:
    """No pair shares more than three fifths of its lines of words, numbers aside."""
    words = [(receipt.id, _labels(receipt)) for receipt in RECEIPTS]
    alike = [
        (one, other)
        for (one, left), (other, right) in combinations(words, 2)
        if len(left & right) > 0.6 * min(len(left), len(right))
    ]
    assert alike == []


def _labels(receipt: Third) -> set[str]:
    bare = (re.sub(r"[^a-zà-ž]+", " ", line.lower()).strip() for line in receipt.lines)
    return {label for label in bare if label}
