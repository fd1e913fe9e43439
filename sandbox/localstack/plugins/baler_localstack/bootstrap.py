"""The program in a function's child process: imports the handler once, then serves invocations.

Stands in for AWS's Python runtime interface client, and knows nothing but the standard library,
because the interpreter that runs it has only what AWS's runtime has.

    python -I bootstrap.py <file descriptor of requests> <of answers> <process id of the parent> <files of Clock> <…>

Both pipes carry one JSON document a line. The first answer says how the import went. A request has
`event`, `request_id`, `function_arn`, `trace_id`, `deadline_ms` (since the epoch, by the clock of this process) and
`clock_ahead_seconds`, by which that clock differs from the machine's; an answer has `payload`, `error_type` (null
where all went well) and `peak_memory_megabytes`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import logging
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1


class HandlerUnusable(Exception):  # noqa: N818 - not an error of ours: what AWS names in `error_type`
    """The handler cannot be called, for the reason in AWS's words."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class Context:
    """What AWS passes to a handler as its second argument; same names, same types."""

    identity = None
    client_context = None

    def __init__(self, request: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = request["function_arn"]
        self.aws_request_id = request["request_id"]
        self._deadline_ms = request["deadline_ms"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is killed, never below 0."""
        return max(0, int(self._deadline_ms - time.time() * 1000))


class LogHandler(logging.Handler):
    """The root handler that AWS installs, so that `logging.basicConfig` has no effect here either."""

    request_id = ""

    def __init__(self) -> None:
        super().__init__()
        formatter = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s")
        formatter.datefmt = "%Y-%m-%dT%H:%M:%S"
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Write to standard output, with the invocation's id."""
        record.aws_request_id = self.request_id
        sys.stdout.write(self.format(record) + "\n")


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that made it ends; macOS has only the pipes' end."""
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 - some 10 ms that macOS need not pay

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("LocalStack ended before this function started")


def load_handler(name: str) -> Callable[[Any, Context], Any]:
    """Return the function named `module.function`.

    Raises:
        HandlerUnusable: with the type and text that AWS gives.
    """
    module_name, _, function_name = name.rpartition(".")
    if not module_name:
        raise HandlerUnusable("Runtime.MalformedHandlerName", f"Bad handler '{name}'")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise HandlerUnusable("Runtime.ImportModuleError", text) from error
    except SyntaxError as error:
        text = f"Syntax error in module '{module_name}': {error}"
        raise HandlerUnusable("Runtime.UserCodeSyntaxError", text) from error
    try:
        return getattr(module, function_name)
    except AttributeError as error:
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        raise HandlerUnusable("Runtime.HandlerNotFound", text) from error


class Clock:
    """This process's clock, which may be wrong by a number of seconds, as a machine's on AWS may.

    Args:
        extension: the file of `_time_machine`, which AWS's runtime does not have: it is loaded where it is needed.
        package: that of `time_machine`.
    """

    def __init__(self, extension: str, package: str) -> None:
        self._files = {"_time_machine": extension, "time_machine": package}
        self._ahead_seconds = 0.0
        self._traveller: Any = None

    def put_ahead(self, seconds: float) -> None:
        """Let it be so many seconds ahead of the machine's; behind it, where they are fewer than 0."""
        if seconds == self._ahead_seconds:
            return
        if self._traveller is not None:
            self._traveller.stop()
            self._traveller = None
        if seconds:
            for name, file in self._files.items():
                load_file(name, file)
            self._traveller = sys.modules["time_machine"].travel(time.time() + seconds, tick=True)
            self._traveller.start()
        self._ahead_seconds = seconds


def load_file(name: str, file: str) -> None:
    """Import a module from a file, if it is not there yet; nothing else of its folder can be imported by that."""
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def peak_memory_megabytes() -> int:
    """Return the largest resident size so far; on Linux `ru_maxrss` would count the parent's too."""
    with contextlib.suppress(FileNotFoundError), Path("/proc/self/status").open(encoding="ascii") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20


def answer(payload: str | None, error_type: str | None = None) -> dict[str, Any]:
    """Return the answer to an invocation."""
    return {
        "payload": payload,
        "error_type": error_type,
        "peak_memory_megabytes": peak_memory_megabytes(),
    }


def failure(error: Exception, request_id: str = "") -> dict[str, Any]:
    """Log an exception and return the answer that AWS makes of it."""
    if isinstance(error, HandlerUnusable):
        error_type, frames = error.error_type, []
    else:
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        error_type, frames = type(error).__name__, traceback.format_list(own)
    trace = "Traceback (most recent call last):\n" + "".join(frames)
    sys.stdout.write(f"[ERROR] {error_type}: {error}\n{trace}\n")
    document = {
        "errorMessage": str(error),
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": frames,
    }
    return answer(json.dumps(document), error_type)


def invoke(handler: Callable[[Any, Context], Any], request: dict[str, Any]) -> dict[str, Any]:
    """Call the handler and return the answer."""
    os.environ["_X_AMZN_TRACE_ID"] = request["trace_id"]
    try:
        result = handler(json.loads(request["event"]), Context(request))
    except Exception as error:  # noqa: BLE001 - whatever the function raises is its caller's to see
        return failure(error, request["request_id"])
    try:
        return answer(json.dumps(result, ensure_ascii=False))
    except (TypeError, ValueError) as error:
        unusable = HandlerUnusable("Runtime.MarshalError", f"Unable to marshal response: {error}")
        return failure(unusable, request["request_id"])


def main(request_descriptor: int, answer_descriptor: int, parent: int, clock: Clock) -> None:
    """Serve until the request pipe ends."""
    die_with(parent)
    for descriptor in (request_descriptor, answer_descriptor):
        os.set_inheritable(descriptor, False)  # a process that the function starts must not hold them open
    log = LogHandler()
    logging.getLogger().addHandler(log)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    with os.fdopen(request_descriptor, encoding="utf-8") as requests, os.fdopen(answer_descriptor, "w") as answers:

        def send(document: dict[str, Any]) -> None:
            answers.write(json.dumps(document) + "\n")
            answers.flush()

        try:
            handler = load_handler(os.environ["_HANDLER"])
        except Exception as error:  # noqa: BLE001 - module code may raise anything, and its caller must see it
            send(failure(error))
            return
        send(answer(None))
        for line in requests:
            request = json.loads(line)
            clock.put_ahead(request["clock_ahead_seconds"])
            log.request_id = request["request_id"]
            send(invoke(handler, request))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), Clock(*sys.argv[4:]))
