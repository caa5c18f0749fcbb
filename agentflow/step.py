"""Step: one module, its validator, its ladder. A DSPy module like any other, and useless outside a run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import dspy

from agentflow import agent, bridge, compat
from agentflow.account import Account
from agentflow.attempt import Outcome, Tier, source_hash
from agentflow.budget import Budget
from agentflow.effects import Work, adrive, drive
from agentflow.errors import (
    BudgetHalt,
    ConfigurationError,
    DefinitionError,
    EngineFailed,
    LoopHalt,
    NoAccount,
    StepRejected,
)
from agentflow.ladder import Ladder
from agentflow.scope import Flight, Scope, fingerprint
from agentflow.validators import as_validator, none
from agentflow.verdict import ACCEPTED, Validator, Verdict

InputCheck = Callable[[Mapping[str, Any]], "Verdict | bool"]


class Step(dspy.Module):  # type: ignore[misc]  # dspy is untyped
    """One atomic module whose every answer is judged.

    Called, it gives the accepted prediction, or raises `StepRejected`; a breach of budget raises `BudgetHalt`.
    `perform` gives an `Outcome` instead and raises for neither. Outside a run all of them raise `NoAccount`.
    """

    def __init__(
        self,
        target: Any,
        *,
        validate: Any = None,
        check_inputs: InputCheck | None = None,
        ladder: Ladder | None = None,
        name: str = "",
        feedback_field: str = "",
        loop_key: Callable[[Mapping[str, Any]], str] | str | None = "",
    ) -> None:
        """*target* is a signature, which means Predict, or a module.

        *validate* is a validator or a function `(inputs, prediction)`; there is no step without one. *check_inputs*
        judges the inputs before anything is reserved. *feedback_field* names the input through which a module of
        several prompts is told why it was rejected. *loop_key* says what makes one performance differ from the last
        where inputs and output do not, as when polling; None opts out of the loop law.
        Raises `DefinitionError`, a TypeError, when the step could never work.
        """
        super().__init__()
        if validate is None:
            raise DefinitionError("a Step needs validate=…; a step that cannot be checked says v.none(reason=…)")
        self.module = compat.as_module(target)
        self.name = name or _name_of(target)
        self.feedback_field = feedback_field
        self.loop_key = loop_key
        self._hidden = _Hidden(as_validator(validate), ladder, check_inputs)
        self._check_definition(ladder)

    # calling

    def forward(self, **inputs: Any) -> Any:
        """The accepted prediction. Inside an async pipeline the loop stays free meanwhile."""
        return _accepted(self.perform(**inputs))

    async def aforward(self, **inputs: Any) -> Any:
        """The accepted prediction."""
        return _accepted(await self.aperform(**inputs))

    def perform(self, **inputs: Any) -> Outcome:
        """The outcome, whatever it is."""
        return Within(self).perform(**inputs)

    async def aperform(self, **inputs: Any) -> Outcome:
        """The outcome, whatever it is."""
        return await Within(self).aperform(**inputs)

    def within(
        self, budget: Budget | None = None, *, ladder: Ladder | None = None, key: str = "", share: str = "ceiling"
    ) -> Within:
        """This step under a budget of its own, on another ladder, or under a caller's key in the journal.

        With `share="carve"` the budget is set aside at once, otherwise it is a ceiling.
        """
        return Within(self, budget, ladder, key, share)

    # what the agent asks

    @property
    def validator(self) -> Validator:
        """Judges every prediction. DSPy does not see it: optimisers must not tune the judge."""
        return self._hidden.validator

    @property
    def signature(self) -> Any:
        """The module's signature; None when it has none of its own."""
        return compat.signature_of(self.module)

    @property
    def takes_feedback(self) -> bool:
        """Whether a next attempt can be told why the last one was rejected."""
        return bool(self.feedback_field) or compat.reads_feedback(self.module)

    @property
    def identity(self) -> str:
        """A short hash of what is asked and how it is judged."""
        check = self._hidden.check_inputs
        return fingerprint(
            [compat.module_identity(self.module), self.validator.identity(), source_hash(check) if check else ""]
        )

    def check(self, inputs: Mapping[str, Any]) -> Verdict:
        """The verdict on the inputs, before anything is reserved."""
        if self._hidden.check_inputs is None:
            return ACCEPTED
        said = self._hidden.check_inputs(inputs)
        if isinstance(said, Verdict):
            return said if said.accepted or said.kind else replace(said, kind="inputs")
        return ACCEPTED if said else Verdict(False, "the inputs were refused", kind="inputs")

    def module_inputs(self, inputs: Mapping[str, Any], flight: Flight) -> dict[str, Any]:
        """What the module is called with."""
        if not self.feedback_field:
            return dict(inputs)
        said, flight.feedback = flight.feedback, ""
        return {**inputs, self.feedback_field: said}

    def named_outputs(self, outputs: Any, tier: Tier) -> Mapping[str, Any]:
        """The outputs of a plain function by field. Raises `DefinitionError` when they are not the step's."""
        signature = self.signature
        names = list(signature.output_fields) if signature is not None else None
        if not isinstance(outputs, Mapping):
            if names is None or len(names) != 1:
                raise DefinitionError(f"{tier.label} must return a mapping of output fields, or None for no answer")
            return {names[0]: outputs}
        if names is not None and set(outputs) != set(names):
            raise DefinitionError(f"{tier.label} returned {sorted(outputs)}; {self.name} has the outputs {names}")
        return outputs

    def loop_key_of(self, inputs: Mapping[str, Any]) -> str | None:
        """What stands for this performance in the eyes of the loop law."""
        return self.loop_key(inputs) if callable(self.loop_key) else self.loop_key

    def unchecked(self) -> Step:
        """The same step judged by structure alone, for a validator that wants a second opinion."""
        twin = copy(self)
        twin._hidden = _Hidden(none(reason="judged by the validator that asked"), None, None)
        return twin

    def task(self, inputs: Mapping[str, Any], scope: Scope) -> agent.Task:
        """This performance as the agent takes it. Raises `ConfigurationError` without a ladder."""
        ladder = self._hidden.ladder or scope.ladder or scope.run.ladder
        if ladder is None:
            raise ConfigurationError(f"{self.name} has no ladder; give one to the step, to run(), or in agentflow.toml")
        return agent.Task(self, inputs, scope, scope.run.tiers.usable_ladder(ladder))

    def prompt_bytes(self) -> int:
        """UTF-8 bytes of the prompt around the inputs: an upper bound on its tokens."""
        return compat.prompt_bytes(self.module)

    @property
    def ladder(self) -> Ladder | None:
        """The ladder the step brings along; None: the run's."""
        return self._hidden.ladder

    def _check_definition(self, ladder: Ladder | None) -> None:
        if ladder is not None and not isinstance(ladder, Ladder):
            raise DefinitionError(f"ladder= takes a Ladder, not {ladder!r}")
        signature = self.signature
        if signature is None:
            return
        known = set(signature.input_fields) | set(signature.output_fields)
        unknown = sorted(self.validator.fields() - known)
        if unknown:
            raise DefinitionError(f"{self.name}: the validator reads {unknown[0]!r}; there is {sorted(known)}")
        if self.feedback_field and self.feedback_field not in signature.input_fields:
            raise DefinitionError(f"{self.name}: feedback_field={self.feedback_field!r} is no input")


@dataclass(frozen=True, slots=True)
class Within:
    """A step with options bound, so that its inputs may have any name."""

    step: Step
    budget: Budget | None = None
    ladder: Ladder | None = None
    key: str = ""
    share: str = "ceiling"

    def __call__(self, **inputs: Any) -> Any:
        return _accepted(self.perform(**inputs))

    async def acall(self, **inputs: Any) -> Any:
        """The accepted prediction."""
        return _accepted(await self.aperform(**inputs))

    def perform(self, **inputs: Any) -> Outcome:
        """The outcome, whatever it is."""
        if bridge.can_wait():
            return bridge.wait_for(self.aperform(**inputs))
        if _is_loop_running():
            raise DefinitionError(
                f"{self.step.name}(…) would block this event loop; write `await {self.step.name}.acall(…)`"
            )
        return drive(self._work(inputs))

    async def aperform(self, **inputs: Any) -> Outcome:
        """The outcome, whatever it is."""
        return await adrive(self._work(inputs))

    def _work(self, inputs: Mapping[str, Any]) -> Work[Outcome]:
        scope = compat.current_scope()
        if scope is None:
            raise NoAccount(f"{self.step.name} was called outside a run, so nobody would pay; call it inside run(…)")
        path = scope.child_path(self.step.name, inputs, self.key)
        account = scope.account if self.budget is None else Account(self.budget, path=path, parent=scope.account)
        if account is not scope.account and self.share == "carve" and (refusal := account.carve()):
            return Outcome("budget_exhausted", path=path, limit_hit=refusal.limit_hit, feedback=refusal.limit_hit)
        below = scope.below(path, account, ladder=self.ladder or scope.ladder)
        try:
            return (yield from agent.perform(self.step.task(inputs, below)))
        except BudgetHalt as halt:
            return Outcome("budget_exhausted", path=path, limit_hit=halt.reason, feedback=halt.reason)
        finally:
            if account is not scope.account:
                account.close()


class _Hidden:
    """Holds what DSPy's walk through a module tree must not find."""

    def __init__(self, validator: Validator, ladder: Ladder | None, check_inputs: InputCheck | None) -> None:
        self.validator, self.ladder, self.check_inputs = validator, ladder, check_inputs

    def __deepcopy__(self, memo: dict[int, Any]) -> _Hidden:
        return self


def _accepted(outcome: Outcome) -> Any:
    """The prediction, or the exception that says why there is none."""
    match outcome.status:
        case "accepted":
            return outcome.prediction
        case "budget_exhausted":
            raise BudgetHalt(outcome.limit_hit, outcome.path)
        case "no_progress":
            raise LoopHalt(outcome.feedback, outcome.path)
        case "engine_failed":
            raise EngineFailed(f"{outcome.path}: {outcome.feedback}")
        case _:
            raise StepRejected(outcome)


def _name_of(target: Any) -> str:
    if isinstance(target, str):
        name = "_".join(target.partition("->")[2].replace(",", " ").split(":")[0].split()) or "step"
    elif isinstance(target, type):
        name = target.__name__
    else:
        signature = compat.signature_of(target)
        name = signature.__name__ if signature is not None else type(target).__name__
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.strip("_")


def _is_loop_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
