"""Folders and files that cannot be used are named, with the right exit code, and left as they are."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.cli.exits import Exit

pytestmark = pytest.mark.slow

Shell = Callable[..., Any]


NOBODY = 65534


def test_a_read_only_folder_is_named(here: Path, doubles: Path) -> None:
    """Who may not write is told where, and that --state chooses another place."""
    script = (  # everything is imported before root's rights are given up: nobody else may read root's packages
        "import os, sys\n"
        "from agentflow.cli import main\n"
        "words = ['run', sys.argv[1], '1', '--tokens', '9', '--json']\n"
        "try:\n    main([*words, '--state', sys.argv[2]])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        f"if os.geteuid() == 0:\n    os.setgid({NOBODY})\n    os.setuid({NOBODY})\n"
        "os.chdir(sys.argv[3])\n"
        "main(words)\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(doubles, folder)
        os.chmod(folder, 0o555)
        words = [sys.executable, "-c", script, f"{folder}/doubles.py", str(here / "elsewhere"), folder]
        environment = os.environ | {"XDG_CONFIG_HOME": folder}
        ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=environment)

    assert ended.returncode == Exit.CONFIGURATION
    assert f"{folder}/.agentflow" in ended.stderr
    assert "Permission denied" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_file_where_the_folder_belongs_is_named(shell: Shell, here: Path, doubles: Path) -> None:
    """Neither journal nor result can be written: one line, exit 3, and the file is as it was."""
    (here / ".agentflow").write_text("mine")

    spoken = shell("run", doubles, 1, "--tokens", 9)

    assert spoken.code == Exit.CONFIGURATION
    assert "--state chooses another" in spoken.err
    assert (here / ".agentflow").read_text() == "mine"


@pytest.mark.parametrize("words", [["run", "doubles.py", 1, "--tokens", 9], ["runs"], ["report"], ["resume"]])
def test_a_damaged_journal_is_left_as_it_is(shell: Shell, here: Path, doubles: Path, words: list[object]) -> None:
    """Nothing is written over what may still be saved."""
    (here / ".agentflow").mkdir()
    (here / ".agentflow" / "state.db").write_bytes(b"no database at all" * 99)

    spoken = shell(*words)

    assert spoken.code == Exit.CONFIGURATION
    assert "is damaged or no store" in spoken.err
    assert "Traceback" not in spoken.err
    assert (here / ".agentflow" / "state.db").read_bytes() == b"no database at all" * 99


@pytest.mark.parametrize("words", [["run", "doubles.py", 1, "--tokens", 9], ["runs"], ["resume"]])
def test_a_journal_of_the_future_is_refused(shell: Shell, here: Path, doubles: Path, words: list[object]) -> None:
    """Written by a newer AgentFlow: upgrade to read it."""

    shell("run", doubles, 1, "--tokens", 9)
    with sqlite3.connect(here / ".agentflow" / "state.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    spoken = shell(*words)

    assert spoken.code == Exit.CONFIGURATION
    assert "schema 999" in spoken.err
    assert "upgrade AgentFlow" in spoken.err
