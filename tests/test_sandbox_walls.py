"""The walls of the sandbox: everything that must not be reached from inside, and nothing run where they cannot be."""

from __future__ import annotations

import copy
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow.errors import ConfigurationError, DefinitionError
from agentflow.sandbox import Limits, Sandbox
from agentflow.sandbox.bubblewrap import refusal
from agentflow.sandbox.syscalls import program

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap: apt-get install bubblewrap")

TIGHT = Limits(seconds=5, cpu_seconds=1, memory=128 * 2**20, processes=4, disk=2**20, file_size=2**19, output=1024)
MIB = 2**20


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A sandbox with tight limits."""
    return Sandbox(TIGHT)


@pytest.fixture
def outside() -> Iterator[Path]:
    """A secret file of the host that anyone may read."""
    place = Path("/var/tmp") / f"agentflow-secret-{os.getpid()}"
    place.write_text("the secret")
    place.chmod(0o666)
    yield place
    place.unlink()


# what it must not reach

UNREACHABLE = [
    pytest.param("open('/etc/shadow')", id="the passwords"),
    pytest.param("open('/etc/passwd')", id="the users"),
    pytest.param(f"open({str(Path.home() / '.profile')!r})", id="the home"),
    pytest.param(f"open({__file__!r})", id="this repository"),
    pytest.param("open('/proc/self/environ')", id="its own process"),
    pytest.param("open('/proc/1/environ')", id="the first process"),
    pytest.param("open('/sys/kernel')", id="the kernel"),
    pytest.param("open('/dev/mem')", id="memory"),
    pytest.param("open('/dev/shm/x', 'w')", id="shared memory"),
    pytest.param("open('/usr/x', 'w')", id="writing to the system"),
    pytest.param("open('/x', 'w')", id="writing to the root"),
    pytest.param("open('/etc/x', 'w')", id="writing to the settings"),
    pytest.param("import sys; open(sys.base_prefix + '/x', 'w')", id="writing to the interpreter"),
    pytest.param("import os; os.symlink('/etc/shadow', 'x'); open('x')", id="a symbolic link"),
    pytest.param("import os; os.link('/usr/bin/env', 'x')", id="a hard link"),
    pytest.param("import os; os.chmod('/usr', 0o777)", id="rights"),
    pytest.param("import os; os.mknod('x', 0o60666, 0x800)", id="a device"),
    pytest.param("import os; os.kill(1, 9); os.kill(os.getppid(), 15); open('/alive')", id="its parent"),
    pytest.param("import os; os.setuid(0)", id="root"),
    pytest.param("import socket; socket.sethostname('x')", id="the name of the machine"),
    pytest.param("import os; os.chroot('/tmp')", id="another root"),
    pytest.param("import socket; socket.create_connection(('127.0.0.1', PORT))", id="loopback"),
    pytest.param("import socket; socket.create_connection(('192.0.2.1', 80), 1)", id="the network"),
    pytest.param("import socket; socket.socket(40, 1)", id="the machine below"),
    pytest.param("import socket; socket.socket(16, 3)", id="the kernel's sockets"),
    pytest.param("import socket; s = socket.socket(1); s.connect('\\0agentflow')", id="abstract sockets"),
    pytest.param("open('SECRET')", id="a file anyone may read"),
]


@pytest.mark.parametrize("source", UNREACHABLE)
def test_this_cannot_be_reached(sandbox: Sandbox, outside: Path, source: str) -> None:
    """It is not there, or not permitted."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as named:
        named.bind("\0agentflow")
        named.listen()
        source = source.replace("PORT", str(server.getsockname()[1])).replace("SECRET", str(outside))
        result = sandbox.run_python(source)

    assert result.exit == 1, result
    assert result.stderr.splitlines()[-1].startswith(
        ("FileNotFoundError", "PermissionError", "OSError: [Errno 30]", "ConnectionRefusedError", "OSError: [Errno 18]")
    ), result.stderr


CALLS = {
    "ptrace": (101, 117, 0),
    "unshare": (272, 97, 0x10000000),
    "clone": (56, 220, 0x10000011),
    "mount": (165, 40, 0),
    "keyctl": (250, 219, 0),
    "bpf": (321, 280, 0),
    "shmget": (29, 194, 0),
    "io_uring_setup": (425, 425, 1),
    "process_vm_readv": (310, 270, 1),
}


@pytest.mark.parametrize("name", CALLS)
def test_this_system_call_is_not_permitted(sandbox: Sandbox, name: str) -> None:
    """The kernel refuses before it looks."""
    *numbers, argument = CALLS[name]
    number = numbers[os.uname().machine == "aarch64"]
    call = f"libc.syscall({number}, {argument}, 0, 0, 0, 0)"
    source = f"import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint({call}, ctypes.get_errno())"

    assert sandbox.run_python(source).stdout == "-1 1\n"


def test_no_environment_goes_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even of the process that starts it."""
    monkeypatch.setenv("OPENAI_API_KEY", "the secret")

    assert sandbox.run_python("import os; print(dict(os.environ))").stdout == "{}\n"
    assert "secret" not in sandbox.run(["env"]).stdout


def test_no_open_file_goes_in(sandbox: Sandbox, outside: Path) -> None:
    """Only the three streams."""
    look = """
import os
for n in range(64):
    try:
        os.fstat(n)
        print(n)
    except OSError:
        pass
"""
    with outside.open() as file:
        os.set_inheritable(file.fileno(), True)
        result = sandbox.run_python(look)

    assert result.stdout == "0\n1\n2\n"


def test_two_sandboxes_do_not_meet(sandbox: Sandbox) -> None:
    """What one writes another does not see."""
    sandbox.run(["sh", "-c", "echo x > /tmp/x"])

    assert sandbox.run(["ls", "/tmp"]).stdout == ""


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "", ".", "a\0b"])
def test_files_are_laid_out_inside(sandbox: Sandbox, name: str) -> None:
    """A name that leads elsewhere is refused."""
    with pytest.raises(DefinitionError, match="relative to where the command starts"):
        sandbox.run(["true"], files={name: b""})


def test_files_too_large_are_refused(sandbox: Sandbox) -> None:
    """Before anything is started."""
    with pytest.raises(DefinitionError, match="file_size"):
        sandbox.run(["true"], files={"a": bytes(MIB)})
    with pytest.raises(DefinitionError, match="do not fit into disk"):
        sandbox.run(["true"], files={str(n): bytes(2**19) for n in range(3)})


@pytest.mark.parametrize("argv", ["true", [], [""], ["a\0b"]], ids=["a string", "nothing", "no word", "a null byte"])
def test_a_command_is_a_list_of_words(sandbox: Sandbox, argv: list[str]) -> None:
    """Nothing is ever split, and no shell is implied."""
    with pytest.raises(DefinitionError, match="a list of words"):
        sandbox.run(argv)


# fail closed


def test_without_bubblewrap_nothing_runs(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ConfigurationError, match="apt-get install bubblewrap"):
        sandbox.run(["true"])


def test_where_bubblewrap_is_refused_nothing_runs(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error quotes it, and says what to allow."""
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(ConfigurationError, match=r"No permissions to create new namespace\. Allow user namespaces"):
        sandbox.check()


NOT_ROOT = """
from agentflow.sandbox import *
sandbox = Sandbox(Limits(seconds=5))
sandbox.check()
print(sandbox.run_python('''
import os
print(os.getuid(), os.getpid())
for attempt in ("os.kill(1, 9)", "open('/proc/1/environ')", "os.setuid(0)", "open('/x', 'w')", "open('SECRET')"):
    try:
        exec(attempt)
    except OSError as error:
        print(error.errno, end=" ")
''').stdout)
"""


def test_root_is_not_needed(outside: Path) -> None:
    """Anyone else's jobs live in a user namespace, under a number without rights, and reach as little."""
    inside = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--dev-bind", "/", "/", "--"]
    code = NOT_ROOT.replace("SECRET", str(outside))
    done = subprocess.run(
        [*inside, sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout == "65534 2\n2 22 30 2 \n", done.stderr  # the signal does not arrive


def test_an_unknown_machine_has_no_sandbox() -> None:
    """No filter, no run."""
    with pytest.raises(ConfigurationError, match="no sandbox on vax"):
        program("vax")


def test_a_silent_refusal_is_said_to_be_silent() -> None:
    """An error without words still is an error."""
    assert "it says nothing" in str(refusal(" \n"))


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0}, {"memory": 0}, {"processes": 1.5}, {"disk": -1}, {"seconds": float("inf")}]
)
def test_no_limit_can_be_left_out(wrong: dict[str, float]) -> None:
    """None, nothing and infinity are no limits."""
    with pytest.raises(DefinitionError, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_a_copied_sandbox_is_the_same_one(sandbox: Sandbox) -> None:
    """A step that holds it may be copied."""
    assert copy.deepcopy(sandbox) is sandbox
