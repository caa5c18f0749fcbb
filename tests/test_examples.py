"""Every example runs offline and shows what its first line promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        pytest.param("step", "accepted 12.50", id="a step reads a total that stands in the receipt"),
        pytest.param("validator", "accepted 'Ship finds new route'", id="a validator's words mend the next attempt"),
        pytest.param("ladder", "1 by functions", id="a ladder asks the function first"),
        pytest.param("sub_agents", "10 requests reached the model", id="fifty sub-agents stay within ten calls"),
        pytest.param("loop", "no_progress after", id="a loop is stopped on evidence"),
        pytest.param("crash", "accepted with 4 of 10 requests", id="a crash pays nothing twice"),
        pytest.param("local_server", "1 request, ", id="a local server is asked by its address"),
        pytest.param("shared_budget", "[10, 5] 15 requests", id="two runs share one budget"),
    ],
)
def test_an_example_shows_what_it_promises(
    name: str, promised: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The smallest things that run, run."""
    monkeypatch.chdir(tmp_path)

    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")

    assert promised in capsys.readouterr().out


def test_no_example_is_longer_than_thirty_lines() -> None:
    """An example that needs more than a screen is not one."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in EXAMPLES.glob("*.py")}

    assert {name: lines for name, lines in lengths.items() if lines > 30} == {}
