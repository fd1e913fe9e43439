"""A file that a service appends a line an event to, and that others may rotate."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from baler.cli.report import json_reporter, text_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from baler.cli.report import Event


class LogFileError(Exception):
    """The file cannot be opened; the message says why."""


class LogFile:
    """Appends lines to a file, made anew where it was moved away or removed (logrotate); what is in it stays.

    Args:
        path: the file.

    Raises:
        LogFileError: it cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failing = False
        try:
            self._open()
        except OSError as error:
            raise LogFileError(f"Cannot write the log file {str(path)!r}: {error.strerror}.") from error

    def write(self, line: str) -> None:
        """Append a line. One that cannot be written is left out, and standard error says so when that begins."""
        try:
            if not self._is_there():
                moved = self._descriptor
                self._open()
                os.close(moved)
            # One call, so that a rotation or a second writer never splits a line.
            os.write(self._descriptor, f"{line}\n".encode(errors="backslashreplace"))
        except OSError as error:
            if not self._failing:
                typer.echo(
                    f"The log file cannot be written ({error.strerror}): delivering goes on without it.", err=True
                )
            self._failing = True
        else:
            self._failing = False

    def _open(self) -> None:
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except OSError:
            return False


def file_reporter(file: LogFile, *, as_json: bool) -> Callable[[Event], None]:
    """Return a reporter that appends to a file what a command prints: text with times, or JSON."""
    if as_json:
        return json_reporter(file.write)
    return lambda event: file.write(text_line(event))
