"""The network of the embedded models, compared with the same sums written down plainly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agentflow.errors import ConfigurationError
from agentflow.nano.gguf import Gguf, parse
from agentflow.nano.model import Model
from agentflow.nano.prompt import Cutter, Prompt, Shown
from agentflow.nano.tokens import MARKS, Vocabulary
from agentflow.nano.transformer import Transformer
from tests.nano_files import BILL, KEY, OTHER, TINY, Size, file_of, gguf, model_file, text, vocabulary

FIRST = Shown(OTHER, "total", "12.50")
SECOND = Shown(OTHER + "\nTHANK YOU", "total", "12.50", rejected="9.30")
ASKED = Shown(BILL, "total", rejected="3.25")

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def transformer() -> Transformer:
    return Transformer.from_gguf(parse(model_file()))


def plainly(tensors: Mapping[str, Any], documents: list[list[int]], blocks: list[list[int]], size: Size) -> Array:
    """Chances of the next token after the last block: every token at once, and a table of who sees whom."""
    parts = [*documents, *blocks]
    ids = np.concatenate(parts)
    turns = [*range(len(documents)), *range(1, len(blocks) + 1)]  # in documents' lengths
    position = np.concatenate(
        [size.context * turn + np.arange(len(part)) for turn, part in zip(turns, parts, strict=True)]
    )
    part = np.repeat(np.arange(len(parts)), [len(each) for each in parts])
    k, is_block = part % len(documents), part >= len(documents)
    sees = np.where(
        is_block[:, None],
        np.where(is_block, (k < k[:, None]) | ((k == k[:, None]) & (position <= position[:, None])), k <= k[:, None]),
        part == part[:, None],
    )
    w = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    before = np.where((np.diff(part, prepend=-1) == 0)[:, None], w["token_embd.weight"][np.roll(ids, 1)], 0)
    x = w["token_embd.weight"][ids] + before @ w["token_prev.weight"].T
    for layer in range(size.layers):
        x = plain_layer({name.removeprefix(f"blk.{layer}."): tensor for name, tensor in w.items()}, x, position, sees)
    h = rms(x) * w["output_norm.weight"]
    own = np.flatnonzero(part == len(documents) - 1)
    pointed = softmax((w["pointer_q.weight"] @ h[-1]) @ (h[own] @ w["pointer_k.weight"].T).T / 8)
    gate = 1 / (1 + np.exp(-(w["gate.weight"] @ h[-1] + w["gate.bias"][0])))
    chances = gate * softmax(h[-1] @ w["token_embd.weight"].T)
    np.add.at(chances, ids[own], (1 - gate) * pointed)
    return chances


def plain_layer(w: Mapping[str, Array], x: Array, position: NDArray[Any], sees: NDArray[np.bool_]) -> Array:
    a, heads = rms(x) * w["attn_norm.weight"], len(w["attn_scale"])
    q, k, v = (np.split(a @ w[f"attn_{name}.weight"].T, heads, axis=1) for name in "qkv")
    mixed = []
    for head in range(heads):
        scores = w["attn_scale"][head] * rotated(rms(q[head]), position) @ rotated(rms(k[head]), position).T
        mixed.append(softmax(np.where(sees, scores, -np.inf)) @ v[head])
    x = x + np.concatenate(mixed, axis=1) @ w["attn_output.weight"].T
    return x + np.maximum((rms(x) * w["ffn_norm.weight"]) @ w["ffn_up.weight"].T, 0) ** 2 @ w["ffn_down.weight"].T


def rms(x: Array) -> Array:
    normed: Array = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)
    return normed


def rotated(x: Array, position: NDArray[Any]) -> Array:
    one, two = np.split(x, 2, axis=1)
    angle = position[:, None] * 10_000.0 ** -(np.arange(one.shape[1]) / one.shape[1])
    return np.concatenate([one * np.cos(angle) - two * np.sin(angle), two * np.cos(angle) + one * np.sin(angle)], 1)


def softmax(scores: Array) -> Array:
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    quotient: Array = shares / shares.sum(axis=-1, keepdims=True)
    return quotient


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param([ASKED], id="a document alone"),
        pytest.param([FIRST, ASKED], id="after one that shows how"),
        pytest.param([FIRST, SECOND, FIRST, ASKED], id="after three"),
        pytest.param([Shown("", "date")], id="an empty document"),
        pytest.param([Shown("", "date", ""), Shown("", "date")], id="two empty ones"),
    ],
)
def test_chances_are_what_the_plain_sums_say(transformer: Transformer, shown: list[Shown]) -> None:
    """Parts read apart, kept keys and one token at a time change nothing but rounding."""
    tokens = Cutter(vocabulary(), 512, 128).cut(Prompt(tuple(shown)))
    answer, tensors = vocabulary().encode("15.75 EUR"), parse(model_file()).tensors

    state, chances = transformer.begin([transformer.read(ids) for ids in tokens.documents], tokens.blocks, 1)
    found = [chances, *(transformer.follow(np.array([token]), state) for token in answer)]

    documents, blocks = [list(ids) for ids in tokens.documents], [list(ids) for ids in tokens.blocks]
    for written, row in enumerate(found):
        expected = plainly(tensors, documents, [*blocks[:-1], blocks[-1] + answer[:written]], TINY)
        assert np.abs(row[0] - expected).max() < 1e-4
        assert row.sum() == pytest.approx(1, abs=1e-5)


def test_answers_side_by_side_do_not_see_each_other(transformer: Transformer) -> None:
    """Each row is what it would be alone."""
    tokens = Cutter(vocabulary(), 512, 128).cut(Prompt((ASKED,)))
    page = transformer.read(tokens.documents[0])
    written = [vocabulary().encode("15.75"), vocabulary().encode("12345")]

    together, _ = transformer.begin([page], tokens.blocks, 2)
    for column in zip(*written, strict=True):
        both = transformer.follow(np.array(column), together)

    for row, ids in zip(both, written, strict=True):
        alone, _ = transformer.begin([page], tokens.blocks, 1)
        for token in ids:
            chances = transformer.follow(np.array([token]), alone)
        assert np.abs(chances[0] - row).max() < 1e-5


def test_a_document_is_read_the_same_wherever_it_stands(transformer: Transformer) -> None:
    """So one reading serves every prompt; using it changes nothing in it."""
    tokens = Cutter(vocabulary(), 512, 128).cut(Prompt((FIRST, ASKED)))
    pages = [transformer.read(ids) for ids in tokens.documents]
    before = [page.keys.copy() for page in pages]

    first = transformer.begin(pages, tokens.blocks, 1)[1]
    again = transformer.begin(pages, tokens.blocks, 1)[1]

    assert np.array_equal(first, again)
    assert all(np.array_equal(page.keys, kept) for page, kept in zip(pages, before, strict=True))


# files that hold no such network


def test_a_file_of_another_architecture_is_refused() -> None:
    """The runtime runs one architecture."""
    entries = text("general.architecture") + b"\x08\0\0\0" + text("llama")

    with pytest.raises(ConfigurationError, match="architecture is 'llama'; only 'agentflow-reader'"):
        Transformer.from_gguf(parse(gguf(entries, 1)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"block_count": 3}, r"'blk\.2\.attn_q\.weight' is missing", id="a layer too many"),
        pytest.param({"block_count": 1_000_000}, "is missing", id="a million layers"),
        pytest.param({f"{KEY}.attention.head_count": 3}, "3 heads", id="heads of unequal size"),
        pytest.param({f"{KEY}.attention.head_count": 4}, "attn_scale", id="more heads than scales"),
        pytest.param({"embedding_length": 64}, "expected shape", id="another width"),
        pytest.param({"vocab_size": 400}, "token_embd", id="fewer pieces"),
        pytest.param({"context_length": 100_000}, "100000 places", id="a huge context"),
        pytest.param({"answer_length": 300}, "512 places", id="answers longer than their place"),
        pytest.param({"pointer_length": -1.0}, "above zero", id="a negative length"),
        pytest.param({f"{KEY}.rope.freq_base": float("nan")}, "above zero", id="no number"),
        pytest.param({"context_length": "many"}, "'many'", id="a word for a number"),
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    """The message names the part."""
    with pytest.raises(ConfigurationError, match=message):
        Transformer.from_gguf(parse(model_file(**changes)))


def test_a_model_of_another_vocabulary_is_refused() -> None:
    """Its tokens would mean something else."""
    file = parse(model_file(tokens=("<pad>",)))

    with pytest.raises(ConfigurationError, match="another vocabulary"):
        Model.from_gguf(file, vocabulary())


def test_a_model_of_fewer_pieces_is_refused() -> None:
    """Even when the file lists none."""
    file = parse(model_file())

    with pytest.raises(ConfigurationError, match="another vocabulary"):
        Model.from_gguf(Gguf(file.metadata, {}, file.tensors), Vocabulary([*MARKS, "a"], []))


def test_a_container_without_tensors_is_refused() -> None:
    """Metadata alone is no model."""
    file = parse(file_of({"general.architecture": KEY}, {}))

    with pytest.raises(ConfigurationError, match="says None for"):
        Transformer.from_gguf(file)
