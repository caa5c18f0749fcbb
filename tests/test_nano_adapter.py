"""What the embedded model is asked, what it is shown of a text, and what is made of its answers."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import dspy
import pytest
from dspy.utils.exceptions import AdapterParseError
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow import compat
from agentflow.account import Account
from agentflow.budget import Budget
from agentflow.errors import UnsupportedSignature
from agentflow.nano import printed
from agentflow.nano.adapter import ROOM, NanoAdapter
from agentflow.nano.page import page
from agentflow.nano.prompt import Prompt, Shown, as_it_stands
from agentflow.nano.tasks import KNOWN
from agentflow.nano.tokens import FIELDS
from agentflow.scope import Flight, Run, Scope
from tests.nano_files import BILL, OTHER, model, vocabulary

HOSTILE = {
    "empty": "",
    "only white space": " \n\t\n ",
    "another alphabet": "ООО Ромашка\nчек № 12\nИТОГО 120,00 ₽\n合計 ¥1,200",
    "binary": "".join(map(chr, range(256))) * 8,
    "lone surrogates": "Total \ud800\udfff 1.00",
    "20,000 lines": "\n".join(f"Bolt {number}.00" for number in range(20_000)) + "\nTotal 5.00 EUR",
    "20,000 totals": "Total 5.00\n" * 20_000,
    "one line of 5 MB": "jan" * 1_700_000,
    "digits without end": "1.1" * 400_000,
    "dates without end": "12/12/" * 90_000,
    "separators without end": "1 " * 400_000,
    "pictures": "😀" * 50_000,
}

ADAPTER = NanoAdapter(vocabulary())


def asking(signature: str, demos: list[dict[str, Any]] | None = None, text: str = BILL) -> list[tuple[str, str]]:
    """What goes out, as roles and contents."""
    messages = ADAPTER.format(dspy.Signature(signature), demos or [], {"receipt": text})
    return [(message["role"], message["content"]) for message in messages]


def read(signature: str, answer: str) -> Any:
    (value,) = ADAPTER.parse(dspy.Signature(signature, custom_types={"datetime": datetime}), answer).values()
    return value


# the question


@pytest.mark.parametrize(("name", "field"), [*KNOWN.items()])
def test_a_field_is_asked_for_by_any_of_its_names(name: str, field: str) -> None:
    """What the model reads is the field it was trained for, and the text."""
    assert asking(f"receipt -> {name}") == [("user", f"{field}:\n{BILL}")]


def test_every_field_has_a_name() -> None:
    """Nothing the model can do is out of reach."""
    assert set(KNOWN.values()) == set(FIELDS)


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        pytest.param("question -> answer", "answer is none of", id="an output it does not know"),
        pytest.param("receipt -> reasoning, total", "reasoning is none of", id="a chain of thought"),
        pytest.param("receipt -> date, total", "a step for each of date, total", id="two outputs"),
        pytest.param("receipt, hint -> total", "one input", id="two inputs"),
        pytest.param("receipt: list[str] -> total", "one input", id="an input that is no text"),
        pytest.param("receipt -> total: list[str]", "total must be a Decimal or float or str", id="another type"),
        pytest.param("receipt -> company: float", "company must be a str", id="a company that is a number"),
        pytest.param("receipt -> items: list[int]", r"items must be a list\[str\] or str", id="items that are numbers"),
        pytest.param("receipt -> total: int | str", "total must be a Decimal", id="one of two types"),
    ],
)
def test_a_signature_outside_its_training_is_refused(signature: str, reason: str) -> None:
    """The error names the signature, the reason and the way out."""
    with pytest.raises(UnsupportedSignature, match=rf"(?s)->.*{reason}.*Tier\('openai/gpt-5-mini'\)"):
        asking(signature)


@settings(deadline=None)
@given(st.text(), st.sampled_from(FIELDS), st.text().map(lambda text: " ".join(text.split())))
def test_a_question_says_all_of_it(text: str, field: str, rejected: str) -> None:
    """No text can pass for the field or for what was rejected."""
    asked = Shown(text, field, None, rejected)

    assert Shown.of(asked.question, None) == asked


@pytest.mark.parametrize("text", ["", "total:", "total", "mood:\nx", "not x\ntotal:\n", "[[ ## receipt ## ]]\nx", "\n"])
def test_what_is_no_question_is_not_taken_for_one(text: str) -> None:
    """A prompt of another adapter is refused."""
    with pytest.raises(ValueError, match="asks for none of company"):
        Shown.of(text, None)


# demonstrations


@pytest.mark.parametrize(
    ("signature", "value", "answer"),
    [
        pytest.param("receipt -> total: str", "12.50", "12.50", id="as it is printed"),
        pytest.param("receipt -> total: str", "12.5", "12.50", id="an amount written otherwise"),
        pytest.param("receipt -> total", Decimal("12.5"), "12.50", id="an amount"),
        pytest.param("receipt -> total", 12.5, "12.50", id="a float"),
        pytest.param("receipt -> date", datetime.date(2021, 3, 4), "2021-03-04", id="a date"),
        pytest.param("receipt -> date", "4 March 2021", "2021-03-04", id="a date written otherwise"),
        pytest.param("receipt -> company", "SOLMAR FOODS", "SOLMAR FOODS", id="a company"),
        pytest.param("receipt -> company", "solmar  Foods", "SOLMAR FOODS", id="a company in other letters"),
        pytest.param("receipt -> number", None, "none", id="nothing"),
        pytest.param("receipt -> number", "none", "none", id="nothing, in words"),
        pytest.param("receipt -> items", ["| Bolt | 9.30", "| Tea | 3.20"], "| Bolt | 9.30\n| Tea | 3.20", id="rows"),
    ],
)
def test_a_demo_is_shown_with_its_answer_as_printed(signature: str, value: Any, answer: str) -> None:
    """The model copies, so typed values go back to how the demo's text prints them."""
    output = signature.split("-> ")[1].split(":")[0]
    kind = ": str" if ":" not in signature and output != "items" else ""

    messages = asking(signature + kind, [{"receipt": OTHER, output: value}])

    assert messages[:2] == [("user", f"{output}:\n{OTHER}"), ("assistant", answer)]
    assert messages[2:] == [("user", f"{output}:\n{BILL}")]


@pytest.mark.parametrize("value", ["ANOTHER SHOP", ["1 | Ham | 9.30"], "", " ", []])
def test_a_demo_whose_words_are_not_printed_is_left_out(value: Any) -> None:
    """The model learns to copy."""
    for output in ("company", "items"):
        assert len(asking(f"receipt -> {output}", [{"receipt": OTHER, output: value}])) == 1


def test_the_last_three_demos_are_shown() -> None:
    """More were never read together in training."""
    demos = [{"receipt": f"SHOP {number}", "company": f"SHOP {number}"} for number in range(5)]

    messages = asking("receipt -> company", demos)

    assert [content for role, content in messages if role == "assistant"] == ["SHOP 2", "SHOP 3", "SHOP 4"]


@pytest.mark.parametrize(
    "demo",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"receipt": OTHER}, id="no answer"),
        pytest.param({"total": "12.50"}, id="no text"),
        pytest.param({"receipt": None, "total": "12.50"}, id="a text that is none"),
        pytest.param({"receipt": OTHER, "total": "99.99"}, id="an amount that is not printed"),
        pytest.param({"receipt": OTHER, "total": "much"}, id="no amount"),
        pytest.param({"receipt": OTHER, "total": {"EUR": 12}}, id="no text"),
        pytest.param({"receipt": "", "total": "12.50"}, id="an empty text"),
        pytest.param({"receipt": OTHER, "total": datetime.date(1999, 1, 1)}, id="a date that is not printed"),
        pytest.param({"receipt": OTHER, "total": "12.5 kg"}, id="a weight"),
        pytest.param({"receipt": "1" * 101, "total": "1" * 101}, id="an endless answer"),
    ],
)
def test_a_demo_that_shows_nothing_is_left_out(demo: dict[str, Any]) -> None:
    """It would teach the model to make things up."""
    assert asking("receipt -> total: str", [demo, {"receipt": OTHER, "total": "12.50"}])[1:2] == [
        ("assistant", "12.50")
    ]
    assert len(asking("receipt -> total: str", [demo])) == 1


def test_a_long_demo_is_cut_to_a_page_like_any_text() -> None:
    """Its answer must still be in it."""
    long = "\n".join(["SHOP", *(f"Bolt {number} 1.00" for number in range(900)), "Total 900.00"])

    messages = asking("receipt -> total: str", [{"receipt": long, "total": "900.00"}], text=long)

    assert len(vocabulary().encode(messages[0][1])) < ROOM + 10
    assert [role for role, _ in messages] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("answer", "stands"),
    [("BETA", " BETA"), ("ALPHA", "ALPHA"), ("7.00", "7.00"), ("GAMMA", "GAMMA"), ("", ""), ("none", "none")],
)
def test_an_answer_is_cut_as_it_stands_in_its_line(answer: str, stands: str) -> None:
    """A word inside a line has other pieces than one that begins it."""
    assert as_it_stands(answer, "ALPHA BETA 7.00\nGAMMA") == stands


# the answer before


@contextmanager
def within(flight: Flight) -> Iterator[None]:
    """An attempt under way."""
    account = Account(Budget(tokens=1))
    run = Run("r", None, account, None)  # type: ignore[arg-type]  # nothing is written and no tier is asked
    with compat.entering(Scope(run, account, flight=flight)):
        yield


@pytest.mark.parametrize(
    ("previous", "feedback", "first"),
    [
        pytest.param("3.25", "is not the total", "total: not 3.25", id="printed on the receipt"),
        pytest.param("Soap\n 3.25 ", "too long", "total: not Soap 3.25", id="over two lines"),
        pytest.param("3.25", "", "total:", id="not rejected"),
        pytest.param("99.99", "not on the receipt", "total:", id="not on the receipt"),
        pytest.param("5.75", "too little", "total:", id="part of a number"),
        pytest.param('{"total": "3.25"}', "no", "total:", id="by a general model"),
        pytest.param("none", "found nothing", "total:", id="nothing"),
        pytest.param("", "empty", "total:", id="empty"),
        pytest.param(BILL, "all of it", "total:", id="too long"),
    ],
)
def test_a_rejected_answer_is_told(previous: str, feedback: str, first: str) -> None:
    """Where it stands on the receipt, so that it could be given again."""
    with within(Flight(previous=previous, feedback=feedback)):
        (message,) = asking("receipt -> total", text=BILL)

    assert message[1].partition("\n")[0] == first
    assert message[1].partition("\n")[2] == BILL


# the answer


@pytest.mark.parametrize(
    ("kind", "answer", "value"),
    [
        pytest.param("company", " Lunwer GmbH ", "Lunwer GmbH", id="a company"),
        pytest.param("total: str", "RM 1,060.30", "RM 1,060.30", id="an amount as text"),
        pytest.param("date: str", "4/10/26", "4/10/26", id="a date as text"),
        pytest.param("date: datetime.date", "2026-10-04", datetime.date(2026, 10, 4), id="a date"),
        pytest.param("date: datetime.date", "04/10/2026", datetime.date(2026, 10, 4), id="the day first"),
        pytest.param("date: datetime.date", "04/13/2026", datetime.date(2026, 4, 13), id="unless that is impossible"),
        pytest.param("date: datetime.date", "4.10.26", datetime.date(2026, 10, 4), id="a short year"),
        pytest.param("date: datetime.date", "03-12-18", datetime.date(2018, 12, 3), id="three short numbers"),
        pytest.param("date: datetime.date", "9 März 2019", datetime.date(2019, 3, 9), id="in words"),
        pytest.param("date: datetime.date", "Mar 9, 2019 14:25", datetime.date(2019, 3, 9), id="with a time"),
        pytest.param("date: datetime.date", "04102026", datetime.date(2026, 10, 4), id="in one number"),
        pytest.param("date: datetime.date | None", "none", None, id="nothing where that is allowed"),
        pytest.param(
            "items: list[str]", "1 | Tea | 2.00\n| Bolt | 3.00", ["1 | Tea | 2.00", "| Bolt | 3.00"], id="rows"
        ),
        pytest.param("items: str", "1 | Tea | 2.00\n| Bolt | 3.00", "1 | Tea | 2.00\n| Bolt | 3.00", id="rows as text"),
    ],
)
def test_an_answer_becomes_a_typed_value(kind: str, answer: str, value: Any) -> None:
    """It is read from the text as it is printed."""
    assert read(f"receipt -> {kind}", answer) == value


class Total(dspy.Signature):
    """Read an amount."""

    receipt: str = dspy.InputField()
    total: Decimal = dspy.OutputField()


@pytest.mark.parametrize(
    ("answer", "digits"),
    [("12.50", "12.50"), ("RM1,060.30", "1060.30"), ("1.234,50 EUR", "1234.50"), ("-3.00", "-3.00"), ("7", "7")],
)
def test_amounts_keep_every_digit(answer: str, digits: str) -> None:
    """Nothing passes through a float."""
    assert str(ADAPTER.parse(Total, answer)["total"]) == digits


@pytest.mark.parametrize(
    ("signature", "answer", "reason"),
    [
        pytest.param("receipt -> company", "none", "found no company on the receipt", id="none"),
        pytest.param("receipt -> merchant", " ", "found no merchant on the receipt", id="empty"),
        pytest.param("receipt -> date: datetime.date", "31/02/2020", "is no date", id="no such day"),
        pytest.param("receipt -> date: datetime.date", "\ufffd", "is no date", id="noise"),
        pytest.param("receipt -> tax: float", "NaN", "one number", id="no number"),
        pytest.param("receipt -> tax: float", "1.00 2.00", "no number", id="two numbers"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_parse_error(signature: str, answer: str, reason: str) -> None:
    """The next attempt can learn why."""
    with pytest.raises(AdapterParseError, match=f"{reason}(?s:.*)NanoAdapter"):
        read(signature, answer)


@settings(deadline=None)
@given(st.text())
def test_any_answer_is_read_or_a_parse_error(answer: str) -> None:
    """A model that has learned nothing writes anything."""
    for kind in ("date: datetime.date", "total: float", "items: list[str]", "company"):
        try:
            read(f"receipt -> {kind}", answer)
        except AdapterParseError:
            continue


@settings(deadline=None)
@given(
    st.dates(datetime.date(1970, 1, 1), datetime.date(2069, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y"]),
)
def test_a_printed_date_is_found_and_read_again(day: datetime.date, form: str) -> None:
    """What a value was made of can be shown."""
    text = f"SHOP 12\n{day.strftime(form)} 14:25\nTotal 12.50"

    assert printed.find(day, text) == day.strftime(form)
    assert printed.read_date(day.strftime(form)) == day


@settings(deadline=None)
@given(st.decimals(0, 10**6, places=2))
def test_a_printed_amount_is_found(amount: Decimal) -> None:
    """Grouped or glued to its currency."""
    for form in (f"{amount:,.2f}", f"{amount:.2f}"):
        assert printed.find(amount, f"Tel 03-99\nTotal: RM{form} *") == form


# the page


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_gives_a_short_page_in_bounded_time(text: str) -> None:
    """Long, foreign and binary texts are cut to what the model can read, deterministically."""
    began = time.process_time()

    view = page(text, vocabulary(), ROOM)

    assert time.process_time() - began < 2
    assert len(vocabulary().encode(view)) <= ROOM
    assert view == page(text, vocabulary(), ROOM)


def test_the_largest_page_is_a_document() -> None:
    """What the adapter shows is never too long for the model."""
    for number in range(60):
        view = asking("receipt -> total", text=f"{'9' * number}\n" + "12 34\n" * 400)[0][1]
        assert model().count_tokens(Prompt((Shown.of(view, None),))) <= ROOM + 3
