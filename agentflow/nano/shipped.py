"""The files of weights and pieces inside the package. None is believed before its checksum was compared."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from agentflow.errors import ConfigurationError

FOLDER: Final = Path(__file__).parent / "weights"


def read_checked(file: Path) -> bytes:
    """The bytes of *file*. Raises `ConfigurationError` unless `SHA256SUMS` beside it says their checksum."""
    expected = checksum_of(file)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ConfigurationError(f"{file} has checksum {found}, not {expected}; install agentflow again")
    return content


def checksum_of(file: Path) -> str:
    """What `SHA256SUMS` beside *file* says its checksum is; empty where it says none. Raises `ConfigurationError`."""
    try:
        sums = (file.parent / "SHA256SUMS").read_text().split()
    except OSError as error:
        raise _unreadable(file, error) from error
    return dict(zip(sums[1::2], sums[::2], strict=False)).get(file.name, "")


def _unreadable(file: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{file} cannot be read ({error.strerror}); install agentflow again")
