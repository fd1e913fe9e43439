"""One function's child process, seen from LocalStack: start, exchange, output, kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _time_machine
import time_machine
from baler_wire import connections

from baler_localstack.sockets import local_ports

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")

# What puts a child's clock wrong is in LocalStack's environment: a function's has what AWS's runtime has, and no more.
_CLOCK = (_time_machine.__file__, time_machine.__file__)

# A child dies with the *thread* that made it (PR_SET_PDEATHSIG), and LocalStack's threads come and go.
_PARENT_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="function-processes")


class TimedOut(Exception):  # noqa: N818 - an outcome, named as AWS names it
    """The deadline passed; the child is killed."""


class Exited(Exception):  # noqa: N818 - an outcome, named as AWS names it
    """The child ended instead of answering; the text is AWS's, with the exit status or the signal."""


@dataclass(frozen=True)
class InvocationAnswer:
    """What the bootstrap program sends (see its docstring), or what a child that cannot send any more is given."""

    payload: str | None
    error_type: str | None
    peak_memory_megabytes: int | None = None


class Child:
    """A process in a group of its own that runs `bootstrap.py`.

    There is no memory limit: POSIX offers RLIMIT_AS and RLIMIT_DATA, which count reserved address space
    and so fail threads and mapped libraries far below the resident size that AWS limits.
    """

    def __init__(self, interpreter: str, environment: Mapping[str, str], directory: Path) -> None:
        """Start it; must run on `_PARENT_THREAD`, see `start`."""
        request_end, requests = os.pipe()
        answers, answer_end = os.pipe()
        self._requests = os.fdopen(requests, "wb")
        self._answers = os.fdopen(answers, "rb")
        self._output = tempfile.TemporaryFile(dir=environment["TMPDIR"])  # noqa: SIM115 - closed with this object
        self._output_read = 0
        self.frozen = False
        command = [interpreter, "-I", "-u", "-X", "utf8", BOOTSTRAP]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                [*command, str(request_end), str(answer_end), str(os.getpid()), *_CLOCK],
                env=environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                pass_fds=(request_end, answer_end),
                start_new_session=True,
            )
        finally:
            os.close(request_end)
            os.close(answer_end)

    @classmethod
    def start(cls, interpreter: str, environment: Mapping[str, str], directory: Path) -> Child:
        """Start a child that outlives the calling thread."""
        return _PARENT_THREAD.submit(cls, interpreter, environment, directory).result()

    @property
    def alive(self) -> bool:
        """Whether it has not ended; one that ended while idle is simply replaced, as on AWS."""
        return self._process.poll() is None

    def exchange(self, request: dict[str, Any] | None, deadline: float) -> InvocationAnswer:
        """Send one request and return its answer; None waits for the first answer, which needs no request.

        Raises:
            TimedOut: at `deadline`, in seconds of `time.monotonic`.
            Exited: when the child ends before it answers.
        """
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._signal_group(signal.SIGKILL)

        # Killing it ends whatever this thread waits for, also a write into a full pipe.
        timer = threading.Timer(max(0, deadline - time.monotonic()), expire)
        timer.daemon = True
        timer.start()
        try:
            if request is not None:
                self._requests.write(json.dumps(request).encode() + b"\n")
                self._requests.flush()
            line = self._answers.readline()
        except BrokenPipeError:
            line = b""
        finally:
            timer.cancel()
            timer.join()
        answered = line.endswith(b"\n")
        if expired.is_set() or not answered:
            self.kill()
        if answered:
            return InvocationAnswer(**json.loads(line))
        if expired.is_set():
            raise TimedOut
        raise Exited(_exit_reason(self._process.returncode))

    def new_output(self) -> str:
        """Return what the function wrote to standard output and error since the last call.

        A file and not a pipe: what was written before an answer is there when the answer is.
        """
        size = os.fstat(self._output.fileno()).st_size
        output = os.pread(self._output.fileno(), size - self._output_read, self._output_read)
        self._output_read += len(output)
        return output.decode(errors="replace")

    def freeze(self) -> None:
        """Stop it and all that it started, as AWS does between invocations.

        https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
        """
        self._signal_group(signal.SIGSTOP)
        self.frozen = True

    def thaw(self, *, connections_live: bool = True) -> None:
        """Let it go on; its connections to LocalStack are dead then, without a word, where they do not live."""
        if not connections_live:
            connections.silence(local_ports(self._process.pid))
        self._signal_group(signal.SIGCONT)
        self.frozen = False

    def kill(self) -> None:
        """End it and all that it started. Its files close with this object: another thread may read them."""
        self._signal_group(signal.SIGKILL)
        self._process.wait()

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # nobody is left in the group; macOS says PermissionError for that


def _exit_reason(status: int) -> str:
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    if status < 0:
        return f"Runtime exited with error: signal: {signal.strsignal(-status).lower()}"
    return "Runtime exited without providing a reason"
