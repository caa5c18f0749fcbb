"""How much a sandboxed command may use. No default is unlimited, and no limit can be switched off."""

from __future__ import annotations

from dataclasses import dataclass, fields

from agentflow.errors import DefinitionError

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one command may use before it is stopped."""

    seconds: float = 10.0
    """Wall-clock time; then every process of the command is killed."""
    cpu_seconds: int = 10
    """Processor time of each process, in whole seconds."""
    memory: int = 256 * MIB
    """Bytes each process may map. All together may hold `memory * processes + disk`."""
    processes: int = 4
    """Processes and threads alive at once, the command itself included."""
    disk: int = 64 * MIB
    """Bytes in `/tmp`, the only place that can be written. 0: nowhere."""
    file_size: int = 16 * MIB
    """Bytes in one file."""
    open_files: int = 64
    """Open files of each process."""
    output: int = 64 * KIB
    """Bytes kept of stdout and of stderr, half of them from the end. 16 times as much in either ends the command."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), 0 if field.name == "disk" else 1
            if field.name == "seconds":
                if not 0 < value < 86_400:
                    raise DefinitionError(f"Limits(seconds={value!r}): give more than 0 and less than a day")
            elif not isinstance(value, int) or not least <= value < 2**62:
                raise DefinitionError(f"Limits({field.name}={value!r}): give a whole number from {least}")
