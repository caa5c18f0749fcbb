"""No request costs more input than its bound, whatever is in it; what nobody can bound is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from dspy import lm15
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.engines.bounds import bound_of, counter_for, o200k_counter, request_texts

MARK = "needle-7f3a"
SCHEMA = {"type": "object", "properties": {"x": {"type": "string", "description": MARK}}}
ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


def ask(*texts: str, system: str | None = None, **config: Any) -> lm15.Request:
    messages = tuple(lm15.Message.user(text) for text in texts or ("hi",))
    return lm15.Request(model="m", messages=messages, system=system, config=lm15.Config(**config))


def tokenizer() -> Any:
    counter = o200k_counter()
    if counter is None:
        pytest.skip("litellm came without the vocabulary of o200k_base")
    return counter


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), ANY_TEXT)
def test_a_byte_bound_covers_every_byte_of_every_form(texts: list[str], system: str) -> None:
    """A tokenizer that sees bytes makes at most one token of each."""
    bound = bound_of(ask(*texts, system=system or None))

    assert bound.kind == "byte"
    assert bound.input_tokens >= sum(len(text.encode("utf-8", "surrogatepass")) for text in [*texts, system])


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_a_byte_bound_covers_a_real_tokenizer(text: str) -> None:
    """GPT-4o's own vocabulary never makes more tokens than there are bytes."""
    assert bound_of(ask(text)).input_tokens >= tokenizer()(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=100), min_size=1, max_size=4))
def test_a_tokenizer_bound_covers_the_joined_text(texts: list[str]) -> None:
    """Words that run across parts of a message are covered by the margin of each part."""
    parts = tuple(lm15.TextPart(text) for text in texts)
    request = lm15.Request(model="m", messages=(lm15.Message(role="user", parts=parts),))
    count = tokenizer()

    bound = bound_of(request, count)

    assert bound.kind == "tokenizer"
    assert count("".join(texts)) <= bound.input_tokens <= bound_of(request).input_tokens


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        pytest.param("\U0001d1c0", 12, id="a note that NFC takes apart"),
        pytest.param("ﷺ", 33, id="a ligature that NFKC spells out"),
        pytest.param("가", 6, id="a syllable taken into its letters"),
        pytest.param("ａ", 3, id="a wide letter that becomes a narrow one"),
    ],
)
def test_normalisation_before_counting_is_covered(text: str, expanded: int) -> None:
    """A tokenizer that normalises first may make more bytes of a text than it had."""
    alone = bound_of(ask("")).input_tokens

    assert bound_of(ask(text * 100)).input_tokens - alone == 100 * expanded


def test_lone_surrogates_do_not_break_a_bound() -> None:
    """Half a character is bounded like any other, by both kinds."""
    request = ask("\ud800" * 10)

    assert bound_of(request).input_tokens >= 30
    assert bound_of(request, tokenizer()).input_tokens > 0


def test_a_bound_stays_close_where_the_tokenizer_is_known() -> None:
    """English prose is bounded several times tighter than by its bytes."""
    request = ask("The quick brown fox jumps over the lazy dog. " * 200)

    assert bound_of(request, tokenizer()).input_tokens < bound_of(request).input_tokens / 3


def test_endless_words_are_bounded_by_bytes() -> None:
    """Five megabytes without a space do not hold up anyone."""
    request = ask("x" * 5_000_000)

    assert bound_of(request, tokenizer()).input_tokens >= 5_000_000


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(ask(system=MARK), id="system"),
        pytest.param(replace(ask(), system=(lm15.TextPart(MARK),)), id="system in parts"),
        pytest.param(ask("a", MARK, "b"), id="a message in the middle"),
        pytest.param(ask(response_format={"type": "json_schema", "schema": SCHEMA}), id="response format"),
        pytest.param(replace(ask(), tools=(lm15.FunctionTool(name="f", parameters=SCHEMA),)), id="tool parameters"),
        pytest.param(replace(ask(), tools=(lm15.FunctionTool(name="f", description=MARK),)), id="tool description"),
        pytest.param(
            replace(
                ask(), messages=(lm15.Message.assistant([lm15.ToolCallPart(id="1", name="f", input={"a": MARK})]),)
            ),
            id="tool call",
        ),
        pytest.param(
            replace(ask(), messages=(lm15.Message.assistant([lm15.ThinkingPart(MARK)]),)), id="earlier thoughts"
        ),
    ],
)
def test_everything_a_model_reads_is_counted(request_: lm15.Request) -> None:
    """No corner of a request is free."""
    texts = list(request_texts(request_))

    assert any(MARK in text for text in texts)
    assert bound_of(request_).input_tokens > sum(len(text) for text in texts)


def test_a_tool_result_is_counted() -> None:
    """What a tool said is read like any message."""
    result = lm15.Message(role="tool", parts=(lm15.ToolResultPart(id="1", content=(lm15.TextPart(MARK),)),))

    assert any(MARK in text for text in request_texts(replace(ask(), messages=(result,))))


def test_schemas_count_in_their_longest_form() -> None:
    """Chat templates may indent a schema and escape it; the bound covers that."""
    schema = {"description": "é" * 50, **SCHEMA}

    bound = bound_of(replace(ask(""), tools=(lm15.FunctionTool(name="f", parameters=schema),)))

    assert bound.input_tokens > len(json.dumps(schema, indent=4))


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        pytest.param(
            replace(
                ask(),
                messages=(lm15.Message.user([lm15.ImagePart(url="https://x.example/a.png", media_type="image/png")]),),
            ),
            "a part of type image",
            id="image",
        ),
        pytest.param(
            replace(
                ask(), messages=(lm15.Message.user([lm15.DocumentPart(data="JVBERi0=", media_type="application/pdf")]),)
            ),
            "a part of type document",
            id="document",
        ),
        pytest.param(
            replace(ask(), tools=(lm15.BuiltinTool(name="web_search"),)), "own tool web_search", id="server-side tool"
        ),
        pytest.param(ask(extensions={"web_search_options": {}}), "web_search_options", id="search"),
        pytest.param(ask(extensions={"previous_response_id": "r"}), "previous_response_id", id="hidden history"),
        pytest.param(ask(cache=lm15.CacheConfig(resource="c")), "a stored cache", id="stored cache"),
        pytest.param(ask(service_tier="ultrafast"), "service_tier=ultrafast", id="a service of unknown price"),
    ],
)
def test_what_nobody_can_bound_is_refused(request_: lm15.Request, what: str) -> None:
    """Under a hard budget there is no guessing."""
    with pytest.raises(lm15.UnsupportedFeatureError, match=f"{what} has no upper bound"):
        bound_of(request_)


@pytest.mark.parametrize(
    ("model", "known"),
    [
        pytest.param("gpt-5-mini", True, id="gpt-5"),
        pytest.param("gpt-4o-2024-08-06", True, id="gpt-4o"),
        pytest.param("gpt-4-turbo", False, id="an older vocabulary"),
        pytest.param("claude-sonnet-4-5", False, id="another maker"),
        pytest.param("gpt-99", False, id="a model of the future"),
    ],
)
def test_only_a_models_own_tokenizer_counts_for_it(model: str, known: bool) -> None:
    """In doubt the bytes count."""
    tokenizer()

    assert (counter_for(model) is not None) is known
