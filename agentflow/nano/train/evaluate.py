"""Figures of the shipped models: `python -m agentflow.nano.train.evaluate --json`, with the runtime that users have.

Every split is asked for company, date and total, greedily, with nobody checking; a record is right when all three are.
An answer is right when it means what was meant: companies without regard to case, spaces and punctuation, dates by
their day, amounts by their value. Answers as printed count too where the print was damaged.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from agentflow.intervals import wilson
from agentflow.nano import NAMES
from agentflow.nano.catalog import load
from agentflow.nano.model import Answer, Model, Sampling
from agentflow.nano.page import page, plain
from agentflow.nano.printed import NONE, read_date, read_number
from agentflow.nano.prompt import Prompt, Shown
from agentflow.nano.tokens import Vocabulary
from agentflow.nano.train import third
from agentflow.nano.train.generate import group

ASKED: Final = ("company", "date", "total")
SHORT: Final = (*ASKED, "address", "number", "subtotal", "tax")
"""What demonstrations are measured on."""
Split = Literal["seen", "unseen"]
SHOTS: Final[Mapping[str, int]] = {"alone": 0, "after 1 demo": 1, "after 3 demos": 3}
_FIRST: Final = 8_000_000
"""Seeds from here on are used for nothing but figures."""


@dataclass(frozen=True, slots=True)
class Question:
    """One field of one receipt."""

    split: str
    receipt: int
    field: str
    text: str
    right: tuple[str, ...]
    """Answers that count: what was meant, and what is printed."""
    demos: tuple[Shown, ...] = ()


def main() -> None:
    """Print the figures of every model on every split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="*", default=list(NAMES), choices=NAMES)
    parser.add_argument("--count", type=int, default=300, help="receipts of each generated split")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figures", type=Path, help="print these instead of measuring")
    parser.add_argument("--markdown", action="store_true", help="as the rows of the card's table")
    options = parser.parse_args()
    if options.figures:
        figures = json.loads(options.figures.read_text(encoding="utf-8"))
    else:
        figures = {name: measured(load(name), options.count) for name in options.models}
    if options.markdown:
        sys.stdout.write("".join(f"{row}\n" for row in rows_of(figures)))
        return
    if options.json:
        json.dump(figures, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    for name, splits in figures.items():
        for split, fields in splits.items():
            shares = "  ".join(f"{field} {_percent(share)}" for field, share in fields.items())
            sys.stdout.write(f"{name} {split:12} {shares}\n")


def rows_of(figures: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]) -> Iterator[str]:
    """The tables of the card: single receipts, and the same question after demonstrations."""
    for splits, columns in ((("seen", "unseen", "third"), (*ASKED, "record")), (tuple(SHOTS), (*SHORT, "every"))):
        yield f"| model | split | {' | '.join(columns)} |"
        yield "|---" * (2 + len(columns)) + "|"
        for name, measured_on in figures.items():
            for split in splits:
                shares = " | ".join(_percent(measured_on[split][column]) for column in columns)
                yield f"| {name} | {split} | {shares} |"
        yield ""


def measured(model: Model, count: int) -> dict[str, dict[str, dict[str, float]]]:
    """By split and field: n, right, share and its 95 % interval; `record` is ASKED at once, `every` each answer."""
    return {
        "seen": _share_of(model, generated("seen", count)),
        "unseen": _share_of(model, generated("unseen", count)),
        "third": _share_of(model, by_hand()),
        **{name: _share_of(model, demonstrated(count // 2, shots)) for name, shots in SHOTS.items()},
    }


def generated(split: Split, count: int) -> Iterator[Question]:
    """Single receipts of *split*, each of its own layout."""
    for number in range(count):
        (receipt,) = group(split, _FIRST + number, 1)
        for field in ASKED:
            right = (receipt.values.get(field, NONE), receipt.answers.get(field, NONE))
            yield Question(split, number, field, receipt.text, right)


def by_hand() -> Iterator[Question]:
    """The receipts that were written by hand, apart from the generator."""
    for number, receipt in enumerate(third.receipts()):
        for field in ASKED:
            yield Question("third", number, field, receipt.text, (receipt.values.get(field, NONE),))


def demonstrated(count: int, shots: int) -> Iterator[Question]:
    """The last of four receipts of one unseen layout, after *shots* others with their answers."""
    for number in range(count):
        *others, last = group("unseen", 2 * _FIRST + number, 4)
        for field in SHORT:
            demos = tuple(Shown(shown(r.text), field, plain(r.answers[field])) for r in others[len(others) - shots :])
            right = (last.values.get(field, NONE), last.answers.get(field, NONE))
            yield Question("demonstrated", number, field, last.text, right, demos)


def shown(text: str) -> str:
    """The page that the model reads."""
    return page(text, Vocabulary.load(), 511)


def is_right(field: str, said: str, right: Sequence[str]) -> bool:
    """Whether *said* means one of *right*."""
    meaning = MEANINGS[field]
    return any(meaning(said) == meaning(text) for text in right)


def letters_of(text: str) -> str:
    """What is left of a name without case, spaces and punctuation."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _read(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return reader(text)
        except ValueError:
            return text

    return read


MEANINGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "date": _read(read_date),
    **dict.fromkeys(("total", "subtotal", "tax"), _read(read_number)),
    **dict.fromkeys(("company", "address", "number"), letters_of),
}


def _share_of(model: Model, questions: Iterator[Question]) -> dict[str, dict[str, float]]:
    right: dict[str, list[bool]] = {}
    for question in questions:
        answer = answer_to(model, question)
        right.setdefault(question.field, []).append(is_right(question.field, answer.text.strip(), question.right))
    whole = [all(three) for three in zip(*(right[field] for field in ASKED), strict=True)]
    every = [hit for hits in right.values() for hit in hits]
    return {field: _figure(hits) for field, hits in {**right, "record": whole, "every": every}.items()}


def answer_to(model: Model, question: Question) -> Answer:
    """The greedy answer."""
    prompt = Prompt((*question.demos, Shown(shown(question.text), question.field)))
    (answer,) = model.answers(prompt, Sampling(), [np.random.default_rng(0)])
    return answer


def _figure(hits: Sequence[bool]) -> dict[str, float]:
    low, high = wilson(sum(hits), len(hits))
    return {"n": len(hits), "right": sum(hits), "share": sum(hits) / len(hits), "low": low, "high": high}


def _percent(figure: Mapping[str, float]) -> str:
    return f"{figure['share']:.1%} [{figure['low']:.1%}, {figure['high']:.1%}]"


if __name__ == "__main__":
    main()
