"""The shipped models do what their card says: files, checksums, and figures that a sample of each split repeats."""

from __future__ import annotations

import json
import re
from statistics import fmean
from typing import Any

import pytest

from agentflow.nano import NAMES
from agentflow.nano.catalog import load
from agentflow.nano.shipped import FOLDER, read_checked
from agentflow.nano.train.evaluate import ASKED, Question, answer_to, by_hand, generated, is_right

SAMPLE = 60
"""Receipts of each split that are read again."""
BAND = 0.15
"""How far the share in a sample may lie from the card's: three standard errors at this size, and no more."""
MOST_BYTES = 12_000_000
SPLITS = ("seen", "unseen", "third")


def figures() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
    return plain


def questions(split: str) -> list[Question]:
    """Of receipts written by hand every second one: they stand in the order of their countries."""
    if split == "third":
        return [question for question in by_hand() if question.receipt % 2 == 0]
    return list(generated("seen" if split == "seen" else "unseen", SAMPLE))


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_repeats_the_figures_of_the_card(name: str, split: str) -> None:
    """The weights in the package are the ones that were measured, and the runtime reads them as it did then."""
    right: dict[str, list[bool]] = {field: [] for field in ASKED}
    for question in questions(split):
        right[question.field].append(is_right(question.field, answer_to(load(name), question).text, question.right))

    for field, hits in right.items():
        assert abs(fmean(hits) - figures()[name][split][field]["share"]) <= BAND, (field, fmean(hits))


def test_every_file_has_its_checksum() -> None:
    """Weights and vocabulary are what they were when they were measured."""
    for file in sorted(FOLDER.iterdir()):
        if file.suffix in {".gguf"} or file.name == "vocabulary.json":
            assert read_checked(file)


def test_the_models_are_small() -> None:
    """Everything that ships of them is at most 12 MB."""
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("split", SPLITS)
def test_the_card_prints_the_measured_figures(name: str, split: str) -> None:
    """Each share in the table of the card is the one in figures.json."""
    row = re.search(rf"^\| {name} \| {split} \|(.+)\|$", (FOLDER / "CARD.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert row is not None
    printed = [cell.split()[0] for cell in row[1].split("|")]
    measured = figures()[name][split]
    assert printed == [f"{measured[field]['share']:.1%}" for field in (*ASKED, "record")]
