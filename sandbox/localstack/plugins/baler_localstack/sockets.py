"""The TCP connections that a process has open, as Linux tells them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_SOCKET = "socket:["
# Columns of /proc/<pid>/net/tcp, see proc_pid_net(5): this end as hexadecimal `address:port`, and the inode.
_LOCAL, _INODE = 1, 9


def local_ports(pid: int) -> set[int]:
    """Return the local ports of a process's connections; none where the process has ended, or on another system."""
    inodes = set(_inodes(pid))
    ports: set[int] = set()
    with suppress(OSError), Path(f"/proc/{pid}/net/tcp").open(encoding="ascii") as table:
        for line in table.readlines()[1:]:
            columns = line.split()
            if columns[_INODE] in inodes:
                ports.add(int(columns[_LOCAL].rpartition(":")[2], 16))
    return ports


def _inodes(pid: int) -> list[str]:
    folder, found = Path(f"/proc/{pid}/fd"), list[str]()
    with suppress(OSError):
        for descriptor in folder.iterdir():
            with suppress(OSError):
                target = os.readlink(descriptor)  # noqa: PTH115 - it is no path
                if target.startswith(_SOCKET):
                    found.append(target[len(_SOCKET) : -1])
    return found
