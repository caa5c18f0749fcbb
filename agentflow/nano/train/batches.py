"""Receipts as padded arrays of tokens: several groups, every receipt asked several questions at once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from agentflow.nano.page import page, plain
from agentflow.nano.printed import NONE
from agentflow.nano.prompt import as_it_stands
from agentflow.nano.tokens import ANSWER, DOC, END, FIELDS, NOT, Vocabulary, field_token
from agentflow.nano.train.generate import group
from agentflow.nano.train.receipt import Receipt

Ints = NDArray[np.int64]

LONGEST_DOCUMENT = 512
LONGEST_ANSWER = 100
"""Tokens of a block; a longer one is not learned."""
OCCURRENCES = 6
"""Places in a document where the same answer may be pointed at."""
REJECTED = 0.12
"""How often a question says which wrong answer was rejected before."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """What `network.Batch` holds, before it becomes tensors."""

    documents: Ints
    blocks: Ints
    field: Ints
    shot: Ints
    offset: Ints
    target: Ints
    source: Ints
    demonstrated: Ints


@dataclass(frozen=True, slots=True)
class Group:
    """Receipts of one layout as tokens."""

    documents: list[list[int]]
    blocks: list[tuple[int, int, list[int], int]]
    """Question, index of its document, tokens, and how many of them are the question."""

    @property
    def size(self) -> int:
        """Tokens of its longest document."""
        return max(map(len, self.documents))


def encoded(receipts: Sequence[Receipt], vocabulary: Vocabulary, rng: random.Random, fields: Sequence[str]) -> Group:
    """One group; *fields* are asked of each of its receipts."""
    documents, blocks = [], []
    for shot, receipt in enumerate(receipts):
        text = page(receipt.text, vocabulary, LONGEST_DOCUMENT - 1)
        documents.append([DOC, *vocabulary.encode(text)])
        for field in fields:
            question = [field_token(field)]
            wrong = receipt.wrong.get(field, ())
            if wrong and rng.random() < REJECTED:
                question += [NOT, *vocabulary.encode(as_it_stands(plain(rng.choice(wrong)), text))]
            question.append(ANSWER)
            answer = plain(receipt.answers.get(field, NONE))
            whole = [*question, *vocabulary.encode(as_it_stands(answer, text)), END]
            if len(whole) <= LONGEST_ANSWER and is_shown(answer, text):
                blocks.append((FIELDS.index(field), shot, whole, len(question)))
    return Group(documents, blocks)


def is_shown(answer: str, text: str) -> bool:
    """Whether a page holds what is needed to answer: a long receipt's is not whole."""
    parts = answer.replace("\n", " ").replace("|", " ").split()
    return answer == NONE or all(part in text for part in parts)


def occurrences(answer: Sequence[int], document: Sequence[int]) -> list[int]:
    """Where *answer* begins in *document*, the first few places; empty when it does not stand there in one piece."""
    n = len(answer)
    if not n:
        return []
    starts = (at for at in range(len(document) - n + 1) if document[at] == answer[0])
    return list(islice((at for at in starts if document[at : at + n] == list(answer)), OCCURRENCES))


def arrays(groups: Sequence[Group], demonstrated: Sequence[bool]) -> Arrays:
    """Groups with the same number of documents, padded to the longest."""
    length = -(-max(item.size for item in groups) // 32) * 32
    documents = np.zeros((len(groups), len(groups[0].documents), length), np.int64)
    width = max(1, *(sum(len(block[2]) - 1 for block in item.blocks) for item in groups))
    source = np.full((len(groups), width, OCCURRENCES), -1, np.int64)
    blocks, shot, offset = (np.zeros((len(groups), width), np.int64) for _ in range(3))
    field, target = (np.full((len(groups), width), -1, np.int64) for _ in range(2))
    for g, item in enumerate(groups):
        for k, tokens in enumerate(item.documents):
            documents[g, k, : len(tokens)] = tokens
        at = 0
        for asked, k, tokens, question in item.blocks:
            n = len(tokens) - 1
            places = occurrences(tokens[question:-1], item.documents[k])
            for j, place in enumerate(places):
                source[g, at + question - 1 : at + n - 1, j] = np.arange(place, place + n - question)
            here = slice(at, at + n)
            blocks[g, here], field[g, here], shot[g, here] = tokens[:-1], asked, k
            offset[g, here] = np.arange(n)
            target[g, at + question - 1 : at + n] = tokens[question:]
            at += n
    return Arrays(documents, blocks, field, shot, offset, target, source, np.array(demonstrated))


def stream(vocabulary: Vocabulary, seed: int, tokens: int) -> Iterator[Arrays]:
    """Batches of about *tokens* document tokens, without end: alone, or three and four with demonstrations."""
    rng = random.Random(seed)
    number = seed * 10_000_000
    while True:
        shots = rng.choice((1, 1, 3, 4))
        fields = _asked(rng, shots)
        pool = []
        for _ in range(max(1, 16 * tokens // (330 * shots * 4))):
            number += 1
            pool.append(encoded(group("seen", number, shots), vocabulary, rng, fields))
        pool.sort(key=lambda item: item.size)
        batches: list[list[Group]] = []
        here: list[Group] = []
        for item in pool:
            if here and (len(here) + 1) * item.size * shots > tokens:
                batches.append(here)
                here = []
            here.append(item)
        batches.append(here)
        rng.shuffle(batches)
        for batch in batches:
            if any(item.blocks for item in batch):
                yield arrays(batch, [shots > 1] * len(batch))


def _asked(rng: random.Random, shots: int) -> list[str]:
    """Questions of a pool: the first three always, of several documents fewer, so that blocks do not outgrow them."""
    if shots > 1:
        return rng.sample(FIELDS[:3], 2) + rng.sample(FIELDS[3:7], 1)
    return [*FIELDS[:7], *(["items"] if rng.random() < 0.25 else [])]
