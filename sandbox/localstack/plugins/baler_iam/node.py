"""The program that judges: `sandbox/iam/evaluator.mjs` on Node, one process for all requests."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# It takes milliseconds; the first answer waits for Node to load what it knows of AWS, perhaps on a busy machine.
ANSWER_SECONDS = 30.0
_CHUNK_BYTES = 65_536


class EvaluatorError(Exception):
    """A request could not be judged; the message says why."""


class NodeProcess:
    """Takes lines of JSON and answers with lines of JSON. For one thread at a time.

    It starts with the first question, and anew after it died, hung or answered nonsense.
    """

    def __init__(self, command: Sequence[str], *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._command = command
        self._answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._read = b""
        self.starts = 0

    def tell(self, message: Any) -> None:
        """Send a line that nothing answers.

        Raises:
            EvaluatorError: the process is gone.
        """
        try:
            pipe = self._running().stdin
            pipe.write(json.dumps(message).encode() + b"\n")
            pipe.flush()
        except OSError as error:
            raise self._given_up(f"could not be reached ({error})") from error

    def ask(self, question: Any) -> dict[str, Any]:
        """Send a line and return the answer.

        Raises:
            EvaluatorError: there is none in time, or it is no JSON object.
        """
        self.tell(question)
        line = self._line()
        try:
            answer = json.loads(line)
        except ValueError as error:
            raise self._given_up(f"answered what is no JSON: {line[:200]!r}") from error
        if not isinstance(answer, dict):
            raise self._given_up(f"answered what is no object: {line[:200]!r}")
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdin.close()
            self._process.stdout.close()
        self._process, self._read = None, b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
            self.starts += 1
        return self._process

    def _line(self) -> bytes:
        output = self._running().stdout.fileno()
        deadline = time.monotonic() + self._answer_seconds
        while b"\n" not in self._read:
            ready, _, _ = select.select([output], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise self._given_up(f"did not answer for {self._answer_seconds:g} s")
            chunk = os.read(output, _CHUNK_BYTES)
            if not chunk:
                raise self._given_up("ended")
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        return line

    def _given_up(self, what_it_did: str) -> EvaluatorError:
        self.close()
        return EvaluatorError(f"the IAM evaluator {what_it_did}")
