"""What the embedded model is asked, what it is shown of a text, and what is made of its answers."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal

import dspy
import numpy as np
import pytest
from dspy.utils.exceptions import AdapterParseError

from agentflow.errors import UnsupportedSignature
from agentflow.nano import catalog, view
from agentflow.nano.adapter import NanoAdapter
from agentflow.nano.model import Sampling
from agentflow.nano.tasks import is_prompt, task_of

BILL = "Bill\nSeller: Lunwer GmbH\nDate: 4/10/26\nPrinter 12.50\nSoap 3.25\nTotal 15.75 EUR"
HOSTILE = {
    "empty": "",
    "only white space": " \n\t\n ",
    "another alphabet": "ООО Ромашка\nчек № 12\nИТОГО 120,00 ₽\n合計 ¥1,200",
    "binary": "".join(map(chr, range(256))) * 8,
    "lone surrogates": "Total \ud800\udfff 1.00",
    "20,000 lines": "\n".join(f"Bolt {number}.00" for number in range(20_000)) + "\nTotal 5.00 EUR",
    "one line of 5 MB": "jan" * 1_700_000,
    "digits without end": "1.1" * 400_000,
    "separators without end": "1 " * 400_000,
}


class Receipt(dspy.Signature):
    """Read a receipt."""

    receipt: str = dspy.InputField()
    company: str = dspy.OutputField()
    date: datetime.date = dspy.OutputField()
    currency: str = dspy.OutputField()
    total: Decimal = dspy.OutputField()


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        pytest.param("receipt -> date", "D", id="a date alone"),
        pytest.param("document -> total", "A", id="a total alone"),
        pytest.param("text -> company", "X", id="a company"),
        pytest.param("invoice -> merchant, date, currency, amount: float", "X", id="several"),
    ],
)
def test_what_a_signature_asks_for_decides_the_task(signature: str, code: str) -> None:
    """The smallest task that can answer is taken."""
    assert task_of(dspy.Signature(signature)).code == code


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        pytest.param("question -> answer", "answer is none of", id="an output it does not know"),
        pytest.param("receipt -> reasoning, total", "reasoning is none of", id="a chain of thought"),
        pytest.param("receipt, hint -> total", "one input", id="two inputs"),
        pytest.param("receipt: list[str] -> total", "one input", id="an input that is no text"),
        pytest.param("receipt -> total: list[str]", "total must be a Decimal", id="an output of another type"),
        pytest.param("receipt -> company: float", "company must be a str", id="a company that is a number"),
    ],
)
def test_a_signature_outside_its_training_is_refused(signature: str, reason: str) -> None:
    """The error names the signature, the reason and the way out."""
    with pytest.raises(UnsupportedSignature, match=rf"(?s)->.*{reason}.*Tier\('openai/gpt-5-mini'\)"):
        NanoAdapter().format(dspy.Signature(signature), [], {"receipt": BILL})


def test_an_answer_becomes_exactly_typed_fields() -> None:
    """Amounts keep every digit that was written."""
    fields = NanoAdapter().parse(Receipt, "Lunwer GmbH|2026-10-04|EUR|12.50|12.50")

    assert fields == {
        "company": "Lunwer GmbH",
        "date": datetime.date(2026, 10, 4),
        "currency": "EUR",
        "total": Decimal("12.50"),
    }
    assert str(fields["total"]) == "12.50"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("", id="empty"),
        pytest.param("Lunwer|2026-10-04|EUR", id="cut off"),
        pytest.param("Lunwer|2026-13-45|EUR|1.00|1.00", id="no such day"),
        pytest.param("Lunwer|2026-10-04|EUR|1.00|NaN", id="no number"),
        pytest.param("Lunwer|2026-10-04|EUR|1.00|1e5", id="an exponent"),
        pytest.param("|2026-10-04|EUR|1.00|1.00", id="no company"),
        pytest.param("\ufffd|\ufffd|\ufffd|\ufffd|\ufffd", id="noise"),
    ],
)
def test_an_answer_of_another_form_is_a_parse_error(answer: str) -> None:
    """A half-read record is not passed on."""
    with pytest.raises(AdapterParseError, match="NanoAdapter"):
        NanoAdapter().parse(Receipt, answer)


def test_only_the_asked_fields_are_parsed() -> None:
    """A broken amount does not spoil a company."""
    assert NanoAdapter().parse(dspy.Signature("text -> store"), "Lunwer|??|?|?|?") == {"store": "Lunwer"}


def test_the_parsed_date_stays_text_when_text_is_asked_for() -> None:
    """ISO, and a day that exists."""
    assert NanoAdapter().parse(dspy.Signature("text -> date"), "2026-10-04") == {"date": "2026-10-04"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("signature", ["receipt -> company", "receipt -> date", "receipt -> total"])
def test_any_text_gives_a_short_prompt_in_bounded_time(text: str, signature: str) -> None:
    """Long, foreign and binary texts are cut to a view, deterministically."""
    task = task_of(dspy.Signature(signature))
    began = time.monotonic()

    prompt = task.prompt(text)

    assert time.monotonic() - began < 2
    assert is_prompt(prompt)
    assert len(prompt.encode("utf-8", "replace")) <= view.WHOLE + 4
    assert prompt == task.prompt(text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_answered(text: str) -> None:
    """The answer may be nonsense, which validators judge; it is never a crash."""
    prompt = task_of(Receipt).prompt(text)

    answer = catalog.load("nano-s").answers(prompt, Sampling(max_tokens=8), np.random.default_rng(0), 1)[0]

    assert 1 <= answer.output_tokens <= 8


@pytest.mark.parametrize(
    ("text", "date"),
    [
        pytest.param("Shop\n12/03/2018 14:25\nTotal 1.00", "12/03/2018", id="beside a time"),
        pytest.param("Due: 01.02.2020\nPaid 05.01.2020", "05.01.2020", id="rather than a deadline"),
        pytest.param("Printed 01.02.2020\nInvoice date: 2020-01-05", "2020-01-05", id="the labelled one"),
        pytest.param("Tel 07-3507405\n3rd of March 2021", "3rd of March 2021", id="in words"),
        pytest.param("JUL 9, 2019", "JUL 9, 2019", id="month first"),
        pytest.param("Due: 3/4/21 / Receipt / 1.2.2021 / Tea 1.00", "1.2.2021", id="in a single line"),
        pytest.param("no date", "no date", id="none: the start of the text"),
    ],
)
def test_the_view_of_a_date_is_the_string_most_like_it(text: str, date: str) -> None:
    """One string, exactly as it is written."""
    assert view.date(text) == date


@pytest.mark.parametrize(
    ("text", "total"),
    [
        pytest.param("Bolt 9.00\nTotal 12.50 EUR\nCash 20.00", "Total 12.50 EUR", id="on the line that says so"),
        pytest.param("Subtotal 10.00\nTax 2.50\nAmount due\n€12.50", "Total €12.50", id="on the line after it"),
        pytest.param("TOTAL QTY 3\nTOTAL (EXCL. GST) 9.00\nTOTAL INCL. GST 9.54", "Total 9.54", id="tax included"),
        pytest.param("Summe 1.234,50 EUR", "Total 1.234,50 EUR", id="in another language"),
        pytest.param("Tea 4.25\nTotal ... Fr.970.66", "Total Fr.970.66", id="behind an abbreviation"),
        pytest.param("Tea 4 535,16; Total Rs.4 535,16", "Total Rs.4 535,16", id="in a single line"),
        pytest.param("Bolt 9.00\nNail 1.00", "Total 9.00", id="the largest when none says so"),
    ],
)
def test_the_view_of_a_total_is_the_amount_most_like_it(text: str, total: str) -> None:
    """Parts, quantities and change are passed over."""
    assert view.total(text) == total


def test_the_view_of_a_long_receipt_keeps_what_matters_in_order() -> None:
    """The first lines, the date and the total stay; the rest fills the room."""
    items = [f"Article number {number:03d} 1.00" for number in range(200)]

    shown = view.whole("\n".join(["Lunwer GmbH", "Main Road 1", *items, "Total 200.00 EUR", "Date: 4/10/26"]))

    assert shown.startswith("Lunwer GmbH\nMain Road 1\nArticle number 000 1.00\n")
    assert shown.endswith("Total 200.00 EUR\nDate: 4/10/26")
    assert len(shown.encode()) <= view.WHOLE
