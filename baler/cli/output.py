"""Standard output and error of the `baler` command, where the reader may go away or the disk be full.

Python's own streams keep what they could not write and try again when the process ends, with a traceback or an exit
code of 120. These write at once or not at all. Every command but one ends when its output cannot be written: quietly
and as if by SIGPIPE where nobody reads it any more (`| head`), otherwise with a sentence. SIGPIPE itself stays ignored,
since a connection to AWS that breaks would end the process too. `baler consume` delivers on: its output only reports.
A stream that was closed before the process began is one that nobody wants. A character that the stream's encoding does
not have never ends a command: something readable stands for it (plain_text.py).
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import traceback
from typing import TYPE_CHECKING, Final, TextIO

import typer

from baler.cli.exit_codes import ExitCode
from baler.cli.plain_text import PLAIN_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from baler.cli.report import Event

# A pipe takes this much at once if it takes anything: https://man7.org/linux/man-pages/man7/pipe.7.html
_PIECE_BYTES: Final = select.PIPE_BUF
# How long a service waits for someone who does not read on, before a line is left out; seconds.
_PATIENCE_SECONDS: Final = 5.0


class OutputError(BaseException):
    """Standard output cannot be written.

    Not an Exception: nothing between the line that is written and the end of the command may take it for a failure of
    its own, a full disk of a folder say.
    """

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.nobody_reads = cause.errno in {errno.EPIPE, errno.ECONNRESET}
        self.why = cause.strerror or str(cause)


class _Descriptor(io.RawIOBase):
    """A file descriptor that is written at once and whole.

    Attributes:
        patience: how long to wait until it takes more, in seconds; None for ever.
    """

    def __init__(self, descriptor: int) -> None:
        self.patience: float | None = None
        self._descriptor = descriptor
        self._cut = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: bytes, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # called by TextIOWrapper alone
        # A line that was cut short is ended before the next one begins: a reader of JSON loses that one.
        left = memoryview(b"\n" + data if self._cut else data)
        while left:
            if not select.select([], [self._descriptor], [], self.patience)[1]:
                raise OutputError(OSError(errno.ETIMEDOUT, "its reader does not read on"))
            try:
                written = os.write(self._descriptor, left[:_PIECE_BYTES])
            except BlockingIOError:
                continue  # somebody made it non-blocking, and it was not as empty as it seemed
            except OSError as error:
                raise OutputError(error) from error
            self._cut = written < len(left)
            left = left[written:]
        return len(data)


class _Mute(_Descriptor):
    """Standard error: there is nowhere to say that it cannot be written."""

    def write(self, data: bytes, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # called by TextIOWrapper alone
        try:
            return super().write(data)
        except OutputError:
            return len(data)


def guard_output() -> None:
    """Replace sys.stdout and sys.stderr."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file or connection would get that number, and what is printed.
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _guarded(sys.stdout, _Descriptor)
    sys.stderr = _guarded(sys.stderr, _Mute)


def ended(run: Callable[[], object]) -> int | None:
    """Run a command; return the exit code where its output could not be written or it has a defect, None else."""
    try:
        run()
    except OutputError as error:
        if error.nobody_reads:
            return ExitCode.NOBODY_READS
        typer.echo(f"The output cannot be written: {error.why}.", err=True)
        return ExitCode.OUTPUT
    except Exception:  # noqa: BLE001 - Python itself would end with 1, which has another meaning here
        traceback.print_exc()
        return ExitCode.INTERNAL
    return None


def surviving(report: Callable[[Event], None]) -> Callable[[Event], None]:
    """Return a reporter that leaves out what cannot be written, and says on standard error when that begins."""
    failing = False

    def report_if_possible(event: Event) -> None:
        nonlocal failing
        try:
            report(event)
        except OutputError as error:
            # Before the next line: standard error may be the same pipe, which nobody reads.
            _be_patient(0)
            if not failing:
                typer.echo(f"The output cannot be written ({error.why}): delivering goes on without it.", err=True)
            failing = True
        else:
            failing = False
            _be_patient(_PATIENCE_SECONDS)

    _be_patient(_PATIENCE_SECONDS)
    return report_if_possible


def _be_patient(seconds: float) -> None:
    for stream in (sys.stdout, sys.stderr):
        raw = getattr(stream, "buffer", None)
        if isinstance(raw, _Descriptor):
            raw.patience = seconds


def _guarded(stream: TextIO | None, kind: type[_Descriptor]) -> TextIO:
    """Return a stream that writes to the same descriptor; None stays None, which all that writes here knows."""
    if stream is None:
        return stream  # pyright: ignore[reportReturnType]  # what Python itself puts there
    stream.flush()
    return io.TextIOWrapper(
        kind(stream.fileno()),  # pyright: ignore[reportArgumentType]  # raw is enough where nothing is buffered
        encoding=stream.encoding,
        errors=PLAIN_TEXT,
        write_through=True,
    )
