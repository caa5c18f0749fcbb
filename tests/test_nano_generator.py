"""Generated receipts: true answers, true sums, one layout to a group, nothing held out on the seen side."""

from __future__ import annotations

import re
from decimal import Decimal
from random import Random
from typing import Literal

import pytest

from agentflow.nano.printed import NONE
from agentflow.nano.tokens import FIELDS
from agentflow.nano.train import forms, generate, rows
from agentflow.nano.train.generate import Split
from agentflow.nano.train.locales.all import HELD_OUT, LOCALES
from agentflow.nano.train.money import Good, Notation, Terms, bill, handed_over
from agentflow.nano.train.phrases import is_held_phrase, phrases
from agentflow.nano.train.pools import Draw, entries
from agentflow.nano.train.receipt import Receipt

SPLITS: tuple[Split, ...] = ("seen", "unseen")
RECEIPTS = {split: [generate.receipt(split, seed) for seed in range(300)] for split in SPLITS}
"""Enough to meet every form, made once."""


def flat(text: str) -> str:
    """*text* with every run of blanks as one space."""
    return " ".join(text.split())


def untouched(split: Split) -> list[Receipt]:
    """Receipts on which every answer reads as it was meant."""
    return [
        found
        for found in RECEIPTS[split]
        if found.answers["items"] == found.values.get("items") and NONE not in found.answers.values()
    ]


def amount(printed: str) -> Decimal:
    """An amount as printed in any country."""
    digits = re.sub(r"\D", "", printed)
    cents = len(printed) > 3 and printed[-3] in ".,"
    return (Decimal(digits) / (100 if cents else 1)) * (-1 if "-" in printed else 1)


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_seed_gives_the_same_receipts(split: Split) -> None:
    """A group depends on its split and seed alone, and a larger one begins with the smaller one."""
    assert generate.group(split, 7, 2) == generate.group(split, 7, 4)[:2]


def test_other_seeds_and_splits_give_other_receipts() -> None:
    """Nothing repeats: all of 600 receipts differ."""
    texts = {found.text for split in SPLITS for found in RECEIPTS[split]}

    assert len(texts) == 600


@pytest.mark.parametrize("split", SPLITS)
def test_every_answer_stands_on_the_receipt(split: Split) -> None:
    """Each word of an answer is printed; answers on one line are printed whole."""
    for found in RECEIPTS[split]:
        text = flat(found.text)
        for field in ("date", "total", "number", "subtotal", "tax"):
            assert found.answers[field] == NONE or flat(found.answers[field]) in text
        for field in ("company", "address"):
            assert found.answers[field] == NONE or all(word in text for word in found.answers[field].split())


@pytest.mark.parametrize("split", SPLITS)
def test_every_row_of_items_stands_on_the_receipt(split: Split) -> None:
    """Quantity, name and amount are printed as the answer has them."""
    for found in RECEIPTS[split]:
        text = flat(found.text)
        for row in found.answers["items"].split("\n"):
            assert row == NONE or all(flat(part) in text for part in f" {row} ".split(" | "))


@pytest.mark.parametrize("split", SPLITS)
def test_every_question_has_an_answer_and_what_was_meant_only_where_there_is_one(split: Split) -> None:
    """`none` and a missing value go together, for every field."""
    for found in RECEIPTS[split]:
        assert set(found.answers) == set(FIELDS)
        assert set(found.values) == {field for field in FIELDS if found.answers[field] != NONE}


@pytest.mark.parametrize("split", SPLITS)
def test_values_are_days_and_amounts_in_one_notation(split: Split) -> None:
    """Whatever the country prints, a value is YYYY-MM-DD or 1234.50."""
    for found in RECEIPTS[split]:
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", found.values.get("date", "2020-01-01"))
        for field in ("total", "subtotal", "tax"):
            assert re.fullmatch(r"\d+\.\d\d", found.values.get(field, "0.00"))


@pytest.mark.parametrize("split", SPLITS)
def test_the_goods_add_up_to_the_subtotal(split: Split) -> None:
    """Where no line was discounted and nothing was misread, the rows' amounts are the subtotal."""
    checked = 0
    for found in untouched(split):
        goods = [amount(row.rsplit(" | ", 1)[1]) for row in found.answers["items"].split("\n")]
        subtotal = Decimal(found.values["subtotal"])
        checked += sum(goods) == subtotal

    assert checked > len(untouched(split)) / 2


def test_a_bill_adds_up_to_the_minor_unit() -> None:
    """Net, tax and rounding are the total, whatever the terms."""
    goods = (Good("A", 2000, 335, 0), Good("B", 456, 1199, 20))
    for mode in ("none", "inside", "on top"):
        found = bill(goods, Terms(mode, 6.0, 10.0, 5.0, 5))

        assert found.subtotal == 670 + 547 - 20
        assert found.net + found.tax + found.rounding == found.total
        assert found.total % 5 == 0


def test_cash_covers_the_total() -> None:
    """Nobody hands over less than is due."""
    for total in (1, 95, 1234, 99_995):
        assert all(handed_over(total, tenth / 10) >= total for tenth in range(11))


@pytest.mark.parametrize(
    ("example", "decimals", "printed"),
    [
        pytest.param("1,234.50", 2, "-9,876.05", id="commas"),
        pytest.param("1234,50", 2, "-9876,05", id="no thousands"),
        pytest.param("1'234.50", 2, "-9'876.05", id="apostrophes"),
        pytest.param("1.234", 0, "-987.605", id="no cents"),
    ],
)
def test_amounts_are_written_as_the_country_does(example: str, decimals: int, printed: str) -> None:
    """One example of a number says how all of them are written."""
    assert Notation.like(example, decimals).amount(-987_605) == printed


@pytest.mark.parametrize("split", SPLITS)
def test_a_mistake_differs_from_the_answer_and_stands_on_the_receipt(split: Split) -> None:
    """What could be mistaken for an answer is printed, and is not the answer."""
    for found in RECEIPTS[split]:
        text = flat(found.text)
        for field, mistakes in found.wrong.items():
            assert found.answers[field] not in mistakes
            assert all(flat(mistake) in text for mistake in mistakes)


def test_a_group_shares_its_layout_and_nothing_else() -> None:
    """One till, many shops: the layout's name is one, companies and totals differ."""
    found = generate.group("seen", 11, 8)

    assert len({one.layout for one in found}) == 1
    assert len({one.answers["company"] for one in found}) > 4
    assert len({one.answers["total"] for one in found}) > 4


@pytest.mark.parametrize(
    ("pool", "every"),
    [
        pytest.param("row", rows.COMPOSED, id="rows of goods"),
        pytest.param("order", forms.ORDERS, id="orders of sections"),
        pytest.param("number", forms.NUMBERS, id="document numbers"),
        pytest.param("moment", forms.MOMENTS, id="dates with times"),
    ],
)
def test_no_form_is_on_both_sides(pool: str, every: tuple[object, ...]) -> None:
    """Training's forms and those of unseen layouts have nothing in common."""
    seen, held = entries("seen", pool, every), entries("held", pool, every)

    assert not set(seen) & set(held)
    assert 0.08 < len(held) / (len(seen) + len(held)) < 0.35


def test_small_pools_keep_their_named_entries_for_unseen_layouts() -> None:
    """Of the header, the boxes and the colons, training never draws what is kept."""
    draw = Draw(Random(1), "seen")
    every = (*forms.META_BOXES, *forms.COLONS, *(form for forms_ in forms.HEADERS.values() for form in forms_))

    assert not {draw.loosely(every, forms.HELD) for _ in range(2000)} & forms.HELD
    assert set(every) >= forms.HELD


def test_a_phrase_held_out_is_seen_in_no_country() -> None:
    """Phrases are split by what they say, so a second country cannot bring them back; a lone way to say is shared."""
    seen = {
        text.upper()
        for locale in LOCALES
        if locale.code not in HELD_OUT
        for role in locale.labels
        for text in phrases("seen", locale, role)
        if not all(map(is_held_phrase, locale.labels[role]))
    }

    assert not {text for text in seen if is_held_phrase(text)}


def test_a_quarter_and_more_of_receipts_read_exactly_as_printed() -> None:
    """Noise has levels; a good share of receipts has none, and what was meant is what stands there."""
    exact = sum(
        all(found.answers[field] == found.values[field] for field in ("company", "items") if field in found.values)
        for found in RECEIPTS["seen"]
    )

    assert 100 < exact < 270


def test_training_meets_no_country_that_is_held_out() -> None:
    """Held-out countries stand on unseen layouts only."""

    def codes(split: Literal["seen", "unseen"]) -> set[str]:
        return {found.layout.split("-", 2)[2] for found in RECEIPTS[split]}

    assert not codes("seen") & HELD_OUT
    assert codes("unseen") & HELD_OUT or not any(locale.code in HELD_OUT for locale in LOCALES)


def test_some_questions_have_no_answer_on_some_receipts() -> None:
    """A field is missing now and then: rarely the total, often the tax."""
    missing = {field: sum(found.answers[field] == NONE for found in RECEIPTS["seen"]) / 300 for field in FIELDS}

    assert 0 < missing["total"] < 0.06
    assert 0 < missing["date"] < 0.1
    assert missing["tax"] > 0.2


def test_receipts_are_as_long_as_receipts_are() -> None:
    """Half of them have 400 to 800 characters, and none is a book."""
    lengths = sorted(len(found.text) for split in SPLITS for found in RECEIPTS[split])

    assert 400 < lengths[len(lengths) // 2] < 800
    assert lengths[-1] < 3000
