"""A policy for problems, fitted on recorded answers: logistic weights, and the bar that meets a share of the cost.

Everything is estimated by cross-validation inside the problems that are given; nothing else is ever looked at.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentflow.usage import Price, Usage

from .recorded_maths import rules
from .recorded_sets import MATHS_PRICES, STRONG, Problem, counter, fingerprint

WEIGHED = "mixtral-8x7b-instruct"
OPINIONS = ("gpt3-6b-finetuned", "gpt3-6b-verifier")
FOLDS, ROUNDS = 10, 10
RIDGE = 10.0
"""How strongly weights are pulled to zero, in units of a standardised piece of evidence."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Evidence and truth of labelled problems, one row each."""

    names: tuple[str, ...]
    evidence: Floats
    right: Floats
    """Whether the weighed tier is right."""
    strong: Floats
    """Whether the strong tier is right."""
    lengths: Floats
    """One, the characters of the problem, and those of the weighed solution."""
    cheap_usd: Floats
    strong_usd: Floats


def table_of(problems: Sequence[Problem]) -> Table:
    """What the recording says about each problem."""
    drafts = [{name: rules.Draft(row.question, row.samples[name]) for name in MATHS_PRICES} for row in problems]
    found = [rules.evidence(each[WEIGHED], {name: each[name] for name in OPINIONS}) for each in drafts]
    truths = [Fraction(row.truth) for row in problems]
    names = tuple(found[0])
    cheap = [sum(_usd(row, name) for name in (*OPINIONS, WEIGHED)) for row in problems]
    return Table(
        names,
        np.array([[each[name] for name in names] for each in found]),
        np.array([float(each[WEIGHED].answer == truth) for each, truth in zip(drafts, truths, strict=True)]),
        np.array([float(each[STRONG].answer == truth) for each, truth in zip(drafts, truths, strict=True)]),
        np.array([[1.0, len(row.question), len(row.samples[WEIGHED])] for row in problems]),
        np.array(cheap, dtype=float),
        np.array([_usd(row, STRONG) for row in problems], dtype=float),
    )


def fitted(problems: Sequence[Problem], *, cost_share: float) -> Any:
    """The policy that spends *cost_share* of what the strong tier alone costs, on problems such as these."""
    table = table_of(problems)
    bias, weights = fit(table.evidence, table.right)
    chances = held_out_chances(table)
    expected = _expected_cost(table)
    price = _price_of_doubt(table, chances, expected, cost_share)
    told = estimate(table, chances, table.strong.mean() - price * (table.lengths @ expected))
    slopes = price * expected
    judged = rules.Judged(
        rules.Weights(round(bias, 4), dict(zip(table.names, np.round(weights, 4).tolist(), strict=True))),
        rules.Bar(round(float(table.strong.mean() - slopes[0]), 4), *np.round(slopes[1:], 8).tolist()),
    )
    trusted = {STRONG: round(float(table.strong.mean()), 4)}
    learned = {"n": len(problems), "problems": fingerprint(problems), "aimed_at_cost_share": cost_share, **told}
    return rules.Policy({WEIGHED: judged}, frozenset(OPINIONS), trusted, learned)


def fit(evidence: Floats, right: Floats, ridge: float = RIDGE) -> tuple[float, Floats]:
    """Bias and weights of a ridge logistic regression, on evidence as it is."""
    mean, spread = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    columns = np.hstack([np.ones((len(right), 1)), (evidence - mean) / spread])
    penalty = np.diag([1e-6, *[ridge] * evidence.shape[1]])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(columns @ weights, -30, 30)))
        slope = columns.T @ (chance - right) + penalty @ weights
        curve = (columns.T * (chance * (1 - chance))) @ columns + penalty
        change = np.linalg.solve(curve, slope)
        weights = weights - change
        if np.abs(change).max() < 1e-9:
            break
    plain = weights[1:] / spread
    return float(weights[0] - plain @ mean), plain


def held_out_chances(table: Table) -> Floats:
    """The chance of each answer by weights that did not see it, averaged over several ways of folding."""
    summed = np.zeros(len(table.right))
    for seed in range(ROUNDS):
        folds = [place % FOLDS for place in range(len(table.right))]
        random.Random(seed).shuffle(folds)
        for fold in range(FOLDS):
            held = np.array(folds) == fold
            bias, weights = fit(table.evidence[~held], table.right[~held])
            summed[held] += 1 / (1 + np.exp(-np.clip(bias + table.evidence[held] @ weights, -30, 30)))
    return summed / ROUNDS


def estimate(table: Table, chances: Floats, bars: Floats) -> dict[str, float]:
    """What accepting from these bars on comes to, with a 95 % interval over resampled problems."""
    accepted = chances >= bars
    right = np.where(accepted, table.right, table.strong)
    spent = table.cheap_usd + np.where(accepted, 0.0, table.strong_usd)
    drawn = np.random.default_rng(0).integers(0, len(right), (2_000, len(right)))
    shares = right[drawn].mean(axis=1)
    costs = spent[drawn].sum(axis=1) / table.strong_usd[drawn].sum(axis=1)
    return {
        "right": round(float(right.mean()), 4),
        "right_low": round(float(np.quantile(shares, 0.025)), 4),
        "right_high": round(float(np.quantile(shares, 0.975)), 4),
        "cost_share": round(float(spent.sum() / table.strong_usd.sum()), 4),
        "cost_share_low": round(float(np.quantile(costs, 0.025)), 4),
        "cost_share_high": round(float(np.quantile(costs, 0.975)), 4),
        "escalated": round(float(1 - accepted.mean()), 4),
        "right_among_accepted": round(float(table.right[accepted].mean()), 4) if accepted.any() else 0.0,
        "strong_alone": round(float(table.strong.mean()), 4),
    }


def _expected_cost(table: Table) -> Floats:
    """What the strong tier costs by the lengths of problem and solution, its mean being one."""
    solved, *_ = np.linalg.lstsq(table.lengths, table.strong_usd / table.strong_usd.mean(), rcond=None)
    return np.asarray(solved)


def _price_of_doubt(table: Table, chances: Floats, expected: Floats, cost_share: float) -> float:
    """How much chance is worth one call of the strong tier: the lowest price that keeps within *cost_share*."""
    costs = np.maximum(table.lengths @ expected, 1e-6)
    worth = (table.strong.mean() - chances) / costs
    spent = table.cheap_usd.sum()
    limit = cost_share * table.strong_usd.sum()
    for place in np.argsort(-worth):
        spent += table.strong_usd[place]
        if spent > limit:
            return float(worth[place])
    return float(worth.min())


def _usd(row: Problem, name: str) -> float:
    _, count = counter()
    prompt = count(rules.Solver.signature.instructions) + count(row.question)
    price: Price = MATHS_PRICES[name]
    return float(price.cost(Usage(prompt, count(row.samples[name]))))
