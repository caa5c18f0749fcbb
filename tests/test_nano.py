"""The embedded model: its container, its runtime, its tasks and its adapter."""

from __future__ import annotations

import datetime
import random
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import dspy
import numpy as np
import pytest
from dspy.utils.exceptions import AdapterParseError

from agentflow.errors import ConfigurationError, UnknownModel, UnsupportedSignature
from agentflow.nano import NAMES, catalog, view
from agentflow.nano.adapter import NanoAdapter
from agentflow.nano.gate import GATE, Gate
from agentflow.nano.gguf import parse
from agentflow.nano.model import Model, PromptTooLong, Sampling
from agentflow.nano.tasks import is_prompt, task_of

BILL = "Bill\nSeller: Lunwer GmbH\nDate: 4/10/26\nPrinter 12.50\nSoap 3.25\nTotal 15.75 EUR"
PROMPT = f"X:{BILL}\n="
READ = "Lunwer GmbH|2026-10-04|EUR|12.50+3.25|15.75"
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


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Model:
    return catalog.load(request.param)


def seeded(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def text(content: str) -> bytes:
    return struct.pack("<Q", len(content.encode())) + content.encode()


def gguf(entries: bytes = b"", entry_count: int = 0, infos: bytes = b"", tensor_count: int = 0) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, tensor_count, entry_count) + entries + infos
    return head + b"\0" * (-len(head) % 32)


def info(name: str, shape: tuple[int, ...], kind: int, offset: int = 0) -> bytes:
    dimensions = b"".join(struct.pack("<Q", length) for length in reversed(shape))
    return text(name) + struct.pack("<I", len(shape)) + dimensions + struct.pack("<IQ", kind, offset)


# the container


def test_a_container_gives_its_metadata_and_tensors() -> None:
    """Numbers and strings are read by key; Q8_0 blocks are widened by their scale."""
    entries = text("a.width") + struct.pack("<II", 4, 32) + text("a.name") + struct.pack("<I", 8) + text("tiny")
    blocks = struct.pack("<e32b", 0.5, *range(32))

    file = parse(gguf(entries, 2, info("w", (1, 32), 8), 1) + blocks)

    assert (file.number("a.width"), file.metadata["a.name"]) == (32, "tiny")
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
    whole = (catalog.FOLDER / "nano-s.gguf").read_bytes()
    source = random.Random(7)
    began = time.monotonic()

    for _ in range(60):
        damaged = bytearray(whole[: source.randrange(len(whole))] if source.random() < 0.5 else whole)
        for _ in range(4):
            damaged[source.randrange(min(len(damaged), 9_000))] = source.randrange(256)
        try:
            Model.from_gguf(parse(bytes(damaged)))
        except ConfigurationError:
            continue

    assert time.monotonic() - began < 30


def test_a_file_of_another_architecture_is_refused() -> None:
    """The runtime runs Llama-style models only."""
    entries = text("general.architecture") + struct.pack("<I", 8) + text("mamba")

    with pytest.raises(ConfigurationError, match="architecture is 'mamba'"):
        Model.from_gguf(parse(gguf(entries, 1)))


def test_weights_with_a_wrong_checksum_are_refused(tmp_path: Path) -> None:
    """A changed file is not run."""
    (tmp_path / "nano-s.gguf").write_bytes(b"changed")
    (tmp_path / "SHA256SUMS").write_text((catalog.FOLDER / "SHA256SUMS").read_text())

    with pytest.raises(ConfigurationError, match=r"checksum .* install agentflow again"):
        catalog.read_checked(tmp_path / "nano-s.gguf")


def test_missing_weights_are_a_configuration_error(tmp_path: Path) -> None:
    """The message names the file and the way out."""
    with pytest.raises(ConfigurationError, match=r"nano-s\.gguf cannot be read"):
        catalog.read_checked(tmp_path / "nano-s.gguf")


def test_an_unknown_name_lists_what_ships() -> None:
    """Nobody has to guess the names."""
    with pytest.raises(UnknownModel, match="nano-s, nano-m"):
        catalog.load("nano-xl")


def test_a_model_is_loaded_once_however_many_threads_ask() -> None:
    """All threads share one set of weights."""
    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(catalog.load, ["nano-s"] * 16))

    assert len({id(model) for model in models}) == 1


# the runtime


def test_a_receipt_in_a_trained_layout_is_read_right(model: Model) -> None:
    """This is real inference with the weights that ship."""
    assert model.answers(PROMPT, Sampling(), seeded(), 1)[0].text == READ


def test_the_likeliest_answer_does_not_depend_on_randomness(model: Model) -> None:
    """At temperature 0 every seed gives the same text."""
    answers = {model.answers(PROMPT, Sampling(), seeded(seed), 1)[0] for seed in range(3)}

    assert len(answers) == 1


def test_equal_seeds_give_equal_samples_and_others_differ() -> None:
    """Sampling is a function of prompt and seed."""
    sampling, garbled = Sampling(max_tokens=24, temperature=1.5), "X:zq kx 8\n="

    first, again, other = (catalog.load("nano-s").answers(garbled, sampling, seeded(n), 1)[0] for n in (1, 1, 2))

    assert first == again
    assert first.text != other.text


def test_usage_counts_every_token_read_and_written(model: Model) -> None:
    """One per byte, one to begin, one to end."""
    answer = model.answers(PROMPT, Sampling(), seeded(), 1)[0]

    assert answer.input_tokens == 1 + len(PROMPT.encode()) == model.count_tokens(PROMPT)
    assert answer.output_tokens == len(READ) + 1
    assert (answer.finish, answer.mean_logprob < 0) == ("stop", True)


def test_side_by_side_answers_equal_one_by_one(model: Model) -> None:
    """Reading the prompt once for many answers changes none of them."""
    answers = model.answers(PROMPT, Sampling(), seeded(), 5)

    assert {answer.text for answer in answers} == {READ}
    assert len({answer.output_tokens for answer in answers}) == 1


def test_pieces_come_one_by_one_and_make_the_answer(model: Model) -> None:
    """Streaming stops the model between tokens and loses nothing."""
    writing = model.stream(PROMPT, Sampling(), seeded())

    pieces = iter(writing)
    first = next(pieces)

    assert (first, writing.answer.output_tokens) == ("L", 1)
    assert first + "".join(pieces) == READ == writing.answer.text


def test_an_answer_ends_at_its_cap(model: Model) -> None:
    """A cut answer says so."""
    answer = model.answers(PROMPT, Sampling(max_tokens=5), seeded(), 1)[0]

    assert (answer.text, answer.output_tokens, answer.finish) == (READ[:5], 5, "length")


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        pytest.param(("|",), "Lunwer GmbH", id="at one character"),
        pytest.param(("|2026-99", "GmbH|20"), "Lunwer ", id="at the text that comes first"),
        pytest.param(("EURO",), READ, id="not at a mere beginning"),
    ],
)
def test_a_stop_text_ends_the_answer_before_it(stop: tuple[str, ...], text: str) -> None:
    """Nothing of a stop text is ever given out, not even while streaming."""
    writing = catalog.load("nano-s").stream(PROMPT, Sampling(stop=stop), seeded())

    assert "".join(writing) == text == writing.answer.text
    assert writing.answer.finish == "stop"


def test_a_cancelled_answer_stops_before_its_next_token(model: Model) -> None:
    """The question is asked before each token."""
    asked = iter([False, False, False, True])

    writing = model.stream(PROMPT, Sampling(), seeded(), lambda: next(asked))

    assert "".join(writing) == READ[:3]
    assert (writing.answer.finish, writing.answer.output_tokens) == ("cancelled", 3)


@pytest.mark.parametrize("size", [511, 512, 100_000])
def test_a_prompt_beyond_the_context_is_refused(size: int) -> None:
    """It is not cut in silence."""
    with pytest.raises(PromptTooLong, match="context 512"):
        catalog.load("nano-s").stream("x" * size, Sampling(), seeded())


def test_the_longest_prompt_leaves_room_for_one_token(model: Model) -> None:
    """The last place of the context can be used."""
    assert model.answers("x" * 510, Sampling(), seeded(), 1)[0].output_tokens == 1


def test_sixty_threads_give_what_one_gives() -> None:
    """Weights are shared, caches are not."""
    model = catalog.load("nano-s")

    def sample(seed: int) -> Any:
        return model.answers(PROMPT, Sampling(max_tokens=12, temperature=2.0), seeded(seed), 1)[0]

    with ThreadPoolExecutor(60) as threads:
        together = list(threads.map(sample, range(60)))

    assert together == [sample(seed) for seed in range(60)]


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


# the tasks and the adapter


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

    answer = catalog.load("nano-s").answers(prompt, Sampling(max_tokens=8), seeded(), 1)[0]

    assert 1 <= answer.output_tokens <= 8


@pytest.mark.parametrize(
    ("text", "date"),
    [
        pytest.param("Shop\n12/03/2018 14:25\nTotal 1.00", "12/03/2018", id="beside a time"),
        pytest.param("Due: 01.02.2020\nPaid 05.01.2020", "05.01.2020", id="rather than a deadline"),
        pytest.param("Printed 01.02.2020\nInvoice date: 2020-01-05", "2020-01-05", id="the labelled one"),
        pytest.param("Tel 07-3507405\n3rd of March 2021", "3rd of March 2021", id="in words"),
        pytest.param("JUL 9, 2019", "JUL 9, 2019", id="month first"),
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
