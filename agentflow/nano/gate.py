"""At most one forward pass per core, each on the thread that asked for it. No environment variable is read or set.

The matrices are so small that OpenBLAS's own threads only burn the other cores: measured twice the processor time for
the same wall time. While anyone is inside the gate it is told to use one thread; the last one out restores its number.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Gate:
    """Lets as many threads in as there are cores."""

    def __init__(self, cores: int, blas: _Blas | None) -> None:
        self._places = threading.BoundedSemaphore(cores)
        self._blas = blas
        self._lock = threading.Lock()
        self._inside = 0
        self._restore_to = 1

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold one core for the length of the block."""
        with self._places:
            self._enter()
            try:
                yield
            finally:
                self._leave()

    def _enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._blas is not None and self._inside == 1:
                self._restore_to = self._blas.threads()
                self._blas.use(1)

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._blas is not None and self._inside == 0:
                self._blas.use(self._restore_to)


class _Blas:
    """The OpenBLAS inside NumPy's wheel."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._get = library.scipy_openblas_get_num_threads64_
        self._set = library.scipy_openblas_set_num_threads64_

    def threads(self) -> int:
        return int(self._get())

    def use(self, threads: int) -> None:
        self._set(threads)

    @classmethod
    def found(cls) -> _Blas | None:
        """None where NumPy brings another library: it then keeps its own number of threads."""
        package = Path(np.__file__).parent
        for folder in (package.parent / "numpy.libs", package / ".dylibs"):
            for file in sorted(folder.glob("libscipy_openblas64_*")):
                try:
                    return cls(ctypes.CDLL(str(file)))
                except (OSError, AttributeError):
                    continue
        return None


GATE = Gate(CORES, _Blas.found())
"""The one gate of this process, shared by all models."""
