"""Step: one module, its validator, its ladder. A DSPy module like any other, and useless outside a run."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import dspy

from agentflow import agent, bridge, compat, prompts
from agentflow.account import Account
from agentflow.attempt import Outcome, Tier
from agentflow.budget import Budget
from agentflow.deadlines import deadline_of, set_deadline, undisturbed
from agentflow.effects import Work, adrive, drive
from agentflow.engines.teller import carve
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
from agentflow.performance import Task
from agentflow.scope import Flight, Scope, fingerprint
from agentflow.tools import tools_of, watch_tools
from agentflow.validators import as_validator, none
from agentflow.validators.combine import Function
from agentflow.validators.identity import stable
from agentflow.verdict import ACCEPTED, Validator, Verdict

InputCheck = Callable[[Mapping[str, Any]], "Verdict | bool | tuple[bool, str]"]


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
        several prompts is told why it was rejected; without one each of its attempts is a fresh sample. *loop_key* says
        what makes one performance differ from the last where inputs and output do not, as when polling; None opts out
        of the loop law.
        Raises `DefinitionError`, a TypeError, when the step could never work.
        """
        super().__init__()
        if validate is None:
            raise DefinitionError("a Step needs validate=…; a step that cannot be checked says v.none(reason=…)")
        self.module = compat.as_module(target)
        self.name = name or _name_of(target)
        self.feedback_field = feedback_field
        self.loop_key = loop_key
        self._hidden = _Hidden(as_validator(validate), ladder, _input_rule(check_inputs))
        self._check_definition(ladder)
        watch_tools(self.module)
        self._hidden.defined_as = prompts.prompt_identity(self.module)

    __getattribute__ = object.__getattribute__  # DSPy's, in Python, warns of calling `forward`, which is no harm here

    # calling

    def __call__(self, *args: Any, **inputs: Any) -> Any:
        """What `forward` gives; DSPy is troubled only where somebody watches."""
        return super().__call__(*args, **inputs) if self._is_watched() else self.forward(*args, **inputs)

    async def acall(self, *args: Any, **inputs: Any) -> Any:
        """What `aforward` gives."""
        return await (super().acall(*args, **inputs) if self._is_watched() else self.aforward(*args, **inputs))

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
        """Whether a next attempt can be told why the last one was rejected; otherwise each is a fresh sample."""
        return bool(self.feedback_field) or compat.reads_feedback(self.module)

    @property
    def identity(self) -> str:
        """A short hash of what is asked and how it is judged."""
        return fingerprint([self._hidden.identity(self.module), prompts.prompt_identity(self.module)])

    @property
    def label(self) -> str:
        """The name, and which variant of it, once an optimiser has changed what is asked."""
        asked = prompts.prompt_identity(self.module)
        return self.name if asked == self._hidden.defined_as else f"{self.name}~{fingerprint(asked)[:6]}"

    def check(self, inputs: Mapping[str, Any]) -> Verdict:
        """The verdict on the inputs, before anything is reserved. Raises `DefinitionError` for what are none."""
        signature = self.signature
        if signature is not None and compat.reads_feedback(self.module):
            unknown = sorted(set(inputs) - set(signature.input_fields))
            missing = compat.missing_inputs(signature, {**inputs, self.feedback_field: ""})
            if unknown or missing:
                wrong = f"does not take {unknown[0]!r}" if unknown else f"needs {missing[0]!r}"
                raise DefinitionError(f"{self.name} {wrong}; its inputs are {', '.join(signature.input_fields)}")
        rule = self._hidden.check_inputs
        if rule is None:
            return ACCEPTED
        said = rule.read(rule.function(inputs))
        if not isinstance(said, Verdict):
            raise DefinitionError(f"{self.name}: check_inputs decides by itself; it returned a {type(said).__name__}")
        return said

    def known_inputs(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Of *inputs*, those that this step takes."""
        signature = self.signature
        if signature is None:
            return dict(inputs)
        return {name: value for name, value in inputs.items() if name in signature.input_fields}

    def module_inputs(self, inputs: Mapping[str, Any], flight: Flight) -> dict[str, Any]:
        """What the module is called with."""
        if not self.feedback_field:
            return dict(inputs)
        said, flight.feedback = flight.feedback, ""
        return {**inputs, self.feedback_field: said}

    def base_trace(self, trace: list[Any]) -> list[Any]:
        """The trace of an accepted attempt as if it had been the first: no demo teaches what feedback looks like."""
        if not self.feedback_field:
            return trace
        return [
            (predictor, {name: "" if name == self.feedback_field else inputs[name] for name in inputs}, prediction)
            for predictor, inputs, prediction in trace
        ]

    def named_outputs(self, outputs: Any, tier: Tier) -> Any:
        """The prediction of a plain function. Raises `DefinitionError` when its outputs are not the step's."""
        signature, outputs = self.signature, compat.plain_outputs(outputs)
        names = list(signature.output_fields) if signature is not None else []
        is_named = isinstance(outputs, Mapping) and (signature is None or set(outputs) == set(names))
        if not is_named and len(names) == 1 and compat.takes(signature, names[0], outputs):
            outputs, is_named = {names[0]: outputs}, True
        if not is_named:
            said = f"the fields {sorted(outputs)}" if isinstance(outputs, Mapping) else type(outputs).__name__
            wanted = f"a mapping of {names or 'output fields'}, or None for no answer"
            raise DefinitionError(f"{self.name}: {tier.label} returned {said}; it must return {wanted}")
        try:
            return compat.prediction_of(signature, outputs)
        except ValueError as error:
            raise DefinitionError(f"{tier.label} returned a value of the wrong type: {error}") from error

    def loop_key_of(self, inputs: Mapping[str, Any]) -> str | None:
        """What stands for this performance in the eyes of the loop law."""
        return self.loop_key(inputs) if callable(self.loop_key) else self.loop_key

    def unchecked(self) -> Step:
        """The same step judged by structure alone, for a validator that wants a second opinion."""
        twin = copy(self)
        twin._hidden = _Hidden(none(reason="judged by the validator that asked"), None, None, self._hidden.defined_as)
        return twin

    def task(self, inputs: Mapping[str, Any], scope: Scope) -> Task:
        """This performance as the agent takes it. Raises `ConfigurationError` without a ladder."""
        ladder = self._hidden.ladder or scope.ladder or scope.run.ladder
        if ladder is None:
            raise ConfigurationError(f"{self.name} has no ladder; give one to the step, to run(), or in agentflow.toml")
        usable, plan = scope.run.tiers.usable_ladder(ladder), scope.run.plan_of(self.name)
        return Task(self, inputs, scope, usable if plan is None else usable.under(plan))

    def prompt_bytes(self) -> int:
        """UTF-8 bytes of the prompt around the inputs: an upper bound on its tokens."""
        return prompts.prompt_bytes(self.module)

    @property
    def ladder(self) -> Ladder | None:
        """The ladder the step brings along; None: the run's."""
        return self._hidden.ladder

    def get_lm(self) -> Any:
        """None of its own: tiers bring theirs. What DSPy's samplers then copy stands for any."""
        return compat.lm_of_nobody()

    def set_lm(self, lm: Any) -> None:
        """Nothing: tiers bring the models, and a model bound here would be asked past every meter."""

    def _is_watched(self) -> bool:
        return bool(self.callbacks) or compat.is_watched()

    def _check_definition(self, ladder: Ladder | None) -> None:
        """Raise `DefinitionError` for whatever could only fail later."""
        if re.search(r"[/#\s]", self.name):
            raise DefinitionError(f"name={self.name!r}: a step's name is part of paths; leave out spaces, / and #")
        if ladder is not None and not isinstance(ladder, Ladder):
            raise DefinitionError(f"ladder= takes a Ladder, not {ladder!r}")
        if not (self.loop_key is None or isinstance(self.loop_key, str) or callable(self.loop_key)):
            raise DefinitionError(f"loop_key= takes a function of the inputs, a text or None, not {self.loop_key!r}")
        if compat.brings_lm(self.module):
            raise DefinitionError(f"{self.name}: its module is bound to a model of its own; the ladder brings models")
        if self.feedback_field and not compat.takes_input(self.module, self.feedback_field):
            raise DefinitionError(f"{self.name}: feedback_field={self.feedback_field!r} is no input")
        signature = self.signature
        if signature is None:
            return
        if not signature.output_fields:
            raise DefinitionError(f"{self.name}: its signature has no output field, so there is nothing to validate")
        known = set(signature.input_fields) | set(signature.output_fields)
        unknown = sorted(self.validator.fields() - known)
        if unknown:
            raise DefinitionError(f"{self.name}: the validator reads {unknown[0]!r}; there is {sorted(known)}")


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
        return drive(self._work(inputs, self._scope_for(inputs)))

    async def aperform(self, **inputs: Any) -> Outcome:
        """The outcome, whatever it is."""
        below = self._scope_for(inputs)
        if self.budget is None:
            return await adrive(self._work(inputs, below))
        try:
            with deadline_of(below):
                return await adrive(self._work(inputs, below))
        except BudgetHalt as late:
            spent, reason = below.account.spent, late.reason
            return Outcome("budget_exhausted", None, below.path, spent=spent, limit_hit=reason, feedback=reason)

    def _scope_for(self, inputs: Mapping[str, Any]) -> Scope:
        """Where the step stands, its own time running. Raises `NoAccount` outside a run."""
        scope = compat.current_scope()
        if scope is None:
            raise NoAccount(f"{self.step.name} was called outside a run, so nobody would pay; call it inside run(…)")
        path = scope.child_path(self.step.name, inputs, self.key)
        account = scope.account if self.budget is None else Account(self.budget, path=path, parent=scope.account)
        if account is not scope.account:
            scope.run.foresee(account)
            set_deadline(account, scope.run.clock)
        return scope.below(path, account, ladder=self.ladder or scope.ladder)

    def _work(self, inputs: Mapping[str, Any], below: Scope) -> Work[Outcome]:
        run, path, account = below.run, below.path, below.account
        try:
            is_carve = self.budget is not None and self.share == "carve"
            if is_carve and (refusal := (yield from carve(run, account))):
                return Outcome("budget_exhausted", path=path, limit_hit=refusal.limit_hit, feedback=refusal.limit_hit)
            with undisturbed(below):
                return (yield from agent.perform(self.step.task(inputs, below)))
        finally:
            if self.budget is not None:
                account.close()


class _Hidden:
    """Holds what DSPy's walk through a module tree must not find."""

    def __init__(
        self, validator: Validator, ladder: Ladder | None, check_inputs: Function | None, defined_as: str = ""
    ) -> None:
        self.validator, self.ladder, self.check_inputs = validator, ladder, check_inputs
        self.defined_as = defined_as
        """What the module asked when the step was defined."""
        self._identity = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Hidden:
        return self

    def identity(self, module: dspy.Module) -> str:
        """Hash of everything about the step that no optimiser changes; computed once."""
        if not self._identity:
            check = stable(self.check_inputs.function) if self.check_inputs else ""
            parts = [prompts.structure_identity(module), stable(tools_of(module)), self.validator.identity(), check]
            self._identity = fingerprint(parts)
        return self._identity


def _input_rule(check: Any) -> Function | None:
    """*check* as a rule that reads a Verdict, a bool, or a bool with words. Raises `DefinitionError`."""
    if check is None:
        return None
    if not callable(check) or inspect.iscoroutinefunction(check):
        raise DefinitionError(f"check_inputs= takes a plain function of the inputs, not {check!r}")
    try:
        inspect.signature(check).bind({})
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"check_inputs= must take the inputs, one mapping: {error}") from error
    return Function(check, "inputs", takes_case=False, says="the inputs can be worked with")


def _accepted(outcome: Outcome) -> Any:
    """The prediction, or the exception that says why there is none."""
    match outcome.status:
        case "accepted":
            return outcome.prediction
        case "budget_exhausted":
            scope = compat.current_scope()
            if scope is not None:
                scope.account.halt(outcome.limit_hit)  # not one request more, from whatever else is queued here
            raise BudgetHalt(outcome.limit_hit, outcome.path)
        case "no_progress":
            raise LoopHalt(outcome.feedback, outcome.path)
        case "engine_failed":
            raise EngineFailed(f"{outcome.path}: {outcome.feedback}") from outcome.error
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
