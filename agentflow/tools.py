"""Tools under watch: what a model calls is seen by the loop law, and what goes wrong there is told without secrets.

No tool runs here by itself, and none is paid for: a tool that asks a model does so through a step, which is metered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import dspy

from agentflow.compat import current_scope
from agentflow.errors import DefinitionError, LoopHalt
from agentflow.progress import fingerprint_of, nudge
from agentflow.redact import Redactor

LoopKey = Callable[[Mapping[str, Any]], str] | str | None

_PATH = re.compile(r"(?<![\w/])(?:/|[A-Za-z]:\\)(?:[^\s'\":/\\]+[/\\])+")
_LONGEST_MESSAGE = 400


class WatchedTool(dspy.Tool):  # type: ignore[misc]  # dspy is untyped
    """A DSPy tool whose calls are observed: the same call with the same result, again and again, is a loop."""

    loop_key: Any = ""
    """What makes one call differ from the last where arguments and result do not; None opts out."""

    def __call__(self, **arguments: Any) -> Any:
        """The result, or in words what went wrong. Raises `LoopHalt` when the same is called on and on."""
        try:
            result = super().__call__(**arguments)
        except Exception as error:  # noqa: BLE001  # because whatever a tool raises, the model must hear of it
            result = explained(self.name, error)
        return self._observed(arguments, result)

    async def acall(self, **arguments: Any) -> Any:
        """The result, or in words what went wrong. Raises `LoopHalt` when the same is called on and on."""
        try:
            result = await super().acall(**arguments)
        except Exception as error:  # noqa: BLE001  # because whatever a tool raises, the model must hear of it
            result = explained(self.name, error)
        return self._observed(arguments, result)

    def _observed(self, arguments: Mapping[str, Any], result: Any) -> Any:
        scope = current_scope()
        if scope is None or scope.watch is None:
            return result
        key = self.loop_key(arguments) if callable(self.loop_key) else self.loop_key
        seen = fingerprint_of(step=f"the tool {self.name}", inputs=arguments, kind="", output=result, loop_key=key)
        signal = scope.watch.observe(seen)
        if signal == "stop":
            evidence = scope.watch.evidence
            raise LoopHalt(nudge(evidence) if evidence else "going in circles", scope.path)
        return f"{result}\n\n{scope.watch.take_nudge()}" if signal == "nudge" else result


def tool(function: Any = None, /, *, loop_key: LoopKey = "", name: str = "") -> Any:
    """*function* as a tool for ReAct and its like; a decorator, with or without options.

    A tool that polls says with *loop_key*, a function of its arguments, what makes this call differ from the last;
    None opts out of the loop law.
    """
    if function is None:
        return lambda decorated: tool(decorated, loop_key=loop_key, name=name)
    if not (loop_key is None or isinstance(loop_key, str) or callable(loop_key)):
        raise DefinitionError(f"loop_key= takes a function of the arguments, a text or None, not {loop_key!r}")
    if isinstance(function, dspy.Tool):
        return _watched(function, loop_key)
    if not callable(function):
        raise DefinitionError(f"a tool is made of a function, not of {function!r}")
    made = WatchedTool(function, name=name or None)
    made.loop_key = loop_key
    return made


def watch_tools(module: dspy.Module) -> None:
    """Put every tool that *module* or a module inside it brings along under watch."""
    for _, inner in module.named_sub_modules():
        for tools in (vars(inner).get("tools"), vars(inner).get("_user_tools")):
            for name, each in list(tools.items()) if isinstance(tools, dict) else ():
                if isinstance(each, dspy.Tool) and not isinstance(each, WatchedTool):
                    tools[name] = _watched(each, "")


def tools_of(module: dspy.Module) -> dict[str, Any]:
    """The functions behind the watched tools of *module*, by name."""
    found: dict[str, Any] = {}
    for path, inner in module.named_sub_modules():
        for tools in (vars(inner).get("tools"), vars(inner).get("_user_tools")):
            for name, each in tools.items() if isinstance(tools, dict) else ():
                if isinstance(each, WatchedTool):
                    found[f"{path}.{name}"] = each.func
    return found


def explained(name: str | None, error: Exception) -> str:
    """What a model is told of an error: its type and message, no traceback, no folders, no keys."""
    said = _PATH.sub("", Redactor.of_environment().text(str(error)))
    said = said if len(said) <= _LONGEST_MESSAGE else said[:_LONGEST_MESSAGE] + " …"
    return f"Execution error in {name}: {type(error).__name__}: {said}"


def _watched(plain: dspy.Tool, loop_key: LoopKey) -> WatchedTool:
    fields = {name: getattr(plain, name) for name in type(plain).model_fields}
    return WatchedTool.model_construct(**{**fields, "loop_key": loop_key})  # type: ignore[no-any-return]  # untyped base
