"""LocalStack's runtime executor `process`: one Python child per execution environment, no Docker.

Follows AWS: the import runs ahead of the first invocation for at most 10 seconds; where it fails it runs
again inside the invocation, whose caller sees the error. A child that timed out or crashed is replaced in
the next invocation. `invoke` therefore always returns a result, and LocalStack stores its log.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from baler_wire.current import in_force
from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import ShutdownDuringStartup
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from baler_localstack.child import Child, Exited, InvocationAnswer, TimedOut
from baler_localstack.environment import function_environment
from baler_localstack.invocation_log import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
INIT_SECONDS = 10.0
INTERPRETER_VARIABLE = "BALER_FUNCTION_PYTHON"


class ProcessExecutor(RuntimeExecutor):
    """One execution environment. LocalStack calls `invoke` once at a time, and `stop` at any time."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's signature
        super().__init__(id, function_version)
        self._interpreter = os.environ[INTERPRETER_VARIABLE]
        self._code = function_version.config.code.get_unzipped_code_location()
        self._scratch = tempfile.TemporaryDirectory(prefix="function-")
        self._variables: dict[str, str] = {}
        self._child: Child | None = None
        self._lock = threading.Lock()  # between a child that starts and a stop
        self._stopped = False
        self._init_output = ""
        self._init_seconds: float | None = None
        # Of how wrong a clock may be, -1 to 1: a machine's clock is wrong by the same for as long as it is there.
        self._clock = 2 * in_force().dice.share("clock of an environment") - 1

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the package."""
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the package: LocalStack deletes it with its code object."""

    def start(self, env_vars: Mapping[str, Any]) -> None:
        """Start a child and import the handler.

        Raises:
            ShutdownDuringStartup: when `stop` came first; the one failure that LocalStack must see.
        """
        self._variables = function_environment(env_vars, self.function_version, self._code, self._scratch.name)
        started = time.monotonic()
        try:
            answer = self._replace_child().exchange(None, started + INIT_SECONDS)
        except (TimedOut, Exited):
            succeeded = False
        else:
            succeeded = answer.error_type is None
        if self._stopped:
            raise ShutdownDuringStartup(f"Execution environment {self.id} was stopped while it started")
        self._init_output = self._child.new_output()
        self._init_seconds = time.monotonic() - started
        if not succeeded:
            self._child.kill()

    def invoke(self, payload: Mapping[str, str]) -> InvocationResult:
        """Return the result of one invocation, of whatever kind.

        Raises:
            CancelledError: when `stop` interrupts it, as LocalStack's own executor does.
        """
        request_id = payload["invoke-id"]
        before, init_seconds = self._init_output, self._init_seconds
        self._init_output, self._init_seconds = "", None
        started = time.monotonic()
        epitaph = ""
        try:
            answer = self._answer(payload, started + self.function_version.config.timeout)
        except (TimedOut, Exited) as end:
            epitaph = f"RequestId: {request_id} Error: {self._cause(end)}"
            error_type = "Sandbox.Timedout" if isinstance(end, TimedOut) else "Runtime.ExitError"
            answer = InvocationAnswer(json.dumps({"errorType": error_type, "errorMessage": epitaph}), error_type)
        if self._stopped:
            raise CancelledError
        log = Invocation(
            request=request_id,
            before=before,
            output=self._child.new_output() + epitaph,
            seconds=time.monotonic() - started,
            init_seconds=init_seconds,
            answer=answer,
        ).log(self.function_version)
        is_error = answer.error_type is not None
        return InvocationResult(request_id, answer.payload.encode(), is_error=is_error, logs=log)

    def _answer(self, payload: Mapping[str, str], deadline: float) -> InvocationAnswer:
        if not self._child.alive:
            imported = self._replace_child().exchange(None, deadline)
            if imported.error_type is not None:
                self._child.kill()
                return imported
        wire = in_force()
        ahead = self._clock * wire.profile.functions.clock_seconds
        if ahead:
            wire.counts.fault("lambda", "clock-wrong")
        if self._child.frozen:
            die = wire.happens("lambda", "connections-died", wire.profile.functions.connections_die)
            self._child.thaw(connections_live=not die)
        answer = self._child.exchange(
            {
                "event": payload["payload"],
                "request_id": payload["invoke-id"],
                "function_arn": payload["invoked-function-arn"],
                "trace_id": payload["trace-id"],
                # Lambda and the function look at the same clock.
                "deadline_ms": (time.time() + ahead + deadline - time.monotonic()) * 1000,
                "clock_ahead_seconds": ahead,
            },
            deadline,
        )
        self._child.freeze()
        return answer

    def _cause(self, end: TimedOut | Exited) -> str:
        if isinstance(end, TimedOut):
            return f"Task timed out after {self.function_version.config.timeout:.2f} seconds"
        return str(end)

    def _replace_child(self) -> Child:
        with self._lock:
            if self._stopped:
                raise ShutdownDuringStartup(f"Execution environment {self.id} is stopped")
            self._child = Child.start(self._interpreter, self._variables, self._code)
            return self._child

    def stop(self) -> None:
        """Kill the child, in the middle of an invocation too, and remove what the function wrote."""
        with self._lock:
            self._stopped = True
        if self._child is not None:
            self._child.kill()
        self._scratch.cleanup()

    def get_address(self) -> str:
        """Return where LocalStack would reach the environment, were it not by pipes."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Return the host by which the function reaches LocalStack (`AWS_ENDPOINT_URL`)."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Return LocalStack's own address: nothing calls back, the pipes carry everything."""
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        """Return output that belongs to no invocation, for LocalStack's own log."""
        return self._init_output


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    """Found by LocalStack under `LAMBDA_RUNTIME_EXECUTOR=process`."""

    name = "process"

    def load(self, *args: object, **kwargs: object) -> type[ProcessExecutor]:  # noqa: ARG002 - plux's signature
        """Return the executor's class."""
        return ProcessExecutor
