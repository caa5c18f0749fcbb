"""The embedded model: its container and its runtime."""

from __future__ import annotations

import random
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentflow.errors import ConfigurationError, UnknownModel
from agentflow.nano import NAMES, catalog
from agentflow.nano.gate import GATE, Gate
from agentflow.nano.gguf import parse
from agentflow.nano.model import Model, PromptTooLong, Sampling

pytestmark = pytest.mark.slow

BILL = "Bill\nSeller: Lunwer GmbH\nDate: 4/10/26\nPrinter 12.50\nSoap 3.25\nTotal 15.75 EUR"
PROMPT = f"X:{BILL}\n="
READ = "Lunwer GmbH|2026-10-04|EUR|12.50+3.25|15.75"


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
