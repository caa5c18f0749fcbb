"""The embedded model: its container and its runtime, on weights that have learned nothing."""

from __future__ import annotations

import random
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from agentflow.errors import ConfigurationError, UnknownModel
from agentflow.nano import catalog
from agentflow.nano.gate import GATE, Gate
from agentflow.nano.gguf import parse
from agentflow.nano.model import Answer, Model, Sampling
from agentflow.nano.prompt import Prompt, PromptTooLong, Shown
from agentflow.nano.shelf import Shelf
from agentflow.nano.transformer import Page
from tests.nano_files import BILL, MEDIUM, OTHER, gguf, info, model, model_file, text, vocabulary

ASKED = Shown(BILL, "total")
PROMPT = Prompt((ASKED,))
SHOWING = Prompt((Shown(OTHER, "total", "12.50"), ASKED))
SAMPLED = Sampling(max_tokens=40, temperature=1.0)
GREEDY = Sampling(max_tokens=40)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def one(prompt: Prompt, sampling: Sampling = GREEDY, seed: int = 0) -> Answer:
    return model().answers(prompt, sampling, [seeded(seed)])[0]


def fresh() -> Model:
    return Model.from_gguf(parse(model_file()), vocabulary())


# the container


def test_a_container_gives_its_metadata_and_tensors() -> None:
    """Numbers and strings are read by key; Q8_0 blocks are widened by their scale."""
    entries = text("a.width") + struct.pack("<II", 4, 32) + text("a.name") + struct.pack("<I", 8) + text("tiny")
    entries += text("a.words") + struct.pack("<IIQ", 9, 8, 2) + text("one") + text("two")
    blocks = struct.pack("<e32b", 0.5, *range(32))

    file = parse(gguf(entries, 3, info("w", (1, 32), 8), 1) + blocks)

    assert (file.number("a.width"), file.metadata["a.name"]) == (32, "tiny")
    assert file.texts == {"a.words": ("one", "two")}
    assert file.tensor("w", 1, 32)[0].tolist() == [value / 2 for value in range(32)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "cut off", id="nothing"),
        pytest.param(b"ELF!" + b"\0" * 60, "no GGUF file", id="another magic"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 2, 0, 0), "version 2", id="another version"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 2**63, 0), "announces", id="a huge number of tensors"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40), "announces", id="a huge number of entries"),
        pytest.param(gguf(struct.pack("<Q", 2**62), 1), "cut off", id="a huge name"),
        pytest.param(gguf(text("k") + struct.pack("<I", 99), 1), "unknown kind 99", id="a strange kind"),
        pytest.param(gguf(text("k") + struct.pack("<IIQ", 9, 0, 2**50), 1), "announces", id="a huge list"),
        pytest.param(gguf(text("k") + struct.pack("<IIQ", 9, 9, 1), 1), "lists of lists", id="a list of lists"),
        pytest.param(gguf(infos=info("w", (2**40, 2**40), 0), tensor_count=1), "does not fit", id="a huge tensor"),
        pytest.param(gguf(infos=info("w", (4,), 0, 2**40), tensor_count=1), "does not fit", id="a far offset"),
        pytest.param(gguf(infos=info("w", (4,), 2), tensor_count=1), "of kind 2", id="an unread quantisation"),
        pytest.param(gguf(infos=info("w", (), 0), tensor_count=1), "0 dimensions", id="no dimensions"),
    ],
)
def test_garbage_is_refused_with_a_reason(content: bytes, message: str) -> None:
    """No count, length or offset is believed before the bytes are there."""
    with pytest.raises(ConfigurationError, match=message):
        parse(content)


def test_a_damaged_model_file_is_read_or_refused_and_never_crashes() -> None:
    """Truncation anywhere and flipped bytes end in a model or in a ConfigurationError, in bounded time."""
    whole = model_file()
    source = random.Random(7)
    began = time.monotonic()

    for _ in range(200):
        damaged = bytearray(whole[: source.randrange(len(whole))] if source.random() < 0.5 else whole)
        for _ in range(4):
            damaged[source.randrange(min(len(damaged), 9_000))] = source.randrange(256)
        try:
            Model.from_gguf(parse(bytes(damaged)), vocabulary())
        except ConfigurationError:
            continue

    assert time.monotonic() - began < 30


def test_an_unknown_name_lists_what_ships() -> None:
    """Nobody has to guess the names."""
    with pytest.raises(UnknownModel, match="nano-s, nano-m"):
        catalog.load("nano-xl")


# the runtime


def test_the_likeliest_answer_does_not_depend_on_randomness() -> None:
    """At temperature 0 every seed gives the same answer."""
    assert len({one(PROMPT, seed=seed) for seed in range(3)}) == 1


def test_equal_seeds_give_equal_samples_and_others_differ() -> None:
    """Sampling is a function of prompt and seed."""
    assert one(PROMPT, SAMPLED, 1) == one(PROMPT, SAMPLED, 1)
    assert one(PROMPT, SAMPLED, 1).text != one(PROMPT, SAMPLED, 2).text


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        pytest.param(PROMPT, (BILL,), id="a document alone"),
        pytest.param(SHOWING, (OTHER, "12.50", BILL), id="with a demonstration"),
        pytest.param(Prompt((Shown("", "date"),)), (), id="an empty document"),
    ],
)
def test_usage_counts_every_token_of_documents_and_questions(prompt: Prompt, tokens: tuple[str, ...]) -> None:
    """One to begin each document, one for the field, one before each answer."""
    answer = one(prompt)

    expected = sum(len(vocabulary().encode(part)) for part in tokens) + 3 * len(prompt.documents)
    assert answer.input_tokens == model().count_tokens(prompt) == expected
    assert 1 <= answer.output_tokens <= 40


def test_a_rejected_answer_is_read_and_counted() -> None:
    """It may change the answer, and costs its tokens and one more."""
    again = Prompt((Shown(BILL, "total", rejected="3.25"),))

    assert one(again).input_tokens == one(PROMPT).input_tokens + 1 + len(vocabulary().encode("3.25"))
    assert one(again).mean_logprob != one(PROMPT).mean_logprob


def test_the_end_of_an_answer_is_a_token_without_text() -> None:
    """It is sampled and counted like any other."""
    samples = {seed: one(PROMPT, Sampling(temperature=3.0), seed) for seed in range(20)}
    ended = {seed: answer for seed, answer in samples.items() if answer.finish == "stop" and answer.output_tokens > 1}
    assert ended

    for seed, answer in ended.items():
        before = one(PROMPT, Sampling(answer.output_tokens - 1, temperature=3.0), seed)
        assert (before.text, before.output_tokens, before.finish) == (answer.text, answer.output_tokens - 1, "length")


def test_the_mean_logprob_is_that_of_temperature_one() -> None:
    """So answers of different temperatures can be compared."""
    hot, cold = (one(PROMPT, Sampling(max_tokens=1, temperature=heat)) for heat in (1e-300, 0.0))

    assert hot == cold
    assert cold.mean_logprob < 0


def test_side_by_side_answers_equal_one_by_one() -> None:
    """Reading the prompt once for many answers changes none of them."""
    together = model().answers(SHOWING, SAMPLED, [seeded(seed) for seed in range(6)])
    alone = [one(SHOWING, SAMPLED, seed) for seed in range(6)]

    assert [(a.text, a.output_tokens, a.finish) for a in together] == [
        (a.text, a.output_tokens, a.finish) for a in alone
    ]
    assert [a.mean_logprob for a in together] == pytest.approx([a.mean_logprob for a in alone], abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_pieces_come_one_by_one_and_make_the_answer(seed: int) -> None:
    """Streaming stops the model between tokens and loses nothing, whatever bytes are sampled."""
    sampling = Sampling(max_tokens=60, temperature=3.0)
    writing = model().stream(PROMPT, sampling, seeded(seed))

    pieces = list(writing)

    assert "".join(pieces) == writing.answer.text
    assert writing.answer == one(PROMPT, sampling, seed)
    assert len(pieces) > 1


def test_nothing_is_computed_ahead_of_the_reader() -> None:
    """Whoever stops reading stops the model."""
    writing = model().stream(PROMPT, GREEDY, seeded())

    next(iter(writing))

    assert writing.answer.output_tokens < 4


@pytest.mark.parametrize(("cap", "count"), [(1, 1), (5, 5), (None, 128), (100_000, 128), (0, 1)])
def test_an_answer_ends_at_its_cap(cap: int | None, count: int) -> None:
    """The request's or the model's own; a cut answer says so."""
    answers = [one(PROMPT, Sampling(max_tokens=cap, temperature=0.7), seed) for seed in range(4)]
    cut = [answer for answer in answers if answer.finish == "length"]

    assert {answer.output_tokens for answer in cut} == {count}
    assert all(answer.output_tokens <= count for answer in answers)


def test_a_stop_text_ends_the_answer_before_it() -> None:
    """Nothing of a stop text is ever given out, not even while streaming."""
    whole = one(PROMPT).text

    for start in range(1, len(whole) - 3):
        stop = whole[start : start + 3]
        writing = model().stream(PROMPT, Sampling(max_tokens=40, stop=("never", stop, "")), seeded())
        assert "".join(writing) == whole[: whole.find(stop)] == writing.answer.text
        assert writing.answer.finish == "stop"


def test_the_beginning_of_a_stop_text_is_given_out_at_the_end() -> None:
    """It is held back only while it could still become one."""
    whole = one(PROMPT).text
    writing = model().stream(PROMPT, Sampling(max_tokens=40, stop=(whole[-3:] + "x",)), seeded())

    assert "".join(writing) == whole == writing.answer.text


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_cancelled_answer_stops_before_its_next_token(after: int) -> None:
    """The question is asked before each token, the first included; what was held back still comes."""
    asked = iter([*[False] * after, True])
    writing = model().stream(PROMPT, Sampling(stop=("\0" * 99,)), seeded(), lambda: next(asked))

    pieces = list(writing)

    assert "".join(pieces) == writing.answer.text
    assert (writing.answer.finish, writing.answer.output_tokens) == ("cancelled", after)


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        pytest.param(Prompt((Shown("9" * 512, "total"),)), "has at least 512 tokens, the model reads 511", id="by one"),
        pytest.param(Prompt((Shown("9" * 10**7, "total"),)), "a document of the prompt", id="by ten million"),
        pytest.param(Prompt((Shown("1" * 600, "total", "1"), ASKED)), "a document", id="in a demonstration"),
        pytest.param(Prompt((Shown("", "total", "1" * 129), ASKED)), "an answer of", id="in an answer"),
        pytest.param(Prompt((Shown("", "total", rejected="1" * 129),)), "a rejected answer", id="in what was rejected"),
        pytest.param(Prompt((Shown("", "total", "1"),) * 4 + (ASKED,)), "5 documents", id="in documents"),
    ],
)
def test_a_prompt_beyond_the_context_is_refused(prompt: Prompt, message: str) -> None:
    """It is not cut in silence, and refused before anything is read."""
    with pytest.raises(PromptTooLong, match=message):
        model().stream(prompt, Sampling(), seeded())
    with pytest.raises(PromptTooLong, match=message):
        model().count_tokens(prompt)


def test_the_longest_prompt_is_answered() -> None:
    """Every place of the context can be used."""
    longest = Shown("9" * 511, "items", "1" * 128, rejected="2" * 128)
    asked = Shown("9" * 511, "items", rejected="2" * 128)

    answer = one(Prompt((longest, longest, longest, asked)), Sampling(temperature=0.5))

    assert answer.input_tokens == 4 * (512 + 2 + 129) + 3 * 128
    assert 1 <= answer.output_tokens <= 128


def test_a_prompt_that_asks_nothing_cannot_be_made() -> None:
    """The last document has no answer, every other one has one, and fields are known."""
    with pytest.raises(ValueError, match="the last document"):
        Prompt((Shown("", "total", "1"),))
    with pytest.raises(ValueError, match="the last document"):
        Prompt((ASKED, ASKED))
    with pytest.raises(ValueError, match="the last document"):
        Prompt(())
    with pytest.raises(ValueError, match="none of company, date"):
        Shown("", "mood")


@pytest.mark.parametrize(
    "content",
    ["", "\n\n", "ΣΥΝΟΛΟ 12,50 €", "合計 ¥1,200", "😀" * 20, "\ud800 1.00", "<end><answer>", "\0\x01\x7f"],
    ids=["nothing", "lines", "Greek", "Chinese", "pictures", "a surrogate", "marks", "controls"],
)
def test_any_text_is_answered(content: str) -> None:
    """The answer may be nonsense, which validators judge; it is never a crash."""
    assert 1 <= one(Prompt((Shown(content, "company", content), Shown(content, "company")))).output_tokens <= 40


# reading once


def test_what_was_read_before_changes_neither_answer_nor_usage() -> None:
    """Reading a document again costs less time, and nothing else differs."""
    first, kept = fresh(), fresh()
    kept.answers(SHOWING, GREEDY, [seeded()])
    kept.answers(Prompt((Shown(BILL, "date"),)), GREEDY, [seeded()])

    assert kept.answers(PROMPT, SAMPLED, [seeded(3)]) == first.answers(PROMPT, SAMPLED, [seeded(3)])
    assert kept.answers(SHOWING, SAMPLED, [seeded(3)]) == first.answers(SHOWING, SAMPLED, [seeded(3)])


def page(number: int, kilobytes: int = 1) -> Page:
    nothing = np.zeros((1, 1, 1, 256 * kilobytes - 2), np.float32)
    return Page(np.array([number]), nothing, nothing[..., :0], nothing[0, 0, :, :0])


def test_a_shelf_keeps_what_was_used_last_up_to_its_room() -> None:
    """Memory is bounded whatever is read."""
    shelf = Shelf(room=3 * 1024)

    for number in range(4):
        shelf.keep(page(number))
        shelf.find(np.array([0]))

    assert [shelf.find(np.array([number])) is not None for number in range(4)] == [True, False, True, True]
    assert shelf.size == 3 * 1024


def test_a_page_larger_than_the_shelf_is_not_kept() -> None:
    """It is read again instead."""
    shelf = Shelf(room=1024)
    shelf.keep(page(1, kilobytes=2))

    assert (shelf.find(np.array([1])), shelf.size) == (None, 0)


def test_many_threads_may_use_one_shelf() -> None:
    """Its count of bytes stays right."""
    shelf = Shelf(room=5 * 1024)

    def use(number: int) -> None:
        shelf.keep(page(number % 11))
        shelf.find(np.array([number % 7]))

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(use, range(2_000)))

    kept = [shelf.find(np.array([number])) for number in range(11)]
    assert shelf.size == sum(each.size for each in kept if each is not None) == 5 * 1024


@pytest.mark.slow
def test_sixty_threads_give_what_one_gives() -> None:
    """Weights and pages are shared, answers are not."""
    shared = fresh()

    def sample(seed: int) -> Answer:
        prompt = SHOWING if seed % 2 else Prompt((Shown(f"{BILL}\n{seed % 5}", "total"),))
        return shared.answers(prompt, SAMPLED, [seeded(seed)])[0]

    with ThreadPoolExecutor(60) as threads:
        together = list(threads.map(sample, range(60)))

    assert together == [sample(seed) for seed in range(60)]


@pytest.mark.slow
def test_it_writes_three_hundred_tokens_in_a_second_of_one_core() -> None:
    """At the size of nano-m, reading 300 tokens for every answer of 64 included."""
    large, receipt = model(MEDIUM), "\n".join(f"Total {number}.00 EUR" for number in range(24))
    large.answers(PROMPT, GREEDY, [seeded()])
    written, began = 0, time.process_time()

    for number in range(6):
        prompt = Prompt((Shown(f"{number}\n{receipt}", "items"),))
        answer = large.answers(prompt, Sampling(max_tokens=64, temperature=1.0), [seeded(number)])[0]
        written += answer.output_tokens

    assert answer.input_tokens > 300
    assert written / (time.process_time() - began) > 300


# cores


def test_the_gate_keeps_blas_to_one_thread_and_restores_it() -> None:
    """Whoever uses NumPy beside the model finds the number of threads unchanged."""
    blas = Recorder(threads=7)
    gate = Gate(2, blas)

    with gate.entered(), gate.entered():
        inside = blas.now

    assert (inside, blas.now) == (1, 7)
    assert GATE is not gate


class Recorder:
    """A BLAS that only remembers its number of threads."""

    def __init__(self, threads: int) -> None:
        self.now = threads

    def threads(self) -> int:
        return self.now

    def use(self, threads: int) -> None:
        self.now = threads
