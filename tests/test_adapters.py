"""The adapters: DSPy's own messages, exact values, feedback at the end, and no second call behind one's back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import dspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from agentflow.adapters import PREVIOUS_CHARACTERS, ExactChatAdapter, ExactJSONAdapter, note_of
from agentflow.compat import AdapterParseError, parse_complaint
from agentflow.scope import Flight
from agentflow.testing import chat, count_tokens


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Line(BaseModel):
    name: str
    price: Decimal


TYPES = [
    str, int, float, bool, Decimal, date, Colour, Literal["a", "b"], list[str], list[Decimal], dict[str, Any],
    Line, list[Line], str | None, Decimal | None, dspy.Code,
]  # fmt: skip
PAIRS = [
    pytest.param(ExactChatAdapter(), dspy.ChatAdapter(), id="chat"),
    pytest.param(ExactJSONAdapter(), dspy.JSONAdapter(), id="json"),
]


def signature(annotation: Any, **options: Any) -> type[dspy.Signature]:
    fields = {"text": (str, dspy.InputField()), "value": (annotation, dspy.OutputField(**options))}
    return dspy.Signature(fields, "Read the value.")


@pytest.mark.parametrize(("own", "dspys"), PAIRS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_messages_are_dspys_own(own: Any, dspys: Any, data: st.DataObject) -> None:
    """Byte for byte, for any fields, demos and instructions: prompts optimised elsewhere stay valid."""
    types = data.draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4))
    outputs = {f"out{n}": (each, dspy.OutputField(desc=f"number {n}")) for n, each in enumerate(types)}
    inputs = {"text": (str, dspy.InputField()), "more": (list[str], dspy.InputField())}
    asked = dspy.Signature({**inputs, **outputs}, data.draw(st.text(min_size=1, max_size=30)))
    demo = dspy.Example(text="t", more=["m"], out0="shown")
    given = {"text": data.draw(st.text(max_size=20)), "more": ["a", "b"]}

    for demos in ([], [demo]):
        assert own.format(asked, demos, dict(given)) == dspys.format(asked, demos, dict(given))


def test_instructions_changed_in_place_are_rendered_anew() -> None:
    """An optimiser that rewrites instructions sees its own words go out."""
    asked = signature(str)
    before = ExactChatAdapter().format_system_message(asked)
    asked.instructions = "Do something else."

    assert ExactChatAdapter().format_system_message(asked) == dspy.ChatAdapter().format_system_message(asked) != before


@pytest.mark.parametrize(
    ("annotation", "written", "value"),
    [
        pytest.param(Decimal, "12.50", Decimal("12.50"), id="decimal"),
        pytest.param(Decimal, "1234567890123456.78", Decimal("1234567890123456.78"), id="long decimal"),
        pytest.param(list[Decimal], "[1.10, 2.20]", [Decimal("1.10"), Decimal("2.20")], id="list of decimals"),
        pytest.param(Line, '{"name": "tea", "price": 1.10}', Line(name="tea", price=Decimal("1.10")), id="model"),
        pytest.param(Decimal | None, "null", None, id="nothing"),
        pytest.param(str | None, "null", None, id="no text"),
        pytest.param(int, "3", 3, id="int"),
        pytest.param(float, "1e-05", 1e-05, id="float"),
        pytest.param(bool, "true", True, id="bool"),
        pytest.param(dict[str, Any], '{"a": [1.5, null]}', {"a": [1.5, None]}, id="anything"),
        pytest.param(list[str], '["a", "b"]', ["a", "b"], id="texts"),
    ],
)
def test_json_values_are_read_exactly(annotation: Any, written: str, value: Any) -> None:
    """Numbers keep their digits; everything else is as DSPy reads it."""
    read = ExactJSONAdapter().parse(signature(annotation), f'Here: {{"value": {written}}}')["value"]

    assert (read, repr(read)) == (value, repr(value))


@pytest.mark.parametrize(
    ("annotation", "written", "value"),
    [
        pytest.param(Decimal, "RM 60.30", Decimal("60.30"), id="currency"),
        pytest.param(Decimal, "1,234.50", Decimal("1234.50"), id="grouping"),
        pytest.param(date, "5 March 2024", date(2024, 3, 5), id="date"),
        pytest.param(Colour, "red", Colour.RED, id="enum"),
        pytest.param(Literal["a", "b"], "'a'", "a", id="literal"),
        pytest.param(str, " 12.50 ", "12.50", id="text"),
    ],
)
def test_texts_are_read_alike_by_both(annotation: Any, written: str, value: Any) -> None:
    """What a model may write in a chat it may write in a JSON string."""
    asked = signature(annotation)

    assert ExactChatAdapter().parse(asked, chat(value=written))["value"] == value
    assert ExactJSONAdapter().parse(asked, f'{{"value": "{written.strip()}"}}')["value"] == value


@pytest.mark.parametrize("annotation", [str, bool, list[str], dict[str, str], Colour, Literal["a", "b"]])
@pytest.mark.parametrize("written", ["True", "a", "red", '["x"]', '{"k": "v"}', "", "None", "12"])
def test_other_types_are_read_as_dspy_reads_them(annotation: Any, written: str) -> None:
    """The same value or the same refusal."""
    asked, answer = signature(annotation), chat(value=written)
    try:
        expected = dspy.ChatAdapter(use_json_adapter_fallback=False).parse(asked, answer)
    except AdapterParseError:
        with pytest.raises(AdapterParseError, match="value"):
            ExactChatAdapter().parse(asked, answer)
    else:
        assert ExactChatAdapter().parse(asked, answer) == expected


def test_almost_json_is_mended_where_no_number_is_at_stake() -> None:
    """As DSPy does; with a number in it, it is refused."""
    answer = "{'value': ['a', 'b',]}"

    assert ExactJSONAdapter().parse(signature(list[str]), answer) == {"value": ["a", "b"]}
    with pytest.raises(AdapterParseError, match="not a JSON object"):
        ExactJSONAdapter().parse(signature(Decimal), "{'value': 1.5,}")


@pytest.mark.parametrize(
    ("annotation", "options", "answer", "complaint"),
    [
        pytest.param(Decimal, {}, chat(value="about 5"), "`value`: 'about 5' should be one number", id="not a number"),
        pytest.param(date, {}, chat(value="05/03/2024"), "write it as YYYY-MM-DD", id="two readings"),
        pytest.param(Colour, {}, chat(value="green"), "'green' is none of red, blue", id="enum"),
        pytest.param(Literal["a", "b"], {}, chat(value="c"), "`value`: Input should be 'a' or 'b'", id="literal"),
        pytest.param(int, {"le": 5}, chat(value="6"), "`value`: Input should be less than or equal to 5", id="limit"),
        pytest.param(str, {"max_length": 2}, chat(value="long"), "at most 2 characters", id="length"),
        pytest.param(Line, {}, chat(value='{"name": "tea"}'), "`value`: price: Field required", id="inside a model"),
        pytest.param(str, {}, "no fields at all", "missing `value`", id="missing"),
    ],
)
def test_a_complaint_says_what_to_change(annotation: Any, options: Any, answer: str, complaint: str) -> None:
    """It names the field and what would be right, and does not repeat the answer or the fields."""
    with pytest.raises(AdapterParseError, match="value") as raised:
        ExactChatAdapter().parse(signature(annotation, **options), answer)

    assert complaint in parse_complaint(raised.value)
    assert len(parse_complaint(raised.value)) < 200


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param('{"value": [1]}', id="a list"),
        pytest.param('{"value": {"a": 1}}', id="an object"),
        pytest.param("[1, 2]", id="no fields"),
        pytest.param("", id="nothing"),
        pytest.param("{", id="the beginning"),
        pytest.param("[" * 5_000, id="lists without end"),
        pytest.param('{"value": ' + "[" * 5_000 + "]" * 5_000 + "}", id="lists within lists"),
        pytest.param('{"value": ' + '{"a": ' * 5_000 + "1" + "}" * 5_001, id="objects within objects"),
        pytest.param('{"value": ' + "7" * 5_000 + "}", id="a number of thousands of digits"),
    ],
)
@pytest.mark.parametrize("annotation", [Colour, Decimal, str | None, list[str]])
def test_any_json_is_a_value_or_a_complaint(annotation: Any, answer: str) -> None:
    """A model's nonsense never becomes an error of the program."""
    for adapter, text in ((ExactJSONAdapter(), answer), (ExactChatAdapter(), chat(value=answer))):
        with suppress(AdapterParseError):
            assert "value" in adapter.parse(signature(annotation), text)


@pytest.mark.parametrize("previous", ["", "short", "x" * 10 * PREVIOUS_CHARACTERS])
def test_what_an_attempt_is_told_is_bounded(previous: str) -> None:
    """The previous answer, cut to 300 tokens, the feedback, and 60 tokens more at most."""
    feedback = "write the total as it stands"
    shown = previous[: PREVIOUS_CHARACTERS + 2]

    note = note_of(Flight(feedback=feedback, previous=previous))

    assert count_tokens(note) <= count_tokens(shown) + count_tokens(feedback) + 60
    assert feedback in note


def test_a_nudge_alone_rejects_nothing() -> None:
    """It is evidence from elsewhere, not a verdict on an answer."""
    assert note_of(Flight(nudge="Do something else.")) == "Do something else."
    assert note_of(Flight()) == ""
