"""Which system calls a sandboxed process may not make, as a filter the kernel runs. It allows what it does not name.

Everything by which a process reaches beyond itself or enlarges the kernel that it faces: namespaces, mounts, tracing,
every socket but local ones (a virtual machine's vsock is in no namespace), and memory that no limit counts.
"""

from __future__ import annotations

import errno
import platform
import struct

from agentflow.errors import ConfigurationError

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name for each, and its column in the tables below. Both are little-endian."""

NEWEST = 451
"""What came later does not exist in here; this covers x86_64's second table of calls as well."""

CLONE, CLONE3, SOCKET, PRLIMIT64 = (56, 220), (435, 435), (41, 198), (302, 261)
NEW_NAMESPACES = 0x7E02_0000
AF_UNIX = 1

DENIED = {
    "acct": (163, 89), "add_key": (248, 217), "adjtimex": (159, 171), "bpf": (321, 280), "chroot": (161, 51),
    "clock_adjtime": (305, 266), "clock_settime": (227, 112), "delete_module": (176, 106),
    "fanotify_init": (300, 262), "finit_module": (313, 273), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fsopen": (430, 430), "fspick": (433, 433), "init_module": (175, 105), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "io_uring_setup": (425, 425), "ioperm": (173, None), "iopl": (172, None),
    "kcmp": (312, 272), "kexec_file_load": (320, 294), "kexec_load": (246, 104), "keyctl": (250, 219),
    "lookup_dcookie": (212, 18), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "migrate_pages": (256, 238), "modify_ldt": (154, None), "mount": (165, 40), "mount_setattr": (442, 442),
    "move_mount": (429, 429), "move_pages": (279, 239), "msgget": (68, 186), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "perf_event_open": (298, 241),
    "personality": (135, 92), "pidfd_getfd": (438, 438), "pivot_root": (155, 41), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "ptrace": (101, 117), "quotactl": (179, 60), "quotactl_fd": (443, 443), "reboot": (169, 142),
    "request_key": (249, 218), "semget": (64, 190), "setns": (308, 268), "settimeofday": (164, 170),
    "shmget": (29, 194), "swapoff": (168, 225), "swapon": (167, 224), "syslog": (103, 116), "umount2": (166, 39),
    "unshare": (272, 97), "userfaultfd": (323, 282), "vhangup": (153, 58),
}  # fmt: skip  # a table
"""Their numbers on x86_64 and aarch64."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF_0000, 0x8000_0000, 0x0005_0000


def program(machine: str = "") -> bytes:
    """The filter for *machine*, this one unless told, as the kernel reads it."""
    name = machine or platform.machine()
    if name not in ARCHITECTURES:
        raise ConfigurationError(f"no sandbox on {name}: its system calls are not known here; use x86_64 or aarch64")
    architecture, column = ARCHITECTURES[name]
    denied = sorted(number for numbers in DENIED.values() if (number := numbers[column]) is not None)
    return b"".join(
        [
            _op(_LOAD, _ARCHITECTURE),
            _op(_EQUAL, architecture, 1, 0),
            _op(_RETURN, _KILL),
            _op(_LOAD, _NUMBER),
            _when(_AT_LEAST, NEWEST + 1, errno.ENOSYS),
            _when(_EQUAL, CLONE3[column], errno.ENOSYS),  # its flags are out of sight; libraries fall back to clone
            *(_when(_EQUAL, number, errno.EPERM) for number in denied),
            _unless(CLONE[column], _op(_ANY_BIT, NEW_NAMESPACES, 0, 1), errno.EPERM),
            _unless(SOCKET[column], _op(_EQUAL, AF_UNIX, 1, 0), errno.EACCES),
            _unless(PRLIMIT64[column], _op(_EQUAL, 0, 1, 0), errno.EPERM),  # 0: of the caller itself
            _op(_RETURN, _ALLOW),
        ]
    )


def _op(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)


def _when(test: int, value: int, error: int) -> bytes:
    """Fail with *error* where the number passes *test*."""
    return _op(test, value, 0, 1) + _op(_RETURN, _FAIL | error)


def _unless(number: int, test: bytes, error: int) -> bytes:
    """For call *number*, judge its first argument: *test* either skips the failure or falls into it."""
    body = _op(_LOAD, _FIRST_ARGUMENT) + test + _op(_RETURN, _FAIL | error) + _op(_RETURN, _ALLOW)
    return _op(_EQUAL, number, 0, len(body) // 8) + body
