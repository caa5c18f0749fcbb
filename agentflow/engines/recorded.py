"""An engine that answers from recorded samples: the k-th request of a key gets the k-th sample of that key.

It never makes an answer up: a key it does not hold, or holds no more samples of, is a `NoMoreAnswers`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from dspy import lm15

from agentflow.engines.bounds import request_texts
from agentflow.engines.scripted import Answer, NoMoreAnswers, ScriptedEngine


class RecordedEngine(ScriptedEngine):
    """A `ScriptedEngine` whose script is a recording."""

    def __init__(
        self, samples: Mapping[str, Sequence[Answer]], *, key: Callable[[lm15.Request], str] | None = None
    ) -> None:
        super().__init__(self._next_sample)
        self._samples = samples
        self._key = key or last_text
        self._asked: Counter[str] = Counter()
        self._counting = threading.Lock()

    def _next_sample(self, request: lm15.Request) -> Answer:
        key = self._key(request)
        with self._counting:
            asked = self._asked[key]
            self._asked[key] += 1
        samples = self._samples.get(key, ())
        if asked >= len(samples):
            raise NoMoreAnswers(
                f"{len(samples)} samples are recorded for {key[:60]!r}, and request {asked + 1} came; record more"
            )
        return samples[asked]


def last_text(request: lm15.Request) -> str:
    """The last text of a request, which is what the user said last unless there are tools."""
    return list(request_texts(request))[-1]
