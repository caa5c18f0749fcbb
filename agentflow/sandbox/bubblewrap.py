"""The command line that locks a process in: the one file that knows bubblewrap. Where it is missing, nothing is run.

Started by root, jobs get a user of their own, a number no one else has, so that the kernel counts and limits exactly
their processes; root itself it would not limit. Started by anyone else, they live in a user namespace without rights.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from pathlib import Path

from agentflow.errors import ConfigurationError
from agentflow.sandbox.inside import HOME
from agentflow.sandbox.limits import Limits

NOBODY = 65_534
SHARED = ("/lib", "/lib32", "/lib64", "/bin", "/sbin")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")

MISSING = (
    "bubblewrap is not here, and generated code is run nowhere else; "
    "install it (apt-get install bubblewrap, dnf install bubblewrap), on Linux"
)
REFUSED = (
    "bubblewrap cannot lock a process in on this machine, so generated code is not run: {reason}. Allow user "
    "namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; for a "
    "container: --security-opt seccomp=unconfined, or --cap-add SYS_ADMIN as root)"
)


def command(limits: Limits, filter_fd: int) -> list[str]:
    """The words that start `inside.py` in a sandbox; it reads jobs from stdin and answers on stdout."""
    program = shutil.which("bwrap")
    if program is None:
        raise ConfigurationError(MISSING)
    lone_user = _lone_user()
    words = [program, *_apart(lone_user), *_files(limits), "--seccomp", str(filter_fd), "--clearenv"]
    words += ["--setenv", "PYTHONHASHSEED", "0"]  # the same job twice is the same twice
    return [*words, "--", _python(), "-s", "-P", "-S", "-B", "-X", "utf8", "-c", _text(), *_rules(limits, lone_user)]


def refusal(said: str) -> ConfigurationError:
    """What to raise where bubblewrap gave up with these words."""
    reason = said.strip().replace("\n", "; ")[:300] or "it says nothing"
    return ConfigurationError(REFUSED.format(reason=reason))


def _apart(lone_user: int) -> list[str]:
    words = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    words += ["--hostname", "sandbox", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"]
    if lone_user < 0:
        return [*words, "--unshare-user", "--disable-userns", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    for right in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL"):  # to become that user, and to end what it started
        words += ["--cap-add", right]
    return words


def _files(limits: Limits) -> list[str]:
    words = [word for folder in ("/etc", "/dev") for word in ("--perms", "0755", "--dir", folder)]
    words += ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for place in SHARED:
        if os.path.islink(place):
            words += ["--symlink", os.readlink(place), place]
        else:
            words += ["--ro-bind-try", place, place]
    prefix = Path(sys.base_prefix)
    if not prefix.is_relative_to("/usr"):
        for above in reversed(prefix.parents[:-1]):  # a home of mode 700 is an empty folder anyone may pass through
            words += ["--perms", "0755", "--dir", str(above)]
        words += ["--ro-bind", str(prefix), str(prefix)]
    for device in DEVICES:
        words += ["--dev-bind", device, device]
    if limits.disk:
        words += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", HOME]
    return [*words, "--remount-ro", "/", "--chdir", HOME if limits.disk else "/"]


def _rules(limits: Limits, lone_user: int) -> list[str]:
    numbers = (round(limits.seconds * 1000), limits.cpu_seconds, limits.memory, limits.processes, limits.disk)
    return [str(number) for number in (*numbers, limits.file_size, limits.open_files, limits.output, lone_user)]


def _lone_user() -> int:
    """A user number from the upper half of those this machine, or this container, knows; -1 where none can be taken."""
    if os.geteuid() != 0:
        return -1
    most = max(sum(map(int, line.split()[::2])) for line in Path("/proc/self/uid_map").read_text().splitlines())
    if most <= NOBODY:
        return -1
    return most // 2 + secrets.randbelow(most // 2 - 2)


def _python() -> str:
    """The interpreter beneath a virtual environment: standard library only."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = [Path(sys.base_prefix, "bin", name) for name in (version, "python3")]
    return str(next(place for place in places if place.exists()))


def _text() -> str:
    return Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
