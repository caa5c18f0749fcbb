"""Takes secrets out of whatever leaves for a person's eyes: reports, logs, exports.

It never touches what the journal keeps or what a pipeline returns. A pattern is a net with holes; the exact values of
the environment's keys are the part that holds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

SHORTEST_SECRET = 8
"""Characters. A shorter value is more likely a word than a secret."""

SECRET_NAME = re.compile(r"(_API_KEY|_TOKEN|_SECRET|_SECRET_KEY|_ACCESS_KEY|PASSWORD|_PASSPHRASE|_CREDENTIALS)$", re.I)

PATTERNS: Mapping[str, str] = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    "credentials": r"(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)",
    "bearer": r"(?<=\bBearer )[A-Za-z0-9._~+/=-]{8,}",
    "basic": r"(?<=\bBasic )[A-Za-z0-9+/=]{12,}",
    "key": r"\bsk-(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{16,}",
    "aws key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "github token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "gitlab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "google key": r"\bAIza[A-Za-z0-9_-]{35}",
    "hugging face token": r"\bhf_[A-Za-z0-9]{20,}",
    "groq key": r"\bgsk_[A-Za-z0-9]{20,}",
    "jwt": r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    "assigned secret": r"(?i:(?<![a-z])(?:api[_-]?key|password|client[_-]?secret)[\"']?\s*[=:]\s*[\"']?[^\s\"',;]{8,})",
}


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secrets by `[redacted: what it was]`."""

    known: tuple[tuple[str, str], ...] = ()
    """(value, name) of secrets known by heart, longest first."""

    @classmethod
    def of_environment(cls, environ: Mapping[str, str] | None = None) -> Redactor:
        """Knows the value of every variable whose name says that it holds a secret."""
        environ = os.environ if environ is None else environ
        secrets = {
            value.strip(): name
            for name, value in environ.items()
            if SECRET_NAME.search(name) and len(value.strip()) >= SHORTEST_SECRET
        }
        return cls(tuple(sorted(secrets.items(), key=lambda secret: -len(secret[0]))))

    def text(self, text: str) -> str:
        """*text* without its secrets."""
        for value, name in self.known:
            text = text.replace(value, f"[redacted: {name}]")
        return _net().sub(_named, text)

    def value(self, value: Any) -> Any:
        """A JSON value with every text in it redacted, keys included; what JSON does not know becomes text first."""
        return _map_texts(value, self.text)


@cache
def _net() -> re.Pattern[str]:
    """Every pattern in one, compiled when the first text comes."""
    groups = (f"(?P<{label.replace(' ', '_')}>(?s:{pattern}))" for label, pattern in PATTERNS.items())
    return re.compile("|".join(groups))


def _named(found: re.Match[str]) -> str:
    return f"[redacted: {(found.lastgroup or '').replace('_', ' ')}]"


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {_map_texts(key, change): _map_texts(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_map_texts(item, change) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else change(str(value))
