"""Truth into a journal: rows of labels become events of the run whose outcomes they name, all of them or none.

Nothing is judged here, and a run under way may be labelled: it does not look.
"""

from __future__ import annotations

import fnmatch
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentflow.calibration.outcomes import fields_of, inputs_of, outcome_rows
from agentflow.errors import BadLabels, ConfigurationError
from agentflow.events import OutcomeLabelled
from agentflow.labels import Label, Row
from agentflow.records import dump_inputs
from agentflow.scope import fingerprint
from agentflow.settings import load_settings
from agentflow.store import StepRow, Store
from agentflow.store.sqlite import open_store


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a file of labels came to."""

    run: str
    rows: int
    labelled: int
    """Outcomes with a label that they did not have in these words before."""
    changed: int
    """Of those, outcomes that had been labelled otherwise."""
    unchanged: int
    missing: int
    """Rows that name no outcome of the run, passed over as asked."""
    outcomes: int
    """Outcomes of the run."""
    known: int
    """Of those, labelled now."""


def label_outcomes(
    run: str, rows: Iterable[object], *, state: Path | str | None = None, skip_unknown: bool = False
) -> Labelling:
    """Write what *rows*, JSON objects as in `agentflow label --help`, say about outcomes of *run* into its journal.

    The latest label of an outcome counts; saying the same again writes nothing. *skip_unknown* passes over rows that
    name no outcome. Raises `BadLabels`, which names every bad row, before anything is written.
    """
    settings = load_settings({} if state is None else {"state": str(state)})
    with closing(open_store(settings.database, durability=settings.durability)) as store:
        return write_labels(store, run, rows, skip_unknown=skip_unknown)


def write_labels(store: Store, run: str, rows: Iterable[object], *, skip_unknown: bool = False) -> Labelling:
    """The same, into a store that is open."""
    run = store.run(run).run
    outcomes, before = outcome_rows(store, run), store.labels(run)
    count, said, missing = _read(rows, _Register(outcomes), skip_unknown=skip_unknown)
    earlier = {path: Label.parse(text) for path, text in before.items()}
    texts = {path: label.over(earlier.get(path)).to_json() for path, label in said.items()}
    fresh = {path: text for path, text in texts.items() if before.get(path) != text}
    if fresh:
        store.append(*(OutcomeLabelled(run, path, text) for path, text in fresh.items())).result()
    return Labelling(
        run=run,
        rows=count,
        labelled=len(fresh),
        changed=len(fresh.keys() & before.keys()),
        unchanged=len(texts) - len(fresh),
        missing=missing,
        outcomes=len(outcomes),
        known=len({row.path for row in outcomes} & (before.keys() | texts.keys())),
    )


def read_lines(text: str) -> list[object]:
    """One JSON value for each line that is not empty; a line that is no JSON is refused with the others later."""
    return [_loads(line) for line in text.splitlines() if line.strip()]


class NoJson(str):
    """A line that could not be read."""


def _loads(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return NoJson(line)


def _read(rows: Iterable[object], register: _Register, *, skip_unknown: bool) -> tuple[int, dict[str, Label], int]:
    """How many rows there are, what they say by path, and how many name nothing. Raises for bad ones, all at once."""
    said: dict[str, Label] = {}
    first: dict[str, int] = {}
    wrong: list[str] = []
    count = missing = 0
    for count, plain in enumerate(rows, 1):
        try:
            row = Row.of(_readable(plain))
            found = register.named(row)
            if not found and not skip_unknown:
                raise ConfigurationError(register.advice(row))
            missing += not found
            for outcome, label in _labels_of(row, found):
                said[outcome.path] = _joined(label, said.get(outcome.path), first.setdefault(outcome.path, count))
        except ConfigurationError as error:
            wrong.append(f"row {count}: {error}")
    if wrong:
        raise BadLabels(wrong, count)
    return count, said, missing


def _readable(plain: object) -> object:
    if isinstance(plain, NoJson):
        raise ConfigurationError(f"is no JSON: {plain[:60]!r}; write one object in each line")
    return plain


def _labels_of(row: Row, found: Sequence[StepRow]) -> list[tuple[StepRow, Label]]:
    """What the row says about each outcome that it names."""
    predictions = {outcome.prediction for outcome in found}
    if row.label.right is not None and len(predictions) > 1 and not row.label.correct and not row.value:
        raise ConfigurationError(
            f"says of {len(found)} different predictions at once whether they are right; name one path, or the right "
            'values with "correct"'
        )
    return [(outcome, _label_for(row, outcome)) for outcome in found]


def _label_for(row: Row, outcome: StepRow) -> Label:
    """The label of one outcome. Raises `ConfigurationError` where it does not fit the outcome's prediction."""
    label, fields = row.label, fields_of(outcome)
    if row.value:
        label = replace(label, correct={_only_field(fields, outcome): row.value[0]})
    for name in [*label.correct, *filter(None, [label.only])]:
        if fields is not None and name not in fields:
            raise ConfigurationError(f"speaks of a field {name!r}; {outcome.path} has {', '.join(fields) or 'none'}")
    if label.right is not None and fields is None:
        raise ConfigurationError(f'says "right" of {outcome.path}, which gave no prediction; say what is "correct"')
    if label.correct and label.right is not None and fields is not None:
        judged = label.judge(fields, fields)
        if judged is not None and judged != label.right:
            raise ConfigurationError(
                f"contradicts itself: {outcome.path} says {_shown(fields, label)}, which is "
                f"{'' if judged else 'not '}what the row calls correct, and the row calls it "
                f"{'right' if label.right else 'wrong'}"
            )
    if label.right and label.only and fields is not None:
        return Label(None, "", {label.only: fields[label.only]}, label.by)
    return replace(label, right=None) if label.correct else label


def _only_field(fields: Any, outcome: StepRow) -> str:
    if fields is None or len(fields) != 1:
        have = ", ".join(fields) if fields else "no prediction"
        raise ConfigurationError(f'gives a "value" without a "field", and {outcome.path} has {have}; name the field')
    return str(next(iter(fields)))


def _shown(fields: Any, label: Label) -> str:
    return json.dumps({name: fields.get(name) for name in label.correct}, ensure_ascii=False)[:120]


def _joined(label: Label, earlier: Label | None, row: int) -> Label:
    """Two rows about one outcome. Raises `ConfigurationError` where they do not say the same."""
    if earlier is None:
        return label
    differing = [
        name for name in label.correct if name in earlier.correct and label.correct[name] != earlier.correct[name]
    ]
    is_same = (label.right, label.only) == (earlier.right, earlier.only)
    if differing or not is_same:
        about = f" about {differing[0]!r}" if differing else ""
        raise ConfigurationError(f"contradicts row {row}{about}, which is about the same outcome; keep one of them")
    return label.over(earlier)


class _Register:
    """Finds outcomes by what rows name."""

    def __init__(self, rows: Sequence[StepRow]) -> None:
        self._by_path = {row.path: row for row in rows}
        self._by_hash: dict[tuple[str, str], list[StepRow]] = defaultdict(list)
        self._by_inputs: dict[tuple[str, str], list[StepRow]] = defaultdict(list)
        for row in rows:
            self._by_hash[row.step, inputs_of(row)].append(row)
            self._by_inputs[row.step, _sorted(row.inputs)].append(row)

    def named(self, row: Row) -> list[StepRow]:
        """The outcomes that a row names."""
        if row.path:
            exact = self._by_path.get(row.path)
            if exact is not None or "*" not in row.path:
                return [exact] if exact is not None else []
            pattern = row.path.replace("[", "[[]").replace("?", "[?]")
            return [found for path, found in self._by_path.items() if fnmatch.fnmatchcase(path, pattern)]
        by_hash = self._by_hash.get((row.step, fingerprint(row.inputs)), [])
        return by_hash or self._shown_as(row)

    def advice(self, row: Row) -> str:
        """Why a row names nothing, and the way out."""
        steps = sorted({step for step, _ in self._by_hash})
        if not row.path and row.step not in steps:
            return f"names the step {row.step!r}; the run has finished {', '.join(steps) or 'none'}"
        near = next((path for path in self._by_path if row.path and path.startswith(row.path.partition("#")[0])), "")
        like = f", such as {near}" if near else ""
        said = f"names {row.where}, which is no finished step of the run{like}"
        return f"{said}; `agentflow label --help` says how to name one, --skip-unknown passes over such rows"

    def _shown_as(self, row: Row) -> list[StepRow]:
        """By what the journal shows of inputs, for values that JSON says otherwise; not where they were cut."""
        shown = _sorted(dump_inputs(row.inputs))
        return [] if ' …"' in shown else self._by_inputs.get((row.step, shown), [])


def _sorted(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text
