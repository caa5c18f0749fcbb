"""A step or tier held out of sight of DSPy's walk over modules: no optimiser tunes a judge."""

from __future__ import annotations

from typing import Any

from agentflow.validators.identity import stable


class Outside:
    """Holds a module in a place that is neither walked nor copied."""

    __slots__ = ("module",)

    def __init__(self, module: Any) -> None:
        self.module = module

    def __copy__(self) -> Outside:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Outside:
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outside) and other.module is self.module

    def __hash__(self) -> int:
        return id(self.module)

    def identity(self) -> str:
        """The module's own identity where it states one."""
        return stable(self.module)
