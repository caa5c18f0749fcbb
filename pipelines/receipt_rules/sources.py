"""Receipts in text files, in JSONL files and in folders, each with its text or with the reason why it has none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agentflow import ConfigurationError
from receipt_rules.legible import MOST_BYTES, is_readable


class Source(NamedTuple):
    """A receipt as it was handed in."""

    file: str
    text: str
    problem: str = ""
    """Why it cannot be read; empty when it can."""


def found(paths: list[str]) -> Iterator[Source]:
    """Every receipt in these text files, JSONL files and folders. Raises `ConfigurationError` where there is none."""
    if not paths:
        raise ConfigurationError("no receipts were given; pass text files, .jsonl files or folders of .txt files")
    for path in map(Path, map(str, paths)):  # a command line reads a folder called 2023 as a number
        if path.is_dir():
            yield from _in_folder(path)
        elif not path.is_file():
            raise ConfigurationError(f"{path} does not exist; pass text files, .jsonl files or folders of .txt files")
        elif path.suffix == ".jsonl":
            yield from _in_lines(path)
        else:
            yield _in_file(path, path.name)


def _in_folder(folder: Path) -> Iterator[Source]:
    files = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    if not files:
        raise ConfigurationError(f"{folder} holds no .txt files; put the text of each receipt into one")
    return (_in_file(path, str(path.relative_to(folder))) for path in files)


def _in_file(path: Path, name: str) -> Source:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Source(name, "", f"{name} cannot be read: {error.strerror}")
    if len(content) > MOST_BYTES:
        return Source(name, "", f"{name}: the receipt has more than {MOST_BYTES:,} bytes; pass one file per receipt")
    return _checked(name, _decoded(content))


def _in_lines(path: Path) -> Iterator[Source]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _in_object(f"{path.name}:{number}", line)


def _in_object(name: str, line: str) -> Source:
    try:
        item = json.loads(line)
    except ValueError:
        return Source(name, "", f"{name} is not JSON; every line holds one object with `text` or `lines`")
    text = item.get("text", item.get("lines")) if isinstance(item, dict) else None
    if isinstance(text, list) and all(isinstance(row, str) for row in text):
        text = "\n".join(text)
    if not isinstance(text, str):
        return Source(name, "", f"{name} has no `text` and no list of `lines`")
    return _checked(str(item.get("id", name)), text)


def _checked(name: str, text: str) -> Source:
    verdict = is_readable(text)
    return Source(name, text) if verdict else Source(name, "", f"{name}: {verdict.feedback}")


def _decoded(content: bytes) -> str:
    """The text of a file: Unicode, or what older tills write; what is no text keeps its strange signs."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
