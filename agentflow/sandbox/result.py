"""How a sandboxed command ended. What it says about itself, its exit status included, is a claim and no proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

KilledBy = Literal["", "time", "cpu", "memory", "output", "signal", "lost"]


@dataclass(frozen=True, slots=True)
class Result:
    """What is left of one command."""

    exit: int
    """The exit status; below zero, the signal that ended it."""
    stdout: str
    stderr: str
    seconds: float
    """Wall-clock time from start to end, without the setting up of the sandbox."""
    killed_by: KilledBy = ""
    """Empty where it ended by itself. `memory`: Python could not get more. `lost`: the sandbox itself broke off."""
    left_out: int = 0
    """Bytes of output that were not kept."""

    @property
    def is_clean(self) -> bool:
        """Whether it ended by itself, with status 0."""
        return self.exit == 0 and not self.killed_by


def as_result(message: list[bytes]) -> Result:
    """The result that the inside reports as *message*."""
    status, reason, microseconds, *streams = message
    stdout, out_cut = _text(streams[:3])
    stderr, err_cut = _text(streams[3:])
    killed_by = reason.decode()
    if killed_by not in get_args(KilledBy):
        raise ValueError(f"{killed_by!r} is no reason")
    if not killed_by and int(status) == 1 and stderr.rstrip().rpartition("\n")[2].startswith("MemoryError"):
        killed_by = "memory"
    return Result(
        int(status), stdout, stderr, int(microseconds) / 1e6, cast(KilledBy, killed_by), left_out=out_cut + err_cut
    )


def lost(seconds: float, why: str) -> Result:
    """A command whose sandbox ended before it could report."""
    return Result(-9, "", why, seconds, "lost")


def _text(stream: list[bytes]) -> tuple[str, int]:
    head, tail, total = stream
    cut = int(total) - len(head) - len(tail)
    between = b"\n[%d bytes left out]\n" % cut if cut else b""
    return (head + between + tail).decode(errors="replace"), cut
