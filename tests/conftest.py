"""What holds for every test: no network but loopback, no keys, no configuration and no cache of whoever runs it."""

from __future__ import annotations

import atexit
import ipaddress
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HOME = tempfile.mkdtemp(prefix="agentflow-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

for name in list(os.environ):
    if name.startswith("AGENTFLOW_") or name.endswith(("_API_KEY", "_API_BASE", "_BASE_URL")):
        del os.environ[name]

os.environ |= {
    "LITELLM_LOCAL_MODEL_COST_MAP": "true",
    "DSPY_CACHEDIR": os.path.join(HOME, "dspy"),
    "XDG_CONFIG_HOME": os.path.join(HOME, "config"),
    "XDG_CACHE_HOME": os.path.join(HOME, "cache"),
    "NO_COLOR": "1",
}


class NetworkBlocked(RuntimeError):
    """A test reached for something beyond this machine."""


def is_local(host: object) -> bool:
    """Whether *host* can only mean this machine."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees every connection of every library, C extensions included."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not is_local(host):
        raise NetworkBlocked(f"{event} to {host!r}; tests may only use loopback")


sys.addaudithook(refuse_the_network)


# skipping


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A test that skips for want of something fails where CI=true: nobody reads reasons there."""
    report: Any = yield
    return hard_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """The same for a whole file of tests."""
    report: Any = yield
    return hard_skip(report)


def hard_skip(report: Any) -> Any:
    """*report*, failed where it was skipped and nothing may be missing; `../shared` may."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if "shared" not in reason:
            report.outcome, report.longrepr = "failed", f"skipped with CI=true: {reason}; have .ci/run install it"
    return report


# the command line


@dataclass(frozen=True)
class Spoken:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository to stand in."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shell(here: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Spoken]:
    """Calls `agentflow` with these words."""

    from agentflow.cli import main  # after the environment above is set

    def call(*words: object) -> Spoken:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Spoken(int(ended.value.code or 0), out, err)

    return call


@pytest.fixture
def doubles(here: Path) -> Path:
    """A pipeline that needs no model: it doubles numbers, and what is above 9 is rejected."""
    file = here / "doubles.py"
    file.write_text(DOUBLES)
    return file


DOUBLES = '''
import dspy
from agentflow import Ladder, Step, Tier, agents, pipeline
from agentflow import validators as v


class Double(dspy.Signature):
    """Double a number."""

    number: int = dspy.InputField()
    double: int = dspy.OutputField()


def by_hand(number: int) -> dict[str, int]:
    return {"double": 2 * number}


double = Step(Double, validate=v.between("double", 0, 9), ladder=Ladder(Tier(by_hand)))


@pipeline
async def doubles(numbers: list[int]) -> list[int]:
    async with agents() as team:
        children = [team.spawn(double, number=number) for number in numbers]
    return [child.outcome.prediction.double for child in children if child.outcome.accepted]
'''
