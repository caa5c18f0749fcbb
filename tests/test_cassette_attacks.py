"""Cassettes under attack: damaged files, several writers, kills, and more than fits into memory."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cassettes import MODEL, Studio, ask, ask_at_once, numbered

from agentflow.engines.cassette import Cassette
from agentflow.engines.recorder import Recorder
from agentflow.errors import BadCassette, NotRecorded, StoreFailed
from agentflow.store.sqlite import open_store

Line = dict[str, Any]
HEADER: Line = {"pipeline": "p.py:p", "source_hash": "h"}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


# damaged files


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda text: b"\x00\xff garbage\n" + text, "its first line does not say so", id="no cassette"),
        pytest.param(lambda text: b"", "holds no call", id="nothing"),
        pytest.param(lambda text: text + b"{]\n", "line 4: '{]' is no line of one", id="no JSON"),
        pytest.param(lambda text: text + b"[1]\n", "line 4: '\\[1\\]' is no line of one", id="no object"),
        pytest.param(lambda text: text + b'{"kind":"tape"}\n', "line 4: cannot be understood: kind", id="unknown kind"),
        pytest.param(lambda text: text + b'{"kind":"call"}\n', "line 4: lacks 'key'", id="half a call"),
        pytest.param(lambda text: text.replace(b'"version":1', b'"version":99'), "newer AgentFlow", id="newer"),
        pytest.param(lambda text: text.replace(b'"usage":{"input', b'"usage":{"in'), "line 3", id="strange usage"),
        pytest.param(lambda text: text.replace(b'_tokens":', b'_tokens":-'), "line 3", id="negative tokens"),
        pytest.param(lambda text: text.replace(b'"role":"assistant"', b'"role":"x"'), "line 3: no response", id="role"),
        pytest.param(lambda text: text.replace(b'"bound":', b'"bound":"x","b":'), "line 3: cannot", id="no number"),
        pytest.param(lambda text: text.replace(b'"price":[[0', b'"price":[["0"'), "line 1: cannot", id="strange price"),
    ],
)
def test_a_damaged_line_is_named(studio: Studio, damage: Callable[[bytes], bytes], said: str) -> None:
    """Nothing is guessed and nothing left out silently."""
    studio.record(ask(["a?"]), numbered())
    studio.tape.write_bytes(damage(studio.tape.read_bytes()))

    with pytest.raises((BadCassette, NotRecorded), match=said):  # at the start of the run, or at its end
        raise studio.replay(ask(["a?"])).error or AssertionError("accepted")


@pytest.mark.parametrize("missing", [2, 40, 400])
def test_a_line_that_was_cut_off_was_never_used(studio: Studio, missing: int) -> None:
    """The rest answers; the next recording takes the end away and goes on."""
    studio.record(ask(["a?", "b?"]), numbered())
    studio.tape.write_bytes(studio.tape.read_bytes()[:-missing])

    assert studio.replay(ask(["a?"])).value == ["1"]
    studio.record(ask(["c?"]), numbered(), append=True)

    assert [len(studio.calls), studio.replay(ask(["a?", "c?"])).value] == [2, ["1", "1"]]


def test_an_editor_that_ends_a_file_without_a_line_end_harms_nothing(studio: Studio) -> None:
    """The last line is whole, and the next one comes after it."""
    studio.record(ask(["a?"]), numbered())
    studio.tape.write_bytes(studio.tape.read_bytes().rstrip(b"\n"))

    assert studio.replay(ask(["a?"])).value == ["1"]
    studio.record(ask(["b?"]), numbered(), append=True)

    assert studio.replay(ask(["a?", "b?"])).value == ["1", "1"]


def test_a_missing_cassette_is_named(studio: Studio) -> None:
    """Before the run exists."""
    with pytest.raises(BadCassette, match="cannot be read: No such file"):
        studio.replay(ask(["a?"]))


@pytest.mark.parametrize("place", [".", "tape.jsonl/below"])
def test_a_place_that_holds_no_file_is_refused(studio: Studio, place: str) -> None:
    """Before anything is asked."""
    studio.tape.write_text("")

    with pytest.raises(BadCassette, match="nothing can be recorded on"):
        studio.record(ask(["a?"]), numbered(), record=studio.here / place)

    assert studio.engine.calls == 0


@contextmanager
def full_at(size: int) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes: a disk that is full for large files."""
    old, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_line_that_does_not_fit_leaves_nothing_behind(tmp_path: Path) -> None:
    """What was written before stays whole."""
    tape = tmp_path / "tape.jsonl"
    recorder = Recorder(tape, "r1")
    recorder.begin(HEADER, [], append=False)
    before = tape.read_bytes()

    with full_at(len(before) + 100), pytest.raises(StoreFailed, match="cannot be written: File too large"):
        recorder.write({"kind": "call", "text": "x" * 1_000})

    recorder.close()
    assert tape.read_bytes() == before


def test_an_answer_that_cannot_be_recorded_is_the_last(studio: Studio) -> None:
    """It is paid for and journaled, and the run fails for want of room."""
    header = {"kind": "cassette", "version": 1, "pad": "x" * 5_000_000}
    studio.tape.write_text(json.dumps(header) + "\n")

    with full_at(studio.tape.stat().st_size + 1_000):
        outcome = studio.record(ask(["a?", "b?"]), numbered(), append=True)

    assert (outcome.status, outcome.spent.calls, studio.engine.calls) == ("failed", 1, 1)
    assert "cannot be written: File too large" in outcome.feedback


# several writers, kills

WRITER = """
import sys
from pathlib import Path
from agentflow.engines.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), sys.argv[2])
recorder.begin({"pipeline": "p.py:p", "source_hash": "h"}, [], append=True)
for number in range(200):
    recorder.write({"kind": "refused", "key": f"{sys.argv[2]}-{number}", "bound": number, "pad": "x" * 20_000})
"""


@pytest.mark.slow
def test_processes_record_on_one_cassette_without_tearing_lines(tmp_path: Path) -> None:
    """Every line of each is there, and whole."""
    tape = tmp_path / "tape.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tape), f"run{n}"]) for n in range(3)]

    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    cassette = Cassette(tape)

    assert all(cassette.bound(f"run{n}-{number}") == number for n in range(3) for number in range(200))


RECORDED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from cassettes import Studio, ask_at_once, numbered
say, left = numbered(), [int(sys.argv[3])]

def dying(request):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return say(request)

Studio(Path(sys.argv[1])).record(ask_at_once([f"{n}?" for n in range(30)]), dying)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 20])
def test_after_a_kill_the_cassette_holds_what_the_journal_holds(studio: Studio, after: int) -> None:
    """Every committed answer, as whole lines."""
    command = [sys.executable, "-c", RECORDED, str(studio.here), str(Path(__file__).parent), str(after)]
    killed = subprocess.run(command, check=False, capture_output=True, timeout=60)
    store = open_store(studio.here / "recorded" / "state.db", read_only=True)
    committed = {json.dumps(json.loads(row.response)) for row in store.calls(store.run("last").run) if row.response}
    store.close()

    assert killed.returncode == -signal.SIGKILL
    assert committed <= {json.dumps(call["response"]) for call in studio.calls}


# size


def test_answers_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    """Memory grows with the number of calls, not with what they say."""
    tape, size = tmp_path / "tape.jsonl", 100_000
    header = {"kind": "cassette", "version": 1}
    call = {"kind": "call", "run": "r", "path": "/a", "occurrence": 0, "tier": MODEL, "request": {}, "bound": 1}
    with tape.open("w") as file:
        file.write(json.dumps(header) + "\n")
        for number in range(300):
            file.write(json.dumps({**call, "key": f"k{number}", "response": "x" * size}) + "\n")

    tracemalloc.start()
    cassette = Cassette(tape)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert cassette.count("k299") == 1
    assert os.path.getsize(tape) > 300 * size
    assert kept < 10 * size


def test_a_cassette_that_changes_while_it_is_replayed_is_noticed(studio: Studio) -> None:
    """No answer is read from a place where another one stands by now."""
    studio.record(ask(["a?", "b?"]), numbered())
    cassette, (first, second) = Cassette(studio.tape), studio.calls
    studio.rewrite([*studio.lines[:2], second, first])

    with pytest.raises(BadCassette, match="was changed while it was replayed"):
        cassette.take(first["key"], first["path"], 0)


def test_fifty_at_once_are_all_on_the_cassette(studio: Studio) -> None:
    """Threads and tasks write one after the other."""
    studio.record(ask_at_once([f"{number}?" for number in range(50)]), numbered())

    assert sorted(call["response"]["message"]["parts"][0]["text"].split("\n")[1] for call in studio.calls) == sorted(
        str(number) for number in range(1, 51)
    )
