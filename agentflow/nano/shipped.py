"""The files of weights and pieces inside the package. None is believed before its checksum was compared."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from agentflow.errors import ConfigurationError

FOLDER: Final = Path(__file__).parent / "weights"


def read_checked(file: Path) -> bytes:
    """The bytes of *file*. Raises `ConfigurationError` unless `SHA256SUMS` beside it says their checksum."""
    try:
        content = file.read_bytes()
        sums = (file.parent / "SHA256SUMS").read_text().split()
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror}); install agentflow again") from error
    expected = dict(zip(sums[1::2], sums[::2], strict=False)).get(file.name)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ConfigurationError(f"{file} has checksum {found}, not {expected}; install agentflow again")
    return content
