"""What the embedded model is asked: a field of a document, after other documents with their answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from agentflow.errors import AgentFlowError
from agentflow.nano.tokens import ANSWER, DOC, FIELDS, NOT, Vocabulary, field_token
from agentflow.nano.transformer import MOST_DOCUMENTS, Ids

_QUESTION = re.compile(rf"({'|'.join(FIELDS)}):(?: not (.+))?")


class PromptTooLong(AgentFlowError):
    """The prompt does not fit into the model's context."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One document and the question about it."""

    text: str
    field: str
    """One of `tokens.FIELDS`."""
    answer: str | None = None
    """As it stands in the text. None: the model is asked for it."""
    rejected: str = ""
    """An answer that was given before and is wrong; empty: none."""

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise ValueError(f"{self.field!r} is none of {', '.join(FIELDS)}")

    @property
    def question(self) -> str:
        """What a message says of it: the field and what is wrong on the first line, then the text."""
        rejected = " ".join(self.rejected.split())
        return f"{self.field}:{f' not {rejected}' if rejected else ''}\n{self.text}"

    @classmethod
    def of(cls, question: str, answer: str | None) -> Shown:
        """What `question` said. Raises `ValueError` for any other text."""
        first, _, text = question.partition("\n")
        asked = _QUESTION.fullmatch(first)
        if asked is None or len(first) == len(question):
            raise ValueError(f"{first[:40]!r} asks for none of {', '.join(FIELDS)}")
        return cls(text, asked[1], answer, asked[2] or "")


@dataclass(frozen=True, slots=True)
class Prompt:
    """Documents in the order in which they are read; the last one is asked about, the others show how."""

    documents: tuple[Shown, ...]

    def __post_init__(self) -> None:
        if [shown.answer is None for shown in self.documents] != [False] * (len(self.documents) - 1) + [True]:
            raise ValueError("the last document of a prompt has no answer, and every other one has one")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A prompt as the network reads it."""

    documents: tuple[Ids, ...]
    blocks: tuple[Ids, ...]
    """One question per document, followed by its answer for all but the last."""

    @property
    def count(self) -> int:
        """Every token that is read."""
        return sum(map(len, (*self.documents, *self.blocks)))


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts prompts into the tokens of one model."""

    vocabulary: Vocabulary
    context: int
    """Most tokens of one document, its mark included."""
    answer: int
    """Most tokens of one answer."""

    def cut(self, prompt: Prompt) -> Tokens:
        """The tokens of *prompt*. Raises `PromptTooLong`."""
        if len(prompt.documents) > MOST_DOCUMENTS:
            count = len(prompt.documents)
            raise PromptTooLong(f"the prompt has {count} documents, the model reads {MOST_DOCUMENTS}; leave some out")
        documents = [[DOC, *self._within(shown.text, self.context - 1, "a document")] for shown in prompt.documents]
        blocks = [self._block(shown) for shown in prompt.documents]
        return Tokens(tuple(map(np.array, documents)), tuple(map(np.array, blocks)))

    def _block(self, shown: Shown) -> list[int]:
        block = [field_token(shown.field)]
        if shown.rejected:
            block += [NOT, *self._within(as_it_stands(shown.rejected, shown.text), self.answer, "a rejected answer")]
        return [*block, ANSWER, *self._within(as_it_stands(shown.answer or "", shown.text), self.answer, "an answer")]

    def _within(self, text: str, most: int, what: str) -> list[int]:
        """The tokens of *text*; one that cannot fit is refused before it is cut."""
        least = -(-len(text) // self.vocabulary.longest_piece)
        tokens = self.vocabulary.encode(text) if least <= most else []
        count = len(tokens) or least
        if count > most:
            raise PromptTooLong(f"{what} of the prompt has at least {count} tokens, the model reads {most}; shorten it")
        return tokens


def as_it_stands(answer: str, text: str) -> str:
    """*answer* with its line breaks, and the space before it inside a line, so that it is cut into the same pieces."""
    found = re.search(r"\s".join(map(re.escape, answer.split(" "))), text) if answer else None
    if found is None or "|" in answer:
        return answer
    before = " " if text[: found.start()].endswith(" ") and not answer[0].isdigit() else ""
    return before + found[0]
