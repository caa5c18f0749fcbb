"""Trains one model from nothing: `python -m agentflow.nano.train.train nano-m --out build/nano`.

The data never ends and never repeats; it is made by a process of its own. A run that was killed goes on where its last
checkpoint stands when the same command is given again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import torch

from agentflow.nano.tokens import FIELDS, Vocabulary
from agentflow.nano.train.batches import Arrays, arrays, encoded, stream
from agentflow.nano.train.generate import group
from agentflow.nano.train.network import Batch, Network, Shape, likeliest, losses
from agentflow.nano.train.optimizer import Muon

WIDTHS = {"nano-s": (128, 4), "nano-m": (192, 6)}
"""Channels and layers of each model."""
STEPS = {"nano-s": 2_700, "nano-m": 3_700}
"""Of the recipe: a core needs about half a second for one of nano-s, and two for one of nano-m."""
Split = Literal["seen", "unseen"]
SPLITS: Final[tuple[Split, ...]] = ("seen", "unseen")
CHECKED = 100
"""Groups of the monitor, of each split; nothing but the log depends on it."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out, but the machine's arithmetic."""

    model: str
    steps: int
    """Batches; the learning rate rises and falls over them."""
    tokens: int = 8_192
    """Of documents in one batch."""
    muon: float = 0.02
    adam: float = 0.003
    seed: int = 1
    warm: float = 0.01
    """Part of the steps in which the learning rate rises."""
    decay: float = 0.45
    """Part of the steps at the end in which it falls to nothing."""


def main() -> None:
    """Train to the last step of the recipe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=sorted(WIDTHS))
    parser.add_argument("--steps", type=int, help="batches; None: as many as the shipped model learned from")
    parser.add_argument("--out", type=Path, default=Path("build/nano"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    steps = options.steps or STEPS[options.model]
    Training(Recipe(options.model, steps, seed=options.seed), options.out).run()


class Training:
    """One model on its way, with its log and its checkpoint beside it."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        self.recipe, self.folder = recipe, folder
        self.vocabulary = Vocabulary.load()
        torch.manual_seed(recipe.seed)
        self.network = Network(Shape(*WIDTHS[recipe.model], len(self.vocabulary)))
        matrices = [w for name, w in self.network.blk.named_parameters() if w.ndim == 2]
        if shutil.which("cc"):  # a fifth faster; what it computes is the same
            self.network.fuse()
        chosen = {id(w) for w in matrices}
        rest = [w for w in self.network.parameters() if id(w) not in chosen]
        self.optimizers = [
            Muon(matrices, lr=recipe.muon),
            torch.optim.AdamW(rest, lr=recipe.adam, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.step, self.seconds, self.tokens = 0, 0.0, 0
        self._resume()

    @property
    def checkpoint(self) -> Path:
        """Where training goes on from."""
        return self.folder / f"{self.recipe.model}.pt"

    def run(self) -> None:
        """Train to the end."""
        every, shown, began = 0.0, 0.0, time.monotonic()
        before = self.seconds
        total = 0.0
        for count, batch in enumerate(made(self.recipe, self.step), start=1):
            loss = self._learn(batch)
            total += loss
            self.seconds = before + time.monotonic() - began
            if self.seconds - shown > 20:
                shown = self.seconds
                self._say(loss=round(total / count, 4), now=round(loss, 4))
            if self.seconds - every > 300 or self.progress >= 1:
                every = self.seconds
                self._check()
                self._save()
            if self.progress >= 1:
                return

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return self.step / self.recipe.steps

    def _learn(self, batch: Arrays) -> float:
        rate = self._rate()
        for optimizer, base in zip(self.optimizers, (self.recipe.muon, self.recipe.adam), strict=True):
            for parameters in optimizer.param_groups:
                parameters["lr"] = base * rate
        tensors = as_tensors(batch)
        with torch.autocast("cpu", torch.bfloat16):
            heads = self.network(tensors)
        loss = losses(tensors, heads).mean()
        self.network.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.optimizers[1].param_groups[0]["params"], 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        self.tokens += int((tensors.documents > 0).sum())
        return float(loss.detach())

    def _rate(self) -> float:
        """Of the full learning rate: up, level, down to nothing."""
        done = self.progress
        if done < self.recipe.warm:
            return max(0.02, done / self.recipe.warm)
        return max(0.0, min(1.0, (1 - done) / self.recipe.decay))

    def _check(self) -> None:
        for split in SPLITS:
            self._say(split=split, **measured(self.network, self.vocabulary, split))

    def _say(self, **figures: object) -> None:
        line = {"step": self.step, "minutes": round(self.seconds / 60, 1), "tokens": self.tokens, **figures}
        with (self.folder / f"{self.recipe.model}.log").open("a") as log:
            log.write(json.dumps(line) + "\n")
        sys.stderr.write(json.dumps(line) + "\n")

    def _save(self) -> None:
        state = {
            "recipe": asdict(self.recipe),
            "network": self.network.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "at": [self.step, self.seconds, self.tokens],
        }
        torch.save(state, self.checkpoint.with_suffix(".new"))
        os.replace(self.checkpoint.with_suffix(".new"), self.checkpoint)

    def _resume(self) -> None:
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, weights_only=True)
            self.network.load_state_dict(state["network"])
            for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
                optimizer.load_state_dict(saved)
            self.step, self.seconds, self.tokens = state["at"]


def made(recipe: Recipe, step: int) -> Iterator[Arrays]:
    """Batches from a process of its own, so that the network never waits for receipts."""
    context = mp.get_context("spawn")
    queue: mp.Queue[Arrays] = context.Queue(maxsize=24)
    maker = context.Process(target=_make, args=(queue, recipe.seed * 1_000 + step, recipe.tokens), daemon=True)
    maker.start()
    try:
        while True:
            yield queue.get(timeout=300)
    finally:
        maker.terminate()


def _make(queue: mp.Queue[Arrays], seed: int, tokens: int) -> None:
    torch.set_num_threads(1)
    for batch in stream(Vocabulary.load(), seed, tokens):
        queue.put(batch)


def as_tensors(batch: Arrays) -> Batch:
    """The same, for torch."""
    return Batch(*(torch.from_numpy(getattr(batch, name)) for name in Batch.__dataclass_fields__))


@torch.no_grad()
def measured(network: Network, vocabulary: Vocabulary, split: Split) -> dict[str, float]:
    """Share of answers written wholly right, greedily, by field: alone (`0`), and after two demonstrations (`2`).

    With the right beginning given, a greedy answer is right if and only if every next token is the likeliest.
    """
    right = {(shot, field): [0, 0] for shot in (0, 2) for field in range(len(FIELDS))}
    for number in range(0, CHECKED, 4):
        rng = random.Random(number)
        groups = [
            encoded(group(split, 5_000_000 + at, 3), vocabulary, rng, FIELDS[:7]) for at in range(number, number + 4)
        ]
        batch = as_tensors(arrays(groups, [True] * 4))
        with torch.autocast("cpu", torch.bfloat16):
            heads = network(batch)
        learned = batch.target >= 0
        hit = (likeliest(batch, heads) == batch.target[learned]).tolist()
        places = learned.nonzero().tolist()
        answers: dict[tuple[int, int, int], bool] = {}
        for (g, at), ok in zip(places, hit, strict=True):
            key = (g, int(batch.shot[g, at]), int(batch.field[g, at]))
            answers[key] = answers.get(key, True) and ok
        for (_, shot, field), ok in answers.items():
            if (shot, field) in right:
                right[shot, field][0] += ok
                right[shot, field][1] += 1
    return {f"{FIELDS[f]}{shot}": round(hits / max(1, n), 3) for (shot, f), (hits, n) in right.items() if n}


if __name__ == "__main__":
    main()
