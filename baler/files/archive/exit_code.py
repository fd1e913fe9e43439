"""How the commands that read the archive end."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How `baler replay` and `baler extract` end; 2 is a wrong command line."""

    OK = 0
    CANNOT_START = 1
    REFUSED = 3  # some of what was asked for cannot be had, now or later
    FAILED = 4  # S3 or a disk failed; worth another try
    WAITING = 5  # something is awaited: Deep Archive, or the consumer
    STOPPED = 130  # by a signal, before anything was begun
