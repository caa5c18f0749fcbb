"""What the README shows, runs."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.settings import load_settings

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every `agentflow …` line of the shell blocks, without its comment."""
    lines = "".join(blocks("sh")).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("agentflow")]


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_a_python_block_runs(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied into a file, each block runs as it stands, without a key."""
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "shown.py"
    script.write_text(blocks("python")[number])

    runpy.run_path(str(script), run_name="__main__")

    assert number > 0 or "[Decimal('12.50')]" in capsys.readouterr().out


@pytest.mark.parametrize("command", commands())
def test_a_command_has_the_options_shown(command: str) -> None:
    """Every shown option is one that the command's help knows."""
    words = shlex.split(command)[1:]
    options = [word for word in words if word.startswith("--")]

    shown = CliRunner().invoke(app, [words[0], "--help"]).output

    assert [option for option in options if option not in shown] == []


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    """The TOML block is a complete agentflow.toml."""
    (tmp_path / "agentflow.toml").write_text(blocks("toml")[0])

    settings = load_settings(environ={}, folder=tmp_path)

    assert [tier.label for tier in settings.ladder] == ["local/nano-s", "openai/gpt-5-mini"]


def test_it_is_short() -> None:
    """A README that nobody finishes promises nothing."""
    assert len(README.splitlines()) <= 200
    assert isinstance(app, typer.Typer)
