"""What holds for every test: no network but loopback, no keys, no configuration and no cache of whoever runs it."""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
from typing import Any

HOME = tempfile.mkdtemp(prefix="agentflow-tests-")

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
